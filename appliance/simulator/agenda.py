"""What is due when: a queue of callables on a time that the owner supplies. No clock of its own."""

from __future__ import annotations

import heapq
from collections.abc import Callable


class Due:
    """One entry of the agenda; `cancel()` makes it never happen."""

    __slots__ = ("action", "at")

    def __init__(self, at: float, action: Callable[[], object]) -> None:
        self.at = at
        self.action: Callable[[], object] | None = action

    def cancel(self) -> None:
        """Forget it; harmless when it has happened already."""
        self.action = None


class Agenda:
    """Entries happen in order of time, those of one time in the order they were made.

    While an entry happens, `now` is the time it was due, even where `advance` came late: so nothing drifts.
    """

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self._heap: list[tuple[float, int, Due]] = []
        self._made = 0

    def __len__(self) -> int:
        return sum(1 for _, _, due in self._heap if due.action is not None)

    def at(self, when: float, action: Callable[[], object]) -> Due:
        """Do this at a time in seconds; a time gone by means as soon as possible."""
        due = Due(max(when, self.now), action)
        self._made += 1
        heapq.heappush(self._heap, (due.at, self._made, due))
        return due

    def after(self, seconds: float, action: Callable[[], object]) -> Due:
        """Do this so many seconds from now."""
        return self.at(self.now + seconds, action)

    def deadline(self) -> float | None:
        """When the next entry is due; None if nothing is."""
        while self._heap and self._heap[0][2].action is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def advance(self, now: float) -> None:
        """Let everything happen that is due by `now`, what it makes due by then included."""
        while (when := self.deadline()) is not None and when <= now:
            due = heapq.heappop(self._heap)[2]
            action, due.action = due.action, None
            self.now = max(self.now, when)
            if action is not None:
                action()
        self.now = max(self.now, now)
