"""An analog voice modem on a pseudo-terminal, in real time, written from ITU-T V.250 and V.253.

It imports nothing of the program it tests. What differs between makes is in `analog_kinds`. It speaks and hears 8-bit
samples, DLE-shielded, 160 each 20 ms by a clock of its own; what it is given to play waits in a queue, and an empty
queue is silence on the line.
"""

import re
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .analog_kinds import CONEXANT, Kind
from .analog_port import Caller, Port, Site
from .analog_sound import RATE, Mouth
from .wire import Wire, on_time

DLE = 0x10
FRAME = 160  # samples
QUEUE = 16000  # bytes to play before the modem stops reading


@dataclass
class Style:
    """How a caller is announced: the lines, and when they come: before the first RING or after the first."""

    lines: tuple[str, ...] = ()
    before: bool = False
    raw: bytes = b""
    twice: bool = field(default=False)


class AnalogModem(Wire):
    def __init__(self, link: Path, kind: Kind = CONEXANT, site: Site | None = None, ppm: float = 0.0, **state):
        super().__init__(link)
        self.kind, self.ppm = kind, ppm
        self.port = Port(self.later, site or Site())
        self.commands: list[tuple[float, str]] = []
        self.violations: list[str] = []
        self.callers: list[Caller] = []
        self.hooks: list[list] = []
        self.vsm_as = kind.unsigned  # the format last chosen
        self.dtmf_events, self.events = False, []  # DLE codes to put into the stream
        self.echo_level, self.deaf, self.wedged = 0.2, False, False
        self.underruns = 0
        self.late: list[tuple[float, float]] = []  # moments the simulation itself missed, and by how many s
        for name, value in state.items():
            assert hasattr(self, name), name
            setattr(self, name, value)
        self.plug()
        self.start()

    def plug(self) -> None:
        self.echo, self.vcid, self.fclass, self.stream = True, False, "0", ""
        self.typed, self.shield, self.dtd = b"", False, 0.1
        self.queue: deque[int] = deque()
        super().plug()

    # --- bytes ---

    def run(self) -> None:
        on_time()
        super().run()

    def receive(self, master: int) -> bytes:
        size = len(self.log)
        data = super().receive(master)
        if self.stream and len(data) > 24:
            del self.log[size:]  # sound
        return data

    def take(self, data: bytes) -> None:
        if self.wedged:
            return
        for byte in data:
            if self.stream:
                self.take_sound(byte)
                continue
            if byte == DLE:
                self.shield = True
            elif self.shield:
                self.shield = False  # DLE pairs that end nothing are ignored
            elif byte == 13:
                if self.echo:
                    self.send(self.typed + b"\r", logged=False)
                line, self.typed = self.typed, b""
                start = line.upper().find(b"AT")
                if start >= 0:
                    self.carry_out(line[start:].decode("latin-1").strip())
            elif byte >= 32:
                self.typed += bytes([byte])

    def take_sound(self, byte: int) -> None:
        if not self.shield:
            if byte == DLE:
                self.shield = True
            else:
                self.play(byte)
            return
        self.shield = False
        if byte == DLE:
            self.play(DLE)
        elif byte == 0x1A:
            self.play(DLE), self.play(DLE)
        elif byte in (0x03, 0x1B, 0x18, 0x21, 0x5E):
            allowed = {"VTR": (0x5E, 0x1B), "VTX": (0x03, 0x1B, 0x18), "VRX": (0x21, 0x1B)}[self.stream]
            if byte in allowed:
                self.end_stream()
        elif byte not in (0x75, 0x64):
            self.violations.append(f"unshielded 10h before {byte:02x} in what is played")

    def play(self, byte: int) -> None:
        if len(self.queue) < QUEUE:
            self.queue.append(byte)
        else:
            self.violations.append("two seconds of sound written ahead of time")

    def end_stream(self) -> None:
        drain, self.stream = self.stream == "VTX", ""
        if drain:  # what is left is played before OK
            self.drain()
        else:
            self.queue.clear()
            self.later(0.01, lambda: self.send(self.kind.abort))

    def drain(self) -> None:
        if len(self.queue) < FRAME:
            self.queue.clear()
            self.send(b"\r\nOK\r\n")
        else:
            self.later(0.02, self.drain)
            self.hear_one(time.monotonic())

    # --- the clock ---

    def begin(self, stream: str) -> None:
        self.stream, self.shield = stream, False
        self.queue.clear()
        self.epoch, self.count, self.playing = time.monotonic(), 0, False
        self.tick(self.epoch)

    def tick(self, epoch: float) -> None:
        """One frame; it was sampled in the 20 ms before."""
        if not self.stream or epoch != self.epoch:
            return
        step = FRAME / (RATE * (1 + self.ppm * 1e-6))
        due = self.epoch + (self.count + 1) * step
        self.late.append((due, time.monotonic() - due))
        self.take(self.receive(self.master))  # what came while this thread waited for its turn came in time
        while self.stream and (start := self.epoch + self.count * step) + step <= time.monotonic():
            self.count += 1
            self.frame(start)
        self.timers.append((self.epoch + (self.count + 1) * step, lambda: self.tick(epoch)))

    def frame(self, start: float) -> None:
        played = self.hear_one(start) if self.stream != "VRX" else np.zeros(FRAME)
        if self.stream == "VTX":
            return
        moments = start + np.arange(FRAME) / (RATE * (1 + self.ppm * 1e-6))
        heard = self.port.sound(moments) + self.echo_level * played
        if self.vsm_as != self.kind.unsigned:
            heard = np.random.default_rng(self.count).uniform(-0.9, 0.9, FRAME)  # the wrong format is noise
        data = np.clip(np.round(heard * 127 + 128), 0, 255).astype(np.uint8).tobytes()
        data = data.replace(b"\x10", b"\x10\x10")
        events, self.events = self.events, []
        self.send(b"".join(events) + data, logged=bool(events))

    def hear_one(self, at: float) -> np.ndarray:
        if len(self.queue) < FRAME:
            if self.playing:
                self.underruns += 1
                self.playing = False
            samples = np.zeros(FRAME)
        else:
            self.playing = True
            samples = (np.array([self.queue.popleft() for _ in range(FRAME)], dtype=float) - 128) / 127
        self.port.hear(at, samples)
        return samples

    def stumbles(self) -> int:
        """How often the simulation itself was late, so that its queue may have run empty."""
        return sum(late > 0.015 for _, late in self.late)

    def event(self, code: str) -> None:
        """A DLE code, in the stream or between the lines."""
        with self.lock:
            if self.stream:
                self.events.append(b"\x10" + code.encode())
            else:
                self.send(b"\x10" + code.encode())

    # --- commands ---

    def when(self, prefix: str, answer: str, times: int = 1) -> None:
        self.hooks.append([prefix, answer, times])

    def carry_out(self, command: str) -> None:
        self.commands.append((time.monotonic(), command))
        for hook in self.hooks:
            if hook[2] and command.upper().startswith(hook[0]):
                hook[2] -= 1
                self.answer([hook[1]])
                return
        lines: list[str] = []
        rest = command[2:]
        while rest:
            found = re.match(r"[+\-&%\\]?[A-Z]+\d*(=\?|\?|=(\{[^}]*\}|\[[^\]]*\]|[^;])*)?;?", rest, re.IGNORECASE)
            if rest[:1] in "Dd":
                self.dial(rest[1:])
                return
            if rest[:1].isalpha() or rest[:1] in "&%\\":
                found = re.match(r"[&%\\]?[A-Z]\d*(=\d*|\?)?;?", rest, re.IGNORECASE)
            if not found:
                self.answer(["ERROR"])
                return
            rest = rest[found.end() :]
            reply = self.one(found[0].rstrip(";").upper())
            if reply is None:
                return
            lines += reply[:-1]
            if reply[-1] != "OK":
                self.answer([*lines, reply[-1]])
                return
        self.answer([*lines, "OK"])

    def answer(self, lines: list[str], after: float = 0.01) -> None:
        text = "".join(f"\r\n{line}\r\n" for line in lines).encode("latin-1")
        self.later(after, lambda: self.send(text))

    def one(self, part: str) -> list[str] | None:
        kind, voice = self.kind, bool(self.kind.formats)
        if part in ("E0", "E1", "E"):
            self.echo = part == "E1"
        elif part[0] == "H":
            if part == "H1":
                return self.off_hook()
            self.port.lay_down()
        elif part[0] == "Z" or part.startswith("&F"):
            self.port.lay_down()
            self.vcid, self.fclass, self.echo = False, "0", True
        elif part[0] == "A":
            reply = self.off_hook()
            return ["VCON"] if reply == ["OK"] and self.fclass == "8" else ["NO CARRIER"]
        elif part[0] == "I":
            return [kind.model, "OK"]
        elif part.startswith(("+GMI", "+FMI", "+CGMI")):
            return [kind.maker, "OK"]
        elif part.startswith(("+GMM", "+FMM", "+GMR", "+FMR", "+CGMM")):
            return [kind.model, "OK"]
        elif part == "+FCLASS=?":
            return [kind.fclass, "OK"]
        elif part == "+FCLASS?":
            return [self.fclass, "OK"]
        elif part.startswith("+FCLASS="):
            if part[8:] not in kind.fclass.split(","):
                return ["ERROR"]
            self.fclass = part[8:]
            if self.fclass != "8":
                self.port.lay_down()
        elif part == "+VCID=1":
            self.vcid = True
        elif part == "+VCID?":
            return [f"{int(self.vcid)}", "OK"]
        elif part == "+VCID=?":
            return ["(0-2)", "OK"]
        elif part.startswith(("+GCI", "-STE", "+VCID", "-CID")):
            return ["+GCI: 42", "OK"] if part == "+GCI?" else ["OK"]
        elif part.startswith("+V"):
            return self.voice(part) if voice else ["ERROR"]
        elif part[0] == "+":
            return ["ERROR"]
        return ["OK"]

    def voice(self, part: str) -> list[str] | None:
        kind = self.kind
        if part == "+VSM=?":
            return [*kind.formats, "OK"]
        if part == "+VLS=?":
            return [*kind.lines, "OK"]
        if part == "+VLS?":
            return [kind.line if self.port.off_hook else "0", "OK"]
        if self.fclass != "8":
            return ["ERROR"]
        if part.startswith("+VSM="):
            self.vsm_as = part[5:].split(",")[0]
        elif part.startswith("+VLS="):
            if part[5:] == "0":
                self.port.lay_down()
            elif part[5:].split(",")[0] == kind.line:
                return self.off_hook()
        elif part.startswith("+VTD="):
            self.dtd = int(part[5:] or 10) / 100
        elif part.startswith("+VTS="):
            self.send_tones(part[5:])
            return None
        elif part in ("+VTR", "+VTX", "+VRX"):
            if not self.port.off_hook:
                return ["ERROR"]
            self.later(0.02, lambda: (self.send(b"\r\nCONNECT\r\n"), self.begin(part[1:])))
            return None
        return ["OK"]

    def off_hook(self) -> list[str]:
        if self.port.parallel:
            if self.kind.in_use == "OK":
                self.violations.append("lifted while somebody talks on the parallel phone")
            return [self.kind.in_use]
        if not self.port.off_hook:
            self.port.lift()
        return ["OK"]

    def dial(self, rest: str) -> None:
        """From command mode, with `;`: OK once dialled; without: the wait for a carrier is cut short."""
        digits = re.sub(r"[^0-9*#]", "", rest)
        self.off_hook()
        for at, digit in enumerate(digits):
            self.later(0.3 + 0.15 * at, lambda digit=digit: self.port.key(digit))
        self.answer(["OK" if rest.rstrip().endswith(";") else "NO CARRIER"], 0.4 + 0.15 * len(digits))

    def send_tones(self, items: str) -> None:
        at = 0.02
        for braced, bracketed, plain in re.findall(r"\{([^}]*)\}|\[([^\]]*)\]|([^,{}\[\]])", items):
            name, _, length = (braced or plain).partition(",")
            if bracketed:
                at += self.dtd
            elif name == "!":
                seconds = int(length or 10) / 100
                self.later(at + seconds, lambda seconds=seconds: self.port.flash(seconds))
                at += seconds
            else:
                self.later(at, lambda name=name: self.port.key(name) if self.port.off_hook else None)
                at += (int(length) / 100 if length else self.dtd) + 0.07
        self.answer(["OK"], at + 0.02)

    # --- callers ---

    def call_in(self, number: str = "08955512345", *, every: float = 2.2, rings: int = 99,
                announce: Style | None = None, mouth: Mouth | None = None) -> Caller:  # fmt: skip
        """A caller; with `rings` he gives up after so many."""
        style = announce or Style(("DATE = 1124", "TIME = 1015", f"NMBR = {number}"))
        caller = Caller(number, mouth or Mouth())
        with self.lock:
            self.callers.append(caller)
            self.port.caller = caller
            if style.before:
                self.identify(style)
                self.later(0.5, lambda: self.ring(caller, every, rings, Style()))
            else:
                self.ring(caller, every, rings, style)
        return caller

    def identify(self, style: Style) -> None:
        if self.vcid:
            if style.raw:
                self.send(style.raw)
            self.urc(*style.lines * (2 if style.twice else 1))

    def ring(self, caller: Caller, every: float, left: int, style: Style) -> None:
        if caller.gone or caller.states or self.port.caller is not caller or self.port.parallel:
            return
        if not left:
            self.port.part(caller, "remote")
            return
        caller.rings.append(time.monotonic())
        if self.kind.ring in ("RING", "both") or self.fclass != "8":
            self.urc("RING")
        if self.kind.ring in ("DLE", "both") and (self.fclass == "8" or self.kind.ring == "both"):
            self.event("R")
        self.later(0.4, lambda: self.identify(style))
        self.later(every, lambda: self.ring(caller, every, left - 1, Style()))

    def leaves(self, caller: Caller, clearing: str = "busy") -> None:
        """He hangs up; busy, congestion, dial tone, silence or an open loop (DLE l) is what the line shows of it."""
        with self.lock:
            talking = caller.states[-1:] == ["talking"]
            self.port.leaves(caller, clearing)
            if clearing == "loop" and talking:
                self.event("l")

    def somebody_lifts(self, shows: bool = True) -> None:
        """The parallel phone takes the call."""
        with self.lock:
            caller = self.port.caller
            self.port.parallel = True
            if caller:
                self.port.part(caller, "parallel")
            if shows:
                self.send(self.kind.picked_up)

    def somebody_lays_down(self) -> None:
        with self.lock:
            self.port.parallel = False
            if self.kind.picked_up.startswith(b"\x10"):
                self.send(b"\x10P")

    def sent(self, prefix: str, since: float = 0.0) -> list[float]:
        with self.lock:
            return [at for at, text in self.commands if at >= since and text.upper().startswith(prefix)]
