"""The program under test, as its contract describes it: commands, a settings file, JSON. Nothing of it is imported."""

import ctypes
import datetime as dt
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

PROGRAM = os.environ.get("RUFWEICHE") or str(Path(sys.executable).with_name("rufweiche"))
OWNER, DESK, SECOND, THIRD = "+4915112345678", "+49301111111", "+49892223344", "+49401234567"
BERLIN = ZoneInfo("Europe/Berlin")
FAKETIME = next((str(file) for file in Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), "")
NUMBERS = {"desk": DESK, "second": SECOND, "third": THIRD}


def now() -> dt.datetime:
    """The real time, in Berlin."""
    return dt.datetime.now(BERLIN)  # noqa: TID251  a test may ask the clock that the program lives by


def until(check: Callable[[], Any], within: float, what: str) -> Any:
    """What `check` says once it says something; it is asked until `within` seconds have passed."""
    end = time.monotonic() + within
    while True:
        asked = time.monotonic()
        value = check()
        if value:
            return value
        assert time.monotonic() < end, f"not within {within} s: {what}"
        time.sleep(0.02 if time.monotonic() - asked < 0.05 else 0.3)  # a command costs: leave the engine some of it


def always(check: Callable[[], Any], during: float, what: str) -> None:
    end = time.monotonic() + during
    while time.monotonic() < end:
        assert check(), what
        time.sleep(0.02)


def settings(port: Path | str, *, rings: int = 1, chain: tuple[str, ...] = ("desk",), ring_seconds: int = 25,
             forward_by: tuple[str, ...] = ("transfer", "conference"), line: str = "", missed: str = "at-once",
             business: str = "", numbers: dict[str, str] | None = None, timetable: str = "",
             more: str = "") -> str:  # fmt: skip
    """A settings file of one GSM line and one plan; `line`, `business`, `timetable` and `more` are TOML put where they
    belong; `more` begins within [messages]."""
    numbers = numbers or NUMBERS
    targets = "".join(
        f'[[target]]\nname = "{name}"\nnumber = "{numbers[name]}"\nring_seconds = {ring_seconds}\n' for name in numbers
    )
    return f"""
[business]
name = "Tischlerei Muster"
language = "de"
timezone = "Europe/Berlin"
country = "DE"
region = "BY"
owner_mobile = "{OWNER}"
{business}
[[line]]
name = "office"
kind = "gsm"
port = "{port}"
number = "+498912345"
forward_by = {json.dumps(forward_by)}
{line}
{targets}
[[plan]]
name = "open"
answer_after_rings = {rings}
chain = {json.dumps(chain, ensure_ascii=False)}
otherwise = "hang-up"
[timetable]
otherwise = "open"
{timetable}
[messages]
missed = "{missed}"
{more}
"""


