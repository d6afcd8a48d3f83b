"""Which slot, closure or shift is on at a local time.

All of them are meant as the clock on the wall shows it, so they are compared with local times without a zone: an hour
that the clock shows twice belongs to the same slot both times, one that it leaves out to none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from appliance.core.settings import DAYS, Closure, Shift, Slot


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


def on_call_at(roster: Sequence[Shift], local: dt.datetime) -> str | None:
    """The name of the target on call at a local time: of the first shift that is on."""
    now = local.replace(tzinfo=None)
    return next((shift.target for shift in roster if _is_on(shift, now)), None)


def _is_on(shift: Shift, now: dt.datetime) -> bool:
    since = now - shift.from_
    if since < dt.timedelta(0):
        return False
    if shift.repeat_weeks is not None:
        since %= dt.timedelta(weeks=shift.repeat_weeks)
    return since < shift.to - shift.from_
