"""A pseudo-terminal behind a link, served by a thread: bytes out, bytes in, timers, and a record of all of it."""

import os
import pty
import select
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Wire(threading.Thread):
    """`take` is called with what the program wrote; all of it, timers too, happens under `lock`."""

    def __init__(self, link: Path):
        super().__init__(daemon=True)
        self.link, self.lock, self.stopped = link, threading.RLock(), False
        self.log: list[tuple[float, str, bytes]] = []
        self.timers: list[tuple[float, Callable[[], object]]] = []
        self.chatter: bytes | None = None  # set: no modem at all, but something that prints this each second
        self.held_back: bytes | None = None  # what waits for a line that is under way
        self.master = self.slave = -1
        self.spilt = 0  # bytes that nobody was there to read

    def take(self, data: bytes) -> None:
        raise NotImplementedError

    def plug(self) -> None:
        with self.lock:
            self.timers, self.held_back = [], None
            self.master, self.slave = pty.openpty()
            tty.setraw(self.slave)
            os.set_blocking(self.master, False)
            self.link.symlink_to(os.ttyname(self.slave))

    def unplug(self) -> None:
        with self.lock:
            self.link.unlink(missing_ok=True)
            for end in (self.master, self.slave):
                os.close(end)
            self.master = self.slave = -1
            self.timers = []

    def stop(self) -> None:
        self.stopped = True
        self.join()
        if self.master >= 0:
            self.unplug()

    def run(self) -> None:
        spoke = 0.0
        while not self.stopped:
            with self.lock:
                now = time.monotonic()
                for timer in sorted(self.timers, key=lambda timer: timer[0]):
                    if timer[0] <= now and timer in self.timers:
                        self.timers.remove(timer)
                        timer[1]()
                if self.chatter and now - spoke > 1 and self.master >= 0:
                    self.send(self.chatter)
                    spoke = now
                master, wait = self.master, min([0.02, *(max(0.0, due - now) for due, _ in self.timers)])
            if master < 0:
                time.sleep(0.02)
            elif readable(master, wait):
                with self.lock:
                    data = self.receive(master)
                    if data and self.chatter is None:
                        self.take(data)

    def receive(self, master: int) -> bytes:
        if self.master != master:
            return b""
        with suppress(OSError):
            data = os.read(master, 4096)
            self.log.append((time.monotonic(), "program", data))
            return data
        return b""

    def later(self, seconds: float, what: Callable[[], object]) -> None:
        self.timers.append((time.monotonic() + seconds, what))

    def send(self, data: bytes, logged: bool = True) -> None:
        if self.held_back is not None:
            self.held_back += data
            return
        if logged:
            self.log.append((time.monotonic(), "module", data))
        written = 0
        with suppress(OSError):  # nobody reads, or the cable is out
            written = os.write(self.master, data)
        self.spilt += len(data) - written

    def trickle(self, pieces: list[tuple[float, bytes]]) -> None:
        """Each piece after its delay; nothing else may come between them, for a module finishes its lines."""

        def piece(data: bytes, last: bool) -> None:
            waiting, self.held_back = self.held_back or b"", None
            self.send(data)
            if last and waiting:
                self.send(waiting)
            elif not last:
                self.held_back = waiting

        self.held_back = b""
        for at, (delay, data) in enumerate(pieces):
            self.later(delay, lambda data=data, at=at: piece(data, at == len(pieces) - 1))

    def urc(self, *lines: str) -> None:
        with self.lock:
            self.send(b"".join(f"\r\n{line}\r\n".encode("latin-1") for line in lines))

    def transcript(self) -> str:
        start = self.log[0][0] if self.log else 0.0
        return "\n".join(f"{at - start:9.3f} {who:>7} {data!r}" for at, who, data in list(self.log))


def readable(master: int, wait: float) -> bool:
    with suppress(OSError, ValueError):  # unplugged this very moment
        return bool(select.select([master], [], [], wait)[0])
    return False


def on_time(priority: int = 20, thread: int | None = None) -> None:
    """A thread, the calling one if none is named, goes first where that is allowed: a modem's clock does not wait for
    a busy machine. What it starts goes back to the end of the queue."""
    with suppress(OSError):
        policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
        os.sched_setscheduler(thread or threading.get_native_id(), policy, os.sched_param(priority))


def at_leisure() -> None:
    """The calling thread gives up its priority: it has long to reckon, and nothing it would keep waiting counts."""
    with suppress(OSError):
        os.sched_setscheduler(threading.get_native_id(), os.SCHED_OTHER, os.sched_param(0))


def all_on_time(priority: int = 5) -> None:
    """Every thread of this process that has no priority yet: one that is put aside while it holds the interpreter
    holds up the modems, too."""
    for entry in Path("/proc/self/task").iterdir():
        with suppress(OSError):
            if os.sched_getscheduler(int(entry.name)) == os.SCHED_OTHER:
                on_time(priority, int(entry.name))


@contextmanager
def kernel_on_time(priority: int = 30) -> Iterator[None]:
    """The kernel hands the bytes of a terminal on in its workers, which wait for their turn like everybody: on a busy
    machine up to 0.2 s. No modem is as late; for so long they go first, where that is allowed."""
    changed = set()
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            worker = entry.name.isdigit() and (entry / "comm").read_text().startswith("kworker/u")
            if worker and os.sched_getscheduler(int(entry.name)) == os.SCHED_OTHER:
                os.sched_setscheduler(int(entry.name), os.SCHED_FIFO, os.sched_param(priority))
                changed.add(int(entry.name))
    try:
        yield
    finally:
        for worker in changed:
            with suppress(OSError):
                os.sched_setscheduler(worker, os.SCHED_OTHER, os.sched_param(0))
