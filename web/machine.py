"""What the machine says of itself: versions, updates, the clock. Read where the box's own services leave it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from appliance import __version__
from appliance.core.plan import CLOCK_KNOWN_FROM
from web.box import Box

RUN = Path("/run/rufweiche-box")
"""Where a box with two root file systems says which one it runs (`slot`), and how far an update is (`update`)."""
MODEL = Path("/proc/device-tree/model")
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Updates:
    """How updates come to this machine. `has_slots`: an update is written beside what runs, and taken back if it fails.

    `said`: what the last one says of itself, None: there was none since power.
    """

    has_slots: bool
    said: str | None


def updates() -> Updates:
    """How it is now."""
    return Updates((RUN / "slot").exists(), _line(RUN / "update"))


def versions(box: Box) -> tuple[str, str | None]:
    """Of the page, and of the engine that runs; None: none does."""
    running = (box.live or {}).get("version")
    return __version__, running if isinstance(running, str) else None


def model() -> str | None:
    """What machine it is, "Raspberry Pi Zero 2 W Rev 1.0"; None where it does not say."""
    return _line(MODEL)


def clock(box: Box) -> tuple[bool, str | None]:
    """Whether the time is known, and by whom: "network", "hardware", "mobile", "last" (core/clock_trust), None where
    the engine does not say."""
    said: Any = (box.live or {}).get("clock")
    if isinstance(said, dict) and isinstance(said.get("known"), bool):
        by = said.get("by")
        return said["known"] and box.now >= CLOCK_KNOWN_FROM, by if isinstance(by, str) else None
    return box.now >= CLOCK_KNOWN_FROM, None


def _line(path: Path) -> str | None:
    with suppress(OSError):
        return " ".join(path.read_text(errors="replace").replace("\0", " ").split())[:LONGEST] or None
    return None
