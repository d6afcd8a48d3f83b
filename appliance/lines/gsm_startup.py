"""Start-up of a GSM module and looking after it: wake it, know it, release left-overs, unlock the SIM, register.

Only what the box cannot do without makes start-up fail; a module may refuse any other command and still serve.
"""

from __future__ import annotations

import logging
from itertools import chain, cycle
from typing import TYPE_CHECKING, Protocol

from appliance.at import replies
from appliance.at.command import Command, Priority, Reply
from appliance.at.profiles import GENERIC, Profile, profile_of
from appliance.core import events
from appliance.lines.gsm_facts import Facts
from appliance.lines.scripts import Part, Pause, Script, Until, insist

if TYPE_CHECKING:
    from appliance.lines.gsm import GsmLine

log = logging.getLogger(__name__)

HEALTH_EVERY = 10.0
"""Seconds between two signs of life; three missing ones make a hung modem (known after some 16 s)."""
NETWORK_EVERY = 6
"""Every so many signs of life the registration, operator and signal are read too."""
SIM_BUSY_PAUSE = 2.0
SIM_PAUSE = 30.0
"""Seconds between two looks at a SIM that needs a person."""
FEWEST_TRIES = 3
"""PIN tries that must be left before we try (contract, Never)."""
UNLOCK_WITHIN = 20.0
"""Seconds a SIM may take to be ready after its PIN."""

BASICS = (
    "ATV1",  # words, not numbers, as results
    "AT+CMEE=1",  # errors by number
    "ATS0=0",  # never answer by itself
    "AT+CLIP=1",  # who calls
    "AT+CRC=0",  # RING, not +CRING
    "AT+CVHU=0",  # ATH hangs up
    "AT+COLP=0",  # the OK of ATD at once, not when answered
)
AFTER_SIM = (
    "AT+CLIP=1",  # again: several refuse it while the SIM is locked, and some forget it
    "AT+CREG=1",
    "AT+CMGF=0",  # texts as PDUs
    'AT+CSCS="GSM"',
    "AT+CNMI=2,1,0,1",  # tell of texts that came (+CMTI), pass status reports on (+CDS)
    "AT+COPS=3,0",  # the operator by name
)
CALL_WAITING_OFF = Command("AT+CCWA=0,0,1", limit=15.0)
"""A second caller then gets busy, which the network diverts (22.083); it asks the network, so it comes last."""


class Known(Protocol):
    """Whose modem it is that a part of start-up learns of: a line, or nobody's yet."""

    name: str
    facts: Facts
    now: float

    def changed(self) -> None:
        """What is known has changed."""


def start_up(line: GsmLine) -> Script:
    """From an open port to a line that takes calls; ends early only when the modem stops answering."""
    yield from _wake(line)
    yield from insist(Command("ATE0"))
    line.session.echo_was_forbidden = True
    for text in BASICS:
        yield Command(text)
    yield from identify(line)
    # calls that a crash left behind are released; one that rings is taken (contract, Never)
    yield Until(lambda legs: True, 5.0)
    yield from radio_on(line)
    yield from _unlock(line)
    for text in AFTER_SIM + line.facts.profile.set_up:
        yield Command(text, limit=5.0)
    yield from _methods(line)
    reply = yield from insist(Command("AT+CIMI", any_text=True))
    line.facts.imsi = replies.serial_number(reply.lines) or line.facts.imsi
    if line.facts.imsi:
        line.emit(events.SimKnown(line.name, line.facts.imsi))
    yield from read_network(line)
    line.set_up_done()
    if line.idle:
        yield CALL_WAITING_OFF


def look_after(line: GsmLine) -> Script:
    """A sign of life; now and then the state of the network."""
    yield Command("AT")
    line.health_count += 1
    if line.health_count % NETWORK_EVERY == 0 or not line.facts.registered:
        yield from read_network(line)
    line.plan_health()


def read_network(line: Known) -> Part:
    """Registration, operator, signal into the facts; says whether registered for voice."""
    facts = line.facts
    before = (facts.registration, facts.ims_voice, facts.operator, facts.signal_dbm)
    reply = yield Command("AT+CREG?", prefixes=("+CREG:",))
    stats = [replies.registration(text) for text in reply.lines]
    if not stats:  # a module without CREG may know CEREG (27.007 10.1.22); one without either is believed
        reply = yield Command("AT+CEREG?", prefixes=("+CEREG:",))
        stats = [replies.registration(text) for text in reply.lines] or [1 if reply.answered else None]
        facts.note_registration(stats[-1], False, line.now)
    else:
        ims_voice = False
        if stats[-1] not in (1, 5):
            # without a circuit-switched service voice may still come over LTE (27.007 8.71: IMS registered)
            reply = yield Command("AT+CIREG?", prefixes=("+CIREG:",))
            ims_voice = any(replies.registration(text) == 1 for text in reply.lines)
        facts.note_registration(stats[-1], ims_voice, line.now)
    reply = yield Command("AT+COPS?", limit=5.0, prefixes=("+COPS:",))
    for text in reply.lines:
        facts.operator = replies.operator(text)
        facts.technology = replies.access_technology(text)
    reply = yield Command("AT+CSQ", prefixes=("+CSQ:",))
    for text in reply.lines:
        facts.signal_dbm = replies.signal_dbm(text)
    if before != (facts.registration, facts.ims_voice, facts.operator, facts.signal_dbm):
        line.changed()
    return line.facts.registered


def sim_changed(line: GsmLine, urc: str) -> None:
    """+CPIN as a URC: a SIM that is pulled says NOT INSERTED or NOT READY."""
    state = replies.sim_state(urc)
    if state in ("NOT INSERTED", "NOT READY") and line.started:
        line.restart("sim_missing")


