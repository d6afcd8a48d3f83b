"""What led to a crash is kept, but only that, and never so much that it wears out a card."""

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "systemd/keep-log"


@pytest.fixture
def box(tmp_path):
    """The script with a folder and a journal of its own."""
    folder, tools = tmp_path / "trouble", tmp_path / "bin"
    folder.mkdir()
    tools.mkdir()
    (tools / "journalctl").write_text("#!/bin/sh\nhead -c 200000 /dev/zero | tr '\\0' x\necho the end\n")
    (tools / "chgrp").write_text("#!/bin/sh\n")
    for tool in tools.iterdir():
        tool.chmod(0o755)
    script = tmp_path / "keep-log"
    script.write_text(SCRIPT.read_text().replace("/var/lib/rufweiche-trouble", str(folder)))

    def run(result, name="engine"):
        way = {"PATH": f"{tools}:{os.environ['PATH']}"} | ({"SERVICE_RESULT": result} if result else {})
        subprocess.run(["sh", script, name], env=way, check=True)
        return sorted(path.name for path in folder.iterdir())

    run.folder = folder
    return run


@pytest.mark.parametrize("result", ["success", ""])
def test_an_ordinary_end_leaves_nothing(box, result):
    assert box(result) == []


@pytest.mark.parametrize("result", ["watchdog", "exit-code", "signal", "core-dump", "oom-kill", "timeout"])
def test_trouble_leaves_the_end_of_the_journal(box, result):
    (name,) = box(result)
    kept = (box.folder / name).read_bytes()
    assert name.startswith("engine-")
    assert len(kept) == 65536
    assert kept.endswith(b"the end\n")


def test_a_crash_loop_is_kept_once_in_ten_minutes(box):
    box("signal")
    assert len(box("signal")) == 1


def test_each_service_for_itself(box):
    box("signal")
    assert len(box("signal", "web")) == 2


def test_eight_files_at_most(box):
    for number in range(12):
        old = box.folder / f"engine-20260101T0000{number:02}Z.log"
        old.write_text("old")
        os.utime(old, (0, 0))
    kept = box("watchdog")
    assert len(kept) == 8
    assert "engine-20260101T000011Z.log" in kept
    assert "engine-20260101T000004Z.log" not in kept


def test_a_link_in_its_place_is_not_followed(box, tmp_path):
    box.folder.rmdir()
    (tmp_path / "elsewhere").mkdir()
    box.folder.symlink_to(tmp_path / "elsewhere")
    assert box("watchdog") == []
