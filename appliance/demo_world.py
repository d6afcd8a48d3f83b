"""The demo's little world: a workshop's landline, its mobile stick, the people outside, and a day of calls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from appliance.simulator import faults
from appliance.simulator.analog import AnalogModem
from appliance.simulator.module import GsmModule
from appliance.simulator.network import Exchange
from appliance.simulator.phones import Phone, Target
from appliance.simulator.pty import PtyModem, RealTimeHost
from appliance.simulator.subscriberline import SubscriberLine

LANDLINE, STICK = "+498912345", "+4915199999998"
DESK, MOBILE = "+49301111111", "+4915112345678"
CALLERS = {
    "+493098765432": "Kundin Berger",
    "+4917612345678": "ein Handy",
    "+4989777345": "Firma Huber",
    "+4989123999": "ein Nachbar",
}
DAY_LASTS = 130.0
"""Seconds of the little day."""


class DemoWorld:
    """Everything simulated. Reach it by `host.do` once the host runs."""

    def __init__(self) -> None:
        self.exchange = Exchange()
        self.line = SubscriberLine(self.exchange, LANDLINE, "fritzbox")
        self.landline = AnalogModem(self.line, "landline", "conexant")
        self.stick = GsmModule(self.exchange, "stick", STICK, "simcom")
        self.phones: list[Phone] = []
        """Those who called, the last one last."""
        self.behave(DESK, "answers", after=4.0, talks_for=8.0)
        self.behave(MOBILE, "answers", after=5.0, talks_for=8.0)

    def plug_in(self, host: RealTimeHost, folder: Path) -> dict[str, Path]:
        """Put the modems on pseudo-terminals in this folder; the links by name."""
        links = {name: folder / f"demo-{name}" for name in ("landline", "stick", "sound")}
        for device, name in ((self.landline, "landline"), (self.stick, "stick"), (self.stick.audio.port, "sound")):
            host.add(device, links[name])
        return links

    def behave(self, number: str, behaviour: str, after: float = 4.0, talks_for: float | None = 60.0) -> None:
        """From now on this target does that (see simulator.phones.BEHAVIOURS)."""
        self.exchange.set_target(Target(number, behaviour, after, talks_for, patience=talks_for))

    def plug_in_again(self) -> None:
        """Whatever was pulled out."""
        for device in (self.landline, self.stick, self.stick.audio.port):
            if isinstance(device.socket, PtyModem):
                device.socket.plug_in()

    def mend(self) -> None:
        """Whatever is wrong with the modems ends."""
        for modem in (self.landline, self.stick):
            faults.apply(modem, "good_again")

    def call(self, to: str, caller: str | None, gives_up_after: float | None = None) -> None:
        """Somebody calls one of our lines."""
        self.phones.append(self.exchange.call(to, caller, gives_up_after=gives_up_after, patience=40.0))
        del self.phones[:-8]

    def hang_up(self) -> None:
        """Whoever called last hangs up."""
        for phone in reversed(self.phones):
            if phone.state != "idle":
                phone.hang_up()
                return

    def begin_day(self) -> None:
        """Calls of every kind, one after the other."""
        scenes: list[tuple[float, Callable[[], object]]] = [
            (1.0, lambda: self.call(LANDLINE, "+493098765432")),  # brought to the desk, over the stick
            (26.0, lambda: self.behave(DESK, "busy")),
            (27.0, lambda: self.call(LANDLINE, "+4917612345678")),  # the desk is engaged, the mobile takes it
            (58.0, lambda: self.call(LANDLINE, "+4989777345", gives_up_after=4.0)),
            (66.0, lambda: self.behave(MOBILE, "unreachable")),
            (72.0, lambda: self.call(STICK, "+4989123999")),  # nobody anywhere
            (104.0, lambda: self.call(LANDLINE, None, gives_up_after=4.0)),
            (DAY_LASTS - 2, lambda: self.behave(DESK, "answers")),
            (DAY_LASTS - 2, lambda: self.behave(MOBILE, "answers", after=5.0)),
        ]
        start = self.exchange.now
        for at, scene in scenes:
            self.exchange.agenda.at(start + at, scene)
