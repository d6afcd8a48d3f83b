"""What the statistics show is what the report says."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from appliance.core import stats
from appliance.core.stats import END, PART, Hour
from web import tallies

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = 494_000
"""Hours since 1970: in May 2026; the next change of the clocks is within the year."""
entry = st.tuples(st.sampled_from(["Anna", "Büro", ""]), st.integers(0, 90), st.integers(0, 9)).map(
    lambda one: PART.join(map(str, one)) + END
)


@st.composite
def hours(draw):
    found = []
    for hour in sorted(draw(st.sets(st.integers(FIRST, FIRST + 9000), max_size=40))):
        counts = draw(st.lists(st.integers(0, 20), min_size=5, max_size=5))
        found.append(Hour(hour, sum(counts), *counts, "".join(draw(st.lists(entry, max_size=4)))))
    return found


@given(hours())
def test_the_same_figures(found):
    report, ours = stats.report(found, BERLIN), tallies.tally(found, BERLIN)

    def told(one, *besides):
        return {name: value for name, value in one.items() if name not in ("median_seconds_to_human", *besides)}

    assert ours.total == report["total"]
    assert [(day.isoformat(), told(one)) for day, one in ours.days.items()] == [
        (one["day"], told(one, "day")) for one in report["by_day"]
    ]
    assert {f"{year}-W{week:02}": told(one) for (year, week), one in ours.weeks.items()} == {
        one["week"]: told(one, "week") for one in report["by_week"]
    }
    assert [told(one) for one in ours.hours] == [told(one, "hour") for one in report["by_hour"]]
    assert [told(one) for one in ours.weekdays] == [told(one, "weekday") for one in report["by_weekday"]]
    assert [{"target": name, **one} for name, one in ours.targets] == report["by_target"]


def test_kept_until_another_call_is_counted(app, store, watch, monkeypatch):
    from appliance.core.records import CallRecord
    from appliance.store.changes import SaveCall
    from web.box import the_box

    kept, counted = tallies.Kept(), []
    monkeypatch.setattr(tallies, "tally", lambda *args: counted.append(args) or len(counted))
    day = dt.date(2026, 11, 1)
    with app.test_request_context("/"):
        assert [kept.since(the_box(), day), kept.since(the_box(), day)] == [1, 1]
        store.write(SaveCall(CallRecord(99, "office", watch.now, "+491701", outcome="missed", ended_at=watch.now)))
        assert kept.since(the_box(), day) == 2
        assert kept.since(the_box(), day - dt.timedelta(days=7)) == 3
        assert kept.since(the_box(), day) == 2
