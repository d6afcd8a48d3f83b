"""What every kind of line shares: a modem that comes with its port, says things, forgets all, and is lost."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from math import inf
from typing import Protocol

from appliance.at.session import Session, SessionEvent
from appliance.core import events
from appliance.lines.runner import Runner
from appliance.lines.scripts import Script

log = logging.getLogger(__name__)


class _Facts(Protocol):
    problem: str | None


class _Call(Protocol):
    @property
    def idle(self) -> bool: ...

    def deadline(self) -> float: ...

    def tick(self) -> None: ...

    def forget(self) -> None: ...


class _Voice(Protocol):
    def forget(self) -> None: ...


class ModemLine(ABC):
    """Sans-I/O: bytes and the time in, bytes and events out."""

    facts: _Facts
    call: _Call
    voice: _Voice

    def __init__(self, name: str, session: Session, errands: tuple[str, ...]) -> None:
        """errands: what it does by itself while nothing else is to be done, the most pressing first."""
        self.name = name
        self.session = session
        self.now = 0.0
        self.lost: str | None = "not opened"
        """Why the port must be opened anew (a code of core/problems); None while it serves."""
        self.started = False
        self.scripts = Runner(self)
        self._events: list[events.LineEvent] = []
        self._due = dict.fromkeys(errands, inf)
        """Each errand, and when it is to be run."""

    # --- what a kind of line adds ----------------------------------------------------------------

    @abstractmethod
    def start_up(self) -> Script:
        """From a modem of which nothing is known to one that takes calls."""

    @abstractmethod
    def ask_calls(self, urgent: bool = False) -> None:
        """Have the list of calls asked for; `urgent`: the call waits for it."""

    @abstractmethod
    def _run(self, errand: str) -> None:
        """Start this errand."""

    @abstractmethod
    def _handle(self, news: list[SessionEvent]) -> None:
        """What the session says."""

    # --- the port --------------------------------------------------------------------------------

    def port_opened(self, now: float) -> None:
        """The port is open: begin from nothing."""
        self._forget(now)
        # a modem that hung counts as down until it has answered
        self.facts.problem = "hung" if self.lost == "hung" else None
        self.lost = None
        self.scripts.start_side(self.start_up)

    def port_lost(self, now: float, reason: str) -> None:
        """The port is gone (reason: a code of core/problems)."""
        self.now = now
        self.lose(reason)

    def receive(self, data: bytes, now: float) -> None:
        """Bytes came."""
        self.now = now
        self._handle(self.session.receive(data, now))

    def data_to_send(self) -> bytes:
        """Bytes for the port."""
        return self.session.data_to_send()

    def take_events(self) -> list[events.LineEvent]:
        """What has happened since last asked."""
        taken, self._events = self._events, []
        return taken

    # --- time ------------------------------------------------------------------------------------

    def deadline(self) -> float | None:
        """When tick() wants to be called, if nothing comes before."""
        if self.lost:
            return None
        times = [self.call.deadline(), self.scripts.deadline(), self.session.deadline() or inf]
        if self._may_run_errands():
            times += self._due.values()
        due = min(times)
        return due if due < inf else None

    def tick(self, now: float) -> None:
        """Let time pass."""
        self.now = now
        if self.lost:
            return
        self._handle(self.session.tick(now))
        self.scripts.tick()
        self.call.tick()
        if self._may_run_errands():
            errand = next((one for one, due in self._due.items() if now >= due), None)
            if errand is not None:
                self._due[errand] = inf
                self._run(errand)

    def _may_run_errands(self) -> bool:
        return self.idle and self.scripts.side_is_free

    # --- how it is -------------------------------------------------------------------------------

    @property
    def idle(self) -> bool:
        """No call rings or is up."""
        return self.call.idle

    @property
    def at_rest(self) -> bool:
        """Nothing is under way that a stop would cut off."""
        return self.lost is not None or (not self.scripts.call_is_running and self.idle)

    # --- for the scripts -------------------------------------------------------------------------

    def emit(self, event: events.LineEvent) -> None:
        """Tell the core."""
        self._events.append(event)

    def changed(self) -> None:
        """Something `status` shows has changed."""
        self.emit(events.LineChanged(self.name))

    def trouble(self, problem: str | None, pause: float = 0.0) -> float:
        """Note what keeps start-up waiting (a code of core/problems) and give back how long to wait."""
        if problem != self.facts.problem:
            self.facts.problem = problem
            self.changed()
            if problem:
                log.warning("%s: %s", self.name, problem)
        return pause

    def restart(self, reason: str) -> None:
        """The modem has forgotten what it was told, or its SIM has gone: start up anew."""
        had_call = self.started or not self.idle
        self._forget(self.now)
        if had_call:
            self.emit(events.LineLost(self.name, reason))
        self.scripts.start_side(self.start_up)

    def lose(self, reason: str) -> None:
        """The modem cannot be used any more (a code of core/problems): its port must be opened anew."""
        if self.lost:
            self.lost = reason
            return
        log.warning("%s: line lost: %s", self.name, reason)
        self._forget(self.now)
        self.lost = reason
        self.emit(events.LineLost(self.name, reason))

    def _forget(self, now: float) -> None:
        """Back to nothing: whatever the modem was told is gone."""
        self.now = now
        self.scripts.reset()
        self.session.reset()
        self.call.forget()
        self.voice.forget()
        self._due = dict.fromkeys(self._due, inf)
        self.started = False
