"""The engine's sign of life to systemd: given by its own loop, and only while its lines are being served.

A line is being served as long as what it waits for is dealt with in time, whatever the state of its modem: a modem
that is unplugged or hung is looked after by its seat, and no restart of ours would cure it. A seat whose deadline
passes and passes, or that keeps a call which its modem no longer has, is a mistake of ours, and a restart does cure it.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from appliance.ports.notify import Notifier

log = logging.getLogger(__name__)

OVERDUE = 10.0
"""Seconds by which what a line waits for may be late."""
ORPHANED = 120.0
"""Seconds a call may outlive its modem's: longer than any step of a call takes."""
BEATS = 3
"""Signs of life within the time systemd allows: two may be lost."""


class _Driver(Protocol):
    @property
    def idle(self) -> bool: ...
    def state(self) -> str: ...


class Seat(Protocol):
    """What is asked of an engine's seat."""

    @property
    def name(self) -> str: ...
    @property
    def call(self) -> object | None: ...
    @property
    def driver(self) -> _Driver: ...
    def deadline(self, now: float) -> float: ...


class Heart:
    """Call beat() after every turn of the engine's loop, stopping() when it begins to stop."""

    def __init__(self, notifier: Notifier, seats: Callable[[], Sequence[Seat]]) -> None:
        self._notifier = notifier
        self._seats = seats
        self._every = (notifier.watchdog or 0.0) / BEATS
        self._next = 0.0
        self._said = ""
        self._orphaned: dict[str, float] = {}
        self._is_ready = self._is_stopping = False

    def beat(self, now: float) -> None:
        """A turn is over (monotonic seconds)."""
        if not self._is_ready:
            self._is_ready = True
            self._notifier.say("READY=1")
        if (status := self._status()) != self._said and not self._is_stopping:
            self._said = status
            self._notifier.say(f"STATUS={status}")
        if not self._every or now < self._next:
            return
        self._next = now + self._every
        if stuck := self.stuck(now):
            log.critical("not served any more: %s; systemd will start the engine anew", ", ".join(stuck))
        else:
            self._notifier.say("WATCHDOG=1")

    def stopping(self) -> None:
        """The engine has begun to stop."""
        self._is_stopping = True
        self._notifier.say("STOPPING=1")

    def stuck(self, now: float) -> list[str]:
        """The lines that are not being served."""
        seats = self._seats()
        return [one.name for one in seats if self._is_orphaned(one, now) or now - one.deadline(now) > OVERDUE]

    def _is_orphaned(self, seat: Seat, now: float) -> bool:
        """Whether the seat has had a call for long that its modem no longer has."""
        if seat.call is None or not seat.driver.idle:
            self._orphaned.pop(seat.name, None)
            return False
        return now - self._orphaned.setdefault(seat.name, now) > ORPHANED

    def _status(self) -> str:
        """ "2 ready, 1 down", for `systemctl status`."""
        counts = Counter(seat.driver.state() for seat in self._seats())
        return ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in counts.items()) or "no lines set up"
