"""Simulated modules on pseudo-terminals, in real or scaled time, served by one thread."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import selectors
import termios
import threading
import time
import tty
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from appliance.core.errors import RufweicheError
from appliance.simulator.device import Device
from appliance.simulator.network import Exchange
from appliance.simulator.ptywatch import PtyWatch

log = logging.getLogger(__name__)

T = TypeVar("T")

MOST_UNREAD = 1 << 20
"""Octets kept for a host that does not read; what is more is lost, as in a module's own buffer."""


SPEEDS = {getattr(termios, f"B{baud}"): baud for baud in (9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)}
"""Constants of termios(3) → baud."""


class PtyModem:
    """A module behind a symlink that looks like a serial port. Owned by the host's thread once that runs.

    The link's directory must exist. Pulling the plug closes both ends, so that the program that has the port open
    sees it go as a USB stick goes (reads end, writes fail with EIO).
    """

    def __init__(self, module: Device, link: Path, watch: PtyWatch) -> None:
        self.module = module
        self._watch = watch
        self.link = link
        self.master: int | None = None
        self._slave: int | None = None
        self._unsent = bytearray()
        self._speed = 0
        self.tty = ""
        module.socket = self
        self._open()

    def _open(self) -> None:
        self.master, self._slave = os.openpty()
        # a slave end of our own: without one, reading the master fails whenever nobody has the port open
        tty.setraw(self._slave, termios.TCSANOW)
        os.set_blocking(self.master, False)
        self.link.unlink(missing_ok=True)
        self.tty = os.ttyname(self._slave)
        self._watch.add(self.tty)
        self.link.symlink_to(self.tty)

    def unplug(self) -> None:
        """Pull the plug: the link is gone, so are the module's calls."""
        self.module.unplug()
        self.close()

    def plug_in(self, name: str | Path | None = None) -> None:
        """Plug it in again, under the same or another link (a bare name: beside the old one); the module boots."""
        if self.master is None:
            self.link = self.link.parent / name if name is not None else self.link
            self._open()
            self.module.plug_in()

    def close(self) -> None:
        """Give the pseudo-terminal back."""
        if self.master is not None and self._slave is not None:
            self.link.unlink(missing_ok=True)
            os.close(self.master)
            os.close(self._slave)
            self.master = self._slave = None
            self._unsent.clear()

    def read(self) -> bytes:
        """What the host wrote; b"" if nothing."""
        if self.master is None:
            return b""
        self._notice_speed()
        room = min(65536, self.module.room())
        try:
            return os.read(self.master, room) if room > 0 else b""
        except OSError:
            return b""

    def _notice_speed(self) -> None:
        """What the host has set; B0 drops DTR (termios(3)). A pseudo-terminal shows no other control line."""
        assert self._slave is not None
        speed = termios.tcgetattr(self._slave)[5]
        if speed != self._speed:
            self._speed = speed
            if speed == termios.B0:
                self.module.closed()
            elif speed in SPEEDS:
                self.module.opened(SPEEDS[speed])

    def flush(self) -> bool:
        """Pass on what the module said; True while some of it does not fit yet."""
        self._unsent += self.module.take_output()
        if self.master is None or not self._unsent:
            self._unsent.clear()
            return False
        try:
            written = os.write(self.master, self._unsent)
        except BlockingIOError:
            written = 0
        del self._unsent[:written]
        del self._unsent[MOST_UNREAD:]
        return bool(self._unsent)

    def closed(self) -> None:
        """The program that had it open is gone: DTR drops."""
        if self.master is not None:
            self.release_lock()
            self.module.closed()

    def release_lock(self) -> None:
        """Drop an exclusive mark (TIOCEXCL) a closed program left on the port: our own end would keep it alive."""
        if self._slave is not None:
            fcntl.ioctl(self._slave, termios.TIOCNXCL)


