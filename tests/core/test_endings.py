"""Calls that never came to a table of states, or fell out of it."""

from datetime import UTC, datetime, timedelta

import pytest

from appliance.core.endings import cut_off_by_restart, second_caller
from appliance.core.plan import Decision
from appliance.core.records import CallRecord

AT = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
OPEN = Decision("open", "otherwise", "timetable.otherwise", 3, (), "hang-up")
BLOCKED = Decision(None, "blocked", "caller[0]", None, (), None, "ignore")


def call(**known):
    return CallRecord(2, "office", AT, **known)


@pytest.mark.parametrize(
    ("decision", "ending"), [(OPEN, ("missed", "nobody_reached", "open")), (BLOCKED, ("blocked", None, None))]
)
def test_second_caller(decision, ending):
    record = second_caller(call(caller="+49301"), lambda *_: decision, AT)
    assert (record.outcome, record.reason, record.plan) == ending
    assert record.ended_at == AT


@pytest.mark.parametrize(
    ("known", "message", "outcome"),
    [
        ({}, ("", 0.0), ("missed", "restart", None)),
        ({}, ("2.wav", 0.8), ("missed", "restart", None)),
        ({}, ("2.wav", 4.04), ("voicemail", None, "2.wav")),
        ({"answered_at": AT}, ("", 0.0), ("forwarded", None, None)),
        ({"outcome": "blocked"}, ("2.wav", 9.0), ("blocked", None, None)),
    ],
)
def test_cut_off_by_restart(known, message, outcome):
    record = cut_off_by_restart(call(**known), AT, *message)
    assert (record.outcome, record.reason, record.message) == outcome
    assert record.ended_at == AT


def test_a_call_taken_here_stays_so_across_a_stop():
    lifted = AT - timedelta(minutes=3)
    record = cut_off_by_restart(call(outcome="answered_here", ended_at=lifted), AT)
    assert (record.outcome, record.reason, record.ended_at) == ("answered_here", None, lifted)
