"""Faults of the SIM card."""

from __future__ import annotations

from appliance.simulator.faults.book import fault
from appliance.simulator.module import GsmModule


@fault
def sim_pin(module: GsmModule, *, pin: str = "1234", tries: int = 3) -> None:
    """The card asks for a PIN, with so many tries left."""
    module.deregister()
    module.sim.pin, module.sim.pin_tries, module.sim.unlocked = pin, tries, False


@fault
def sim_puk(module: GsmModule) -> None:
    """The PIN is blocked: the card wants its PUK."""
    module.deregister()
    module.sim.pin, module.sim.pin_tries, module.sim.unlocked = module.sim.pin or "1234", 0, False


@fault
def sim_busy(module: GsmModule, *, seconds: float = 60.0) -> None:
    """The card is busy (CME 14) for a while."""
    module.deregister()
    module.sim.busy = True

    def over() -> None:
        module.sim.busy = False
        module.register_soon()

    module.exchange.agenda.after(seconds, over)


@fault
def sim_removed(module: GsmModule, *, back_after: float | None = None) -> None:
    """No card (CME 10); back after so many seconds, and read at the next start."""
    module.deregister()
    module.sim.present = False

    def back() -> None:
        module.sim.present = True
        module.reboot()

    if back_after is not None:
        module.exchange.agenda.after(back_after, back)
