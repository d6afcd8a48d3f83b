"""WAVs as they are played and kept: 8 kHz, mono, 16 bit. Whatever else there may be is `prompts`' business."""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import wave
from pathlib import Path
from typing import Final

from appliance.audio.coding import RATE, Samples, decode, to_16_bit
from appliance.core.errors import UserError

LONGEST: Final = 600.0
"""Seconds of a sound that is played."""


def read(path: str) -> Samples:
    """A sound to play. Raises UserError where it is not there or not what is played here."""
    try:
        with wave.open(path, "rb") as file:
            form = (file.getframerate(), file.getnchannels(), file.getsampwidth())
            if form != (RATE, 1, 2):
                raise UserError(f"{path} is not 8 kHz, mono, 16 bit")
            return decode(file.readframes(min(file.getnframes(), int(LONGEST * RATE))), "s16le")
    except (OSError, EOFError, wave.Error) as error:
        raise UserError(f"{path} cannot be played: {error}") from error


def write(path: str, samples: Samples, more: bytes = b"") -> None:
    """Keep a sound: under another name until it is whole and on the card. `more`: chunks after it. Raises OSError."""
    wanted = Path(path)
    unfinished = wanted.with_name(f".{wanted.name}.part")
    wanted.parent.mkdir(mode=0o770, parents=True, exist_ok=True)
    data = to_16_bit(samples).tobytes()
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16)
    head = struct.pack("<4sI4s", b"RIFF", 4 + len(form) + 8 + len(data) + len(more), b"WAVE")
    try:
        with unfinished.open("wb") as file:
            os.fchmod(file.fileno(), _mode_in(wanted.parent))
            file.write(b"".join((head, form, struct.pack("<4sI", b"data", len(data)), data, more)))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(wanted)
    except OSError:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise
    _sync_folder(wanted.parent)


def _mode_in(folder: Path) -> int:
    """Somebody's voice is nobody else's to hear; in a folder that services share (setgid) the page's plays it."""
    return 0o640 if folder.stat().st_mode & stat.S_ISGID else 0o600


def _sync_folder(folder: Path) -> None:
    """The new name is on the card, too."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
