"""The engine's side of the studio: a process of its own (`appliance.audio.process`), reached over a socket.

It is started when it is first needed, and again with the next stream after it has died. The engine keeps its own
descriptor of each port it lends, so that it can take the modem back whatever happens over there.
"""

from __future__ import annotations

import array
import contextlib
import logging
import os
import socket
import subprocess
import sys
from collections import deque
from typing import Final

from appliance.core import sound
from appliance.core.outside import Port
from appliance.core.soundwire import WireError, from_bytes, to_bytes
from appliance.ports.serialport import SerialPort

log = logging.getLogger(__name__)

_MODULE: Final = "appliance.audio.process"
_LONGEST_MESSAGE: Final = 65536
_LEAVES_WITHIN: Final = 3.0


class Studio:
    """Implements core.outside.Studio. `fd` has something to read when there is news."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._open: set[str] = set()
        """Lines whose stream is over there, as far as we know."""
        self._unsent: deque[tuple[bytes, int | None]] = deque()
        """Wishes the socket did not take, each with its own copy of a port's descriptor."""
        self._events: list[tuple[str, sound.SoundEvent]] = []
        self._start()

    @property
    def fd(self) -> int | None:
        """To be polled for reading; None while there is no studio. It changes when a new one is started."""
        return None if self._socket is None else self._socket.fileno()

    @property
    def pid(self) -> int | None:
        """The process, for whoever measures it."""
        return None if self._child is None else self._child.pid

    @property
    def has_news(self) -> bool:
        """Events wait that no reading of `fd` would announce."""
        return bool(self._events)

    def wish(self, line: str, wish: sound.SoundWish, port: Port | None = None) -> None:
        """Hand a wish over. Never raises, never blocks."""
        fd: int | None = None
        if isinstance(wish, sound.Open):
            if not isinstance(port, SerialPort) or (self._socket is None and not self._start()):
                self._events.append((line, sound.StreamEnded("failed")))
                return
            try:
                fd = os.dup(port.fd)
            except OSError:
                self._events.append((line, sound.StreamEnded("lost")))
                return
            self._open.add(line)
        elif self._socket is None:
            return  # its stream has ended, and it knows
        self._unsent.append((to_bytes(line, wish), fd))
        self._send()

    def take_events(self) -> list[tuple[str, sound.SoundEvent]]:
        """What there is to say, once."""
        self._receive()
        self._send()
        events, self._events = self._events, []
        return events

    def close(self) -> None:
        """Let the studio go; it ends by itself, and is ended if it does not."""
        self._let_go()
        child, self._child = self._child, None
        if child is None:
            return
        try:
            child.wait(_LEAVES_WITHIN)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _start(self) -> bool:
        self.close()
        # whole messages, each with its descriptor
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                self._child = subprocess.Popen(
                    [sys.executable, "-m", _MODULE, str(theirs.fileno())],
                    pass_fds=(theirs.fileno(),),
                    stdin=subprocess.DEVNULL,
                    # one thread is all it has use for; more of them only take memory
                    env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
                )
        except OSError as error:
            log.warning("the studio cannot be started: %s", error)
            ours.close()
            return False
        ours.setblocking(False)
        self._socket = ours
        return True

    def _send(self) -> None:
        while self._unsent and self._socket:
            data, fd = self._unsent[0]
            passed = [] if fd is None else [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))]
            try:
                self._socket.sendmsg([data], passed)
            except BlockingIOError:
                return
            except OSError:
                self._crashed()
                return
            self._unsent.popleft()
            if fd is not None:
                os.close(fd)

    def _receive(self) -> None:
        while self._socket:
            try:
                data = self._socket.recv(_LONGEST_MESSAGE)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._crashed()
                return
            try:
                line, event = from_bytes(data)
            except WireError:
                log.exception("the studio was not understood")
                continue
            if isinstance(event, sound.SoundEvent):
                if isinstance(event, sound.StreamEnded):
                    self._open.discard(line)
                self._events.append((line, event))

    def _crashed(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()  # it is dead, or of no more use
            log.error("the studio died (status %d)", child.wait())
        self._events += [(line, sound.StreamEnded("crash")) for line in sorted(self._open)]
        self._let_go()

    def _let_go(self) -> None:
        self._open.clear()
        if self._socket:
            self._socket.close()
            self._socket = None
        for _, fd in self._unsent:
            if fd is not None:
                with contextlib.suppress(OSError):
                    os.close(fd)
        self._unsent.clear()
