"""Against forwarding loops and bills run up by callers: asked before a call is forwarded. Times are monotonic seconds.

A loop begins when a target diverts to one of our numbers: our own call comes in again while we make it, and would be
forwarded again. The network shows the first caller's number on it, or the number that diverts, or ours.
"""

from __future__ import annotations

from collections.abc import Container

from msgspec import Struct

HOUR = 3600.0
GIVEN_AWAY_UNHEARD = 10.0
"""Seconds for which a call that was passed on unanswered may still come back, though the line is free: setting up a
call takes a network so long. Nobody who was passed on hangs up and dials again within it."""
MOST_CALLERS = 1000
"""How many callers are remembered, a line has not the time for more in an hour; then the oldest is forgotten."""


class _Forward(Struct):
    caller: str | None
    target: str
    until: float | None = None  # None: still running


class Guard:
    """One for all lines, since a loop may leave by one and come back by another. Numbers are as `normalise` gives."""

    def __init__(self) -> None:
        self._running: dict[str, _Forward] = {}
        self._times: dict[str | None, tuple[float, ...]] = {}

    def begin(self, line: str, caller: str | None, target: str) -> None:
        """This line calls the target for this caller (None: withheld)."""
        self._running[line] = _Forward(caller, target)

    def end(self, line: str, now: float, unheard: bool = False) -> None:
        """That is over. `unheard`: given away before anybody answered (deflected)."""
        if unheard and (forward := self._running.get(line)):
            forward.until = now + GIVEN_AWAY_UNHEARD
        else:
            self._running.pop(line, None)

    def connected(self, line: str) -> None:
        """The target has answered: it diverted nothing, so no loop can begin, and whoever rings now rings anew."""
        self._running.pop(line, None)

    def is_loop(self, caller: str | None, own_numbers: Container[str], now: float) -> bool:
        """Whether a call from this number that comes in now is one we make: to be ended, and never forwarded.

        While nothing is forwarded no call is: the office may well ring its own box. Nor is one that is withheld, which
        could be anybody's; `may_forward` stops that loop after a few rounds.
        """
        self._running = {
            line: forward for line, forward in self._running.items() if forward.until is None or now < forward.until
        }
        if caller is None:
            return False
        return any(
            caller in (forward.caller, forward.target) or caller in own_numbers for forward in self._running.values()
        )

    def may_forward(self, caller: str | None, at_most: int, now: float) -> bool:
        """Whether this caller may be forwarded again: fewer than `at_most` of his calls were in the last hour.

        All withheld numbers count as one caller.
        """
        times = self._times.get(caller)
        if times is None:
            return at_most > 0
        return sum(time > now - HOUR for time in times) < at_most

    def forwarded(self, caller: str | None, at: float) -> None:
        """A call of this caller was forwarded, or tried: once for each call, however many targets it rang."""
        times = self._times.pop(caller, ())  # to the end: whoever called last is forgotten last
        self._times[caller] = (*(time for time in times if time > at - HOUR), at)
        while next(iter(self._times.values()))[-1] <= at - HOUR:  # never the one just put there
            del self._times[next(iter(self._times))]
        if len(self._times) > MOST_CALLERS:
            del self._times[next(iter(self._times))]
