"""The calls of a GSM module and its network (3GPP TS 27.007, 22.030): legs, CHLD, callers, targets."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .wire import Wire

Answer = Sequence[str] | None  # the lines of a reply, () for none ever; None: the usual one
ACTIVE, HELD, DIALLING, ALERTING, INCOMING, WAITING = range(6)


@dataclass(frozen=True)
class Make:
    """`terse` answers ERROR to all it need not know; `urcs` is plain, huawei or simcom; `early_release` is what CHLD=1
    does to a leg that nobody has answered yet: works, error or nothing; `clcc_tail` what stands behind number and type.
    """

    name: str = "Generic"
    terse: bool = False
    ring: str = "RING"
    urcs: str = "plain"
    dial_ok_after: float = 0.0
    early_release: str = "works"
    clcc_tail: str = ""
    latency: float = 0.01


@dataclass(frozen=True)
class Target:
    """What a number does when it is dialled: seconds from alerting to the answer or to `ends` (the line the module
    prints); neither: it rings on. `at_once` is the reply to ATD itself."""

    answers: float | None = None
    ends: str = ""
    after: float = 0.5
    alerts: float = 0.3
    at_once: str = ""


@dataclass(eq=False)
class Call:
    """A leg, from its beginning to `gone` (a moment), with the moments of its rings and of its changes of state."""

    id: int
    outgoing: bool
    stat: int
    number: str
    type: int = 145
    validity: int | None = None
    mode: int = 0
    mpty: bool = False
    silent: bool = False  # still listed, but it rings no more
    began: float = field(default_factory=time.monotonic)
    gone: float = 0.0
    end: str = ""  # remote | local | transfer | deflect | unplugged
    rings: list[float] = field(default_factory=list)
    history: list[tuple[float, int]] = field(default_factory=list)

    @property
    def states(self) -> list[int]:
        return [stat for _, stat in self.history]

    def when(self, stat: int, nth: int = 0) -> float:
        return [at for at, was in self.history if was == stat][nth]


def terse(**more) -> Make:
    return Make(terse=True, **more)


class Exchange(Wire):
    """What the module holds, and what the network does with it; commands are `Modem`'s."""

    def __init__(self, link: Path, make: Make):
        super().__init__(link)
        self.make = make
        self.targets: dict[str, Target] = {}
        self.calls: list[Call] = []  # what the module holds now
        self.every_call: list[Call] = []
        self.clip = self.ccwa = False
        self.answer_after, self.in_reply = 0.2, b""
        self.answering: Call | None = None

    def error(self, code: int) -> list[str]:
        raise NotImplementedError

    def reply(self, lines: list[str], after: float | None = None) -> None:
        raise NotImplementedError

    def slowly(self, after: float, act: Callable[[], Answer]) -> None:
        self.later(after, lambda: self.reply(list(act() or []), 0.0))

    def do_clcc(self, op: str, arg: str) -> list[str]:
        if op:
            return ["OK"]
        lines = [
            f"+CLCC: {c.id},{int(not c.outgoing)},{c.stat},{c.mode},{int(c.mpty)}"
            + (f',"{c.number}",{c.type}{self.make.clcc_tail}' if c.mode == 0 else ',"",128')
            for c in sorted(self.calls, key=lambda c: (-c.mode, c.id))
        ]
        return [*lines, "OK"]

    def having(self, *stats: int) -> list[Call]:
        return [call for call in self.calls if call.stat in stats and call.mode == 0]

    def move(self, calls: list[Call], stat: int) -> None:
        for call in calls:
            call.stat = stat
            call.history.append((time.monotonic(), stat))

    def add(self, outgoing: bool, stat: int, number: str, **more) -> Call:
        free = min(set(range(1, 8)) - {call.id for call in self.calls})
        call = Call(free, outgoing, stat, number, **more)
        self.calls.append(call)
        self.every_call.append(call)
        self.move([call], stat)
        return call

    def drop(self, call: Call, end: str) -> None:
        if call not in self.calls:
            return
        self.calls.remove(call)
        call.gone, call.end = time.monotonic(), end
        group = [other for other in self.calls if other.mpty]
        if len(group) == 1:
            group[0].mpty = False
        if self.make.urcs == "huawei":
            self.urc(f"^CEND:{call.id},{int(call.gone - call.began)},104,16")
        elif self.make.urcs == "simcom" and ACTIVE in call.states:
            self.urc(f"VOICE CALL: END: {int(call.gone - call.began):06d}")
        waiting = self.having(WAITING)
        if waiting and len(self.calls) == len(waiting):
            self.move(waiting[:1], INCOMING)
            self.later(0.3, lambda: self.ring(waiting[0], 2.2, "normal", 99))

    def connect(self, call: Call) -> None:
        self.move([call], ACTIVE)
        if self.make.urcs == "huawei":
            self.urc(f"^CONN:{call.id},0")
        elif self.make.urcs == "simcom":
            self.urc("VOICE CALL: BEGIN")

    def leaves(self, call: Call, line: str = "NO CARRIER") -> None:
        """The other side hangs up, or gives up."""
        with self.lock:
            if call in self.calls:
                self.drop(call, "remote")
                if line and call is not self.answering:  # then it is ATA's own reply that says NO CARRIER
                    self.urc(line)

    def answer(self) -> Answer:
        incoming = self.having(INCOMING)
        self.answering = incoming[0] if incoming else None

        def act() -> Answer:
            call, self.answering = self.answering, None
            if call not in self.calls:
                return ["NO CARRIER"]
            self.connect(call)
            return ["OK"]

        self.slowly(self.answer_after, act)
        return None

    def dial(self, rest: str) -> Answer:
        number = rest.rstrip(";").strip()
        target = self.targets.get(number, Target())
        if not rest.endswith(";") or self.having(DIALLING, ALERTING) or (self.having(ACTIVE) and self.having(HELD)):
            return self.error(3)
        if target.at_once:
            return [target.at_once]
        self.move(self.having(ACTIVE), HELD)
        call = self.add(True, DIALLING, number, type=145 if number.startswith("+") else 129)

        def step(act: Callable[[], object]) -> Callable[[], None]:
            return lambda: act() and None if call in self.calls else None

        def alerted() -> None:
            self.move([call], ALERTING)
            if self.make.urcs == "huawei":
                self.urc(f"^CONF:{call.id}")

        if self.make.urcs == "huawei":
            self.urc(f"^ORIG:{call.id},0")
        self.later(target.alerts, step(alerted))
        if target.answers is not None:
            self.later(target.alerts + target.answers, step(lambda: self.connect(call)))
        elif target.ends:
            self.later(target.alerts + target.after, lambda: self.leaves(call, target.ends))
        self.reply(["OK"], self.make.dial_ok_after or None)
        return None

    def do_chup(self, op: str, arg: str) -> list[str]:
        if op != "=?":
            for call in self.having(ACTIVE, DIALLING, ALERTING) or self.having(INCOMING):
                self.drop(call, "local")
        return ["OK"]

    def do_chld(self, op: str, arg: str) -> Answer:
        if op == "=?":
            return ["+CHLD: (0,1,1x,2,2x,3,4)", "OK"]
        early, active, held = self.having(DIALLING, ALERTING), self.having(ACTIVE), self.having(HELD)
        waiting = self.having(WAITING)
        if arg == "0":
            gone = waiting or held
            for call in gone:
                self.drop(call, "local")
            return ["OK"] if gone else self.error(3)
        if early and self.make.early_release != "works":
            return ["OK"] if self.make.early_release == "nothing" and arg == "1" else self.error(3)
        if arg == "1":
            for call in early + active:
                self.drop(call, "local")
            self.move(held or self.having(WAITING)[:1], ACTIVE)
            return ["OK"] if early + active + held else self.error(3)
        if arg == "2" and not early and (active or held or waiting):
            self.move(active, HELD)
            self.move(waiting[:1] or held, ACTIVE)
            return ["OK"]
        if arg == "3" and active and held:
            self.move(held, ACTIVE)
            for call in active + held:
                call.mpty = True
            return ["OK"]
        if arg == "4" and held and (active or early):
            for call in held + active + early:
                self.drop(call, "transfer")
            return ["OK"]
        chosen = [call for call in self.calls if arg == f"1{call.id}" and call.mode == 0]
        for call in chosen:
            self.drop(call, "local")
        return ["OK"] if chosen else self.error(3)

    def do_ctfr(self, op: str, arg: str) -> Answer:
        def act() -> Answer:
            ringing = self.having(INCOMING)
            if not ringing:
                return self.error(3)
            self.drop(ringing[0], "deflect")
            return ["OK"]

        self.slowly(0.4, act)
        return None

    # --- callers ---

    def call_in(self, number: str = "+498955512345", type: int = 145, validity: int | None = None, *,
                every: float = 2.3, style: str = "normal", rings: int = 99) -> Call:  # fmt: skip
        """A caller. `style` is how RING and +CLIP come: normal, late, before, bytes, doubled, merged, split, noclip,
        in-reply; with `rings` the RINGs just stop after so many, and the call with them."""
        with self.lock:
            engaged = bool([call for call in self.calls if call.mode == 0])
            call = self.add(False, WAITING if engaged else INCOMING, number, type=type, validity=validity)
            if not engaged:
                self.ring(call, every, style, rings)
            elif self.ccwa:
                self.urc(f'+CCWA: "{number}",{type},1')
            return call

    def ring(self, call: Call, every: float, style: str, rings: int) -> None:
        if call not in self.calls or call.stat != INCOMING or call.silent:
            return
        if rings == 0:
            self.drop(call, "remote")
            return
        call.rings.append(time.monotonic())
        self.later(every, lambda: self.ring(call, every, style, rings - 1))
        ring = f"\r\n{self.make.ring}\r\n".encode()
        tail = ",,,," + str(call.validity) if call.validity is not None else ""
        clip = f'\r\n+CLIP: "{call.number}",{call.type}{tail}\r\n'.encode()
        if not self.clip or style == "noclip":
            clip = b""
        pieces: list[tuple[float, bytes]] = {
            "late": [(0, ring), (0.2, clip)],
            "before": [(0, clip + ring)],
            "doubled": [(0, ring + clip), (0.3, ring + clip)],
            "merged": [(0, ring.rstrip(b"\r\n") + clip)],
            "split": [(0, ring[:4]), (0.05, ring[4:] + clip[:9]), (0.1, clip[9:])],
            "bytes": [(n * 0.004, bytes([byte])) for n, byte in enumerate(ring + clip)],
        }.get(style, [(0, ring + clip)])
        if style == "in-reply" and len(call.rings) > 1:
            self.in_reply = ring + clip
            self.later(1.0, self.flush)
            return
        if style in ("split", "bytes"):
            self.trickle(pieces)
            return
        for delay, piece in pieces:
            if piece and delay:
                self.later(delay, lambda piece=piece: self.send(piece))
            elif piece:
                self.send(piece)

    def flush(self) -> None:
        """No command came whose reply the RING could have stood in."""
        if self.in_reply:
            self.send(self.in_reply)
            self.in_reply = b""
