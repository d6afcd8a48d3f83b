"""Calls a crash left open in the log: taken up where they still ring, closed where they do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

from appliance.core.endings import cut_off_by_restart
from appliance.core.records import CallRecord
from appliance.store import recordings

ADOPT_WITHIN = timedelta(minutes=5)
"""How old such a call may be and still be the one that rings."""
CLOSE_AFTER = 30.0
"""Seconds after start at which they are closed though their line is not back."""


class Interrupted:
    """At most one a line. `finish`: what is done with each that has ended; `state`: where messages are kept."""

    def __init__(
        self, state: Path, finish: Callable[[CallRecord], None], wall: Callable[[], datetime], now: float
    ) -> None:
        self._state = state
        self._finish = finish
        self._wall = wall
        self._close_at = now + CLOSE_AFTER
        self._calls: dict[str, CallRecord] = {}

    def found(self, records: Iterable[CallRecord]) -> None:
        """What the log has open, oldest first: only the last of a line can be ringing still."""
        for record in records:
            self.close(record.line)
            self._calls[record.line] = record

    def take_up(self, record: CallRecord, number: str | None) -> None:
        """Somebody rings, and this is his number: is it the caller who rang as the engine died? Then it is one call."""
        old = self._calls.get(record.line)
        if old is None:
            return
        young = record.started_at - old.started_at <= ADOPT_WITHIN
        if number and old.caller == number and young and not old.answered_at and not old.attempts:
            del self._calls[record.line]
            record.id, record.started_at = old.id, old.started_at
        else:
            self.close(record.line)

    def close(self, line: str) -> None:
        """It rings no more. What its caller said before the crash may have been kept all the same."""
        if record := self._calls.pop(line, None):
            message, seconds = str(recordings.path(self._state, record.id)), recordings.seconds(self._state, record.id)
            self._finish(cut_off_by_restart(record, self._wall(), message, seconds))

    def tick(self, now: float) -> None:
        """Let time pass."""
        if now >= self._close_at:
            for line in list(self._calls):
                self.close(line)
