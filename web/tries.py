"""How often a password or the set-up code may be tried: slower with each miss, and never so that the owner is shut out.

Misses are counted by who tries: a browser that has been logged in before (it holds a mark), else the address. Each has
some for free, then waits twice as long after each, up to a quarter of an hour. All strangers together have an allowance
that refills, so that many addresses are no way around it; whoever holds a mark does not share it. Kept in memory: a
restart, which takes presence, forgets it.
"""

from __future__ import annotations

import threading

from msgspec import Struct

FREE = 5
"""Misses before anybody has to wait."""
FIRST_WAIT = 2.0  # s
LONGEST_WAIT = 15 * 60.0  # s
FORGOTTEN_AFTER = 60 * 60.0
"""Seconds without a miss after which they are forgotten."""
ALLOWANCE = 60.0
"""Misses that all strangers together have at once."""
REFILL = 0.1
"""Misses by which it refills in a second."""
MOST_KNOWN = 2000
"""Names that are remembered, the last to miss; more would be a way to fill the memory."""


class _Misses(Struct):
    count: int
    last: float


class Tries:
    """Ask `wait` first, then report `missed` or `succeeded`. Safe to use from several threads."""

    def __init__(self) -> None:
        self._known: dict[str, _Misses] = {}
        self._allowance = ALLOWANCE
        self._refilled_at = 0.0
        self._lock = threading.Lock()

    def wait(self, who: str, is_stranger: bool, now: float) -> float:
        """Seconds until `who` may try again, 0: now. `now`: monotonic seconds."""
        with self._lock:
            self._refill(now)
            wait = self._own_wait(who, now)
            if is_stranger and self._allowance < 1:
                wait = max(wait, (1 - self._allowance) / REFILL)
            return wait

    def missed(self, who: str, is_stranger: bool, now: float) -> None:
        """It was wrong."""
        with self._lock:
            misses = self._known.pop(who, None)
            if misses is None or now - misses.last > FORGOTTEN_AFTER:
                misses = _Misses(0, now)
            self._known[who] = _Misses(misses.count + 1, now)
            while len(self._known) > MOST_KNOWN:
                del self._known[next(iter(self._known))]
            if is_stranger:
                self._refill(now)
                self._allowance = max(self._allowance - 1, 0.0)

    def succeeded(self, who: str) -> None:
        """It was right: earlier misses were slips."""
        with self._lock:
            self._known.pop(who, None)

    def _own_wait(self, who: str, now: float) -> float:
        misses = self._known.get(who)
        if misses is None or misses.count < FREE or now - misses.last > FORGOTTEN_AFTER:
            return 0.0
        pause = min(FIRST_WAIT * 2.0 ** min(misses.count - FREE, 20), LONGEST_WAIT)
        return max(misses.last + pause - now, 0.0)

    def _refill(self, now: float) -> None:
        self._allowance = min(self._allowance + max(now - self._refilled_at, 0.0) * REFILL, ALLOWANCE)
        self._refilled_at = now
