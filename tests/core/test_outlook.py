"""When the plan changes, and when nobody is on call, compared with looking at every minute."""

import datetime as dt
import tomllib
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.outlook import gaps, gaps_in_words, next_change, tomorrow_gaps
from appliance.core.plan import Override, plan_at
from appliance.core.roster import on_call_at
from appliance.core.settings_check import check

from .settings_sample import SMALL

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = dt.timedelta(minutes=1)
PLANS = [{"name": "open", "chain": ["desk"]}, {"name": "closed"}, {"name": "night", "chain": ["on-call"]}]


def settings(slots=(), otherwise="closed", **tables):
    timetable = {"otherwise": otherwise, "slot": list(slots)}
    checked = check(tomllib.loads(SMALL) | {"plan": PLANS, "timetable": timetable} | tables)
    assert checked.mistakes == []
    return checked.settings


def slot(days, start, end, plan):
    return {"days": days.split(), "from": start, "to": end, "plan": plan}


def shift(start, end, weeks=None):
    more = {"repeat_weeks": weeks} if weeks else {}
    return {"target": "desk", "from": dt.datetime.fromisoformat(start), "to": dt.datetime.fromisoformat(end)} | more


def aware(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def change(settings, at, override=None):
    found = next_change(settings, aware(at), override)
    return (f"{found.at:%Y-%m-%d %H:%M:%S}", found.plan) if found else None


WORKDAYS = slot("mon tue wed thu fri", "07:30", "17:00", "open")


@pytest.mark.parametrize(
    ("at", "then"),
    [
        ("2026-11-25T12:00", ("2026-11-25 17:00:00", "closed")),
        ("2026-11-25T17:00", ("2026-11-26 07:30:00", "open")),
        ("2026-11-27T16:59:59", ("2026-11-27 17:00:00", "closed")),
        ("2026-11-27T18:00", ("2026-11-30 07:30:00", "open")),
        ("2026-12-23T18:00", ("2027-01-07 07:30:00", "open")),  # over the closure and a holiday on a workday
        ("2026-05-13T18:00", ("2026-05-15 07:30:00", "open")),  # Ascension Day
    ],
)
def test_the_next_change(at, then):
    closure = [{"from": dt.date(2026, 12, 24), "to": dt.date(2027, 1, 6), "plan": "closed"}]
    tables = tomllib.loads('[business]\nowner_mobile = "+4915112345678"\nregion = "BY"')
    one = settings([WORKDAYS], closure=closure, holidays={"plan": "closed"}, **tables)
    assert change(one, at) == then


def test_what_never_changes():
    assert change(settings(), "2026-11-25T12:00") is None
    assert change(settings([slot("mon", "08:00", "09:00", "closed")]), "2026-11-25T12:00") is None
    assert change(settings([WORKDAYS]), "2026-11-25T12:00", Override("night")) is None


def test_the_end_of_an_override_is_a_change():
    until = aware("2026-11-25T14:00")
    assert change(settings([WORKDAYS]), "2026-11-25T12:00", Override("night", until)) == ("2026-11-25 14:00:00", "open")
    # ... unless the plan is the same then
    same = Override("open", until)
    assert change(settings([WORKDAYS]), "2026-11-25T12:00", same) == ("2026-11-25 17:00:00", "closed")
    assert change(settings([WORKDAYS]), "2026-11-25T15:00", Override("night", until)) == (
        "2026-11-25 17:00:00",
        "closed",
    )


@pytest.mark.parametrize(
    ("start", "end", "at", "then"),
    [
        ("02:30", "05:00", "2026-03-29T01:00", "2026-03-29T01:00+00:00"),  # 03:00, the first moment after the jump
        ("02:15", "02:45", "2026-03-28T12:00", "2026-04-05T00:15+00:00"),  # left out: a week later
        ("02:30", "05:00", "2026-10-25T01:00", "2026-10-25T00:30+00:00"),
        ("01:00", "02:30", "2026-10-25T01:30", "2026-10-25T00:30+00:00"),
    ],
)
def test_where_the_clock_changes(start, end, at, then):
    one = settings([slot("sun", start, end, "open")])
    assert next_change(one, aware(at)).at.astimezone(dt.UTC) == dt.datetime.fromisoformat(then)


def test_the_repeated_hour_begins_a_slot_twice():
    """Slot 02:30 to 05:00: on at 02:30, off when it is 02:00 again, on at 02:30 again, off at 05:00."""
    one, at, seen = settings([slot("sun", "02:30", "05:00", "open")]), aware("2026-10-25T00:00"), []
    for _ in range(4):
        found = next_change(one, at)
        at = found.at
        seen.append((f"{at.astimezone(dt.UTC):%d %H:%M}", found.plan))
    assert seen == [("25 00:30", "open"), ("25 01:00", "closed"), ("25 01:30", "open"), ("25 04:00", "closed")]


clocks = st.tuples(st.sampled_from([0, 1, 2, 3, 7, 17, 23]), st.sampled_from([0, 15, 30, 59])).map(
    lambda time: f"{time[0]:02}:{time[1]:02}"
)
slots = st.builds(
    lambda day, start, end, plan: slot(day, start, end, plan),
    st.sampled_from(["sat", "sun", "mon", "fri"]), clocks, clocks, st.sampled_from(["open", "closed", "night"]),
)  # fmt: skip
weekends = st.sampled_from(["2026-03-27", "2026-10-23", "2026-12-23", "2028-02-27"])


@given(
    one=slots,
    other=slots,
    begin=weekends,
    minute=st.integers(0, 3 * 1440),
    until=st.none() | st.integers(0, 3 * 1440),
)
def test_the_change_is_what_looking_at_every_minute_finds(one, other, begin, minute, until):
    data = tomllib.loads(SMALL) | {"plan": PLANS, "timetable": {"otherwise": "open", "slot": [one, other]}}
    checked = check(data)
    if checked.settings is None:  # the slots overlap
        data["timetable"]["slot"] = [one]
        checked = check(data)
    start = aware(begin + "T00:00").astimezone(dt.UTC)
    at = start + minute * MINUTE
    override = Override("night", start + until * MINUTE) if until is not None else None
    minutes = (at + step * MINUTE for step in range(1, 3 * 1440))
    plans = ((then, plan_at(checked.settings, then.astimezone(BERLIN), override)) for then in minutes)
    now = plan_at(checked.settings, at.astimezone(BERLIN), override)
    expected = next(((then, plan) for then, plan in plans if plan != now), None)
    found = next_change(checked.settings, at, override)
    if expected is None:
        assert found is None or found.at > at + (3 * 1440 - 1) * MINUTE
    else:
        assert (found.at.astimezone(dt.UTC), found.plan) == expected


# --- gaps --------------------------------------------------------------------------------------


def named(found):
    return [(f"{start:%d %H:%M}", f"{end:%d %H:%M}") for start, end in found]


def test_a_gap_is_where_a_plan_counts_on_nobody():
    one = settings([WORKDAYS], "night", roster=[shift("2026-11-23T17:00", "2026-11-25T20:00")])
    found = gaps(one, [], aware("2026-11-23T00:00"), aware("2026-11-27T00:00"))
    assert named(found) == [("23 00:00", "23 07:30"), ("25 20:00", "26 07:30"), ("26 17:00", "27 00:00")]
    assert all(start.tzinfo == end.tzinfo == BERLIN for start, end in found)


def test_nobody_counts_on_anybody():
    asked = aware("2026-11-23T00:00"), aware("2026-11-27T00:00")
    assert gaps(settings([WORKDAYS], "night"), [], *asked) == []  # no roster
    roster = [shift("2026-11-23T17:00", "2026-11-25T20:00")]
    assert gaps(settings([WORKDAYS], "closed", roster=roster), [], *asked) == []  # no plan with "on-call"


@pytest.mark.parametrize(
    "table", [{"caller": [{"number": "089777", "plan": "night"}]}, {"callers": {"withheld": "night"}}]
)
def test_a_callers_plan_counts_at_any_time(table):
    one = settings([WORKDAYS], "closed", roster=[shift("2026-11-23T17:00", "2026-11-25T20:00")], **table)
    found = gaps(one, [], aware("2026-11-23T00:00"), aware("2026-11-27T00:00"))
    assert named(found) == [("23 00:00", "23 17:00"), ("25 20:00", "27 00:00")]


@pytest.mark.parametrize(
    ("at", "gap"),
    [
        ("2026-11-24T12:00", ("25 20:00", "26 07:30")),
        ("2026-11-23T12:00", None),
        ("2026-11-25T23:59", ("26 00:00", "26 07:30")),
        ("2026-11-26T12:00", ("27 00:00", "27 07:30")),
        ("2026-11-27T12:00", ("28 00:00", "30 07:30")),  # the whole weekend, said on Friday
    ],
)
def test_a_gap_tomorrow(at, gap):
    one = settings([WORKDAYS], "night", roster=[shift("2026-11-23T17:00", "2026-11-25T20:00")])
    found = next(iter(tomorrow_gaps(one, [], aware(at))), None)
    assert (named([found])[0] if found else None) == gap


def test_all_gaps_of_tomorrow():
    roster = [shift("2026-11-23T00:00", "2026-11-24T08:00"), shift("2026-11-24T09:00", "2026-11-24T20:00"),
              shift("2026-11-24T22:00", "2026-11-25T08:00")]  # fmt: skip
    one = settings((), "night", roster=roster)
    found = tomorrow_gaps(one, [], aware("2026-11-23T12:00"))
    assert named(found) == [("24 08:00", "24 09:00"), ("24 20:00", "24 22:00")]
    assert gaps_in_words(found) == "24.11. 08:00–09:00, 20:00–22:00"
    assert next(iter(tomorrow_gaps(one, [], aware("2026-11-23T12:00"))), None) == found[0]
    assert tomorrow_gaps(one, [], aware("2026-11-22T12:00")) == []


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([], ""),
        ([("24T20:00", "25T00:00")], "24.11. 20:00–24:00"),
        ([("24T00:00", "25T00:00")], "24.11. 00:00–24:00"),
        ([("24T20:00", "26T07:30")], "24.11. 20:00–26.11. 07:30"),
        ([("24T08:00", "24T09:00"), ("24T20:00", "27T00:00")], "24.11. 08:00–09:00, 20:00–26.11. 24:00"),
        ([("24T08:00", "24T09:00"), ("25T08:00", "25T09:00")], "24.11. 08:00–09:00, 25.11. 08:00–09:00"),
        ([(f"24T{hour:02}:00", f"24T{hour:02}:30") for hour in range(5)],
         "24.11. 00:00–00:30, 01:00–01:30, 02:00–02:30, +2"),
    ],
)  # fmt: skip
def test_gaps_in_words(found, words):
    assert gaps_in_words([(aware(f"2026-11-{a}"), aware(f"2026-11-{b}")) for a, b in found]) == words
    assert len(words) <= 60  # what an alarm tells in full


