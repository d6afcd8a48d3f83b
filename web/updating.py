"""Updates of a box made from the image: two root file systems by turns, written by root's own service.

The page may do nothing of it. It leaves a bundle in one place and a wish beside it (`rufweiche-update.path`); whether
the bundle is signed and fits, and when no line is busy, is that service's business (`/usr/lib/rufweiche/update`).
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from msgspec import Struct
from werkzeug.datastructures import FileStorage

from appliance.core.errors import UserError
from web import machine
from web.bodies import LARGEST_UPDATE
from web.box import Box

FOLDER, BUNDLE, REQUEST = "update", "bundle.raucb", "request"
"""In the state directory: the only names root's service looks for."""
STICK = "stick"
"""There beside the request: it is about what is on the stick."""
WISH = Path(FOLDER, REQUEST)
LAST = Path("/data/system/last-update")
"""Root's note of the last update: the slot and version it was installed from ("A 1.2.0"), and of one from a stick its
checksum."""
BLOCK = Path("/sys/class/block")
"""What is plugged in."""
ON_TRIAL = "on-trial"
"""Beside the slot's name while a new version has yet to prove itself; judge-slot takes it away once it has."""
ROOM = 64 << 20
"""Bytes that stay free."""
MAGIC = b"hsqs"
"""How a bundle begins: it is a squashfs."""


class Stick(Struct, frozen=True):
    """An update on a stick that is plugged in and is not installed by itself (any more). `became`: "refused"; "busy":
    calls were on for too long; "tried": some time before; "back": it was installed and taken back; "kept": it is what
    runs."""

    name: str
    became: str


class Updates(Struct, frozen=True):
    """How updates come to this machine. `has_slots`: an update is written beside what runs, and taken back if it fails.

    `slot`: the one that runs, "A" or "B". `said`: what root's service says since the box was switched on. `last`: what
    became of the last one: "kept", "trial" or "back", with the version before in `before`. `waits`: a bundle is here
    that nobody has installed. `is_asked`: its service has yet to take notice. `stick`: what is to be said of the stick.
    """

    has_slots: bool
    slot: str | None = None
    said: str | None = None
    last: str | None = None
    before: str | None = None
    waits: bool = False
    is_asked: bool = False
    stick: Stick | None = None

    @property
    def phase(self) -> str | None:
        """How far one is: "asked", "waiting" (for a call to end), "checking", "installed"; or what came of it: "busy"
        (calls were on for too long), "refused"; None: none is."""
        found = (self.said or "").partition(" ")[0].rstrip(":")
        if self.is_asked and found != "waiting":
            return "asked"
        return found if found in ("waiting", "checking", "installed", "busy", "refused") else None

    @property
    def is_under_way(self) -> bool:
        """Whether something is still to happen by itself."""
        return self.phase in ("asked", "waiting", "checking", "installed")


def state(box: Box) -> Updates:
    """How it is now."""
    slot = machine.line(machine.RUN / "slot")
    if slot is None:
        return Updates(has_slots=False)
    said, folder = machine.line(machine.RUN / "update"), box.state / FOLDER
    noted = (machine.line(LAST) or "").split(" ")
    last = None
    if noted[0] in ("A", "B") and not (said or "").startswith("installed"):
        last = "back" if noted[0] == slot else "trial" if (machine.RUN / ON_TRIAL).exists() else "kept"
    return Updates(
        has_slots=True,
        slot=slot,
        said=said,
        last=last,
        before=noted[1] if last and len(noted) > 1 else None,
        waits=(folder / BUNDLE).is_file(),
        is_asked=(folder / REQUEST).exists(),
        stick=_stick(last),
    )


def _stick(last: str | None) -> Stick | None:
    """What root's service says of it (update-from-stick); `last`: what became of the last update."""
    device, became, _sum, name, *_ = [*(machine.line(machine.RUN / "on-stick") or "").split(" ", 3), "", "", "", ""]
    if not name or not device.isalnum() or not (BLOCK / device).exists():
        return None
    if became == "installed":
        return Stick(name, last) if last in ("back", "kept") else None
    return Stick(name, became if became in ("refused", "busy") else "tried")


def room(box: Box) -> int:
    """Bytes a bundle may have here."""
    try:
        free = shutil.disk_usage(box.state).free
    except OSError:
        return 0
    return max(min(LARGEST_UPDATE, free - ROOM), 0)


def receive(box: Box, upload: FileStorage) -> None:
    """Keep an uploaded bundle, and wish for its installation. Raises UserError ("no bundle", "empty", "no room")."""
    folder = box.state / FOLDER
    beside = folder / f".{BUNDLE}.part"
    try:
        folder.mkdir(mode=0o770, exist_ok=True)
        if upload.stream.read(len(MAGIC)) != MAGIC:
            raise UserError("no bundle")
        upload.stream.seek(0)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o640), "wb") as kept:
            upload.save(kept, 1 << 20)
            kept.flush()
            os.fsync(kept.fileno())
        beside.replace(folder / BUNDLE)
    except OSError as error:
        raise UserError("no room") from error
    finally:
        upload.close()
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    ask(box)


def ask(box: Box) -> None:
    """Wish that the bundle that is here be installed. Raises UserError."""
    try:
        (box.state / FOLDER / REQUEST).touch(mode=0o640)
    except OSError as error:
        raise UserError("no room") from error


def ask_for_stick(box: Box) -> None:
    """Wish that the one on the stick be tried once more. Raises UserError."""
    try:
        (box.state / FOLDER).mkdir(mode=0o770, exist_ok=True)
        (box.state / FOLDER / STICK).touch(mode=0o640)
    except OSError as error:
        raise UserError("no room") from error
    ask(box)


def discard(box: Box) -> None:
    """Do without it."""
    for name in (REQUEST, BUNDLE):
        with suppress(OSError):
            (box.state / FOLDER / name).unlink(missing_ok=True)
