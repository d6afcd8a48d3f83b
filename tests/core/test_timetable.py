import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.settings import DAYS, Closure, Shift, Slot
from appliance.core.timetable import closure_at, on_call_at, slot_at

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


def shift(target, start, end, weeks=None):
    return Shift(target=target, from_=local(start), to=local(end), repeat_weeks=weeks)


@pytest.mark.parametrize(
    ("at", "who"),
    [
        ("2026-11-23T16:59:59", None),
        ("2026-11-23T17:00:00", "anna"),
        ("2026-11-30T07:29:59", "anna"),
        ("2026-11-30T07:30:00", "bert"),
        ("2026-12-07T17:00:00", "anna"),  # two weeks on
        ("2026-12-14T07:30:00", None),
        ("2027-11-08T17:00:00", "anna"),
        ("2027-11-15T17:00:00", None),
    ],
)
def test_roster(at, who):
    roster = [
        shift("anna", "2026-11-23T17:00", "2026-11-30T07:30", 2),
        shift("bert", "2026-11-30T00:00", "2026-12-07T17:30"),
    ]
    assert on_call_at(roster, local(at)) == who


@given(
    start=st.integers(0, 744).map(lambda hours: MONDAY + dt.timedelta(hours=hours)),
    hours=st.integers(1, 168),
    weeks=st.integers(1, 5),
    offset=st.integers(-10, 5000),
)
def test_a_repeated_shift_is_on_when_one_of_its_copies_is(start, hours, weeks, offset):
    length = dt.timedelta(hours=hours)
    now = start + dt.timedelta(hours=offset)
    copies = [start + dt.timedelta(weeks=weeks * copy) for copy in range(40)]
    on = any(copy <= now < copy + length for copy in copies)
    assert on_call_at([Shift(target="a", from_=start, to=start + length, repeat_weeks=weeks)], now) == (
        "a" if on else None
    )
