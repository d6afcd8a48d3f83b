"""The sounds that need no file: what a caller hears while he waits, and the tone before a recording."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from appliance.audio.coding import RATE, Samples
from appliance.core.sound import BUILT_IN

_SOFTLY: Final = 0.02
"""Seconds in which a tone comes and goes, so that it does not click."""


def tone(frequency: float, seconds: float, dbfs: float) -> Samples:
    """A sine that begins and ends softly; `dbfs` is its mean level."""
    count = round(seconds * RATE)
    at = np.arange(count) / RATE
    edge = np.minimum(1.0, np.minimum(at, at[::-1]) / _SOFTLY)
    return (2**0.5 * 10 ** (dbfs / 20) * edge * np.sin(2 * np.pi * frequency * at)).astype(np.float32)


@cache
def built_in(name: str) -> Samples | None:
    """One of BUILT_IN; None if it is another name."""
    if name not in BUILT_IN:
        return None
    if name == "beep":
        return tone(1000, 0.4, -15)
    # two falling notes, then rest: neither is a tone of the exchange, nor together a key's
    rest = np.zeros(int(2.6 * RATE), np.float32)
    return np.concatenate((tone(587.3, 0.6, -21), tone(523.3, 0.8, -21), rest))
