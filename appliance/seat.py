"""One line's seat at the engine: its port, found and opened again and again, its driver, and the call it has.

While the line's sound is in the studio's hands, so is the port that carries it: the seat neither reads nor writes it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from appliance.core import actions, settings
from appliance.core.call import Call
from appliance.core.errors import PortLost
from appliance.core.outside import Outside, Port
from appliance.core.sound import Close, Open, SoundEvent, StreamEnded, StreamOpened
from appliance.lines.analog_probe import AnalogProbe
from appliance.lines.driver import Driver
from appliance.lines.probe import Probe
from appliance.patch import Patch
from appliance.revival import Revival

log = logging.getLogger(__name__)

REOPEN_EVERY = 1.0
"""Seconds between two looks for a port that is not there."""
REST = 2.0
"""Seconds a modem that hung is left alone before its port is opened anew."""
LEAVE_ALONE = (3.0, 5.0, 10.0, 10.0, 10.0, 60.0, 300.0)
"""Seconds before a port that kept silent is asked again: a modem may still be booting. One that talked of something
else waits for the longest: something else may be plugged in there by then."""
ELSEWHERE_AFTER = 4.0
"""Seconds a named port must be missing before its modem is sought under other names."""
BLOCKED_RETRY = 0.02
REVIVAL_STEP = 0.2
"""Seconds between two looks at how the revival of a modem goes on."""


class Seat:
    """Reads, writes and reopens; knows nothing of calls but that there is one."""

    def __init__(self, line: settings.Line, driver: Driver, outside: Outside) -> None:
        self.settings = line
        self.driver = driver
        self.port: Port | None = None
        self.call: Call | None = None
        self.patch: Patch | None = None
        """Its caller's target is called over another line."""
        self.leg_of: Seat | None = None
        """The seat whose caller's target is called over this line."""
        self.heard_at = float("-inf")
        """When the modem last said anything."""
        self._outside = outside
        self._out = bytearray()
        self._lent: Port | None = None
        """The port the studio has: this line's own, or one for sound alone."""
        self._blocked = False
        self._open_at = 0.0
        self._missing_since: float | None = None
        self._revival = Revival(outside)
        self._probe: Probe | AnalogProbe | None = None
        self._probed: Port | None = None
        self._left_alone: dict[str, tuple[float, int]] = {}
        """Port that was no modem → until when it is left alone, how often it has been asked."""
        self._known_imei: str | None = None
        self._down_since: float | None = None
        self._home: str | None = None

    @property
    def name(self) -> str:
        """The line's name in the settings."""
        return self.settings.name

    @property
    def open_port(self) -> Port | None:
        """The port in use, be it for the line or for a question."""
        return self.port or self._probed

    @property
    def heard_port(self) -> Port | None:
        """The port whose bytes are the seat's to read."""
        return None if self._lent is not None and self._lent is self.port else self.open_port

    @property
    def busy(self) -> bool:
        """A call or a release is under way, or another line has a leg here."""
        return self.call is not None or self.leg_of is not None or not self.driver.idle

    @property
    def takes_texts(self) -> bool:
        """A text could leave now."""
        return not self.busy and self.driver.takes_texts

    def note_state(self, now: float) -> float:
        """For how many seconds the line has been down."""
        if self.driver.state() != "down":
            self._down_since = None
            if self.driver.state() != "starting":
                self._revival.well()
            return 0.0
        self._down_since = now if self._down_since is None else self._down_since
        return now - self._down_since

    def deadline(self, now: float) -> float:
        """When listen() wants to be called, if nothing comes before; inf if never."""
        if self._probe:
            return self._probe.deadline()
        if self.port is None:
            return self._open_at
        times = [self.driver.deadline() or float("inf")]
        if self.call:
            times.append(self.call.deadline() or float("inf"))
        if self._blocked:
            times.append(now + BLOCKED_RETRY)
        return min(times)

    # --- one turn --------------------------------------------------------------------------------

    def listen(self, now: float, taken: Callable[[], set[str]], quiet: Callable[[], bool] = lambda: True) -> None:
        """Open what can be opened, take what has come, let time pass.

        `taken`: the real paths of ports in use; `quiet`: no line has a call.
        """
        try:
            if self._probe:
                self._ask_on(now)
            elif self.port is None:
                if now >= self._open_at and not self._revives(now, quiet):
                    self._seek(now, taken)
                return
            if self.port is None:
                return
            data = self.port.read() if self.heard_port else b""
            if data:
                self.heard_at = now
                self.driver.receive(data, now)
            due = self.driver.deadline()
            if due is not None and now >= due:
                self.driver.tick(now)
        except PortLost as lost:
            self.drop(now, lost.problem)
        if self.driver.lost and self.port:
            self.drop(now, self.driver.lost)

    def perform(self, todo: list[actions.Action], now: float) -> None:
        """Have the line do what the core asks."""
        for action in todo:
            self.driver.perform(action, now)

    def speak(self, now: float) -> None:
        """Write what the driver has to say."""
        self._out += self.driver.data_to_send()
        if not self._out or self.port is None:
            self._out.clear()
            return
        if self.heard_port is None:
            return  # it has to wait until the studio gives the port back
        try:
            taken = self.port.write(bytes(self._out))
        except PortLost as lost:
            self.drop(now, lost.problem)
            return
        del self._out[:taken]
        self._blocked = bool(self._out)

    def drop(self, now: float, reason: str) -> None:
        """The port is gone, or must be opened anew."""
        for port in (self.port, self._probed):
            if port:
                port.close()
        if self._lent is not None:
            self._outside.studio.wish(self.name, Close())
            self._lent.close()
            self._lent = None
        self._known_imei = self.driver.imei or self._known_imei
        self.port = self._probed = self._probe = None
        self._out.clear()
        self._blocked = False
        self._open_at = now + (REST if reason == "hung" else REOPEN_EVERY)
        if reason == "hung":
            self._revival.hung()
        self.driver.port_lost(now, reason)

    # --- sound -----------------------------------------------------------------------------------

    def carry(self, now: float) -> bool:
        """Take the driver's wishes to the studio, and with the first the port that carries the sound.

        Says whether there were any.
        """
        wishes = self.driver.take_wishes()
        for wish in wishes:
            if isinstance(wish, Open):
                self._lend(wish, now)
            elif self._lent is not None:
                self._outside.studio.wish(self.name, wish)
        return bool(wishes)

    def hear(self, event: SoundEvent, now: float) -> None:
        """The studio says something of this line."""
        if self._lent is None:
            return  # of a stream that we have given up
        if isinstance(event, StreamEnded):
            lent, self._lent = self._lent, None
            if lent is not self.port:
                lent.close()
            elif event.reason == "lost":
                self.drop(now, "unplugged")
                return
        self.driver.hear(event, now)

    def _lend(self, wish: Open, now: float) -> None:
        port = self._sound_port() if wish.stream.apart else self.port
        if port is None:
            self.driver.hear(StreamEnded("failed"), now)
            return
        self._lent = port
        self._outside.studio.wish(self.name, wish, port)
        self.driver.hear(StreamOpened(), now)

    def _sound_port(self) -> Port | None:
        """Another port of the same modem, open."""
        if self.port is None:
            return None
        path: str | None = self.settings.audio_port
        if path == "auto":
            interface = self.driver.sound_interface
            path = None if interface is None else self._outside.sibling(self.port.path, interface)
        if path is None:
            log.warning("%s: no port for the modem's sound is to be found", self.name)
            return None
        try:
            return self._outside.open(path, self.settings.baudrate)
        except PortLost as lost:
            log.warning("%s: the modem's sound cannot be had: %s", self.name, lost)
            return None

    def _revives(self, now: float, quiet: Callable[[], bool]) -> bool:
        """Something is being done about a modem that hung."""
        path = self.settings.port if self._home is None else self._home
        if path == "auto" or not self._revival.step(path, self.settings.baudrate, now, quiet()):
            return False
        self._open_at = now + REVIVAL_STEP
        return True

    # --- finding the modem -----------------------------------------------------------------------

    def _seek(self, now: float, taken: Callable[[], set[str]]) -> None:
        self._open_at = now + REOPEN_EVERY
        if self.settings.port == "auto":
            self._seek_elsewhere(now, taken, "no_modem")
            return
        try:
            self._serve(self._outside.open(self.settings.port, self.settings.baudrate), now)
        except PortLost as lost:
            self._missing_since = now if self._missing_since is None else self._missing_since
            reason = lost.problem
            if self._known_imei and reason == "port_missing" and now >= self._missing_since + ELSEWHERE_AFTER:
                self._seek_elsewhere(now, taken, reason)
            else:
                self.driver.port_lost(now, reason)

    def _seek_elsewhere(self, now: float, taken: Callable[[], set[str]], reason: str) -> None:
        """Ask the next port that nobody uses and that has not lately proved to be something else."""
        candidates, in_use = self._outside.candidates(), taken()
        self._left_alone = {path: left for path, left in self._left_alone.items() if path in candidates}
        for path in candidates:
            if self._left_alone.get(path, (0.0, 0))[0] > now or os.path.realpath(path) in in_use:
                continue
            try:
                self._probed = self._outside.open(path, self.settings.baudrate)
            except PortLost:
                continue
            log.info("%s: is there a modem on %s?", self.name, path)
            self._probe = AnalogProbe(now) if self.driver.kind == "analog" else Probe(now)
            return
        self.driver.port_lost(now, reason)

    def _ask_on(self, now: float) -> None:
        assert self._probe is not None and self._probed is not None
        probe, port = self._probe, self._probed
        try:
            probe.receive(port.read(), now)
            probe.tick(now)
            if question := probe.data_to_send():
                port.write(question)
        except PortLost:
            probe.verdict = False
        if probe.verdict is None:
            return
        self._probe = self._probed = None
        wanted = self.settings.port == "auto" or probe.imei == self._known_imei
        if probe.verdict and wanted:
            self._serve(port, now)
        else:
            log.info("%s: %s is left alone", self.name, port.path)
            port.close()
            asked = self._left_alone.get(port.path, (0.0, 0))[1] if not probe.stranger else len(LEAVE_ALONE) - 1
            if port.path == self._home:
                asked = min(asked, 1)  # our modem was here, and will be
            pause = LEAVE_ALONE[min(asked, len(LEAVE_ALONE) - 1)]
            self._left_alone[port.path] = (now + pause, asked + 1)
            self._open_at = now

    def _serve(self, port: Port, now: float) -> None:
        log.info("%s: modem on %s", self.name, port.path)
        self.port = port
        self._home = port.path
        self._missing_since = None
        self.driver.port_opened(now)
