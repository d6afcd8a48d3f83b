"""A week as a picture: which plan applies when, and why, by the clock on the wall."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from appliance.core.callers import CallerBook
from appliance.core.plan import decide
from appliance.core.settings import DAYS, Settings, Slot

DAY = 24 * 60
"""Minutes."""
_NOBODY = CallerBook(())


class Span(Struct, frozen=True):
    """A part of a day with one plan. `start`, `end`: minutes of the day. `decided_by`: slot, otherwise, closure or
    holiday; `index`: of that slot or closure in the settings; `name`: of the closure or holiday."""

    start: int
    end: int
    plan: str
    decided_by: str
    index: int | None = None
    name: str = ""

    @property
    def times(self) -> str:
        """From when to when: "07:30–17:00"."""
        return f"{clock(self.start)}–{clock(self.end)}"


class Day(Struct, frozen=True):
    """A day of the week. `name`: what it is besides: a closure or holiday."""

    date: dt.date
    spans: tuple[Span, ...]
    name: str = ""


def week(settings: Settings, monday: dt.date) -> list[Day]:
    """Seven days from a Monday on, for callers nobody knows and without what is switched on by hand."""
    days = []
    for number in range(7):
        date = monday + dt.timedelta(days=number)
        spans = tuple(_merged(_spans(settings, date)))
        days.append(Day(date, spans, next((span.name for span in spans if span.name), "")))
    return days


def clock(minute: int) -> str:
    """A minute of the day: "07:30"; the last one is "24:00"."""
    return f"{minute // 60:02}:{minute % 60:02}"


def overlap(mistakes: dict[str, list[str]], nth: int, slots: Sequence[Slot]) -> tuple[int, str] | None:
    """The other slot that shares time with the `nth`, as `settings_rules` says of one of the two, and its sentence.

    `mistakes`: by place ("timetable.slot[3]"), in which the other one is named.
    """
    for place, texts in mistakes.items():
        at = re.fullmatch(r"timetable\.slot\[([0-9]+)\]", place)
        for text in texts if at else ():
            named = re.search(r"timetable\.slot\[([0-9]+)\]", text)
            pair = {int(at[1]), int(named[1])} if at and named else set()
            if nth in pair and len(pair) == 2:
                return (pair - {nth}).pop(), text
    return None


def minute(time: dt.time) -> int:
    """A time of day as a minute of it."""
    return time.hour * 60 + time.minute


def _spans(settings: Settings, date: dt.date) -> Iterator[Span]:
    zone = ZoneInfo(settings.business.timezone)
    slots = settings.timetable.slot
    edges = sorted({0, DAY} | {minute(time) for slot in slots for time in (slot.from_, slot.to)})
    for start, end in itertools.pairwise(edges):
        at = dt.datetime.combine(date, dt.time(start // 60, start % 60), zone)
        decision = decide(settings, None, False, at, book=_NOBODY)
        place = re.search(r"\[([0-9]+)\]", decision.rule)
        name = decision.rule.partition(" ")[2] if decision.decided_by in ("closure", "holiday") else ""
        yield Span(start, end, decision.plan or "", decision.decided_by, int(place[1]) if place else None, name)


def _merged(spans: Iterator[Span]) -> Iterator[Span]:
    """Neighbours that are alike as one."""
    last: Span | None = None
    for span in spans:
        if last is not None and replace(span, start=last.start) == replace(last, end=span.end):
            last = replace(last, end=span.end)
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last


def first_of(slot: Slot) -> tuple[int, int]:
    """Where a slot stands in the week, to sort by."""
    return min((DAYS.index(day) for day in slot.days), default=0), minute(slot.from_)
