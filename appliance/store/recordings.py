"""The messages callers left, as WAV files in the state directory: kept exactly as long as their calls are."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

log = logging.getLogger(__name__)

FOLDER = "voicemail"
HEAD = 44
"""Bytes before the samples of a WAV as audio/wav writes it."""
BYTES_A_SECOND = 16000.0
"""8000 samples of 16 bit."""
UNNAMED = 3600.0
"""Seconds a file may be there before its call is in the log: the call is still on."""


def path(state: Path, call: int) -> Path:
    """Where the message of a call is kept."""
    return state / FOLDER / f"{call}.wav"


def seconds(state: Path, call: int) -> float:
    """Of the message that was kept of a call, which its record may not know of yet; 0 for none."""
    try:
        return max(0.0, (path(state, call).stat().st_size - HEAD) / BYTES_A_SECOND)
    except OSError:
        return 0.0


def sweep(state: Path, known: Collection[str], at: datetime) -> int:
    """Delete the recordings whose calls are gone; returns how many. `known`: the paths that calls name; `at`: now."""
    names = {Path(path).name for path in known}
    gone = 0
    for file in (state / FOLDER).glob("*"):
        try:
            if file.name not in names and at.timestamp() - file.stat().st_mtime > UNNAMED:
                file.unlink()
                gone += 1
        except OSError as error:
            log.warning("a recording cannot be deleted: %s", error)
    return gone


def forget(state: Path, paths: Collection[str]) -> None:
    """Delete these recordings now: their caller is erased. Raises OSError for one that cannot be deleted."""
    for path in paths:
        (state / FOLDER / Path(path).name).unlink(missing_ok=True)
