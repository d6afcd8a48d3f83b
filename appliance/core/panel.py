"""The front panel: what two lights and a buzzer show, and what presses of the one button mean. No I/O, no clock.

    ready light   steady      every line ready and a safety net confirmed
                  slow blink  working, but something needs a look
                  fast blink  a line is down, or the engine does not run
    call light    fast blink  it rings; steady: connected

    button        one short press           away on (one long blink) or off (two short ones)
                  held for 5 to 15 s        both lights on: announce the address, open the hotspot
                  held for 15 to 30 s       both lights blink: reset the password, and nothing else
                  three short, then 15 s    the lights blink in turn: factory reset
                  longer                    nothing: something leans on it

What is done is done when the button is let go, so that whoever sees the lights can still hold on until nothing happens.
Five short blinks: it could not be done.

Whoever asks does so in seconds; in here all is in whole milliseconds, so that what is due at a moment is done at that
moment, and not a digit of a float later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Literal

from msgspec import Struct

SHORT = 2000
"""A press that is let go before is a short one; from then to ANNOUNCE_AFTER it means nothing."""
TOGETHER = 700
"""Between presses of one gesture."""
ANNOUNCE_AFTER, RESET_AFTER, GIVE_UP_AFTER = 5000, 15000, 30000
"""Held for so long."""
BEFORE_FACTORY_RESET = 3
"""Short presses before the long one."""
BEEP = 100
NEVER = float("inf")
LAST_DIGITS = 1e-12
"""Seconds by which a sum of floats may miss what it would be in decimals."""


class Gesture(Enum):
    """What presses of the button ask for."""

    AWAY = "away"
    ANNOUNCE = "announce"
    RESET_PASSWORD = "reset password"
    FACTORY_RESET = "factory reset"


class Answer(Enum):
    """What came of it, said in blinks: (on, off) each."""

    ON = ((1000, 300),)
    OFF = ((200, 200), (200, 500))
    DONE = ((200, 200), (200, 200), (200, 500))
    FAILED = ((100, 100),) * 5


class Lights(Struct, frozen=True):
    """What is on."""

    ready: bool = False
    call: bool = False
    buzzer: bool = False


class Blink(Struct, frozen=True):
    """On for so long, off for so long, again and again; off 0: steady; on 0: dark."""

    on: int
    off: int

    def is_on(self, since: int) -> bool:
        """Whether it is on so long after it began."""
        return self.on > 0 and since % (self.on + self.off) < self.on

    def next_change(self, since: int) -> float:
        """How long until it changes; NEVER if it does not."""
        if not self.on or not self.off:
            return NEVER
        within = since % (self.on + self.off)
        return (self.on if within < self.on else self.on + self.off) - within


STEADY, DARK = Blink(1000, 0), Blink(0, 1000)
SLOW, FAST = Blink(1000, 1000), Blink(125, 125)
TOGETHER_BLINK = Blink(250, 250)
PICTURES: Mapping[str, Blink] = {"steady": STEADY, "slow": SLOW, "fast": FAST, "dark": DARK}
Ready = Literal["steady", "slow", "fast"]
CallLight = Literal["dark", "fast", "steady"]


def ready_light(lines: Sequence[Mapping[str, object]] | None) -> Ready:
    """The ready light for the lines of `status --json`; None: no sign of life from the engine."""
    if lines is None or any(line.get("state") == "down" for line in lines):
        return "fast"
    well = all(line.get("state") in ("ready", "ringing", "in_call") and not line.get("problem") for line in lines)
    return "steady" if well and any(map(_net_confirmed, lines)) else "slow"


def call_light(lines: Sequence[Mapping[str, object]] | None) -> CallLight:
    """The call light for the same lines: a call that rings goes before one that is connected."""
    states = {line.get("state") for line in lines or ()}
    return "fast" if "ringing" in states else "steady" if "in_call" in states else "dark"


def _net_confirmed(line: Mapping[str, object]) -> bool:
    diversions = line.get("diversions")
    return isinstance(diversions, list) and any(one.get("ours") and one.get("confirmed") for one in diversions)


class Panel:
    """Tell it of the button and of how things stand; ask it for the lights. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._ready: Ready = "fast"
        self._call: CallLight = "dark"
        self._since = {"ready": 0, "call": 0}
        self._pressed_at: int | None = None
        self._shorts = 0
        self._act_at: int | None = None
        self._answer: tuple[int, Answer] | None = None
        self._beep_until = -NEVER

    def see(self, lines: Sequence[Mapping[str, object]] | None, now: float) -> None:
        """How the lines are, as `status --json` has them; None: the engine gives no sign of life."""
        ready, call, at = ready_light(lines), call_light(lines), _milliseconds(now)
        if ready != self._ready:
            self._ready, self._since["ready"] = ready, at
        if call != self._call:
            self._call, self._since["call"] = call, at

    # --- the button ------------------------------------------------------------------------------

    def pressed(self, now: float) -> None:
        """The button goes down."""
        if self._pressed_at is None:
            self._pressed_at, self._act_at = _milliseconds(now), None
            self._beep_until = self._pressed_at + BEEP

    def released(self, now: float) -> Gesture | None:
        """The button comes up; a gesture that is complete with it."""
        if self._pressed_at is None:
            return None
        at = _milliseconds(now)
        held, self._pressed_at = at - self._pressed_at, None
        if held < SHORT:
            self._shorts += 1
            self._act_at = at + TOGETHER
            return None
        shorts, self._shorts = self._shorts, 0
        if RESET_AFTER <= held < GIVE_UP_AFTER:
            if shorts == BEFORE_FACTORY_RESET:
                return Gesture.FACTORY_RESET
            return None if shorts else Gesture.RESET_PASSWORD
        return Gesture.ANNOUNCE if ANNOUNCE_AFTER <= held < RESET_AFTER and not shorts else None

    def tick(self, now: float) -> Gesture | None:
        """Let time pass; a gesture that is complete because nothing followed."""
        if self._act_at is None or _milliseconds(now) < self._act_at:
            return None
        shorts, self._shorts, self._act_at = self._shorts, 0, None
        return Gesture.AWAY if shorts == 1 else None

    def answer(self, answer: Answer, now: float) -> None:
        """Say what came of a gesture."""
        self._answer = (_milliseconds(now), answer)

    # --- what is shown ---------------------------------------------------------------------------

    def lights(self, now: float) -> Lights:
        """What is on now."""
        at = _milliseconds(now)
        beeps = at < self._beep_until
        if self._pressed_at is not None:
            held = at - self._pressed_at
            if ANNOUNCE_AFTER <= held < RESET_AFTER:
                return Lights(True, True, beeps)
            if RESET_AFTER <= held < GIVE_UP_AFTER:
                on = TOGETHER_BLINK.is_on(held - RESET_AFTER)
                return Lights(on, (not on) if self._shorts == BEFORE_FACTORY_RESET else on, on)
        if (said := self._saying(at)) is not None:
            return Lights(said, said, said)
        return Lights(
            PICTURES[self._ready].is_on(at - self._since["ready"]),
            PICTURES[self._call].is_on(at - self._since["call"]),
            beeps,
        )

    def deadline(self, now: float) -> float:
        """When lights() or tick() may next give something else, if nothing happens; inf if never."""
        at = _milliseconds(now)
        times = [NEVER if self._act_at is None else self._act_at, self._beep_until if self._beep_until > at else NEVER]
        if self._pressed_at is not None:
            held = at - self._pressed_at
            times += [self._pressed_at + mark for mark in (ANNOUNCE_AFTER, RESET_AFTER, GIVE_UP_AFTER) if held < mark]
            if RESET_AFTER <= held < GIVE_UP_AFTER:
                times.append(at + TOGETHER_BLINK.next_change(held - RESET_AFTER))
        if self._answer is not None:
            began, answer = self._answer
            times += [began + mark for mark in _marks(answer) if began + mark > at]
        times.append(at + PICTURES[self._ready].next_change(at - self._since["ready"]))
        times.append(at + PICTURES[self._call].next_change(at - self._since["call"]))
        return min(times) / 1000

    def _saying(self, at: int) -> bool | None:
        """Whether the answer being said has the lights on; None: nothing is being said."""
        if self._answer is None:
            return None
        began, answer = self._answer
        passed = sum(1 for mark in _marks(answer) if began + mark <= at)
        if passed >= len(answer.value) * 2:
            self._answer = None
            return None
        return passed % 2 == 0


def _milliseconds(seconds: float) -> int:
    """The whole ones that have passed; one that lacks but the last digits of a float has."""
    nearest = round(seconds * 1000)
    return nearest if nearest / 1000 <= seconds + LAST_DIGITS else nearest - 1


def _marks(answer: Answer) -> list[int]:
    """How long after its beginning an answer goes off, on, off …"""
    marks, at = [], 0
    for on, off in answer.value:
        marks += [at + on, at + on + off]
        at += on + off
    return marks
