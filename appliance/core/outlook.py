"""What lies ahead: when the plan changes next, and when nobody will be on call.

Both are found by looking at every moment at which anything can change: slots and shifts begin or end, days change,
the clock is put forward or back, an override ends. Between two of these moments everything stays as it is.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct

from appliance.core import roster
from appliance.core.plan import Override, applies, plan_at
from appliance.core.roster import Handover
from appliance.core.settings import BLOCKED, ON_CALL, Settings, Shift

LOOK_AHEAD = dt.timedelta(days=400)
"""How far a change of the plan is looked for: beyond a year, nobody asks."""
GAP_SHOWN = dt.timedelta(days=8)
"""How far the end of a gap is looked for."""
MOST_NAMED = 3
"""Gaps a text names; so many fit into one part."""
_DAY = dt.timedelta(days=1)
_LAST = dt.datetime(9998, 1, 1, tzinfo=dt.UTC)


class Change(Struct, frozen=True):
    """From `at` (aware, local to the business) on, `plan` applies to callers nobody knows."""

    at: dt.datetime
    plan: str


def next_change(settings: Settings, at: dt.datetime, override: Override | None = None) -> Change | None:
    """When another plan than now will apply, and which; None: not within `LOOK_AHEAD`. `at`: aware."""
    zone = ZoneInfo(settings.business.timezone)
    now = plan_at(settings, at.astimezone(zone), override)
    moments: Iterator[dt.datetime]
    if override is None or not applies(settings, at, override):
        moments = _moments(settings, at, at + LOOK_AHEAD, ())
    elif override.until is None or override.until - at > LOOK_AHEAD:
        return None
    else:
        end = override.until.astimezone(dt.UTC)
        moments = itertools.chain([end], _moments(settings, end, end + LOOK_AHEAD, ()))
    for moment in moments:
        local = moment.astimezone(zone)
        if (plan := plan_at(settings, local, override)) != now:
            return Change(local, plan)
    return None


def gaps(
    settings: Settings, handovers: Sequence[Handover], start: dt.datetime, end: dt.datetime
) -> list[tuple[dt.datetime, dt.datetime]]:
    """The times from `start` to `end` (aware) at which a plan that applies counts on "on-call" and nobody is.

    Local to the business, in order. A roster of nights alone has no gap by day unless the day's plan asks for it. No
    roster at all, no gap.
    """
    if not settings.roster:
        return []
    zone = ZoneInfo(settings.business.timezone)
    uses = {plan.name for plan in settings.plan if ON_CALL in plan.chain}
    always = bool(uses & _callers_plans(settings))
    found: list[tuple[dt.datetime, dt.datetime]] = []
    begin_utc, end_utc = _utc(start), _utc(end)
    edges = sorted([begin_utc, *_moments(settings, begin_utc, end_utc, settings.roster), end_utc])
    for begin, over in itertools.pairwise(edges):
        local = begin.astimezone(zone)
        wanted = always or plan_at(settings, local) in uses
        if not wanted or roster.on_call_at(settings.roster, local, handovers):
            continue
        until = over.astimezone(zone)
        if found and found[-1][1].astimezone(dt.UTC) == begin:
            found[-1] = (found[-1][0], until)
        else:
            found.append((local, until))
    return found


def tomorrow_gaps(
    settings: Settings, handovers: Sequence[Handover], at: dt.datetime
) -> list[tuple[dt.datetime, dt.datetime]]:
    """All gaps that tomorrow has (local to the business), in order; the last may end later. `at`: aware, today."""
    tomorrow = at.astimezone(ZoneInfo(settings.business.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow += _DAY  # by the clock on the wall: a day may have 23 or 25 hours
    ahead = gaps(settings, handovers, tomorrow.astimezone(dt.UTC), (tomorrow + GAP_SHOWN).astimezone(dt.UTC))
    return [gap for gap in ahead if gap[0].date() == tomorrow.date()]


def gaps_in_words(found: Sequence[tuple[dt.datetime, dt.datetime]]) -> str:
    """Gaps (local, in order) for a text: "24.11. 08:00–09:00, 20:00–26.11. 07:30"; past the third they are counted.

    The day is written where it changes, and the midnight that ends a day is its 24:00.
    """
    told: list[str] = []
    day: dt.date | None = None
    for start, end in found[:MOST_NAMED]:
        date = "" if start.date() == day else f"{start:%d.%m.} "
        day = start.date()
        if end.time() == dt.time(0) and end.date() > day:
            last = end.date() - _DAY
            over = "24:00"
        else:
            last, over = end.date(), f"{end:%H:%M}"
        told.append(f"{date}{start:%H:%M}–{'' if last == day else f'{last:%d.%m.} '}{over}")
        day = last
    if len(found) > MOST_NAMED:
        told.append(f"+{len(found) - MOST_NAMED}")
    return ", ".join(told)


def _utc(at: dt.datetime) -> dt.datetime:
    """In UTC, and far enough from the last year there is to be reckoned with."""
    return min(at, _LAST).astimezone(dt.UTC)


def _callers_plans(settings: Settings) -> set[str]:
    """Plans that can apply at any time: those of callers and of withheld numbers."""
    withheld = settings.callers.withheld
    return {caller.plan for caller in settings.caller if caller.plan} | ({withheld} if withheld else set()) - {BLOCKED}


def _moments(
    settings: Settings, start: dt.datetime, end: dt.datetime, shifts: Sequence[Shift]
) -> Iterator[dt.datetime]:
    """Every moment after `start` and before `end` at which the plan or one of the shifts can change; UTC, by day."""
    zone = ZoneInfo(settings.business.timezone)
    begin, over = _utc(start), _utc(end)
    times = {dt.time(0)} | {time for slot in settings.timetable.slot for time in (slot.from_, slot.to)}
    day = begin.astimezone(zone).date()
    while (midnight := dt.datetime.combine(day, dt.time(0))).replace(tzinfo=zone).astimezone(dt.UTC) < over:
        local = [dt.datetime.combine(day, time) for time in times]
        local += roster.edges(shifts, midnight, midnight + _DAY)
        day += _DAY
        moments = {
            moment.replace(tzinfo=zone, fold=fold).astimezone(dt.UTC) for moment in local for fold in (0, 1)
        }  # a time that the clock shows twice is two moments
        moments.update(_clock_change(midnight.replace(tzinfo=zone), (midnight + _DAY).replace(tzinfo=zone)))
        yield from sorted(moment for moment in moments if begin < moment < over)


def _clock_change(start: dt.datetime, end: dt.datetime) -> Iterator[dt.datetime]:
    """The moment between two midnights at which the clock is put forward or back, to the second."""
    if start.utcoffset() == end.utcoffset():
        return
    zone, before, after = start.tzinfo, start.astimezone(dt.UTC), end.astimezone(dt.UTC)
    while after - before > dt.timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == start.utcoffset():
            before = middle
        else:
            after = middle
    yield after
