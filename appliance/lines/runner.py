"""Runs the scripts of a line: one for its call, one on the side, and a queue for the side."""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from msgspec import Struct

from appliance.at.command import Command, Reply
from appliance.at.session import Session
from appliance.core.sound import SoundEvent
from appliance.lines.scripts import Hear, LateAnswer, Legs, Pause, Script, Until, Wait


class Host(Protocol):
    """What the runner needs of the line."""

    session: Session
    now: float

    def ask_calls(self, urgent: bool = False) -> None:
        """Have the list of calls asked for; `urgent`: the call waits for it."""


class _Running(Struct):
    script: Script
    waiting: Wait | None = None
    wake_at: float = float("inf")
    heard: bool = False
    """A list of calls has come since it began to wait."""


class Runner:
    """Hand it replies, call lists and the time; it resumes whichever script waits for them."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._call: _Running | None = None
        self._side: _Running | None = None
        self._queue: deque[tuple[bool, Callable[[], Script]]] = deque()

    # --- starting and stopping -------------------------------------------------------------------

    @property
    def call_is_running(self) -> bool:
        """A script works on the call."""
        return self._call is not None

    @property
    def side_is_free(self) -> bool:
        """Nothing runs or waits on the side."""
        return self._side is None and not self._queue

    def start_call(self, script: Script) -> None:
        """Begin this for the call, in place of what ran."""
        self.cancel_call()
        self._call = _Running(script)
        self._resume(self._call, None)

    def cancel_call(self) -> None:
        """The call script is not needed any more."""
        running, self._call = self._call, None
        self._close(running)

    def start_side(self, factory: Callable[[], Script], survives: bool = False) -> None:
        """Queue this on the side. `survives`: a reset leaves it in the queue (a text, until it can be said)."""
        self._queue.append((survives, factory))
        self.next_side()

    def next_side(self) -> None:
        """Begin the next one on the side, if none runs."""
        if self._side is None and self._queue:
            self._side = _Running(self._queue.popleft()[1]())
            self._resume(self._side, None)

    def reset(self) -> None:
        """The modem has gone: end what runs; of what waits, keep only what survives."""
        self.cancel_call()
        running, self._side = self._side, None
        self._close(running)
        self._queue = deque(entry for entry in self._queue if entry[0])

    # --- what scripts wait for -------------------------------------------------------------------

    @property
    def awaits_calls(self) -> bool:
        """A script waits for a change in the list of calls."""
        return any(isinstance(running.waiting, Until) for running in self._both())

    def deadline(self) -> float:
        """When tick() wants to be called; inf if never."""
        return min((running.wake_at for running in self._both()), default=float("inf"))

    def tick(self) -> None:
        """Resume whatever has waited long enough."""
        for running in self._both():
            if self._host.now >= running.wake_at:
                self._resume(running, False if running.heard else None)

    def on_reply(self, reply: Reply) -> None:
        """A command has ended."""
        for running in self._both():
            if running.waiting is reply.command:
                self._resume(running, reply)
                return

    def on_calls(self, legs: Legs) -> None:
        """The list of calls is known anew."""
        for running in self._both():
            if isinstance(running.waiting, Until):
                running.heard = True
                if running.waiting.holds(legs):
                    self._resume(running, True)

    def on_sound(self, event: SoundEvent) -> bool:
        """Something was heard; says whether a script waited for it."""
        waited = False
        for running in self._both():
            if isinstance(running.waiting, Hear) and running.waiting.holds(event):
                waited = True
                self._resume(running, event)
        return waited

    def on_late_text(self, command: Command, sent: bool) -> bool:
        """A text that was given up has been answered after all; says whether a script waited for that."""
        for running in self._both():
            if isinstance(running.waiting, LateAnswer) and running.waiting.command is command:
                self._resume(running, sent)
                return True
        return False

    # --- within ----------------------------------------------------------------------------------

    def _both(self) -> list[_Running]:
        return [running for running in (self._call, self._side) if running]

    def _resume(self, running: _Running, value: Any) -> None:  # noqa: ANN401 - each wait has its own kind of answer
        running.wake_at, running.waiting, running.heard = float("inf"), None, False
        try:
            wait = running.script.send(value)
        except StopIteration:
            self._ended(running)
            return
        if running is not self._call and running is not self._side:
            running.script.close()  # it was cancelled by what it did itself
            return
        running.waiting = wait
        if isinstance(wait, Command):
            self._host.session.submit(wait, self._host.now)
        elif isinstance(wait, Pause):
            running.wake_at = self._host.now + wait.seconds
        else:
            running.wake_at = self._host.now + wait.within
            if isinstance(wait, Until):
                self._host.ask_calls(urgent=running is self._call)

    def _ended(self, running: _Running) -> None:
        if running is self._call:
            self._call = None
        elif running is self._side:
            self._side = None
            self.next_side()

    def _close(self, running: _Running | None) -> None:
        if running is None or inspect.getgeneratorstate(running.script) == inspect.GEN_RUNNING:
            return  # one that cancels itself from within is closed when it next yields
        if isinstance(running.waiting, Command):
            self._host.session.abandon(running.waiting)
        running.script.close()
