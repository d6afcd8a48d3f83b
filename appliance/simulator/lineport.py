"""The port at the end of an analog line: dial tone, numbers, flashes, a party on hold, and the tones in between.

A state machine. The line tells it what devices do to the loop and what the network says; it plays and rings.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING

from appliance.simulator import starcodes
from appliance.simulator.agenda import Due
from appliance.simulator.bell import Bell
from appliance.simulator.exchange_tones import tone
from appliance.simulator.journal import Dialled, Held
from appliance.simulator.network import ABSENT, NO_ANSWER, NORMAL, RADIO_LOST, UNASSIGNED, Call
from appliance.simulator.numbers import COUNTRY, Number, e164
from appliance.simulator.sites import Site
from appliance.simulator.sounds import Silence, Sound, Speech

if TYPE_CHECKING:
    from appliance.simulator.subscriberline import SubscriberLine

DONE, NOT_DONE, SORRY = 11, 12, 13
"""Voices of the network's announcements."""
CODE_SECONDS = 4.0
"""How long a port waits for a key after a flash."""


class Wait(Enum):
    """What the port is at."""

    IDLE = "idle"
    RINGING = "ringing"
    TALKING = "talking"
    DIALLING = "dialling"
    PROCEEDING = "proceeding"
    CODE = "code"
    TONE = "tone"


