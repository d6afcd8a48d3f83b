"""Modem families as data: how to recognise them, what they need, how they announce things. Each with its source.

Nothing here is code for one vendor: a family that behaves differently gets another row, not an `if`.
"""

from __future__ import annotations

import re
from enum import Enum

from msgspec import Struct


class Sound(Struct, frozen=True):
    """How a family gives the sound of a call: s16le, 8 kHz, on a serial port of its own.

    interface: the USB interface of that port. begin, end: commands, sent once the call is up, and before it ends.
    tries: how often `begin` is worth trying, a second apart (SIM7600: the voice path may not be up yet).
    asks: a query that a module without sound refuses. each_call: `begin` is to be said anew after every ATA and ATD.
    """

    interface: int
    begin: str
    end: str | None = None
    tries: int = 1
    asks: str | None = None
    each_call: bool = False


class Clock(Struct, frozen=True):
    """How a family tells the network's time. is_utc: the time is GMT whatever zone stands behind it."""

    asks: str
    prefix: str
    is_utc: bool = False


class Profile(Struct, frozen=True):
    """One family.

    match: found in "manufacturer model" (AT+CGMI, AT+CGMM), any case.
    tries: query and reply prefix for the PIN tries left (27.007 8.65 has +CPINR; older modules their own).
    set_up: commands sent once the SIM is ready; refusals are accepted, since firmware differs.
    only_2g: GSM networks close in Germany in 2028; the page says so.
    sound: how the module gives a call's sound; None: it does not.
    clock: how it tells the time (27.007 8.15: local time, with the zone in quarters of an hour).
    digits: the module says what keys the other side presses (News.DIGIT).
    """

    name: str
    match: re.Pattern[str]
    tries: tuple[str, str]
    set_up: tuple[str, ...] = ()
    only_2g: bool = False
    sound: Sound | None = None
    digits: bool = False
    clock: Clock = Clock("AT+CCLK?", "+CCLK:")
    source: str = ""


GENERIC = Profile(
    name="generic",
    match=re.compile(""),
    tries=("AT+CPINR", "+CPINR:"),
    source="27.007",
)

PROFILES = (
    Profile(
        name="Huawei",
        match=re.compile(r"huawei", re.IGNORECASE),
        tries=("AT^CPIN?", "^CPIN:"),
        set_up=("AT^CURC=1",),  # call URCs (^ORIG, ^CONN, ^CEND) on
        sound=Sound(interface=1, begin="AT^DDSETEX=2", asks="AT^CVOICE?", each_call=True),  # 2: to the serial port
        source="Huawei HUAWEI EM/ME AT interface, ^CPIN, ^CURC; chan_dongle",
    ),
    Profile(
        name="SIMCom 2G",
        match=re.compile(r"SIM(COM\D*)?_?\s*(8|9)\d\d", re.IGNORECASE),
        tries=("AT+SPIC", "+SPIC:"),
        set_up=("AT+CLCC=1", "AT+DDET=1"),  # +CLCC as a URC at each change of a call; +DTMF
        only_2g=True,
        digits=True,
        source="SIMCom SIM800 AT manual, +SPIC, +CLCC",
    ),
    Profile(
        name="SIMCom",
        match=re.compile(r"SIMCOM|SIM7\d\d\d|A76\d\d", re.IGNORECASE),
        tries=("AT+SPIC", "+SPIC:"),
        set_up=("AT+CLCC=1", "AT+DDET=1"),  # +RXDTMF
        sound=Sound(interface=4, begin="AT+CPCMREG=1", end="AT+CPCMREG=0", tries=5),
        digits=True,
        source="SIMCom SIM7500/SIM7600 AT manual, +SPIC, +CLCC, +CPCMREG, +DDET",
    ),
    Profile(
        name="Quectel",
        match=re.compile(r"quectel", re.IGNORECASE),
        tries=('AT+QPINC="SC"', "+QPINC:"),
        # +QIND: "ccinfo" at each change of a call, 0: not kept in flash; +QTONEDET
        set_up=('AT+QINDCFG="ccinfo",1,0', "AT+QTONEDET=1"),
        sound=Sound(interface=1, begin="AT+QPCMV=1,0", end="AT+QPCMV=0"),  # 0: over the port of its NMEA
        digits=True,
        clock=Clock("AT+QLTS=1", "+QLTS:", is_utc=True),  # its +CCLK is GMT or local, by what was set once
        source="Quectel EC2x&EG9x AT manual, +QPINC, +QINDCFG, +QPCMV, +QTONEDET, +QLTS",
    ),
    Profile(
        name="ZTE",
        match=re.compile(r"ZTE", re.IGNORECASE),
        tries=("AT+ZPINPUK=?", "+ZPINPUK:"),
        source="ModemManager plugins/zte",
    ),
)


def profile_of(manufacturer: str, model: str) -> Profile:
    """The family of a modem that calls itself so; GENERIC for a stranger."""
    name = f"{manufacturer} {model}"
    return next((profile for profile in PROFILES if profile.match.search(name)), GENERIC)


