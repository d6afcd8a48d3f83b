"""The texts of the last 24 hours, for everything that is allowed once or so often a day.

Their age is counted in monotonic seconds while the box runs, so that a wall clock that jumps makes no day shorter or
longer. Only at start the wall clock says how old the store's texts are; if it lies before the newest of them (a box
without a clock of its own wakes up in the past), that one counts as just sent. So a cap can neither be slipped by a
jump of years, nor last longer than 24 hours of running.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime

from appliance.core.records import Message

DAY = 86400.0
"""Seconds a text is remembered."""


class Recent:
    """Every text queued within the last 24 hours. `now`: monotonic seconds."""

    def __init__(self) -> None:
        self._texts: deque[tuple[float, Message]] = deque()  # oldest first

    def load(self, messages: Iterable[Message], now: float, wall: datetime) -> None:
        """Take what the store has, at start."""
        found = sorted(messages, key=lambda message: message.created_at)
        if not found:
            return
        reference = max(wall, found[-1].created_at)
        aged = [(now - (reference - message.created_at).total_seconds(), message) for message in found]
        self._texts = deque(sorted([*self._texts, *((at, m) for at, m in aged if not self.knows(m.uid))], key=_at))
        self._forget(now)

    def knows(self, uid: str) -> bool:
        """Whether the text is among them."""
        return any(message.uid == uid for _, message in self._texts)

    def note(self, message: Message, now: float) -> None:
        """A text is queued. The record is kept, not copied: one that fails later does not count."""
        self._texts.append((now, message))
        self._forget(now)

    def count(self, now: float) -> int:
        """How many were sent or will be."""
        self._forget(now)
        return len(self._counting())

    def free_at(self, limit: int, now: float) -> float:
        """When fewer than `limit` will be left; `now` if there are."""
        self._forget(now)
        times = self._counting()
        return now if len(times) < limit else times[len(times) - max(limit, 1)] + DAY

    def last(self, matches: Callable[[Message], bool], now: float) -> float | None:
        """When the newest text of a kind was queued; None if there was none within the day."""
        self._forget(now)
        return next((at for at, message in reversed(self._texts) if matches(message)), None)

    def _counting(self) -> list[float]:
        """When they were queued, without those that never left."""
        return [at for at, message in self._texts if message.state != "failed" or message.sent_at]

    def _forget(self, now: float) -> None:
        while self._texts and self._texts[0][0] <= now - DAY:
            self._texts.popleft()


def _at(entry: tuple[float, Message]) -> float:
    return entry[0]
