"""What is done now and then: old records go, and the month's cap is kept to without overruling the owner."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.core.plan import Override
from appliance.core.records import Attempt, CallRecord
from appliance.core.settings_check import check_file
from appliance.housekeeping import AGAIN, CAP, EVERY, FIRST, WATCH, Housekeeper
from appliance.store.changes import Keep, SaveCall
from appliance.store.database import Store
from appliance.store.file import LOG_SIZE
from appliance.store.writer import Writer

SETTINGS = """
[business]
name = "Tischlerei Muster"
owner_mobile = "+4915112345678"
[[line]]
name = "office"
kind = "gsm"
port = "/dev/ttyUSB0"
number = "+498912345"
[[target]]
name = "desk"
number = "+49301111111"
tariff_ct = 100
[[plan]]
name = "open"
chain = ["desk"]
[[plan]]
name = "closed"
chain = []
[timetable]
otherwise = "open"
[messages]
keep_days = 30
[costs]
monthly_cap_eur = %s
cap_plan = "closed"
card_expires = %s
"""
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
END = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)  # of November in Berlin
HOUR = timedelta(seconds=EVERY)


def settings(cap=10, card_expires="2028-12-24"):
    checked = check_file((SETTINGS % (cap, card_expires)).encode())
    assert checked.settings, checked.mistakes
    return checked.settings


class PostRoom:
    """Hears the alarms."""

    def __init__(self):
        self.alarms = []

    def alarm(self, cause, what, now, wall, by_text=True):
        self.alarms.append((cause, what))


class Box:
    """A housekeeper, its store and the override in force; `restart` as after a power cut."""

    def __init__(self, store):
        self.store, self.override, self.at, self.settings = store, None, AT, settings()
        self.postroom = PostRoom()
        self.restart()

    def restart(self):
        self.now = 1000.0
        self.writer = Writer(self.store)
        self.keeper = Housekeeper(self.store, self.writer, self.postroom, self.now)

    def take(self, override):
        self.override = override

    def spend(self, minutes):
        call = CallRecord(self.store.next_call_id(), "office", self.at, outcome="forwarded", method="conference")
        call.target, call.answered_at = "desk", self.at
        call.ended_at = self.at + timedelta(minutes=minutes)
        call.attempts = [Attempt("desk", "+49301111111", "conference", "answered", 5.0)]
        self.store.write(SaveCall(call))

    def tick(self, after=EVERY):
        self.now += after
        self.at += timedelta(seconds=after)
        self.keeper.tick(self.settings, self.override, self.take, self.now, self.at)
        assert self.writer.flush(self.now)


@pytest.fixture
def box(tmp_path):
    with Store.open(tmp_path / "state", create=True) as store:
        yield Box(store)


def test_the_first_time_is_five_minutes_after_start(box):
    box.store.write(SaveCall(CallRecord(box.store.next_call_id(), "office", AT - timedelta(days=31), outcome="missed")))
    box.tick(FIRST - 1)
    assert len(box.store.calls()) == 1
    box.tick(1)
    assert box.store.calls() == []


def old_call(box):
    at = box.at - timedelta(days=31)
    box.store.write(SaveCall(CallRecord(box.store.next_call_id(), "office", at, outcome="missed")))


def test_old_records_go_once_a_day(box):
    """Deleting writes much; what grew old meanwhile goes on the next day."""
    old_call(box)
    box.tick()
    box.tick(AGAIN)
    old_call(box)
    box.tick()
    assert len(box.store.calls()) == 1
    box.tick(86400)
    assert box.store.calls() == []


def test_the_log_has_its_size_once_all_that_is_old_has_gone(box):
    wal = Path(f"{box.store.path}-wal")
    old_call(box)
    box.tick()
    assert wal.stat().st_size == 0
    box.tick(AGAIN)
    assert wal.stat().st_size == LOG_SIZE


def test_cap_near_then_reached(box):
    box.spend(8)
    box.tick()
    box.tick()
    assert (box.postroom.alarms, box.override) == ([("costs_near", "10,00 € (11/2026)")], None)
    box.spend(2)
    box.tick()
    box.tick()
    assert box.postroom.alarms[1:] == [("costs_cap", "10,00 € (11/2026)")]
    assert (box.override.plan, box.override.until) == ("closed", END)
    assert box.store.override() == box.override


@pytest.mark.parametrize("over", [Override("open", AT - HOUR), Override("gone")])
def test_an_override_that_does_not_apply_is_none(box, over):
    box.override = over
    box.spend(10)
    box.tick()
    assert box.override.plan == "closed"


def test_the_owners_override_goes_first_and_the_cap_is_set_when_it_ends(box):
    owners = box.override = Override("open", AT + 3 * HOUR)
    box.spend(10)
    box.tick()
    box.restart()
    box.tick()
    assert box.override is owners
    box.tick()
    assert box.override == Override("closed", END)
    assert len(box.postroom.alarms) == 1


def test_what_the_owner_took_back_is_not_set_again(box):
    box.spend(10)
    box.tick()
    box.override = None
    box.tick()
    box.restart()
    box.tick()
    assert box.override is None
    assert len(box.postroom.alarms) == 1


def test_another_cap_begins_anew(box):
    box.spend(10)
    box.tick()
    box.override, box.settings = None, settings(20)
    box.tick()
    assert box.override is None
    box.spend(10)
    box.tick()
    assert box.override.plan == "closed"
    assert box.postroom.alarms == [("costs_cap", "10,00 € (11/2026)"), ("costs_cap", "20,00 € (11/2026)")]


def test_another_month_begins_anew(box):
    box.spend(10)
    box.tick()
    box.at = END + HOUR
    box.spend(10)
    box.tick()
    assert box.override.until == datetime(2026, 12, 31, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize("kept", ["", "x", "[1]", "[]", "7", "[1, 2, 3, 4, 5]"])
def test_anything_kept_does_no_harm(box, kept):
    box.store.write(Keep(CAP, kept))
    box.spend(10)
    box.tick()
    assert box.override.plan == "closed"


def test_the_end_of_a_prepaid_card_is_reminded_of_four_times(box):
    box.settings = settings(card_expires="2026-12-24")
    box.at = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    heard = []
    for _ in range(40 * 24):
        box.tick()
        if len(box.postroom.alarms) > len(heard):
            heard.append(f"{box.at:%d.%m.}")
            box.restart()
    assert heard == ["23.11.", "16.12.", "22.12.", "23.12."]  # UTC: in Berlin the next day has begun
    assert set(box.postroom.alarms) == {("card", "24.12.2026")}


def test_a_box_that_was_off_reminds_as_soon_as_it_is_on(box):
    box.settings = settings(card_expires="2026-12-24")
    box.at = datetime(2026, 12, 3, 12, 0, tzinfo=UTC)
    box.tick()
    box.restart()
    box.tick()
    assert box.postroom.alarms == [("card", "24.12.2026")]


def test_a_card_that_was_topped_up_is_reminded_of_anew(box):
    box.settings = settings(card_expires="2026-12-01")
    box.tick()
    box.settings = settings(card_expires="2027-12-01")
    box.tick()
    assert len(box.postroom.alarms) == 1
    box.at = datetime(2027, 11, 3, 12, 0, tzinfo=UTC)
    box.tick()
    assert [what for _, what in box.postroom.alarms] == ["1.12.2026", "1.12.2027"]


def test_the_cap_is_noticed_within_minutes(box):
    """An hour of a busy line could cost many times the cap."""
    box.tick()
    box.spend(10)
    box.tick(WATCH)
    assert box.postroom.alarms == [("costs_cap", "10,00 € (11/2026)")]
