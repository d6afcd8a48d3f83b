"""What waits for a call to end: an engine that does not say how it is may have one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from appliance import status
from appliance.store.page import PageStore

SCRIPT = Path(__file__).parents[2] / "packaging/when-idle"
BUSY = 75


@pytest.fixture
def ask(tmp_path):
    """Runs it with an engine that is active or not and a status of its own; the exit status, and whether the command
    was run."""
    tools = tmp_path / "bin"
    tools.mkdir()

    def run(said, code=0, active=True, silent=60):
        (tmp_path / "said").write_text(said)
        for name, text in {
            "systemctl": f"exit {0 if active else 3}",
            "rufweiche": f'cat "{tmp_path}/said" >&{1 if code == 0 else 2}; exit {code}',
            "command": f"touch {tmp_path}/done",
        }.items():
            (tools / name).write_text(f"#!/bin/sh\n{text}\n")
            (tools / name).chmod(0o755)
        way = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "RUFWEICHE": str(tools / "rufweiche"),
               "SILENT_FOR": str(silent)}  # fmt: skip
        done = subprocess.run(["sh", SCRIPT, "0", "command"], env=way, capture_output=True, check=False, timeout=10)
        return done.returncode, (tmp_path / "done").exists()

    return run


def lines(*found):
    return json.dumps({"lines": [{"name": "office", "state": state, "problem": problem} for state, problem in found]})


@pytest.mark.parametrize(
    "found", [[("ready", None)], [("down", "no_sim"), ("starting", None)], [("ready", None), ("down", "unplugged")], []]
)
def test_no_line_is_busy(ask, found):
    assert ask(lines(*found)) == (0, True)


@pytest.mark.parametrize("state", ["ringing", "in_call"])
def test_one_line_is_busy(ask, state):
    assert ask(lines(("ready", None), (state, None))) == (BUSY, False)


def test_an_engine_that_runs_and_does_not_answer_may_have_a_call(ask):
    assert ask(lines(("down", status.NOT_RUNNING))) == (BUSY, False)


def test_a_status_that_cannot_be_told_may_hide_a_call(ask):
    assert ask("rufweiche: the database is busy", code=1) == (BUSY, False)


def test_one_that_is_silent_for_longer_than_its_watchdog_allows_has_none(ask):
    assert ask(lines(("in_call", None)), silent=0) == (BUSY, False)
    assert ask(lines(("down", status.NOT_RUNNING)), silent=2) == (0, True)
    assert ask("rufweiche: the database is busy", code=1, silent=2) == (0, True)


def test_without_an_engine_there_is_no_call(ask):
    assert ask(lines(("down", status.NOT_RUNNING)), active=False) == (0, True)
    assert ask("whatever", code=1, active=False) == (0, True)


@pytest.mark.parametrize("has_data", [False, True])
def test_without_settings_there_is_no_line(ask, tmp_path, has_data):
    """In the very words of the command."""
    if has_data:
        with PageStore.open(tmp_path, create=True):
            pass
    command = [str(Path(sys.executable).with_name("rufweiche")), "status", "--json", "--state", str(tmp_path)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert ask(said.stderr, code=1) == (0, True)
