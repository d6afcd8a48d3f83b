import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.roster import Handover, edges, hand_on, next_in_line, on_call_at, scheduled_at
from appliance.core.settings import Shift

MONDAY = dt.datetime.fromisoformat("2026-11-23")
BERLIN = ZoneInfo("Europe/Berlin")


def local(text):
    return dt.datetime.fromisoformat(text)


def aware(text):
    return local(text).replace(tzinfo=BERLIN)


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


# --- handing over ------------------------------------------------------------------------------

WEEKS = [
    shift("anna", "2026-11-23T17:00", "2026-11-30T17:00", 3),
    shift("bert", "2026-11-30T17:00", "2026-12-07T17:00", 3),
    shift("carl", "2026-12-07T17:00", "2026-12-14T17:00", 3),
]


def handover(who, to, starts, ends=None, at="2026-11-20T12:00"):
    return Handover(who, to, aware(starts), aware(ends) if ends else None, aware(at))


TAKEN_OVER = [handover("anna", "bert", "2026-11-25T08:00", "2026-11-26T08:00")]
GIVEN_AWAY = [handover("anna", "bert", "2026-11-25T20:00")]
SWAPPED = [
    handover("anna", "bert", "2026-11-23T17:00", "2026-12-07T17:00"),
    handover("bert", "anna", "2026-11-23T17:00", "2026-12-07T17:00"),
]
GIVEN_ON = [*GIVEN_AWAY, handover("anna", "carl", "2026-11-25T22:00", at="2026-11-25T22:00")]
GIVEN_BACK = [*GIVEN_ON, handover("anna", "anna", "2026-11-25T23:00", at="2026-11-25T23:00")]


@pytest.mark.parametrize(
    ("handovers", "at", "who"),
    [
        (TAKEN_OVER, "2026-11-25T07:59:59", "anna"),
        (TAKEN_OVER, "2026-11-25T08:00:00", "bert"),
        (TAKEN_OVER, "2026-11-26T07:59:59", "bert"),
        (TAKEN_OVER, "2026-11-26T08:00:00", "anna"),
        (GIVEN_AWAY, "2026-11-25T19:59:59", "anna"),
        (GIVEN_AWAY, "2026-11-30T16:59:59", "bert"),
        (GIVEN_AWAY, "2026-11-30T17:00:00", "bert"),  # his own
        (GIVEN_AWAY, "2026-12-14T17:00:00", "anna"),  # her next one is hers
        (SWAPPED, "2026-11-24T12:00:00", "bert"),
        (SWAPPED, "2026-12-01T12:00:00", "anna"),
        (SWAPPED, "2026-12-08T12:00:00", "carl"),
        (SWAPPED, "2026-12-14T17:00:00", "anna"),
        (GIVEN_ON, "2026-11-25T21:59:59", "bert"),
        (GIVEN_ON, "2026-11-25T22:00:00", "carl"),
        (GIVEN_BACK, "2026-11-25T23:00:00", "anna"),
        ([handover("anna", "bert", "2026-11-20T00:00")], "2026-11-28T00:00:00", "bert"),  # before her shift: the next
        ([handover("anna", "bert", "2026-11-20T00:00")], "2026-12-20T00:00:00", "anna"),
        ([handover("emil", "bert", "2026-11-20T00:00")], "2026-11-28T00:00:00", "anna"),
        (TAKEN_OVER, "2026-11-22T12:00:00", None),  # nobody's duty cannot be handed over
    ],
)
def test_a_duty_handed_over(handovers, at, who):
    assert on_call_at(WEEKS, aware(at), handovers) == who
    assert on_call_at(WEEKS, aware(at), list(reversed(handovers))) == who


def test_a_handover_ends_at_its_second_of_the_repeated_hour():
    """At the end of summer time 02:30 comes twice; the handover that ends at the first does not go on to the second."""
    night = [Shift(target="anna", from_=local("2026-10-24T20:00"), to=local("2026-10-25T08:00"))]
    ends = dt.datetime.fromisoformat("2026-10-25T00:30+00:00")
    handovers = [Handover("anna", "bert", aware("2026-10-24T22:00"), ends, aware("2026-10-24T21:00"))]
    for minutes, who in ((-1, "bert"), (0, "anna"), (59, "anna"), (61, "anna")):
        assert on_call_at(night, (ends + dt.timedelta(minutes=minutes)).astimezone(BERLIN), handovers) == who


@pytest.mark.parametrize(
    ("at", "without", "who"),
    [
        ("2026-11-25T12:00", {"anna"}, "bert"),
        ("2026-12-01T12:00", {"bert"}, "carl"),
        ("2026-12-08T12:00", {"carl"}, "anna"),
        ("2026-12-08T12:00", {"carl", "anna"}, "bert"),
        ("2026-12-08T12:00", {"carl", "anna", "bert"}, None),
        ("2026-11-01T12:00", set(), "anna"),
    ],
)
def test_who_is_next(at, without, who):
    assert next_in_line(WEEKS, local(at), without) == who


def test_who_has_no_shift_to_come_is_last():
    once = [
        shift("anna", "2026-11-01T00:00", "2026-11-02T00:00"),
        shift("bert", "2026-12-01T00:00", "2026-12-02T00:00"),
    ]
    assert next_in_line(once, local("2026-11-25T12:00"), set()) == "bert"
    assert next_in_line(once, local("2026-11-25T12:00"), {"bert"}) == "anna"
    assert next_in_line([], local("2026-11-25T12:00"), set()) is None


def test_the_duty_goes_from_one_to_the_next_and_to_nobody_twice():
    at, handovers, had = aware("2026-11-25T20:00"), [], ["anna"]
    while one := hand_on(WEEKS, handovers, at):
        assert one.from_target == "anna"
        assert one.ends is None
        handovers.append(one)
        had.append(on_call_at(WEEKS, at, handovers))
        at += dt.timedelta(hours=1)
    assert had == ["anna", "bert", "carl"]
    assert scheduled_at(WEEKS, at) == "anna"
    assert hand_on(WEEKS, [], aware("2026-11-01T12:00")) is None


@given(
    start=st.integers(0, 500).map(lambda hours: MONDAY + dt.timedelta(hours=hours)),
    hours=st.integers(1, 168),
    weeks=st.none() | st.integers(1, 3),
    first=st.integers(-50, 900).map(lambda hours: MONDAY + dt.timedelta(hours=hours)),
)
def test_edges_are_where_the_roster_changes(start, hours, weeks, first):
    roster = [Shift(target="a", from_=start, to=start + dt.timedelta(hours=hours), repeat_weeks=weeks)]
    last = first + dt.timedelta(hours=200)
    hour = dt.timedelta(hours=1)
    seen = {
        first + hour * step for step in range(201)
        if on_call_at(roster, first + hour * step) != on_call_at(roster, first + hour * step - hour)
    }  # fmt: skip
    found = list(edges(roster, first, last))
    assert seen <= set(found)
    assert all(first <= edge <= last for edge in found)
    if weeks is None or hours < 168 * weeks:
        assert seen == set(found)
