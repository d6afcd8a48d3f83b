"""Start-up of an analog modem and looking after it: free it of whatever a crash left, know it, find its voice.

A modem that is left in its voice data takes commands for sound: codes end that first (V.253 9.1.3). If it stays silent
the wiring opens the port anew, by stronger and stronger means.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from appliance.at import voice_replies
from appliance.at.command import Command, Priority, Reply
from appliance.at.voice_profiles import COUNTRIES, UNWEDGE, voice_profile_of
from appliance.lines.analog_facts import identity
from appliance.lines.scripts import Part, Pause, Script, insist

if TYPE_CHECKING:
    from appliance.lines.analog import AnalogLine

log = logging.getLogger(__name__)

HEALTH_EVERY = 10.0
"""Seconds between two signs of life; three missing ones make a hung modem."""
AFTER_RESET = 0.3
"""Seconds a modem may take after the OK to ATZ until it listens again."""
LINE_IN_USE_BIT = 1
ALL_OF_STE = 7


def start_up(line: AnalogLine) -> Script:
    """From an open port to a line that takes calls; ends early only when the modem stops answering."""
    yield from _wake(line)
    yield from insist(Command("ATH", limit=4.0))  # a call that a crash left is over (contract, Never)
    yield from insist(Command("ATZ", limit=5.0))
    yield Pause(AFTER_RESET)
    yield from insist(Command("ATE0V1"))
    line.session.echo_was_forbidden = True
    yield from _identify(line)
    if country := COUNTRIES.get(line.config.dial_plan.country_code):
        yield Command(f"AT+GCI={country}")
    yield from _line_in_use(line)
    yield from _caller_id(line)
    yield Command("ATS0=0")
    yield from _voice(line)
    line.set_up_done()


def look_after(line: AnalogLine) -> Script:
    """A sign of life."""
    yield Command("AT")
    line.plan_health()


def _wake(line: AnalogLine) -> Part:
    """AT until it answers; from the second time on, with the codes that end a stream before."""
    woken = False
    while True:
        reply = yield Command("AT", limit=1.0, priority=Priority.POLL)
        if reply.answered:
            break
        woken = True
        line.session.interject(UNWEDGE + b"\r")
    line.trouble(None)
    if woken:
        yield Pause(AFTER_RESET)  # it may answer to each of the codes


def _identify(line: AnalogLine) -> Part:
    facts = line.facts
    facts.manufacturer = _text((yield from insist(Command("AT+GMI", any_text=True))))
    facts.model = _text((yield from insist(Command("AT+GMM", any_text=True))))
    said = [facts.manufacturer, facts.model]
    for text in ("ATI0", "ATI3"):
        said.append(_text((yield from insist(Command(text, any_text=True)))))
    facts.identity = identity(said[0], said[1], said[3])
    facts.model = max((facts.model, said[3]), key=len)
    facts.profile = voice_profile_of(" ".join(said))
    log.info("%s: %s, handled as %s", line.name, " ".join(filter(None, said)), facts.profile.name)


def _line_in_use(line: AnalogLine) -> Part:
    setting = line.facts.profile.line_in_use
    line.facts.tells_in_use = False
    if not setting or not (yield Command(f"{setting}={ALL_OF_STE}")).ok:
        return
    reply = yield Command(f"{setting}?", any_text=True)
    value = voice_replies.first_value(reply.lines)
    line.facts.tells_in_use = value is not None and bool(value & LINE_IN_USE_BIT)


def _caller_id(line: AnalogLine) -> Part:
    """+VCID=1; a modem that reads back otherwise is told once more, and shown as one that does not tell who calls."""
    for _ in range(2):
        reply = yield Command("AT+VCID=1")
        if reply.ok:
            reply = yield Command("AT+VCID?", any_text=True)
            if not reply.ok or voice_replies.first_value(reply.lines) in (1, None):
                return
    line.facts.tells_caller = False


def _voice(line: AnalogLine) -> Part:
    """What it can do, by text; a modem without a voice serves for rings, caller ID and star codes."""
    facts = line.facts
    reply = yield from insist(Command("AT+FCLASS=?", any_text=True))
    voice = voice_replies.has_voice(reply.lines) and (yield from insist(Command("AT+FCLASS=8"))).ok
    if voice:
        reply = yield from insist(Command("AT+VSM=?", any_text=True))
        found = voice_replies.formats(reply.lines)
        reply = yield from insist(Command("AT+VLS=?", any_text=True))
        facts.ways = voice_replies.ways(reply.lines)
        voice = facts.ways is not None and (yield from _format(line, found))
    facts.voice = voice
    if not voice:
        facts.ways, facts.format, facts.format_command = None, None, ""
        log.warning("%s: this modem has no voice that can be used", line.name)
    yield Command("AT+FCLASS=0")
    yield Command("AT+VCID=1")


def _format(line: AnalogLine, found: tuple[voice_replies.Format, ...]) -> Part:
    """Whether a format was taken: set and read back, the best first, in the syntax this modem takes."""
    for form in found:
        for syntax in ("AT+VSM={},8000", "AT+VSM={},8000,0,0", "AT+VSM={}"):
            text = syntax.format(form.label)
            if not (yield from insist(Command(text))).ok:
                continue
            reply = yield from insist(Command("AT+VSM?", any_text=True))
            if not reply.ok or voice_replies.first_value(reply.lines) in (form.label, None):
                line.facts.format, line.facts.format_command = form, text
                return True
    return False


def _text(reply: Reply) -> str:
    """What it said, without the command's name before it."""
    if not reply.ok or not reply.lines:
        return ""
    line = reply.lines[0]
    return (line.partition(":")[2] if line.startswith("+") else line).strip(' "')
