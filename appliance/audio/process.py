"""The studio's process: `python -m appliance.audio.process FD`, FD being a socket to the engine.

It has the ports that come with Open (SCM_RIGHTS) until their streams have ended. It ends when the engine does.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import gc
import logging
import os
import select
import signal
import socket
import sys
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from appliance.audio.desk import Desk
from appliance.audio.rhythm import Rhythm
from appliance.core import sound
from appliance.core.soundwire import WireError, from_bytes, to_bytes

log = logging.getLogger(__name__)

_PRIORITY: Final = 10
"""Of SCHED_RR: above all that is not in real time, below the kernel's own threads (50)."""
_MCL_CURRENT, _MCL_ONFAULT = 1, 4
"""mlockall(2), on all machines that we run on."""
_YIELDS_WITHIN: Final = 0.0005
"""Seconds after which whoever deals with the card lets the loop go on."""
_READ_AT_MOST: Final = 4096
_LONGEST_MESSAGE: Final = 65536
_MOST_EVENTS: Final = 8
_GONE: Final = select.EPOLLHUP | select.EPOLLERR
_HUNG_AFTER: Final = 5
"""Seconds without a turn of the loop while a port is lent, less a second or two."""
_TURN_WITHIN: Final = 1.0
"""Seconds within which it turns though nothing comes, then, and the alarm is put off."""
_BLOCKED_RETRY: Final = 0.01


class _Port:
    """A port that was lent to us."""

    def __init__(self, line: str, fd: int) -> None:
        self.line = line
        self.fd = fd
        self.unsent = b""
        self.rhythm: Rhythm | None = None
        """With the line it is bridged to."""
        self.wakes = True
        os.set_blocking(fd, False)


