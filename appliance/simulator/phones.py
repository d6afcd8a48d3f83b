"""Phones outside: callers, and targets with their habits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from appliance.simulator.agenda import Due
from appliance.simulator.ears import Ear
from appliance.simulator.journal import Recognised
from appliance.simulator.sounds import Samples, Script, Sound, Speech, Tone, is_silent, keyed, silence
from appliance.simulator.voices import Listener, Speaker

if TYPE_CHECKING:
    from appliance.simulator.network import Call, Exchange, Party

GREETING_SECONDS = 6.0
GONE_AFTER = 3
"""Seconds in which a voice was not recognised, after which it counts as gone."""
BEHAVIOURS = ("answers", "mailbox", "busy", "silent", "refuses", "unreachable")


@dataclass(frozen=True, slots=True)
class Target:
    """How the phone of a number behaves.

    `answers` after so many seconds of ringing (a mailbox, too, but by itself), `refuses` after so many; `busy`,
    `silent`, `unreachable`. `talks_for`: seconds with a human before it hangs up (None: never); `patience`: seconds
    it holds on after answering while nobody is there. `presses`: the keys it presses so many seconds (`presses_after`)
    after answering. `says`: what it says in its calls; None: a voice of its own.
    """

    number: str
    behaviour: str = "answers"
    after: float = 5.0
    talks_for: float | None = 60.0
    patience: float | None = None
    presses: str = ""
    presses_after: float = 2.0
    says: Sound | None = None

    def __post_init__(self) -> None:
        if self.behaviour not in BEHAVIOURS:
            raise ValueError(f"behaviour {self.behaviour!r} is none of {', '.join(BEHAVIOURS)}")


def greeting(voice: Sound, begin: float) -> Sound:
    """What a mailbox says: some sentences, a beep, and then it listens."""
    spoken = replace(voice, begin=begin + 0.4, lasts=GREETING_SECONDS) if isinstance(voice, Speech) else voice
    return Script([spoken, Tone((1000.0,), -12.0, begin + 0.6 + GREETING_SECONDS, 0.4)])


class Phone:
    """One phone outside: in one call at most. `state`: idle calling ringing talking.

    `speaks_with` is the number of the human or module at the other end while there is one; `heard` all of them.
    `says` is what its holder says while in a call; `ear`, where there is one, keeps what they hear.
    """

    def __init__(self, exchange: Exchange, number: str) -> None:
        self.exchange = exchange
        self.number = number
        self.target: Target | None = None
        self.gives_up_after: float | None = None
        self.patience: float | None = None
        self.talks_for: float | None = None
        self.call: Call | None = None
        self.state = "idle"
        self.on_hold = False
        self.speaks_with: str | None = None
        self.heard: list[str] = []
        self.cause: int | None = None
        self.voice: Sound = Speech(int("".join(c for c in number if c.isdigit()) or 0))
        self.says: Sound = self.voice
        self.ear: Ear | None = None
        self._keys = Script()
        self.speaker = Speaker()
        self._listener = Listener()
        self._recognised: Phone | None = None
        self._unsure = 0
        self._timers: list[Due] = []

    def take(self, call: Call) -> None:
        """The call this phone makes."""
        self.call, self.state = call, "calling"

    def hang_up(self) -> None:
        """Leave whatever call there is."""
        call = self.call
        self._idle()
        if call is not None:
            self.exchange.hang_up(call, self)

    def listen(self) -> Ear:
        """Keep what is heard from now on."""
        self.ear = Ear()
        return self.ear

    def press(self, keys: str, *, on: float = 0.1, off: float = 0.1) -> None:
        """Press keys, one after the other, each for `on` seconds."""
        self._keys.parts += keyed(keys, self.exchange.now, on=on, off=off)
        for place, key in enumerate(keys):
            self.exchange.agenda.after(place * (on + off) + on, partial(self._pressed, self.call, key))

    def _pressed(self, call: Call | None, key: str) -> None:
        if call is not None and call is self.call and self.state == "talking" and not self.on_hold:
            other = call.other(self)
            if other is not None:
                other.pressed(call, key)

    def _idle(self) -> None:
        for due in self._timers:
            due.cancel()
        self._timers.clear()
        self.call, self.state, self.speaks_with, self.on_hold = None, "idle", None, False
        self._listener, self._recognised = Listener(), None

    def _hang_up_after(self, seconds: float | None) -> None:
        for due in self._timers:
            due.cancel()
        self._timers.clear()
        if seconds is not None:
            self._timers.append(self.exchange.agenda.after(seconds, self.hang_up))

    # --- what the network tells a party -------------------------------------------------------------

    def willing(self, call: Call) -> str:
        """As the target's habit says; engaged means busy."""
        if self.target is not None and self.target.behaviour in ("busy", "unreachable"):
            return self.target.behaviour
        return "busy" if self.call is not None else "free"

    def called(self, call: Call) -> None:
        """It rings."""
        self.call, self.state = call, "ringing"
        target = self.target
        if target is None or target.behaviour == "silent":
            return
        self.talks_for, self.patience = target.talks_for, target.patience
        self.says = target.says or self.voice
        act = self._refuse if target.behaviour == "refuses" else self.lift
        self._timers.append(self.exchange.agenda.after(target.after, act))

    def lift(self) -> None:
        """Answer, if it rings."""
        call = self.call
        if call is not None and self.state == "ringing":
            self.state = "talking"
            self._hang_up_after(self.patience)
            if self.target is not None and self.target.behaviour == "mailbox" and self.target.says is None:
                self.says = greeting(self.voice, self.exchange.now)
            if self.target is not None and self.target.presses:
                keys, agenda = self.target.presses, self.exchange.agenda
                agenda.after(self.target.presses_after, lambda: self.press(keys) if self.call is call else None)
            self.exchange.answer(call)

    def _refuse(self) -> None:
        call = self.call
        self._idle()
        if call is not None:
            self.exchange.hang_up(call, self, 21)

    def alerting(self, call: Call) -> None:
        """The caller hears it ring at the other end; patience runs from the first ringing on."""
        if not self._timers:
            self._hang_up_after(self.gives_up_after)

    def answered(self, call: Call) -> None:
        """The caller was answered, perhaps only by a box."""
        self.state = "talking"
        self._hang_up_after(self.patience)

    def ended(self, call: Call, cause: int) -> None:
        """The other end is gone."""
        if call is self.call:
            self.cause = cause
            self._idle()

    def moved(self, old: Call, new: Call) -> None:
        """A transfer: still the same phone, in another call."""
        self.call, self.on_hold = new, False

    def held(self, call: Call, on: bool) -> None:
        """Music, or silence."""
        self.on_hold = on

    def speaks(self, other: Party, means: str) -> None:
        """With a human the talk begins to count."""
        self.speaks_with = other.number
        self.heard.append(other.number)
        if isinstance(other, Phone):
            self._hang_up_after(self.talks_for)

    def sound(self, call: Call, start: float, count: int, step: float) -> Samples:
        """Its holder speaks and presses keys, while connected."""
        if self.state != "talking":
            return silence(count)
        keys = self._keys.samples(start, count, step)
        if not is_silent(keys):
            return keys
        voice = self.says.samples(start, count, step)
        self.speaker.say(start, voice)
        return voice

    def hears(self, call: Call, start: float, samples: Samples, step: float) -> None:
        """Into the ear, unless on hold; and whose voice is it, if another modem carries it on?"""
        if self.on_hold:
            return
        if self.ear is not None:
            self.ear.hear(start, samples, step)
        if self._listener.hear(start, samples):
            self._recognise(call)

    def _recognise(self, call: Call) -> None:
        others = [other for other in self.exchange.talking() if other is not self and other is not call.other(self)]
        known = next((other for other in others if self._listener.is_voice(other.speaker)), None)
        self._unsure = 0 if known is not None else self._unsure + 1
        before, at = self._recognised, self.exchange.now
        if known is not None and known is not before:
            self._recognised = known
            self.exchange.journal.add(Recognised(at, self.number, known.number, True))
            if self.speaks_with != known.number:
                self.speaks(known, "bridge")
        elif before is not None and self._unsure >= GONE_AFTER:
            self._recognised = None
            self.exchange.journal.add(Recognised(at, self.number, before.number, False))

    def pressed(self, call: Call, key: str) -> None:
        """A human hears a tone and thinks nothing of it."""
