"""`rufweiche settle`: another name or Wi-Fi for a box that is in use, as its owner wished on the page.

The page has no right to either: it leaves the wish as JSON in one file of the state directory. Nothing in it is
believed; it is checked as the [box] of a settings file is. A Wi-Fi that cannot be joined gives way to the one before.
A factory reset wishes for all that is to be as it came.
"""

from __future__ import annotations

import json
import logging
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from appliance.core import settings_box
from appliance.core.settings import Box
from appliance.core.settings_reader import Notes, Reader
from appliance.firstboot import ERRORS, TAKEN_IN
from appliance.machine import CONNECTION, Machine, shred, write
from appliance.maintenance import COPY
from appliance.network_watch import FILE as ADDRESS
from appliance.store.factory_reset import WISH

log = logging.getLogger(__name__)

TOLD = Path("/run/rufweiche-box/network")
"""What became of the last wish: "working", "done", "refused" or "not joined". Root writes it, the page reads it."""
RESET: dict[str, object] = {"reset": True}
"""The wish that holds no secret and takes long: it stays until it is granted, for a power cut may come in between."""
LARGEST = 4096
"""Bytes of a wish."""
WIFI = CONNECTION.removesuffix(".nmconnection")
"""The connection's name."""


class Networks(Protocol):
    """What ports/network.NetworkManager does."""

    def join(self, name: str) -> None: ...

    def forget(self, name: str) -> None: ...


def carry_out(
    state: Path,
    machine: Machine,
    networks: Networks,
    told: Path = TOLD,
    rename: Callable[[str], None] = socket.sethostname,
    boot: Path | None = None,
) -> str:
    """Do what is wished for; what is told of it, "" where nothing was. `boot`: the boot partition. Raises OSError where
    a file of the system cannot be written."""
    wished = _take(state / WISH)
    if wished is None:
        return ""
    if wished == RESET:
        _reset(machine, networks, boot, rename)
        (state / WISH).unlink(missing_ok=True)
        return _tell(told, "done")
    box = _checked(wished)
    if box is None:
        return _tell(told, "refused")
    _tell(told, "working")
    if "hostname" in wished:
        machine.set_hostname(box.hostname)
        with suppress(OSError):  # in a container, say: the file has it, the next start reads it
            rename(box.hostname)
    if box.wifi is None:
        return _tell(told, "done")
    file = machine.place("etc/NetworkManager/system-connections") / CONNECTION
    before = file.read_text(encoding="utf-8") if file.exists() else None
    machine.join(box.wifi)
    if _joined(networks):
        return _tell(told, "done")
    if before is None:
        file.unlink(missing_ok=True)
    else:
        write(file, before, 0o600)
    _joined(networks)
    return _tell(told, "not joined")


def _reset(machine: Machine, networks: Networks, boot: Path | None, rename: Callable[[str], None]) -> None:
    """Nothing of the owner stays: name, Wi-Fi, who may log in, what lies on the boot partition for any PC to read."""
    from appliance.ports.network import NetworkError

    files = [machine.place("etc/NetworkManager/system-connections") / CONNECTION, machine.authorized_keys]
    if boot is not None:
        files += [boot / name for name in (COPY, TAKEN_IN, ERRORS, ADDRESS)]
    with suppress(OSError):
        files += machine.place("var/lib/rufweiche-trouble").iterdir()
    for file in files:
        with suppress(OSError):
            shred(file)
    try:
        networks.forget(WIFI)
    except NetworkError as error:
        log.warning("%s", error)
    name = Box().hostname
    machine.set_hostname(name)
    with suppress(OSError):
        rename(name)


def _take(file: Path) -> dict[str, object] | None:
    """The wish, which is gone then, all but RESET; None: there is none, or it is none of ours."""
    try:
        handle = os.open(file, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        with suppress(OSError):
            file.unlink(missing_ok=True)  # a link: it would be asked for ever
        return None
    with os.fdopen(handle, "rb+", buffering=0) as opened:
        content = opened.read(LARGEST + 1) or b""
        try:
            wished = json.loads(content) if len(content) <= LARGEST else None
        except (ValueError, RecursionError):
            wished = None
        if wished == RESET:
            return RESET
        # It holds a password. Through this handle: by its name it may be another file by now.
        with suppress(OSError):
            opened.seek(0)
            opened.write(bytes(len(content)))
            os.fsync(handle)
    file.unlink(missing_ok=True)
    return wished if isinstance(wished, dict) else {"": None}


def _checked(wished: dict[str, object]) -> Box | None:
    """As settings are; None where anything is wrong, or wished that is not the page's to wish."""
    if not wished or not wished.keys() <= {"hostname", "wifi"}:
        return None
    notes = Notes("en")
    try:
        box = settings_box.box(Reader(notes, "box", wished, Box))
    except (TypeError, ValueError, AttributeError) as error:
        log.warning("a wish that is none: %s", error)
        return None
    for mistake in notes.mistakes:
        log.warning("%s", mistake)
    return None if notes.mistakes else box


def _joined(networks: Networks) -> bool:
    from appliance.ports.network import NetworkError

    try:
        networks.join(WIFI)
    except NetworkError as error:
        log.warning("%s", error)
        return False
    return True


def _tell(told: Path, what: str) -> str:
    if told.parent.is_dir():
        write(told, f"{what}\n", 0o644)
    return what