class Process:
    """One loop: the engine's wishes, the ports' bytes, the desk's time."""

    def __init__(self, engine: socket.socket, desk: Desk) -> None:
        self._engine = engine
        self._desk = desk
        self._ports: dict[str, _Port] = {}
        self._by_fd: dict[int, _Port] = {}
        self._unsaid: deque[bytes] = deque()
        # poll(2) asks each terminal every time, and that waits until the kernel has handed over what is on its way
        # (n_tty_poll): on a busy machine longer than a frame lasts, whatever the time given
        self._poll = select.epoll()
        self._poll.register(engine, select.EPOLLIN)
        self._due: float | None = None
        """When the desk wants to be told the time."""
        self._alarm_at = 0.0
        engine.setblocking(False)

    def run(self) -> None:
        """Until the engine is gone."""
        while True:
            for fd, flags in self._poll.poll(self._patience(), _MOST_EVENTS):
                if fd == self._engine.fileno():
                    if not self._take_wishes():
                        self._leave()
                        return
                elif (port := self._by_fd.get(fd)) is not None:
                    self._hear(port, flags)
            now = time.monotonic()
            if self._due is not None and now >= self._due:
                self._desk.tick(now)
            self._speak(now)
            self._watch(now)
            self._set_alarm(now)

    def _set_alarm(self, now: float) -> None:
        """Whoever hangs is ended by the alarm: the engine takes that for a crash, and releases the lines.

        When the last port was given back there is none: then the wait for a wish is no hang.
        """
        if not self._ports:
            if self._alarm_at:
                self._alarm_at = 0.0
                signal.alarm(0)
        elif now >= self._alarm_at:
            self._alarm_at = now + _TURN_WITHIN
            signal.alarm(_HUNG_AFTER)

    def _patience(self) -> float | None:
        """Seconds at most until the next turn."""
        now = time.monotonic()
        self._due = self._desk.deadline()
        times = [] if self._due is None else [self._due]
        times += [due for port in self._ports.values() if port.rhythm and (due := port.rhythm.deadline()) is not None]
        if self._ports:
            times.append(now + _TURN_WITHIN)
        if self._unsaid or any(port.unsent for port in self._ports.values()):
            times.append(now + _BLOCKED_RETRY)
        if not times:
            return None
        return max(0.0, min(times) - now)

    # --- the engine ------------------------------------------------------------------------------

    def _take_wishes(self) -> bool:
        """False: it is gone."""
        while True:
            try:
                data, ancillary, _, _ = self._engine.recvmsg(
                    _LONGEST_MESSAGE, socket.CMSG_SPACE(array.array("i").itemsize)
                )
            except BlockingIOError:
                return True
            except OSError:
                return False
            if not data:
                return False
            fds = _fds(ancillary)
            try:
                line, wish = from_bytes(data)
            except WireError:
                log.exception("a wish was not understood")
                _close(fds)
                continue
            if isinstance(wish, sound.Open):
                if not fds:
                    self._say(line, sound.StreamEnded("failed"))
                    continue
                self._lend(line, fds.pop(0))
            _close(fds)
            if isinstance(wish, sound.SoundWish):
                self._desk.wish(line, wish, time.monotonic())
                self._find_rhythms()

    def _lend(self, line: str, fd: int) -> None:
        self._give_back(line)
        port = _Port(line, fd)
        self._ports[line] = self._by_fd[fd] = port
        self._poll.register(fd, select.EPOLLIN)

    def _say(self, line: str, event: sound.SoundEvent) -> None:
        self._unsaid.append(to_bytes(line, event))

    # --- ports -----------------------------------------------------------------------------------

    def _hear(self, port: _Port, flags: int) -> None:
        """A port has woken us."""
        found = self._read(port, flags, time.monotonic())
        if port.rhythm is None or not found:
            return
        now = time.monotonic()
        follower = self._ports.get(port.rhythm.came(port.line, now) or "")
        if follower is not None:
            found = self._read(follower, 0, now - port.rhythm.lag(follower.line))
            port.rhythm.read_along(found, now)

    def _read(self, port: _Port, flags: int, came: float) -> bool:
        """Whether there was anything. `came`: when that was."""
        try:
            data = os.read(port.fd, _READ_AT_MOST)
        except BlockingIOError:
            data = b""
        except OSError:
            data, flags = b"", flags | _GONE
        if data:
            self._desk.receive(port.line, data, came)
        elif flags & _GONE:
            self._desk.port_lost(port.line, came)
        return bool(data)

    def _find_rhythms(self) -> None:
        """Each bridge has one."""
        for port in self._ports.values():
            other = self._ports.get(self._desk.bridged_to(port.line) or "")
            if other is None:
                port.rhythm = None
            elif port.rhythm is None or port.rhythm is not other.rhythm:
                port.rhythm = other.rhythm = Rhythm(port.line, other.line)

    def _watch(self, now: float) -> None:
        """Be woken by whoever leads."""
        for port in self._ports.values():
            if port.rhythm:
                port.rhythm.tick(now)
            wakes = port.rhythm is None or port.rhythm.follower != port.line
            if wakes != port.wakes:
                port.wakes = wakes
                self._poll.modify(port.fd, select.EPOLLIN if wakes else 0)

    def _speak(self, now: float) -> None:
        # all is reckoned before anything is written: whoever hands that on may take our place on the processor
        for port in self._ports.values():
            lag = port.rhythm.lag(port.line) if port.rhythm else 0.0
            port.unsent = port.unsent or self._desk.data_to_send(port.line, now - lag)
        for port in self._ports.values():
            if port.unsent:
                try:
                    port.unsent = port.unsent[os.write(port.fd, port.unsent) :]
                except BlockingIOError:
                    continue  # asked again before long
                except OSError:
                    port.unsent = b""
                    self._desk.port_lost(port.line, now)
        # whose stream has ended gets its port back before it hears of it
        for line in [line for line in self._ports if not self._desk.is_open(line)]:
            self._give_back(line)
            self._find_rhythms()
        for line, event in self._desk.take_events():
            self._say(line, event)
        with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
            while self._unsaid:
                self._engine.send(self._unsaid[0])
                self._unsaid.popleft()

    def _give_back(self, line: str) -> None:
        if port := self._ports.pop(line, None):
            self._poll.unregister(port.fd)
            del self._by_fd[port.fd]
            os.close(port.fd)

    def _leave(self) -> None:
        """Nobody is there any more to end what modems are doing: ask them to, once."""
        now = time.monotonic()
        for port in self._ports.values():
            self._desk.wish(port.line, sound.Close(), now)
            with contextlib.suppress(OSError):
                os.write(port.fd, self._desk.data_to_send(port.line, now))


def _fds(ancillary: list[tuple[int, int, bytes]]) -> list[int]:
    fds = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(data[: len(data) // fds.itemsize * fds.itemsize])
    return list(fds)


def _close(fds: list[int]) -> None:
    for fd in fds:
        os.close(fd)


def _hurry() -> None:
    """Real-time priority, where we may: then a busy machine makes no gaps."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(_PRIORITY))
    except OSError:
        with contextlib.suppress(OSError):
            os.nice(-10)
        log.info("no real-time priority: a busy machine may be heard")


def _stay() -> None:
    """Memory we have had stays ours, where we may: to get code back from a slow card takes longer than a frame."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mlockall(_MCL_CURRENT | _MCL_ONFAULT):
        log.info("memory is not locked: %s", os.strerror(ctypes.get_errno()))


def main() -> None:
    """What the engine starts."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s", stream=sys.stderr)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the engine's to heed
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # and so is a stop of the service: messages are kept first
    with socket.socket(fileno=int(sys.argv[1])) as engine, ThreadPoolExecutor(1, "card") as executor:
        _hurry()
        _stay()
        sys.setswitchinterval(_YIELDS_WITHIN)
        gc.collect()
        gc.freeze()  # what is here now stays: looking through it again would only take time
        Process(engine, Desk(executor)).run()


if __name__ == "__main__":
    main()
