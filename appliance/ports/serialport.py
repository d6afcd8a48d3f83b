"""A serial port that never blocks. pyserial opens and sets it up; reading and writing is the kernel's."""

from __future__ import annotations

import contextlib
import errno
import os
import termios

import serial

from appliance.core.errors import PortLost

_READ_AT_MOST = 65536
_BUSY = (errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EPERM)


class SerialPort:
    """Implements core.outside.Port."""

    def __init__(self, path: str, baudrate: int) -> None:
        """Open for us alone: 8N1, no flow control (USB has its own). Raises PortLost."""
        self.path = path
        self.hung_up = False
        """Set by whoever polls: the other side is gone."""
        try:
            self._serial = serial.Serial(path, baudrate, timeout=0, write_timeout=0, exclusive=True)
        except (OSError, ValueError) as error:  # SerialException is an OSError
            number = error.errno if isinstance(error, OSError) else None
            busy = number in _BUSY or _locked(error)
            raise PortLost(f"{path}: {error}", "port_busy" if busy else "port_missing") from error
        self.fd: int = self._serial.fileno()

    def read(self) -> bytes:
        """What has come. Raises PortLost."""
        try:
            data = os.read(self.fd, _READ_AT_MOST)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise PortLost(f"{self.path}: {error}", "unplugged") from error
        if not data and self.hung_up:
            raise PortLost(f"{self.path} was unplugged", "unplugged")
        return data

    def write(self, data: bytes) -> int:
        """Hand bytes over, as many as are taken. Raises PortLost."""
        try:
            return os.write(self.fd, data)
        except BlockingIOError:
            return 0
        except OSError as error:
            raise PortLost(f"{self.path}: {error}", "unplugged") from error

    def begin_reset(self) -> None:
        """Hang the line up: DTR low and BREAK on, which the firmest of wedged modems take notice of after a second.

        Never blocks; what the port has no wire for is left out. `end_reset` a second later, then close.
        """
        for name, value in (("dtr", False), ("break_condition", True)):
            with contextlib.suppress(OSError):
                setattr(self._serial, name, value)

    def end_reset(self) -> None:
        """BREAK off, DTR high, whatever was in the way thrown away."""
        for name, value in (("break_condition", False), ("dtr", True)):
            with contextlib.suppress(OSError):
                setattr(self._serial, name, value)
        with contextlib.suppress(OSError, termios.error):
            termios.tcflush(self.fd, termios.TCIOFLUSH)

    def close(self) -> None:
        """Give the port back."""
        with contextlib.suppress(OSError):  # it may be gone already
            self._serial.close()


def _locked(error: Exception) -> bool:
    return "exclusively lock" in str(error)
