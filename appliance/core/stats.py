"""Statistics of calls: how many ended how, when, and how long callers waited for a human.

They are computed from counts by the hour, which hold no numbers and outlive the calls themselves.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct, field

USUAL_MISSED_SHARE = 0.27
"""What local trades and services miss of their calls (KennstDuEinen, quoted by an answering-service provider)."""

OUTCOMES = ("answered_here", "forwarded", "missed", "blocked", "voicemail")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

PART, END = "\x1f", "\x1e"
"""What ends a part and an entry of `Hour.reached`."""


class Hour(NamedTuple):
    """The calls that began in one hour. `hour`: full hours since 1970, UTC. `calls` are all of them.

    `reached` has an entry for each forwarded call: target, seconds from the first ring to the human, started minutes
    (0: unknown). It is one text, since there are many and only sums of them are wanted; `entries` counts them.
    """

    hour: int
    calls: int
    answered_here: int
    forwarded: int
    missed: int
    blocked: int
    voicemail: int
    reached: str


def entries(hours: Iterable[Hour]) -> Counter[str]:
    """How often each entry of `reached` occurs. They are counted as texts, since few of them differ."""
    found = Counter("".join([hour.reached for hour in hours]).split(END))
    del found[""]
    return found


@lru_cache(maxsize=8192)
def read_entry(entry: str) -> tuple[str, int, int]:
    """Target, seconds and minutes of an entry."""
    target, wait, minutes = entry.rsplit(PART, 2)
    return target, int(wait), int(minutes)


def report(hours: Iterable[Hour], zone: tzinfo) -> dict[str, object]:
    """Everything about these hours, in order, as JSON has it. Days and hours are those of `zone`.

    `total`, and the same figures for each `by_day` ("2026-11-23"), `by_week` ("2026-W48"), `by_hour` (all 24),
    `by_weekday` (all 7) and `by_target`: `calls`, one count for each outcome, `missed_share` (of the calls that no
    rule blocked; None without calls) and `median_seconds_to_human` (None where nobody was reached). In a zone that is
    half an hour off, a call counts for the local hour in which its UTC hour began. Targets have only calls that
    reached them.
    """
    days: defaultdict[date, list[Hour]] = defaultdict(list)
    of_day: defaultdict[int, list[Hour]] = defaultdict(list)
    for hour in hours:
        local = datetime.fromtimestamp(hour.hour * 3600, zone)
        days[local.date()].append(hour)
        of_day[local.hour].append(hour)
    by_day = {day: Tally.of(found) for day, found in sorted(days.items())}
    by_week: defaultdict[str, Tally] = defaultdict(Tally)
    by_weekday: defaultdict[int, Tally] = defaultdict(Tally)
    for day, tally in by_day.items():
        year, week, weekday = day.isocalendar()
        by_week[f"{year}-W{week:02}"].add(tally)
        by_weekday[weekday - 1].add(tally)
    total = Tally()
    for tally in by_weekday.values():
        total.add(tally)
    return {
        "usual_missed_share": USUAL_MISSED_SHARE,
        "total": total.figures(),
        "by_day": [{"day": day.isoformat(), **tally.figures()} for day, tally in by_day.items()],
        "by_week": [{"week": week, **tally.figures()} for week, tally in by_week.items()],
        "by_hour": [{"hour": hour, **Tally.of(of_day[hour]).figures()} for hour in range(24)],
        "by_weekday": [{"weekday": name, **by_weekday[day].figures()} for day, name in enumerate(WEEKDAYS)],
        "by_target": [{"target": target, **tally.figures()} for target, tally in sorted(total.by_target().items())],
    }


class Tally(Struct):
    """Calls by outcome, in the order of OUTCOMES after all of them, and how often each entry of `Hour.reached` is."""

    counts: list[int] = field(default_factory=lambda: [0] * (1 + len(OUTCOMES)))
    reached: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, hours: list[Hour]) -> Tally:
        """That of these hours."""
        if not hours:
            return cls()
        _, *counts = map(sum, zip(*(hour[:-1] for hour in hours), strict=True))
        return cls(counts, entries(hours))

    def add(self, other: Tally) -> None:
        """Count what the other one counted, too."""
        self.counts = [mine + its for mine, its in zip(self.counts, other.counts, strict=True)]
        self.reached.update(other.reached)

    def by_target(self) -> dict[str, Tally]:
        """The calls that reached each target."""
        tallies: defaultdict[str, Tally] = defaultdict(Tally)
        for entry, times in self.reached.items():
            tally = tallies[read_entry(entry)[0]]
            tally.reached[entry] += times
            for place in (0, 1 + OUTCOMES.index("forwarded")):
                tally.counts[place] += times
        return tallies

    def figures(self) -> dict[str, object]:
        """As `report` shows them."""
        waits: Counter[int] = Counter()
        for entry, times in self.reached.items():
            waits[read_entry(entry)[1]] += times
        calls, *outcomes = self.counts
        figures = dict(zip(OUTCOMES, outcomes, strict=True))
        heard = calls - figures["blocked"]
        return {
            "calls": calls,
            **figures,
            "missed_share": round(figures["missed"] / heard, 4) if heard else None,
            "median_seconds_to_human": median(waits),
        }


def median(counts: Mapping[int, int]) -> float | None:
    """The median of values that occur so often each; the mean of the two in the middle where their number is even.

    None of none.
    """
    total = sum(counts.values())
    if not total:
        return None
    low = high = None
    seen = 0
    for value, count in sorted(counts.items()):
        seen += count
        if low is None and seen * 2 >= total:
            low = value
        if seen * 2 > total:
            high = value
            break
    assert low is not None and high is not None
    return (low + high) / 2
