"""What the texts say, in German and English, each within one text message wherever its names allow.

Numbers and names come from callers and from settings: they are data, stripped of everything that is not letters on
a line. A number stays in one piece, so that a phone makes it a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.core import alphabet
from appliance.core.alphabet import Alphabet
from appliance.core.records import Attempt, CallRecord

_NAME_LENGTHS = (40, 24, 20)  # characters; what is longer is cut, more and more until the text fits
_NAMED_ATTEMPTS = (99, 3, 2, 1, 0)  # how many are told one by one; the others are counted
_STEPS = [(named, longest) for named in _NAMED_ATTEMPTS for longest in _NAME_LENGTHS] + [(0, 10)]
_UCS2_PARTS = 2  # for names in other scripts, where one part holds only 70 characters

_NUMBER = re.compile(r"[+*#0-9]+")

_DAYS = {"de": ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"), "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_WORDS = {
    "de": {
        "missed": "Verpasster Anruf: {who}, {when}. {what}",
        "withheld": "unterdrückte Nummer",
        "no_number": "unbekannte Nummer",
        "gave_up_ringing": "Hat nach {rings} Klingelzeichen aufgelegt.",
        "gave_up_ringing 1": "Hat nach einem Klingelzeichen aufgelegt.",
        "gave_up_ringing 0": "Hat vor dem ersten Klingelzeichen aufgelegt.",
        "gave_up_forwarding": "Hat beim Weiterleiten aufgelegt{tried}.",
        "nobody_reached": "Niemand erreicht{tried}.",
        "not_forwarded": "Wurde nicht weitergeleitet.",
        "line_busy": "Die Leitung war gerade besetzt.",
        "line_lost": "Das Modem fiel dabei aus{tried}.",
        "restart": "Das Gerät startete dabei neu{tried}.",
        "answered": "{name} nicht verbunden",
        "busy": "{name} besetzt",
        "no_answer": "{name} nahm nicht ab",
        "refused": "{name} lehnte ab",
        "failed": "{name} nicht erreichbar",
        "caller_gone": "{name} wurde gerade angerufen",
        "more": "{count} weitere vergeblich",
        "all": "{count} vergeblich angerufen",
        "test": "Testnachricht von Rufweiche{name}: SMS kommen an.",
        "line_down": "Rufweiche: Die Leitung {line} ist seit 10 Minuten gestört. Anrufe werden dort nicht angenommen. "
        "Bitte prüfen Sie das Gerät.",
        "safety_net": "Rufweiche: Die Rufumleitung für den Notfall (Leitung {line}) ist nicht mehr bestätigt. Ist das "
        "Gerät aus, gehen Anrufe verloren.",
    },
    "en": {
        "missed": "Missed call: {who}, {when}. {what}",
        "withheld": "number withheld",
        "no_number": "unknown number",
        "gave_up_ringing": "Hung up after {rings} rings.",
        "gave_up_ringing 1": "Hung up after one ring.",
        "gave_up_ringing 0": "Hung up before the first ring.",
        "gave_up_forwarding": "Hung up while being forwarded{tried}.",
        "nobody_reached": "Nobody reached{tried}.",
        "not_forwarded": "Was not forwarded.",
        "line_busy": "The line was busy.",
        "line_lost": "The modem failed meanwhile{tried}.",
        "restart": "The box restarted meanwhile{tried}.",
        "answered": "{name} not connected",
        "busy": "{name} busy",
        "no_answer": "{name} did not answer",
        "refused": "{name} declined",
        "failed": "{name} unreachable",
        "caller_gone": "{name} was being called",
        "more": "{count} more in vain",
        "all": "{count} called in vain",
        "test": "Test message from Rufweiche{name}: texts arrive.",
        "line_down": "Rufweiche: the line {line} has been down for 10 minutes. Calls are not answered there. "
        "Please check the box.",
        "safety_net": "Rufweiche: the safety net of the line {line} is no longer confirmed by the network. While the "
        "box is off, calls are lost.",
    },
}


def missed(record: CallRecord, language: str, timezone: str) -> str:
    """The text about a missed call: who, when and what was tried.

    `language`: de or en; `timezone`: IANA name. Long names are cut and many attempts counted until it fits.
    """
    words = _WORDS[language]
    when = _when(record.started_at.astimezone(ZoneInfo(timezone)), language)
    return _first_that_fits(
        words["missed"].format(who=_who(record, words, longest), when=when, what=_what(record, words, longest, named))
        for named, longest in _STEPS
    )


def test(language: str, business: str) -> str:
    """The text that shows that texts arrive. `business`: its name, may be empty."""
    return _first_that_fits(
        _WORDS[language]["test"].format(name=f" ({_name(business, longest)})" if _name(business, longest) else "")
        for longest in _NAME_LENGTHS
    )


def alarm(cause: str, line: str, language: str) -> str:
    """The text about something the owner must know of. `cause`: line_down or safety_net; `line`: its name."""
    return _first_that_fits(_WORDS[language][cause].format(line=_name(line, longest)) for longest in _NAME_LENGTHS)


def _who(record: CallRecord, words: dict[str, str], longest: int) -> str:
    number = "".join(_NUMBER.findall(record.caller or ""))[:20]
    if not number:
        number = words["withheld" if record.withheld else "no_number"]
    name = _name(record.caller_name or "", longest)
    return f"{name} {number}" if name else number


def _when(at: datetime, language: str) -> str:
    day = _DAYS[language][at.weekday()]
    date = f"{at.day}.{at.month}." if language == "de" else f"{at.day} {_MONTHS[at.month - 1]}"
    return f"{day} {date} {at:%H:%M}"


def _what(record: CallRecord, words: dict[str, str], longest: int, named: int) -> str:
    tried = _tried(record.attempts, words, longest, named)
    reason = record.reason or "nobody_reached"
    if reason == "nobody_reached" and not record.attempts:
        reason = "not_forwarded" if record.rings else "line_busy"  # a second caller never rings
    sentence = words.get(f"{reason} {record.rings}") or words.get(reason) or words["nobody_reached"]
    return sentence.format(tried=f": {tried}" if tried else "", rings=record.rings)


def _tried(attempts: list[Attempt], words: dict[str, str], longest: int, named: int) -> str:
    """What became of each target; of several tries of one, the last."""
    results = {attempt.target: attempt.result for attempt in attempts}
    told = [
        words.get(result, words["failed"]).format(name=_name(target, longest))
        for target, result in list(results.items())[:named]
    ]
    if len(results) > len(told):
        told.append(words["more" if told else "all"].format(count=len(results) - len(told)))
    return ", ".join(told)


def _name(text: str, longest: int) -> str:
    """A name as data: one line, of at most this many characters."""
    name = " ".join(alphabet.clean(text).split())
    return name if len(name) <= longest else name[: longest - 1].rstrip(" -,.") + "."


def _first_that_fits(candidates: Iterator[str]) -> str:
    """The first text that needs one part (two where its alphabet is UCS-2 for good), else the last, shortest one."""
    text = ""
    for text in candidates:
        coding, chosen = alphabet.choose(text)
        is_plain = coding is Alphabet.GSM7 or alphabet.transliterate(chosen) is not None
        if len(alphabet.split(chosen)) <= (1 if is_plain else _UCS2_PARTS):
            break
    return text
