"""A comfortable level for both ears: loud lines are turned down, faint ones up, slowly."""

from __future__ import annotations

from typing import Final

import numpy as np

from appliance.audio.coding import Samples, level

COMFORT: Final = -15.0
"""dBFS while somebody speaks."""
_BAND: Final = 6.0
"""dB either way that are left alone: people differ, and nobody should hear the box turn a knob."""
_SPEECH: Final = -38.0
"""Frames below this are pauses and tell nothing."""
_MEASURED_EVERY: Final = 5
"""Frames: the level of speech is as well known from each fifth."""
_REMEMBERED: Final = 15
"""Measured frames of speech over which its level is taken: 1.5 s."""
_STEP: Final = 0.02
"""dB a frame: 1 dB a second."""
_UP, _DOWN = 9.0, -12.0


class Leveller:
    """One direction. `may_boost`: nothing comes round again that a gain could make howl."""

    def __init__(self, may_boost: bool) -> None:
        self._most = _UP if may_boost else 0.0
        self._level: float | None = None
        self._gain = 0.0
        self._wanted = 0.0
        self._spoken = False
        self._unmeasured = 0

    def apply(self, frame: Samples) -> Samples:
        """The frame at its new level."""
        if self._unmeasured == 0:
            self._measure(frame)
        self._unmeasured = (self._unmeasured + 1) % _MEASURED_EVERY
        if self._spoken and self._gain != self._wanted:
            self._gain += max(-_STEP, min(_STEP, self._wanted - self._gain))
        if self._gain == 0.0:
            return frame
        louder: Samples = frame * np.float32(10 ** (self._gain / 20))
        return np.clip(louder, -1.0, 1.0) if self._gain > 0 else louder

    def _measure(self, frame: Samples) -> None:
        now = level(frame)
        self._spoken = now >= _SPEECH
        if self._spoken:
            self._level = now if self._level is None else self._level + (now - self._level) / _REMEMBERED
            excess = self._level - COMFORT
            wanted = -max(0.0, excess - _BAND) + max(0.0, -excess - _BAND)
            self._wanted = max(_DOWN, min(self._most, wanted))
