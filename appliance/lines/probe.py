"""Is this port a GSM modem? Asked politely: listen first, then one AT, then who it is.

A port that talks by itself in another tongue (a GPS mouse, a meter), or does not answer like a modem, gets not a
byte more. Sans-I/O.
"""

from __future__ import annotations

from appliance.at import replies
from appliance.at.framing import Framer, Line, Prompt

LISTEN = 0.3
"""Seconds to hear whether the device already talks of something else."""
ANSWER_WITHIN = 1.5
_TALKS_OF_SOMETHING_ELSE = 3
"""Lines of a stranger's talk before we ask at all."""
_LIKE_A_MODEM = ("+", "^", "RING", "RDY", "OK", "NO CARRIER", "AT")
_WHO = b"AT+CGMI\r"
_QUESTIONS = (b"AT\r", b"ATE0\r", _WHO, b"AT+CGSN\r")
_ANSWERED_IN_WORDS = _QUESTIONS[2:]


class Probe:
    """`verdict` is None until known, then True or False; `imei` is the serial number it gave."""

    def __init__(self, now: float) -> None:
        self.verdict: bool | None = None
        self.imei: str | None = None
        self.stranger = False
        """It talked, and of something else: no modem that is still booting."""
        self._framer = Framer()
        self._asked = -1
        self._deadline = now + LISTEN
        self._strange = 0
        self._lines: list[str] = []
        self._out = b""
        self._escaped = False

    @property
    def speaks_at(self) -> bool:
        """It answered the first questions as any modem does (V.250), of a mobile network or not."""
        return self._asked >= _QUESTIONS.index(_WHO)

    def deadline(self) -> float:
        """When tick() wants to be called."""
        return self._deadline

    def data_to_send(self) -> bytes:
        """Bytes for the port."""
        out, self._out = self._out, b""
        return out

    def receive(self, data: bytes, now: float) -> None:
        """Bytes came."""
        for frame in self._framer.feed(data):
            if self.verdict is not None:
                return
            if isinstance(frame, Prompt):
                self._close_prompt(now)
            if not isinstance(frame, Line):
                continue
            if self._asked < 0:
                self._strange += not frame.text.startswith(_LIKE_A_MODEM)
            elif frame.text == "OK":
                # one said twice is no answer to a question that has one in words
                if self._lines or _QUESTIONS[self._asked] not in _ANSWERED_IN_WORDS:
                    self._answered(now)
            elif frame.text == "ERROR" or "ERROR:" in frame.text:
                self._refused(now)
            else:
                self._lines.append(frame.text)

    def tick(self, now: float) -> None:
        """Let time pass."""
        if now < self._deadline or self.verdict is not None:
            return
        if self._asked < 0 and self._strange < _TALKS_OF_SOMETHING_ELSE:
            self._ask(now)
        else:
            self.verdict = False
            self.stranger = self._strange > 0

    def _answered(self, now: float) -> None:
        if self._asked == len(_QUESTIONS) - 1:
            self.imei = replies.serial_number(self._lines)
            self.verdict = True
        else:
            self._ask(now)

    def _refused(self, now: float) -> None:
        question = _QUESTIONS[self._asked]
        if question == _WHO:
            self.verdict, self.stranger = False, True  # a modem, but not of a mobile network
        elif question == _QUESTIONS[-1]:
            self.verdict = True  # one without a serial number
        else:
            self._answered(now)

    def _close_prompt(self, now: float) -> None:
        """A text left open by a crash swallows what we ask: ESC, once, and ask again."""
        if self._asked >= 0 and not self._escaped:
            self._escaped = True
            self._out = b"\x1b" + _QUESTIONS[self._asked]
            self._deadline = now + ANSWER_WITHIN

    def _ask(self, now: float) -> None:
        self._asked += 1
        self._lines.clear()
        self._out = _QUESTIONS[self._asked]
        self._deadline = now + ANSWER_WITHIN
