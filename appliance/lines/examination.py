"""What is on this port, as far as it can be learnt without a PIN and without changing anything but the echo?

First asked politely whether it is a modem at all (`probe`), then who it is: a GSM module with its SIM and network, or
an analog modem, with a voice or without. Sans-I/O; nothing is dialled, answered, unlocked or stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from appliance.at import replies
from appliance.at.command import Command, End, Priority
from appliance.at.profiles import URC_PREFIXES
from appliance.at.session import Done, Hung, Session, SessionEvent
from appliance.lines import gsm_startup
from appliance.lines.gsm_facts import Facts
from appliance.lines.probe import Probe
from appliance.lines.runner import Runner
from appliance.lines.scripts import Part, Pause, Script

WITHIN = 45.0
"""Seconds for all of it: a SIM may be busy for a while, a network takes its time."""
SIM_LOOKS = 8
EMPTY_LOOKS = 3
"""Some say that there is no SIM while they are still reading it."""
SIM_PAUSE = 2.0
NETWORK_LOOKS = 4
NETWORK_PAUSE = 3.0

VOICE_CLASS = 8
"""V.253 5: the service class of voice; a modem that does not name it in +FCLASS=? has none."""
_CLASS = re.compile(r"(?<![\d.])\d+(?![\d.])")


class Found(Struct, frozen=True):
    """A modem. GSM: `imei`, `sim` ("ready", "sim pin", "sim puk", "missing", …), what its PIN needs, its network.

    `pin_needed`: it waits for its PIN. `pin_tries`: tries left, None where it cannot say. `voice`: it is registered
    for calls (GSM), or can play and hear sound (analog: +FCLASS=8).
    """

    port: str
    kind: Literal["gsm", "analog"]
    manufacturer: str
    model: str
    imei: str | None = None
    sim: str | None = None
    pin_needed: bool = False
    pin_tries: int | None = None
    operator: str | None = None
    signal_dbm: int | None = None
    voice: bool = False


class Examination:
    """Hand it bytes and the time until `is_done`; then `found` is the modem, or None where there is none."""

    def __init__(self, port: str, now: float) -> None:
        self.name = port
        self.now = now
        self.facts = Facts()
        self.session = Session(frozenset(), URC_PREFIXES)
        self.is_done = False
        self.found: Found | None = None
        self._probe: Probe | None = Probe(now)
        self._scripts = Runner(self)
        self._until = now + WITHIN

    def deadline(self) -> float:
        """When tick() wants to be called."""
        if self._probe:
            return self._probe.deadline()
        return min(self._until, self._scripts.deadline(), self.session.deadline() or self._until)

    def data_to_send(self) -> bytes:
        """Bytes for the port."""
        return self._probe.data_to_send() if self._probe else self.session.data_to_send()

    def receive(self, data: bytes, now: float) -> None:
        """Bytes came."""
        self.now = now
        if self._probe:
            self._probe.receive(data, now)
            self._follow_probe()
        else:
            self._handle(self.session.receive(data, now))

    def tick(self, now: float) -> None:
        """Let time pass."""
        self.now = now
        if self._probe:
            self._probe.tick(now)
            self._follow_probe()
        elif not self.is_done:
            self._handle(self.session.tick(now))
            self._scripts.tick()
            if now >= self._until:
                self._end()

    # --- for the scripts -------------------------------------------------------------------------

    def changed(self) -> None:
        """Nobody looks before the end."""

    def ask_calls(self, urgent: bool = False) -> None:
        """No script here waits for calls."""

    # --- within ----------------------------------------------------------------------------------

    def _follow_probe(self) -> None:
        assert self._probe is not None
        if self._probe.verdict is None:
            return
        probe, self._probe = self._probe, None
        if probe.verdict:
            self._scripts.start_side(self._of_gsm)
        elif probe.speaks_at:
            self._scripts.start_side(self._of_analog)
        else:
            self._end()

    def _handle(self, news: list[SessionEvent]) -> None:
        for event in news:
            if isinstance(event, Done) and event.reply.result != End.DROPPED:
                self._scripts.on_reply(event.reply)
            elif isinstance(event, Hung):
                self._end()

    def _end(self) -> None:
        self.is_done = True
        self._scripts.reset()

    def _of_gsm(self) -> Script:
        yield Command("ATV1")
        yield Command("AT+CMEE=1")
        yield from gsm_startup.identify(self)
        self._found_gsm()
        yield from gsm_startup.radio_on(self)
        yield from self._sim()
        self._found_gsm()
        if self.facts.sim == "ready":
            yield Command("AT+COPS=3,0", limit=5.0)
            for _ in range(NETWORK_LOOKS):
                if (yield from gsm_startup.read_network(self)):
                    break
                yield Pause(NETWORK_PAUSE)
            self._found_gsm()
        self._end()

    def _sim(self) -> Part:
        """The SIM's state, waited for while it is busy, and the tries its PIN has left; no PIN is tried."""
        facts = self.facts
        for look in range(SIM_LOOKS):
            reply = yield Command("AT+CPIN?", limit=5.0, prefixes=("+CPIN:",))
            state = replies.sim_state(reply.lines[-1]) if reply.lines else _SIM_ERRORS.get(reply.cme or 0, "")
            facts.sim = _SIM_WORDS.get(state, state.lower()) or "unknown"
            if state and (facts.sim != "missing" or look + 1 >= EMPTY_LOOKS):
                break
            yield Pause(SIM_PAUSE)  # CME 14: busy, up to a minute after power-on
        if facts.sim not in ("unknown", "missing", "failed"):
            facts.pin_tries = yield from gsm_startup.tries_left(self)
        return True

    def _found_gsm(self) -> None:
        """What is known so far: an examination that is cut short has found something, too."""
        facts = self.facts
        self.found = Found(
            port=self.name,
            kind="gsm",
            manufacturer=facts.manufacturer,
            model=facts.model,
            imei=facts.imei,
            sim=facts.sim,
            pin_needed=facts.sim == "sim pin",
            pin_tries=facts.pin_tries,
            operator=facts.operator,
            signal_dbm=facts.signal_dbm,
            voice=facts.registered,
        )

    def _of_analog(self) -> Script:
        yield Command("ATV1")
        manufacturer = yield from self._word("AT+GMI", "+GMI:")  # V.250 6.1.4
        model = (yield from self._word("AT+GMM", "+GMM:")) or (yield from self._word("ATI3", ""))
        reply = yield Command("AT+FCLASS=?", any_text=True, priority=Priority.HEALTH)
        voice = VOICE_CLASS in service_classes(reply.lines)
        self.found = Found(self.name, "analog", manufacturer, model, voice=voice)
        self._end()

    def _word(self, question: str, prefix: str) -> Part:
        """The first line a modem says of itself, without the command's name some put before it."""
        reply = yield Command(question, any_text=True)
        line = next((text for text in reply.lines if text.strip()), "") if reply.ok else ""
        return line.strip().removeprefix(prefix).strip(' "')


def service_classes(lines: Iterable[str]) -> frozenset[int]:
    """The whole service classes in a reply to AT+FCLASS=? (V.250 6.1.8; "0,1,1.0,2,8", "+FCLASS: (0-2,8)")."""
    classes: set[int] = set()
    for line in lines:
        text = line.partition(":")[2] if ":" in line else line
        for first, last in re.findall(r"(?<![\d.])(\d)\s*-\s*(\d)(?![\d.])", text):
            classes.update(range(int(first), int(last) + 1))
        classes.update(int(one) for one in _CLASS.findall(text) if len(one) < 4)
    return frozenset(classes)


_SIM_ERRORS = {10: "NOT INSERTED", 11: "SIM PIN", 12: "SIM PUK", 13: "FAILED", 15: "FAILED"}
"""27.007 9.2.1."""
_SIM_WORDS = {"NOT INSERTED": "missing", "NOT READY": "missing", "FAILED": "failed"}
"""As a line's facts have them."""
