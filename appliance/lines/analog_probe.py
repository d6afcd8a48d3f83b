"""Is this port an analog modem, and which? Asked politely, as `probe` asks for a GSM module.

A port that talks by itself in another tongue gets not a byte. A modem that a crash left in its voice data talks, too,
but in no tongue at all: it is asked, and where it does not answer the codes that end its data are tried once. Sans-I/O.
"""

from __future__ import annotations

from appliance.at.command import Command, End
from appliance.at.session import Done, Session, SessionEvent, Urc
from appliance.at.voice_profiles import UNWEDGE, URC_PREFIXES, VOICE_BOOT_BANNERS
from appliance.lines.analog_facts import identity
from appliance.lines.probe import LISTEN
from appliance.lines.runner import Runner
from appliance.lines.scripts import Part, Pause, Script

ANSWER_WITHIN = 1.5
_TALKS_OF_SOMETHING_ELSE = 3
"""Lines of a stranger's talk before we ask at all."""
_LIKE_A_MODEM = (*URC_PREFIXES, "OK", "AT", "ERROR", "+", "^")


class AnalogProbe:
    """`verdict` is None until known, then True or False; `imei` is what names the modem, as AnalogLine.imei does."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.verdict: bool | None = None
        self.imei: str | None = None
        self.stranger = False
        """It is something else: no analog modem that is still booting."""
        self.session = Session(VOICE_BOOT_BANNERS, URC_PREFIXES, voice=True)
        self._strange = 0
        self._scripts = Runner(self)
        self._scripts.start_side(self._ask)

    def deadline(self) -> float:
        """When tick() wants to be called."""
        return min(self._scripts.deadline(), self.session.deadline() or float("inf"))

    def data_to_send(self) -> bytes:
        """Bytes for the port."""
        return self.session.data_to_send()

    def receive(self, data: bytes, now: float) -> None:
        """Bytes came."""
        self.now = now
        self._handle(self.session.receive(data, now))

    def tick(self, now: float) -> None:
        """Let time pass."""
        self.now = now
        self._handle(self.session.tick(now))
        self._scripts.tick()

    def ask_calls(self, urgent: bool = False) -> None:
        """No script here waits for calls."""

    def _handle(self, news: list[SessionEvent]) -> None:
        for event in news:
            if isinstance(event, Done) and event.reply.result != End.DROPPED:
                self._scripts.on_reply(event.reply)
            elif isinstance(event, Urc) and event.line.isascii() and not event.line.startswith(_LIKE_A_MODEM):
                self._strange += 1

    def _ask(self) -> Script:
        yield Pause(LISTEN)
        self.stranger = self._strange >= _TALKS_OF_SOMETHING_ELSE
        self.verdict = False if self.stranger else (yield from self._is_analog())

    def _is_analog(self) -> Part:
        if not (yield Command("AT", limit=ANSWER_WITHIN)).answered:
            self.session.interject(UNWEDGE + b"\r")
            if not (yield Command("AT", limit=ANSWER_WITHIN)).answered:
                return False
        yield Command("ATE0")
        if (yield Command("AT+CGMI", any_text=True)).lines:
            self.stranger = True  # a module of a mobile network
            return False
        said = []
        for text in ("AT+GMI", "AT+GMM", "ATI3"):
            reply = yield Command(text, any_text=True)
            said.append(reply.lines[0] if reply.ok and reply.lines else "")
        self.imei = identity(*said)
        return True
