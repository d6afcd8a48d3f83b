"""Bytes from a modem → lines and prompts, the same however the bytes are cut (V.250 5.7.1, 27.005 4.3).

A line is what stands between line ends, freed of NULs and of the noise a baud mismatch or a plug puts at
its edges. A `>` at the start of a line is a prompt at once: it has no line end to wait for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_LINE = 8192
"""Bytes. The longest real one, AT+CLAC in a single line, has about 3,000."""

_LINE_END = re.compile(rb"[\r\n]")
_EDGE_NOISE = bytes(b for b in range(256) if not 0x21 <= b <= 0x7E)


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank."""

    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """`>`: the modem waits for the body of a text."""


@dataclass(frozen=True, slots=True)
class Overlong:
    """More than LONGEST_LINE bytes came without a line end and were dropped."""


Frame = Line | Prompt | Overlong
PROMPT = Prompt()


class Framer:
    """Keeps the unfinished line between two reads."""

    def __init__(self) -> None:
        self._rest = b""
        self._dropping = False

    def feed(self, data: bytes) -> list[Frame]:
        """Take bytes as they came; return what they complete. Total: no input raises."""
        *complete, self._rest = _LINE_END.split(self._rest + data.replace(b"\0", b""))
        frames: list[Frame] = []
        for raw in complete:
            if self._dropping:
                self._dropping = False
                continue
            self._take_prompts(raw, frames)
            if len(self._rest_of_line) > LONGEST_LINE:
                frames.append(Overlong())
            elif text := self._rest_of_line.rstrip(_EDGE_NOISE).decode("utf-8", "replace"):
                frames.append(Line(text))
        if self._dropping:
            self._rest = b""
            return frames
        self._take_prompts(self._rest, frames)
        self._rest = self._rest_of_line
        if len(self._rest) > LONGEST_LINE:
            frames.append(Overlong())
            self._rest, self._dropping = b"", True
        return frames

    def reset(self) -> None:
        """Forget the unfinished line: the port was reopened."""
        self._rest, self._dropping = b"", False

    def _take_prompts(self, raw: bytes, frames: list[Frame]) -> None:
        raw = raw.lstrip(_EDGE_NOISE)
        while raw.startswith(b">"):
            frames.append(PROMPT)
            raw = raw[1:].lstrip(_EDGE_NOISE)
        self._rest_of_line = raw
