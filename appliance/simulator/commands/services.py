"""Supplementary services: 27.007 7.6 to 7.15. What the network keeps is kept in its `Subscriber`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from appliance.simulator.atline import Command
from appliance.simulator.network import NO_REPLY, UNCONDITIONAL, Diversion
from appliance.simulator.numbers import Number
from appliance.simulator.registry import BAD_ARGUMENT, WAITING, Answer, Outcome, cme, handles, ok

if TYPE_CHECKING:
    from appliance.simulator.module import GsmModule

NO_NETWORK = 30
UNKNOWN_ERROR = 100
VOICE = 1
CLASSES = (1, 2, 4, 8)


def _asks_network(module: GsmModule, work: Callable[[], Answer]) -> Outcome:
    """The network answers after a while, or not at all without one."""
    if not module.can_text:
        return cme(NO_NETWORK)
    if not module.service_seconds:
        return work()
    module.later(module.service_seconds, lambda: module.finish(work()))
    return WAITING


@handles("+CLIP")
def caller_id(module: GsmModule, command: Command) -> Outcome:
    """27.007 7.6."""
    if command.form == "read":
        return ok(f"+CLIP: {int(module.settings.clip)},1")
    if command.form == "test":
        return ok("+CLIP: (0,1)")
    module.settings.clip = command.number(0, 0) == 1
    return ok()


@handles("+CLIR", "+COLP", "+CDIP", "+CSSU")
def presentation(module: GsmModule, command: Command) -> Outcome:
    """Taken, without effect here."""
    return ok()


@handles("+CRC")
def ring_style(module: GsmModule, command: Command) -> Outcome:
    """27.007 6.11: +CRING: VOICE instead of RING."""
    if command.form == "read":
        return ok(f"+CRC: {int(module.settings.crc)}")
    if command.form == "test":
        return ok("+CRC: (0,1)")
    module.settings.crc = command.number(0, 0) == 1
    return ok()


@handles("+CCWA", card=True)
def call_waiting(module: GsmModule, command: Command) -> Outcome:
    """27.007 7.12: =n[,mode[,class]], n shows +CCWA lines, mode 0 off 1 on 2 query in the network."""
    if command.form == "read":
        return ok(f"+CCWA: {int(module.settings.ccwa)}")
    if command.form == "test":
        return ok("+CCWA: (0,1)")
    if command.form == "set":
        module.settings.ccwa = command.number(0, int(module.settings.ccwa)) == 1
    mode = command.number(1, -1)
    if mode == -1:
        return ok()

    def work() -> Answer:
        if mode == 2:
            return ok(f"+CCWA: {int(module.subscriber.call_waiting)},1")
        module.subscriber.call_waiting = mode == 1
        return ok()

    return _asks_network(module, work)


@handles("+CTFR", card=True)
def deflect(module: GsmModule, command: Command) -> Outcome:
    """27.007 7.14: the ringing call goes to number[,type]."""
    if command.form == "test":
        return ok()
    arguments = command.arguments
    if command.form != "set" or not arguments[0]:
        return BAD_ARGUMENT
    number = Number.of(arguments[0], command.number(1, 0) or None)
    return _asks_network(module, lambda: cme(module.calls.deflect(number.e164)))


@handles("+CCFC", card=True)
def divert(module: GsmModule, command: Command) -> Outcome:
    """27.007 7.11: =reason,mode[,number[,type[,class[,subaddr[,satype[,time]]]]]].

    Modes 0 off, 1 on, 2 query, 3 register, 4 erase. Reasons 0 to 3, 4 all, 5 all conditional.
    """
    if command.form == "test":
        return ok("+CCFC: (0-5)")
    reason, mode = command.number(0, -1), command.number(1, -1)
    if command.form != "set" or reason not in range(6) or mode not in range(5) or (mode == 2 and reason > 3):
        return BAD_ARGUMENT
    reasons = {4: [0, 1, 2, 3], 5: [1, 2, 3]}.get(reason, [reason])
    if mode == 2:
        return _asks_network(module, lambda: ok(*_query(module, reason)))
    arguments = command.arguments
    number = Number.of(arguments[2], command.number(3, 0) or None) if len(arguments) > 2 and arguments[2] else None
    seconds = command.number(7, 20)
    if (mode == 3 and number is None) or seconds not in range(5, 31, 5):
        return BAD_ARGUMENT
    return _asks_network(module, lambda: _change(module, reasons, mode, number, seconds))


def _query(module: GsmModule, reason: int) -> list[str]:
    found = module.subscriber.diversions.get(reason)
    if found is None:
        return ["+CCFC: 0,7"]
    number, octet = found.number.shown(), found.number.type
    time = f",,,{found.seconds}" if reason == NO_REPLY else ""
    lines = [f'+CCFC: {int(found.active)},{VOICE},"{number}",{octet}{time}']
    return lines + [f"+CCFC: 0,{other}" for other in CLASSES if other != VOICE]


def _change(module: GsmModule, reasons: list[int], mode: int, number: Number | None, seconds: int) -> Answer:
    """Conditional diversions are refused while the unconditional one is on, as most networks do it."""
    diversions = module.subscriber.diversions
    if module.faults.ccfc_without_effect:
        return ok()
    if mode in (1, 3) and module.subscriber.diverts(UNCONDITIONAL) and reasons != [UNCONDITIONAL]:
        return cme(UNKNOWN_ERROR)
    for reason in reasons:
        known = diversions.get(reason)
        if mode == 4:
            diversions.pop(reason, None)
        elif number is not None and mode in (1, 3):
            diversions[reason] = Diversion(number, True, seconds)
        elif known is not None:
            known.active = mode == 1
        elif mode == 1:
            return cme(UNKNOWN_ERROR)
    return ok()


USSD_SECONDS = 2.0


@handles("+CUSD", card=True)
def ussd(module: GsmModule, command: Command) -> Outcome:
    """27.007 7.15: *100# tells the balance; anything else is not known to the network."""
    if command.form == "read":
        return ok("+CUSD: 1")
    arguments = command.arguments
    if command.form != "set" or len(arguments) < 2 or not arguments[1]:
        return ok()
    known = {"*100#": "Ihr Guthaben: 9,50 EUR"}
    reply = f'+CUSD: 0,"{known[arguments[1]]}",15' if arguments[1] in known else "+CUSD: 4"
    module.later(USSD_SECONDS, lambda: module.say(reply))
    return ok()
