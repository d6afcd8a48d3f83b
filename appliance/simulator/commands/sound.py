"""Sound and keys of a call: switching the audio port on, and DTMF either way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from appliance.simulator.atline import Command
from appliance.simulator.calls import NOT_ALLOWED, Stat
from appliance.simulator.registry import ERROR, Outcome, cme, handles, ok

if TYPE_CHECKING:
    from appliance.simulator.module import GsmModule


@handles("^CVOICE", only=("huawei",))
def voice_ability(module: GsmModule, command: Command) -> Outcome:
    """Huawei: whether the stick gives sound at all (0: yes), and how: 8000 Hz, 16 bits, 20 ms."""
    return ok("^CVOICE:0,8000,16,20") if command.form == "read" else ok()


@handles("^DDSETEX", only=("huawei",))
def huawei_sound(module: GsmModule, command: Command) -> Outcome:
    """Huawei: 2 sends the sound of the present call over the serial port."""
    if command.form != "set" or command.number(0, 0) not in (0, 1, 2):
        return ERROR
    return ok() if module.audio.switch(command.number(0, 0) == 2) else ERROR


@handles("+CPCMREG", only=("simcom",))
def simcom_sound(module: GsmModule, command: Command) -> Outcome:
    """SIMCom: 1 in a call that is up, 0 at its end."""
    if command.form == "test":
        return ok("+CPCMREG: (0-1)")
    if command.form == "read":
        return ok(f"+CPCMREG: {int(module.audio.on)}")
    on = command.number(0, 0) == 1
    if on and not module.calls.of(Stat.ACTIVE):
        return ERROR
    return ok() if module.audio.switch(on) else ERROR


@handles("+QPCMV", only=("quectel",))
def quectel_sound(module: GsmModule, command: Command) -> Outcome:
    """Quectel: 1,0 over a serial port, 1,2 as a USB sound card (which is not simulated), 0 off; it stays so."""
    if command.form == "test":
        return ok("+QPCMV: (0,1),(0-2)")
    if command.form == "read":
        return ok(f"+QPCMV: {int(module.audio.on)},0")
    return ok() if module.audio.switch(command.number(0, 0) == 1 and command.number(1, 0) == 0) else ERROR


@handles("+QGPSCFG", only=("quectel",))
def position_port(module: GsmModule, command: Command) -> Outcome:
    """Quectel: where the satellite receiver speaks; none keeps it out of the sound."""
    if command.arguments[0] == "outport":
        silent = command.arguments[1:] == ["none"]
        (module.settings.switches.add if silent else module.settings.switches.discard)(command.name)
    return ok()


@handles("+DDET", only=("simcom", "sim800"))
@handles("+QTONEDET", only=("quectel",))
def key_detection(module: GsmModule, command: Command) -> Outcome:
    """Whether keys pressed at the other end are told."""
    switches = module.settings.switches
    if command.form == "read":
        return ok(f"{command.name}: {int(command.name in switches)}")
    if command.form == "set":
        (switches.add if command.number(0, 0) == 1 else switches.discard)(command.name)
    return ok()


@handles("+VTS")
def keys(module: GsmModule, command: Command) -> Outcome:
    """27.007 C.2.11: DTMF into the active call; `5`, `5,2` or `{5,2}` with tenths of a second."""
    if command.form == "test":
        return ok("+VTS: (0-9,*,#,A-D)")
    found = re.fullmatch(r'[{"]?([0-9A-D*#]+)["}]?(?:,(\d+)}?)?', command.text, re.IGNORECASE)
    if found is None:
        return ERROR
    if not module.calls.of(Stat.ACTIVE):
        return cme(NOT_ALLOWED)
    module.audio.press(found[1], int(found[2]) / 10 if found[2] else 0.1)
    return ok()
