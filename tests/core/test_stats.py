"""Counts by the hour into figures, held against calls counted one by one."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.stats import END, OUTCOMES, PART, USUAL_MISSED_SHARE, WEEKDAYS, Hour, median, report

BERLIN = ZoneInfo("Europe/Berlin")


def hours_of(calls):
    """As the store counts them: (UTC time, outcome, target, wait) each."""
    found = defaultdict(list)
    for at, *rest in calls:
        found[int(at.timestamp()) // 3600].append(rest)
    for hour, ended in sorted(found.items()):
        outcomes = Counter(outcome for outcome, *_ in ended)
        reached = "".join(f"{target}{PART}{wait}{PART}0{END}" for _, target, wait in ended if target)
        yield Hour(hour, len(ended), *(outcomes[outcome] for outcome in OUTCOMES), reached)


def test_nothing():
    found = report([], BERLIN)
    assert found["total"] == {
        "calls": 0, "answered_here": 0, "forwarded": 0, "missed": 0, "blocked": 0, "voicemail": 0,
        "missed_share": None, "median_seconds_to_human": None,
    }  # fmt: skip
    assert (found["by_day"], found["by_week"], found["by_target"]) == ([], [], [])
    assert (len(found["by_hour"]), len(found["by_weekday"])) == (24, 7)
    assert found["usual_missed_share"] == USUAL_MISSED_SHARE == 0.27


def test_a_few_calls():
    monday = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
    tuesday = datetime(2026, 11, 23, 23, 10, tzinfo=UTC)  # already tomorrow in Berlin
    found = report(
        hours_of([
            (monday, "forwarded", "desk", 10), (monday, "forwarded", "desk", 10), (monday, "forwarded", "anna", 40),
            (monday, "missed", None, None), (tuesday, "blocked", None, None), (tuesday, "missed", None, None),
            (tuesday, "forwarded", "anna", 20),
        ]),
        BERLIN,
    )  # fmt: skip
    assert [(day["day"], day["calls"], day["missed"], day["missed_share"]) for day in found["by_day"]] == [
        ("2026-11-23", 4, 1, 0.25),
        ("2026-11-24", 3, 1, 0.5),
    ]
    assert [(week["week"], week["calls"]) for week in found["by_week"]] == [("2026-W48", 7)]
    assert [
        (target["target"], target["calls"], target["median_seconds_to_human"]) for target in found["by_target"]
    ] == [
        ("anna", 2, 30.0),
        ("desk", 2, 10.0),
    ]
    assert found["total"]["median_seconds_to_human"] == 15.0
    assert found["by_hour"][23]["calls"] == 4
    assert found["by_hour"][0]["blocked"] == 1
    assert [day["calls"] for day in found["by_weekday"]] == [4, 3, 0, 0, 0, 0, 0]


def test_the_week_of_a_year_that_begins_in_it():
    found = report(hours_of([(datetime(2027, 1, 2, 12, tzinfo=UTC), "missed", None, None)]), BERLIN)
    assert found["by_week"][0]["week"] == "2026-W53"


CALL = st.tuples(
    st.integers(1_790_812_800, 1_796_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from([("missed", None, None), ("blocked", None, None), ("answered_here", None, None)])
    | st.tuples(st.just("forwarded"), st.sampled_from(["desk", "an,na", "be\x7frt|"]), st.integers(0, 99)),
).map(lambda pair: (pair[0], *pair[1]))


@given(st.lists(CALL, max_size=60), st.sampled_from(["Europe/Berlin", "America/New_York", "UTC"]))
def test_the_same_as_counted_one_by_one(calls, zone):
    found = report(hours_of(calls), ZoneInfo(zone))
    for part, key, name_of in (
        ("by_day", "day", lambda at: f"{at:%Y-%m-%d}"),
        ("by_hour", "hour", lambda at: at.hour),
        ("by_weekday", "weekday", lambda at: WEEKDAYS[at.weekday()]),
        ("by_week", "week", lambda at: "{}-W{:02}".format(*at.isocalendar())),
    ):
        for figures in found[part]:
            mine = [call for call in calls if name_of(call[0].astimezone(ZoneInfo(zone))) == figures[key]]
            check(figures, mine)
        assert sum(figures["calls"] for figures in found[part]) == len(calls)
    for figures in found["by_target"]:
        check(figures, [call for call in calls if call[2] == figures["target"]])
    check(found["total"], calls)


def check(figures, calls):
    waits = [wait for _, outcome, _, wait in calls if outcome == "forwarded"]
    assert figures["calls"] == len(calls)
    for outcome in OUTCOMES:
        assert figures[outcome] == sum(call[1] == outcome for call in calls)
    assert figures["median_seconds_to_human"] == (statistics.median(waits) if waits else None)
    heard = [call for call in calls if call[1] != "blocked"]
    share = sum(call[1] == "missed" for call in heard) / len(heard) if heard else None
    assert figures["missed_share"] == (None if share is None else pytest.approx(share, abs=1e-4))


@given(st.lists(st.integers(0, 50), min_size=1))
def test_the_median(values):
    assert median(Counter(values)) == statistics.median(values)
