"""What a simulated party makes of what it hears: a recording, levels, keys pressed at the other end."""

from __future__ import annotations

import wave
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import cos, log10, pi
from pathlib import Path

from appliance.simulator.sounds import FULL_SCALE, KEYS, RATE, Samples, is_silent

QUIET = -55.0
"""RMS in dBFS below which a frame counts as silent."""


def level(samples: Sequence[int]) -> float:
    """RMS against a full-scale sine, in dBFS."""
    if not samples:
        return -120.0
    power = 2 * sum(s * s for s in samples) / len(samples)
    return 10 * log10(power / FULL_SCALE**2) if power > 0 else -120.0


def power_at(samples: Sequence[int], frequency: float, rate: float = RATE) -> float:
    """Power of one frequency (Goertzel), scaled so that a sine of that frequency has its own mean square."""
    coefficient, before, earlier = 2 * cos(2 * pi * frequency / rate), 0.0, 0.0
    for sample in samples:
        before, earlier = sample + coefficient * before - earlier, before
    total = before * before + earlier * earlier - coefficient * before * earlier
    return 2 * total / len(samples) ** 2 if samples else 0.0


def tone_level(samples: Sequence[int], frequency: float) -> float:
    """Level of one frequency in dBFS."""
    power = 2 * power_at(samples, frequency)
    return 10 * log10(power / FULL_SCALE**2) if power > 0 else -120.0


class Keypad:
    """Hears DTMF (Q.24): a pair for 40 ms or more counts, once, until it ends."""

    def __init__(self) -> None:
        self.digits = ""
        self._block: list[int] = []
        self._candidate = ""
        self._runs = 0
        self._pressed = ""

    @property
    def pressed(self) -> str:
        """The key that is being held down; "" for none."""
        return self._pressed

    def feed(self, samples: Samples) -> str:
        """Keys that were pressed anew within these samples."""
        before = len(self.digits)
        self._block += samples
        while len(self._block) >= 160:
            block, self._block = self._block[:160], self._block[160:]
            self._one(self._key(block))
        return self.digits[before:]

    def _one(self, key: str) -> None:
        self._runs = self._runs + 1 if key == self._candidate else 1
        self._candidate = key
        if self._runs == 2 and key != self._pressed:
            self._pressed = key
            self.digits += key

    def _key(self, block: Sequence[int]) -> str:
        if is_silent(block) or level(block) < -42.0:
            return ""
        total = sum(s * s for s in block) / len(block)
        high = _strongest(block, (1209, 1336, 1477, 1633))
        if high[0] < 0.06 * total:  # most of speech goes no further
            return ""
        low = _strongest(block, (697, 770, 852, 941))
        if low[0] + high[0] < 0.7 * total or not 0.1 < low[0] / max(high[0], 1e-9) < 10:
            return ""
        return next(key for key, pair in KEYS.items() if pair == (low[1], high[1]))


def _strongest(block: Sequence[int], frequencies: tuple[int, ...]) -> tuple[float, int]:
    return max((power_at(block, frequency), frequency) for frequency in frequencies)


@dataclass(slots=True)
class Ear:
    """A recording of what was heard, 8000 samples a second by the clock of whoever sent them.

    `began`: the moment of the first sample. Time for which nothing came is filled with silence.
    """

    began: float | None = None
    samples: array[int] = field(default_factory=lambda: array("h"))
    keypad: Keypad = field(default_factory=Keypad)
    _until: float = 0.0

    def hear(self, start: float, samples: Samples, step: float) -> None:
        """A frame that began at `start`."""
        if self.began is None:
            self.began = self._until = start
        missing = round((start - self._until) * RATE)
        if missing > 40:  # a pause, not a jitter of a few samples
            self.samples.extend([0] * missing)
        self.samples.extend(samples)
        self._until = start + len(samples) * step
        self.keypad.feed(samples)

    @property
    def digits(self) -> str:
        """The keys heard so far."""
        return self.keypad.digits

    @property
    def seconds(self) -> float:
        """How much was heard."""
        return len(self.samples) / RATE

    def between(self, start: float, end: float) -> array[int]:
        """The samples of a span of the exchange's time."""
        began = self.began or 0.0
        return self.samples[max(0, round((start - began) * RATE)) : max(0, round((end - began) * RATE))]

    def last(self, seconds: float) -> array[int]:
        """The latest samples."""
        return self.samples[-round(seconds * RATE) :]

    def save(self, path: Path) -> None:
        """As a WAV file."""
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(self.samples.tobytes())