class LinePort:
    """`call` is the one the port speaks in, or sets up; `held_call` the one on hold meanwhile."""

    def __init__(self, line: SubscriberLine) -> None:
        self.line = line
        self.exchange = line.exchange
        self.state = Wait.IDLE
        self.call: Call | None = None
        self.held_call: Call | None = None
        self.tone_name: str | None = None
        self.tone: Sound = Silence()
        self._bell = Bell(line)
        self._digits = ""
        self._timer: Due | None = None

    @property
    def site(self) -> Site:
        """How it behaves now."""
        return self.line.site

    @property
    def reads_digits(self) -> bool:
        """Whether it listens for keys now."""
        return self.state in (Wait.DIALLING, Wait.CODE)

    # --- what the line tells it -----------------------------------------------------------------------

    def rung(self, call: Call) -> None:
        """A call comes in."""
        self.call, self.state = call, Wait.RINGING
        self._bell.begin(call)

    def digit(self, digit: str) -> None:
        """A key, while it listens."""
        if self.state is Wait.CODE:
            self._code(digit)
        elif self.state is Wait.DIALLING:
            self._play(None)
            self._digits += digit
            complete = starcodes.complete(self._digits) or (digit == "#" and not starcodes.begun(self._digits))
            self._wait(0.0 if complete else self.site.interdigit, self._route)

    def answered(self, call: Call) -> None:
        """The target lifted."""
        if call is self.call:
            self.state = Wait.TALKING

    def ended(self, call: Call, cause: int) -> None:
        """The far end is gone, or the call could not be set up."""
        if call is self.held_call:
            self.held_call = None
            if self.state is Wait.RINGING and call is self.call:
                self.call, self.state = None, Wait.IDLE
                self._stop_ringing()
            return
        if call is not self.call:
            return
        self.call = None
        if self.state is Wait.RINGING:
            self.state = Wait.IDLE
            self._stop_ringing()
        elif self.state is Wait.TALKING:
            self._far_end_gone()
        elif self.state is Wait.PROCEEDING:
            tones = {UNASSIGNED: "sit", ABSENT: self.site.unreachable, NO_ANSWER: "congestion"}
            self._fail(tones.get(cause, "busy"))

    def _far_end_gone(self) -> None:
        if self.site.at_end != "break":
            self._fail(self.site.at_end)
            return
        self._fail("silence")
        self.line.break_loop(self.site.break_seconds)
        self._wait(self.site.break_seconds + 0.3, lambda: self._fail("dial"))

    def moved(self, old: Call, new: Call) -> None:
        """Transferred by the other side."""
        if self.call is old:
            self.call = new
        elif self.held_call is old:
            self.held_call = new

    def dead(self) -> None:
        """The wires are cut: calls end."""
        self._stop_ringing()
        self._play(None)
        calls, self.call, self.held_call, self.state = (self.call, self.held_call), None, None, Wait.IDLE
        for call in calls:
            if call is not None:
                self.exchange.hang_up(call, self.line, RADIO_LOST)

    def seized(self) -> None:
        """The first device has lifted."""
        if self.state is Wait.RINGING and self.call is not None:
            self._stop_ringing()
            self.state = Wait.TALKING
            if self.held_call is self.call:
                self.held_call = None
                self._hold(self.call, False)
            else:
                self.exchange.answer(self.call)
            return
        self._register()

    def _register(self) -> None:
        """Ready for a number: dial tone, a little later."""
        self.state, self._digits = Wait.DIALLING, ""
        self._play("dial", self.site.dial_tone_after)
        self._wait(self.site.dial_tone_lasts, lambda: self._fail("congestion"))

    def cleared(self) -> None:
        """The last device has hung up."""
        call, held = self.call, self.held_call
        self._wait(None)
        self._play(None)
        self.state, self.call, self.held_call = Wait.IDLE, None, None
        if held is not None:
            self._hold(held, False)
            if call is not None and self._may_transfer(call) and self.exchange.transfer(held, call, self.line):
                if self.site.unanswered_returns is not None:
                    self.exchange.agenda.after(self.site.unanswered_returns, partial(self._take_back, call))
                return
            if self.site.deserted == "recall" and self.site.recall:
                if call is not None:
                    self.exchange.hang_up(call, self.line)
                self.call = self.held_call = held
                self._hold(held, True)
                self.state = Wait.RINGING
                self._bell.begin(held)
                self._wait(self.site.recall_lasts, self._recall_over)
                return
            self.exchange.hang_up(held, self.line)
        if call is not None:
            self.exchange.hang_up(call, self.line)

    def _take_back(self, call: Call) -> None:
        """Nobody has answered what was handed on: it rings here again."""
        left = call.destination
        if call.state == "alerting" and left is not None:
            self.exchange.deflect(call, self.line.number)
            left.ended(call, NORMAL)

    def _may_transfer(self, call: Call) -> bool:
        return self.site.on_hook_transfers and (call.state == "answered" or self.site.while_ringing)

    def _recall_over(self) -> None:
        call, self.call, self.held_call = self.call, None, None
        self._stop_ringing()
        self.state = Wait.IDLE
        if call is not None:
            self.exchange.hang_up(call, self.line)

    def flashed(self, seconds: float) -> str:
        """The loop was open for so long: what that is taken for (see journal.Flashed)."""
        site = self.site
        if seconds < site.flash_least:
            return "ignored"
        if seconds >= site.drop_after:
            return "dropped"
        if not site.recall or seconds > site.flash_most or self.state is Wait.IDLE:
            return "ignored"
        if self.held_call is None:
            if self.state is not Wait.TALKING or self.call is None:
                return "ignored"
            self.held_call, self.call = self.call, None
            self._hold(self.held_call, True)
            self._register()
            return "consultation"
        if site.back == "":
            self._back()
            return "back"
        self.state = Wait.CODE
        self._play("dial", site.dial_tone_after)
        self._wait(CODE_SECONDS, self._no_code)
        return "code"

    def _code(self, key: str) -> None:
        self.exchange.journal.add(Dialled(self.exchange.now, self.line.number, f"R{key}"))
        call, held, site = self.call, self.held_call, self.site
        self._wait(None)
        self._play(None)
        if key == site.back or held is None:
            self._back()
        elif key == site.swap and call is not None and call.state == "answered":
            self._hold(call, True)
            self._hold(held, False)
            self.call, self.held_call, self.state = held, call, Wait.TALKING
        elif key == site.give and call is not None and call.state in ("answered", "alerting"):
            self._hold(held, False)
            self.call = self.held_call = None
            if self.exchange.transfer(held, call, self.line):
                self._fail("busy")
        else:
            self._no_code()

    def _no_code(self) -> None:
        """Nothing useful came after a flash: the port goes on as it was, or gives the held party back."""
        self._play(None)
        if self.call is not None and self.call.state != "ended":
            self.state = Wait.TALKING if self.call.state == "answered" else Wait.PROCEEDING
        else:
            self._back()

    def _back(self) -> None:
        """End the consultation; the held party is back."""
        call, held = self.call, self.held_call
        self._wait(None)
        self._play(None)
        self.call, self.held_call = held, None
        if call is not None:
            self.exchange.hang_up(call, self.line)
        if held is None:
            self._fail("busy")
            return
        self.state = Wait.TALKING
        self._hold(held, False)

    def _hold(self, call: Call, on: bool) -> None:
        other = call.other(self.line)
        self.exchange.hold(call, self.line, on)
        if other is not None:
            self.exchange.journal.add(Held(self.exchange.now, self.line.number, other.number, on))

    def hold_sound(self) -> Sound:
        """What a party on hold hears."""
        return Speech(4711, -20.0) if self.site.on_hold == "music" else Silence()

    def _route(self) -> None:
        """What was dialled is complete."""
        digits = self._digits
        self.exchange.journal.add(Dialled(self.exchange.now, self.line.number, digits))
        if self.site.codes and starcodes.begun(digits):
            self._play_announcement(starcodes.obey(digits, self.line.subscriber))
            return
        number = self._outside(digits.removesuffix("#"))
        if number is None:
            self._fail("sit")
            return
        self.state = Wait.PROCEEDING
        self._play(None)
        self.call = self.exchange.place(self.line, number, Number.of(self.line.number))

    def _outside(self, digits: str) -> str | None:
        """The number as the network knows it: an extension, or what follows the prefix."""
        if digits in self.site.extensions:
            return self.site.extensions[digits]
        if not digits.startswith(self.site.prefix):
            return None
        rest = digits.removeprefix(self.site.prefix)
        if not rest:
            return None
        return e164(rest) if rest.startswith("0") else f"+{COUNTRY}{self.site.area}{rest}"

    def _play_announcement(self, done: bool) -> None:
        """A voice says what became of a code; nobody can tell from it but a human."""
        self.state = Wait.TONE
        self._announce(DONE if done else NOT_DONE)

    def _announce(self, voice: int) -> None:
        """The network speaks, then gives busy tone."""
        self.tone_name = "announcement"
        self.tone = Speech(voice, -12.0, self.exchange.now + 0.5)
        self._wait(6.0, lambda: self._fail("busy"))

    def _fail(self, name: str) -> None:
        """A tone says that it went wrong; it goes on until somebody does something."""
        self.state = Wait.TONE
        self._wait(None)
        if name == "announcement":
            self._announce(SORRY)
            return
        self._play(name)
        if name == "busy" and self.held_call is not None and self.site.busy_returns is not None:
            self._wait(self.site.busy_returns, self._back)

    def _play(self, name: str | None, after: float = 0.0) -> None:
        self.tone_name = name
        self.tone = Silence() if name in (None, "silence") else tone(str(name), self.exchange.now + after)

    def _wait(self, seconds: float | None, action: Callable[[], None] | None = None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None or action is None else self.exchange.agenda.after(seconds, action)

    def _stop_ringing(self) -> None:
        self._wait(None)
        self._bell.stop()
