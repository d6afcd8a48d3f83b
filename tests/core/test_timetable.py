import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.settings import DAYS, Closure, Slot
from appliance.core.timetable import closure_at, holiday_at, slot_at, until

SECOND = dt.timedelta(seconds=1)
MONDAY = dt.datetime.fromisoformat("2026-11-23")


def slot(days, start, end):
    return Slot(days=tuple(days.split()), from_=dt.time.fromisoformat(start), to=dt.time.fromisoformat(end), plan="p")


def local(text):
    return dt.datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("at", "on"),
    [
        ("2026-11-23T07:29:59", 2),  # still Sunday's
        ("2026-11-23T07:30:00", 0),
        ("2026-11-23T16:59:59.999999", 0),
        ("2026-11-23T17:00:00", None),
        ("2026-11-24T12:00:00", None),
        ("2026-11-28T21:59:59", None),
        ("2026-11-28T22:00:00", 1),
        ("2026-11-29T05:59:59", 1),  # Sunday morning belongs to Saturday's slot
        ("2026-11-29T06:00:00", None),
        ("2026-11-29T22:00:00", 2),
        ("2026-11-30T00:00:00", 2),  # across the end of the week
        ("2026-11-30T07:30:00", 0),
        ("2026-12-02T00:00:00", 3),
        ("2026-12-02T23:59:59", 3),
        ("2026-12-03T00:00:00", None),
    ],
)
def test_slots(at, on):
    slots = [
        slot("mon fri", "07:30", "17:00"),
        slot("sat", "22:00", "06:00"),
        slot("sun", "22:00", "07:30"),
        slot("wed", "00:00", "00:00"),
    ]
    assert slot_at(slots, local(at)) == on


def minutes_on(one):
    """The minutes of the week a slot is on, counted one by one."""
    length = (one.to.hour * 60 + one.to.minute - one.from_.hour * 60 - one.from_.minute) % 1440 or 1440
    begins = [DAYS.index(day) * 1440 + one.from_.hour * 60 + one.from_.minute for day in one.days]
    return {(begin + minute) % 10080 for begin in begins for minute in range(length)}


clocks = st.builds(dt.time, st.integers(0, 23), st.integers(0, 59))
slots = st.builds(
    Slot, days=st.lists(st.sampled_from(DAYS), min_size=1, unique=True).map(tuple), from_=clocks, to=clocks,
    plan=st.just("p"),
)  # fmt: skip


@given(slots, slots)
def test_slots_hold_exactly_their_minutes(first, second):
    """At each end of both slots, the second before and after: what counting minutes says."""
    ends = {
        (DAYS.index(day) * 1440 + time.hour * 60 + time.minute) % 10080
        for one in (first, second) for day in DAYS for time in (one.from_, one.to)
    }  # fmt: skip
    for minute in ends:
        for shift in (-SECOND, SECOND * 0, SECOND):
            at = MONDAY + dt.timedelta(minutes=minute) + shift
            of_week = int((at - MONDAY) / dt.timedelta(minutes=1) // 1) % 10080
            expected = 0 if of_week in minutes_on(first) else 1 if of_week in minutes_on(second) else None
            assert slot_at([first, second], at) == expected


def test_closures_include_both_ends_and_the_first_counts():
    closures = [
        Closure(from_=dt.date(2026, 12, 24), to=dt.date(2027, 1, 6), plan="p"),
        Closure(from_=dt.date(2026, 12, 1), to=dt.date(2026, 12, 24), plan="p"),
    ]
    assert closure_at(closures, local("2026-11-30T23:59:59")) is None
    assert closure_at(closures, local("2026-12-01T00:00:00")) == 1
    assert closure_at(closures, local("2026-12-24T00:00:00")) == 0
    assert closure_at(closures, local("2027-01-06T23:59:59")) == 0
    assert closure_at(closures, local("2027-01-07T00:00:00")) is None


def test_a_holiday_is_a_whole_day():
    holidays = {dt.date(2026, 12, 25): "Erster Weihnachtstag"}
    assert holiday_at(holidays, local("2026-12-24T23:59:59.999999")) is None
    assert holiday_at(holidays, local("2026-12-25T00:00:00")) == "Erster Weihnachtstag"
    assert holiday_at(holidays, local("2026-12-25T23:59:59")) == "Erster Weihnachtstag"
    assert holiday_at(holidays, local("2026-12-26T00:00:00")) is None


@pytest.mark.parametrize(
    ("written", "now", "at"),
    [
        ("14:00", "2026-11-25T13:59:59+01:00", "2026-11-25T14:00+01:00"),
        ("14:00", "2026-11-25T14:00:00+01:00", "2026-11-26T14:00+01:00"),
        (" 7:05 ", "2026-12-31T14:00:00+01:00", "2027-01-01T07:05+01:00"),
        ("24:00", "2026-11-25T13:00:00+01:00", "2026-11-26T00:00+01:00"),
        ("02:30", "2026-03-28T12:00:00+01:00", "2026-03-29T03:30+02:00"),  # that night's clock has no 02:30
        ("02:30", "2026-10-24T12:00:00+02:00", "2026-10-25T02:30+02:00"),  # and this one's two
        ("02:30", "2026-10-25T02:45:00+02:00", "2026-10-25T02:30+01:00"),
        ("2026-12-01T08:00", "2026-11-25T13:00:00+01:00", "2026-12-01T08:00+01:00"),
        ("2026-12-01T08:00:00Z", "2026-11-25T13:00:00+01:00", "2026-12-01T09:00+01:00"),
        ("2026-12-01", "2026-11-25T13:00:00+01:00", "2026-12-01T00:00+01:00"),
        ("25:00", "2026-11-25T13:00:00+01:00", None),
        ("24:30", "2026-11-25T13:00:00+01:00", None),
        ("tomorrow", "2026-11-25T13:00:00+01:00", None),
        ("", "2026-11-25T13:00:00+01:00", None),
        ("0001-01-01T00:00+14:00", "2026-11-25T13:00:00+01:00", None),
        ("9999-12-31T23:59", "2026-11-25T13:00:00+01:00", None),
        ("1999-12-31", "2026-11-25T13:00:00+01:00", None),
        ("2101-01-01", "2026-11-25T13:00:00+01:00", None),
        ("2100-12-31", "2026-11-25T13:00:00+01:00", "2100-12-31T00:00+01:00"),
    ],
)
def test_until(written, now, at):
    berlin = ZoneInfo("Europe/Berlin")
    found = until(written, dt.datetime.fromisoformat(now).astimezone(berlin))
    if at is None:
        assert found is None
    else:
        assert found.tzinfo is berlin
        assert found.astimezone(dt.UTC) == dt.datetime.fromisoformat(at)
