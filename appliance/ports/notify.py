"""Telling systemd how we are: datagrams to the socket in $NOTIFY_SOCKET (sd_notify(3)). Without one, nothing."""

from __future__ import annotations

import contextlib
import logging
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket

log = logging.getLogger(__name__)


class Notifier:
    """One socket for the life of the process; it never blocks and never raises."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        address = os.environ.get("NOTIFY_SOCKET", "")
        if address[:1] not in ("/", "@"):  # a path, or a name without one (sd_notify(3)); vsock is for virtual machines
            return
        import socket  # two megabytes, where there is somebody to tell

        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self._socket.setblocking(False)

    @property
    def watchdog(self) -> float | None:
        """Seconds within which systemd wants a sign of life from this process; None: it does not."""
        if self._socket is None or os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
            return None
        with contextlib.suppress(ValueError):
            if (microseconds := int(os.environ.get("WATCHDOG_USEC", ""))) > 0:
                return microseconds / 1e6
        return None

    def say(self, *assignments: str) -> None:
        """Send e.g. "READY=1", "WATCHDOG=1", "STATUS=…" in one datagram; a line break within one becomes a blank."""
        if self._socket is None:
            return
        lines = "\n".join(" ".join(one.split("\n")) for one in assignments)
        try:
            self._socket.sendto(lines.encode(errors="replace"), self._address)
        except OSError as error:
            log.debug("systemd was not told: %s", error)

    def close(self) -> None:
        """Give the socket back."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
