"""A bridged call in real time: the studio's own process between two modems on pseudo-terminals.

A landline on two wires (8 bits, shielded, with its echo, 200 ppm fast) and a GSM module (16 bits, 200 ppm slow).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from appliance.audio.coding import FRAME, RATE
from appliance.audio.desk import Desk
from appliance.audio.leg import LISTENED_AT_ONCE
from appliance.audio.listener import Listener
from appliance.core import sound
from appliance.ports.serialport import SerialPort
from appliance.ports.world import RealWorld
from tests.audio.desks import AtOnce, syllables
from tests.audio.modems import SHIELDED_DUPLEX, Modem, delay
from tests.audio.test_echo import hybrid
from tests.bench.box import Process
from tests.bench.figures import Figure, one
from tests.outside.wire import kernel_on_time

SETTLING = 2.0
PEER = """
import os, select, sys
os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10)) if os.geteuid() == 0 else None
poll = select.epoll()
for fd in map(int, sys.argv[1:]):
    poll.register(fd, select.EPOLLIN)
while True:
    for fd, _ in poll.poll(1.0):
        os.write(fd, os.read(fd, 4096))
"""
"""A process that thinks of nothing: what comes goes back."""


class _Line:
    """A modem at the far end of a pseudo-terminal."""

    def __init__(self, modem: Modem) -> None:
        self.modem = modem
        self.master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(self.master, False)
        self.port = SerialPort(os.ttyname(slave), 115200)
        os.close(slave)

    def step(self) -> None:
        try:
            while data := os.read(self.master, 65536):
                self.modem.take(data)
        except BlockingIOError:
            pass
        os.write(self.master, self.modem.step())

    def close(self) -> None:
        self.port.close()
        os.close(self.master)


def measure(seconds: float) -> list[Figure]:
    """All figures of sound; takes so long, and some more."""
    noise = np.random.default_rng(1).standard_normal(round(8200 * (seconds + SETTLING))).astype(np.float32) * 0.15
    gsm = _Line(Modem(sound.Stream("s16le", apart=True), noise, -200))
    landline = _Line(Modem(SHIELDED_DUPLEX, syllables(seconds + SETTLING, 3), 200, hybrid(300, 10)))
    world = RealWorld()
    try:
        for name, line in (("gsm", gsm), ("landline", landline)):
            world.studio.wish(name, sound.Open(line.modem.form), line.port)
        world.studio.wish("gsm", sound.Bridge("landline"))
        while ("gsm", sound.BridgeUp("landline")) not in world.studio.take_events():
            world.wait([], world.now() + 0.1)
        with kernel_on_time(), _as_steady_as_hardware():
            pid = world.studio.pid
            assert pid is not None
            share, turns = _carry([gsm, landline], pid, seconds, world.studio.take_events)
        resident = Process(pid).resident_mb
    finally:
        world.close()
        gsm.close()
        landline.close()
    heard = landline.modem.heard()
    begins = np.arange(SETTLING, seconds - 1, 0.25)
    delays = [1000 * delay(noise, gsm.modem.rate, heard, landline.modem.rate, at) for at in begins]
    late = gsm.modem.gaps + landline.modem.gaps
    return [
        one("a bridged call, its process", "% of a core", share, 3.0, f"{turns:.0f} turns a second"),
        one("  for comparison: the terminals alone", "% of a core", *_floor(min(seconds, 20.0))),
        Figure("sound later by the bridge", "ms", tuple(delays), 100, 150),
        one("of that, what it reckons, if it never slept", "% of a core", _reckoning(min(seconds, 20.0))),
        one("a modem had nothing to play", "times", late),
        one("the studio with a bridge, resident", "MB", resident, 45),
        _listening(),
        *_told(),
    ]


@contextmanager
def _as_steady_as_hardware() -> Iterator[None]:
    """A modem is not late because this machine is busy: real-time priority for ours, where we may."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(20))
    except OSError:
        yield
        return
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def _carry(
    lines: list[_Line], pid: int, seconds: float, after: Callable[[], object] = lambda: None
) -> tuple[float, float]:
    """Let them talk; which part of a core a process took meanwhile, and how often a second it slept."""
    process = Process(pid)
    began = time.monotonic()
    settled: tuple[float, float, int] | None = None
    while (now := time.monotonic() - began) < seconds + SETTLING:
        if settled is None and now >= SETTLING:
            settled = (now, process.cpu_seconds, _slept(pid))
        line = min(lines, key=lambda each: each.modem.due())
        time.sleep(max(0.0, began + line.modem.due() - time.monotonic()))
        line.step()
        after()
    assert settled is not None
    took = now - settled[0]
    return 100 * (process.cpu_seconds - settled[1]) / took, (_slept(pid) - settled[2]) / took


