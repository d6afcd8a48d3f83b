"""Who is on call: the shifts of the settings, and what was handed over since.

Shifts are meant as the clock on the wall shows them, like everything in `timetable`. Of overlapping shifts the one
written first counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence

from msgspec import Struct

from appliance.core.settings import Shift


class Handover(Struct, frozen=True):
    """One person takes over the duty of another: whoever the shifts name as `from_target` is `to_target` meanwhile.

    `from_target` is always the one the *shifts* name, also where the duty had been handed on before: so two people
    can swap, and a duty can be handed on and back. Of several for the same duty the one arranged last counts.
    `starts`, `ends`: aware; `ends` None: until the shift of `from_target` that is on at `starts` (or is the next) is
    over. `at`: when it was arranged. `id`: the store's, None until saved.
    """

    from_target: str
    to_target: str
    starts: dt.datetime
    ends: dt.datetime | None
    at: dt.datetime
    id: int | None = None


def on_call_at(roster: Sequence[Shift], local: dt.datetime, handovers: Iterable[Handover] = ()) -> str | None:
    """The name of the target on call at a local time (aware where there are handovers); None: nobody."""
    scheduled = scheduled_at(roster, local)
    if scheduled is None:
        return None
    counting = [one for one in handovers if one.from_target == scheduled and _is_under_way(one, roster, local)]
    return max(counting, key=lambda one: (one.at, one.id or 0)).to_target if counting else scheduled


def scheduled_at(roster: Sequence[Shift], local: dt.datetime) -> str | None:
    """The same by the shifts alone: of the first one that is on."""
    now = local.replace(tzinfo=None)
    return next((shift.target for shift in roster if _begin(shift, now) is not None), None)


def next_in_line(roster: Sequence[Shift], local: dt.datetime, without: Collection[str]) -> str | None:
    """Who comes next on the roster: the one whose shift begins next, then those who have none to come, as written.

    `without`: who does not come into question. None: nobody is left.
    """
    now = local.replace(tzinfo=None)
    begins = [(_next_begin(shift, now), shift.target) for shift in roster]
    to_come = sorted((begin, target) for begin, target in begins if begin is not None)
    people = [target for _, target in to_come] + [target for begin, target in begins if begin is None]
    return next((person for person in people if person not in without), None)


def hand_on(roster: Sequence[Shift], handovers: Sequence[Handover], local: dt.datetime) -> Handover | None:
    """The handover by which whoever is on call at `local` (aware) gives the duty to the next in line.

    Nobody gets a duty back that he has handed on himself. None: nobody is on call, or nobody is left.
    """
    scheduled = scheduled_at(roster, local)
    if scheduled is None:
        return None
    had_it = {one.to_target for one in handovers if one.from_target == scheduled and _is_under_way(one, roster, local)}
    to = next_in_line(roster, local, had_it | {scheduled})
    return Handover(scheduled, to, local, None, local) if to else None


def edges(roster: Sequence[Shift], first: dt.datetime, last: dt.datetime) -> Iterator[dt.datetime]:
    """When shifts begin and end from `first` to `last`; local times without a zone, in no order."""
    for shift in roster:
        before = first - _length(shift)
        begin = _begin(shift, before) or _next_begin(shift, before)
        while begin is not None and begin <= last:
            yield from (edge for edge in (begin, begin + _length(shift)) if first <= edge <= last)
            begin = begin + dt.timedelta(weeks=shift.repeat_weeks) if shift.repeat_weeks else None


def _is_under_way(handover: Handover, roster: Sequence[Shift], local: dt.datetime) -> bool:
    at = local.astimezone(dt.UTC)
    if at < handover.starts:
        return False
    if handover.ends is not None:
        return at < handover.ends
    end = _duty_end(roster, handover.from_target, handover.starts.astimezone(local.tzinfo).replace(tzinfo=None))
    return end is not None and local.replace(tzinfo=None) < end


def _duty_end(roster: Sequence[Shift], target: str, now: dt.datetime) -> dt.datetime | None:
    """When the shift of this person that is on, else the next one, is over."""
    own = [shift for shift in roster if shift.target == target]
    on = [begin + _length(shift) for shift in own if (begin := _begin(shift, now)) is not None]
    to_come = [begin + _length(shift) for shift in own if (begin := _next_begin(shift, now)) is not None]
    return min(on or to_come, default=None)


def _begin(shift: Shift, now: dt.datetime) -> dt.datetime | None:
    """When the shift that is on began; None while it is not on. The begin belongs to it, the end does not."""
    since = now - shift.from_
    if since < dt.timedelta(0):
        return None
    if shift.repeat_weeks is not None:
        since %= dt.timedelta(weeks=shift.repeat_weeks)
    return now - since if since < _length(shift) else None


def _next_begin(shift: Shift, now: dt.datetime) -> dt.datetime | None:
    """The first begin after now."""
    if now < shift.from_:
        return shift.from_
    if shift.repeat_weeks is None:
        return None
    period = dt.timedelta(weeks=shift.repeat_weeks)
    return shift.from_ + ((now - shift.from_) // period + 1) * period


def _length(shift: Shift) -> dt.timedelta:
    return shift.to - shift.from_
