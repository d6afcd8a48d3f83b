"""What a voice modem can do, read by text: +FCLASS=?, +VSM=?, +VLS=? (V.253 8.2 and 10). Every parser is total.

Chips number formats and lines differently, so nothing here goes by number: the words beside it tell which is which.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from appliance.core.sound import Coding

VOICE_CLASS = "8"
RATE = 8000
"""Samples a second: what a telephone network carries (G.711)."""

_WORD = re.compile(r"(?<![\w.])(\d{1,2})(?![\w.])")
_ROW = re.compile(r'^\s*(?:\+\w+\s*:)?\s*\(?\s*(\d{1,3})\s*[,;]\s*"?([^",;]*)"?\s*(.*)$')
_NUMBERS = re.compile(r"\d+(?:-\d+)?")
_LINEAR = re.compile(r"(?:LIN|LINEAR|PCM|LINEAR PCM) ?(8)?")
_SIGNED_PCM = 0
_BARE = re.compile(r"(?:\+\w+\s*:)?\s*(\d{1,3})")


class Format(Struct, frozen=True):
    """A row of +VSM=?: how samples come and go. `label` is the number this modem gives it."""

    label: int
    coding: Coding


_PREFERRED: tuple[Coding, ...] = ("u8", "ulaw", "alaw", "s16le")
"""8 bits fit a port of 115200 baud; 16 do not, where it is a real UART (V.253 9.1: at least 10 bits a byte)."""


def has_voice(lines: Iterable[str]) -> bool:
    """+FCLASS=?: `0,1,1.0,2,8`, `(0,1,8)`, `0,1,2,2.0,8,80`: is there a voice class (V.253 8.2)?"""
    return any(VOICE_CLASS in _WORD.findall(line.partition(":")[2] or line) for line in lines)


def formats(lines: Iterable[str]) -> tuple[Format, ...]:
    """+VSM=? → the formats that can be used, best first.

    Seen: `1,"UNSIGNED PCM",8,0,8000,0,0` (CX93001), `128,"8-BIT LINEAR",(7200,8000,11025)` (USR5637),
    `5,"A-Law Companded PCM",8,0,(8000),(127-129),(0-255)`, `131,"Mu-Law",8,0,8000,0,0`, `4,"G.711U"`. Where a name says
    no more than linear and 8 bits (`LIN8`, `PCM`), its samples are unsigned, as those of all modems seen; but number 0
    is kept for signed ones (V.253 table 17).
    """
    found = []
    for line in lines:
        match = _ROW.match(line)
        if match and (coding := _coding(int(match[1]), match[2], match[3])) and _at_rate(match[3]):
            found.append(Format(int(match[1]), coding))
    return tuple(sorted(found, key=lambda one: _PREFERRED.index(one.coding)))


def _coding(label: int, name: str, rest: str) -> Coding | None:
    name = re.sub(r"[\s_-]+", " ", name).strip().upper()
    said = re.match(r"\s*,\s*\(?\s*(\d{1,2})\s*[,)]", rest)
    bits = int(said[1]) if said else None
    if "ADPCM" in name or "14" in name:
        return None
    if re.search(r"\b(U|MU|µ|Μ) ?LAW|G\.?711 ?U\b", name):
        return "ulaw"
    if re.search(r"\bA ?LAW|G\.?711 ?A\b", name):
        return "alaw"
    if "UNSIGNED" in name:
        return "u8" if bits in (8, None) else None
    if "16 BIT LINEAR" in name or ("SIGNED PCM" in name and bits == 16):
        return "s16le"
    if re.search(r"\b8 BIT (LINEAR|PCM)", name):
        return "u8"
    linear = _LINEAR.fullmatch(name)
    if linear and label != _SIGNED_PCM and (bits == 8 or (linear[1] and bits is None)):
        return "u8"
    return None


def _at_rate(rest: str) -> bool:
    """Is 8000 among the numbers, on its own or within a range? A row that names no rate is given the benefit."""
    numbers = [tuple(int(end) for end in found.split("-")) for found in _NUMBERS.findall(rest)]
    rates = [ends for ends in numbers if ends[-1] >= 1000]
    return not rates or any(ends[0] <= RATE <= ends[-1] for ends in rates)


class Ways(Struct, frozen=True):
    """+VLS=?: the number that connects modem and line, and the one that puts it on the hook."""

    line: int
    off: int = 0


def ways(lines: Iterable[str]) -> Ways | None:
    """+VLS=? rows like `1,"T",0BC01800,0BC01800,0BC01800`: "T" is the telephone line, "" the hook (V.253 table 10)."""
    rows = [(int(match[1]), match[2].strip().upper()) for line in lines if (match := _ROW.match(line))]
    line = next((label for label, name in rows if name == "T"), None)
    if line is None:
        return None
    return Ways(line, next((label for label, name in rows if name == ""), 0))


def first_value(lines: Iterable[str]) -> int | None:
    """The first number of what a setting reads back as: `1,8000,0,0`, `+VSM: 128,8000`, `+VCID: 1`, `-STE: 7`."""
    for line in lines:
        text = line.partition(":")[2] if ":" in line else line
        if match := _BARE.match(text.strip()):
            return int(match[1])
    return None