class News(Enum):
    """What a URC is about. Each only hints: CLCC tells what is so."""

    RING = "the line rings"
    CALLER_ID = "who calls"
    WAITING = "a second caller"
    CALL_CHANGED = "a call began, was answered or ended"
    REGISTRATION = "registration changed"
    SIM = "the SIM changed"
    TEXT_CAME = "a text came and is stored"
    TEXT_FOLLOWS = "a text comes in the next line"
    REPORT_FOLLOWS = "a status report comes in the next line"
    NETWORK_SAYS = "the operator answers a code"
    STORAGE_FULL = "the text storage is full"
    DIGIT = "the other side pressed a key"


NEWS: tuple[tuple[str, News], ...] = (
    ("RING", News.RING),
    ("+CRING:", News.RING),  # 27.007 6.11, with +CRC=1
    ("+CLIP:", News.CALLER_ID),
    ("+CCWA:", News.WAITING),
    ("NO CARRIER", News.CALL_CHANGED),
    ("NO ANSWER", News.CALL_CHANGED),
    ("NO DIALTONE", News.CALL_CHANGED),
    ("NO DIAL TONE", News.CALL_CHANGED),
    ("BUSY", News.CALL_CHANGED),
    ("CONNECT", News.CALL_CHANGED),
    ("^ORIG:", News.CALL_CHANGED),  # Huawei
    ("^CONF:", News.CALL_CHANGED),
    ("^CONN:", News.CALL_CHANGED),
    ("^CEND:", News.CALL_CHANGED),
    ("VOICE CALL:", News.CALL_CHANGED),  # SIMCom SIM7x00
    ("MISSED_CALL:", News.CALL_CHANGED),
    ("+CLCC:", News.CALL_CHANGED),  # SIMCom with +CLCC=1
    ('+QIND: "ccinfo"', News.CALL_CHANGED),  # Quectel
    ("^DSCI:", News.CALL_CHANGED),  # Quectel, Cinterion
    ("+COLP:", News.CALL_CHANGED),
    ("+CSSI:", News.CALL_CHANGED),  # 27.007 7.17
    ("+CSSU:", News.CALL_CHANGED),
    ("*ECAV:", News.CALL_CHANGED),  # Ericsson
    ("+WIND:", News.CALL_CHANGED),  # Wavecom
    ("HANGUP:", News.CALL_CHANGED),  # Qualcomm, ZTE
    ("+CREG:", News.REGISTRATION),
    ("+CEREG:", News.REGISTRATION),
    ("+CPIN:", News.SIM),
    ("+CMTI:", News.TEXT_CAME),
    ("+CMT:", News.TEXT_FOLLOWS),
    ("+CDS:", News.REPORT_FOLLOWS),
    ("^SMMEMFULL", News.STORAGE_FULL),
    ("+CUSD:", News.NETWORK_SAYS),
    ("+CIEV:", News.REGISTRATION),
    ("+RXDTMF:", News.DIGIT),  # SIMCom SIM7x00
    ("+DTMF:", News.DIGIT),  # SIMCom SIM800
    ("+QTONEDET:", News.DIGIT),  # Quectel
)
"""URC prefix → what it is about (27.007, 27.005, and the vendors named)."""

OTHER_URCS = (
    "^RSSI:",
    "^MODE:",
    "^BOOT:",
    "^SRVST:",
    "^SIMST:",
    "^HCSQ:",
    "^STIN:",
    "+CTZV:",
    "*PSUTTZ:",
    "+QIND:",
)
"""URCs that say nothing we act on, but that may stand in a reply without prefix (+CGMI and kin)."""

URC_PREFIXES = tuple(prefix for prefix, _ in NEWS) + OTHER_URCS

BOOT_BANNERS = frozenset(
    {
        "RDY",  # SIMCom, Quectel
        "^SYSSTART",  # Cinterion, Huawei modules
        "SYSTEM START",
        "*ATREADY: 1",  # SIM7600
        "MODEM:STARTUP",  # Wavecom and kin
        "STARTUP",
    }
)
"""Lines a module says once, when it starts: whatever it was told before is forgotten."""


def news_of(line: str) -> News | None:
    """What a URC is about, None for one that says nothing we act on."""
    return next((news for prefix, news in NEWS if line.startswith(prefix)), None)


CAUSE_RESULTS = {
    1: "failed",  # unallocated number
    3: "failed",
    16: "refused",  # normal clearing: it hung up on us
    17: "busy",
    18: "no_answer",
    19: "no_answer",
    21: "refused",
    22: "failed",
    27: "failed",
    28: "failed",
    31: "refused",
    34: "failed",
    38: "failed",
    41: "failed",
    42: "failed",
}
"""Q.850 cause → the contract's attempt result."""

RESULT_CODES = {"BUSY": "busy", "NO ANSWER": "no_answer", "NO DIALTONE": "failed", "NO DIAL TONE": "failed"}
"""V.250 call result → the contract's attempt result. NO CARRIER says nothing of the why."""
