"""The sound of a GSM module: a serial port of its own with bare samples, 20 ms at a time, while a call is up.

Sources: chan_dongle (Huawei ^DDSETEX, 320 octets a frame); SIMCom "SIM7X00 Audio Application Note" (+CPCMREG);
Quectel "Voice over USB and UAC" (+QPCMV). The module's clock is its own, `ppm` fast or slow.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.simulator.calls import OUTGOING_LEG, Stat
from appliance.simulator.codings import CODINGS
from appliance.simulator.device import ROOMY, Socket
from appliance.simulator.network import Call
from appliance.simulator.sounds import RATE, Played, Samples, Script, is_silent, keyed, mix, silence

if TYPE_CHECKING:
    from appliance.simulator.module import GsmModule

WIRE = CODINGS["s16le"]
MOST_WAITING = 10
"""Frames the module takes ahead of time; a host that sends more has to wait."""
MOST_UNREAD = 10
"""Frames kept for a host that does not read; older ones are lost."""


@dataclass(slots=True)
class AudioFaults:
    """What can be wrong with the sound; the defaults are a good module.

    `refusals`: so many times switching it on gets ERROR. `short_every`: every so many-th frame lacks its last octets
    (an odd number, so that samples lose their step). `late_every`, `late_seconds`: every so many-th frame comes late,
    the next one at once after it. `lost_every`: every so many-th frame never comes. `stalled_until`: no octet is taken
    before then. `sticks`: a call that ends with the sound still on keeps it from being switched on again until it was
    switched off. `deaf_side`: `send` nobody hears the host, `receive` the host hears nobody.
    """

    refusals: int = 0
    short_every: int = 0
    late_every: int = 0
    late_seconds: float = 0.03
    lost_every: int = 0
    stalled_until: float = 0.0
    deaf_side: str = ""
    sticks: bool = False


class AudioPort:
    """The serial port: samples out, samples in."""

    def __init__(self, audio: ModuleAudio, name: str) -> None:
        self.name = name
        self.socket: Socket | None = None
        self.queue = bytearray()
        self.open = True
        """On a pseudo-terminal nobody can tell whether the host has it open."""
        self._audio = audio
        self._out = bytearray()

    @property
    def has_output(self) -> bool:
        """Whether there is sound to take."""
        return bool(self._out)

    def room(self) -> int:
        """Octets it takes now; what comes while it is switched off is swallowed."""
        if self._audio.now < self._audio.faults.stalled_until:
            return 0
        most = MOST_WAITING * self._audio.frame * WIRE.width
        return max(0, most - len(self.queue)) if self._audio.flows else ROOMY

    def receive(self, data: bytes, now: float) -> None:
        """Sound from the host."""
        self._audio.advance(now)
        if self._audio.flows:
            self.queue += data

    def take_output(self) -> bytes:
        """Sound for the host."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def push(self, octets: bytes) -> None:
        """A frame for the host."""
        self._out += octets
        most = MOST_UNREAD * self._audio.frame * WIRE.width
        if len(self._out) > most:
            del self._out[:-most]

    def opened(self, baudrate: int) -> None:
        """Whatever had gathered is old."""
        self._out.clear()

    def closed(self) -> None:
        """What was not yet played is gone."""
        self.queue.clear()

    def reset_line(self) -> None:
        """Nothing to reset."""

    def unplug(self) -> None:
        """No power."""
        self.closed()
        self._out.clear()

    def plug_in(self) -> None:
        """Power again: off, until asked for."""


