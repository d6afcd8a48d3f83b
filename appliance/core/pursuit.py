"""One target being tried for one call: the ways left to reach him, and for how long his phone has rung."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from appliance.core.records import Attempt
from appliance.core.settings import Target

BRIDGE = "bridge"
"""The one method that calls the target over another line."""
DEFLECT = "deflect"
"""The one method that calls nobody: the ringing call is passed on."""


class Pursuit:
    """Times are monotonic seconds. `ways`: methods in the order in which they are still to be tried."""

    def __init__(self, target: Target, ways: Sequence[str], now: float) -> None:
        self.target = target
        self.ways = list(ways)
        self.by_bridge = False
        """He is called over another line; else over this one, with the caller on hold."""
        self.once_more = False
        """He is to be called again in another way, once the caller is back."""
        self.is_ringing = False
        self._began_at = now
        self._lifted_at: float | None = None

    def dial(self, now: float) -> bool:
        """His number is about to be dialled, in the way the next method needs; False: there is no way left."""
        self.ways = [way for way in self.ways if way != DEFLECT]
        if not self.ways:
            return False
        self.by_bridge = self.ways[0] == BRIDGE
        self.once_more = self.is_ringing = False
        self._began_at, self._lifted_at = now, None
        return True

    def rings(self, now: float) -> bool:
        """His phone rings; whether that is news."""
        if self.is_ringing:
            return False
        self.is_ringing, self._began_at = True, now
        return True

    def lifts(self, now: float) -> None:
        """He, or his mailbox, has answered."""
        self._lifted_at = now

    @property
    def is_on_wrong_line(self) -> bool:
        """What is left to be tried needs him on the other line."""
        return (self.ways[0] == BRIDGE) != self.by_bridge

    def attempt(self, result: str, method: str | None, now: float, is_mailbox: Callable[[str, float], bool]) -> Attempt:
        """How it went, for the log. `seconds`: how long his phone rang, or since dialling where nobody said so."""
        rang = self.is_ringing or self._lifted_at is not None
        rang = rang or (result in ("answered", "no_answer") and method != DEFLECT)
        until = now if self._lifted_at is None else self._lifted_at
        seconds = round(until - self._began_at, 1) if rang else 0.0
        lifted = self._lifted_at is not None or (result == "answered" and method != DEFLECT)
        machine = lifted and is_mailbox(self.target.number, seconds)  # also one that then did not press 1
        return Attempt(self.target.name, self.target.number, method, result, seconds, machine)
