"""Which slot, closure or holiday is on at a local time.

All of them are meant as the clock on the wall shows it, so they are compared with local times without a zone. At both
changes of the clock that means, for a slot from 02:30 to 05:00 in Germany:

    in spring  the clock goes from 02:00 to 03:00: 02:30 never comes, and the slot begins at 03:00. One from 02:15 to
               02:45 does not happen that day.
    in autumn  the clock goes from 03:00 back to 02:00: the slot is on from 02:30 to 03:00, off in the repeated half
               hour from 02:00, and on again from 02:30. One that begins at 01:00 goes through.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

from appliance.core.settings import DAYS, Closure, Slot

FIRST_YEAR, LAST_YEAR = 2000, 2100
"""What people may mean by a date. Others are slips, and cannot be carried to every time zone."""

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])|24:00")


def slot_at(slots: Sequence[Slot], local: dt.datetime) -> int | None:
    """The index of the slot at a local time; slots don't overlap. Begin belongs to a slot, end does not."""
    today, yesterday, time = DAYS[local.weekday()], DAYS[local.weekday() - 1], local.time()
    for index, slot in enumerate(slots):
        if slot.to > slot.from_:
            on = today in slot.days and slot.from_ <= time < slot.to
        else:  # until that time the next day
            on = (today in slot.days and time >= slot.from_) or (yesterday in slot.days and time < slot.to)
        if on:
            return index
    return None


def closure_at(closures: Sequence[Closure], local: dt.datetime) -> int | None:
    """The index of the first closure this day falls into, both ends included."""
    day = local.date()
    return next((index for index, closure in enumerate(closures) if closure.from_ <= day <= closure.to), None)


def holiday_at(holidays: Mapping[dt.date, str], local: dt.datetime) -> str | None:
    """The name of the public holiday this day is, None if it is none."""
    return holidays.get(local.date())


def until(written: str, now: dt.datetime) -> dt.datetime | None:
    """A point in time as people write it: "14:00", the next such time, or ISO 8601 (2000 to 2100), else None.

    `now`: aware, local; times without a zone are of that zone, and the answer is in it. A time that the clock leaves
    out in spring is taken as if it had not been put forward ("02:30" is 03:30 then); of one that it shows twice in
    autumn the first counts, unless that is past.
    """
    match = _CLOCK.fullmatch(written.strip())
    if match is None:
        return _iso(written.strip(), now.tzinfo)
    time = dt.time(int(match[1]), int(match[2])) if match[1] else dt.time(0)
    days = [now.date(), now.date() + dt.timedelta(days=1)]
    for moment in (dt.datetime.combine(day, time.replace(fold=fold), now.tzinfo) for day in days for fold in (0, 1)):
        if moment.astimezone(dt.UTC) > now.astimezone(dt.UTC):
            return moment
    return None  # pragma: no cover - tomorrow's is always to come


def _iso(written: str, zone: dt.tzinfo | None) -> dt.datetime | None:
    try:
        at = dt.datetime.fromisoformat(written)
        if not FIRST_YEAR <= at.year <= LAST_YEAR:
            return None
        return at.astimezone(zone) if at.tzinfo else at.replace(tzinfo=zone)
    except ValueError:
        return None
