"""The other serial ports of the same USB stick, as the kernel's sysfs shows them."""

from __future__ import annotations

import os
from pathlib import Path

_TTYS = Path("/sys/class/tty")


def of(path: str, interface: int, ttys: Path = _TTYS) -> str | None:
    """The port of interface number `interface` (bInterfaceNumber) of the USB device `path` belongs to, or None.

    ttyUSB ports hang one folder below their interface, ttyACM ports directly in it.
    """
    device = _device(ttys / Path(os.path.realpath(path)).name)
    if device is None:
        return None
    for tty in sorted(ttys.glob("tty*")):
        if _device(tty) == device and _number(tty) == interface:
            return f"/dev/{tty.name}"
    return None


def _interface(tty: Path) -> Path | None:
    """The folder of the tty's USB interface."""
    folder = (tty / "device").resolve()
    return next((one for one in (folder, folder.parent) if (one / "bInterfaceNumber").is_file()), None)


def _device(tty: Path) -> Path | None:
    interface = _interface(tty)
    return interface.parent if interface else None


def _number(tty: Path) -> int | None:
    interface = _interface(tty)
    if interface is None:
        return None
    try:
        return int((interface / "bInterfaceNumber").read_text(), 16)
    except (OSError, ValueError):
        return None