class RealTimeHost:
    """Runs an exchange and its modules on pseudo-terminals.

    `scale`: virtual seconds per real one. Everything simulated belongs to the host's thread while it runs: reach it
    by `do`. Works as a context manager.
    """

    def __init__(self, exchange: Exchange, *, scale: float = 1.0) -> None:
        self.exchange = exchange
        self.scale = scale
        self.modems: dict[str, PtyModem] = {}
        self._selector = selectors.DefaultSelector()
        self._requests: deque[Callable[[], None]] = deque()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._selector.register(self._wake_read, selectors.EVENT_READ)
        self._watch = PtyWatch()
        if self._watch.fd is not None:
            self._selector.register(self._watch.fd, selectors.EVENT_READ)
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._failure: Exception | None = None
        self._registered: dict[int, PtyModem] = {}
        self._real_start = 0.0
        self._virtual_start = 0.0

    def add(self, module: Device, link: Path) -> PtyModem:
        """Put a module on a pseudo-terminal behind a link; before `start`, or within `do`."""
        modem = PtyModem(module, link, self._watch)
        self.modems[module.name] = modem
        return modem

    def now(self) -> float:
        """The virtual time."""
        return self._virtual_start + (time.monotonic() - self._real_start) * self.scale

    def start(self) -> None:
        """Begin to serve."""
        self._real_start, self._virtual_start = time.monotonic(), self.exchange.now
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="simulated exchange", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End serving and give every pseudo-terminal back; waits for the thread."""
        self._stopping = True
        self._wake()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        for modem in self.modems.values():
            modem.close()
        self._selector.close()
        self._watch.close()
        for end in (self._wake_read, self._wake_write):
            os.close(end)

    def __enter__(self) -> RealTimeHost:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def do(self, action: Callable[[], T], timeout: float = 5.0) -> T:
        """Run this in the host's thread, at the present virtual time, and return what it returns or raises."""
        if self._thread is None or threading.current_thread() is self._thread:
            return action()
        result: Future[T] = Future()

        def run() -> None:
            try:
                result.set_result(action())
            except BaseException as problem:  # noqa: BLE001  handed to whoever asked
                result.set_exception(problem)

        if self._failure is not None:
            raise RufweicheError(f"the simulated exchange broke down: {self._failure}") from self._failure
        self._requests.append(run)
        self._wake()
        try:
            return result.result(timeout)
        except TimeoutError:
            raise RufweicheError("the simulated exchange does not answer") from None

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # full: it is awake already
            os.write(self._wake_write, b"!")

    def _run(self) -> None:
        try:
            while not self._stopping:
                self._serve_once()
        except Exception as problem:
            self._failure = problem
            log.exception("the simulated exchange broke down")

    def _serve_once(self) -> None:
        stuck = self._flush()
        ready = self._selector.select(self._pause())
        self._notice_closing()
        for key, events in ready:
            modem = self._registered.get(key.fd)
            if key.fd == self._watch.fd:
                continue
            if modem is None:
                os.read(self._wake_read, 4096)
            elif events & selectors.EVENT_READ and (data := modem.read()):
                modem.module.receive(data, self.now())
                if not stuck:
                    modem.flush()
        self.exchange.advance(self.now())
        while self._requests:
            self._requests.popleft()()

    def _notice_closing(self) -> None:
        """Before what the next program has written, that the last one is gone."""
        if closed := self._watch.closed():
            self.exchange.advance(self.now())
            for modem in self.modems.values():
                if modem.tty in closed:
                    modem.closed()

    def _pause(self) -> float | None:
        """Real seconds until something is due."""
        deadline = self.exchange.deadline()
        return None if deadline is None else max(0.0, (deadline - self.now()) / self.scale)

    def _flush(self) -> bool:
        """Pass output on, and listen to whatever is plugged in now."""
        wanted = {}
        for modem in self.modems.values():
            full = modem.flush()
            if modem.master is not None:
                listens = selectors.EVENT_READ if modem.module.room() > 0 else 0
                if events := listens | (selectors.EVENT_WRITE if full else 0):
                    wanted[modem.master] = (modem, events)
        for fd in [fd for fd in self._registered if fd not in wanted or self._registered[fd] is not wanted[fd][0]]:
            self._selector.unregister(fd)
            del self._registered[fd]
        for fd, (modem, events) in wanted.items():
            if fd not in self._registered:
                self._selector.register(fd, events)
                self._registered[fd] = modem
            elif self._selector.get_key(fd).events != events:
                self._selector.modify(fd, events)
        return any(events & selectors.EVENT_WRITE for _, events in wanted.values())
