"""Is the wall clock to be believed? A Raspberry Pi has none of its own: after a power cut it goes on where it stopped.

Believed in this order: the time of the internet (NTP), a hardware clock that runs, the time of the mobile network, and
last what the box knew before. The last one is believed after a while only, when nothing better has come: then the clock
is behind by as long as the box was off, which for most power cuts is minutes, and a box that never hears of the time
has a timetable all the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

from appliance.core.plan import CLOCK_KNOWN_FROM

By = Literal["network", "hardware", "mobile", "last"]
"""Whom it is believed for."""

WAIT_FOR_BETTER = 300.0
"""Seconds from power until the last known time will do: NTP and a mobile network need one or two minutes."""
TOLERANCE = timedelta(seconds=90)
"""How far a clock that was set may be from what set it."""
LONGEST_AHEAD = timedelta(days=30 * 365)
"""What is further ahead of this program is no time but a module's mistake."""


class Evidence(Struct, frozen=True):
    """What is known about the clock. `wall`: what it shows, aware.

    `up`: seconds since power. `synchronised`: by NTP, since power. `hardware_agrees`: there is a hardware clock that
    shows the same. `mobile`: what the mobile network says is the time now, None where it has not spoken. `last`: the
    newest time this box has believed, None on its first day.
    """

    wall: datetime
    up: float
    synchronised: bool = False
    hardware_agrees: bool = False
    mobile: datetime | None = None
    last: datetime | None = None


def judge(evidence: Evidence) -> By | None:
    """Whom the clock may be believed for; None: it may be wrong by years, or is known to be wrong."""
    wall = evidence.wall
    if wall < CLOCK_KNOWN_FROM:
        return None
    if evidence.synchronised:
        return "network"
    if evidence.last is not None and wall < evidence.last - TOLERANCE:
        return None
    if evidence.hardware_agrees:
        return "hardware"
    if evidence.mobile is not None and evidence.mobile > wall - TOLERANCE:
        return "mobile" if evidence.mobile < wall + TOLERANCE else None
    # a mobile network that is behind us is a module that has made its time up: a clock without power never runs ahead
    return "last" if evidence.up >= WAIT_FOR_BETTER else None


def better(evidence: Evidence) -> datetime | None:
    """What the clock is to be set to; None: it stays as it is. It is only ever set forward, by more than TOLERANCE."""
    if evidence.synchronised or evidence.hardware_agrees:
        return None
    known = [at for at in (evidence.mobile, evidence.last) if at is not None and is_plausible(at)]
    newest = max(known, default=None)
    return newest if newest is not None and newest > evidence.wall + TOLERANCE else None


def is_plausible(at: datetime) -> bool:
    """Whether a time somebody gives can be true: modules without network time begin in 1980, 2004 or 2080."""
    return CLOCK_KNOWN_FROM <= at < CLOCK_KNOWN_FROM + LONGEST_AHEAD
