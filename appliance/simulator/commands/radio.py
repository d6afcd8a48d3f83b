"""Network, operator and signal: 27.007 7.2, 7.3, 8.5, 10.1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.simulator.atline import Command
from appliance.simulator.registry import BAD_ARGUMENT, WAITING, Outcome, handles, ok

if TYPE_CHECKING:
    from appliance.simulator.module import GsmModule


@handles("+CREG", "+CGREG", "+CEREG")
def registration(module: GsmModule, command: Command) -> Outcome:
    """Circuit, packet and LTE registration are one here."""
    n = module.settings.registration.get(command.name, 0)
    if command.form == "read":
        cell = ',"1A2B","01C3D4E5",7' if n >= 2 and module.stat in (1, 5, 6, 7) else ""
        return ok(f"{command.name}: {n},{module.stat}{cell}")
    if command.form == "test":
        return ok(f"{command.name}: (0-2)")
    if (wanted := command.number(0, 0)) not in (0, 1, 2):
        return BAD_ARGUMENT
    module.settings.registration[command.name] = wanted
    return ok()


@handles("+CIREG", only=("simcom", "quectel"))
def ims_registration(module: GsmModule, command: Command) -> Outcome:
    """27.007 8.71: whether voice over LTE is registered."""
    if command.form == "read":
        n = module.settings.registration.get(command.name, 0)
        return ok(f"+CIREG: {n},{int(module.voice_over_ims)}" + (",1" if module.voice_over_ims else ""))
    if command.form == "test":
        return ok("+CIREG: (0-2)")
    module.settings.registration[command.name] = command.number(0, 0)
    return ok()


@handles("+COPS", card=True)
def operator(module: GsmModule, command: Command) -> Outcome:
    """The operator by name or number, and the list of all, which takes its time."""
    if command.form == "read":
        if module.stat not in (1, 5, 6, 7):
            return ok("+COPS: 0")
        if module.settings.numeric_operator:
            return ok(f'+COPS: 0,2,"{module.operator_id}",{module.access}')
        return ok(f'+COPS: 0,0,"{module.operator}",{module.access}')
    if command.form == "test":
        found = ok(f'+COPS: (2,"{module.operator}","TDG","{module.operator_id}",7),,(0,1,2,3,4),(0,1,2)')
        module.later(20.0, lambda: module.finish(found))
        return WAITING
    if command.number(0, 0) == 3:
        module.settings.numeric_operator = command.number(1, 0) == 2
    return ok()


@handles("+CSQ")
def signal(module: GsmModule, command: Command) -> Outcome:
    """27.007 8.5: 0 to 31, 99 unknown; bit error rate."""
    return ok("+CSQ: (0-31,99),(0-7,99)") if command.form == "test" else ok(f"+CSQ: {module.csq[0]},{module.csq[1]}")
