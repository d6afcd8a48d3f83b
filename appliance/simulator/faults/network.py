"""Faults of the radio network and its diversions."""

from __future__ import annotations

from appliance.simulator.faults.book import fault
from appliance.simulator.misbehaviour import Rule
from appliance.simulator.module import GsmModule


@fault
def registration(module: GsmModule, *, stat: int = 2, seconds: float | None = None) -> None:
    """+CREG says this (0 off, 2 searching, 3 denied, 5 roaming, 6 and 7 texts only), for a while."""
    module.set_stat(stat)
    if seconds is not None:
        module.exchange.agenda.after(seconds, lambda: module.set_stat(None))


@fault
def texts_only(module: GsmModule, *, stat: int = 6) -> None:
    """Registered for texts, not for voice (+CREG 6 home, 7 roaming)."""
    module.set_stat(stat)


@fault
def registration_flapping(module: GsmModule, *, every: float = 3.0, times: int = 10) -> None:
    """The network comes and goes."""

    def turn(left: int) -> None:
        module.set_stat(2 if left % 2 else None)
        if left:
            module.exchange.agenda.after(every, lambda: turn(left - 1))

    turn(2 * times - 1)


@fault
def signal(module: GsmModule, *, rssi: int = 99) -> None:
    """+CSQ says this; 99 is unknown."""
    module.csq = (rssi, 99)


@fault
def diversion_without_effect(module: GsmModule) -> None:
    """+CCFC is answered OK, and no diversion changes."""
    module.faults.ccfc_without_effect = True


@fault
def diversion_slow(module: GsmModule, *, seconds: float = 25.0) -> None:
    """+CCFC takes its time."""
    module.faults.rules.append(Rule(r"\+CCFC=.*", delay=seconds))
