"""Quiet hours: when they end, and what may be sent nevertheless.

They are asked anew each time, with the wall clock of that moment, and nothing is remembered of them. So a clock that
jumps can neither keep a text back for longer than the hours last, nor let go of more than what was collected, which
is one text.
"""

from __future__ import annotations

import datetime as dt

from appliance.core.settings import Quiet


def end(quiet: Quiet | None, local: dt.datetime) -> dt.datetime | None:
    """When the quiet hours that are on at a local time (aware) end; None if there are none then.

    Their beginning belongs to them, their end does not. Like the timetable they are meant as the clock on the wall
    shows it: in the night when it is put back, 02:30 is quiet both times or neither.
    """
    if quiet is None or quiet.from_ == quiet.to:
        return None
    time = local.time()
    if quiet.from_ < quiet.to:
        on, later = quiet.from_ <= time < quiet.to, 0
    else:  # until that time the next day
        on, later = time >= quiet.from_ or time < quiet.to, int(time >= quiet.from_)
    if not on:
        return None
    day = local.date() + dt.timedelta(days=later)
    return dt.datetime.combine(day, quiet.to, local.tzinfo)
