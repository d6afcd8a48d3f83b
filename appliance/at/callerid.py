"""Who calls, as an analog modem prints it (V.253 8.3.3, and what chips make of it). Every parser is total.

Seen: `NMBR=03012345678`, `NMBR = P`, `DDN_NMBR=…`, bare NMBR without date, lines twice, spaces, bytes beyond ASCII,
`MESG = 040150`, and the message itself in hex (+VCID=2; ETSI EN 300 659-3, Bellcore GR-30).
"""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from appliance.core.numbers import DialPlan, normalise

LONGEST_NAME = 50
"""EN 300 659-3 5.4.4: a calling party's name has 50 characters at most."""

_TAG = re.compile(r"[^A-Za-z]*(DDN_)?(N?MBR|NAME|MESG|DATE|TIME)\s*[=:]\s*(.*)", re.IGNORECASE)
_HEX = re.compile(r"\W*((?:80|04)(?:[0-9A-F]{2}){3,})\W*", re.IGNORECASE)
_WITHHELD = frozenset({"P", "PRIVATE", "PRIVACY", "WITHHELD", "ANONYMOUS", "BLOCKED"})
_UNAVAILABLE = frozenset({"O", "OUT OF AREA", "OUT-OF-AREA", "UNAVAILABLE", "UNKNOWN", "NO NUMBER", "U", "S", "C"})
"""Reasons for absence (EN 300 659-3 5.4.3), as letters and in words; the last two are coin phone and conflict."""
_WRITTEN = re.compile(r"[\d*#+][\d*#+\s./()-]*", re.ASCII)
"""A number, as it may be written."""
_NOISE = re.compile(r"[^\d*#+]+")

_NUMBER, _DDN, _ABSENT, _NAME = 0x02, 0x03, 0x04, 0x07
_CALL_SET_UP = 0x80
_NUMBER_ONLY = 0x04


class Said(Struct, frozen=True):
    """What a line says of the caller. None: nothing of it.

    `kind`: number (`text` as written), ddn (the same from the dialable directory number, which some networks use for
    the called one), withheld, unavailable, name. `text`: "" for a name that is not given.
    """

    kind: Literal["number", "ddn", "withheld", "unavailable", "name"]
    text: str = ""


def parse(line: str) -> list[Said]:
    """What this line says of the caller; [] for one about something else."""
    if match := _TAG.match(line):
        tag, value = match[2].upper(), match[3].strip()
        if tag == "NAME":
            return [Said("name", _name(value))]
        if tag == "MESG":
            return _one_field(value)
        return [_number(value, "ddn" if match[1] else "number")] if tag.endswith("MBR") else []
    if match := _HEX.fullmatch(line):
        return _message(bytes.fromhex(match[1]))
    return []


def _number(value: str, kind: Literal["number", "ddn"]) -> Said:
    value = value.strip(" \"'")
    word = value.upper()
    if word in _WITHHELD:
        return Said("withheld")
    if word in _UNAVAILABLE:
        return Said("unavailable")
    digits = _WRITTEN.findall(value)
    if len(digits) != 1:  # nothing, or torn by a byte that was a digit: a wrong number is worse than none
        return Said("unavailable")
    return Said(kind, _NOISE.sub("", digits[0]))


def _name(value: str) -> str:
    """Printable, on one line, and no longer than the standard has it: whoever calls has written it."""
    text = " ".join("".join(char if char.isprintable() else " " for char in value).split())[:LONGEST_NAME].strip()
    return "" if text.upper() in _WITHHELD | _UNAVAILABLE else text


def _one_field(value: str) -> list[Said]:
    """MESG: a single field of the message in hex that the modem has no word for."""
    digits = value.replace(" ", "")
    if len(digits) % 2 or not re.fullmatch(r"[0-9A-Fa-f]{4,}", digits):
        return []
    return _meaning(_fields(bytes.fromhex(digits))[0])


def _message(message: bytes) -> list[Said]:
    """The whole message: type, length, fields, checksum (which modems have checked, and some leave out).

    A length may be wrong (3Com prints 1E for a message of 24). Where the fields do not end where the message says, they
    must end where it does, but for the checksum: else one of theirs is wrong, and what looks like a number is a part of
    one. A message that was cut off has its whole fields.
    """
    kind, length, data = message[0], message[1], message[2:]
    if kind == _CALL_SET_UP:
        fields, rest = _fields(data[:length])
        if rest and len(data) >= length:
            fields, rest = _fields(data)
            if len(rest) > 1:
                return []
        return _meaning(fields)
    if kind == _NUMBER_ONLY and length > 8 and (len(data) == length or _checked(message, length)):
        return [_digits(data[8:length], "number")]  # EN 300 659-3 5.3: MMDDhhmm and the number
    return []


def _checked(message: bytes, length: int) -> bool:
    """The checksum follows, and is right: else it may be a digit of a number whose length is wrong."""
    return len(message) == length + 3 and sum(message) % 256 == 0


def _fields(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Tags and contents of the fields that are whole, and what follows them."""
    fields = []
    while len(data) >= 2 and len(data) >= 2 + data[1]:
        end = 2 + data[1]
        fields.append((data[0], data[2:end]))
        data = data[end:]
    return fields, data


def _meaning(fields: list[tuple[int, bytes]]) -> list[Said]:
    said = []
    for tag, content in fields:
        if tag in (_NUMBER, _ABSENT):
            said.append(_digits(content, "number"))
        elif tag == _DDN:
            said.append(_digits(content, "ddn"))
        elif tag == _NAME:
            said.append(Said("name", _name(content.decode("latin-1"))))
    return said


def _digits(content: bytes, kind: Literal["number", "ddn"]) -> Said:
    """A number, or why there is none: where anything else stands in it, bytes are missing."""
    text = content.decode("latin-1")
    said = _number(text, kind)
    return said if said.kind != kind or _WRITTEN.fullmatch(text.strip()) else Said("unavailable")


class Caller(Struct, frozen=True):
    """Who calls. `number`: as `normalise` gives it, None when withheld, unavailable or not said (yet)."""

    number: str | None = None
    withheld: bool = False
    name: str | None = None
    told: bool = False
    """The network has said something of the number, if only that it is not shown."""
    from_ddn: bool = False


def add(caller: Caller, said: Said, plan: DialPlan, our_numbers: frozenset[str]) -> Caller:
    """What is known of the caller with this, too. A number that is known stays: what comes twice may come torn.

    One from the directory number yields to whatever is said of the caller himself, in whichever order they come: where
    he withholds his, it is another's (EN 300 659-3 has the called line there).
    """
    if said.kind == "name":
        return replace(caller, name=said.text or caller.name)
    if caller.number and not (caller.from_ddn and said.kind != "ddn"):
        return caller
    if said.kind in ("withheld", "unavailable"):
        return replace(caller, number=None, withheld=said.kind == "withheld", told=True, from_ddn=False)
    number = normalise(said.text, None, plan)
    if number is None or (said.kind == "ddn" and (number in our_numbers or caller.told)):
        return caller
    return replace(caller, number=number, withheld=False, told=True, from_ddn=said.kind == "ddn")
