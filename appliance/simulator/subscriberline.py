"""An analog line: two wires from a port to a modem and the phones beside it; a party in the network.

Devices open and close the loop and put sound on it. What comes of it is the port's business (see lineport, sites).
"""

from __future__ import annotations

from appliance.simulator.ears import Keypad
from appliance.simulator.journal import Flashed, Hook
from appliance.simulator.linedevices import LineDevice
from appliance.simulator.lineport import LinePort, Wait
from appliance.simulator.network import Call, Exchange, Party
from appliance.simulator.numbers import e164
from appliance.simulator.sites import SITES, Site
from appliance.simulator.sounds import STEP, Noise, Samples, mix, scaled, silence

WIRE_LOSS = 10 ** (-3 / 20)
"""What a port takes off either way (ES 202 971: 3 to 7 dB on the way to the phone)."""


class SubscriberLine:
    """`number` is its own; `site` how its port behaves. `names`: who the port knows by name, for caller ID.

    `echo`: level in dB at which what is sent into the port comes back (None: not at all), after `echo_delay` seconds.
    `noise`: level in dBFS of the hiss of the wires (None: none).
    """

    def __init__(self, exchange: Exchange, number: str, site: str | Site = "fritzbox") -> None:
        self.exchange = exchange
        self.number = e164(number)
        self.site = self._as_built = SITES[site] if isinstance(site, str) else site
        self.names: dict[str, str] = {}
        self.echo: float | None = -12.0
        self.echo_delay = 0.004
        self.noise: float | None = None
        self.devices: list[LineDevice] = []
        self.off: list[LineDevice] = []
        self.dead = False
        """The wires are cut: nothing rings, nothing is heard."""
        self.subscriber = exchange.subscribe(self.number, self)
        self.port = LinePort(self)
        self._keypad: Keypad | None = None

    @property
    def state(self) -> Wait:
        """What the port is at."""
        return self.port.state

    @property
    def tone_name(self) -> str | None:
        """The tone the port plays: dial busy congestion sit silence announcement, None for none."""
        return self.port.tone_name

    @property
    def call(self) -> Call | None:
        """The call the port speaks in, or sets up."""
        return self.port.call

    @property
    def held_call(self) -> Call | None:
        """The call on hold."""
        return self.port.held_call

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
            self.port.seized()

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
            self.port.cleared()

    def flash(self, device: LineDevice, seconds: float) -> None:
        """A device has opened the loop for so long and closed it again."""
        held = self.dead or any(other is not device for other in self.off)
        taken = "ignored" if held else self.port.flashed(seconds)
        self.exchange.journal.add(Flashed(self.exchange.now, self.number, round(seconds * 1000), taken))
        if taken == "dropped":
            self.port.cleared()
            self.port.seized()

    def spoken(self, device: LineDevice, start: float, samples: Samples, step: float) -> None:
        """A device puts sound on the wires: the far end hears it, the phones beside it too, the port reads digits."""
        if self.dead or device not in self.off:
            return
        if not self.port.reads_digits:
            self._keypad = None
        else:
            self._keypad = self._keypad or Keypad()
            for digit in self._keypad.feed(samples):
                self.port.digit(digit)
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
        if self.noise is not None:
            parts.append(Noise(self.noise).samples(start, count, step))
        return mix(parts, count)

    def _from_port(self, start: float, count: int, step: float) -> Samples:
        if self.state is Wait.PROCEEDING or self.state is Wait.TALKING:
            if self.call is None:
                return silence(count)
            return scaled(self.exchange.sound_for(self.call, self, start, count, step), WIRE_LOSS)
        return self.port.tone.samples(start, count, step)

    def _far_end(self) -> Party | None:
        return self.call.other(self) if self.call is not None and self.state is Wait.TALKING else None

    # --- a party in the network -------------------------------------------------------------------------

    def willing(self, call: Call) -> str:
        """Engaged is busy; without wires nobody can tell, it rings."""
        return "free" if self.state is Wait.IDLE and not self.off else "busy"

    def called(self, call: Call) -> None:
        """It rings."""
        if not self.dead:
            self.port.rung(call)

    def alerting(self, call: Call) -> None:
        """The target's phone rings: ringback is heard."""

    def answered(self, call: Call) -> None:
        """The target lifted."""
        self.port.answered(call)

    def ended(self, call: Call, cause: int) -> None:
        """The far end is gone, or the call could not be set up."""
        self.port.ended(call, cause)

    def moved(self, old: Call, new: Call) -> None:
        """Transferred by the other side."""
        self.port.moved(old, new)

    def held(self, call: Call, on: bool) -> None:
        """Held by the other side: it hears what that side plays."""

    def speaks(self, other: Party, means: str) -> None:
        """Nothing a port would notice."""

    def sound(self, call: Call, start: float, count: int, step: float) -> Samples:
        """What goes into the network in this call: all devices that are off-hook, unless the call is on hold here."""
        if call is self.held_call:
            return self.port.hold_sound().samples(start, count, step)
        if call is not self.call or self.state is not Wait.TALKING:
            return silence(count)
        return scaled(mix([device.sound(start, count, step) for device in self.off], count), WIRE_LOSS)

    def hears(self, call: Call, start: float, samples: Samples, step: float) -> None:
        """Another modem speaks; devices here ask for it themselves, by their own clock."""

    def pressed(self, call: Call, key: str) -> None:
        """On an analog line a key is a sound like any other."""

    def get_well(self) -> None:
        """The port behaves as it was built, the wires are whole."""
        self.site, self.noise = self._as_built, None
        if self.dead:
            self.mend()

    def break_loop(self, seconds: float) -> None:
        """The port cuts the loop for a moment."""
        for device in list(self.off):
            device.loop_break(seconds)

    def cut(self, seconds: float | None = None) -> None:
        """The wires are cut (for a while); a call that is up ends."""
        self.dead = True
        self.port.dead()
        if seconds is not None:
            self.exchange.agenda.after(seconds, self.mend)

    def mend(self) -> None:
        """The wires are whole again."""
        self.dead = False
        if self.off:
            self.port.seized()
