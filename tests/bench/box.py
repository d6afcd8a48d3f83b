"""The program as it is installed: its commands, its engine as a process, and what the kernel says of that process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("rufweiche")
OWNER, DESK = "+4915112345678", "+49301111111"

SETTINGS = f"""
[business]
name = "Tischlerei Muster"
owner_mobile = "{OWNER}"
[[line]]
name = "office"
kind = "gsm"
port = "%(port)s"
number = "+498912345"
forward_by = ["transfer", "conference"]
[[target]]
name = "desk"
number = "{DESK}"
[[plan]]
name = "open"
answer_after_rings = %(rings)d
chain = ["desk"]
[timetable]
otherwise = "open"
[messages]
missed = "%(missed)s"
at_most_per_day = 1000
reply_to_caller = %(reply)s
"""


def callers() -> Iterator[str]:
    """Mobile numbers, each once: somebody who calls again and again is one day not forwarded any more."""
    return (f"+4917{number:08d}" for number in count(10_000_000))


def state_folder(parent: Path | None = None) -> tempfile.TemporaryDirectory[str]:
    """A folder for the program's state, on the disk or, given one in memory, there."""
    return tempfile.TemporaryDirectory(prefix="rufweiche-bench-", dir=parent, ignore_cleanup_errors=True)


def memory_folder() -> Path | None:
    """Where files cost no disk and fsync nothing; None on a machine that has no such place."""
    shm = Path("/dev/shm")
    return shm if shm.is_dir() and os.access(shm, os.W_OK) else None


def environment() -> dict[str, str]:
    """Ours without what would lead the program elsewhere."""
    return {name: value for name, value in os.environ.items() if name not in ("RUFWEICHE_STATE", "RUNTIME_DIRECTORY")}


def settings(port: str, rings: int = 1, missed: str = "off", reply: bool = False) -> str:
    """Of one GSM line; `missed`: when the owner hears of missed calls; `reply`: whether the caller gets a text."""
    return SETTINGS % {"port": port, "rings": rings, "missed": missed, "reply": str(reply).lower()}


def provision(state: Path, port: str, rings: int = 1, missed: str = "off", reply: bool = False) -> None:
    """Store such settings."""
    file = state / "settings.toml"
    file.write_text(settings(port, rings, missed, reply), encoding="utf-8")
    command(state, "provision", str(file))


def command(state: Path, *arguments: str) -> str:
    """Carry out a command of the program; gives what it printed. Raises RuntimeError with what it complained of."""
    done = subprocess.run(
        [PROGRAM, *arguments, "--state", str(state)], capture_output=True, text=True, env=environment(), check=False
    )
    if done.returncode:
        raise RuntimeError(f"rufweiche {arguments[0]} ended with {done.returncode}: {done.stderr}")
    return done.stdout


@contextmanager
def engine(state: Path, *tracer: str) -> Iterator[Process]:
    """The engine, running; `tracer`: a command that runs another one in its own process and watches it."""
    with (state / "engine.log").open("wb") as log:
        running = subprocess.Popen(
            [*tracer, PROGRAM, "run", "--state", str(state)], stdout=log, stderr=log, env=environment()
        )
        try:
            yield Process(running.pid)
        finally:
            running.send_signal(signal.SIGTERM)
            try:
                running.wait(10)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


def fsync_counter(file: Path) -> tuple[str, ...]:
    """The tracer that writes each fsync and fdatasync into a file; () on a machine without strace."""
    if shutil.which("strace") is None:
        return ()
    return ("strace", "-D", "-f", "--seccomp-bpf", "-qq", "-e", "trace=fsync,fdatasync", "-o", str(file))


class Process:
    """What /proc says."""

    def __init__(self, pid: int | str = "self") -> None:
        self._folder = Path("/proc", str(pid))

    @property
    def cpu_seconds(self) -> float:
        """Time on a core so far, of all its threads."""
        tasks = self._folder.glob("task/*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    @property
    def resident_mb(self) -> float:
        return self._kb("status", "VmRSS:") / 1024

    @property
    def proportional_mb(self) -> float:
        """Resident, with what is shared divided among those who share it."""
        return self._kb("smaps_rollup", "Pss:") / 1024

    @property
    def threads(self) -> int:
        return self._kb("status", "Threads:")

    @property
    def handles(self) -> int:
        return len(list((self._folder / "fd").iterdir()))

    def _kb(self, file: str, name: str) -> int:
        text = (self._folder / file).read_text()
        return next(int(line.split()[1]) for line in text.splitlines() if line.startswith(name))
