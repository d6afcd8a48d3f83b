"""How samples are written on a port, to and from floats between -1 and 1 (G.711 for the two laws).

Decoding looks each byte up in a table; encoding does, too, by the sample's upper bits.
"""

from __future__ import annotations

from math import log10
from typing import Final

import numpy as np
import numpy.typing as npt

from appliance.core.sound import Coding

Samples = npt.NDArray[np.float32]
"""One channel, 8000 samples a second, full scale at ±1."""

RATE: Final = 8000
FRAME: Final = 160
"""Samples of 20 ms."""
FULL: Final = 32768.0

WIDTH: Final[dict[Coding, int]] = {"u8": 1, "ulaw": 1, "alaw": 1, "s16le": 2}
"""Bytes a sample."""


_16_BIT: Final = np.dtype("<i2")
_SCALE: Final = np.float32(1 / FULL)
_UP, _HIGHEST, _LOWEST = np.float32(FULL), np.float32(FULL - 1), np.float32(-FULL)


def silence(count: int) -> Samples:
    """So many samples of nothing."""
    return np.zeros(count, np.float32)


def decode(data: bytes, coding: Coding) -> Samples:
    """Samples of bytes; an odd byte at the end of s16le is left out."""
    if coding == "s16le":
        return np.frombuffer(data, _16_BIT, len(data) // 2) * _SCALE
    return _DECODING[coding][np.frombuffer(data, np.uint8)]


def encode(samples: Samples, coding: Coding) -> bytes:
    """Bytes of samples, rounded; what is over full scale is clipped."""
    if coding == "u8":
        # to the nearest of 256 steps, whose middle is 80h
        steps: Samples = samples * np.float32(128)
        np.rint(steps, out=steps)
        np.minimum(steps, np.float32(127), out=steps)
        np.maximum(steps, np.float32(-128), out=steps)
        return bytes((steps + np.float32(128)).astype(np.uint8).tobytes())
    linear = to_16_bit(samples)
    if coding == "s16le":
        return linear.tobytes()
    return bytes(_ENCODING[coding][linear.view(np.uint16) >> 2].tobytes())


def to_16_bit(samples: Samples) -> npt.NDArray[np.int16]:
    """Rounded to 16 bits, little-endian."""
    rounded: Samples = samples * _UP
    np.rint(rounded, out=rounded)
    np.minimum(rounded, _HIGHEST, out=rounded)
    np.maximum(rounded, _LOWEST, out=rounded)
    return rounded.astype(_16_BIT)


def level(samples: Samples) -> float:
    """Mean level in dBFS, a square wave at full scale being 0; -120 of silence."""
    power = float(np.dot(samples, samples)) / max(1, len(samples))
    return 10 * log10(power) if power > 1e-12 else -120.0


def _ulaw() -> npt.NDArray[np.int32]:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84 << ((code & 0x70) >> 4)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude)


def _alaw() -> npt.NDArray[np.int32]:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    segment, step = (code & 0x70) >> 4, (code & 0x0F) << 4
    magnitude = np.where(segment == 0, step + 8, (step + 0x108) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude)


def _nearest(levels: npt.NDArray[np.int32]) -> npt.NDArray[np.uint8]:
    """For each 16-bit sample, without its lowest two bits: the code whose level is the nearest."""
    order = np.argsort(levels, kind="stable")
    middles = (levels[order][1:] + levels[order][:-1]) / 2
    samples = (np.arange(1 << 14, dtype=np.uint16) << 2).view(np.int16).astype(np.int32) + 2
    return order[np.searchsorted(middles, samples)].astype(np.uint8)


_LEVELS: Final = {"ulaw": _ulaw(), "alaw": _alaw()}
_ENCODING: Final = {law: _nearest(levels) for law, levels in _LEVELS.items()}
_DECODING: Final = {
    "u8": ((np.arange(256) - 128) / 128).astype(np.float32),
    **{law: (levels / FULL).astype(np.float32) for law, levels in _LEVELS.items()},
}
