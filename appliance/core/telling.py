"""When the owner hears of missed calls: at once, collected for two minutes, at digest times, after quiet hours.

Two minutes are monotonic seconds. Digest times and quiet hours are what the clock on the wall shows, so a jump of it
matters there: however many digest times it leaps over, one digest is due; put back, the next one comes when the clock
shows a digest time again, within a day. Quiet hours: see `core.quiet`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from zoneinfo import ZoneInfo

from msgspec import Struct

from appliance.core import quiet
from appliance.core.records import CallRecord
from appliance.core.settings import Messages

COLLECT = 120.0
"""Seconds after a text about a missed call within which further ones are collected into the next text."""
REMEMBER = dt.timedelta(days=2)
"""How old a call may be that the owner has not heard of, to be told of after a restart."""
MOST_CALLS = 500
"""Calls remembered; of more the oldest are only in the log."""


class Telling(Struct, frozen=True):
    """A text that is due. `kind`: missed or digest. `calls`: oldest first, at least one."""

    kind: str
    calls: tuple[CallRecord, ...]


class News:
    """Missed calls the owner has yet to hear of. `now`: monotonic seconds; `wall`: aware."""

    def __init__(self) -> None:
        self._untold: dict[int, CallRecord] = {}
        self._for_digest: dict[int, CallRecord] = {}  # in "both": told at once, not yet in a digest
        self._collect_until = float("-inf")
        self._digest_due = False
        self._looked_at: dt.datetime | None = None

    def __len__(self) -> int:
        """How many calls wait to be told of."""
        return len(self._untold | self._for_digest)

    def load(self, records: Iterable[CallRecord], messages: Messages, timezone: str, wall: dt.datetime) -> None:
        """Take the store's missed calls that nobody has closed, at start."""
        since = _last_digest_time(messages, timezone, wall)
        for record in sorted(records, key=lambda record: record.id):
            if record.told_at is None:
                _keep(self._untold, record)
                self._digest_due |= record.started_at < since  # its digest was due while the box was off
            elif messages.missed == "both" and record.started_at >= since:
                _keep(self._for_digest, record)

    def add(self, record: CallRecord, messages: Messages) -> None:
        """A call was missed."""
        if messages.missed != "off":
            _keep(self._untold, record)

    def unheard(self) -> set[int]:
        """Ids of the calls no text has told of yet."""
        return set(self._untold)

    def oldest(self) -> list[dt.datetime]:
        """When the first of the remembered calls began; empty if there is none."""
        return [min(record.started_at for record in (self._untold | self._for_digest).values())] if len(self) else []

    def closed(self, ids: Collection[int]) -> None:
        """These calls are done: nobody needs to hear of them."""
        for number in ids:
            self._untold.pop(number, None)
            self._for_digest.pop(number, None)

    def keep_only(self, ids: Collection[int]) -> None:
        """All others have been closed by another process."""
        self.closed((self._untold.keys() | self._for_digest.keys()) - set(ids))

    def due(self, messages: Messages, timezone: str, now: float, wall: dt.datetime) -> Telling | None:
        """The text that is to be sent now, None if none is: ask at every call that was missed, and every second."""
        self._watch_digest_times(messages, timezone, wall)
        if not self._untold and not self._for_digest:
            self._digest_due = False
            return None
        if messages.missed == "off":
            self.closed([*self._untold, *self._for_digest])
            return None
        if quiet.end(messages.quiet, wall.astimezone(ZoneInfo(timezone))) is not None:
            return None
        if self._digest_due and messages.missed in ("digest", "both"):
            return Telling("digest", _in_order(self._untold | self._for_digest))
        if messages.missed in ("at-once", "both") and self._untold and now >= self._collect_until:
            return Telling("missed", _in_order(self._untold))
        return None

    def told(self, telling: Telling, messages: Messages, now: float) -> None:
        """The text is queued."""
        self.closed([record.id for record in telling.calls])
        if telling.kind == "digest":
            self._digest_due = False
            return
        self.collect(now)
        if messages.missed == "both":
            for record in telling.calls:
                _keep(self._for_digest, record)

    def collect(self, now: float) -> None:
        """The owner has just had a text: what is missed from now on is collected."""
        self._collect_until = now + COLLECT

    def _watch_digest_times(self, messages: Messages, timezone: str, wall: dt.datetime) -> None:
        looked_at, self._looked_at = self._looked_at, wall
        if looked_at is None or not len(self):
            return
        if _last_digest_time(messages, timezone, wall) > looked_at:
            self._digest_due = True


def _last_digest_time(messages: Messages, timezone: str, wall: dt.datetime) -> dt.datetime:
    """The digest time that was last, or is now; in the night when the clock is put back, the first of two."""
    local = wall.astimezone(ZoneInfo(timezone))
    days = (local.date(), local.date() - dt.timedelta(days=1))
    times = [dt.datetime.combine(day, time, local.tzinfo) for day in days for time in messages.digest_at]
    return max((time.astimezone(dt.UTC) for time in times if time.astimezone(dt.UTC) <= wall), default=wall - REMEMBER)


def _keep(calls: dict[int, CallRecord], record: CallRecord) -> None:
    calls[record.id] = record
    while len(calls) > MOST_CALLS:
        del calls[next(iter(calls))]


def _in_order(calls: dict[int, CallRecord]) -> tuple[CallRecord, ...]:
    return tuple(calls[number] for number in sorted(calls))
