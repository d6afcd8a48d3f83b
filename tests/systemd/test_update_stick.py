"""An update on a stick: installed once, and again only by the owner's wish; the page is told what came of it."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from web import machine, updating

SCRIPTS = Path(__file__).parents[2] / "image-build/files/usr/lib/rufweiche"
SUM = hashlib.sha256(b"hsqs").hexdigest()
TOOLS = {
    "mount": 'for last; do was=$device device=$last; done; case $was in *1) cp -r "$STICK/." "$last" ;; esac',
    "umount": 'for last; do :; done; rm -rf "$last"',
    "installer": '''[ -f "$1" ] || exit 9; sleep 0.1; echo "${1##*/} $BUNDLE_SUM" >>"$BOX/told"; exit "$STATUS"''',
}


@pytest.fixture
def box(tmp_path, monkeypatch):
    """A box with a stick in it; `plug()` and `wish()` run what they start, and return its status."""
    tools = tmp_path / "tools"
    for folder in ("tools", "run", "system", "update", "stick", "sys/class/block/sda1"):
        (tmp_path / folder).mkdir(parents=True)
    for name, does in TOOLS.items():
        (tools / name).write_text(f"#!/bin/sh\n{does}\n")
        (tools / name).chmod(0o755)
    way = {
        **os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "BOX": str(tmp_path / "run"),
        "SYSTEM": str(tmp_path / "system"), "SYS": str(tmp_path / "sys"), "STICK": str(tmp_path / "stick"),
        "UPDATE": str(tools / "installer"), "UPDATE_FOLDER": str(tmp_path / "update"),
    }  # fmt: skip
    monkeypatch.setattr(machine, "RUN", tmp_path / "run")
    monkeypatch.setattr(updating, "BLOCK", tmp_path / "sys/class/block")

    class Box:
        run, system, stick, sys = tmp_path / "run", tmp_path / "system", tmp_path / "stick", tmp_path / "sys"

        def plug(self, status=0, partition="sda1"):
            return self.begin(status, partition).wait(10)

        def begin(self, status=0, partition="sda1"):
            command = ["sh", SCRIPTS / "update-from-stick", f"/dev/{partition}"]
            return subprocess.Popen(command, env=way | {"STATUS": str(status)})

        def wish(self):
            for name in (updating.REQUEST, updating.STICK):
                (tmp_path / "update" / name).touch()
            done = subprocess.run(["sh", SCRIPTS / "update-from-page"], env=way, check=False, timeout=10)
            assert list((tmp_path / "update").iterdir()) == []
            return done.returncode

        def told(self):
            """What was installed so far."""
            path = self.run / "told"
            return path.read_text().splitlines() if path.exists() else []

        def shown(self, last):
            """To the owner."""
            return updating._stick(last)

    (tmp_path / "stick/rufweiche-1.2.raucb").write_bytes(b"hsqs")
    (tmp_path / "stick/rufweiche-1.10.raucb").write_bytes(b"hsqs")
    (tmp_path / "stick/other.txt").touch()
    return Box()


ONCE = [f"rufweiche-1.10.raucb {SUM}"]


@pytest.mark.parametrize(
    ("status", "ends", "became", "again"),
    [(0, 0, "kept", 0), (1, 0, "refused", 0), (75, 0, "busy", 1), (2, 1, "refused", 0)],
)
def test_it_is_installed_once(box, status, ends, became, again):
    assert box.plug(status) == ends
    assert box.told() == ONCE
    assert box.shown("kept") == updating.Stick("rufweiche-1.10.raucb", became)
    box.plug(status)
    assert len(box.told()) == 1 + again


@pytest.mark.parametrize(("noted", "became"), [(f"A 1.1.0 {SUM}", "back"), ("A 1.1.0", "tried"), (None, "tried")])
def test_after_a_start_with_the_stick_in_it(box, noted, became):
    box.plug()
    (box.run / "on-stick").unlink()
    if noted:
        (box.system / "last-update").write_text(noted + "\n")
    assert box.plug() == 0
    assert box.told() == ONCE
    assert box.shown("back") == updating.Stick("rufweiche-1.10.raucb", became)


def test_once_more_by_wish(box):
    box.plug(1)
    assert box.wish() == 0
    assert (box.run / "stick-again").read_text() == "sda1\n"
    box.plug(1)
    assert box.told() == ONCE * 2
    assert (box.system / "tried-bundles").read_text() == f"{SUM} rufweiche-1.10.raucb\n"


def test_a_wish_for_a_stick_that_is_gone(box):
    box.plug(1)
    (box.sys / "class/block/sda1").rmdir()
    assert box.shown(None) is None
    assert box.wish() == 0
    assert not (box.run / "stick-again").exists()
    assert not (box.run / "on-stick").exists()


def test_a_wish_without_any_stick(box):
    assert box.wish() == 0
    assert list(box.run.iterdir()) == []


def test_a_stick_with_something_else(box):
    box.plug(1)
    for path in box.stick.glob("*.raucb"):
        path.unlink()
    assert box.plug() == 0
    assert box.told() == ONCE
    assert box.shown(None) is None  # what the other one was is of no interest


def test_a_stick_with_two_partitions(box):
    """Each has a service of its own, which starts when its partition is found; only the first has a bundle."""
    for _ in range(10):
        (box.system / "tried-bundles").unlink(missing_ok=True)
        (box.run / "told").unlink(missing_ok=True)
        both = [box.begin(partition=partition) for partition in ("sda1", "sda2")]
        assert [one.wait(10) for one in both] == [0, 0]
        assert box.told() == ONCE
        assert (box.run / "on-stick").read_text() == f"sda1 installed {SUM} rufweiche-1.10.raucb\n"


def test_two_sticks_with_the_same(box):
    both = [box.begin(partition=partition) for partition in ("sda1", "sdb1")]
    assert [one.wait(10) for one in both] == [0, 0]
    assert box.told() == ONCE
