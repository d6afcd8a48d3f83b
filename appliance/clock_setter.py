"""Sets the system's clock by what the engine heard of the time, for the engine itself may not.

Forward only, between calls, and only while neither NTP nor a hardware clock knows better; see core/clock_trust.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from appliance.core.clock_trust import Evidence, better, is_plausible
from appliance.ports.timesource import MachineClock, set_clock
from appliance.timekeeper import Machine


class ClockSetter:
    """Call look() now and then."""

    def __init__(self, machine: Machine | None = None, set_clock: Callable[[datetime], bool] = set_clock) -> None:
        self._machine = machine or MachineClock()
        self._set_clock = set_clock

    def look(self, live: Mapping[str, Any] | None, last: datetime | None, now: float, wall: datetime) -> bool:
        """Whether the clock was set. `live`: what the engine shows, None where it does not run; `last`: the newest time
        believed in an earlier life; `now`: monotonic seconds of this boot, as in `live`."""
        if live is not None and any(line.get("state") in ("ringing", "in_call") for line in live.get("lines", ())):
            return False
        evidence = Evidence(
            wall=wall,
            up=self._machine.up(),
            synchronised=self._machine.synchronised(),
            hardware_agrees=self._machine.hardware_agrees(wall),
            mobile=_heard(live, now),
            last=last,
        )
        to = better(evidence)
        return to is not None and self._set_clock(to)


def _heard(live: Mapping[str, Any] | None, now: float) -> datetime | None:
    """The mobile network's time now; None where it has not been heard, or what is written there cannot be read."""
    try:
        mobile = (live or {})["clock"]["mobile"]
        at = datetime.fromisoformat(mobile["utc"]) + timedelta(seconds=now - float(mobile["monotonic"]))
        return at if is_plausible(at) else None
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
