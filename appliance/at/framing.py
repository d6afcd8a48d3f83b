"""Bytes from a modem → lines, prompts and modem events, the same however the bytes are cut (V.250 5.7.1, 27.005 4.3).

A line is what stands between line ends, freed of NULs and of the noise a baud mismatch or a plug puts at
its edges. A `>` at the start of a line is a prompt at once: it has no line end to wait for.

A voice modem (V.253) has no prompts. It puts events between its lines, two bytes that begin with DLE (9.1.3.1), and
after CONNECT come data, which are nobody's line.
"""

from __future__ import annotations

import re

from msgspec import Struct

LONGEST_LINE = 8192
"""Bytes. The longest real one, AT+CLAC in a single line, has about 3,000."""

DLE = b"\x10"

_LINE_END = re.compile(rb"[\r\n]")
_EDGE_NOISE = bytes(b for b in range(256) if not 0x21 <= b <= 0x7E)
_EVENT = re.compile(rb"\x10([\x10!-~])")
_CONNECT = re.compile(rb"(?:^|[\r\n])[^\r\nA-Za-z]*CONNECT[^\r\n]*(?:\r\n|\n|\r(?=[^\n]))")
_CONNECT_SO_FAR = re.compile(rb"(?:^|[\r\n])[^\r\nA-Za-z]*CONNECT[^\r\n]*\r\Z")


class Line(Struct, frozen=True):
    """One line that is not blank."""

    text: str


class Prompt(Struct, frozen=True):
    """`>`: the modem waits for the body of a text."""


class Event(Struct, frozen=True):
    """What a voice modem has noticed, by the character behind its DLE (V.253 table 8)."""

    code: str


class Overlong(Struct, frozen=True):
    """More than LONGEST_LINE bytes came without a line end and were dropped."""


Frame = Line | Prompt | Event | Overlong
PROMPT = Prompt()


class Framer:
    """Keeps the unfinished line between two reads. `voice`: a voice modem's bytes, with events and without prompts."""

    def __init__(self, voice: bool = False) -> None:
        self._voice = voice
        self._rest = b""
        self._dle = b""
        """A DLE whose event has not come yet."""
        self._cr = b""
        """The CR of a CONNECT whose LF has not come yet."""
        self._dropping = False

    def feed(self, data: bytes) -> list[Frame]:
        """Take bytes as they came; return what they complete. Total: no input raises."""
        data, self._cr = self._cr + data, b""
        return self._feed(data)

    def feed_until_connect(self, data: bytes) -> tuple[list[Frame], bytes | None]:
        """As `feed`, but what follows a line that says CONNECT is given back untouched; None: it has not come."""
        data, self._cr = self._cr + data, b""
        before = self._rest + self._dle
        if match := _CONNECT.search(before + data):
            end = match.end() - len(before)
            return self._feed(data[:end]), data[end:]
        if _CONNECT_SO_FAR.search(before + data):
            data, self._cr = data[:-1], b"\r"
        return self._feed(data), None

    def reset(self) -> None:
        """Forget the unfinished line: the port was reopened."""
        self._rest, self._dle, self._cr, self._dropping = b"", b"", b"", False

    def _feed(self, data: bytes) -> list[Frame]:
        frames: list[Frame] = []
        if not self._voice:
            self._take_lines(data, frames)
            return frames
        data, self._dle = self._dle + data, b""
        if (len(data) - len(data.rstrip(DLE))) % 2:
            data, self._dle = data[:-1], DLE
        for place, piece in enumerate(_EVENT.split(data)):
            if place % 2 == 0:
                self._take_lines(piece, frames)
            elif piece != DLE:  # a DLE that is shielded belongs to sound that nobody took
                frames.append(Event(piece.decode("ascii")))
        return frames

    def _take_lines(self, data: bytes, frames: list[Frame]) -> None:
        *complete, self._rest = _LINE_END.split(self._rest + data.replace(b"\0", b""))
        for raw in complete:
            if self._dropping:
                self._dropping = False
                continue
            self._take_prompts(raw, frames)
            if len(self._rest_of_line) > LONGEST_LINE:
                frames.append(Overlong())
            elif text := self._rest_of_line.rstrip(_EDGE_NOISE):
                frames.append(Line(self._decode(text)))
        if self._dropping:
            self._rest = b""
            return
        self._take_prompts(self._rest, frames)
        self._rest = self._rest_of_line
        if len(self._rest) > LONGEST_LINE:
            frames.append(Overlong())
            self._rest, self._dropping = b"", True

    def _take_prompts(self, raw: bytes, frames: list[Frame]) -> None:
        raw = raw.lstrip(_EDGE_NOISE)
        while raw.startswith(b">") and not self._voice:
            frames.append(PROMPT)
            raw = raw[1:].lstrip(_EDGE_NOISE)
        self._rest_of_line = raw

    def _decode(self, text: bytes) -> str:
        """A caller's name may come in the code page of wherever he calls from: a voice modem passes it on as it is."""
        try:
            return text.decode("utf-8")
        except UnicodeDecodeError:
            return text.decode("latin-1") if self._voice else text.decode("utf-8", "replace")
