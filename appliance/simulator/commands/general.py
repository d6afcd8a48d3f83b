"""Identity and behaviour of the module itself: V.250 5 and 6, 27.007 5 and 9."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.simulator.atline import Command
from appliance.simulator.registry import BAD_ARGUMENT, ERROR, Answer, Outcome, cme, handles, ok
from appliance.simulator.settings import Settings

if TYPE_CHECKING:
    from appliance.simulator.module import GsmModule


@handles("E")
def echo(module: GsmModule, command: Command) -> Outcome:
    """ATE0, ATE1."""
    module.settings.echo = command.text == "1"
    return ok()


@handles("Z", "&F")
def defaults(module: GsmModule, command: Command) -> Outcome:
    """Back to the settings of power-on; the echo stays as it is on most modules after Z."""
    settings = Settings()
    settings.echo = module.settings.echo if command.name == "Z" else True
    module.settings = settings
    return ok()


@handles("AT", "V", "Q", "X", "&C", "&D", "&W", "&K", "L", "M", "+IPR", "+IFC", "+ICF")
@handles("+CSSN", "+CNMA", "+CSMP", "+CSCB", "+CSDH", "+CSMS", "+CTZU", "+CTZR", "+CCLK")
def accepted(module: GsmModule, command: Command) -> Outcome:
    """Commands that change nothing here; the first is a line with no command on it."""
    return ok()


@handles("I")
def identity(module: GsmModule, command: Command) -> Outcome:
    """ATI."""
    family = module.family
    return ok(f"Manufacturer: {family.manufacturer}", f"Model: {family.model}", f"Revision: {family.revision}",
              f"IMEI: {module.imei}")  # fmt: skip


def _text(value: str, command: Command) -> Outcome:
    return ok() if command.form == "test" else ok(value)


@handles("+CGMI", "+GMI")
def manufacturer(module: GsmModule, command: Command) -> Outcome:
    """27.007 5.1."""
    return _text(module.family.manufacturer, command)


@handles("+CGMM", "+GMM")
def model(module: GsmModule, command: Command) -> Outcome:
    """27.007 5.2."""
    return _text(module.family.model, command)


@handles("+CGMR", "+GMR")
def revision(module: GsmModule, command: Command) -> Outcome:
    """27.007 5.3; SIMCom puts the command's name before it."""
    prefix = "+CGMR: " if module.family.name == "simcom" else ""
    return _text(prefix + module.family.revision, command)


@handles("+CGSN", "+GSN")
def serial_number(module: GsmModule, command: Command) -> Outcome:
    """27.007 5.4."""
    return _text(module.imei, command)


@handles("+GCAP")
def capabilities(module: GsmModule, command: Command) -> Outcome:
    """V.250 6.1.9."""
    return ok("+GCAP: +CGSM,+DS,+ES")


@handles("+CMEE")
def error_style(module: GsmModule, command: Command) -> Outcome:
    """27.007 9.1."""
    if command.form == "read":
        return ok(f"+CMEE: {module.settings.cmee}")
    if command.form == "test":
        return ok("+CMEE: (0,1,2)")
    if (wanted := command.number(0, 0)) not in (0, 1, 2):
        return BAD_ARGUMENT
    module.settings.cmee = wanted
    return ok()


@handles("+CSCS")
def character_set(module: GsmModule, command: Command) -> Outcome:
    """27.007 5.5."""
    if command.form == "read":
        return ok(f'+CSCS: "{module.settings.character_set}"')
    if command.form == "test":
        return ok('+CSCS: ("GSM","IRA","UCS2")')
    if command.arguments[0] not in ("GSM", "IRA", "UCS2"):
        return BAD_ARGUMENT
    module.settings.character_set = command.arguments[0]
    return ok()


@handles("+CFUN")
def functionality(module: GsmModule, command: Command) -> Outcome:
    """27.007 8.2: 0 and 4 without radio, 1 full; a second argument 1 restarts."""
    if command.form == "read":
        return ok(f"+CFUN: {module.functionality}")
    if command.form == "test":
        return ok("+CFUN: (0,1,4),(0,1)")
    wanted, restart = command.number(0, 1), command.number(1, 0)
    if wanted not in (0, 1, 4):
        return cme(4)
    if restart:
        module.later(0.1, module.reboot)
        return ok()
    if wanted == 1 and module.functionality != 1:
        module.functionality = 1
        module.register_soon()
    elif wanted != 1 and module.functionality == 1:
        module.deregister()
        module.functionality = wanted
    return ok()


@handles("S0", "S3", "S4", "S5", "S7")
def register(module: GsmModule, command: Command) -> Outcome:
    """S registers, V.250 6."""
    number = int(command.name[1:])
    if command.form == "read":
        return ok(f"{module.settings.registers[number]:03}")
    if command.form != "set" or not command.text:
        return ERROR
    if number == 0:
        module.settings.registers[number] = int(command.text)
    return ok()


@handles("+CEER")
def extended_error(module: GsmModule, command: Command) -> Outcome:
    """27.007 6.10: why the last call ended, as a cause of 24.008."""
    return ok(f"+CEER: {module.last_cause}")


@handles("+CLAC")
def command_list(module: GsmModule, command: Command) -> Outcome:
    """27.007 8.37: what this family knows."""
    from appliance.simulator.registry import TABLE

    known = [name for name, entry in TABLE.items() if not entry.only or module.family.name in entry.only]
    return Answer(tuple(f"AT{name}" for name in sorted([*known, *module.family.accepts])))
