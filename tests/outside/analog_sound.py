"""Sound of a telephone line: German exchange tones (1 TR 110), DTMF (ITU-T Q.23), and what a listener measures.

Everything is written as a function of time in seconds, so that modems with clocks of their own sample the same sound.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

RATE = 8000
Sound = Callable[[np.ndarray], np.ndarray]  # moments in s to samples in -1..1
ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
KILO = 1012.5  # a tone of 1 kHz of which 20 ms are no whole number of periods, so that a frame lost or repeated shows
KEYS = {key: (ROWS[at // 4], COLUMNS[at % 4]) for at, key in enumerate("123A456B789C*0#D")}


def tone(hertz: float, level: float = 0.2) -> Sound:
    return lambda t: level * np.sin(2 * np.pi * hertz * t)


def cadence(hertz: float, on: float, off: float, start: float = 0.0, level: float = 0.2) -> Sound:
    steady = tone(hertz, level)
    return lambda t: steady(t) * (((t - start) % (on + off)) < on)


def dial(start: float) -> Sound:
    return tone(425)


def busy(start: float) -> Sound:
    return cadence(425, 0.48, 0.48, start)


def congestion(start: float) -> Sound:
    return cadence(425, 0.24, 0.24, start)


def ringback(start: float) -> Sound:
    return cadence(425, 1.0, 4.0, start)


def silence(t: np.ndarray) -> np.ndarray:
    return np.zeros(len(t))


def speech(t: np.ndarray, level: float = 0.2) -> np.ndarray:
    """Something like a voice: a pitch that wanders, its overtones, syllables of a quarter of a second and pauses."""
    pitch = 2 * np.pi * (130 * t + 6 * np.sin(2 * np.pi * 0.9 * t))
    overtones = sum(np.sin(k * pitch) / k for k in range(1, 12))
    syllables = np.clip(np.sin(2 * np.pi * 2.1 * t), 0, 1) * (np.sin(2 * np.pi * 0.31 * t) > -0.6)
    return level * overtones * syllables


@dataclass
class Mouth:
    """What somebody says: sounds that begin and end at monotonic moments, over something lasting."""

    lasting: Sound = silence
    pieces: list[tuple[float, float, Sound]] = field(default_factory=list)

    def __call__(self, t: np.ndarray) -> np.ndarray:
        said = self.lasting(t)
        for start, end, sound in list(self.pieces):
            if start < t[-1] and end > t[0]:
                said = said + sound(t) * ((t >= start) & (t < end))
        return said

    def keys(self, digits: str, at: float, on: float = 0.08, off: float = 0.08, level: float = 0.15) -> float:
        """Presses keys from the moment `at`; gives the moment after the last."""
        for key in digits:
            low, high = (tone(hertz, level) for hertz in KEYS[key])
            self.pieces.append((at, at + on, lambda t, low=low, high=high: low(t) + high(t)))
            at += on + off
        return at


@dataclass
class Ear:
    """What somebody heard: frames with the moment of their first sample."""

    frames: list[tuple[float, np.ndarray]] = field(default_factory=list)

    def add(self, at: float, samples: np.ndarray) -> None:
        self.frames.append((at, samples.astype(np.float32)))

    def between(self, start: float = 0.0, end: float = 1e12) -> np.ndarray:
        parts = [samples for at, samples in list(self.frames) if start <= at < end]
        return np.concatenate(parts).astype(float) if parts else np.zeros(0)

    def keys(self, start: float = 0.0) -> str:
        return decode(self.between(start))

    def loud(self, start: float = 0.0, end: float = 1e12, over: float = 0.01) -> float:
        """Seconds with something to hear."""
        frames = [samples for at, samples in list(self.frames) if start <= at < end]
        return sum(len(samples) / RATE for samples in frames if np.sqrt(np.mean(samples**2)) > over)

    def onsets(self, start: float, hertz: float, over: float = 0.03) -> list[float]:
        """The moments at which bursts of this tone begin."""
        moments, quiet = [], True
        for at, samples in list(self.frames):
            if at < start:
                continue
            for piece in range(0, len(samples), 16):
                strong = abs(power(samples[piece : piece + 16], hertz)) > over
                if strong and quiet:
                    moments.append(at + piece / RATE)
                quiet = not strong
        return moments


def power(samples: np.ndarray, hertz: float) -> complex:
    """The complex amplitude of one frequency."""
    if not len(samples):
        return 0j
    return complex(2 * np.mean(samples * np.exp(-2j * np.pi * hertz * np.arange(len(samples)) / RATE)))


def decode(samples: np.ndarray) -> str:
    """The keys pressed in a recording, as a receiver takes them (Q.24): two frequencies hold most of the energy for two
    windows of 20 ms, 10 ms apart; the same key counts again after a pause of 30 ms."""
    window, step, keys, run, last, pause = 160, 80, "", 0, "", 9
    matrix = np.exp(-2j * np.pi * np.outer(np.array(ROWS + COLUMNS), np.arange(window)) / RATE)
    for at in range(0, len(samples) - window, step):
        piece = samples[at : at + window]
        energy, found = np.mean(piece**2), ""
        if energy > 1e-5:
            strength = np.abs(matrix @ piece * 2 / window) ** 2 / 2
            row, column = int(np.argmax(strength[:4])), int(np.argmax(strength[4:]))
            if strength[row] + strength[4 + column] > 0.75 * energy and 0.1 < strength[row] / strength[4 + column] < 10:
                found = "123A456B789C*0#D"[row * 4 + column]
        run = run + 1 if found and found == last else 1
        if found and run == 2 and (pause >= 3 or keys[-1:] != found):
            keys += found
        pause, last = (0 if found and run >= 2 else pause + 1), found
    return keys


@dataclass(frozen=True)
class Quality:
    """Of a steady tone: `snr` in dB over all, `worst` of the windows of 0.2 s; `jumps` are the moments in s at which
    its phase leaps by more than a twentieth of a period: something was left out, repeated or put in."""

    snr: float
    worst: float
    jumps: tuple[float, ...]
    hertz: float


def quality(samples: np.ndarray, hertz: float = KILO) -> Quality:
    """Of a recording of nothing but one tone. Clocks differ, and a bridge follows them: the frequency may wander
    slowly, so that it is found anew for each window, from the phases in it."""
    block = 80
    rows = samples[: len(samples) // block * block].reshape(-1, block)
    hann = np.hanning(block + 1)[:-1]
    phasors = (rows * hann) @ np.exp(-2j * np.pi * hertz * np.arange(block) / RATE) * 2 / hann.sum()
    turns = np.angle(phasors[1:] * np.conj(phasors[:-1]) * np.exp(-2j * np.pi * hertz * block / RATE))
    slow = np.convolve(np.pad(turns, 25, mode="edge"), np.ones(51) / 51, mode="valid")
    jumps = tuple(float(at * block / RATE) for at in np.flatnonzero(np.abs(turns - slow) > 0.1 * np.pi))
    window = 1600
    t = np.arange(window) / RATE
    noises, powers = [], []
    for at in range(0, len(samples) - window + 1, window):
        piece = samples[at : at + window]
        turn = np.median(turns[at // block : (at + window) // block - 1])
        candidates = []
        for offset in (-0.06, -0.03, 0.0, 0.03, 0.06):
            angle = 2 * np.pi * (hertz + turn / (2 * np.pi) * RATE / block + offset) * t
            basis = np.stack([np.sin(angle), np.cos(angle), np.ones(window)])
            weights = np.linalg.lstsq(basis.T, piece, rcond=None)[0]
            candidates.append(float(np.mean((piece - weights @ basis) ** 2)))
        noises.append(max(min(candidates), 1e-12))
        powers.append(max(float(np.var(piece)) - noises[-1], 1e-12))
    ratio = np.array(powers) / np.array(noises)
    found = hertz + float(np.median(turns)) / (2 * np.pi) * RATE / block
    total = float(10 * np.log10(np.sum(powers) / np.sum(noises)))
    return Quality(total, float(10 * np.log10(ratio.min())), jumps, found)
