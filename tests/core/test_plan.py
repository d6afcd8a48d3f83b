"""Which plan applies, at every boundary."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from appliance.core.plan import caller_name, decide
from appliance.core.settings_check import check_file

from .settings_sample import FULL, SMALL

BERLIN = ZoneInfo("Europe/Berlin")
NOON = dt.datetime(2026, 11, 25, 12, 0, tzinfo=BERLIN)


@pytest.fixture(scope="module")
def small():
    return check_file(SMALL.encode()).settings


def test_a_decision_says_all_a_call_needs(small):
    decision = decide(small, "+4930123456", False, NOON)
    assert decision.plan == "open"
    assert decision.decided_by == "otherwise"
    assert decision.rule == "timetable.otherwise"
    assert decision.answer_after_rings == 4
    assert [(target.name, target.number, target.ring_seconds) for target in decision.chain] == [
        ("desk", "+49301111111", 25)
    ]
    assert decision.otherwise == "hang-up"


def test_caller_names():
    settings = check_file(FULL.encode()).settings
    assert caller_name(settings, "**50") == "Werkstatt"
    assert caller_name(settings, "+4930123456") is None  # blocked, without a name
    assert caller_name(settings, "+49301234567") is None
    assert caller_name(settings, None) is None
