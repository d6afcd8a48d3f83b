"""Start-up of an analog modem and looking after it: free it of whatever a crash left, know it, find its voice.

A modem that is left in its voice data takes commands for sound: codes end that first (V.253 9.1.3). If it stays silent
the wiring opens the port anew, by stronger and stronger means.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from msgspec.structs import replace

from appliance.at import voice_replies
from appliance.at.command import Command, End, Priority, Reply
from appliance.at.voice_profiles import COUNTRIES, GENERIC, UNWEDGE, voice_profile_of
from appliance.lines.analog_facts import identity
from appliance.lines.scripts import Part, Pause, Script, insist

if TYPE_CHECKING:
    from appliance.lines.analog import AnalogLine

log = logging.getLogger(__name__)

HEALTH_EVERY = 10.0
"""Seconds between two signs of life; three missing ones make a hung modem."""
AFTER_RESET = 0.3
"""Seconds a modem may take after the OK to ATZ until it listens again."""
ANSWERS_WITHIN = 7.0
"""Seconds for a command of start-up: some modems take 5 where they set up or ask their chip."""
ASKS = 2
"""Times a question is put to a modem that does not answer it, and does answer AT."""
BEGIN_AGAIN_AFTER = 30.0
"""Seconds until start-up begins anew where it has not learnt what the modem can do: silence is no answer "no"."""
LINE_IN_USE_BIT = 1
ALL_OF_STE = 7


def start_up(line: AnalogLine) -> Script:
    """From an open port to a line that takes calls; ends early only when the modem stops answering."""
    yield from _wake(line)
    line.trouble(None)
    while not (yield from _set_up(line)):
        line.trouble("hung")
        yield Pause(BEGIN_AGAIN_AFTER)
        while not line.idle:
            yield Pause(BEGIN_AGAIN_AFTER)  # it would end the call
        yield from _wake(line)
    line.set_up_done()


def _set_up(line: AnalogLine) -> Part:
    """Whether all that must be known of the modem is."""
    yield from _tell("ATH")  # a call that a crash left is over (contract, Never)
    yield from _tell("ATZ")
    yield Pause(AFTER_RESET)
    yield from _tell("ATE0V1")
    line.session.echo_was_forbidden = True
    yield from _identify(line)
    if country := COUNTRIES.get(line.config.dial_plan.country_code):
        yield from _tell(f"AT+GCI={country}")
    yield from _line_in_use(line)
    yield from _caller_id(line)
    yield from _tell("ATS0=0")
    return (yield from _voice(line))


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
    if woken:
        yield Pause(AFTER_RESET)  # it may answer to each of the codes


def _identify(line: AnalogLine) -> Part:
    facts = line.facts
    facts.manufacturer = _text((yield from _ask("AT+GMI")))
    facts.model = _text((yield from _ask("AT+GMM")))
    said = [facts.manufacturer, facts.model]
    for text in ("ATI0", "ATI3"):
        said.append(_text((yield from _ask(text))))
    facts.identity = identity(said[0], said[1], said[3])
    facts.model = max((facts.model, said[3]), key=len)
    facts.profile = voice_profile_of(" ".join(said))
    log.info("%s: %s, handled as %s", line.name, " ".join(filter(None, said)), facts.profile.name)


def _line_in_use(line: AnalogLine) -> Part:
    setting = line.facts.profile.line_in_use
    line.facts.tells_in_use = False
    if not setting or not (yield from _tell(f"{setting}={ALL_OF_STE}")).ok:
        return
    reply = yield from _ask(f"{setting}?")
    value = voice_replies.first_value(reply.lines)
    if value is None:  # it took the setting, and does not show it: believed of a chip that is known to have it
        line.facts.tells_in_use = reply.answered and line.facts.profile is not GENERIC
    else:
        line.facts.tells_in_use = bool(value & LINE_IN_USE_BIT)


def _caller_id(line: AnalogLine) -> Part:
    """+VCID=1; a modem that reads back otherwise is told once more, and shown as one that does not tell who calls."""
    for _ in range(2):
        reply = yield from _tell("AT+VCID=1")
        if reply.ok:
            reply = yield from _ask("AT+VCID?")
            if not reply.ok or voice_replies.first_value(reply.lines) in (1, None):
                return
    if reply.answered:
        line.facts.tells_caller = False


def _voice(line: AnalogLine) -> Part:
    """Whether it is known what it can do, by text; a modem without a voice serves for rings, caller ID, star codes."""
    facts = line.facts
    voice = yield from _has_voice(line)
    if voice is not None:
        facts.voice = voice
    if voice is False:
        facts.ways, facts.format, facts.format_command = None, None, ""
        log.warning("%s: this modem has no voice that can be used", line.name)
    yield from _tell("AT+FCLASS=0")
    yield from _tell("AT+VCID=1")
    return voice is not None


def _has_voice(line: AnalogLine) -> Part:
    """Whether it has a voice that can be used; None where it left a question unanswered."""
    facts = line.facts
    reply = yield from _ask("AT+FCLASS=?")
    if not reply.answered or not voice_replies.has_voice(reply.lines):
        return False if reply.answered else None
    reply = yield from _tell("AT+FCLASS=8")
    if not reply.ok:
        return False if reply.answered else None
    reply = yield from _ask("AT+VSM=?")
    found = voice_replies.formats(reply.lines)
    if not reply.answered:
        return None
    reply = yield from _ask("AT+VLS=?")
    if not reply.answered:
        return None
    facts.ways = voice_replies.ways(reply.lines)
    return (yield from _format(line, found)) if facts.ways else False


def _format(line: AnalogLine, found: tuple[voice_replies.Format, ...]) -> Part:
    """Whether a format was taken: set and read back, the best first, in the syntax it takes. None: no answer."""
    answered = True
    for form in found:
        for syntax in ("AT+VSM={},8000", "AT+VSM={},8000,0,0", "AT+VSM={}"):
            text = syntax.format(form.label)
            reply = yield from _tell(text)
            answered = answered and reply.answered
            if not reply.ok:
                continue
            reply = yield from _ask("AT+VSM?")
            if not reply.ok or voice_replies.first_value(reply.lines) in (form.label, None):
                line.facts.format, line.facts.format_command = form, text
                return True
    return False if answered else None


def _ask(text: str) -> Part:
    """The reply to a question, whose lines have no prefix of their own."""
    return (yield from _answer_to(Command(text, limit=ANSWERS_WITHIN, any_text=True)))


def _tell(text: str) -> Part:
    """The reply to a command."""
    return (yield from _answer_to(Command(text, limit=ANSWERS_WITHIN)))


def _answer_to(command: Command) -> Part:
    """The reply, said again where a call pushed it aside or the modem stayed silent."""
    for _ in range(ASKS):
        reply: Reply = yield from insist(command)
        if reply.result != End.TIMEOUT:
            break
        command = replace(command)
    return reply


def _text(reply: Reply) -> str:
    """What it said, without the command's name before it."""
    if not reply.ok or not reply.lines:
        return ""
    line = reply.lines[0]
    return (line.partition(":")[2] if line.startswith("+") else line).strip(' "')
