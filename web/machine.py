"""What the machine says of itself: versions, model, the clock. Read where the box's own services leave it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from appliance import __version__
from web.box import Box

RUN = Path("/run/rufweiche-box")
"""Where a box made from the image says how it started; nothing is there on any other machine."""
MODEL = Path("/proc/device-tree/model")
LONGEST = 300


def versions(box: Box) -> tuple[str, str | None]:
    """Of the page, and of the engine that runs; None: none does."""
    running = (box.live or {}).get("version")
    return __version__, running if isinstance(running, str) else None


def model() -> str | None:
    """What machine it is, "Raspberry Pi Zero 2 W Rev 1.0"; None where it does not say."""
    return line(MODEL)


def clock(box: Box) -> tuple[bool, str | None]:
    """Whether the time is known, and by whom: "network", "hardware", "mobile", "last" (core/clock_trust), None where
    the engine does not say."""
    said: Any = (box.live or {}).get("clock")
    if isinstance(said, dict) and isinstance(said.get("known"), bool):
        by = said.get("by")
        return box.clock_known, by if isinstance(by, str) else None
    return box.clock_known, None


def line(path: Path) -> str | None:
    """A small file's text in one line; None: there is none."""
    with suppress(OSError):
        return " ".join(path.read_text(errors="replace").replace("\0", " ").split())[:LONGEST] or None
    return None


def data_lost() -> str | None:
    """What became of data that could not be read any more when the box started: "empty": they are gone, and the box
    begins anew; "memory": the card takes none, what is entered is gone with the power. None: nothing was lost."""
    said = line(RUN / "data-lost")
    return None if said is None else "memory" if said == "memory" else "empty"
