"""A WAV somebody brings, whatever it is, into the sound of a telephone. Nothing in it is believed.

The format: RIFF/WAVE with PCM of 8, 16, 24 or 32 bits, IEEE floats, or G.711; WAVE_FORMAT_EXTENSIBLE names one of
those by its GUID (Multimedia Programming Interface 1.0; Multiple channel audio data and WAVE files, 2007).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
import samplerate

from appliance.audio.coding import FRAME, RATE, Samples, decode, level
from appliance.audio.level import COMFORT
from appliance.core.errors import UserError

LARGEST: Final = 64 << 20
"""Bytes of a file that is looked into at all."""
LONGEST: Final = 120.0
SHORTEST: Final = 0.3
"""Seconds."""
_RATES: Final = range(4000, 192_001)
_MOST_CHANNELS: Final = 8
_MOST_CHUNKS: Final = 1000
_PCM, _FLOAT, _ALAW, _ULAW, _EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
_GUID_ENDS: Final = bytes.fromhex("000000001000800000aa00389b71")
_WIDTHS: Final = {(_PCM, 8), (_PCM, 16), (_PCM, 24), (_PCM, 32), (_FLOAT, 32), (_FLOAT, 64), (_ALAW, 8), (_ULAW, 8)}
_FAINTEST: Final = -50.0
"""dBFS of the loudest second: below that there is nothing to hear."""
_LOUDEST: Final = 0.89
"""-1 dBFS."""


class WavRefused(UserError):
    """A file cannot be used. `code`: no_wav, too_big, too_long, too_short, unsupported or silent."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class _Form:
    kind: int
    channels: int
    rate: int
    bits: int
    frame: int
    """Bytes of one sample of all channels."""


def read(path: Path) -> Samples:
    """The file's sound: 8 kHz, mono, at a comfortable level. Raises WavRefused, OSError."""
    if not path.is_file():  # a pipe would be waited for
        raise WavRefused("no_wav", f"{path.name} is no file.")
    if path.stat().st_size > LARGEST:
        raise WavRefused("too_big", f"{path.name} is larger than {LARGEST >> 20} MB; please bring a shorter one.")
    with path.open("rb") as file:
        form, count = _find_sound(file, path.name)
        if count > LONGEST * form.rate * form.frame:
            raise WavRefused(
                "too_long", f"{path.name} is longer than {LONGEST:.0f} seconds; please bring a shorter one."
            )
        if count < SHORTEST * form.rate * form.frame:
            raise WavRefused("too_short", f"{path.name} is over in less than {SHORTEST} seconds.")
        samples = np.concatenate(list(_at_8_khz(_channels(file, form, count), form.rate)))
    samples = samples[: count // form.frame * RATE // form.rate]
    return comfortable(samples, path.name)


def comfortable(samples: Samples, name: str) -> Samples:
    """At a comfortable level, without a constant part. Raises WavRefused where there is nothing to hear."""
    samples = samples - samples.mean(dtype=np.float64).astype(np.float32)
    seconds = [level(samples[at : at + RATE]) for at in range(0, len(samples), RATE // 2)]
    if max(seconds) < _FAINTEST:
        raise WavRefused("silent", f"In {name} there is nothing to hear.")
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    powers = np.einsum("ij,ij->i", frames, frames) / FRAME
    spoken = float(powers[powers > powers.max() / 1000].mean())  # pauses say nothing of the level
    gain = min(10 ** (COMFORT / 20) / np.sqrt(spoken), _LOUDEST / float(np.abs(samples).max()))
    return (samples * np.float32(gain)).astype(np.float32)


def _find_sound(file: BinaryIO, name: str) -> tuple[_Form, int]:
    """The form, and how many bytes of sound follow at the file's position."""
    head = file.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise WavRefused("no_wav", f"{name} is no WAV file.")
    end = file.seek(0, 2)
    file.seek(12)
    form: _Form | None = None
    for _ in range(_MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            break
        kind, size = struct.unpack("<4sI", head)
        here = file.tell()
        if kind == b"fmt ":
            form = _form(file.read(min(size, 40)), name)
        elif kind == b"data" and form is not None:
            # a length that is not true (streamed files say FFFFFFFF) counts as: up to the end
            count = min(size, end - here)
            return form, count - count % form.frame
        file.seek(min(end, here + size + size % 2))
    raise WavRefused("no_wav", f"{name} has no sound in it.")


def _form(data: bytes, name: str) -> _Form:
    if len(data) < 16:
        raise WavRefused("no_wav", f"{name} is damaged.")
    kind, channels, rate, _, frame, bits = struct.unpack("<HHIIHH", data[:16])
    if kind == _EXTENSIBLE and len(data) >= 40 and data[26:40] == _GUID_ENDS:
        kind = struct.unpack("<H", data[24:26])[0]
    if (kind, bits) not in _WIDTHS:
        raise WavRefused(
            "unsupported", f"{name} is coded in a way that is not known here; please save it as 16 bit PCM."
        )
    if not 1 <= channels <= _MOST_CHANNELS or rate not in _RATES or frame != channels * bits // 8:
        raise WavRefused("unsupported", f"{name} is damaged, or has a rate or channels that are not known here.")
    return _Form(kind, channels, rate, bits, frame)


def _channels(file: BinaryIO, form: _Form, count: int) -> Iterator[Samples]:
    """A second at a time, so that little memory is needed; all channels become one."""
    while count:
        data = file.read(min(count, form.rate * form.frame))
        data = data[: len(data) - len(data) % form.frame]
        if not data:
            return
        count -= len(data)
        samples = _linear(data, form).reshape(-1, form.channels).mean(axis=1, dtype=np.float32)
        yield samples


def _linear(data: bytes, form: _Form) -> Samples:
    if form.kind == _ALAW:
        return decode(data, "alaw")
    if form.kind == _ULAW:
        return decode(data, "ulaw")
    if form.kind == _FLOAT:
        floats = np.frombuffer(data, f"<f{form.bits // 8}").astype(np.float64)
        return np.clip(np.nan_to_num(floats, posinf=1.0, neginf=-1.0), -1.0, 1.0).astype(np.float32)
    if form.bits == 8:
        return decode(data, "u8")
    if form.bits == 16:
        return decode(data, "s16le")
    if form.bits == 24:
        wide = np.zeros((len(data) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
        data = wide.tobytes()
    linear: Samples = (np.frombuffer(data, "<i4") / 2.0**31).astype(np.float32)
    return linear


def _at_8_khz(parts: Iterator[Samples], rate: int) -> Iterator[Samples]:
    if rate == RATE:
        yield from parts
        return
    resampler = samplerate.Resampler("sinc_medium", 1)
    for part in parts:
        yield resampler.process(part, RATE / rate)
    yield resampler.process(np.zeros(rate // 50, np.float32), RATE / rate)  # what it still holds back
