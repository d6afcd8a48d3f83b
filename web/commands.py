"""The program's own commands, each run as a process of its own: what only the rest of the appliance can do, and what
would keep this process large. The page imports none of it."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

from appliance.core.errors import UserError

log = logging.getLogger(__name__)

WITHIN = 90.0
"""Seconds; the log of a worn card is read slowly."""
_RUN = "from appliance.cli import main; main()"


def support_bundle(state: Path, file: Path) -> None:
    """`rufweiche support`: write the bundle for whoever helps. Works whatever state the box is in. Raises UserError."""
    _run("support", str(file), "--state", str(state))


def _run(*arguments: str) -> None:
    command = [sys.executable, "-c", _RUN, *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=WITHIN, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(f"{arguments[0]}: {error}") from error
    if done.returncode:
        log.error("%s: %s", arguments[0], done.stderr.strip())
        raise UserError(done.stderr.strip()[-300:])