class Box:
    """A state folder and the engine that works in it."""

    def __init__(self, folder: Path):
        self.folder, self.state = folder, folder / "state"
        self.engine: subprocess.Popen | None = None
        self.asked: Callable[[], bool] = lambda: True  # whether the engine of now has spoken with its modules
        self.started = 0.0
        self.output: list[str] = []
        self.clock: dict[str, str] = {}  # what `set_clock` puts into the environment

    def run(self, *arguments: str, state: bool = True, within: float = 60) -> subprocess.CompletedProcess:
        where = ["--state", str(self.state)] if state else []
        return subprocess.run(
            [PROGRAM, *arguments, *where], capture_output=True, text=True, timeout=within, env=self.environment(),
            check=False,
        )  # fmt: skip

    def environment(self) -> dict[str, str]:
        return environment() | self.clock

    def set_clock(self, moment: dt.datetime) -> None:
        """From now on the program believes it is `moment`, and its clock goes on from there (Debian's faketime).
        Monotonic time is left alone, and the state folder's files keep their times."""
        assert FAKETIME, "apt-get install faketime"
        offset = moment.timestamp() - now().timestamp()
        self.clock = {"LD_PRELOAD": FAKETIME, "FAKETIME": f"{offset:+.0f}", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                      "FAKETIME_DONT_RESET": "1", "NO_FAKE_STAT": "1"}  # fmt: skip

    def now(self) -> dt.datetime:
        """What the program's clock says, in Berlin."""
        return now() + dt.timedelta(seconds=float(self.clock.get("FAKETIME", "0")))

    def ok(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, f"{arguments} ended with {done.returncode}: {done.stderr}"
        return done.stdout

    def json(self, *arguments: str) -> Any:
        return json.loads(self.ok(*arguments, "--json"))

    def provision(self, toml: str) -> subprocess.CompletedProcess:
        file = self.folder / "settings.toml"
        file.write_text(toml, encoding="utf-8")
        return self.run("provision", str(file))

    def provisioned(self, toml: str) -> None:
        done = self.provision(toml)
        assert done.returncode == 0, done.stderr

    # --- the engine ---

    def start(self) -> None:
        self.started = time.monotonic()
        self.engine = subprocess.Popen(
            [PROGRAM, "run", "--state", str(self.state)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            preexec_fn=dies_with_the_test,
            env=self.environment(),
        )
        threading.Thread(target=self.listen, args=(self.engine,), daemon=True).start()

    def listen(self, engine: subprocess.Popen) -> None:
        with engine.stdout:
            self.output.extend(engine.stdout)

    def kill(self) -> None:
        """As a power cut would: at once, nothing tidied up."""
        self.engine.send_signal(signal.SIGKILL)
        self.engine.wait(5)

    def terminate(self, within: float = 10.0) -> int:
        self.engine.send_signal(signal.SIGTERM)
        return self.engine.wait(within)

    def stop(self) -> None:
        if self.engine and self.engine.poll() is None:
            try:
                self.terminate()
            except subprocess.TimeoutExpired:
                self.kill()
                raise

    def fill_disk(self, full: bool = True) -> None:
        """Every file of the engine refuses to grow, or may again."""
        resource.prlimit(self.engine.pid, resource.RLIMIT_FSIZE, (0 if full else -1, -1))

    # --- what it says ---

    def line(self, name: str = "office") -> dict[str, Any]:
        return next(line for line in self.json("status")["lines"] if line["name"] == name)

    def ready(self, within: float = 20.0, name: str = "office") -> dict[str, Any]:
        """A status may be 10 s old, so a killed engine seems ready for that long: its successor must have begun."""
        return until(
            lambda: self.asked() and (line := self.line(name))["state"] == "ready" and line, within, f"{name} ready"
        )

    def calls(self, at_least: int = 1, within: float = 6.0) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []

        def enough() -> bool:
            rows[:] = self.json("calls")
            return len(rows) >= at_least

        until(enough, within, f"{at_least} calls in the log")
        return rows

    def call(self) -> dict[str, Any]:
        rows = self.calls()
        assert len(rows) == 1, rows
        return rows[0]

    def messages(self, kind: str = "") -> list[dict[str, Any]]:
        return [row for row in self.json("messages") if kind in ("", row["kind"])]

    def message(self, state: str, within: float = 15.0, kind: str = "missed") -> dict[str, Any]:
        """The only text of that kind, once it has got so far."""
        found = until(lambda: [row for row in self.messages(kind) if row["state"] == state], within, f"a text {state}")
        assert len(self.messages(kind)) == 1, self.messages(kind)
        return found[0]

    def stop_with(self, modems: Iterable[Any]) -> None:
        """Stop, and then the modems it was plugged into, however that went."""
        try:
            self.stop()
        finally:
            for modem in modems:
                modem.stop()

    def database(self) -> sqlite3.Connection:
        for file in self.state.rglob("*"):
            if file.is_file() and file.read_bytes()[:15] == b"SQLite format 3":
                return sqlite3.connect(file, isolation_level=None, timeout=10)
        raise AssertionError(f"no SQLite database in {self.state}")


def dies_with_the_test() -> None:
    """An engine left over from a test run that was killed would open the terminals of later ones (prctl(2))."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in ("RUFWEICHE_STATE", "RUNTIME_DIRECTORY")}
