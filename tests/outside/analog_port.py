"""The other end of an analog wire: a port of a router, an exchange or a PBX, with callers, hook-flash, second calls.

The modem lifts, lays down, flashes and dials; the port says what is to be heard. All under the modem's lock.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from .analog_sound import Ear, Mouth, Sound, busy, congestion, dial, ringback, silence, speech
from .calls import Target

CLEARING = {"busy": busy, "congestion": congestion, "dial": dial, "silence": lambda at: silence, "loop": dial}


@dataclass(frozen=True)
class Site:
    """What the port understands: lengths of a flash in s; keys after a second flash that bring the caller back or
    connect both ("" is the bare flash); whether laying down connects; the key for an outside line."""

    flash: tuple[float, float] = (0.05, 0.4)
    fetch_back: tuple[str, ...] = ("1",)
    complete: tuple[str, ...] = ("4",)
    on_hook: bool = True
    outside: str = ""
    ignores_flash: bool = False
    drops: float = 0.5  # a flash of more than this hangs up


@dataclass(eq=False)
class Caller:
    number: str
    mouth: Mouth = field(default_factory=Mouth)
    ear: Ear = field(default_factory=Ear)
    rings: list[float] = field(default_factory=list)
    history: list[tuple[float, str]] = field(default_factory=list)  # talking, held
    gone: float = 0.0
    end: str = ""  # remote | local | transfer | parallel | dropped | abandoned
    target: str = ""  # whom a transfer gave him

    @property
    def states(self) -> list[str]:
        return [state for _, state in self.history]

    def when(self, state: str, nth: int = 0) -> float:
        return [at for at, was in self.history if was == state][nth]


@dataclass(eq=False)
class Second:
    """The consultation: dialling, alerting, answered, busy or congestion."""

    digits: str = ""
    state: str = "dialling"
    since: float = field(default_factory=time.monotonic)
    mouth: Mouth = field(default_factory=lambda: Mouth(speech))
    ear: Ear = field(default_factory=Ear)
    history: list[tuple[float, str]] = field(default_factory=list)
    dialled_at: float = 0.0


class Port:
    def __init__(self, later: Callable[[float, Callable[[], object]], None], site: Site):
        self.later, self.site = later, site
        self.off_hook, self.loop = False, True
        self.hook: list[tuple[float, str]] = []  # off, on, flash
        self.caller: Caller | None = None
        self.second: Second | None = None
        self.every_second: list[Second] = []
        self.awaits_key = False
        self.targets: dict[str, Target] = {}
        self.keyed: list[tuple[float, str]] = []  # every digit the modem sent
        self.flashes: list[float] = []  # their lengths in s
        self.sound: Sound = silence
        self.alone: Second | None = None  # a call of the modem's own, no caller held
        self.parallel = False
        self.star: list[str] = []  # codes dialled from rest

    # --- hook ---

    def lift(self) -> bool:
        """Whether a caller was there."""
        self.off_hook = True
        now = time.monotonic()
        self.hook.append((now, "off"))
        if self.caller and not self.caller.gone and not self.parallel:
            self.caller.history.append((now, "talking"))
            self.sound = self.caller.mouth
            return True
        self.alone, self.sound = Second(), dial(now)
        return False

    def lay_down(self) -> None:
        if not self.off_hook:
            return
        self.off_hook, self.loop = False, True
        now = time.monotonic()
        self.hook.append((now, "on"))
        self.sound, self.awaits_key = silence, False
        if self.alone and self.alone.digits:
            self.star.append(self.alone.digits)
        self.alone = None
        caller, second, self.second = self.caller, self.second, None
        if not caller or caller.gone:
            return
        if second and self.site.on_hook and second.state in ("alerting", "answered"):
            self.part(caller, "transfer", second.digits)
        else:
            self.part(caller, "abandoned" if second else "local")

    def part(self, caller: Caller, end: str, target: str = "") -> None:
        caller.gone, caller.end, caller.target = time.monotonic(), end, target
        self.caller = None if self.caller is caller else self.caller

    def flash(self, length: float) -> None:
        now = time.monotonic()
        self.hook.append((now, "flash"))
        self.flashes.append(length)
        if length > self.site.drops:  # the port takes it for laying down, and lifting again
            if self.caller and not self.caller.gone:
                self.part(self.caller, "dropped")
            self.second, self.sound = None, dial(now)
            return
        low, high = self.site.flash
        if self.site.ignores_flash or not low <= length <= high or not self.caller:
            return
        if self.second is None:
            self.second = Second()
            self.every_second.append(self.second)
            self.caller.history.append((now, "held"))
            self.sound = dial(now)
        elif "" in self.site.fetch_back:
            self.back()
        else:
            self.awaits_key, self.sound = True, dial(now)

    def back(self) -> None:
        now = time.monotonic()
        self.second = None
        if self.caller and not self.caller.gone:
            self.caller.history.append((now, "talking"))
            self.sound = self.caller.mouth
        else:
            self.sound = busy(now)

    # --- keys ---

    def key(self, digit: str) -> None:
        now = time.monotonic()
        self.keyed.append((now, digit))
        if self.awaits_key:
            self.awaits_key = False
            if digit in self.site.fetch_back:
                self.back()
            elif digit in self.site.complete and self.second and self.second.state in ("alerting", "answered"):
                self.part(self.caller, "transfer", self.second.digits)
                self.second, self.sound = None, busy(now)
            return
        call = self.second or self.alone
        if call and call.state == "dialling":
            call.digits += digit
            call.dialled_at, self.sound = now, silence
            self.later(0.4 if call.digits in self.targets else 1.5, lambda: self.complete(call, now))

    def complete(self, call: Second, at: float) -> None:
        if call.dialled_at != at or call.state != "dialling" or call not in (self.second, self.alone):
            return
        if call is self.alone:
            self.step(call, "answered", speech)  # an announcement, whatever it says
            return
        digits = call.digits
        target = self.targets.get(digits)
        if not target or (self.site.outside and not digits.startswith(self.site.outside)):
            self.step(call, "congestion", congestion(time.monotonic()))
            return
        if target.at_once:
            self.step(call, target.at_once.lower(), CLEARING[target.at_once.lower()](time.monotonic()))
            return
        self.later(target.alerts, lambda: self.step(call, "alerting", ringback(time.monotonic())))
        if target.answers is not None:
            self.later(target.alerts + target.answers, lambda: self.step(call, "answered", call.mouth))
        elif target.ends:
            end = target.ends.lower()
            self.later(target.alerts + target.after, lambda: self.step(call, end, CLEARING[end](time.monotonic())))

    def step(self, call: Second, state: str, sound: Sound) -> None:
        if call in (self.second, self.alone):
            call.state = state
            call.history.append((time.monotonic(), state))
            if not self.awaits_key:
                self.sound = sound

    # --- callers ---

    def leaves(self, caller: Caller, clearing: str) -> None:
        if caller.gone:
            return
        talking = caller.states[-1:] == ["talking"]
        self.part(caller, "remote")
        if self.off_hook and talking and not self.second:
            self.sound = CLEARING[clearing](time.monotonic())
            self.loop = clearing != "loop"

    def hear(self, at: float, samples: np.ndarray) -> None:
        """What the modem plays reaches whoever is connected."""
        if self.second and not self.awaits_key:
            self.second.ear.add(at, samples)
        elif self.caller and self.caller.states[-1:] == ["talking"]:
            self.caller.ear.add(at, samples)
