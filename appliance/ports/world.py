"""The real world: implements core.outside.Outside on the kernel's poll, and wakes on signals."""

from __future__ import annotations

import contextlib
import os
import select
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.core.outside import Port, UsbPower
from appliance.ports import clock, siblings
from appliance.ports.serialport import SerialPort

if TYPE_CHECKING:
    from appliance.ports.studio import Studio

_HUNG_UP = select.POLLHUP | select.POLLERR | select.POLLNVAL
_PLACES = ("/dev/serial/by-id/*", "/dev/ttyUSB*", "/dev/ttyACM*")
_LIKELY_INTERFACES = ("if02", "if03", "if00")
"""AT commands are spoken on interface 2 by Huawei PCUI, SIM7600 and Quectel EC2x, on 3 or 0 by others."""


class RealWorld:
    """Clock, ports and waiting."""

    def __init__(self) -> None:
        self._wake_read, self.wake_fd = os.pipe()
        for fd in (self._wake_read, self.wake_fd):
            os.set_blocking(fd, False)
        self._studio: Studio | None = None
        self._usb_power: UsbPower | None = None
        self._poll = select.poll()
        self._polled: set[int] = set()
        self._poll_anew(())

    @property
    def studio(self) -> Studio:
        """Where sound is dealt with, in a process of its own that begins now if it has not."""
        if self._studio is None:
            from appliance.ports.studio import Studio  # what starts processes: a box without sound never needs it

            self._studio = Studio()
        return self._studio

    @property
    def usb_power(self) -> UsbPower:
        """The switch of USB ports; made when it is first needed."""
        if self._usb_power is None:
            from appliance.ports import usbpower  # it imports subprocess, a megabyte

            self._usb_power = usbpower.UsbPower()
        return self._usb_power

    def now(self) -> float:
        """Monotonic seconds."""
        return clock.monotonic()

    def wall(self) -> datetime:
        """Aware UTC time."""
        return clock.wall()

    def open(self, path: str, baudrate: int) -> Port:
        """Open a port. Raises PortLost."""
        return SerialPort(path, baudrate)

    def sibling(self, path: str, interface: int) -> str | None:
        """The port of another interface of the same stick."""
        return siblings.of(path, interface)

    def candidates(self) -> list[str]:
        """Ports by their stable names first; one name for each port; the likeliest interface of a stick first."""
        found: dict[str, str] = {}
        for place in _PLACES:
            folder, pattern = os.path.split(place)
            for path in sorted(Path(folder).glob(pattern), key=_likelihood):
                found.setdefault(os.path.realpath(path), str(path))
        return list(found.values())

    def wait(self, ports: Collection[Port], until: float | None) -> None:
        """Poll. A signal handler that writes to `wake_fd` (signal.set_wakeup_fd) ends it, too."""
        by_fd = {port.fd: port for port in ports if isinstance(port, SerialPort)}
        fds = set(by_fd)
        if self._studio:
            if self._studio.has_news:
                until = clock.monotonic()
            if self._studio.fd is not None:
                fds.add(self._studio.fd)
        if fds != self._polled:
            self._poll_anew(fds)
        # rounded up to the next millisecond: waking early would only spin
        timeout = None if until is None else max(0, int((until - clock.monotonic()) * 1000) + 1)
        for fd, flags in self._poll.poll(timeout):
            if fd == self._wake_read:
                with contextlib.suppress(BlockingIOError):
                    os.read(fd, 4096)
            elif flags & _HUNG_UP and fd in by_fd:
                by_fd[fd].hung_up = True

    def _poll_anew(self, fds: Iterable[int]) -> None:
        self._polled = set(fds)
        self._poll = select.poll()
        for fd in (self._wake_read, *self._polled):
            self._poll.register(fd, select.POLLIN)

    def close(self) -> None:
        """Give back what waiting needs; the studio ends."""
        if self._studio:
            self._studio.close()
        os.close(self._wake_read)
        os.close(self.wake_fd)


def _likelihood(path: Path) -> tuple[int, str]:
    places = [place for place, part in enumerate(_LIKELY_INTERFACES) if part in path.name]
    return (min(places, default=len(_LIKELY_INTERFACES)), path.name)
