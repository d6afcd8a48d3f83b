"""A bridged call in real time: the studio's own process between two modems on pseudo-terminals.

A landline on two wires (8 bits, shielded, with its echo, 200 ppm fast) and a GSM module (16 bits, 200 ppm slow).
"""

from __future__ import annotations

import os
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from appliance.audio.coding import FRAME
from appliance.audio.desk import Desk
from appliance.audio.listener import Listener
from appliance.core import sound
from appliance.ports.serialport import SerialPort
from appliance.ports.world import RealWorld
from tests.audio.desks import AtOnce, syllables
from tests.audio.modems import SHIELDED_DUPLEX, Modem, delay
from tests.audio.test_echo import hybrid
from tests.bench.figures import Figure, one
from tests.outside.wire import kernel_on_time

TICK = os.sysconf("SC_CLK_TCK")
SETTLING = 2.0


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
            share, kilobytes = _carry([gsm, landline], world, seconds)
    finally:
        world.close()
        gsm.close()
        landline.close()
    heard = landline.modem.heard()
    begins = np.arange(SETTLING, seconds - 1, 0.25)
    delays = [1000 * delay(noise, gsm.modem.rate, heard, landline.modem.rate, at) for at in begins]
    late = gsm.modem.gaps + landline.modem.gaps
    return [
        one("a bridged call, its process", "% of a core", share, 3.0),
        Figure("sound later by the bridge", "ms", tuple(delays), 100, 150),
        one("of that, what it reckons, if it never slept", "% of a core", _reckoning(min(seconds, 20.0))),
        one("a modem had nothing to play", "times", late),
        one("the studio with a bridge, resident", "MB", kilobytes / 1000, 45),
        _listening(),
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


def _carry(lines: list[_Line], world: RealWorld, seconds: float) -> tuple[float, int]:
    """Let them talk; which part of a core the studio took meanwhile, and its memory."""
    process = Path(f"/proc/{world.studio.pid}")
    began = time.monotonic()
    settled: tuple[float, int] | None = None
    while (now := time.monotonic() - began) < seconds + SETTLING:
        if settled is None and now >= SETTLING:
            settled = (now, _ticks(process))
        line = min(lines, key=lambda each: each.modem.due())
        time.sleep(max(0.0, began + line.modem.due() - time.monotonic()))
        line.step()
        world.studio.take_events()
    assert settled is not None
    share = 100 * (_ticks(process) - settled[1]) / TICK / (now - settled[0])
    status = (process / "status").read_text().splitlines()
    return share, next(int(row.split()[1]) for row in status if row.startswith("VmRSS"))


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


def _ticks(process: Path) -> int:
    """proc(5), /proc/pid/stat: utime and stime."""
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


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
