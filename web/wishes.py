"""What the page wishes of root's services: files with one name each, in folders of the state directory that they watch
(`rufweiche-update.path`, `rufweiche-settle.path`). Only a box made from the image has these."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from web import machine
from web.box import Box

NETWORK = Path("network/wish.json")
"""Another name or Wi-Fi; see appliance/settling.py."""
NOT_TAKEN_AFTER = 30.0
"""Seconds after which a wish that is still there is nobody's business."""


def has_services() -> bool:
    """Whether there is anybody to take a wish."""
    return machine.line(machine.RUN / "slot") is not None


def leave(box: Box, wish: Path, content: Mapping[str, object]) -> None:
    """Leave a wish, for root alone to read: it may hold a password. Raises OSError."""
    file = box.state / wish
    file.parent.mkdir(mode=0o770, exist_ok=True)
    beside = file.with_suffix(".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
        json.dump(content, opened)
    beside.replace(file)


def is_waiting(box: Box, wish: Path) -> bool:
    """Whether nobody has taken it yet."""
    return (box.state / wish).exists()


def is_ignored(box: Box, wish: Path) -> bool:
    """Whether it lies there and nobody takes it."""
    with suppress(OSError):
        return box.now.timestamp() - (box.state / wish).stat().st_mtime > NOT_TAKEN_AFTER
    return False
