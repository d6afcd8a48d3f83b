"""Unplugging a wedged modem without hands: off and on again goes the power of the USB port it is in.

What works depends on the hub, so that each way is tried where it is there: uhubctl (hubs that switch each port, or all
together), the kernel's own switch of a hub's port (Linux 6.0), and last the device's authorisation, which takes the
drivers away and starts the device anew, though its power stays. Where none is possible, nothing happens.

A hub that switches all its ports together takes the other modems along, on a Raspberry Pi 3 the cable network too:
not while any line has a call. Imported when it is needed: subprocess is a megabyte.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

log = logging.getLogger(__name__)

OFF_FOR = 3.0
"""Seconds without power: a modem's capacitors hold out for one or two."""
UHUBCTL_WITHIN = 20.0
_TTYS = Path("/sys/class/tty")


class _Way(Protocol):
    """One way to do it, under way."""

    def tick(self, now: float) -> bool:
        """Let time pass; True once it is over."""


class UsbPower:
    """One cycle at a time; call tick() while `busy`."""

    def __init__(self) -> None:
        self._way: _Way | None = None

    @property
    def busy(self) -> bool:
        """A port is being switched."""
        return self._way is not None

    def cycle(self, path: str, now: float) -> bool:
        """Begin to switch the port of this serial port (/dev/…) off and on; False where that is not possible here."""
        device = usb_device(path)
        if self.busy or device is None:
            return False
        for begin in WAYS:
            with contextlib.suppress(OSError):
                if way := begin(device, now):
                    log.warning("%s: power off and on (USB %s, %s)", path, device.name, type(way).__name__.strip("_"))
                    self._way = way
                    return True
        log.info("%s: its power cannot be switched here", path)
        return False

    def tick(self, now: float) -> bool:
        """Let time pass; True once the cycle is over, however it went (or none was begun)."""
        try:
            if self._way and not self._way.tick(now):
                return False
        except OSError as error:
            log.warning("USB power: %s", error)
        self._way = None
        return True


def usb_device(path: str) -> Path | None:
    """The USB device in sysfs ("1-1.2") behind a serial port, by whatever name it goes; None: it is on none."""
    try:
        place = (_TTYS / Path(path).resolve().name / "device").resolve(strict=True)
    except OSError:
        return None
    return next((folder for folder in (place, *place.parents) if (folder / "idVendor").exists()), None)


# --- the ways ----------------------------------------------------------------------------------


class _Uhubctl:
    def __init__(self, program: str, device: Path, now: float) -> None:
        hub, _, port = device.name.rpartition("." if "." in device.name else "-")
        command = [program, "--location", hub, "--ports", port, "--action", "cycle", "--delay", str(OFF_FOR)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._until = now + UHUBCTL_WITHIN

    def tick(self, now: float) -> bool:
        status = self._process.poll()
        if status is None and now >= self._until:
            self._process.kill()
            status = self._process.wait()
        if status:
            log.warning("uhubctl could not switch the port (status %d)", status)
        return status is not None


class _Switch:
    """A file that takes one word for off and another for on."""

    def __init__(self, file: Path, off: str, on: str, now: float) -> None:
        self._file, self._on, self._on_at = file, on, now + OFF_FOR
        _write(file, off)

    def tick(self, now: float) -> bool:
        if now < self._on_at:
            return False
        _write(self._file, self._on)
        return True


class _PortSwitch(_Switch):
    """Documentation/ABI/testing/sysfs-bus-usb, …/port<N>/disable."""


class _Authorisation(_Switch):
    """The same, …/authorized."""


def _uhubctl(device: Path, now: float) -> _Way | None:
    program = shutil.which("uhubctl", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    return _Uhubctl(program, device, now) if program else None


def _port_switch(device: Path, now: float) -> _Way | None:
    file = device / "port" / "disable"
    return _PortSwitch(file, "1", "0", now) if os.access(file, os.W_OK) else None


def _authorisation(device: Path, now: float) -> _Way | None:
    file = device / "authorized"
    return _Authorisation(file, "0", "1", now) if os.access(file, os.W_OK) else None


WAYS: tuple[Callable[[Path, float], _Way | None], ...] = (_uhubctl, _port_switch, _authorisation)
"""In this order, the first that is there: what cuts the power for certain goes first."""


def _write(file: Path, text: str) -> None:
    with file.open("w") as switch:
        switch.write(text)
