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
_REMEMBERED: Final = 75
"""Frames of speech over which its level is taken: 1.5 s."""
_STEP: Final = 0.02
"""dB a frame: 1 dB a second."""
_UP, _DOWN = 9.0, -12.0


class Leveller:
    """One direction. `may_boost`: nothing comes round again that a gain could make howl."""

    def __init__(self, may_boost: bool) -> None:
        self._most = _UP if may_boost else 0.0
        self._level: float | None = None
        self._gain = 0.0

    def apply(self, frame: Samples) -> Samples:
        """The frame at its new level."""
        now = level(frame)
        if now >= _SPEECH:
            self._level = now if self._level is None else self._level + (now - self._level) / _REMEMBERED
            excess = self._level - COMFORT
            wanted = -max(0.0, excess - _BAND) + max(0.0, -excess - _BAND)
            wanted = max(_DOWN, min(self._most, wanted))
            self._gain += max(-_STEP, min(_STEP, wanted - self._gain))
        if self._gain == 0.0:
            return frame
        louder: Samples = frame * np.float32(10 ** (self._gain / 20))
        return np.clip(louder, -1.0, 1.0) if self._gain > 0 else louder
