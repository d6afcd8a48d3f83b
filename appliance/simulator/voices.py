"""Whose voice is it? By the rise and fall of what is heard, compared with what others say at the time.

So a phone knows whom it is connected with although two modems and a program lie in between, as its holder would.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import sqrt

from appliance.simulator.sounds import FRAME, STEP, Samples, is_silent

WINDOW = 150
"""Frames of 20 ms that are compared."""
LAGS = range(26)
"""How many frames later a voice may arrive."""
FRAME_SECONDS = FRAME * STEP
MOST = 400
"""Frames a speaker remembers."""
SURE = 0.75
AUDIBLE = 200.0
"""Loudness (mean magnitude of samples) below which nobody is there to be heard."""


def loudness(samples: Samples) -> float:
    """Mean magnitude; enough to follow a voice by."""
    return 0.0 if is_silent(samples) else sum(map(abs, samples)) / len(samples)


class Speaker:
    """Remembers how loud one phone's holder was of late, while a modem listened."""

    def __init__(self) -> None:
        self._said: dict[int, float] = {}

    def say(self, start: float, samples: Samples) -> None:
        """What was said from `start` on."""
        for place in range(0, len(samples), FRAME):
            self._said[round((start + place * STEP) / FRAME_SECONDS)] = loudness(samples[place : place + FRAME])
        while len(self._said) > MOST:
            del self._said[next(iter(self._said))]

    def between(self, first: int, last: int) -> list[float]:
        """Loudness frame by frame; 0 where nobody listened."""
        return [self._said.get(frame, 0.0) for frame in range(first, last)]


class Listener:
    """Follows what one phone hears."""

    def __init__(self) -> None:
        self._heard: deque[float] = deque(maxlen=WINDOW)
        self._last = 0
        self._since = 0

    def hear(self, start: float, samples: Samples) -> bool:
        """Take in what began at `start`; True once a second, when it is time to think whose voice it is."""
        frame = round(start / FRAME_SECONDS)
        if frame - self._last > 50:
            self._heard.clear()
        for place in range(0, len(samples), FRAME):
            self._heard.append(loudness(samples[place : place + FRAME]))
            self._since += 1
        self._last = frame + max(0, len(samples) // FRAME - 1)
        if self._since >= 50 and len(self._heard) == WINDOW:
            self._since = 0
            return True
        return False

    def is_voice(self, speaker: Speaker) -> bool:
        """Whether this is what was heard of late, whenever it set out."""
        heard = list(self._heard)
        if sum(heard) < AUDIBLE * WINDOW / 3:
            return False
        most = max(LAGS)
        said = speaker.between(self._last + 1 - WINDOW - most, self._last + 1)
        return any(_likeness(heard, said[most - lag : most - lag + WINDOW]) > SURE for lag in LAGS)


def _likeness(a: Sequence[float], b: Sequence[float]) -> float:
    """Correlation, -1 to 1; 0 where one of them does not vary."""
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    above_a, above_b = [x - mean_a for x in a], [x - mean_b for x in b]
    power = sum(x * x for x in above_a) * sum(x * x for x in above_b)
    if power < 1e-6:
        return 0.0
    return sum(x * y for x, y in zip(above_a, above_b, strict=True)) / sqrt(power)
