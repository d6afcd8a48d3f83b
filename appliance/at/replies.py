"""Information lines and URCs → values. Every parser is total: what it cannot read gives None or is left out.

Sources: 27.007 (clause named at each), checked against strings of real modules; what differs in the field
is noted where it is dealt with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from msgspec import Struct

_FIELD = re.compile(r'\s*(?:"([^"]*)"[^,]*|"?([^,]*))(?:,|$)')
_NUMBER = re.compile(r"-?\d{1,9}")


def fields(line: str) -> list[str | None]:
    """`+CMD: a,"b,c",,d` → ["a", "b,c", None, "d"]; a quote left open ends at the next comma or the line's end."""
    name, colon, rest = line.partition(":")
    if not colon:
        rest = name
    out: list[str | None] = []
    position = 0
    while position < len(rest):
        match = _FIELD.match(rest, position)
        assert match is not None  # the pattern matches anything, also nothing
        quoted, bare = match[1], match[2]
        out.append(quoted if quoted is not None else (bare or "").strip() or None)
        if match.end() == position:
            break
        position = match.end()
    if rest.endswith(","):
        out.append(None)
    return out


def _int(value: str | None) -> int | None:
    value = value.strip() if value else ""
    return int(value) if _NUMBER.fullmatch(value) else None


def _at(values: list[str | None], index: int) -> str | None:
    return values[index] if index < len(values) else None


class Stat(IntEnum):
    """27.007 7.18, `stat` of +CLCC."""

    ACTIVE = 0
    HELD = 1
    DIALLING = 2
    ALERTING = 3
    INCOMING = 4
    WAITING = 5


_STATS = frozenset(int(stat) for stat in Stat)


class Leg(Struct, frozen=True):
    """One voice call as +CLCC lists it. `number` as written there, `number_type` 129, 145, 161 or None."""

    id: int
    incoming: bool
    stat: Stat
    mpty: bool
    number: str | None
    number_type: int | None


def clcc(lines: Iterable[str]) -> tuple[Leg, ...]:
    """+CLCC lines → voice legs by id (27.007 7.18). Data calls (mode ≠ 0) and broken lines are left out."""
    legs: dict[int, Leg] = {}
    for line in lines:
        values = fields(line)
        head = [_int(value) for value in values[:5]]
        if len(head) < 5 or None in head[:4]:
            continue
        id_, direction, stat, mode, mpty = head
        if mode != 0 or id_ is None or stat not in _STATS:
            continue
        number = _at(values, 5) or None
        legs[id_] = Leg(id_, direction == 1, Stat(stat), mpty == 1, number, _int(_at(values, 6)))
    return tuple(legs[id_] for id_ in sorted(legs))


class Caller(Struct, frozen=True):
    """Who calls, as the network says. `number` as written; None with `withheld` or when unavailable."""

    number: str | None
    number_type: int | None
    withheld: bool
    name: str | None = None


def clip(line: str) -> Caller | None:
    """+CLIP: number,type[,subaddr,satype[,alpha[,validity]]] (27.007 7.11). Validity 1 withheld, 2 unavailable.

    None for a line that was torn apart before the type.
    """
    values = fields(line)
    number = _at(values, 0)
    validity = _int(_at(values, 5))
    kind = _int(_at(values, 1))
    if kind is None:
        return None
    if number and validity != 1:
        return Caller(number, kind, withheld=False, name=_at(values, 4) or None)
    # 128 "unknown number" without validity is how several modules say withheld
    return Caller(None, kind, withheld=validity == 1 or (validity is None and kind == 128))


def ccwa(line: str) -> Caller:
    """+CCWA: number,type,class[,alpha][,validity] as a URC (27.007 7.12)."""
    values = fields(line)
    number = _at(values, 0)
    return Caller(number or None, _int(_at(values, 1)), withheld=not number)


class Forwarding(Struct, frozen=True):
    """One +CCFC line: is this diversion active for these classes, to which number, after how many seconds."""

    active: bool
    classes: int
    number: str | None
    number_type: int | None
    seconds: int | None


def ccfc(lines: Iterable[str]) -> tuple[Forwarding, ...]:
    """+CCFC: status,class[,number,type[,subaddr,satype[,time]]] (27.007 7.11.1)."""
    rows = []
    for line in lines:
        values = fields(line)
        status, classes = _int(_at(values, 0)), _int(_at(values, 1))
        if status is None:
            continue
        rows.append(
            Forwarding(
                active=status == 1,
                classes=classes if classes is not None else 7,
                number=_at(values, 2) or None,
                number_type=_int(_at(values, 3)),
                seconds=_int(_at(values, 6)),
            )
        )
    return tuple(rows)


def signal_dbm(line: str) -> int | None:
    """+CSQ: rssi,ber (27.007 8.5) → dBm; 99 and 199 are "unknown". 100 to 191 are TD-SCDMA's −116 to −25."""
    rssi = _int(_at(fields(line), 0))
    if rssi is None:
        return None
    if 0 <= rssi <= 31:
        return -113 + 2 * rssi
    return rssi - 216 if 100 <= rssi <= 191 else None


