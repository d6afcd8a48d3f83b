"""Templates compiled once: they are taken from the card, and one that is damaged, full or read-only is no trouble."""

from __future__ import annotations

import shutil

import pytest
from jinja2 import Environment

from tests.web import sample
from web import compiled
from web.factory import create_app


@pytest.fixture
def counted(monkeypatch):
    """The templates that are compiled meanwhile."""
    names, compile = [], Environment.compile

    def note(self, source, name=None, *args, **kwargs):
        names.append(name)
        return compile(self, source, name, *args, **kwargs)

    monkeypatch.setattr(Environment, "compile", note)
    return names


def browse(state, watch):
    """Today, seen by a process that has just started."""
    app = create_app(state, watch.clock())
    browser = app.test_client()
    try:
        return browser.get("/login").status_code, browser.get("/setup/language").status_code
    finally:
        app.extensions["rufweiche.stores"].close()


@pytest.fixture
def box(tmp_path, watch):
    sample.fill(tmp_path)
    return tmp_path


def test_second_start_compiles_nothing(box, watch, counted):
    assert browse(box, watch)[0] == 200
    assert "login/show.html" in counted
    counted.clear()
    assert browse(box, watch)[0] == 200
    assert counted == []


def test_everything_at_once(box, watch, counted):
    count = compiled.everything(box)
    assert count > 60
    assert "roster/show.html" in counted
    counted.clear()
    browse(box, watch)
    assert counted == []
    assert compiled.begin(box) is None


def test_begun_aside(box):
    child = compiled.begin(box, 0.0)
    assert child is not None
    assert child.wait(60) == 0
    assert compiled.begin(box) is None


def test_another_version_begins_anew(box, monkeypatch):
    compiled.everything(box)
    monkeypatch.setattr(compiled, "__version__", "99")
    child = compiled.begin(box)
    assert child is not None
    child.terminate()
    child.wait(10)


@pytest.mark.parametrize("damage", [b"", b"\0" * 4096, b"j2", b"not ours", None])
def test_damaged_files_count_as_none(box, watch, damage):
    browse(box, watch)
    for path in (box / compiled.FOLDER).iterdir():
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2] if damage is None else damage)
    assert browse(box, watch)[0] == 200


def test_a_bit_that_tipped_over_is_not_run(box, watch, counted):
    browse(box, watch)
    for path in (box / compiled.FOLDER).iterdir():
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 4
        path.write_bytes(content)
    wanted = sorted(counted)
    counted.clear()
    assert browse(box, watch)[0] == 200
    assert sorted(counted) == wanted


def test_nowhere_to_keep_them(box, watch, counted):
    shutil.rmtree(box / compiled.FOLDER, ignore_errors=True)
    (box / compiled.FOLDER).write_text("in the way")
    assert browse(box, watch)[0] == 200
    assert counted
