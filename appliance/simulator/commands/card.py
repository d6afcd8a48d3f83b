"""The SIM and its PIN: 27.007 8.3 and what each family has for the tries left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.simulator.atline import Command
from appliance.simulator.registry import BAD_ARGUMENT, ERROR, Outcome, cme, handles, ok
from appliance.simulator.sim import PIN_REQUIRED, PUK_REQUIRED

if TYPE_CHECKING:
    from appliance.simulator.module import GsmModule


def _state(module: GsmModule) -> str | None:
    return {None: "READY", PIN_REQUIRED: "SIM PIN", PUK_REQUIRED: "SIM PUK"}.get(module.sim.error)


@handles("+CPIN")
def pin(module: GsmModule, command: Command) -> Outcome:
    """+CPIN? and +CPIN=pin or =puk,pin. Right ones unlock the card, and the module goes to the network."""
    if command.form == "test":
        return ok()
    if command.form == "read":
        state = _state(module)
        return cme(module.sim.error) if state is None else ok(f"+CPIN: {state}")
    arguments = command.arguments
    if command.form != "set" or not arguments[0]:
        return BAD_ARGUMENT
    if module.sim.error is None:
        return cme(3)
    if len(arguments) > 1 and arguments[1]:
        problem = module.sim.enter_puk(arguments[0], arguments[1])
    else:
        problem = module.sim.enter_pin(arguments[0])
    if problem is None:
        module.register_soon()
    return cme(problem)


def _unknown_here(module: GsmModule, command: Command) -> bool:
    return module.family.tries_command != command.name


@handles("^CPIN")
def huawei_tries(module: GsmModule, command: Command) -> Outcome:
    """^CPIN: code,[tries of that code],puk,pin,puk2,pin2."""
    if _unknown_here(module, command):
        return ERROR
    sim, state = module.sim, _state(module)
    if state is None:
        return cme(sim.error)
    tries = {"READY": "", "SIM PIN": str(sim.pin_tries), "SIM PUK": str(sim.puk_tries)}[state]
    return ok(f"^CPIN: {state},{tries},{sim.puk_tries},{sim.pin_tries},10,3")


@handles("+SPIC")
def simcom_tries(module: GsmModule, command: Command) -> Outcome:
    """+SPIC: pin,pin2,puk,puk2."""
    if _unknown_here(module, command):
        return ERROR
    return ok(f"+SPIC: {module.sim.pin_tries},3,{module.sim.puk_tries},10")


@handles("+QPINC")
def quectel_tries(module: GsmModule, command: Command) -> Outcome:
    """+QPINC: facility, pin, puk."""
    if _unknown_here(module, command):
        return ERROR
    return ok(f'+QPINC: "SC",{module.sim.pin_tries},{module.sim.puk_tries}', '+QPINC: "P2",3,10')


@handles("+ZPINPUK")
def zte_tries(module: GsmModule, command: Command) -> Outcome:
    """+ZPINPUK=? tells pin and puk."""
    if _unknown_here(module, command) or command.form != "test":
        return ERROR
    return ok(f"+ZPINPUK: {module.sim.pin_tries},{module.sim.puk_tries}")


@handles("+CPINR")
def tries(module: GsmModule, command: Command) -> Outcome:
    """27.007 8.65: code, tries left, tries at most."""
    if _unknown_here(module, command):
        return ERROR
    sim = module.sim
    return ok(f"+CPINR: SIM PIN,{sim.pin_tries},3", f"+CPINR: SIM PUK,{sim.puk_tries},10",
              "+CPINR: SIM PIN2,3,3", "+CPINR: SIM PUK2,10,10")  # fmt: skip


@handles("+CIMI", card=True)
def subscriber(module: GsmModule, command: Command) -> Outcome:
    """27.007 5.6."""
    return ok(module.sim.imsi)


@handles("+CCID", "^ICCID", "+CICCID", "+QCCID")
def card_number(module: GsmModule, command: Command) -> Outcome:
    """The number printed on the card, by this family's command."""
    if module.family.iccid_command != command.name:
        return ERROR
    if not module.sim.present:
        return cme(10)
    return ok(module.family.iccid_reply.format(iccid=module.sim.iccid))


@handles("+CNUM", card=True)
def own_number(module: GsmModule, command: Command) -> Outcome:
    """27.007 7.1; most cards do not know their number."""
    return ok()


@handles("+CLCK", card=True)
def lock(module: GsmModule, command: Command) -> Outcome:
    """27.007 7.4, the query whether the card asks for a PIN."""
    arguments = command.arguments
    if arguments[0] == "SC" and command.number(1, 0) == 2:
        return ok(f"+CLCK: {int(module.sim.pin is not None)}")
    return cme(4)
