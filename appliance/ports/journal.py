"""The service manager's log, where there is one and we may read it."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
from datetime import UTC, datetime
from typing import NamedTuple

log = logging.getLogger(__name__)

LINES = 3000
WITHIN = 20.0
"""Seconds: a journal on a worn card is slow."""


class Entry(NamedTuple):
    """One line. `at`: aware, UTC, by the clock of that moment. `level`: syslog's, 0 emergency to 7 debug."""

    at: datetime
    unit: str
    level: int
    text: str


def last(units: str = "rufweiche*", lines: int = LINES) -> list[Entry]:
    """The newest lines of these units, oldest first; empty where there is no journal."""
    program = shutil.which("journalctl")
    if program is None:
        return []
    command = [program, "--no-pager", "--quiet", "--output=json", f"--lines={lines}", f"--unit={units}"]
    try:
        said = subprocess.run(command, capture_output=True, timeout=WITHIN, check=False).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        log.warning("the journal cannot be read: %s", error)
        return []
    return [entry for line in said.splitlines() if (entry := parse(line))]


def parse(line: bytes) -> Entry | None:
    """One line of `journalctl --output=json`; None where it is none."""
    try:
        said = json.loads(line)
        at = datetime.fromtimestamp(int(said["__REALTIME_TIMESTAMP"]) / 1e6, UTC)
        text = said["MESSAGE"]
        if isinstance(text, list):  # bytes that are no UTF-8
            text = bytes(text).decode(errors="replace")
        if not isinstance(text, str):
            return None
        unit = str(said.get("_SYSTEMD_UNIT") or said.get("UNIT") or said.get("SYSLOG_IDENTIFIER") or "")
        return Entry(at, unit, int(said.get("PRIORITY", 6)), text)
    except (ValueError, KeyError, TypeError, OverflowError, OSError):
        return None