def _wake(line: GsmLine) -> Part:
    """AT until it answers. ESC closes an open `>` of an earlier life that swallows it, ATV1 makes it speak in words."""
    for text in chain(("AT",), cycle(("ATQ0V1", "AT"))):
        reply = yield Command(text, limit=1.0, priority=Priority.POLL)
        if reply.answered:
            line.trouble(None)
            return True
        line.session.escape()
    return False


def identify(line: Known) -> Part:
    """Manufacturer, model, serial number and family into the facts."""
    facts = line.facts
    facts.manufacturer = _text((yield from insist(Command("AT+CGMI", any_text=True))))
    facts.model = _text((yield from insist(Command("AT+CGMM", any_text=True))))
    reply = yield from insist(Command("AT+CGSN", any_text=True))
    facts.imei = replies.serial_number(reply.lines) or _text(reply) or None
    facts.profile = profile_of(facts.manufacturer, facts.model)
    log.info("%s: %s %s, handled as %s", line.name, facts.manufacturer, facts.model, facts.profile.name)
    return True


def radio_on(line: Known) -> Part:
    """Whatever switched the radio off, also we ourselves at a clean stop."""
    reply = yield Command("AT+CFUN?", prefixes=("+CFUN:",))
    if any(replies.first_number(text) in (0, 4) for text in reply.lines):
        yield Command("AT+CFUN=1", limit=15.0)
    return True


def _methods(line: GsmLine) -> Part:
    """AT+CHLD=? says what the module knows, e.g. (0,1,1x,2,2x,3,4); the network has the last word."""
    reply = yield Command("AT+CHLD=?", prefixes=("+CHLD:",))
    known = {digit for text in reply.lines for digit in text.partition(":")[2].strip(" ()").replace(" ", "").split(",")}
    if known:
        spelled = {"3": "conference", "4": "transfer"}
        line.facts.module_methods = frozenset(spelled[digit] for digit in known & spelled.keys())
    return True


# --- the SIM -------------------------------------------------------------------------------------


def _unlock(line: GsmLine) -> Part:
    """Until the SIM is ready: a PIN is tried once and with three tries left, or not at all (contract, Never)."""
    silent = 0
    entered = False
    while True:
        reply: Reply = yield Command("AT+CPIN?", limit=5.0, prefixes=("+CPIN:",))
        # some end +CPIN without an OK (Wavecom), so the line counts, not the result
        state = replies.sim_state(reply.lines[-1]) if reply.lines else ""
        line.facts.sim = state.lower() or "unknown"
        if state == "READY":
            line.trouble(None)
            return True
        if (state == "SIM PIN" or reply.cme == 11) and entered:
            pause = line.trouble("sim_busy", SIM_BUSY_PAUSE)  # it has taken the PIN, and needs its time
        elif state == "SIM PIN" or reply.cme == 11:
            pause = yield from _enter_pin(line)
            entered = line.facts.problem is None
        elif state.startswith("SIM PUK") or reply.cme == 12:
            line.facts.sim = "sim puk"
            pause = line.trouble("sim_puk", SIM_PAUSE)
        elif reply.cme == 10 or state in ("NOT INSERTED", "NOT READY"):
            line.facts.sim = "missing"
            pause = line.trouble("sim_missing", SIM_BUSY_PAUSE * 2)
        elif reply.cme in (13, 15):
            line.facts.sim = "failed"
            pause = line.trouble("sim_failed", SIM_PAUSE)
        elif state:
            pause = line.trouble("sim_locked", SIM_PAUSE)
        elif reply.result == "ERROR" and silent >= 3:
            log.info("%s: the modem does not say how its SIM is; going on", line.name)
            return True
        else:  # CME 14 SIM busy, up to a minute after power-on
            silent += 1
            pause = line.trouble("sim_busy" if silent > 5 else None, SIM_BUSY_PAUSE)
        yield Pause(pause)


def _enter_pin(line: GsmLine) -> Part:
    """Try the PIN if that is allowed; gives the pause until the next look."""
    pin = line.config.pin
    facts = line.facts
    facts.pin_tries = yield from tries_left(line)
    if not pin:
        return line.trouble("pin_missing", SIM_PAUSE)
    if pin in line.pins_tried:
        return line.trouble("pin_refused", SIM_PAUSE)
    if facts.pin_tries is not None and facts.pin_tries < FEWEST_TRIES:
        return line.trouble("pin_tries", SIM_PAUSE)
    line.pins_tried.add(pin)
    line.emit(events.PinTried(line.name, pin))  # written down before the bytes leave
    reply = yield Command(f'AT+CPIN="{pin}"', limit=UNLOCK_WITHIN)
    if reply.ok:
        line.pins_tried.discard(pin)
        line.emit(events.PinAccepted(line.name, pin))
        return line.trouble(None, 0.5)
    return line.trouble("pin_refused", SIM_BUSY_PAUSE)


def tries_left(line: Known) -> Part:
    """PIN tries left, by the family's own query, else 27.007's; None when the modem cannot say."""
    ours: Profile = line.facts.profile
    for text, prefix in dict.fromkeys((ours.tries, GENERIC.tries)):
        reply = yield Command(text, limit=5.0, prefixes=(prefix,))
        for answer in reply.lines:
            tries = replies.pin_tries(answer)
            if tries is not None:
                return tries
    return None


def _text(reply: Reply) -> str:
    return reply.lines[0].strip() if reply.ok and reply.lines else ""
