"""As the box left the factory: everything of its owner is deleted. Asked for at the box, done at the engine's start."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path

from appliance.core.errors import StoreError
from appliance.store import live
from appliance.store.file import FILE_NAME, sync

log = logging.getLogger(__name__)

ASKED = "factory-reset"
"""In the state directory: it is to be done."""
WISH = Path("network/wish.json")
"""In the state directory: what root's service is to do to the machine; see settling."""
MACHINE = Path("/run/rufweiche-box")
"""Is there on the image alone, whose root services see to the rest."""
CODE = "setup-code"
"""Stays: it is printed on the box's card."""


def ask(state: Path) -> None:
    """Have it done at the engine's next start. Raises StoreError."""
    try:
        (state / ASKED).touch(mode=0o660)
    except OSError as error:
        raise StoreError(f"{state / ASKED} cannot be written: {error}") from error


def do_without(state: Path) -> None:
    """Take it back."""
    with suppress(OSError):
        (state / ASKED).unlink(missing_ok=True)


def carry_out(state: Path, machine: Path = MACHINE) -> bool:
    """Do it if it was asked for; says whether. `machine`: is there where the image's services are. Raises
    AlreadyRunning, StoreError where the database stays.

    Begins with the database and ends with the wish, so that a power cut in between only has it done again.
    """
    if not (state / ASKED).exists():
        return False
    with live.no_engine(state):
        run = live.run_directory(state)
        database = [state / f"{FILE_NAME}{end}" for end in ("", "-wal", "-shm")]
        others = sorted(path for path in state.iterdir() if path.name not in (ASKED, CODE, "run") and path != run)
        for path in [*database, *others]:
            _delete(path)
        if left := [path.name for path in others if path.exists()]:
            log.warning("not ours to delete: %s", ", ".join(left))
        if any(path.exists() for path in database):
            raise StoreError(f"{database[0]} could not be deleted")
        if machine.is_dir():
            _wish(state)
        (state / ASKED).unlink(missing_ok=True)
    log.warning("the box is as it left the factory")
    return True


def _wish(state: Path) -> None:
    """Have root's service delete what is root's. Whole and on the card, before what asks for it here is gone."""
    wish = state / WISH
    beside = wish.with_name(f".{wish.name}.new")
    try:
        wish.parent.mkdir(mode=0o770, exist_ok=True)
        with beside.open("w", encoding="utf-8") as file:
            file.write('{"reset": true}')
            file.flush()
            os.fsync(file.fileno())
        beside.replace(wish)
        for folder in (wish.parent, state):
            sync(folder)
    except OSError as error:
        log.error("name, Wi-Fi and backup on the card stay: %s", error)


def _delete(path: Path) -> None:
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            import shutil  # two megabytes that an engine at rest does not need

            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
