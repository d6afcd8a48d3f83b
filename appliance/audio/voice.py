"""Somebody speaks, or nobody does.

Speech is louder than what is always there and comes in syllables; a hum, a hiss or a beep is no voice, however loud.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from math import log10
from typing import Final

import numpy as np

from appliance.audio.coding import FRAME, RATE, Samples
from appliance.core.sound import Heard

STEP: Final = FRAME / RATE
_FAINTEST: Final = -46.0
"""dBFS; telephone speech is some 30 dB louder."""
_ABOVE: Final = 8.0
"""dB over the noise floor."""
_FLOOR_RISES: Final = 6.0
"""dB a second: after some seconds a steady noise is the floor."""
_WINDOW: Final = 30
"""Frames looked back on: 0.6 s."""
_ENOUGH: Final = 12
"""Frames of those that a voice fills at least: 0.24 s."""
_LIVELY: Final = 4.0
"""dB between the louder and the quieter of those, at least: what steady noise has not."""
_BESIDE: Final = 2
"""Frames beside a tone that belong to it."""
_PURE: Final = 0.85
"""Part of the energy in one narrow peak: that is a beep, not a voice."""
_HEARABLE: Final = -40.0
"""dBFS; whoever is connected hears this, however steady it is."""
_PAUSE: Final = 1.0
"""Seconds without a voice after which it has ended."""


class VoiceEar:
    """Frames into voice and silence."""

    def __init__(self) -> None:
        self.speaking = False
        """A voice is being heard; pauses between words count."""
        self.steady_is_silence = True
        """What goes on and on as it is counts as silence, as a line's own noise does, however loud."""
        self._floor = _FAINTEST - _ABOVE
        self._levels: deque[tuple[float, bool]] = deque(maxlen=_WINDOW)
        self._pending: deque[tuple[float, bool, bool]] = deque(maxlen=_BESIDE * 2 + 1)
        self._quiet_for = 0.0
        self._speaks_for = 0.0
        self._silent_for = 0.0
        self._tell_at = 0.0
        self._before = np.zeros(FRAME, np.float32)

    def hear(self, samples: Samples, energies: Sequence[float], known: bool) -> Iterator[Heard]:
        """So many frames of 20 ms more. `known`: a tone, a key, or an echo of ours accounts for them."""
        pure: list[bool] | None = None
        for at, energy in enumerate(energies):
            level = 10 * log10(energy / FRAME + 1e-12)
            loud = level >= max(_FAINTEST, self._floor + _ABOVE)
            beep = False
            if loud and not known and not self.speaking:  # in the midst of speech its even level gives a beep away
                pure = _pure(self._before, samples) if pure is None else pure
                beep = pure[at]
            yield from self._step(level, loud, known or beep)
        self._before = samples[-FRAME:]

    def _step(self, level: float, loud: bool, known: bool) -> Iterator[Heard]:
        # where a tone begins or ends there is a frame of any level: frames are judged when their neighbours are known
        self._floor = min(max(level, _FAINTEST - _ABOVE - 6), self._floor + _FLOOR_RISES * STEP)
        self._pending.append((level, loud, known))
        if len(self._pending) == _BESIDE * 2 + 1:
            level, loud, _ = self._pending[_BESIDE]
            yield from self._judge(level, loud, any(known for _, _, known in self._pending))

    def _judge(self, level: float, loud: bool, known: bool) -> Iterator[Heard]:
        active = loud and not known
        if not known:
            self._levels.append((level, active))
        lively = active and self._lively()
        self._quiet_for = 0.0 if lively else self._quiet_for + STEP
        goes_on = level >= _HEARABLE and not self.steady_is_silence
        if known or (active and not lively) or goes_on:  # something can be heard, though it is no voice (yet)
            if self._silent_for >= _PAUSE and not self.steady_is_silence:
                yield Heard("silence")  # whoever was told of it is told that it is over
            self._silent_for = 0.0
        yield from self._tell()

    def _lively(self) -> bool:
        levels = sorted(level for level, active in self._levels if active)
        if len(levels) < _ENOUGH:
            return False
        aside = len(levels) // 8  # a click is not lively
        return levels[-1 - aside] - levels[aside] >= _LIVELY

    def _tell(self) -> Iterator[Heard]:
        if self._quiet_for == 0.0:
            if not self.speaking:
                self.speaking, self._speaks_for, self._tell_at = True, _ENOUGH * STEP - STEP, 0.0
            self._silent_for = 0.0
        elif self.speaking and self._quiet_for >= _PAUSE:
            self.speaking, self._tell_at, self._silent_for = False, _PAUSE, self._quiet_for - STEP
        if self.speaking:
            self._speaks_for += STEP
            if self._speaks_for >= self._tell_at:
                self._tell_at = self._speaks_for + 1.0
                yield Heard("voice", seconds=round(self._speaks_for, 2))
            return
        self._silent_for += STEP
        if self._silent_for < STEP * 1.5:
            self._tell_at = _PAUSE
        if self._silent_for >= self._tell_at - STEP / 2:
            self._tell_at += 1.0
            yield Heard("silence", seconds=round(self._silent_for, 2))


def _pure(before: Samples, samples: Samples) -> list[bool]:
    """Of each frame: one frequency makes up nearly all of the 40 ms that end with it."""
    frames = np.concatenate((before, samples)).reshape(-1, FRAME)
    spectra = np.abs(np.fft.rfft(np.hstack((frames[:-1], frames[1:])) * _HANN)) ** 2
    peaks = spectra.argmax(axis=1).tolist()
    sums = (_PURE * spectra.sum(axis=1)).tolist()
    return [
        float(spectrum[max(0, peak - 2) : peak + 3].sum()) >= enough
        for spectrum, peak, enough in zip(spectra, peaks, sums, strict=True)
    ]


_HANN: Final = np.hanning(2 * FRAME).astype(np.float32)
