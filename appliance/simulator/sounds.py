"""Sounds that phones, exchanges and modems make, as functions of time: samples of 16 bits at any moment.

A sound is asked for `count` samples from the moment `start` (seconds of the exchange's time) on, `step` seconds apart.
So each modem hears it by its own clock, and a clock that is fast or slow needs no resampling.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from math import exp, floor, pi, sin
from typing import Protocol

RATE = 8000
STEP = 1 / RATE
FRAME = 160
"""Samples in 20 ms."""
FULL_SCALE = 32767

Samples = Sequence[int]
SILENT: Samples = (0,) * FRAME


class Sound(Protocol):
    """Anything that can be heard."""

    def samples(self, start: float, count: int, step: float = STEP) -> Samples:
        """`count` samples in -32768 … 32767."""


def amplitude(dbfs: float) -> float:
    """The peak of a sine at this level; 0 dBFS is a sine at full scale."""
    return float(FULL_SCALE * 10 ** (dbfs / 20))


def silence(count: int) -> Samples:
    """Nothing."""
    return SILENT if count == FRAME else (0,) * count


def is_silent(samples: Samples) -> bool:
    """Nothing at all, not even noise."""
    return samples is SILENT or not any(samples)


def mix(parts: Sequence[Samples], count: int) -> Samples:
    """The sum, clipped as a converter clips."""
    audible = [part for part in parts if not is_silent(part)]
    if not audible:
        return silence(count)
    if len(audible) == 1:
        return audible[0]
    first, second, *more = audible
    total = [a + b for a, b in zip(first, second, strict=True)]
    for part in more:
        total = [a + b for a, b in zip(total, part, strict=True)]
    return _clipped(total)


def _clipped(samples: list[int]) -> Samples:
    if max(samples) <= 32767 and min(samples) >= -32768:
        return samples
    return [max(-32768, min(32767, s)) for s in samples]


def scaled(samples: Samples, factor: float) -> Samples:
    """Louder or quieter."""
    if is_silent(samples):
        return samples
    multiplier = round(factor * 65536)
    return _clipped([(s * multiplier + 32768) >> 16 for s in samples])


class Silence:
    """Nobody speaks."""

    def samples(self, start: float, count: int, step: float = STEP) -> Samples:
        """Nothing."""
        return silence(count)


@dataclass(frozen=True, slots=True)
class Tone:
    """Sines of these frequencies (Hz), each at `level` (dBFS), from `begin` on for `lasts` seconds."""

    frequencies: tuple[float, ...]
    level: float = -13.0
    begin: float = 0.0
    lasts: float = float("inf")

    def samples(self, start: float, count: int, step: float = STEP) -> Samples:
        """The sum of the sines; silence outside its time."""
        first, last = start - self.begin, start - self.begin + count * step
        if last <= 0 or first >= self.lasts:
            return silence(count)
        peak = amplitude(self.level)
        turns = [2 * pi * frequency for frequency in self.frequencies]
        if len(turns) == 1:
            turn, at = turns[0] * step, turns[0] * first
            wave = [round(peak * sin(at + turn * k)) for k in range(count)]
        else:
            wave = [round(peak * sum(sin(turn * (first + step * k)) for turn in turns)) for k in range(count)]
        if first < 0 or last > self.lasts:
            wave = [s if 0 <= first + step * k < self.lasts else 0 for k, s in enumerate(wave)]
        return wave


@dataclass(frozen=True, slots=True)
class Cadence:
    """Tones in turn: (frequency in Hz, 0 for a pause, and seconds), over and over unless `once`."""

    steps: tuple[tuple[float, float], ...]
    level: float = -13.0
    begin: float = 0.0
    once: bool = False

    @property
    def period(self) -> float:
        """Seconds of one cycle."""
        return sum(seconds for _, seconds in self.steps)

    def cycles(self, now: float) -> int:
        """How many whole cycles have been heard."""
        return max(0, floor((now - self.begin) / self.period + 1e-9))

    def samples(self, start: float, count: int, step: float = STEP) -> Samples:
        """What falls into these samples, tone by tone."""
        wave: list[int] = []
        while len(wave) < count:
            at = start - self.begin + len(wave) * step
            frequency, left = self._at(at)
            run = min(count - len(wave), max(1, round(min(left, 60.0) / step)))
            tone = Tone((frequency,), self.level).samples(at, run, step) if frequency else silence(run)
            wave += tone
        return silence(count) if not any(wave) else wave

    def _at(self, at: float) -> tuple[float, float]:
        if at < 0:
            return 0.0, -at
        if self.once and at >= self.period:
            return 0.0, 60.0
        within = at % self.period
        for frequency, seconds in self.steps:
            if within < seconds - 1e-9:
                return frequency, seconds - within
            within = max(0.0, within - seconds)
        return self.steps[0][0], self.steps[0][1]


KEYS = {
    key: (low, high)
    for low, row in zip((697, 770, 852, 941), ("123A", "456B", "789C", "*0#D"), strict=True)
    for high, key in zip((1209, 1336, 1477, 1633), row, strict=True)
}
"""The two frequencies of each key (Q.23)."""


def keyed(digits: str, begin: float, *, on: float = 0.1, off: float = 0.1, level: float = -9.0) -> list[Tone]:
    """DTMF of these keys, one after the other, the two tones of a pair at `level` each."""
    pairs = [KEYS[digit] for digit in digits.upper() if digit in KEYS or digit.upper() in KEYS]
    return [Tone(pair, level, begin + place * (on + off), on) for place, pair in enumerate(pairs)]


@lru_cache(maxsize=16)
def _speech(seed: int) -> Samples:
    """Twelve seconds of somebody speaking: spurts of voiced syllables and hiss, with pauses, no words."""
    dice = random.Random(seed)
    wave = [0.0] * (12 * RATE)
    place = round(dice.uniform(0.0, 0.3) * RATE)
    pitch = dice.uniform(95.0, 220.0)
    while place < len(wave) - RATE:
        spurt = dice.randint(3, 9)
        for _ in range(spurt):
            length = round(dice.uniform(0.09, 0.24) * RATE)
            voiced = dice.random() < 0.75
            _syllable(wave, place, length, pitch * dice.uniform(0.85, 1.2) if voiced else 0.0, dice)
            place += length + round(dice.uniform(0.0, 0.04) * RATE)
            if place >= len(wave) - RATE:
                break
        place += round(dice.uniform(0.25, 0.9) * RATE)
    loudest = max(1e-9, max(abs(s) for s in wave))
    return array("h", [round(s / loudest * 32000) for s in wave])


def _syllable(wave: list[float], place: int, length: int, pitch: float, dice: random.Random) -> None:
    """A vowel with two formants, its pitch gliding; or a fricative, where `pitch` is 0."""
    glide, before = dice.uniform(-0.2, 0.2), 0.0
    formants = (dice.uniform(300, 800), dice.uniform(900, 2300))
    harmonics = [
        (n, sum(exp(-(((n * pitch - formant) / 220) ** 2)) for formant in formants) + 0.08)
        for n in range(1, int(3300 / pitch))
    ] if pitch else []  # fmt: skip
    loud = dice.uniform(0.5, 1.0)
    for k in range(min(length, len(wave) - place)):
        at = k / length
        shape = loud * min(1.0, at * 6, (1 - at) * 4)
        if harmonics:
            phase = 2 * pi * pitch * (1 + glide * at / 2) * k / RATE
            wave[place + k] += shape * sum(weight * sin(n * phase) for n, weight in harmonics)
        else:
            noise = dice.uniform(-1, 1)
            wave[place + k] += 0.4 * shape * (noise - 0.6 * before)
            before = noise


@dataclass(frozen=True, slots=True)
class Speech:
    """Somebody speaking, without words: each `seed` is another voice. `level`: its peaks, in dBFS.

    `begin` and `lasts` in seconds.
    """

    seed: int = 1
    level: float = -6.0
    begin: float = 0.0
    lasts: float = float("inf")

    def samples(self, start: float, count: int, step: float = STEP) -> Samples:
        """Stored samples from the nearest one on: within a frame no two clocks differ enough to be heard."""
        if start < self.begin - count * step or start >= self.begin + self.lasts:
            return silence(count)
        store = _at_level(self.seed, self.level)
        begin = round((start - self.begin) / STEP) % len(store)
        cut = store[begin : begin + count]
        if len(cut) < count:
            cut = cut + store[: count - len(cut)]
        return cut if any(cut) else silence(count)


@lru_cache(maxsize=32)
def _at_level(seed: int, level: float) -> array[int]:
    gain = amplitude(level) / 32000
    return array("h", [round(s * gain) for s in _speech(seed)])


@lru_cache(maxsize=8)
def _noise(level: float, seed: int) -> array[int]:
    dice, spread = random.Random(seed), amplitude(level) / 2**0.5
    return array("h", [max(-32768, min(32767, round(dice.gauss(0.0, spread)))) for _ in range(3 * RATE)])


@dataclass(frozen=True, slots=True)
class Noise:
    """White noise; `level` is its RMS against that of a full-scale sine. The same moment sounds the same again."""

    level: float = -50.0
    seed: int = 1

    def samples(self, start: float, count: int, step: float = STEP) -> Samples:
        """Stored noise, from a place that the moment decides."""
        store = _noise(self.level, self.seed)
        begin = round(start / STEP) * 7919 % (len(store) - count)
        return store[begin : begin + count]


@dataclass(slots=True)
class Script:
    """Several sounds at a time: what is added later is heard on top."""

    parts: list[Sound] = field(default_factory=list)

    def samples(self, start: float, count: int, step: float = STEP) -> Samples:
        """The sum of what sounds now; tones that are over are forgotten."""
        self.parts = [p for p in self.parts if not (isinstance(p, Tone) and start > p.begin + p.lasts + 1.0)]
        return mix([part.samples(start, count, step) for part in self.parts], count)


@dataclass(slots=True)
class Played:
    """Samples that a modem has sent of late, kept so that another modem can hear them by its own clock."""

    _frames: list[tuple[float, float, Samples]] = field(default_factory=list)
    keep: float = 0.5

    def add(self, start: float, step: float, samples: Samples) -> None:
        """A frame that began at `start`."""
        self._frames.append((start, step, samples))
        if len(self._frames) > 50:
            self._frames = list(islice(self._frames, 25, None))

    def samples(self, start: float, count: int, step: float = STEP) -> Samples:
        """What was being sent then; silence where nothing was."""
        end = start + count * step
        frames = [f for f in self._frames if f[0] < end and f[0] + len(f[2]) * f[1] > start]
        if not frames:
            return silence(count)
        if abs(frames[0][1] - step) < 1e-12:
            return self._cut(frames, start, count, step)
        wave = [0] * count
        for begin, frame_step, samples in frames:
            if is_silent(samples):
                continue
            for k in range(max(0, floor((begin - start) / step)), count):
                place, rest = divmod((start + k * step - begin) / frame_step, 1.0)
                index = int(place)
                if index >= len(samples):
                    break
                if index >= 0:
                    following = samples[index + 1] if index + 1 < len(samples) else samples[index]
                    wave[k] = round(samples[index] + (following - samples[index]) * rest)
        return wave

    def _cut(self, frames: list[tuple[float, float, Samples]], start: float, count: int, step: float) -> Samples:
        """By the same clock there is nothing to interpolate."""
        wave: list[int] = []
        for begin, _, samples in frames:
            skip = round((start - begin) / step) + len(wave)
            wave += [0] * min(count - len(wave), -skip) if skip < 0 else []
            wave += samples[max(0, skip) : max(0, skip) + count - len(wave)]
        wave += [0] * (count - len(wave))
        return wave if any(wave) else silence(count)
