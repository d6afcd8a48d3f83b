"""Playing a sound, frame by frame."""

from __future__ import annotations

import numpy as np

from appliance.audio.coding import Samples, silence


class Player:
    """One sound on its way out."""

    def __init__(self, name: str, samples: Samples, loop: bool) -> None:
        self.name = name
        self._samples = samples
        self._loop = loop and len(samples) > 0
        self._at = 0

    @property
    def done(self) -> bool:
        """All of it was given."""
        return not self._loop and self._at >= len(self._samples)

    def frame(self, count: int) -> Samples:
        """The next samples; silence after the end."""
        parts: list[Samples] = []
        missing = count
        while missing and not self.done:
            part = self._samples[self._at : self._at + missing]
            self._at += len(part)
            if self._loop and self._at >= len(self._samples):
                self._at = 0
            parts.append(part)
            missing -= len(part)
        if missing:
            parts.append(silence(missing))
        return parts[0] if len(parts) == 1 else np.concatenate(parts)
