"""Calls: 27.007 6 and 7. What they do is in `calls`; here is what is asked and answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from appliance.simulator.atline import Command
from appliance.simulator.calls import NOT_ALLOWED, OUTGOING_LEG, Stat
from appliance.simulator.numbers import Number
from appliance.simulator.registry import BAD_ARGUMENT, ERROR, WAITING, Answer, Outcome, cme, handles, ok

if TYPE_CHECKING:
    from appliance.simulator.module import GsmModule

NO_CARRIER = Answer(final="NO CARRIER")


@handles("A", card=True)
def answer(module: GsmModule, command: Command) -> Outcome:
    """ATA; NO CARRIER when nobody is there any more."""
    return _takes_time(module, lambda: ok() if module.calls.answer() else NO_CARRIER)


def _takes_time(module: GsmModule, work: Callable[[], Answer]) -> Outcome:
    if not module.call_seconds:
        return work()
    module.later(module.call_seconds, lambda: module.finish(work()))
    return WAITING


@handles("D", card=True)
def dial(module: GsmModule, command: Command) -> Outcome:
    """ATD<number>; — the semicolon makes it a voice call (27.007 6.2)."""
    found = re.fullmatch(r"[TP]?([+0-9*#]+)[IiGg]?(;?)", command.text.replace(" ", ""))
    if found is None or not found[2]:
        return NO_CARRIER if found else ERROR
    if not module.can_call:
        return NO_CARRIER
    entry = module.calls.dial(Number.of(found[1]))
    if entry is None:
        return cme(NOT_ALLOWED)
    return ok() if module.family.dial_ok == "start" else WAITING


@handles("H")
def hook(module: GsmModule, command: Command) -> Outcome:
    """ATH; with +CVHU=1 it only says OK (27.007 6.20)."""
    if module.settings.cvhu != 1:
        module.calls.hang_up(module.family.ath_ends_held)
    return ok()


@handles("+CHUP")
def hang_up(module: GsmModule, command: Command) -> Outcome:
    """27.007 6.5."""
    if command.form != "test":
        module.calls.hang_up(False)
    return ok()


@handles("+CVHU")
def hang_up_control(module: GsmModule, command: Command) -> Outcome:
    """27.007 6.20."""
    if command.form == "read":
        return ok(f"+CVHU: {module.settings.cvhu}")
    if command.form == "test":
        return ok("+CVHU: (0-2)")
    module.settings.cvhu = command.number(0, 0)
    return ok()


@handles("+CHLD", card=True)
def hold(module: GsmModule, command: Command) -> Outcome:
    """27.007 7.13 with the meanings of 22.030 6.5.5.1."""
    if command.form == "test":
        return ok(f"+CHLD: {module.family.chld}")
    found = re.fullmatch(r"([0-4])([1-9]?)", command.text.strip())
    if found is None or (found[2] and found[1] not in "12"):
        return BAD_ARGUMENT
    what, call_id = found[1], int(found[2] or 0)
    return _takes_time(module, lambda: _change_calls(module, what, call_id))


def _change_calls(module: GsmModule, what: str, call_id: int) -> Answer:
    calls = module.calls
    if what == "0":
        if not calls.reject_waiting():
            calls.release(calls.of(Stat.HELD))
        return ok()
    if what == "1":
        return _release_one(module, call_id) if call_id else cme(calls.release_active())
    if what == "2":
        return cme(calls.split(call_id) if call_id else calls.swap())
    return cme(calls.join() if what == "3" else calls.transfer())


def _release_one(module: GsmModule, call_id: int) -> Answer:
    chosen, policy = module.calls.by_id(call_id), module.family.dialling_and_chld1
    if chosen is None or (chosen.stat in OUTGOING_LEG and policy == "refuses"):
        return cme(NOT_ALLOWED)
    if chosen.stat not in OUTGOING_LEG or policy == "ends":
        module.calls.release([chosen])
    return ok()


@handles("+CLCC")
def list_calls(module: GsmModule, command: Command) -> Outcome:
    """27.007 7.18; SIMCom takes =1 to report every change."""
    if command.form == "set" and module.family.name in ("simcom", "sim800"):
        _switch(module, command.name, command.number(0, 0) == 1)
        return ok()
    if command.form != "run":
        return ok() if command.form == "test" else ERROR
    return ok(*module.faults.ghosts_first, *module.calls.clcc(), *module.faults.ghosts_last)


def _switch(module: GsmModule, name: str, on: bool) -> None:
    if on:
        module.settings.switches.add(name)
    else:
        module.settings.switches.discard(name)


@handles("+QINDCFG", only=("quectel",))
def quectel_reports(module: GsmModule, command: Command) -> Outcome:
    """+QINDCFG="ccinfo",1: call changes as +QIND."""
    arguments = command.arguments
    if arguments[0] == "ccinfo":
        _switch(module, "+QINDCFG", command.number(1, 0) == 1)
    return ok()


@handles("^DSCI", only=("quectel",))
def call_reports(module: GsmModule, command: Command) -> Outcome:
    """^DSCI=1: call changes as ^DSCI."""
    if command.form == "read":
        return ok(f"^DSCI: {int('^DSCI' in module.settings.switches)}")
    _switch(module, "^DSCI", command.number(0, 0) == 1)
    return ok()


@handles("+CMUT")
def mute(module: GsmModule, command: Command) -> Outcome:
    """27.007 8.24; only during a call."""
    if command.form == "read":
        return ok(f"+CMUT: {int(module.settings.muted)}")
    if command.form == "set":
        if not module.calls.entries:
            return cme(NOT_ALLOWED)
        module.settings.muted = command.number(0, 0) == 1
    return ok()
