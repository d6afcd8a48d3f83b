"""What changes by the second: a sign of life and the lines as they are now, in a file that is never worth a fsync.

It lies in $RUNTIME_DIRECTORY (memory, on the appliance) or in DIR/run.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import math
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from appliance.core.errors import RufweicheError

log = logging.getLogger(__name__)

FILE_NAME = "status.json"
LEFT = "restore.zip"
"""In the state directory: a backup that the engine restores at its next start."""
ALIVE_WITHIN = 10.0
"""Seconds after which an engine that gives no sign of life counts as not running (contract)."""


class AlreadyRunning(RufweicheError):
    """Another engine serves this state directory."""


def run_directory(state: Path) -> Path:
    """Where it lies."""
    runtime = os.environ.get("RUNTIME_DIRECTORY")
    return Path(runtime.split(":")[0]) if runtime else state / "run"


def read(state: Path, boot_id: str, monotonic: float) -> dict[str, Any] | None:
    """What the engine last showed; None without a sign of life from it within `ALIVE_WITHIN`. `monotonic`: now.

    Monotonic time of the same boot tells whether it is alive: the clock on the wall may have jumped meanwhile.
    """
    try:
        said = json.loads((run_directory(state) / FILE_NAME).read_bytes())
        age = monotonic - float(said["monotonic"])
        return dict(said) if said["boot_id"] == boot_id and 0 <= age <= ALIVE_WITHIN else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # not there, or cut off by a power cut: the same as silence


def doubts_clock(said: Mapping[str, Any] | None) -> bool:
    """Whether the engine does not believe the wall clock; None: there is no sign of life, and nobody doubts it."""
    shown = said.get("clock") if said is not None else None
    return isinstance(shown, dict) and shown.get("known") is False


@contextmanager
def no_engine(state: Path) -> Iterator[None]:
    """Keep every engine of this state directory out meanwhile. Raises AlreadyRunning."""
    try:
        lock = _take_lock(run_directory(state))
    except PermissionError:  # an engine's of another user: better to take it for alive
        raise AlreadyRunning("an engine may be running for this state directory") from None
    except OSError:
        lock = None  # without a folder for it there is no engine
    try:
        yield
    finally:
        if lock is not None:
            os.close(lock)


class Live:
    """The engine's side. Holds the lock that keeps a second engine out."""

    def __init__(self, state: Path, boot_id: str) -> None:
        """Raises AlreadyRunning."""
        self._folder = run_directory(state)
        self._path = self._folder / FILE_NAME
        self._boot_id = boot_id
        self._silent = False
        with contextlib.suppress(OSError):  # a full disk: there is no status then, but there are calls
            self._folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            if self._folder != state / "run" and not (state / "run").exists():
                (state / "run").symlink_to(self._folder)  # so that commands without our environment find it
        try:
            self._lock: int | None = _take_lock(self._folder)
        except OSError as error:
            log.error("no lock against a second engine: %s", error)
            self._lock = None

    def write(self, content: dict[str, Any]) -> None:
        """Show this, with the time as a sign of life.

        On a full disk the old file is overwritten in place, which needs no room.
        """
        at = math.floor(time.monotonic() * 1000) / 1000  # rounded up it would be of the future: no sign of life
        data = json.dumps({"boot_id": self._boot_id, "monotonic": at, **content}).encode()
        beside = self._path.with_suffix(".new")
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), "wb") as file:
                file.write(data)  # ours alone to write, also where the group may write the state
            beside.replace(self._path)
            self._silent = False
        except OSError as error:
            self._overwrite(data, error)

    def close(self) -> None:
        """The engine stops: no sign of life is left behind."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)

    def _overwrite(self, data: bytes, error: OSError) -> None:
        with contextlib.suppress(OSError):
            self._path.with_suffix(".new").unlink(missing_ok=True)
        try:
            with self._path.open("r+b") as file:
                size = os.fstat(file.fileno()).st_size
                file.write(data.ljust(size))
                file.truncate(max(size, len(data)))
        except OSError:
            if not self._silent:
                log.error("the status cannot be written: %s", error)
            self._silent = True


def _take_lock(folder: Path) -> int:
    """Raises AlreadyRunning, OSError where there can be no lock."""
    lock = os.open(folder / "engine.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise AlreadyRunning("an engine is already running for this state directory") from None
    return lock
