"""A GSM module on a pseudo-terminal that answers at once and notes when, to the nanosecond.

It sleeps until bytes come, as a peer would; spinning instead takes a core from the engine on a machine that has two.
"""

from __future__ import annotations

import os
import select
import time
import tty
from dataclasses import dataclass, field
from typing import Self

_NS = 1_000_000_000

ACTIVE, HELD, ALERTING, INCOMING = 0, 1, 3, 4
"""27.007 7.18, `stat` of +CLCC."""

FIXED = {
    "AT+CGMI": "Muster",
    "AT+CGMM": "M1",
    "AT+CGSN": "356938035643809",
    "AT+CIMI": "262011234567890",
    "AT+CFUN?": "+CFUN: 1",
    "AT+CPIN?": "+CPIN: READY",
    "AT+CREG?": "+CREG: 1,1",
    "AT+COPS?": '+COPS: 0,0,"Muster Mobil",7',
    "AT+CSQ": "+CSQ: 21,99",
    "AT+CHLD=?": "+CHLD: (0,1,1x,2,2x,3,4)",
}
"""Questions and what stands before their OK."""


class Silent(Exception):
    """The engine did not say in time what it should have said."""


@dataclass(slots=True)
class Leg:
    """A call as +CLCC lists it."""

    id: int
    incoming: bool
    stat: int
    number: str

    def __str__(self) -> str:
        return f'+CLCC: {self.id},{int(self.incoming)},{self.stat},0,0,"{self.number}",145'


@dataclass(slots=True)
class Heard:
    """One command (a text's body, too): when its first byte had been read, when its answer was about to be written."""

    text: str
    read_ns: int
    answered_ns: int = 0


@dataclass
class Module:
    """Serves in the caller's own thread, while that is in `hear` or `serve`. Use as a context manager."""

    legs: list[Leg] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)  # else what is said before the engine opens the port would come back as an echo
        os.set_blocking(self.master, False)
        self.port = os.ttyname(self._slave)
        self._poll = select.poll()
        self._poll.register(self.master, select.POLLIN)
        self._line = bytearray()
        self._first_ns = 0
        self._wants_body = False
        self._texts = 0
        return self

    def __exit__(self, *what: object) -> None:
        os.close(self.master)
        os.close(self._slave)

    # --- what a play does -------------------------------------------------------------------------

    def say(self, *lines: str) -> int:
        """Print lines; gives the moment just before."""
        data = "".join(f"\r\n{line}\r\n" for line in lines).encode()
        at = time.monotonic_ns()
        os.write(self.master, data)
        return at

    def hear(self, beginning: str, within: float) -> Heard:
        """Answer until a command that begins so has come, and that one too. Raises Silent."""
        deadline = time.monotonic_ns() + int(within * _NS)
        while time.monotonic_ns() < deadline:
            come = len(self.heard)
            self._listen(deadline)
            for one in self.heard[come:]:
                if one.text.startswith(beginning):
                    return one
        last = self.heard[-1].text if self.heard else "nothing"
        raise Silent(f"no {beginning} within {within} s; last heard: {last}")

    def serve(self, seconds: float) -> None:
        """Answer for so long."""
        deadline = time.monotonic_ns() + int(seconds * _NS)
        while time.monotonic_ns() < deadline:
            self._listen(deadline)

    def serve_until_quiet(self, seconds: float, within: float = 60.0) -> None:
        """Answer until nothing has been asked for so long: start-up is over. Raises Silent if nothing ever was."""
        deadline = time.monotonic_ns() + int(within * _NS)
        while time.monotonic_ns() < deadline:
            come = len(self.heard)
            self.serve(seconds)
            if self.heard and len(self.heard) == come:
                return
        raise Silent(f"the engine asked nothing, or never stopped asking, for {within} s")

    def own_ns(self, since: int, until: Heard) -> int:
        """The engine's time from a moment to a command, the module's answers between taken out."""
        between = (one for one in self.heard if one.read_ns >= since and one.read_ns < until.read_ns)
        return until.read_ns - since - sum(one.answered_ns - one.read_ns for one in between)

    # --- bytes ------------------------------------------------------------------------------------

    def _listen(self, deadline: int) -> None:
        data = self._read(deadline)
        at = time.monotonic_ns()
        for byte in data:
            if not self._line:
                self._first_ns = at
            if byte == 0x1B:
                self._wants_body = False
                self._line.clear()
            elif byte == (0x1A if self._wants_body else 0x0D):
                heard = Heard(self._line.decode("latin-1"), self._first_ns)
                self._line.clear()
                self._answer(heard)
            else:
                self._line.append(byte)

    def _read(self, deadline: int) -> bytes:
        left = deadline - time.monotonic_ns()
        if left <= 0 or not self._poll.poll(left // 1_000_000 + 1):
            return b""
        return os.read(self.master, 4096)

    def _answer(self, heard: Heard) -> None:
        self.heard.append(heard)
        if self._wants_body:
            self._wants_body = False
            self._texts += 1
            heard.answered_ns = self.say(f"+CMGS: {self._texts % 256}", "OK")
        elif heard.text.startswith("AT+CMGS="):
            self._wants_body = True
            heard.answered_ns = time.monotonic_ns()
            os.write(self.master, b"\r\n> ")
        else:
            heard.answered_ns = self.say(*self._reply(heard.text), "OK")

    def _reply(self, text: str) -> list[str]:
        if text == "AT+CLCC":
            return [str(leg) for leg in self.legs]
        if text == "ATA":
            self._move(INCOMING, ACTIVE)
        elif text == "AT+CHLD=2":
            self._move(ACTIVE, HELD)
        elif text.startswith("ATD"):
            self.legs.append(Leg(2, False, ALERTING, text[3:].rstrip(";")))
        elif text in ("AT+CHLD=4", "AT+CHLD=0", "AT+CHLD=1", "AT+CHUP", "ATH"):
            self.legs.clear()
        elif text.startswith("AT+CCFC="):
            return ["+CCFC: 0,7"]
        elif text in FIXED:
            return [FIXED[text]]
        return []

    def _move(self, before: int, after: int) -> None:
        for leg in self.legs:
            if leg.stat == before:
                leg.stat = after