_WITH_MODE = re.compile(r"\+\w+:\s*\d+\s*,\s*(\d{1,3})\s*(?:,|$)")


def registration(line: str) -> int | None:
    """The stat of +CREG, +CEREG, +CIREG (27.007 7.2, 10.1.22, 8.71); None: unreadable.

    A reply has the mode before it, a URC has not; in a URC a location, quoted or four digits long, may follow.
    """
    match = _WITH_MODE.match(line)
    stat = int(match[1]) if match else _int(_at(fields(line), 0))
    return stat if stat is not None and 0 <= stat <= 11 else None


def operator(line: str) -> str | None:
    """+COPS: mode[,format,oper[,act]] (27.007 7.3)."""
    return _at(fields(line), 2) or None


def access_technology(line: str) -> int | None:
    """The `act` of +COPS (27.007 7.3): 0 and 3 are 2G, 7 is LTE; None where it is not said."""
    return _int(_at(fields(line), 3))


def sim_state(line: str) -> str:
    """+CPIN: READY | SIM PIN | SIM PUK | … (27.007 8.3), quoted by some."""
    return (_at(fields(line), 0) or "").upper()


def first_number(line: str) -> int | None:
    """The first field as a number: mr of +CMGS, index of +CMGL (27.005 4.3, 4.1), fun of +CFUN (27.007 8.2)."""
    return _int(_at(fields(line), 0))


def index_and_stat(line: str) -> tuple[int | None, int | None]:
    """+CMGL: index,stat,… (27.005 4.1)."""
    values = fields(line)
    return _int(_at(values, 0)), _int(_at(values, 1))


def ussd_text(line: str) -> str | None:
    """+CUSD: m[,"text"[,dcs]] (27.007 7.15); hexadecimal UCS-2, as several modules print it, is decoded."""
    text = _at(fields(line), 1)
    if text and len(text) % 4 == 0 and re.fullmatch(r"(?:[0-9A-Fa-f]{4})+", text):
        return bytes.fromhex(text).decode("utf-16-be", "replace")
    return text or None


_CLOCK = re.compile(r"(\d{2}|\d{4})/(\d\d)/(\d\d),(\d\d):(\d\d):(\d\d)([+-]\d{1,3})?")


def network_time(line: str, is_utc: bool) -> datetime | None:
    """+CCLK: "yy/MM/dd,hh:mm:ss±zz" (27.007 8.15), zz quarters of an hour east of GMT, as UTC, aware.

    `is_utc`: the time is GMT already. Without a zone it could be either, so that it is no answer; a module that has no
    network time gives its own, which begins in 1980 (80), 2000 or 2004.
    """
    match = _CLOCK.search(line)
    if match is None or (match[7] is None and not is_utc):
        return None
    year = int(match[1]) + (2000 if len(match[1]) == 2 else 0)
    month, day, hour, minute, second = (int(match[group]) for group in range(2, 7))
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        return at if is_utc else at - timedelta(minutes=15 * int(match[7]))
    except (ValueError, OverflowError):
        return None


_LONG_NUMBER = re.compile(r"(?<!\d)(\d{14,17})(?!\d)")


def serial_number(lines: Iterable[str]) -> str | None:
    """IMEI or IMSI (27.007 5.4, 5.6): 14 to 17 digits, bare, quoted or behind the command's name."""
    return next((match[1] for line in lines if (match := _LONG_NUMBER.search(line))), None)


def pin_tries(line: str) -> int | None:
    """How many tries of PIN 1 are left, from whichever report this is:

    +CPINR: SIM PIN,3,3 (27.007 8.65) · +SPIC: 3,10,3,10 (SIMCom) · +SPIC: pin1, puk1 … ·
    +QPINC: "SC",3,10 (Quectel) · +ZPINPUK: 3,10 (ZTE) · ^CPIN: SIM PIN,,10,3,10,3 (Huawei: times, puk, pin …)
    """
    name = line.partition(":")[0]
    values = fields(line)
    first = _at(values, 0)
    if name == "+CPINR":
        return _int(_at(values, 1)) if first == "SIM PIN" else None
    if name == "+QPINC":
        return _int(_at(values, 1)) if first in ("SC", None) else None
    if name == "^CPIN":
        # ^CPIN: code[,times,puk_times,pin_times,puk2_times,pin2_times]: `times` is for what is asked now
        return _int(_at(values, 3)) if len(values) >= 4 else _int(_at(values, 1))
    if name in ("+SPIC", "+ZPINPUK"):
        return _int(first)
    return None


def digit(line: str) -> str | None:
    """The key of +RXDTMF: 1, +DTMF: 1 (SIMCom) or +QTONEDET: 49 (Quectel, the character's code); None for no key."""
    name, _, value = line.partition(":")
    value = value.strip().strip('"')
    if name == "+QTONEDET":
        value = chr(int(value)) if value.isascii() and value.isdigit() and len(value) <= 3 else ""
    return value if len(value) == 1 and value in "0123456789ABCD*#" else None


def end_cause(line: str) -> int | None:
    """The Q.850 cause in ^CEND: idx,seconds,status[,cause] (Huawei); None where it is not said."""
    return _int(_at(fields(line), 3)) if line.startswith("^CEND:") else None
