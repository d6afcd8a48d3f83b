import datetime as dt
import json
from pathlib import Path

import pytest

from appliance import status
from appliance.core.settings_check import check_file
from appliance.ports.clock import boot_id
from appliance.status import engine_lines

FILE = b"""
[business]
owner_mobile = "+4915112345678"
[[line]]
name = "office"
kind = "gsm"
port = "/dev/ttyUSB0"
number = "+498912345"
[[line]]
name = "stick"
kind = "gsm"
port = "/dev/ttyUSB1"
number = "+491711234567"
[[plan]]
name = "open"
[timetable]
otherwise = "open"
"""
SETTINGS = check_file(FILE).settings
KEYS = {
    "name", "kind", "port", "state", "problem", "operator", "registered", "signal_dbm", "sim", "can", "diversions",
    "notes", "model", "call",
}  # fmt: skip


def heartbeat(state: Path, **said):
    (state / "run").mkdir(exist_ok=True)
    beat = {"boot_id": boot_id(), "monotonic": 1000.0, "lines": [{"name": "office", "state": "ready"}]}
    (state / "run/status.json").write_text(json.dumps(beat | said))


@pytest.fixture(autouse=True)
def no_runtime_directory(monkeypatch):
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)


def test_a_living_engine(tmp_path):
    heartbeat(tmp_path)
    assert engine_lines(tmp_path, 1000.0) == [{"name": "office", "state": "ready"}]
    assert engine_lines(tmp_path, 1010.0) is not None


@pytest.mark.parametrize("monotonic", [1010.1, 999.0, 5e9])
def test_a_sign_of_life_that_is_too_old_or_of_another_time(tmp_path, monotonic):
    heartbeat(tmp_path)
    assert engine_lines(tmp_path, monotonic) is None


def test_a_sign_of_life_of_another_boot(tmp_path):
    heartbeat(tmp_path, boot_id="another")
    assert engine_lines(tmp_path, 1000.0) is None


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"boot_id": 1}', '{"monotonic": "x"}', "\xff", '"a"'])
def test_a_file_cut_off_by_a_power_cut(tmp_path, content):
    (tmp_path / "run").mkdir()
    (tmp_path / "run/status.json").write_text(content, encoding="latin-1")
    assert engine_lines(tmp_path, 1000.0) is None


@pytest.mark.parametrize("lines", [None, 3, ["office"], [3]])
def test_lines_that_are_none(tmp_path, lines):
    heartbeat(tmp_path, lines=lines)
    assert engine_lines(tmp_path, 1000.0) is None


def test_a_clock_that_the_engine_doubts(tmp_path):
    at = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
    assert status.clock_known(tmp_path, 1000.0, at)
    for clock, known in (({"known": False}, False), ({"known": True}, True), (None, True), ([], True)):
        heartbeat(tmp_path, clock=clock)
        assert status.clock_known(tmp_path, 1000.0, at) is known
        assert status.clock_known(tmp_path, 5000.0, at)  # the engine has gone
    assert not status.clock_known(tmp_path, 1000.0, dt.datetime(1970, 1, 1, tzinfo=dt.UTC))


def test_while_the_time_is_not_known_the_plan_outside_all_slots_applies(tmp_path):
    text = b"[[plan]]\nname='shut'\n[[timetable.slot]]\ndays=['wed']\nfrom='00:00'\nto='24:00'\nplan='shut'\n"
    settings = check_file(FILE + text).settings
    at = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
    assert status.status(settings, None, {"queued": 0, "failed": 0}, at)["plan_now"] == "shut"
    said = status.status(settings, None, {"queued": 0, "failed": 0}, at, None, False)
    assert (said["plan_now"], said["plan_changes_at"]) == ("open", None)


def test_nothing_there(tmp_path):
    assert engine_lines(tmp_path, 1000.0) is None


def test_without_the_engine_every_line_is_down():
    said = status.status(SETTINGS, None, {"queued": 1, "failed": 2}, dt.datetime(2026, 11, 25, tzinfo=dt.UTC))
    assert set(said) == {
        "version", "plan_now", "plan_changes_at", "plan_next", "override", "lines", "messages"
    }  # fmt: skip
    assert said["plan_now"] == "open"
    assert said["override"] is None
    assert said["messages"] == {"queued": 1, "failed": 2}
    assert [line["name"] for line in said["lines"]] == ["office", "stick"]
    for line in said["lines"]:
        assert set(line) == KEYS
        assert line["state"] == "down"
        assert line["problem"] == "engine not running"


def test_a_line_the_engine_has_not_begun_with_is_starting():
    lines = [{"name": "office", "state": "ready"}, {"name": "gone", "state": "ready"}]
    said = status.status(SETTINGS, lines, {"queued": 0, "failed": 0}, dt.datetime(2026, 11, 25, tzinfo=dt.UTC))
    assert [(line["name"], line["state"]) for line in said["lines"]] == [("office", "ready"), ("stick", "starting")]
