"""Calls a crash left open: one that rings on is the same call, any other is closed."""

from datetime import UTC, datetime, timedelta

import pytest

from appliance.core.records import Attempt, CallRecord
from appliance.interrupted import ADOPT_WITHIN, CLOSE_AFTER, Interrupted

AT = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
CALLER = "+491701234567"
TRIED = Attempt("desk", "+49301111111", None, "busy", 4.0)


@pytest.fixture
def ended():
    return []


@pytest.fixture
def interrupted(tmp_path, ended):
    return Interrupted(tmp_path, ended.append, lambda: AT, 100.0)


def call(number=7, line="office", **known):
    return CallRecord(number, line, AT, caller=CALLER, **known)


def test_a_caller_who_rings_on_has_one_call(interrupted, ended):
    interrupted.found([call()])
    rings = CallRecord(8, "office", AT + timedelta(seconds=20))
    interrupted.take_up(rings, CALLER)
    assert (rings.id, rings.started_at) == (7, AT)
    interrupted.tick(100.0 + CLOSE_AFTER)
    assert ended == []


@pytest.mark.parametrize(
    ("known", "number", "later"),
    [
        ({}, "+4930999999", timedelta(seconds=20)),
        ({}, None, timedelta(seconds=20)),
        ({}, CALLER, ADOPT_WITHIN + timedelta(seconds=1)),
        ({"answered_at": AT}, CALLER, timedelta(seconds=20)),
        ({"attempts": [TRIED]}, CALLER, timedelta(seconds=20)),
    ],
)
def test_any_other_is_a_call_of_its_own(interrupted, ended, known, number, later):
    interrupted.found([call(**known)])
    rings = CallRecord(8, "office", AT + later)
    interrupted.take_up(rings, number)
    assert rings.id == 8
    assert [(one.id, one.ended_at) for one in ended] == [(7, AT)]


def test_of_a_line_only_the_last_can_ring(interrupted, ended):
    interrupted.found([call(5), call(6, "stick"), call(7)])
    assert [one.id for one in ended] == [5]


def test_a_line_that_is_not_back_closes_its_call_after_a_while(interrupted, ended):
    interrupted.found([call()])
    interrupted.tick(100.0 + CLOSE_AFTER - 0.1)
    assert ended == []
    interrupted.tick(100.0 + CLOSE_AFTER)
    interrupted.close("office")
    assert [(one.outcome, one.reason) for one in ended] == [("missed", "restart")]


def test_what_he_said_is_kept(interrupted, ended, tmp_path):
    message = tmp_path / "voicemail" / "7.wav"
    message.parent.mkdir()
    message.write_bytes(b"\0" * (44 + 5 * 16000))
    interrupted.found([call()])
    interrupted.close("office")
    assert [(one.outcome, one.message, one.message_seconds) for one in ended] == [("voicemail", str(message), 5.0)]
