"""The backups of the nights: dated files in a folder of the state directory. `maintenance` makes and thins them."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from pathlib import Path

FOLDER = "backups"
DATED = re.compile(r"rufweiche-(\d{4}-\d{2})-\d{2}\.zip")
"""Their names, and the month in them."""


def name(day: date) -> str:
    """Of the backup of this day."""
    return f"rufweiche-{day:%Y-%m-%d}.zip"


def found(state: Path) -> list[Path]:
    """Those there are, newest first."""
    with suppress(OSError):
        files = [path for path in (state / FOLDER).iterdir() if DATED.fullmatch(path.name) and path.is_file()]
        return sorted(files, key=lambda path: path.name, reverse=True)
    return []


def day_of(path: Path) -> date | None:
    """The day of one of them; None where its name has none that there is."""
    with suppress(ValueError):
        return date.fromisoformat(path.stem.removeprefix("rufweiche-"))
    return None
