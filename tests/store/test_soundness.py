"""Whether the database holds together: what a start finds in a moment, and what only the long look does."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from appliance.core.errors import StoreError
from appliance.store import nightly, soundness, suspicion
from appliance.store.database import FILE_NAME, Store
from tests.store.damage import hit, with_a_call

NOW = datetime(2026, 11, 23, 3, 20, tzinfo=UTC)


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    return with_a_call(tmp_path / "state", NOW)


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch):
    monkeypatch.setattr(soundness, "SMALL", 1 << 20)


def grown(state, calls=8_000):
    """More than is looked through at a start."""
    with closing(sqlite3.connect(state / FILE_NAME)) as db:
        db.executemany(
            "INSERT INTO calls (line, started_at, caller, withheld, rings, outcome, attempts) "
            "VALUES ('office', ?, ?, 0, 4, 'missed', '[]')",
            [(f"2026-01-01T00:00:{number % 60:02}+00:00", f"+4989{number:07}") for number in range(calls)],
        )
        db.commit()
    assert (state / FILE_NAME).stat().st_size > soundness.SMALL


@pytest.mark.parametrize("thorough", [True, False])
def test_a_sound_one(state, thorough):
    assert soundness.faults(state, thorough) == []
    grown(state)
    assert soundness.faults(state, thorough) == []


TABLES = ["settings", "calls", "messages", "kept", "override", "requests", "contacts", "inbox", "messages_open"]


@pytest.mark.parametrize("thorough", [True, False])
@pytest.mark.parametrize("name", TABLES)
def test_one_bad_page(state, name, thorough):
    hit(state, name)
    assert soundness.faults(state, thorough)


@pytest.mark.parametrize("name", ["settings", "kept", "messages", "calls"])
def test_one_bad_page_among_many_calls(state, name):
    grown(state)
    hit(state, name)
    assert soundness.faults(state, thorough=False)


def test_an_old_call_of_many_is_found_by_the_long_look(state):
    grown(state)
    with closing(sqlite3.connect(state / FILE_NAME)) as db:
        page = db.execute("SELECT pageno FROM dbstat WHERE name = 'calls' AND pagetype = 'leaf' LIMIT 1 OFFSET 50")
        (number,) = page.fetchone()
    hit(state, number)
    assert soundness.faults(state, thorough=False) == []
    assert soundness.faults(state, thorough=True)


def test_settings_that_cannot_be_read_are_damage(state):
    with closing(sqlite3.connect(state / FILE_NAME)) as db:
        db.execute("UPDATE settings SET json = replace(json, '{', '[')")
        db.commit()
    (fault,) = soundness.faults(state, thorough=False)
    assert "settings" in fault


def test_what_cannot_be_looked_at_is_not_damaged(tmp_path):
    with pytest.raises(StoreError):
        soundness.faults(tmp_path, thorough=False)


def test_whoever_meets_damage_has_it_looked_at(state):
    hit(state, "kept")
    with Store.open(state) as store, pytest.raises(StoreError):
        store.kept("x")
    assert not suspicion.is_to_be_looked_at(state)  # there is nothing to put in its place
    (state / nightly.FOLDER).mkdir()
    (state / nightly.FOLDER / "rufweiche-2026-11-23.zip").touch()
    with Store.open(state) as store, pytest.raises(StoreError):
        store.kept("x")
    assert suspicion.is_to_be_looked_at(state)


def test_a_suspicion_is_looked_at_once(state):
    (state / nightly.FOLDER).mkdir()
    (state / nightly.FOLDER / "rufweiche-2026-11-23.zip").touch()
    assert not suspicion.is_raised(state)
    suspicion.raise_it(state)
    assert suspicion.is_to_be_looked_at(state)
    of_another_user = (state / suspicion.NAME).stat().st_ino
    os.link(state / suspicion.NAME, state / "its inode stays taken")
    suspicion.was_looked_at(state)
    assert (state / suspicion.NAME).stat().st_ino != of_another_user
    suspicion.raise_it(state)  # the engine would start anew for ever
    assert suspicion.is_raised(state)
    assert not suspicion.is_to_be_looked_at(state)
    suspicion.raise_it(state, again=True)  # the nightly round, say
    assert suspicion.is_to_be_looked_at(state)
    suspicion.dispel(state)
    assert not suspicion.is_raised(state)
