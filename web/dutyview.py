"""Who is on call when, as stretches of time by person: shifts and handovers put together."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct

from appliance.core import roster
from appliance.core.roster import Handover
from appliance.core.settings import Settings

DAYS = 14
"""Days the strip shows."""


class Duty(Struct, frozen=True):
    """Somebody is on call, or nobody (None), from one moment to another; aware, local to the business."""

    who: str | None
    start: dt.datetime
    end: dt.datetime

    def place(self, first: dt.datetime, width: float) -> tuple[float, float]:
        """Where it begins on a strip so wide that begins at `first`, and how long it is there; by the clock on the
        wall."""
        whole = DAYS * 24 * 3600
        begin = (self.start.replace(tzinfo=None) - first.replace(tzinfo=None)).total_seconds() / whole
        end = (self.end.replace(tzinfo=None) - first.replace(tzinfo=None)).total_seconds() / whole
        return round(begin * width, 1), round(max(end - begin, 0) * width, 1)


def duties(settings: Settings, handovers: Sequence[Handover], start: dt.datetime, end: dt.datetime) -> list[Duty]:
    """Everybody on call from `start` to `end` (aware, local), in order, with the stretches when nobody is."""
    zone = ZoneInfo(settings.business.timezone)
    edges = sorted({start.astimezone(dt.UTC), end.astimezone(dt.UTC), *_edges(settings, handovers, start, end)})
    found: list[Duty] = []
    for begin, over in itertools.pairwise(edges):
        who = roster.on_call_at(settings.roster, begin.astimezone(zone), handovers)
        if found and found[-1].who == who:
            found[-1] = Duty(who, found[-1].start, over.astimezone(zone))
        else:
            found.append(Duty(who, begin.astimezone(zone), over.astimezone(zone)))
    return found


def coming(handovers: Sequence[Handover], now: dt.datetime) -> list[Handover]:
    """Handovers that are not over, the next one first; one until the end of a shift counts for as long as one lasts."""
    longest = dt.timedelta(days=60)
    left = [one for one in handovers if (one.ends or one.starts + longest) > now]
    return sorted(left, key=lambda one: (one.starts, one.at))


def _edges(
    settings: Settings, handovers: Sequence[Handover], start: dt.datetime, end: dt.datetime
) -> Iterator[dt.datetime]:
    zone, first, last = start.tzinfo, start.astimezone(dt.UTC), end.astimezone(dt.UTC)
    local = roster.edges(settings.roster, start.replace(tzinfo=None), end.replace(tzinfo=None))
    moments = [edge.replace(tzinfo=zone).astimezone(dt.UTC) for edge in local]
    moments += [at.astimezone(dt.UTC) for one in handovers for at in (one.starts, one.ends) if at is not None]
    return (at for at in moments if first < at < last)
