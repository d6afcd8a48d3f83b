"""Faults of text messages."""

from __future__ import annotations

from appliance.simulator.faults.book import fault
from appliance.simulator.module import GsmModule


@fault
def text_refused(module: GsmModule, *, cms: int = 38, times: int = 1) -> None:
    """The next texts get this +CMS ERROR."""
    module.faults.cms, module.faults.cms_times = cms, times


@fault
def confirmation_lost(module: GsmModule, *, times: int = 1) -> None:
    """The next texts are taken and carried, and +CMGS never comes."""
    module.faults.confirmations_lost = times


@fault
def confirmation_late(module: GsmModule, *, seconds: float = 30.0) -> None:
    """+CMGS comes late; other commands are taken meanwhile."""
    module.faults.confirmation_after = seconds


@fault
def prompt_stuck(module: GsmModule) -> None:
    """The prompt of AT+CMGS stays open whatever comes, until ESC."""
    module.faults.prompt = "stuck"


@fault
def no_prompt(module: GsmModule) -> None:
    """The prompt of AT+CMGS does not come, though the module waits for a text."""
    module.faults.prompt = "none"


@fault
def garbage_text(module: GsmModule, *, octets: str = "0791947101670000040BFF") -> None:
    """A text comes in that is none."""
    module.exchange.sms.raw(module.number, bytes.fromhex(octets))


@fault
def storage_full(module: GsmModule) -> None:
    """No room for texts; and none is sent either (CMS 322) until one is deleted."""
    module.texts.fill()
    module.faults.sending_needs_room = True


@fault
def centre_missing(module: GsmModule) -> None:
    """The SIM knows no SMS centre (CMS 330)."""
    module.service_centre = ""
