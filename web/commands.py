"""The program's own commands, each run as a process of its own: what only the rest of the appliance can do, and what
would keep this process large. The page imports none of it."""

from __future__ import annotations

import json
import logging
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from appliance.core.errors import UserError
from appliance.store import migrations
from appliance.store.file import FILE_NAME

log = logging.getLogger(__name__)

WITHIN = 90.0
"""Seconds; the log of a worn card is read slowly."""
REFUSED = 2
"""The program's exit status for wrong input."""
_RUN = "from appliance.cli import main; main()"
_SHAPE = """
import pathlib, sys
from appliance.store.database import Store
Store.open(pathlib.Path(sys.argv[1]), create=True).close()
"""


def shape_store(state: Path) -> None:
    """Make the database, or bring an older one into today's shape, where that is to be done: what does it is 15 MB and
    would stay here. Where it fails, opening it here says why."""
    file = state / FILE_NAME
    with suppress(sqlite3.Error):
        if file.exists():
            with closing(sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)) as db:
                if not migrations.pending(db):
                    return
    with suppress(OSError, subprocess.SubprocessError):
        subprocess.run([sys.executable, "-c", _SHAPE, str(state)], capture_output=True, timeout=WITHIN, check=False)


def support_bundle(state: Path, file: Path) -> None:
    """`rufweiche support`: write the bundle for whoever helps. Works whatever state the box is in. Raises UserError."""
    _run("support", str(file), "--state", str(state))


def bring_sound(state: Path, name: str, file: Path) -> dict[str, Any]:
    """`rufweiche announcement set`: a WAV of the owner's in place of what is spoken. {"seconds"}, or {"refused"}: why
    not (`WavRefused.code` of the program). Raises UserError."""
    said = _run("announcement", "set", name, str(file), "--json", "--state", str(state), refusals=True)
    try:
        answer = json.loads(said)
    except ValueError:
        raise UserError(said[-300:]) from None
    return answer if isinstance(answer, dict) else {}


def forget_sound(state: Path, name: str) -> None:
    """`rufweiche announcement forget`: speak the sentence again. Raises UserError, also where no voice is installed;
    the WAV is gone then all the same."""
    _run("announcement", "forget", name, "--state", str(state))


def _run(*arguments: str, refusals: bool = False) -> str:
    """What it says. `refusals`: also where the input was wrong."""
    command = [sys.executable, "-c", _RUN, *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=WITHIN, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(f"{arguments[0]}: {error}") from error
    if done.returncode and not (refusals and done.returncode == REFUSED and done.stdout):
        log.error("%s: %s", arguments[0], done.stderr.strip())
        raise UserError(done.stderr.strip()[-300:])
    return done.stdout
