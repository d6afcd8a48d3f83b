"""An analog line: two wires from a port to a modem and the phones beside it, and what the port does with them.

The line is a party in the network. Devices open and close its loop; the port rings it, plays tones, reads digits and
flashes, holds one party while it calls another, and connects the two (see sites).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Protocol

from appliance.simulator import starcodes
from appliance.simulator.agenda import Due
from appliance.simulator.ears import Keypad
from appliance.simulator.exchange_tones import RING_OFF, RING_ON, tone
from appliance.simulator.journal import Dialled, Flashed, Held, Hook
from appliance.simulator.network import ABSENT, NO_ANSWER, RADIO_LOST, UNASSIGNED, Call, Exchange, Party
from appliance.simulator.numbers import COUNTRY, Number, e164
from appliance.simulator.sites import SITES, Site
from appliance.simulator.sounds import STEP, Samples, Silence, Sound, Speech, mix, scaled, silence

BEFORE_FIRST_RING = 0.6
"""Seconds from a caller ID that comes before the first ring to that ring."""
AFTER_FIRST_RING = 0.8
"""Seconds from the end of the first ring to the caller ID (EN 300 659-1 wants 0.5 to 1.5)."""
WIRE_LOSS = 10 ** (-3 / 20)
"""What a port takes off either way (ES 202 971: 3 to 7 dB on the way to the phone)."""
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


class LineDevice(Protocol):
    """A modem or a phone on the wires."""

    name: str

    def ring(self, on: bool, count: int) -> None:
        """Ringing current begins or ends; `count` bursts so far."""

    def caller_id(self, number: str | None, reason: str, name: str | None) -> None:
        """The port sends who calls; None for the `reason` P (withheld) or O (unavailable)."""

    def rings_over(self) -> None:
        """It will not ring again: the caller is gone, or somebody has lifted."""

    def neighbour(self, lifted: bool) -> None:
        """Another device on the wires has lifted or put down."""

    def loop_break(self, seconds: float) -> None:
        """The port cuts the loop for so long."""

    def sound(self, start: float, count: int, step: float) -> Samples:
        """What the device puts on the wires."""

    def hears(self, start: float, samples: Samples, step: float) -> None:
        """What a modem on the wires hears; for phones."""


class SubscriberLine:
    """`number` is its own; `site` how its port behaves. `names`: who the port knows by name, for caller ID.

    `echo`: level in dB at which what is sent into the port comes back (None: not at all), after `echo_delay` seconds.
    """

    def __init__(self, exchange: Exchange, number: str, site: str | Site = "fritzbox") -> None:
        self.exchange = exchange
        self.number = e164(number)
        self.site = SITES[site] if isinstance(site, str) else site
        self.names: dict[str, str] = {}
        self.echo: float | None = -12.0
        self.echo_delay = 0.004
        self.devices: list[LineDevice] = []
        self.off: list[LineDevice] = []
        self.state = Wait.IDLE
        self.call: Call | None = None
        self.held_call: Call | None = None
        self.tone_name: str | None = None
        self.dead = False
        """The wires are cut: nothing rings, nothing is heard."""
        self.subscriber = exchange.subscribe(self.number, self)
        self._tone: Sound = Silence()
        self._digits = ""
        self._keypad = Keypad()
        self._timer: Due | None = None
        self._ringing: list[Due] = []
        self._rings = 0

    # --- what devices do ------------------------------------------------------------------------------

    @property
    def in_use(self) -> bool:
        """Some device is off-hook."""
        return bool(self.off)

    def attach(self, device: LineDevice) -> None:
        """Plug a device in."""
        self.devices.append(device)

    def lift(self, device: LineDevice) -> None:
        """A device closes the loop."""
        if device in self.off:
            return
        first = not self.off
        self.off.append(device)
        self.exchange.journal.add(Hook(self.exchange.now, self.number, device.name, True, False))
        for other in self.devices:
            if other is not device:
                other.neighbour(True)
        if first and not self.dead:
            self._seized()

    def put_down(self, device: LineDevice) -> None:
        """A device opens the loop; with the last one the port clears."""
        if device not in self.off:
            return
        self.off.remove(device)
        self.exchange.journal.add(Hook(self.exchange.now, self.number, device.name, False, not self.off))
        for other in self.devices:
            if other is not device:
                other.neighbour(False)
        if not self.off:
            self._cleared()

    def flash(self, device: LineDevice, seconds: float) -> None:
        """A device has opened the loop for so long and closed it again."""
        taken = self._flashed(device, seconds)
        self.exchange.journal.add(Flashed(self.exchange.now, self.number, round(seconds * 1000), taken))
        if taken == "dropped":
            self._cleared()
            self._seized()

    def dialled(self, digit: str) -> None:
        """A digit, however it was sent; outside of dialling it is only heard at the far end."""
        if self.state is Wait.CODE:
            self._code(digit)
        elif self.state is Wait.DIALLING:
            self._play(None)
            self._digits += digit
            complete = starcodes.complete(self._digits) or (digit == "#" and not starcodes.begun(self._digits))
            self._wait(0.0 if complete else self.site.interdigit, self._route)

    def spoken(self, device: LineDevice, start: float, samples: Samples, step: float) -> None:
        """A device puts sound on the wires: the far end hears it, the phones beside it too, the port reads digits."""
        if self.dead or device not in self.off:
            return
        if self.state in (Wait.DIALLING, Wait.CODE):
            for digit in self._keypad.feed(samples):
                self.dialled(digit)
        others = [other for other in self.off if other is not device]
        if (other := self._far_end()) is not None and self.call is not None:
            parts = [samples, *(neighbour.sound(start, len(samples), step) for neighbour in others)]
            other.hears(self.call, start, scaled(mix(parts, len(samples)), WIRE_LOSS), step)
        if others:
            heard = mix([samples, self._from_port(start, len(samples), step)], len(samples))
            for neighbour in others:
                neighbour.hears(start, heard, step)

    def heard(self, device: LineDevice, start: float, count: int, step: float = STEP) -> Samples:
        """What a device hears, its own voice apart from the echo left out."""
        if self.dead or device not in self.off:
            return silence(count)
        parts = [self._from_port(start, count, step)]
        parts += [other.sound(start, count, step) for other in self.off if other is not device]
        if self.echo is not None:
            parts.append(scaled(device.sound(start - self.echo_delay, count, step), 10 ** (self.echo / 20)))
        return mix(parts, count)

    def _from_port(self, start: float, count: int, step: float) -> Samples:
        if self.state is Wait.PROCEEDING or self.state is Wait.TALKING:
            if self.call is None:
                return silence(count)
            return scaled(self.exchange.sound_for(self.call, self, start, count, step), WIRE_LOSS)
        return self._tone.samples(start, count, step)

    def _far_end(self) -> Party | None:
        return self.call.other(self) if self.call is not None and self.state is Wait.TALKING else None

    # --- the port -------------------------------------------------------------------------------------

    def _seized(self) -> None:
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
        self.state, self._digits, self._keypad = Wait.DIALLING, "", Keypad()
        self._play("dial", self.site.dial_tone_after)
        self._wait(self.site.dial_tone_lasts, lambda: self._fail("congestion"))

    def _cleared(self) -> None:
        """Hung up."""
        call, held = self.call, self.held_call
        self._wait(None)
        self._play(None)
        self.state, self.call, self.held_call = Wait.IDLE, None, None
        if held is not None:
            self._hold(held, False)
            if call is not None and self._may_transfer(call) and self.exchange.transfer(held, call, self):
                return
            if self.site.deserted == "recall" and self.site.recall:
                if call is not None:
                    self.exchange.hang_up(call, self)
                self.call = self.held_call = held
                self._hold(held, True)
                self.state = Wait.RINGING
                self._begin_ringing()
                self._wait(self.site.recall_lasts, self._recall_over)
                return
            self.exchange.hang_up(held, self)
        if call is not None:
            self.exchange.hang_up(call, self)

    def _may_transfer(self, call: Call) -> bool:
        return self.site.on_hook_transfers and (call.state == "answered" or self.site.while_ringing)

    def _recall_over(self) -> None:
        call, self.call, self.held_call = self.call, None, None
        self._stop_ringing()
        self.state = Wait.IDLE
        if call is not None:
            self.exchange.hang_up(call, self)

    def _flashed(self, device: LineDevice, seconds: float) -> str:
        site = self.site
        if self.dead or [other for other in self.off if other is not device] or seconds < site.flash_least:
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
        self._keypad = Keypad()
        self._play("dial", site.dial_tone_after)
        self._wait(CODE_SECONDS, self._no_code)
        return "code"

    def _code(self, key: str) -> None:
        self.exchange.journal.add(Dialled(self.exchange.now, self.number, f"R{key}"))
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
            if self.exchange.transfer(held, call, self):
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
            self.exchange.hang_up(call, self)
        if held is None:
            self._fail("busy")
            return
        self.state = Wait.TALKING
        self._hold(held, False)

    def _hold(self, call: Call, on: bool) -> None:
        other = call.other(self)
        self.exchange.hold(call, self, on)
        if other is not None:
            self.exchange.journal.add(Held(self.exchange.now, self.number, other.number, on))

    def hold_sound(self) -> Sound:
        """What a party on hold hears."""
        return Speech(4711, -20.0) if self.site.on_hold == "music" else Silence()

    def _route(self) -> None:
        """What was dialled is complete."""
        digits = self._digits
        self.exchange.journal.add(Dialled(self.exchange.now, self.number, digits))
        if self.site.codes and starcodes.begun(digits):
            self._play_announcement(starcodes.obey(digits, self.subscriber))
            return
        number = self._outside(digits.removesuffix("#"))
        if number is None:
            self._fail("sit")
            return
        self.state = Wait.PROCEEDING
        self._play(None)
        self.call = self.exchange.place(self, number, Number.of(self.number))

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
        """A voice says what became of a code; nobody can tell from it but a human. Then busy tone."""
        self.state = Wait.TONE
        self.tone_name = "announcement"
        self._tone = Speech(11 if done else 12, -12.0, self.exchange.now + 0.5)
        self._wait(6.0, lambda: self._fail("busy"))

    def _fail(self, name: str) -> None:
        """A tone says that it went wrong; it goes on until somebody does something."""
        self.state = Wait.TONE
        self._wait(None)
        self._play(name)
        if name == "busy" and self.held_call is not None and self.site.busy_returns is not None:
            self._wait(self.site.busy_returns, self._back)

    def _play(self, name: str | None, after: float = 0.0) -> None:
        self.tone_name = name
        self._tone = Silence() if name in (None, "silence") else tone(str(name), self.exchange.now + after)

    def _wait(self, seconds: float | None, action: Callable[[], None] | None = None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if seconds is None or action is None else self.exchange.agenda.after(seconds, action)

    # --- ringing --------------------------------------------------------------------------------------

    def _begin_ringing(self) -> None:
        self._rings = 0
        delay = 0.0
        if self.site.caller_id == "before":
            self._send_caller_id()
            delay = BEFORE_FIRST_RING
        self._ringing = [self.exchange.agenda.after(delay, self._ring)]

    def _ring(self) -> None:
        self._rings += 1
        agenda = self.exchange.agenda
        self._ringing = [agenda.after(RING_ON + RING_OFF, self._ring), agenda.after(RING_ON, self._pause)]
        if self._rings == 1 and self.site.caller_id == "after":
            self._ringing.append(agenda.after(RING_ON + AFTER_FIRST_RING, self._send_caller_id))
        for device in list(self.devices):
            device.ring(True, self._rings)

    def _pause(self) -> None:
        for device in list(self.devices):
            device.ring(False, self._rings)

    def _stop_ringing(self) -> None:
        was = bool(self._ringing)
        for due in self._ringing:
            due.cancel()
        self._ringing = []
        self._wait(None)
        if was:
            for device in list(self.devices):
                device.rings_over()

    def _send_caller_id(self) -> None:
        call = self.call
        if call is None:
            return
        shown = call.shown.e164 if call.shown is not None else None
        reason = "" if shown else ("P" if call.validity == 1 else "O")
        written = shown
        if shown is not None and shown.startswith("+"):
            home = f"+{COUNTRY}"
            written = "0" + shown.removeprefix(home) if shown.startswith(home) else "00" + shown[1:]
        for device in self.devices:
            device.caller_id(written, reason, self.names.get(shown or ""))

    # --- a party in the network -------------------------------------------------------------------------

    def willing(self, call: Call) -> str:
        """Engaged is busy; without wires nobody can tell, it rings."""
        return "free" if self.state is Wait.IDLE and not self.off else "busy"

    def called(self, call: Call) -> None:
        """It rings."""
        self.call, self.state = call, Wait.RINGING
        if not self.dead:
            self._begin_ringing()

    def alerting(self, call: Call) -> None:
        """The target's phone rings: ringback is heard."""

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
            self._fail({UNASSIGNED: "sit", ABSENT: "sit", NO_ANSWER: "congestion"}.get(cause, "busy"))

    def _far_end_gone(self) -> None:
        if self.site.at_end != "break":
            self._fail(self.site.at_end)
            return
        self._fail("silence")
        for device in list(self.off):
            device.loop_break(self.site.break_seconds)
        self._wait(self.site.break_seconds + 0.3, lambda: self._fail("dial"))

    def moved(self, old: Call, new: Call) -> None:
        """Transferred by the other side."""
        if self.call is old:
            self.call = new
        elif self.held_call is old:
            self.held_call = new

    def held(self, call: Call, on: bool) -> None:
        """Held by the other side: it hears what that side plays."""

    def speaks(self, other: Party, means: str) -> None:
        """Nothing a port would notice."""

    def sound(self, call: Call, start: float, count: int, step: float) -> Samples:
        """What goes into the network in this call: all devices that are off-hook, unless the call is on hold here."""
        if call is self.held_call:
            return self.hold_sound().samples(start, count, step)
        if call is not self.call or self.state is not Wait.TALKING:
            return silence(count)
        return scaled(mix([device.sound(start, count, step) for device in self.off], count), WIRE_LOSS)

    def hears(self, call: Call, start: float, samples: Samples, step: float) -> None:
        """Another modem speaks; devices here ask for it themselves, by their own clock."""

    def cut(self, seconds: float | None = None) -> None:
        """The wires are cut (for a while); a call that is up ends."""
        self.dead = True
        self._stop_ringing()
        for call in (self.call, self.held_call):
            if call is not None:
                self.exchange.hang_up(call, self, RADIO_LOST)
        self.call = self.held_call = None
        self.state = Wait.IDLE
        if seconds is not None:
            self.exchange.agenda.after(seconds, self.mend)

    def mend(self) -> None:
        """The wires are whole again."""
        self.dead = False
        if self.off:
            self._register()


class ParallelPhone:
    """A phone on the same wires: it rings, too; somebody can lift it at any time."""

    def __init__(self, line: SubscriberLine, name: str = "parallel phone") -> None:
        self.name = name
        self.line = line
        self.voice: Sound = Speech(77, -10.0)
        self.rings = 0
        line.attach(self)

    def lift(self) -> None:
        """Somebody answers, or is about to dial, or listens in."""
        self.line.lift(self)

    def put_down(self) -> None:
        """And puts it down."""
        self.line.put_down(self)

    def ring(self, on: bool, count: int) -> None:
        """Its bell."""
        self.rings = count

    def caller_id(self, number: str | None, reason: str, name: str | None) -> None:
        """No display."""

    def rings_over(self) -> None:
        """Quiet again."""

    def neighbour(self, lifted: bool) -> None:
        """Nothing a phone would notice."""

    def loop_break(self, seconds: float) -> None:
        """A click."""

    def sound(self, start: float, count: int, step: float) -> Samples:
        """Whoever holds it speaks."""
        return self.voice.samples(start, count, step)

    def hears(self, start: float, samples: Samples, step: float) -> None:
        """Listens."""
