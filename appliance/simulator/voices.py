"""Whose voice is it? By the rise and fall of what is heard, compared with what others say at the time.

So a phone knows whom it is connected with although two modems and a program lie in between, as its holder would.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import sqrt

from appliance.simulator.sounds import FRAME, STEP, Samples, Sound, is_silent

WINDOW = 150
"""Frames of 20 ms that are compared."""
LAGS = range(26)
"""How many frames later a voice may arrive."""
SURE = 0.75
AUDIBLE = 200.0
"""Loudness (mean magnitude of samples) below which nobody is there to be heard."""


def loudness(samples: Samples) -> float:
    """Mean magnitude; enough to follow a voice by."""
    return 0.0 if is_silent(samples) else sum(map(abs, samples)) / len(samples)


class Listener:
    """Follows what one phone hears."""

    def __init__(self) -> None:
        self._heard: deque[float] = deque(maxlen=WINDOW)
        self._last_start = 0.0
        self._since = 0

    def hear(self, start: float, samples: Samples) -> bool:
        """Take in what began at `start`; True once a second, when it is time to think whose voice it is."""
        if start - self._last_start > 1.0:
            self._heard.clear()
        for place in range(0, len(samples), FRAME):
            self._heard.append(loudness(samples[place : place + FRAME]))
            self._since += 1
        self._last_start = start + max(0, len(samples) - FRAME) * STEP
        if self._since >= 50 and len(self._heard) == WINDOW:
            self._since = 0
            return True
        return False

    def is_voice(self, voice: Sound) -> bool:
        """Whether this is what was heard of late, whenever it set out."""
        if sum(self._heard) < AUDIBLE * WINDOW / 3:
            return False
        most = max(LAGS)
        begin = self._last_start - (WINDOW - 1 + most) * FRAME * STEP
        said = [loudness(voice.samples(begin + k * FRAME * STEP, FRAME)) for k in range(WINDOW + most)]
        heard = list(self._heard)
        return any(_likeness(heard, said[most - lag : most - lag + WINDOW]) > SURE for lag in LAGS)


def _likeness(a: Sequence[float], b: Sequence[float]) -> float:
    """Correlation, -1 to 1; 0 where one of them does not vary."""
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    above_a, above_b = [x - mean_a for x in a], [x - mean_b for x in b]
    power = sum(x * x for x in above_a) * sum(x * x for x in above_b)
    if power < 1e-6:
        return 0.0
    return sum(x * y for x, y in zip(above_a, above_b, strict=True)) / sqrt(power)
