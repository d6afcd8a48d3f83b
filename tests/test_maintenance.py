"""The nightly round on a state directory, and the commands around it."""

import os
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from appliance import cli
from appliance.core import alarms
from appliance.core.records import CallRecord
from appliance.core.settings import to_json
from appliance.core.settings_check import check_file
from appliance.maintenance import COPY, FOLDER, KEPT, MONTHS, Maintenance, newest, superfluous
from appliance.store import backup, leftovers, suspicion
from appliance.store.changes import SaveCall
from appliance.store.database import FILE_NAME, Store
from appliance.store.live import Live
from tests.core.settings_sample import FULL
from tests.store.damage import hit

NOW = datetime(2026, 11, 23, 3, 20, tzinfo=UTC)


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    monkeypatch.setattr(leftovers, "MEMORY", tmp_path)  # what others write there now is no day old by this clock
    folder = tmp_path / "state"
    with Store.open(folder, create=True) as store:
        store.save_settings(to_json(check_file(FULL.encode()).settings))  # keep_days = 30
        for days in (0, 29, 31, 400):
            at = NOW - timedelta(days=days)
            store.write(SaveCall(CallRecord(store.next_call_id(), "office", at, outcome="missed", ended_at=at)))
    return folder


@pytest.fixture
def said():
    return []


@pytest.fixture
def round_(state, said):
    return Maintenance(state, said.append)


def calls(state):
    with Store.open(state) as store:
        return len(store.calls())


def test_a_round(state, round_, said, tmp_path):
    assert round_.run(NOW, True, tmp_path)
    assert calls(state) == 2
    assert [line.partition(":")[0] for line in said] == ["database", "records", "backup", "copy"]
    assert backup.inspect(newest(state)).calls == 2
    assert newest(state).name == "rufweiche-2026-11-23.zip"
    copied = backup.inspect(tmp_path / COPY)
    assert copied.settings.line[0].pin is None


def test_nothing_is_deleted_by_a_clock_that_may_be_wrong(state, round_):
    assert round_.run(NOW + timedelta(days=4000), False)
    assert calls(state) == 4


def test_a_second_round_of_the_day_takes_the_place_of_the_first(state, round_):
    assert round_.run(NOW, True)
    assert round_.run(NOW + timedelta(hours=1), True)
    assert len(list((state / FOLDER).iterdir())) == 1


def test_a_damaged_database_keeps_the_backups_it_has(state, round_):
    assert round_.run(NOW, True)
    hit(state, "calls")
    assert not round_.run(NOW + timedelta(days=1), True)
    assert round_.problems
    assert all(problem.startswith("database: ") for problem in round_.problems)  # nothing else was begun
    assert [path.name for path in (state / FOLDER).iterdir()] == ["rufweiche-2026-11-23.zip"]
    assert suspicion.is_to_be_looked_at(state)  # by the engine's next start, which is soon


def test_the_round_sweeps_what_was_left_half_written(state, round_):
    left = state / "uploaded-backup.new"
    left.write_bytes(b"calls")
    os.utime(left, (0, 0))
    assert round_.run(NOW, True)
    assert not left.exists()


def test_every_night_tries_again_what_could_not_be_mended(state, round_):
    assert round_.run(NOW, True)
    hit(state, "calls")
    suspicion.raise_it(state)
    suspicion.was_looked_at(state)
    assert not round_.run(NOW + timedelta(days=1), True)
    assert suspicion.is_to_be_looked_at(state)


@pytest.mark.parametrize("name", ["settings", "kept"])
def test_the_command_on_a_damaged_database(state, run, name):
    assert run("maintain", "--state", state)[0] == 0
    hit(state, name)
    status, out = run("maintain", "--state", state)
    assert status == 1
    assert "database: " in out.err
    assert suspicion.is_to_be_looked_at(state)


def test_a_full_card_gives_up_old_backups_first(state, round_, monkeypatch):
    for day in range(1, 5):
        assert round_.run(NOW + timedelta(days=day), True)

    class Usage:
        free = 0

    monkeypatch.setattr("shutil.disk_usage", lambda folder: Usage)
    assert not round_.run(NOW + timedelta(days=5), True)
    assert round_.problems == ["backup: the card is too full for a backup"]
    assert [path.name for path in (state / FOLDER).iterdir()] == ["rufweiche-2026-11-27.zip"]


def test_which_backups_are_kept():
    days = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(690)]
    kept: list[str] = []
    for day in days:
        kept.append(f"rufweiche-{day:%Y-%m-%d}.zip")
        kept = [name for name in kept if name not in superfluous(kept)]
    assert kept[-KEPT:] == [f"rufweiche-{day:%Y-%m-%d}.zip" for day in days[-KEPT:]]
    assert [name[10:20] for name in kept[:-KEPT]] == [f"2026-{month:02}-01" for month in range(12 - MONTHS, 12)]
    assert superfluous(["rufweiche-holiday.zip", "letter.txt"] * 20) == []


@pytest.fixture
def run(monkeypatch, capsys):
    def command(*arguments):
        monkeypatch.setattr(sys, "argv", ["rufweiche", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code, capsys.readouterr()

    return command


def test_the_commands(state, run, tmp_path):
    assert run("maintain", "--state", state, "--copy-to", tmp_path)[0] == 0
    assert (tmp_path / COPY).exists()
    file, new = tmp_path / "b.zip", tmp_path / "new"
    assert run("backup", "--state", state, file)[0] == 0
    status, out = run("restore", file, "--state", new)
    assert (status, out.out.startswith("Restored: ")) == (0, True)
    assert calls(new) == calls(state)
    (tmp_path / "bad.zip").write_bytes(b"rubbish")
    status, out = run("restore", tmp_path / "bad.zip", "--state", new)
    assert (status, out.err.count("\n")) == (2, 1)
    assert run("maintain", "--state", tmp_path / "nowhere")[0] == 1


def test_restoring_under_a_living_engine_waits_for_its_next_start(state, run, tmp_path):
    run("backup", "--state", state, tmp_path / "b.zip")
    live = Live(state, "boot")
    status, out = run("restore", tmp_path / "b.zip", "--state", state)
    live.close()
    assert (status, out.out.startswith("Checked")) == (0, True)
    assert (state / backup.LEFT).exists()
    with Store.open(state) as store:
        assert [one.kind for one in store.unanswered()] == ["restart"]


def told(state):
    with Store.open(state) as store:
        return [message.text for message in store.messages() if message.kind == "alarm" and message.channel == "sms"]


def test_a_round_that_goes_wrong_is_told_once(state, monkeypatch):
    def night(free):
        monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=free))
        Maintenance(state, lambda line: None).run(NOW, True)

    night(1 << 40)
    assert told(state) == []
    for _ in range(2):
        night(0)
        assert len([text for text in told(state) if "Sicherung" in text]) == 1
    with Store.open(state) as store:
        assert store.kept(alarms.NIGHT_WRONG) == "backup"
    night(1 << 40)
    with Store.open(state) as store:
        assert store.kept(alarms.NIGHT_WRONG) == ""
    night(0)
    assert len(told(state)) == 2


def test_a_damaged_index_is_told(state, round_):
    """The box serves on with it; nobody would know."""
    with closing(sqlite3.connect(state / FILE_NAME)) as db:
        db.execute("PRAGMA writable_schema = ON")
        db.execute("DELETE FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        db.commit()
    assert not round_.run(NOW, True)
    assert len([text for text in told(state) if "Datenbank" in text]) == 1
