"""A backup that was uploaded: kept beside the data until the owner has seen what it holds and said yes."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.datastructures import FileStorage

from appliance.core.errors import StoreError, UserError
from appliance.core.requests import RESTART
from appliance.store import live
from appliance.store.live import AlreadyRunning
from web.box import Box

if TYPE_CHECKING:
    from appliance.store.backup import Contents

LARGEST = 64 << 20
"""Bytes of an upload: years of calls, and an hour of voicemail."""
UPLOADED = "uploaded-backup.zip"
"""One for all browsers: what a form decides on it says by its mark."""
_ONE_AT_A_TIME = threading.Lock()


def receive(box: Box, upload: FileStorage | None) -> Contents:
    """Keep an upload and say what it holds. Raises UserError for what is no sound backup; then nothing is kept."""
    if upload is None or not upload.filename:
        raise UserError("no file")
    with _ONE_AT_A_TIME:
        return _receive(_file(box), upload)


def _receive(file: Path, upload: FileStorage) -> Contents:
    from appliance.store import backup  # 1 MB, seldom needed

    beside = file.with_suffix(".new")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as kept:
            upload.save(kept)
        upload.close()
        contents = backup.inspect(beside)
        beside.replace(file)
    except OSError as error:
        raise UserError(f"no room for it: {error.strerror}") from error
    finally:
        beside.unlink(missing_ok=True)
    return contents


def take(box: Box, kept: Path) -> Contents:
    """Take a backup that is on this box, as if it had been uploaded. Raises UserError as `receive` does."""
    try:
        with kept.open("rb") as file:
            return receive(box, FileStorage(file, kept.name))
    except OSError as error:
        raise UserError(f"{kept.name} cannot be read: {error.strerror}") from error


def waiting(box: Box) -> tuple[Contents, str] | None:
    """What the upload that was kept holds, and its mark; None: there is none. Raises UserError."""
    from appliance.store import backup  # 1 MB, seldom needed

    with _ONE_AT_A_TIME:
        mark = _mark_of(_file(box))
        return None if mark is None else (backup.inspect(_file(box)), mark)


def is_kept(box: Box) -> bool:
    """Whether there is one."""
    return _file(box).exists()


def put_in_place(box: Box, mark: str) -> bool | None:
    """Restore the upload of this mark; False: an engine runs, which does it when it starts anew, as it was asked to.
    None: there is no such upload, or another one by now.

    Raises UserError, StoreError.
    """
    with _ONE_AT_A_TIME:
        file = _file(box)
        if _mark_of(file) != mark:
            return None
        is_done = _put(box, file)
        file.unlink(missing_ok=True)
        return is_done


def _put(box: Box, file: Path) -> bool:
    from appliance.store import backup  # 1 MB, seldom needed

    try:
        backup.restore(file, box.state, box.now)
    except AlreadyRunning:
        backup.leave(file, box.state)
        try:
            box.ask(RESTART)
        except StoreError:
            do_without(box)  # else it would happen at some later start
            raise
        return False
    return True


def sounds(box: Box) -> int:
    """How many recordings there are here now, of the kinds a backup holds."""
    from appliance.store import backup  # 1 MB, seldom needed

    return sum(1 for folder in backup.SOUNDS for _ in (box.state / folder).glob("*.wav"))


def is_pending(box: Box) -> bool:
    """Whether the engine has yet to restore one."""
    return (box.state / live.LEFT).exists()


def do_without(box: Box) -> None:
    """Take back what the engine has yet to restore."""
    (box.state / live.LEFT).unlink(missing_ok=True)


def discard(box: Box, mark: str | None = None) -> None:
    """Forget the upload; with a mark, unless it is another one by now."""
    with _ONE_AT_A_TIME:
        if mark is None or _mark_of(_file(box)) == mark:
            _file(box).unlink(missing_ok=True)


def _file(box: Box) -> Path:
    return box.state / UPLOADED


def _mark_of(file: Path) -> str | None:
    """What tells one upload from another; None: there is none."""
    try:
        with file.open("rb") as kept:
            return hashlib.file_digest(kept, "sha256").hexdigest()[:32]
    except OSError:
        return None
