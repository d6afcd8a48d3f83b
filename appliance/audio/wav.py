"""WAVs as they are played and kept: 8 kHz, mono, 16 bit. Whatever else there may be is `prompts`' business."""

from __future__ import annotations

import os
import wave
from pathlib import Path
from typing import Final

import numpy as np

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


def write(path: str, samples: Samples) -> None:
    """Keep a sound: under another name until it is whole and on the card. Raises OSError."""
    wanted = Path(path)
    unfinished = wanted.with_name(f".{wanted.name}.part")
    wanted.parent.mkdir(parents=True, exist_ok=True)
    try:
        with unfinished.open("wb") as kept:
            os.fchmod(kept.fileno(), 0o600)  # somebody's voice
            with wave.open(kept, "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(RATE)
                file.writeframes(to_16_bit(np.asarray(samples, np.float32)).tobytes())
            kept.flush()
            os.fsync(kept.fileno())
        unfinished.replace(wanted)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    _sync_folder(wanted.parent)


def _sync_folder(folder: Path) -> None:
    """The new name is on the card, too."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
