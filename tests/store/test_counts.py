"""Counts by the hour, held against the calls themselves."""

from __future__ import annotations

import sqlite3
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.core import stats
from appliance.core.costs import Texts, Use
from appliance.core.records import CallRecord, Message
from appliance.store import migrations
from appliance.store.changes import SaveCall, SaveMessage
from appliance.store.database import FILE_NAME, Store

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path, create=True) as opened:
        yield opened


def call(number, at=NOON, outcome="missed", wait=None, method="conference", lasted=60, target="desk", **changes):
    record = CallRecord(id=number, line="office", started_at=at, outcome=outcome, ended_at=at, caller="+49170")
    if wait is not None:
        record.answered_at = at + timedelta(seconds=wait)
        record.ended_at = record.answered_at + timedelta(seconds=lasted)
        record.target, record.method = target, method
    for name, value in changes.items():
        setattr(record, name, value)
    return record


def test_by_outcome_and_wait(store):
    store.write(
        SaveCall(call(1)),
        SaveCall(call(2, outcome="blocked")),
        SaveCall(call(3, outcome="forwarded", wait=17)),
        SaveCall(call(4, outcome="forwarded", wait=17)),
        SaveCall(call(5, outcome="forwarded", wait=30, target="anna")),
        SaveCall(call(6, NOON + HOUR, outcome="answered_here")),
        SaveCall(call(7, NOON + HOUR, outcome=None)),
    )
    first, second = store.hours()
    assert first[:-1] == (int(NOON.timestamp()) // 3600, 5, 0, 3, 1, 1, 0)
    assert stats.entries([first]) == {"desk\x1f17\x1f1": 2, "anna\x1f30\x1f1": 1}
    assert second == (first.hour + 1, 1, 1, 0, 0, 0, 0, "")
    found = stats.report(store.hours(), ZoneInfo("Europe/Berlin"))
    assert found["total"]["calls"] == 6
    assert found["total"]["median_seconds_to_human"] == 17.0


def test_a_call_is_counted_once_however_often_it_is_saved(store):
    record = call(1, outcome=None)
    for outcome in (None, None, "forwarded", "forwarded"):
        if outcome:
            record.outcome, record.answered_at, record.target = outcome, NOON + timedelta(seconds=9), "desk"
        store.write(SaveCall(record))
        store.write(SaveCall(record))
    assert [hour.calls for hour in store.hours()] == [1]
    assert store.hours()[0].reached == "desk\x1f9\x1f0\x1e"


def test_a_clock_set_back_meanwhile(store):
    store.write(SaveCall(call(1, outcome="forwarded", wait=-3600)))
    assert store.hours()[0].reached == "desk\x1f0\x1f1\x1e"


def test_from_and_to(store):
    store.write(*(SaveCall(call(number, NOON + number * HOUR)) for number in range(4)))
    hours = [hour.hour - int(NOON.timestamp()) // 3600 for hour in store.hours(NOON + HOUR, NOON + 3 * HOUR)]
    assert hours == [1, 2]


def test_calls_of_before_are_counted_too(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", migrations.STEPS[:5])
        db = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
        migrations.apply(db)
        insert = (
            "INSERT INTO calls (line, started_at, withheld, answered_at, ended_at, rings, outcome, target, method, "
            "attempts) VALUES ('office', ?, 0, ?, ?, 4, ?, ?, ?, '[]')"
        )
        at = "2026-11-23T12:{}:00.250000+00:00".format
        db.execute(insert, (at("00"), None, at("01"), "missed", None, None))
        db.execute(insert, (at("05"), at("06"), at("09"), "forwarded", "desk", "conference"))
        db.execute(insert, (at("07"), at("08"), at("08"), "forwarded", "desk", "transfer"))
        db.execute(insert, (at("09"), None, None, None, None, None))
        db.close()
    with Store.open(tmp_path) as store:
        (hour,) = store.hours()
        assert hour[1:] == (3, 0, 2, 1, 0, 0, "desk\x1f60\x1f3\x1edesk\x1f60\x1f0\x1e")
        assert store.usage(NOON, NOON + HOUR)[0] == [Use("desk", 2, 3, 1)]


@pytest.mark.parametrize(("lasted", "minutes"), [(0, 1), (1, 1), (60, 1), (61, 2), (3600, 60)])
def test_started_minutes(store, lasted, minutes):
    store.write(SaveCall(call(1, outcome="forwarded", wait=10, lasted=lasted)))
    assert store.usage(NOON, NOON + HOUR)[0] == [Use("desk", 1, minutes, 0)]


@pytest.mark.parametrize("method", ["transfer", "deflect", "flash", None])
def test_calls_given_away_are_not_metered(store, method):
    store.write(SaveCall(call(1, outcome="forwarded", wait=10, method=method)))
    assert store.usage(NOON, NOON + HOUR)[0] == [Use("desk", 1, 0, 1)]


def test_texts_of_a_month(store):
    def text(uid, at, **changes):
        given = {"uid": uid, "kind": "missed", "to": "+49151", "text": "x", "created_at": at, "state": "sent"}
        return SaveMessage(Message(**{**given, "sent_at": at, **changes}))

    day = timedelta(days=1)
    store.write(
        text("a", NOON), text("b", NOON + day, text="x" * 200), text("c", NOON, kind="briefing", to="+4930"),
        text("d", NOON, state="failed", sent_at=None), text("e", NOON, channel="email"), text("f", NOON - day),
        text("g", NOON + 2 * day),
    )  # fmt: skip
    assert store.usage(NOON, NOON + 2 * day)[1] == [Texts("briefing", "+4930", 1), Texts("missed", "+49151", 3)]


def test_counts_stay_when_calls_and_texts_are_deleted(store):
    store.write(SaveCall(call(1, outcome="forwarded", wait=17)), SaveCall(call(2)))
    message = Message("a", "missed", "+49151", "x" * 200, NOON, state="sent", sent_at=NOON)
    store.write(SaveMessage(message))
    before = store.hours(), store.usage(NOON - HOUR, NOON + HOUR)[0]
    assert store.purge(NOON + HOUR) == 3
    assert (store.calls(), store.messages()) == ([], [])
    assert (store.hours(), store.usage(NOON - HOUR, NOON + HOUR)[0]) == before
    assert store.usage(NOON - timedelta(days=1), NOON + timedelta(days=1))[1] == [Texts("missed", "", 2)]


def test_any_calls(store):
    outcomes = ["missed", "forwarded", "blocked", "answered_here", "voicemail"]
    calls = [
        call(
            number, NOON + number * timedelta(minutes=7), outcomes[number % 5], wait=number if number % 5 == 1 else None
        )
        for number in range(1, 200)
    ]
    store.write(*map(SaveCall, calls))
    found = Counter()
    for hour in store.hours():
        found.update(dict(zip(stats.OUTCOMES, hour[2:7], strict=True)))
    assert found == Counter(record.outcome for record in calls)
