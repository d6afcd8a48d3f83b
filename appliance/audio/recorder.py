"""Recording a message: in memory until it ends, so that a slow card delays nothing."""

from __future__ import annotations

from typing import Final

import numpy as np

from appliance.audio.coding import RATE, Samples, silence
from appliance.core.sound import Record

_KEPT_AFTER: Final = 1.0
"""Seconds after the last voice that stay in the message."""


class Recorder:
    """Between Record and Recorded."""

    def __init__(self, wish: Record) -> None:
        self.wish = wish
        self.ended_by: str | None = None
        """silence, digit, limit or end, once it has."""
        self._frames: list[Samples] = []
        self._count = 0
        self._voice_until = 0
        """Samples up to the last voice."""

    def hear(self, frame: Samples, voice: bool) -> None:
        """Another frame; `voice`: somebody speaks in it."""
        if self.ended_by is not None:
            return
        self._frames.append(frame)
        self._count += len(frame)
        if voice:
            self._voice_until = self._count
        if self._count >= self.wish.most * RATE:
            self.ended_by = "limit"
        elif self._count - self._voice_until >= self.wish.silence * RATE:
            self.ended_by = "silence"

    def press(self, digit: str) -> None:
        """The caller pressed a key."""
        if digit == "#" and self.ended_by is None:
            self.ended_by = "digit"

    def stop(self) -> None:
        """The stream ends."""
        self.ended_by = self.ended_by or "end"

    def message(self) -> Samples:
        """What was said, without the silence after it; nothing, if nobody spoke."""
        if not self._voice_until:
            return silence(0)
        most = int(min(self._voice_until + _KEPT_AFTER * RATE, self.wish.most * RATE))
        return np.concatenate(self._frames)[:most]