class ModuleAudio:
    """`on`: the host has switched the port on. `frame`: samples sent at a time (some SIM7600 firmware: 320)."""

    def __init__(self, module: GsmModule) -> None:
        self.port = AudioPort(self, f"{module.name} audio")
        self.faults = AudioFaults()
        self.played = Played()
        self.on = False
        self.ppm = 0.0
        self.frame = 160
        self._module = module
        self._keys = Script()
        self._stuck = False
        self._ticking = False
        self._next = 0.0
        self._count = 0
        self._held_back = bytearray()
        self._held_back_until = 0.0

    @property
    def now(self) -> float:
        """The exchange's time."""
        return self._module.now

    @property
    def step(self) -> float:
        """Seconds from sample to sample by the module's own clock."""
        return 1 / (RATE * (1 + self.ppm * 1e-6))

    @property
    def in_call(self) -> bool:
        """Whether there is a call to be heard: one that is active, or that is being set up from here."""
        return bool(self._module.calls.of(Stat.ACTIVE, *OUTGOING_LEG))

    @property
    def flows(self) -> bool:
        """Whether samples go over the port now."""
        return self.on and self.in_call and not self._module.deaf

    def advance(self, now: float) -> None:
        """Let time come to what it is."""
        self._module.exchange.advance(now)

    def switch(self, on: bool) -> bool:
        """The host switches the port on or off; False where the module refuses."""
        if on and (self.faults.refusals or self._stuck):
            self.faults.refusals = max(0, self.faults.refusals - 1)
            return False
        self.on, self._stuck = on, False
        self.port.queue.clear()
        self.call_changed()
        return True

    def press(self, keys: str, seconds: float = 0.1) -> None:
        """Keys into the call (+VTS): the network makes tones of them."""
        self._keys.parts += keyed(keys, self.now + 0.05, on=seconds)
        self.call_changed()

    def call_changed(self) -> None:
        """A call came, went or changed: sound begins or ends."""
        if not self._module.calls.entries:
            self.port.queue.clear()
            self._keys.parts.clear()
            if self._module.family.audio_per_call:
                self._stuck = self._stuck or (self.on and self.faults.sticks)
                self.on = False
        elif self.in_call and not self._ticking and (self.on or self._keys.parts):
            self._ticking = True
            self._next = self.now
            self._again()

    def _again(self) -> None:
        self._next += self.frame * self.step
        self._module.exchange.agenda.at(self._next, self._tick)

    def _tick(self) -> None:
        """One frame by the module's own clock: hear what was, play what comes."""
        if not self.in_call or not (self.on or self._keys.parts):
            self._ticking = False
            return
        start, count, step = self._next, self.frame, self.step
        if self.flows:
            silent = self.faults.deaf_side == "receive"
            self._send(silence(count) if silent else self.heard(start - count * step, count, step))
        sent = self._sent(start, count, step)
        self.played.add(start, step, sent)
        calls = self._module.calls
        for entry in calls.of(Stat.ACTIVE):
            if (other := entry.call.other(calls)) is not None:
                others = self.heard(start, count, step, without=entry.call)
                other.hears(entry.call, start, mix([sent, others], count), step)
        self._again()

    def heard(self, start: float, count: int, step: float, without: Call | None = None) -> Samples:
        """What comes from the network: every call that is not on hold, but one."""
        calls, exchange = self._module.calls, self._module.exchange
        parts = [
            exchange.sound_for(entry.call, calls, start, count, step)
            for entry in calls.of(Stat.ACTIVE, *OUTGOING_LEG)
            if entry.call is not without
        ]
        return mix(parts, count)

    def _send(self, samples: Samples) -> None:
        self._count += 1
        octets, faults = WIRE.encode(samples), self.faults
        if faults.lost_every and self._count % faults.lost_every == 0:
            return
        if faults.short_every and self._count % faults.short_every == 0:
            octets = octets[: len(octets) // 2 + 1]
        if faults.late_every and self._count % faults.late_every == 0:
            self._held_back_until = self.now + faults.late_seconds
        self._held_back += octets
        if self.now >= self._held_back_until:
            self._push()
        elif len(self._held_back) == len(octets):
            self._module.later(self._held_back_until - self.now, self._push)

    def _push(self) -> None:
        self.port.push(bytes(self._held_back))
        self._held_back.clear()

    def _sent(self, start: float, count: int, step: float) -> Samples:
        size = count * WIRE.width
        octets = bytes(self.port.queue[:size]) if self.flows else b""
        del self.port.queue[: len(octets)]
        keys = self._keys.samples(start, count, step)
        if not is_silent(keys):
            return keys
        self._keys.parts = [tone for tone in self._keys.parts if getattr(tone, "begin", 0.0) > start]
        if self._module.settings.muted or self.faults.deaf_side == "send" or not any(octets):
            return silence(count)
        return [*WIRE.decode(octets), *silence(count - len(octets) // 2)]
