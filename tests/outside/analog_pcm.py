"""A GSM module that gives its sound on a second port (SIM7600: AT+CPCMREG=1, 320 bytes each 20 ms, s16le at 8 kHz)."""

import time
from pathlib import Path

import numpy as np

from .analog_sound import RATE, Ear, Mouth
from .calls import ACTIVE, Make
from .modem import Modem
from .wire import Wire, on_time

FRAME = 160


class Pcm(Wire):
    """The audio port; `module` says whether a call is up."""

    def __init__(self, link: Path, ppm: float = 0.0):
        super().__init__(link)
        self.ppm, self.on = ppm, False
        self.mouth, self.ear = Mouth(), Ear()
        self.queue, self.playing, self.underruns = b"", False, 0
        self.late: list[tuple[float, float]] = []  # moments the simulation itself missed, and by how many s
        self.epoch, self.count = 0.0, 0
        self.plug()
        self.start()

    def run(self) -> None:
        on_time()
        super().run()

    def receive(self, master: int) -> bytes:
        data = super().receive(master)
        self.log.clear()
        return data

    def take(self, data: bytes) -> None:
        if self.on:
            self.queue += data

    def switch(self, on: bool) -> None:
        with self.lock:
            if on and not self.on:
                self.queue, self.playing, self.count, self.epoch = b"", False, 0, time.monotonic()
                self.on = True
                self.tick(self.epoch)
            self.on = on

    def tick(self, epoch: float) -> None:
        if not self.on or epoch != self.epoch:
            return
        step = FRAME / (RATE * (1 + self.ppm * 1e-6))
        due = self.epoch + (self.count + 1) * step
        self.late.append((due, time.monotonic() - due))
        self.take(self.receive(self.master))  # what came while this thread waited for its turn came in time
        while (start := self.epoch + self.count * step) + step <= time.monotonic():
            self.count += 1
            self.frame(start)
        self.timers.append((self.epoch + (self.count + 1) * step, lambda: self.tick(epoch)))

    def frame(self, start: float) -> None:
        if len(self.queue) >= 2 * FRAME:
            samples = np.frombuffer(self.queue[: 2 * FRAME], dtype="<i2") / 32767
            self.queue, self.playing = self.queue[2 * FRAME :], True
        else:
            self.underruns += self.playing
            samples, self.playing = np.zeros(FRAME), False
        self.ear.add(start, samples)
        said = self.mouth(start + np.arange(FRAME) / (RATE * (1 + self.ppm * 1e-6)))
        self.send(np.clip(np.round(said * 32767), -32768, 32767).astype("<i2").tobytes(), logged=False)


class PcmModem(Modem):
    """`pcm` is its second port; the far party of whatever call is up speaks and hears there."""

    def __init__(self, link: Path, make: Make | None = None, ppm: float = 0.0, **state):
        self.pcm = Pcm(link.with_name(link.name + "-pcm"), ppm)
        self.pcm_errors = 0
        super().__init__(link, make or Make(name="SIMCOM INCORPORATED", urcs="simcom"), **state)

    def do_cgmm(self, op: str, arg: str) -> list[str]:
        return ["SIMCOM_SIM7600E-H", "OK"]

    def do_gmm(self, op: str, arg: str) -> list[str]:
        return self.do_cgmm(op, arg)

    def do_gmi(self, op: str, arg: str) -> list[str]:
        return self.do_cgmi(op, arg)

    def do_i(self, op: str, arg: str) -> list[str]:
        return ["Manufacturer: SIMCOM INCORPORATED", "Model: SIMCOM_SIM7600E-H", "Revision: LE20B04SIM7600M22", "OK"]

    def do_cpcmreg(self, op: str, arg: str) -> list[str]:
        if op == "=?":
            return ["+CPCMREG: (0-1)", "OK"]
        if op == "?":
            return [f"+CPCMREG: {int(self.pcm.on)}", "OK"]
        if arg.startswith("1") and (self.pcm_errors or not self.having(ACTIVE)):
            self.pcm_errors = max(0, self.pcm_errors - 1)
            return ["ERROR"]
        self.pcm.switch(arg.startswith("1"))
        return ["OK"]

    def drop(self, call, end: str) -> None:
        super().drop(call, end)
        if not self.having(ACTIVE):
            self.pcm.switch(False)

    def stop(self) -> None:
        super().stop()
        self.pcm.stop()
