"""An analog modem's voice data state: shielded sound from and to the host, and the events in it (V.253 9 and 10)."""

from __future__ import annotations

from appliance.simulator.codings import CODINGS
from appliance.simulator.ears import Keypad, level
from appliance.simulator.sounds import FRAME, Samples, is_silent, silence

DLE, ETX, SUB, ESC, CAN, DC4 = 0x10, 0x03, 0x1A, 0x1B, 0x18, 0x14
ABORT_RECEIVE, END_DUPLEX = ord("!"), ord("^")
PAUSE, RESUME, LOUDER, QUIETER = ord("p"), ord("r"), ord("u"), ord("d")
QUIET_LEVEL = -45.0
DTMF_REPEAT = 0.07


def shield(octets: bytes) -> bytes:
    """Every DLE doubled (V.253 9.1.3.3)."""
    return octets.replace(b"\x10", b"\x10\x10") if b"\x10" in octets else octets


class VoiceStream:
    """What +VTX, +VRX or +VTR began. `ended`: the host has asked for the end, by this code."""

    def __init__(self, sends: bool, receives: bool, coding: str) -> None:
        """`sends` and `receives` as the host sees it."""
        self.sends = sends
        self.receives = receives
        self.coding = CODINGS[coding]
        self.ended: int | None = None
        self.started = False
        self.paused = False
        self.underrun = False
        self.queue = bytearray()
        self.unknown: list[int] = []
        self._escaped = False

    def feed(self, data: bytes) -> None:
        """Octets from the host."""
        while data:
            if self._escaped:
                self._escaped = False
                self._code(data[0])
                data = data[1:]
                continue
            plain, dle, data = data.partition(b"\x10")
            self._sound(plain)
            self._escaped = bool(dle)

    def _code(self, code: int) -> None:
        match code:
            case 0x10:
                self._sound(b"\x10")
            case 0x1A:
                self._sound(b"\x10\x10")
            case 0x03 if self.sends and not self.receives:
                self.ended = code
            case 0x5E if self.sends and self.receives:
                self.ended = code
            case 0x21 if self.receives and not self.sends:
                self.ended = code
            case 0x1B:
                self.queue.clear()
                self.ended = code
            case 0x18:
                self.queue.clear()
            case 0x14 if self.sends:
                self.queue.clear()
                self.ended = code
            case 0x70:
                self.paused = True
            case 0x72:
                self.paused = False
            case 0x00 | 0x75 | 0x64:
                pass  # keeps the inactivity timer from running out; louder; quieter
            case _:
                self.unknown.append(code)

    def _sound(self, octets: bytes) -> None:
        if self.sends and self.ended is None:
            self.queue += octets

    @property
    def drained(self) -> bool:
        """The end was asked for and everything before it has been played."""
        return self.ended is not None and not self.queue

    def frame(self) -> Samples:
        """The next 20 ms to play; what is missing is silence."""
        if not self.sends or self.paused or not self.queue:
            self.underrun = self.sends and self.started and self.ended is None and not self.paused
            return silence(FRAME)
        size = FRAME * self.coding.width
        octets = bytes(self.queue[:size])
        del self.queue[:size]
        if not self.started and len(octets) + len(self.queue) < size and self.ended is None:
            self.queue[:0] = octets  # too little to begin with
            return silence(FRAME)
        self.started = True
        self.underrun = len(octets) < size and self.ended is None
        octets += self.coding.rest * ((size - len(octets)) // self.coding.width)
        wave = self.coding.decode(octets)
        return wave if any(wave) else silence(FRAME)

    def encoded(self, samples: Samples) -> bytes:
        """A frame for the host, shielded."""
        return shield(self.coding.encode(samples))


class Detector:
    """What the modem itself believes to hear: keys, silence, quiet. Its events as codes of V.253 table 8."""

    def __init__(self, style: str) -> None:
        self._style = style
        self._keypad = Keypad()
        self._pressed = ""
        self._repeat_at = 0.0
        self._quiet_since: float | None = None
        self._spoken = False

    def hear(self, samples: Samples, now: float, interval: float) -> str:
        """Events of this frame, a character each. `interval`: seconds of silence that count, 0 for never."""
        return self._keys(samples, now) + self._silence(samples, now, interval)

    def _keys(self, samples: Samples, now: float) -> str:
        self._keypad.feed(samples)
        before, key = self._pressed, self._keypad.pressed
        self._pressed = key
        if self._style == "once":
            return key if key and key != before else ""
        events = "~" if before and key != before else ""
        if key and key != before:
            self._repeat_at = now + DTMF_REPEAT
            return events + "/" + key
        if key and now >= self._repeat_at:
            self._repeat_at += DTMF_REPEAT
            return key
        return events

    def _silence(self, samples: Samples, now: float, interval: float) -> str:
        if not is_silent(samples) and level(samples) > QUIET_LEVEL:
            self._quiet_since, self._spoken = None, True
            return ""
        if self._quiet_since is None:
            self._quiet_since = now
        if interval and now - self._quiet_since >= interval:
            self._quiet_since = now
            return "q" if self._spoken else "s"
        return ""
