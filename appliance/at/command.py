"""A command says all that the session must know to carry it: replies it expects, what ends it, how long it may take."""

from __future__ import annotations

import re
from enum import IntEnum

from msgspec import Struct


class Priority(IntEnum):
    """Who goes first when several wait (architecture: a text never holds up a call)."""

    CALL = 0
    POLL = 1
    TEXT = 2
    HEALTH = 3


CALL_RESULTS = frozenset(
    {"NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE", "NO DIAL TONE", "CONNECT", "LINE-IN-USE", "VCON"}
)
"""V.250 6.3.1 result codes that end a dial or answer command, and are news about a call at any other time; LINE-IN-USE
is Conexant's (-STE), said instead of lifting beside a phone that is off the hook; VCON Rockwell's, of a voice call."""


class Command(Struct, frozen=True, eq=False):
    """One command line.

    text: as sent, without the final CR. limit: seconds until it counts as unanswered.
    prefixes: information lines that are its reply, e.g. ("+CLCC:",); everything else is unsolicited.
    any_text: its reply has no prefix (+CGMI and kin); then any line that is no known URC is its reply.
    call_results: V.250 call results (NO CARRIER …) end it too.
    body: PDU sent at the `>` prompt, closed by Ctrl-Z: command and body are one transaction.
    data: after CONNECT the port carries data until Session.data_over (V.253 +VTX, +VRX, +VTR).
    """

    text: str
    limit: float = 2.0
    prefixes: tuple[str, ...] = ()
    any_text: bool = False
    call_results: bool = False
    body: str | None = None
    data: bool = False
    priority: Priority = Priority.HEALTH


class End:
    """Results that no modem sent."""

    TIMEOUT = "(unanswered)"
    GIVEN_UP = "(given up for a call)"
    REBOOTED = "(modem rebooted)"
    DROPPED = "(dropped)"


_ERROR = re.compile(r"\+CM([ES]) ERROR:\s*(.*)")

_CME_NAMES = {
    "phone failure": 0,
    "operation not allowed": 3,
    "operation not supported": 4,
    "sim not inserted": 10,
    "sim pin required": 11,
    "sim puk required": 12,
    "sim failure": 13,
    "sim busy": 14,
    "sim wrong": 15,
    "incorrect password": 16,
    "memory full": 20,
    "no network service": 30,
    "network timeout": 31,
    "unknown": 100,
}
"""27.007 9.2.1: the wording of +CMEE=2, for modules that keep it whatever they are told."""

_CMS_NAMES = {
    "memory full": 322,
    "sim not inserted": 310,
    "sim pin required": 311,
    "sim busy": 314,
    "sim puk required": 316,
    "smsc address unknown": 330,
    "no network service": 331,
    "network timeout": 332,
    "unknown error": 500,
}


class Reply(Struct, frozen=True):
    """What became of a command: its information lines and the final result, or one of End's.

    body_sent: the body of a text had left before the end, so the network may have it.
    early: what had come after CONNECT already, for whoever takes the data.
    """

    command: Command
    lines: tuple[str, ...]
    result: str
    body_sent: bool = False
    early: bytes = b""

    @property
    def ok(self) -> bool:
        """The modem said OK (which proves little: read back what matters)."""
        return self.result == "OK"

    @property
    def answered(self) -> bool:
        """The modem said anything at all."""
        return not self.result.startswith("(")

    @property
    def cme(self) -> int | None:
        """The code of a +CME ERROR, also when written in words (27.007 9.2)."""
        return self._code("E", _CME_NAMES)

    @property
    def cms(self) -> int | None:
        """The code of a +CMS ERROR, also when written in words (27.005 3.2.5)."""
        return self._code("S", _CMS_NAMES)

    def _code(self, kind: str, names: dict[str, int]) -> int | None:
        match = _ERROR.match(self.result)
        if not match or match[1] != kind:
            return None
        word = match[2].strip()
        return int(word) if word.isascii() and word.isdigit() and len(word) <= 5 else names.get(word.lower())


def is_final(line: str) -> bool:
    """Does this line end any command (V.250 5.7.1, 27.007 9.2, 27.005 3.2.5, Huawei's own wording)?"""
    return line in _PLAIN_FINALS or line.startswith(("+CME ERROR:", "+CMS ERROR:"))


_PLAIN_FINALS = frozenset({"OK", "ERROR", "COMMAND NOT SUPPORT", "COMMAND NOT SUPPORTED", "TOO MANY PARAMETERS"})
