"""Whether the engine may believe the clock, asked every second; and what it hears of the time from a mobile network.

Setting the clock is left to whom it is allowed: the box's own service reads what was heard in the live file. Where the
engine may do it itself (a box without that service), it does, between calls.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

from appliance.core.clock_trust import By, Evidence, better, is_plausible, judge
from appliance.core.errors import StoreError
from appliance.core.plan import CLOCK_KNOWN_FROM
from appliance.store.changes import Keep
from appliance.store.database import Store
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

KEPT = "clock"
"""In the store: the newest time believed, and in which boot whom; JSON."""
KEEP_EVERY = 3600.0
LOOK_EVERY, LOOK_SELDOM = 5.0, 60.0
"""Seconds between two looks at the machine's own clocks, until one can be believed, and then."""
ASK_FIRST, ASK_AGAIN = 60.0, 6 * 3600.0
"""Seconds between two questions to the mobile network, before and after it has answered."""


class Machine(Protocol):
    """What ports/timesource.MachineClock says."""

    def up(self) -> float: ...
    def synchronised(self) -> bool: ...
    def hardware_agrees(self, wall: datetime) -> bool: ...


class Timekeeper:
    """Call tick() every second. Without a machine (a simulated world) the clock is believed as it is."""

    def __init__(
        self,
        store: Store,
        writer: Writer,
        machine: Machine | None = None,
        set_clock: Callable[[datetime], bool] = lambda at: False,
        boot_id: str = "",
    ) -> None:
        self._writer = writer
        self._machine = machine
        self._set_clock = set_clock
        self._boot_id = boot_id
        self._last, self._by_before = _kept(store, boot_id) if machine else (None, None)
        self._mobile: tuple[datetime, float] | None = None
        self._by: By | None = None
        self._look_at = self._ask_at = self._keep_at = 0.0
        self._evidence: Evidence | None = None

    def known(self, wall: datetime) -> bool:
        """Whether the time of day may decide anything."""
        return wall >= CLOCK_KNOWN_FROM and (self._machine is None or self._by is not None)

    def tick(self, now: float, wall: datetime, busy: bool) -> bool:
        """Let time pass; says whether a mobile network should be asked for the time. `busy`: a call is on."""
        if self._machine is None:
            return False
        if now >= self._look_at:
            self._look(now, wall)
            self._look_at = now + (LOOK_SELDOM if self._by in ("network", "hardware") else LOOK_EVERY)
        evidence = self._evidence
        if evidence and not busy and (to := better(evidence)) and self._set_clock(to):
            self._look_at = now
            return False
        if self._by is not None and now >= self._keep_at:
            self._keep_at = now + KEEP_EVERY
            self._keep(wall)
        if busy or self._by in ("network", "hardware") or now < self._ask_at:
            return False
        self._ask_at = now + (ASK_AGAIN if self._mobile else ASK_FIRST)
        return True

    def heard(self, at: datetime, now: float) -> None:
        """A mobile network says that it is `at` (aware, UTC)."""
        if is_plausible(at):
            self._mobile = (at, now)
            self._look_at, self._ask_at = now, now + ASK_AGAIN
        else:
            log.info("the mobile network's time is none: %s", at.isoformat())

    def shown(self) -> dict[str, Any]:
        """For the live file: {"known", "by", "mobile": {"utc", "monotonic"} or null}."""
        heard = self._mobile
        mobile = {"utc": heard[0].isoformat(), "monotonic": round(heard[1], 3)} if heard else None
        return {"known": self._machine is None or self._by is not None, "by": self._by, "mobile": mobile}

    def _look(self, now: float, wall: datetime) -> None:
        assert self._machine is not None
        mobile = self._mobile[0] + timedelta(seconds=now - self._mobile[1]) if self._mobile else None
        self._evidence = evidence = Evidence(
            wall,
            self._machine.up(),
            self._machine.synchronised(),
            self._machine.hardware_agrees(wall),
            mobile,
            self._last,
        )
        by = judge(evidence)
        if by in (None, "last") and mobile is None and self._by_before and wall >= CLOCK_KNOWN_FROM:
            by = self._by_before  # this very boot believed it already, before the engine started anew
        if by != self._by:
            log.info("the clock is %s", f"believed: {by}" if by else "not believed")
            self._by, self._keep_at = by, now

    def _keep(self, wall: datetime) -> None:
        self._last = wall
        kept = {"at": wall.isoformat(timespec="seconds"), "boot": self._boot_id, "by": self._by}
        self._writer.add(Keep(KEPT, json.dumps(kept)))


def last_believed(kept: str | None) -> datetime | None:
    """The time in what is kept; None where there is none."""
    try:
        at = datetime.fromisoformat(json.loads(kept or "{}")["at"])
    except (ValueError, KeyError, TypeError):
        return None
    return at if at.tzinfo else None


def _kept(store: Store, boot_id: str) -> tuple[datetime | None, By | None]:
    try:
        kept = store.kept(KEPT)
        said = json.loads(kept or "{}")
    except (StoreError, ValueError):
        return None, None
    same_boot = isinstance(said, dict) and boot_id != "" and said.get("boot") == boot_id
    by = said.get("by") if same_boot else None
    return last_believed(kept), by if by in ("network", "hardware", "mobile") else None
