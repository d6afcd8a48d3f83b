"""Was it a machine that answered? Signs only, for the log: they never decide about a call.

A mailbox answers at once where the phone is off, and else when the network's no-reply timer is over (24.082): for one
mobile that is the same second every time, while people lift sooner or later.
"""

from __future__ import annotations

from collections import deque

AT_ONCE = 1.0
"""Seconds within which nobody has a phone at his ear."""
TIMER_FROM = 9.0
"""Seconds: the shortest no-reply timer a network offers is 5, the usual ones 15 to 30 (22.082)."""
SAME_WITHIN = 0.7
"""Seconds by which two runs of one timer differ: how finely we look, and the network's own play."""
SAME_BEFORE = 2
"""How many earlier answers at that very second make a habit."""
REMEMBERED = 12


class MailboxSigns:
    """After how many seconds each target has answered so far."""

    def __init__(self) -> None:
        self._answered: dict[str, deque[float]] = {}

    def answered(self, number: str, seconds: float) -> bool:
        """This target has answered after so many seconds of ringing: likely its mailbox? Remembered for the next."""
        earlier = self._answered.setdefault(number, deque(maxlen=REMEMBERED))
        alike = sum(abs(seconds - one) <= SAME_WITHIN for one in earlier)
        earlier.append(seconds)
        if seconds <= AT_ONCE:
            return True
        return seconds >= TIMER_FROM and alike >= SAME_BEFORE
