"""The engine's write-behind: what could not be written now is kept and written when it can be."""

from __future__ import annotations

import logging
from collections.abc import Hashable

from appliance.core.errors import StoreError
from appliance.store.changes import Change, SaveCall
from appliance.store.database import RowRefused, Store

FIRST_PAUSE = 0.2  # s
LONGEST_PAUSE = 5.0  # s
# A row is about 1 kB. A thousand are weeks of calls, and what a small box can spare; a disk that stays full
# longer than that costs the oldest calls of the log, but never a text, a PIN or a refusal before them.
MOST_ROWS = 1000

log = logging.getLogger(__name__)


class Writer:
    """Changes on their way to the store, in the order they came.

    All that waits is written in one transaction. So changes added together are never torn apart, and of several
    changes of one row only the last needs writing.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: dict[Hashable, Change] = {}
        self._pause = 0.0
        self._not_before: float | None = None
        self.problem: str | None = None

    @property
    def pending(self) -> int:
        """How many rows wait."""
        return len(self._waiting)

    def add(self, *changes: Change) -> None:
        """Take changes that belong together; `flush` writes them."""
        for change in changes:
            self._waiting.pop(change.key, None)  # so that it goes to the end: what is newest is written last
            self._waiting[change.key] = change
        while len(self._waiting) > MOST_ROWS:
            calls = (key for key, change in self._waiting.items() if isinstance(change, SaveCall))
            lost = self._waiting.pop(next(calls, next(iter(self._waiting))))
            log.error("too much waits for the disk (%s); lost: %s", self.problem, lost.key)

    def deadline(self) -> float | None:
        """When `flush` wants to be called; None when nothing waits. Monotonic seconds; 0: at once."""
        if not self._waiting:
            return None
        return 0.0 if self._not_before is None else self._not_before

    def flush(self, now: float, force: bool = False) -> bool:
        """Write what waits and say whether all is written; `problem` says why not. Never raises StoreError.

        After a failure it waits 0.2 s, then twice as long each time up to 5 s, before it touches the disk again;
        `force` tries at once (the last chance before exit).
        """
        if not self._waiting:
            return True
        if self._not_before is not None and now < self._not_before and not force:
            return False
        try:
            self._write()
        except StoreError as error:
            self._pause = min(self._pause * 2, LONGEST_PAUSE) or FIRST_PAUSE
            self._not_before = now + self._pause
            if self.problem is None:
                log.error("%s; what could not be written is kept and written later", error)
            self.problem = str(error)
            return False
        if self.problem is not None:
            log.info("everything is written again")
        self._pause, self._not_before, self.problem = 0.0, None, None
        return True

    def _write(self) -> None:
        try:
            self._store.write(*self._waiting.values())
        except RowRefused:
            # One change that can never be written must not hold up the others for ever.
            for key, change in list(self._waiting.items()):
                try:
                    self._store.write(change)
                except RowRefused as error:
                    log.exception("lost %s: %s", key, error)
                del self._waiting[key]
        else:
            self._waiting.clear()
