"""The safety net of an analog line: diversions by star code, set and taken back (ETSI ETS 300 738; `*61*number#`).

The network answers in words that a modem does not understand, so nothing here is known to stand: it is shown as not
confirmed until a test call has proved it (AnalogLine.proved). What was dialled is kept, and not dialled again.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from msgspec.structs import replace

from appliance.core import events
from appliance.core.numbers import shorten
from appliance.lines.analog_facts import Told
from appliance.lines.analog_voice import control, data_class
from appliance.lines.scripts import Part, Pause, Script
from appliance.lines.sites import dialled

if TYPE_CHECKING:
    from appliance.lines.analog import AnalogLine

log = logging.getLogger(__name__)

FIRST_AFTER = 5.0
"""Seconds after start-up: a call that waits for the box comes first."""
AGAIN = (60.0, 600.0, 24 * 3600.0)
"""Seconds until the next attempt after one that the modem did not carry out; then daily."""
DIAL_WITHIN = 30.0
"""Seconds for lifting and dialling some twenty digits."""
ANNOUNCEMENT = 6.0
"""Seconds for the network to say that it has understood; hanging up before may undo it."""
BETWEEN = 1.5
"""Seconds on the hook between two codes, so that the exchange sees that it was hung up."""

CODES = {"always": "21", "no_reply": "61", "busy": "67"}


def arrange(line: AnalogLine, erase: bool = False) -> Script:
    """Set what the settings want and the network was not told of; take back what they no longer want.

    erase: take back every diversion first, whoever set it. → DiversionsChecked, in any case
    """
    line.call.programs()
    done = True
    if erase:
        for when in CODES:
            done = (yield from _take_back(line, when)) and done
    wanted = line.config.wanted_diversions
    net = line.config.safety_net
    for told in line.facts.told:
        if told.when not in wanted or told.to != net:
            done = (yield from _take_back(line, told.when)) and done
    for when in wanted:
        if net and all(told.when != when for told in line.facts.told):
            done = (yield from _set(line, when, net)) and done
    yield from data_class(line)
    line.call.programmed()
    line.stars_arranged(done)


def conclude(line: AnalogLine) -> None:
    """Say how the net stands."""
    told = line.facts.told
    if line.config.safety_net:
        missing = [when for when in line.config.wanted_diversions if all(one.when != when for one in told)]
        unproven = [one.when for one in told if not one.proven]
        reason = f"not set: {', '.join(missing)}" if missing else f"not proved by a test call: {', '.join(unproven)}"
        confirmed = not missing and not unproven
        reason = "all proved by a test call" if confirmed else reason
        line.emit(events.SafetyNetChecked(line.name, confirmed, lapsed=False, reason=reason))
    line.emit(events.DiversionsChecked(line.name))
    line.changed()


def proved(line: AnalogLine, when: str, works: bool) -> None:
    """A test call has shown that a diversion stands, or that it does not: then it is dialled once more."""
    told = tuple(replace(one, proven=works) for one in line.facts.told if one.when == when)
    others = tuple(one for one in line.facts.told if one.when != when)
    line.facts.told = others + (told if works else ())
    conclude(line)


def _set(line: AnalogLine, when: str, net: str) -> Part:
    done = yield from _dial(line, f"*{CODES[when]}*{dialled(net, line.config.dial_plan)}#")
    if done:
        log.info("%s: told the network to divert to %s (%s)", line.name, shorten(net), when)
        line.facts.told = (*line.facts.told, Told(when, net))
    return done


def _take_back(line: AnalogLine, when: str) -> Part:
    done = yield from _dial(line, f"#{CODES[when]}#")
    if done:
        line.facts.told = tuple(one for one in line.facts.told if one.when != when)
    return done


def _dial(line: AnalogLine, code: str) -> Part:
    """Whether the modem has dialled it. X3: without waiting for a dial tone, which a message may have made another."""
    yield Pause(BETWEEN)
    yield from data_class(line)
    line.call.lifting = True
    reply = yield control(f"ATX3DT{code};", DIAL_WITHIN, call_results=True)
    if reply.ok:
        yield Pause(ANNOUNCEMENT)
    yield control("ATH")
    line.call.lifting = False
    yield control("ATX4")
    return reply.ok
