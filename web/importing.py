"""A file of contacts that was uploaded: read, and kept until the owner has seen what it would change."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import msgspec

from appliance.core.errors import StoreError, UserError
from web import contact_reading
from web.box import Box
from web.contact_reading import KEPT, Preview

LARGE = 64 << 10
"""Bytes from which on a file is nothing for this process: some thousand contacts."""
WITHIN = 120.0
"""Seconds; a small box needs ten for ten thousand contacts."""
_BEGINNING = b'{"source":'

log = logging.getLogger(__name__)


def receive(box: Box, content: bytes, is_blocklist: bool) -> str | None:
    """Read a file, and keep what it holds; nothing is stored yet. Why it cannot be read, in the owner's language; None:
    it was. Raises UserError where there is no room, StoreError."""
    if len(content) >= LARGE:
        more = ["block"] if is_blocklist else []
        return msgspec.json.decode(_aside(box, "receive", *more, sent=content), type=str | None)
    try:
        return contact_reading.receive(box.state, box.settings, content, is_blocklist)
    except OSError as error:
        raise UserError(f"no room for it: {error.strerror}") from error


def is_waiting(box: Box) -> bool:
    """Whether something was read that is not decided on."""
    try:
        with _file(box).open("rb") as file:
            return file.read(len(_BEGINNING)) == _BEGINNING
    except OSError:
        return False


def waiting(box: Box) -> Preview | None:
    """What storing it would change; None: nothing was read. Raises StoreError, UserError."""
    if _is_large(box):
        return msgspec.json.decode(_aside(box, "preview"), type=Preview | None)
    return contact_reading.preview(box.state, box.store)


def store(box: Box, mark: str) -> int | None:
    """Store what has this mark, and forget it; how many contacts; None: there is nothing, or something else. Raises
    StoreError, UserError."""
    if _is_large(box):
        count = msgspec.json.decode(_aside(box, "keep", mark), type=int | None)
    else:
        count = contact_reading.keep(box.state, box.store, mark)
    if count is not None:
        discard(box, mark)
    return count


def discard(box: Box, mark: str) -> bool:
    """Forget what has this mark; whether it was there."""
    try:
        is_it = contact_reading.mark_of(_file(box).read_bytes()) == mark
    except OSError:
        return False
    if is_it:
        _file(box).unlink(missing_ok=True)
    return is_it


def _is_large(box: Box) -> bool:
    try:
        return _file(box).stat().st_size >= LARGE
    except OSError:
        return False


def _aside(box: Box, job: str, *more: str, sent: bytes = b"") -> bytes:
    """Have it done by a process of its own; its answer, as JSON. Raises UserError, StoreError."""
    command = [sys.executable, "-m", "web.contact_reading", job, str(box.state), *more]
    try:
        done = subprocess.run(command, input=sent, capture_output=True, timeout=WITHIN, check=False)
        if done.returncode == 0:
            return done.stdout
        said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2][-300:]
    except (OSError, subprocess.TimeoutExpired) as error:
        said = str(error)
    log.error("contacts: %s", said)
    raise UserError(said) if job == "receive" else StoreError(said)


def _file(box: Box) -> Path:
    return box.state / KEPT
