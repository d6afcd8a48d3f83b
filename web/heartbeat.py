"""The page's sign of life for systemd: given only while a thread is free to answer and the server's loop goes round."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

READY, ALIVE = "READY=1", "WATCHDOG=1"
"""sd_notify(3)."""
BEATS = 4
"""Signs of life in the time within which one is wanted."""


class Notifier(Protocol):
    """Who tells systemd."""

    @property
    def watchdog(self) -> float | None:
        """Seconds within which a sign of life is wanted; None: it is not."""

    def say(self, *assignments: str) -> None:
        """Tell it; never raises."""


class Threads(Protocol):
    """The server's threads."""

    def add_task(self, task: Heartbeat) -> None:
        """Have the next free one call the task's `service`."""


class Heartbeat:
    """A question that takes the way of a visitor's: to a thread, and back to the loop; there it is answered.

    `in_loop` has the server's loop call what it is given.
    """

    def __init__(self, notifier: Notifier, threads: Threads, in_loop: Callable[[Callable[[], None]], None]) -> None:
        self._notifier, self._threads, self._in_loop = notifier, threads, in_loop
        self._answered = threading.Semaphore(0)

    def begin(self) -> None:
        """The server listens: say so, and from now on that it still answers."""
        self._notifier.say(READY)
        if (within := self._notifier.watchdog) is not None:
            threading.Thread(target=self._beat, args=(within / BEATS,), name="heartbeat", daemon=True).start()

    def _beat(self, pause: float) -> None:
        while True:
            self._threads.add_task(self)
            self._answered.acquire()
            time.sleep(pause)

    def service(self) -> None:
        """In one of the server's threads."""
        self._in_loop(self._answer)

    def _answer(self) -> None:
        self._notifier.say(ALIVE)
        self._answered.release()

    def cancel(self) -> None:
        """The server ends."""
