"""Sound from one clock to another: a short buffer whose fill is held by stretching the sound by parts in a million.

Two modems run at rates that differ by up to some 400 parts in a million. Leaving out or repeating a frame every 50 s
would be heard; resampling is not.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np
import samplerate

from appliance.audio.coding import FRAME, RATE, Samples, silence

MARGIN: Final = 0.015
"""Seconds in hand beyond what a transfer of either side takes."""
MOST: Final = 0.12
"""Seconds the buffer ever holds."""
_PILED_UP: Final = 0.5
"""Seconds that may come at once, to be taken out at once as well."""
_MOST_MARGIN: Final = 0.04
_MARGIN_STEP: Final = 0.01
"""What a gap adds to it; it is given up again slowly."""
_BEYOND: Final = 0.005
"""Seconds by which the margin exceeds what transfers were late lately: it grows before there is a gap."""
_MOST_BEYOND: Final = 0.025
"""But only up to here: that a transfer was noticed late may have been our fault, and both ways'."""
_MARGIN_FALLS: Final = 2.0
"""Samples a second."""
_TOGETHER: Final = 0.003
"""Frames that come within so many seconds came in one transfer."""
_LONGEST_TRANSFER: Final = 3 * FRAME
_STEEPEST: Final = 0.005
"""The sound is never faster or slower by more."""
_SMOOTHED_OVER: Final = 4.0
"""Seconds; when a transfer is noticed says little of when it came."""
_PULL: Final = 5e-6
"""Part by which the rate changes for each sample the fill is off: it is made good within some 25 s."""
_LEARN: Final = _PULL**2 * RATE / 4
"""The same for each sample and second: the clocks' difference is learnt without overshooting."""
_TOO_LATE: Final = 0.03
"""Seconds by which more may be held than is wanted, over some time, before it is left out at once."""
_FADE: Final = np.linspace(0, 1, 40, dtype=np.float32)
"""5 ms."""


class Elastic:
    """One direction of a bridge: `push` by the one clock, `pop` by the other."""

    def __init__(self) -> None:
        self.gaps = 0
        """How often there was nothing to give."""
        self.slips = 0
        """How often there was too much, and some was left out."""
        self._resampler = samplerate.Resampler("sinc_fastest", 1)
        self._ratio = 1.0
        self._drift = 0.0
        self._error = 0.0
        self._held = silence(0)
        self._last = 0.0
        self._flowing = False
        self._margin = MARGIN * RATE
        self._transfer = FRAME
        """Samples that come at once."""
        self._transfers: deque[int] = deque(maxlen=5)
        """The same of the last ones."""
        self._coming = 0
        self._pushed_at = float("-inf")

    @property
    def delay(self) -> float:
        """Seconds a sample waits here now."""
        return len(self._held) / RATE

    def push(self, samples: Samples, now: float) -> None:
        """Sound that came."""
        together = now < self._pushed_at + _TOGETHER
        self._coming = min(_LONGEST_TRANSFER, self._coming + len(samples) if together else len(samples))
        if not together:
            self._transfers.append(FRAME)
            late = now - self._pushed_at - self._transfer / RATE
            if self._flowing:
                self._margin = max(self._margin, min(late + _BEYOND, _MOST_BEYOND) * RATE)
        self._transfers[-1] = self._coming
        if not self._flowing and len(self._transfers) > 1:
            # what had piled up before, or while somebody was late, comes at once only once
            self._transfer = sorted(self._transfers)[(len(self._transfers) - 1) // 2]
        self._pushed_at = now
        self._held = np.concatenate((self._held, self._resampler.process(samples, self._ratio)))
        if len(self._held) > _PILED_UP * RATE:
            self._slip(int(MOST * RATE))

    def pop(self, count: int, now: float, following: int = 0) -> Samples:
        """The next sound to send; silence where there is none. `following`: pops that come at once after this one."""
        if self._flowing and len(self._held) > MOST * RATE + following * count:
            self.catch_up(following)
        level = len(self._held) + self._under_way(now)
        target = self._target(count)
        if not self._flowing:
            if level < target or len(self._held) < count or len(self._transfers) < 2:
                return silence(count)
            self._held = self._held[min(int(level - target), len(self._held) - count) :]
            level = min(level, target)
            self._flowing, self._error = True, 0.0
            self._held[: len(_FADE)] *= _FADE
        elif len(self._held) < count:
            return self._run_dry(count)
        if self._error > _TOO_LATE * RATE:
            self.catch_up()
            level = len(self._held) + self._under_way(now)
        self._steer(level - target, count / RATE)
        given, self._held = self._held[:count], self._held[count:]
        self._last = float(given[-1])
        return given

    def catch_up(self, following: int = 0) -> None:
        """Leave out what is held beyond what is wanted, now and for pops that follow at once."""
        target = int(self._target(FRAME)) + following * FRAME
        if len(self._held) > target:
            self._slip(target)

    def _under_way(self, now: float) -> float:
        """What has not come yet of the next transfer counts as if it came bit by bit: then the fill has no steps."""
        return min((now - self._pushed_at) * RATE, float(self._transfer))

    def _target(self, count: int) -> float:
        """What should be there before a pop: both sides' transfers, and something in hand."""
        return self._margin + self._transfer + count

    def _steer(self, off: float, step: float) -> None:
        self._margin = max(MARGIN * RATE, self._margin - _MARGIN_FALLS * step)
        self._error += (off - self._error) * step / _SMOOTHED_OVER
        self._drift = _within(self._drift + _LEARN * self._error * step)
        self._ratio = 1.0 - _within(self._drift + _PULL * self._error)

    def _run_dry(self, count: int) -> Samples:
        self.gaps += 1
        self._flowing = False
        self._margin = min(_MOST_MARGIN * RATE, self._margin + _MARGIN_STEP * RATE)
        rest, self._held = self._held, silence(0)
        last = float(rest[-1]) if len(rest) else self._last
        ending = silence(count - len(rest))
        faded = min(len(_FADE), len(ending))
        ending[:faded] = last * _FADE[::-1][:faded]  # no click
        return np.concatenate((rest, ending))

    def _slip(self, target: int) -> None:
        self.slips += 1
        self._error = 0.0
        left_out = self._held[:-target]
        self._held = self._held[-target:].copy()
        faded = min(len(_FADE), len(left_out), target)
        self._held[:faded] = left_out[:faded] * (1 - _FADE[:faded]) + self._held[:faded] * _FADE[:faded]


def _within(part: float) -> float:
    return max(-_STEEPEST, min(_STEEPEST, part))
