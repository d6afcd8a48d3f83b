"""What the statistics show, of up to a year of hours: the figures of `core.stats.report` without waits by day and hour,
which nobody looks at there and which take most of its time. Kept until another call is counted."""

from __future__ import annotations

import datetime as dt
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from appliance.core import stats
from appliance.core.stats import Hour, Tally
from web.box import Box

Figures = Mapping[str, Any]
NONE: Figures = Tally().figures()


class Tallies(Struct, frozen=True):
    """Figures by what they count. `weeks`: by ISO year and week; `weekdays`: from Monday; `targets`: by name."""

    total: Figures
    days: Mapping[dt.date, Figures]
    weeks: Mapping[tuple[int, int], Figures]
    hours: tuple[Figures, ...]
    weekdays: tuple[Figures, ...]
    targets: tuple[tuple[str, Figures], ...]


class Kept:
    """The last of each span, with what it was made of."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[int, tuple[object, Tallies]] = {}

    def since(self, box: Box, first: dt.date) -> Tallies:
        """Of the calls from this local day on. Raises StoreError."""
        start = dt.datetime.combine(first, dt.time(0), box.zone)
        mark = (first, str(box.zone), box.state, box.store.counted(start))
        span = (box.local.date() - first).days
        with self._lock:
            kept = self._found.get(span)
        if kept is None or kept[0] != mark:
            kept = (mark, tally(box.store.hours(start), box.zone))
            with self._lock:
                self._found[span] = kept
        return kept[1]


def tally(found: Iterable[Hour], zone: dt.tzinfo) -> Tallies:
    """Count these hours by the local time they began in."""
    found = list(found)
    width = 1 + len(stats.OUTCOMES)
    days: defaultdict[dt.date, list[int]] = defaultdict(lambda: [0] * width)
    hours = [[0] * width for _ in range(24)]
    for one in found:
        local = dt.datetime.fromtimestamp(one.hour * 3600, zone)
        for sums in (days[local.date()], hours[local.hour]):
            for place in range(width):
                sums[place] += one[place + 1]  # type: ignore[operator]
    weeks: defaultdict[tuple[int, int], Tally] = defaultdict(Tally)
    weekdays = [Tally() for _ in range(7)]
    for day, sums in days.items():
        year, week, weekday = day.isocalendar()
        for group in (weeks[year, week], weekdays[weekday - 1]):
            group.add(Tally(sums))
    total = Tally(reached=stats.entries(found))
    for one_day in weekdays:
        total.add(one_day)
    return Tallies(
        total=total.figures(),
        days={day: Tally(sums).figures() for day, sums in sorted(days.items())},
        weeks={week: group.figures() for week, group in sorted(weeks.items())},
        hours=tuple(Tally(sums).figures() for sums in hours),
        weekdays=tuple(group.figures() for group in weekdays),
        targets=tuple((target, group.figures()) for target, group in sorted(total.by_target().items())),
    )