@pytest.mark.parametrize("zone", [dt.UTC, dt.timezone(dt.timedelta(hours=-12)), dt.timezone(dt.timedelta(hours=14))])
def test_the_end_of_time(zone):
    one = settings([WORKDAYS], "night", roster=[shift("2026-11-23T17:00", "2026-11-25T20:00")])
    last = dt.datetime.max.replace(tzinfo=zone)
    assert next_change(one, aware("2026-11-25T12:00"), Override("night", last)) is None
    end = aware("2027-01-01T00:00")
    assert next_change(one, aware("2026-11-25T12:00"), Override("night", end)) is not None
    assert gaps(one, [], dt.datetime(9997, 12, 30, tzinfo=dt.UTC), last)[-1][1].year == 9998


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"])
def test_tomorrow_may_have_another_length(day):
    one = settings((), "night", roster=[shift("2026-01-01T00:00", f"{day}T23:00")])
    following = dt.date.fromisoformat(day) + dt.timedelta(days=1)
    start, _ = next(iter(tomorrow_gaps(one, [], aware(f"{day}T12:00"))), None)
    assert f"{start:%Y-%m-%d %H:%M}" == f"{following} 00:00"


@given(
    begin=st.integers(0, 72),
    length=st.integers(1, 100),
    weeks=st.none() | st.just(1),
    weekend=weekends,
    hours=st.integers(1, 60),
)
def test_gaps_are_the_hours_without_anybody(begin, length, weeks, weekend, hours):
    """The roster is meant by the clock on the wall; each hour that passes is one, also where it comes twice."""
    day = dt.datetime.fromisoformat(weekend)
    start = day + dt.timedelta(hours=begin)
    one = settings(
        (), "night", roster=[shift(start.isoformat(), (start + dt.timedelta(hours=length)).isoformat(), weeks)]
    )
    first = day.replace(tzinfo=BERLIN).astimezone(dt.UTC)
    hour = dt.timedelta(hours=1)
    found = gaps(one, [], first, first + hours * hour)
    for step in range(hours):
        at = first + step * hour
        nobody = on_call_at(one.roster, at.astimezone(BERLIN)) is None
        assert nobody == any(a.astimezone(dt.UTC) <= at < b.astimezone(dt.UTC) for a, b in found)
