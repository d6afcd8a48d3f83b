"""A backup put in place: on a new box, and on one that is in use."""

from __future__ import annotations

import io
import json
import re
import zipfile

import pytest

from appliance.core.errors import StoreError
from appliance.core.settings import from_json
from appliance.store import backup, live
from tests.web import sample
from web.box import Box


@pytest.fixture
def saved(tmp_path):
    """A backup of the Tischlerei, with its owner's password."""
    sample.fill(tmp_path / "old")
    backup.save(tmp_path / "old", tmp_path / "backup.zip", sample.NOW)
    return (tmp_path / "backup.zip").read_bytes()


def upload(browser, content, name="backup.zip"):
    data = {"csrf_token": browser.token(), "file": (io.BytesIO(content), name)}
    return browser.post("/restore/upload", data=data, follow_redirects=True)


def mark(browser):
    """Of the backup that the page shows."""
    return re.search(r'name="mark" value="(\w+)"', browser.get("/restore/").text)[1]


def begin(browser, do="restore"):
    return browser.send("/restore/begin", do=do, mark=mark(browser))


def test_new_box_becomes_the_old_one(new_box, store, saved):
    assert new_box.send("/setup/origin", origin="backup").request.path == "/restore/"
    assert "Das ist nicht der Code" in new_box.send("/restore/code", code="WRONG").text
    new_box.send("/restore/code", code=sample.CODE)
    page = upload(new_box, saved)
    for fact in ("Tischlerei Muster", "Büro Berlin, Anna", "offen, Feierabend", "heute 14:05"):
        assert fact in page.text
    assert store.load_settings() is None
    page = begin(new_box)
    assert page.request.path == "/login"
    page = new_box.log_in()
    assert page.request.path == "/"
    assert "Firma Huber" in page.text


def test_nobody_uploads_to_a_box_he_does_not_stand_at(new_box, saved, state):
    page = upload(new_box, saved)
    assert 'name="code"' in page.text
    assert not (state / "uploaded-backup.zip").exists()
    big = {"csrf_token": new_box.token(), "file": (io.BytesIO(bytes(400_000)), "x.zip")}
    assert new_box.post("/restore/upload", data=big).status_code == 413


def test_nor_does_a_stranger_to_one_that_has_an_owner(guest, saved):
    token = guest.token()
    data = {"csrf_token": token, "file": (io.BytesIO(saved), "backup.zip")}
    assert guest.post("/restore/upload", data=data).location.startswith("/login")


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04", b"%PDF-1.4 hello", bytes(300_000), "nothing of the kind ÄÖÜ".encode()],
)
def test_what_is_no_backup(client, state, content):
    page = upload(client, content)
    assert page.status_code == 200
    assert "Das ist keine Sicherung von Rufweiche" in page.text
    assert not list(state.glob("uploaded*"))


def test_a_zip_with_a_damaged_database(client, saved):
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content if not name.endswith("sqlite3") else content[:5000] + bytes(5000))
    assert "Das ist keine Sicherung" in upload(client, changed.getvalue()).text


def test_a_backup_of_a_later_version(client, saved):
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, json.dumps({**json.loads(content), "format": 99}) if "manifest" in name else content)
    assert "Das ist keine Sicherung" in upload(client, changed.getvalue()).text


def test_forgetting_the_upload(client, saved, state):
    upload(client, saved)
    page = begin(client, "forget")
    assert 'type="file"' in page.text
    assert not (state / "uploaded-backup.zip").exists()


def test_the_engine_restores_while_it_runs(client, saved, store, state):
    engine = live.Live(state, "boot")
    upload(client, saved)
    page = begin(client)
    assert page.request.path == "/restore/wait"
    assert [one.kind for one in store.unanswered()] == ["restart"]
    assert (state / live.LEFT).exists()
    engine.close()
    backup.restore_left(state, sample.NOW)
    assert "data-done" in client.get("/restore/wait/live").text
    assert "Firma Huber" in client.log_in().text


def test_a_restore_that_waits_is_said_and_can_be_taken_back(client, saved, state):
    engine = live.Live(state, "boot")
    upload(client, saved)
    assert "Darauf verzichten" in begin(client).text
    assert "Eine Sicherung ist noch nicht wiederhergestellt." in client.get("/").text
    assert client.send("/restore/without").request.path == "/"
    assert not (state / live.LEFT).exists()
    engine.close()


def test_a_restart_that_cannot_be_asked_for_leaves_nothing(client, saved, state, monkeypatch):
    engine = live.Live(state, "boot")
    upload(client, saved)

    def full(*_asked, **_payload):
        raise StoreError("disk full")

    form = {"csrf_token": client.token(), "do": "restore", "mark": mark(client)}
    monkeypatch.setattr(Box, "ask", full)
    client.post("/restore/begin", data=form)
    assert not (state / live.LEFT).exists()
    engine.close()


def test_password_of_a_box_in_use_stays(client, saved, store, state):
    upload(client, saved)
    page = begin(client)
    assert "Die Sicherung ist wiederhergestellt." in page.text or page.request.path == "/login"
    assert client.log_in().status_code == 200
    with type(store).open(state) as anew:
        assert from_json(anew.load_settings()[1]).business.name == "Tischlerei Muster"


@pytest.fixture
def another(tmp_path):
    """A backup of another workshop."""
    sample.fill(tmp_path / "another", sample.SETTINGS.replace("Tischlerei Muster", "Schlosserei Wolf"))
    backup.save(tmp_path / "another", tmp_path / "another.zip", sample.NOW)
    return (tmp_path / "another.zip").read_bytes()


def test_what_is_restored_is_what_was_shown(client, saved, another, state, store):
    """Another browser uploads another one in between."""
    upload(client, saved)
    shown = mark(client)
    upload(client, another)
    page = client.send("/restore/begin", do="restore", mark=shown)
    assert "Inzwischen wurde eine andere Sicherung hochgeladen." in page.text
    assert "Schlosserei Wolf" in page.text
    assert from_json(store.load_settings()[1]).business.name == "Tischlerei Muster"
    client.send("/restore/begin", do="forget", mark=shown)
    assert (state / "uploaded-backup.zip").exists()
    begin(client)
    with type(store).open(state) as anew:
        assert from_json(anew.load_settings()[1]).business.name == "Schlosserei Wolf"


@pytest.mark.parametrize("wrong", ["", "0" * 32, "../x", "<b>"])
def test_a_mark_that_is_none(client, saved, state, wrong):
    upload(client, saved)
    client.send("/restore/begin", do="restore", mark=wrong)
    assert (state / "uploaded-backup.zip").exists()
    assert not (state / live.LEFT).exists()


def test_a_second_click_restores_nothing(client, saved):
    upload(client, saved)
    shown = mark(client)
    begin(client)
    client.log_in()
    assert 'type="file"' in client.send("/restore/begin", do="restore", mark=shown).text
