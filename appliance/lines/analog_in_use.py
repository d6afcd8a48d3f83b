"""Around a call: the modem made ready to lift, asked whether somebody here is on the phone, and put to rest again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.at.voice_profiles import LINE_IN_USE
from appliance.lines.analog_voice import control, data_class, voice_class
from appliance.lines.gsm_legs import RINGS_STOPPED
from appliance.lines.scripts import Part, Script

if TYPE_CHECKING:
    from appliance.lines.analog import AnalogLine

ASK_WITHIN = 6.0
"""Seconds for ATD on a free line: lifting, and waiting for a dial tone."""


def be_ready(line: AnalogLine) -> Script:
    """While it rings: into the voice class, where a modem also tells of a telephone in parallel (Conexant -STE)."""
    if not line.scripts.call_is_running:
        yield from voice_class(line)


def be_patient(line: AnalogLine) -> Script:
    """Rings may come where they came before."""
    if not line.scripts.call_is_running:
        yield from data_class(line)


def stand_by(line: AnalogLine) -> Script:
    """After a call: back to where a modem waits for the next one."""
    if line.idle:
        yield from data_class(line)


def who_ended_it(line: AnalogLine, reason: str) -> Script:
    """The rings have stopped: did somebody here lift, or did the caller give up?"""
    in_use = yield from _in_use(line)
    if in_use:
        line.call.somebody_lifted(LINE_IN_USE)
    elif line.now >= line.call.last_ring_at + RINGS_STOPPED:  # else it rings on
        line.call.caller_gone(reason, perhaps_answered=in_use is None)


def still_in_use(line: AnalogLine) -> Script:
    """Is whoever has lifted still on the phone?"""
    in_use = yield from _in_use(line)
    if in_use is None:
        line.call.look_no_more()
    elif not in_use:
        line.call.free()


def _in_use(line: AnalogLine) -> Part:
    """Whether a telephone beside us is off the hook; None: the modem did not say.

    Told to dial nothing (V.250 6.3.1), a modem with -STE lifts only if nobody else has (Conexant 100722B, -STE). It
    judges by the voltage: where a port's is low it may lift beside a talker, and then hears no dial tone.
    """
    yield from data_class(line)
    line.call.lifting = True
    reply = yield control("ATDT;", ASK_WITHIN, call_results=True)
    if reply.result != LINE_IN_USE:
        yield control("ATH")
    line.call.lifting = False
    in_use = {"OK": False, LINE_IN_USE: True}.get(reply.result)
    if in_use is not False:
        yield from voice_class(line)
    return in_use
