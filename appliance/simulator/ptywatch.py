"""Sees when a program opens and closes a pseudo-terminal: all there is of DTR on one.

By inotify(7), which the standard library does not offer; where the system has none, nothing is seen.
"""

from __future__ import annotations

import ctypes
import os
import struct

IN_CLOSE_WRITE, IN_CLOSE_NOWRITE, IN_OPEN, IN_IGNORED = 0x08, 0x10, 0x20, 0x8000
_EVENT = struct.Struct("iIII")


class PtyWatch:
    """`fd` is readable when something was opened or closed; None: not on this system."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._users: dict[int, int] = {}
        self._paths: dict[int, str] = {}
        self.fd: int | None = None
        if hasattr(self._libc, "inotify_init1"):
            found = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
            self.fd = found if found >= 0 else None

    def add(self, path: str) -> None:
        """Watch this terminal from now on."""
        if self.fd is None:
            return
        mask = IN_OPEN | IN_CLOSE_WRITE | IN_CLOSE_NOWRITE
        watch = self._libc.inotify_add_watch(self.fd, os.fsencode(path), mask)
        if watch >= 0:
            self._paths[watch], self._users[watch] = path, 0

    def closed(self) -> set[str]:
        """Terminals that their last user has closed since, be they open again or not."""
        if self.fd is None:
            return set()
        try:
            data = os.read(self.fd, 65536)
        except BlockingIOError:
            return set()
        found = set()
        while data:
            watch, mask, _, length = _EVENT.unpack_from(data)
            data = data[_EVENT.size + length :]
            if mask & IN_IGNORED:
                self._paths.pop(watch, None)
            elif mask & IN_OPEN:
                self._users[watch] += 1
            elif watch in self._paths:
                self._users[watch] = max(0, self._users[watch] - 1)
                if not self._users[watch]:
                    found.add(self._paths[watch])
        return found

    def close(self) -> None:
        """Watch no longer."""
        if self.fd is not None:
            os.close(self.fd)
            self.fd = None
