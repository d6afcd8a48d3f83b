"""Voice modem families as data: how to recognise them, what they need, how they tell things. Each with its source.

Formats and lines are not here: they are read by text (`voice_replies`), since they differ within a family.
"""

from __future__ import annotations

import re

from msgspec import Struct

from appliance.at.profiles import BOOT_BANNERS


class VoiceProfile(Struct, frozen=True):
    """One family.

    match: found in what +GMI, +GMM, ATI0 and ATI3 say together, any case.
    set_up: sent at start-up, after the basics; refusals are accepted.
    lifted, perhaps_lifted: events of a telephone in parallel that leaves or returns to the hook; the latter are sent
    on other occasions, too, and count only where the rings stop with them.
    line_in_use: a setting that makes the modem say LINE-IN-USE instead of lifting, and what turns it on; "" if none.
    quiet: turns the modem's own judgement of silence off, which would otherwise end a recording.
    """

    name: str
    match: re.Pattern[str]
    set_up: tuple[str, ...] = ()
    lifted: str = "Pp"
    perhaps_lifted: str = "Hh"
    line_in_use: str = ""
    quiet: str = ""
    source: str = ""


_STE = "AT-STE"
"""Conexant's: bit 0 line in use, 1 extension picked up, 2 remote hang-up; 7 is all."""

GENERIC = VoiceProfile(
    name="V.253",
    match=re.compile(""),
    line_in_use=_STE,  # many an unnamed modem has a Conexant chip; others refuse it
    source="ITU-T V.253 table 8 (events)",
)

PROFILES = (
    VoiceProfile(
        name="Conexant CX930xx",
        match=re.compile(r"conexant|CX93\d\d\d|CX0\d{4}|rockwell|\bACF\b", re.IGNORECASE),
        line_in_use=_STE,
        quiet="AT+VSD=0,0",
        source="Conexant 102752C, -STE, +VSD; 100722B 3-45: LINE-IN-USE, DLE P, DLE l",
    ),
    VoiceProfile(
        name="USR5637",
        match=re.compile(r"U\.?\s?S\.?\s?ROBOTICS|USR|(?<!\d)5637(?!\d)|(?<!\d)5601(?!\d)", re.IGNORECASE),
        quiet="AT+VSD=128,0",
        source="USR5637 reference, voice commands: +VSD around 128; DLE H is also said of its own lifting",
    ),
)


def voice_profile_of(said: str) -> VoiceProfile:
    """The family of a modem that says this of itself; GENERIC for a stranger."""
    return next((profile for profile in PROFILES if profile.match.search(said)), GENERIC)


LINE_IN_USE = "LINE-IN-USE"
VOICE_CONNECTION = "VCON"
"""What Rockwell's and IS-101's modems say instead of OK where a voice call begins or its data end."""

URC_PREFIXES = (
    "RING",
    "DATE",
    "TIME",
    "NMBR",
    "DDN_NMBR",
    "NAME",
    "MESG",
    "CIDCW",
    "DROF",
    "DRON",
    LINE_IN_USE,
    "NO CARRIER",
    "BUSY",
)
"""What may stand in a reply that has no prefix of its own (V.253 8.3.3, caller ID; +VDR, cadence)."""

VOICE_BOOT_BANNERS = BOOT_BANNERS

COUNTRIES = {
    "49": "42",
    "43": "0A",
    "41": "A6",
    "31": "7B",
    "32": "0F",
    "33": "3D",
    "34": "A0",
    "39": "59",
    "44": "B4",
    "45": "31",
    "46": "A5",
    "47": "82",
    "48": "8A",
    "352": "69",
    "358": "3C",
    "420": "2E",
}
"""Country code of the telephone network → T.35 country code in hex, for +GCI (V.250 6.1.3, T.35 annex A)."""

END_OF_SENDING = b"\x10\x03"
END_OF_RECEIVING = b"\x10\x21"
END_OF_DUPLEX = b"\x10\x5e"
"""What ends the data of +VTX, +VRX and +VTR (V.253 9.1.3, table 17)."""

UNWEDGE = END_OF_SENDING + END_OF_RECEIVING + END_OF_DUPLEX