def _floor(seconds: float) -> tuple[float, None, str]:
    """The same bytes at the same moments, for a Python process that only hands them back."""
    quiet = np.zeros(1, np.float32)
    lines = [_Line(Modem(form, quiet, ppm)) for form, ppm in ((sound.Stream("s16le"), -200), (SHIELDED_DUPLEX, 200))]
    fds = [line.port.fd for line in lines]
    peer = subprocess.Popen([sys.executable, "-c", PEER, *map(str, fds)], pass_fds=fds)
    try:
        with kernel_on_time(), _as_steady_as_hardware():
            share, turns = _carry(lines, peer.pid, seconds)
    finally:
        peer.kill()
        peer.wait()
        for line in lines:
            line.close()
    return share, None, f"a process that only echoes, {turns:.0f} turns a second"


def _reckoning(seconds: float) -> float:
    """The same call on a simulated clock, one frame right after the other: what the studio's desk takes of it.

    A processor that slept 10 ms has forgotten code and data: then the same takes three times as long, or more.
    """
    desk = Desk(AtOnce())
    modems = {
        "gsm": Modem(sound.Stream("s16le", apart=True), syllables(seconds + SETTLING, 1), -200),
        "landline": Modem(SHIELDED_DUPLEX, syllables(seconds + SETTLING, 3), 200, hybrid(300, 10)),
    }
    for line, modem in modems.items():
        desk.wish(line, sound.Open(modem.form), 0.0)
    desk.wish("gsm", sound.Bridge("landline"), 0.0)
    took = 0.0
    while True:
        line = min(modems, key=lambda each: modems[each].due())
        now = modems[line].due()
        if now >= seconds + SETTLING:
            return 100 * took / seconds
        data = modems[line].step()
        began = time.thread_time()
        desk.receive(line, data, now)
        sent = {each: desk.data_to_send(each, now) for each in modems}
        desk.take_events()
        desk.deadline()
        if now >= SETTLING:
            took += time.thread_time() - began
        for each, modem in modems.items():
            modem.take(sent[each])


def _slept(pid: int) -> int:
    """How often a process has waited for something (proc(5), voluntary_ctxt_switches)."""
    rows = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith("voluntary"))


def _listening() -> Figure:
    """All that is listened for in 20 ms of speech: a second has fifty of them."""
    listener = Listener("DE")
    speech = syllables(10)
    costs = []
    for at in range(0, len(speech) - FRAME, FRAME):
        frame = speech[at : at + FRAME]
        began = time.perf_counter()
        listener.hear(frame)
        costs.append(1e6 * (time.perf_counter() - began))
    return Figure("listening to 20 ms of a line", "µs", tuple(costs))


def _told(times: int = 100) -> list[Figure]:
    """From the moment something begins on a bridged line to that at which it is told, as often as lines are heard."""
    dice = np.random.default_rng(1)
    at = np.arange(round(2.5 * RATE)) / RATE
    key = 0.1 * (np.sin(2 * np.pi * 770 * at) + np.sin(2 * np.pi * 1336 * at)) * (at < 0.08)
    busy = 0.2 * np.sin(2 * np.pi * 425 * at) * (at % 0.96 < 0.48)
    found: dict[str, list[float]] = {"digit": [], "busy": []}
    for wanted, sounds in (("digit", key), ("busy", busy)):
        for _ in range(times):
            begins = int(dice.integers(RATE, 2 * RATE))
            line = np.concatenate((np.zeros(begins), sounds)) + dice.standard_normal(begins + len(sounds)) * 0.002
            found[wanted].append(_first(line.astype(np.float32), wanted) - begins / RATE)
    return [
        Figure("key pressed → told, on a bridged line", "ms", tuple(1000 * each for each in found["digit"])),
        Figure("busy tone begins → told (2 bursts, 1.44 s)", "ms", tuple(1000 * each for each in found["busy"])),
    ]


def _first(line: np.ndarray, wanted: str) -> float:
    listener = Listener("DE")
    step = LISTENED_AT_ONCE * FRAME
    for at in range(0, len(line) - step, step):
        if any(event.sound == wanted for event in listener.hear(line[at : at + step])):
            return (at + step) / RATE
    raise LookupError(f"{wanted} was not heard")
