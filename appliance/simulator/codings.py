"""Samples as octets and back: 8 bits unsigned or signed, G.711 both laws, 16 bits little-endian.

Written from ITU-T G.711 for the simulator alone: the product has its own.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from appliance.simulator.sounds import Samples, is_silent


@dataclass(frozen=True, slots=True)
class Coding:
    """`width`: octets a sample. `rest`: the octets of one silent sample."""

    width: int
    encode: Callable[[Samples], bytes]
    decode: Callable[[bytes], Samples]
    rest: bytes


def _u8_encode(samples: Samples) -> bytes:
    """Rounded, not cut off: a constant offset of half a step would be heard as a click."""
    if is_silent(samples):
        return b"\x80" * len(samples)
    try:
        return bytes([(s + 32896) >> 8 for s in samples])
    except ValueError:  # the loudest step rounds up to one that is not there
        return bytes([min(255, (s + 32896) >> 8) for s in samples])


def _u8_decode(octets: bytes) -> Samples:
    return [(octet - 128) << 8 for octet in octets]


def _s8_encode(samples: Samples) -> bytes:
    return bytes([octet ^ 0x80 for octet in _u8_encode(samples)])


def _s8_decode(octets: bytes) -> Samples:
    return _u8_decode(bytes([octet ^ 0x80 for octet in octets]))


def _s16_encode(samples: Samples) -> bytes:
    packed = array("h", samples)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def _s16_decode(octets: bytes) -> Samples:
    packed = array("h", octets[: len(octets) & ~1])
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tolist()


def _ulaw_value(octet: int) -> int:
    """G.711 table 2: 8 segments of 16 steps, all bits inverted on the line."""
    code = ~octet & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84 << ((code >> 4) & 7)) - 0x84
    return -magnitude if code & 0x80 else magnitude


def _alaw_value(octet: int) -> int:
    """G.711 table 1: even bits inverted on the line."""
    code = octet ^ 0x55
    segment, step = (code >> 4) & 7, code & 0x0F
    magnitude = (step << 4) + 8 if segment == 0 else (step << 4) + 0x108 << (segment - 1)
    return magnitude if code & 0x80 else -magnitude


@lru_cache(maxsize=2)
def _law(value: Callable[[int], int]) -> tuple[list[int], bytes]:
    """Values by octet, and the nearest octet for each of 65536 samples."""
    values = [value(octet) for octet in range(256)]
    ordered = sorted(range(256), key=lambda octet: values[octet])
    table, place = bytearray(65536), 0
    for sample in range(-32768, 32768):
        while place < 255 and abs(values[ordered[place + 1]] - sample) <= abs(values[ordered[place]] - sample):
            place += 1
        table[sample & 0xFFFF] = ordered[place]
    return values, bytes(table)


def _law_coding(value: Callable[[int], int], rest: bytes) -> Coding:
    def encode(samples: Samples) -> bytes:
        table = _law(value)[1]
        return bytes([table[s & 0xFFFF] for s in samples])

    def decode(octets: bytes) -> Samples:
        values = _law(value)[0]
        return [values[octet] for octet in octets]

    return Coding(1, encode, decode, rest)


CODINGS: dict[str, Coding] = {
    "u8": Coding(1, _u8_encode, _u8_decode, b"\x80"),
    "s8": Coding(1, _s8_encode, _s8_decode, b"\x00"),
    "s16le": Coding(2, _s16_encode, _s16_decode, b"\0\0"),
    "ulaw": _law_coding(_ulaw_value, b"\xff"),
    "alaw": _law_coding(_alaw_value, b"\xd5"),
}
