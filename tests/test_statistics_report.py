"""`stats`, as JSON and to read."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.core.records import CallRecord
from appliance.statistics_report import stats_report, stats_text
from appliance.store.changes import SaveCall
from appliance.store.database import Store

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path, create=True) as opened:
        yield opened


def call(number, outcome, at=NOON, target=None, wait=0.0):
    answered = at + timedelta(seconds=wait) if target else None
    return SaveCall(
        CallRecord(number, "office", at, answered_at=answered, ended_at=at, outcome=outcome, target=target)
    )  # fmt: skip


def test_the_object(store):
    store.write(
        call(1, "missed"), call(2, "forwarded", target="desk", wait=12), call(3, "missed", NOON - timedelta(400))
    )
    found = stats_report(store, None, NOON + timedelta(minutes=30), BERLIN)
    assert json.loads(json.dumps(found)) == found
    assert (found["since"], found["until"]) == ("2025-11-22T13:30:00+01:00", "2026-11-23T13:30:00+01:00")
    assert (found["total"]["calls"], found["total"]["missed_share"]) == (2, 0.5)
    assert found["by_day"][0]["day"] == "2026-11-23"
    everything = stats_report(store, datetime(2000, 1, 1, tzinfo=UTC), NOON, BERLIN)
    assert everything["total"]["calls"] == 3


def test_to_read(store):
    store.write(call(1, "missed"), call(2, "forwarded", target="desk", wait=12), call(3, "blocked"))
    shown = stats_text(stats_report(store, None, NOON, BERLIN))
    lines = shown.splitlines()
    assert lines[0].split() == ["calls", "here", "forwarded", "missed", "blocked", "missed", "share", "median", "wait"]
    assert lines[1].split() == ["all", "3", "0", "1", "1", "1", "50.0%", "12", "s"]
    assert any(line.split()[:2] == ["13:00", "3"] for line in lines)
    assert any(line.split()[:2] == ["2026-W48", "3"] for line in lines)
    assert lines[-1] == "Missed: 50.0%. Usual for a local business: 27%."


def test_nothing_to_read(store):
    assert stats_text(stats_report(store, None, NOON, BERLIN)) == "No calls."


def test_only_blocked_calls(store):
    store.write(call(1, "blocked"))
    assert "Missed: none." in stats_text(stats_report(store, None, NOON, BERLIN))
