"""What all texts are made of: names and numbers as data, times as people say them, and the measure of one part.

Numbers and names come from callers and from settings: they are stripped of everything that is not letters on a line.
A number stays in one piece, so that a phone makes it a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from appliance.core import alphabet
from appliance.core.alphabet import Alphabet
from appliance.core.records import CallRecord

NAME_LENGTHS = (40, 24, 20)
"""Characters of a name; what is longer is cut, more and more until the text fits."""
UCS2_PARTS = 2
"""Parts a text may take that needs another alphabet, where one part holds only 70 characters."""

_NUMBER = re.compile(r"[+*#0-9]+")
_DAYS = {"de": ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"), "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NOBODY = {
    "de": {True: "unterdrückte Nummer", False: "unbekannte Nummer"},
    "en": {True: "number withheld", False: "unknown number"},
}


def who(record: CallRecord, language: str, longest: int) -> str:
    """The caller: name, if known, in at most `longest` characters, and number."""
    number = "".join(_NUMBER.findall(record.caller or ""))[:20] or _NOBODY[language][record.withheld]
    called = name(record.caller_name or "", longest)
    return f"{called} {number}" if called else number


def moment(local: datetime, language: str) -> str:
    """A local time with its day: "Mo 23.11. 14:03", "Mon 23 Nov 14:03"."""
    date = f"{local.day}.{local.month}." if language == "de" else f"{local.day} {_MONTHS[local.month - 1]}"
    return f"{_DAYS[language][local.weekday()]} {date} {local:%H:%M}"


def name(text: str, longest: int) -> str:
    """A name as data: one line, of at most this many characters."""
    words = " ".join(alphabet.clean(text).split())
    return words if len(words) <= longest else words[: longest - 1].rstrip(" -,.") + "."


def money(hundredths: float, language: str) -> str:
    """An amount: "3,20 €", "3.20 €"."""
    amount = f"{hundredths / 100:.2f}"
    return f"{amount.replace('.', ',') if language == 'de' else amount} €"


def parts(text: str) -> int:
    """How many parts a text takes."""
    return len(alphabet.split(alphabet.choose(text)[1]))


def first_that_fits(candidates: Iterable[str]) -> str:
    """The first text that needs one part (two where its alphabet is UCS-2 for good), else the last, shortest one."""
    text = ""
    for text in candidates:
        coding, chosen = alphabet.choose(text)
        is_plain = coding is Alphabet.GSM7 or alphabet.transliterate(chosen) is not None
        if len(alphabet.split(chosen)) <= (1 if is_plain else UCS2_PARTS):
            break
    return text
