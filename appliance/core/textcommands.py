"""Text messages that are commands: who may say what, and what it asks for.

The owner's own number may switch plans and ask how things stand; a sender can be forged, so a code word can be
demanded first (`messages.command_code`), then also for what he says as somebody on call. People on call (the numbers
of targets) may hand their duty on and acknowledge. Anybody may say STOP, and nothing else with it. All else is a
message from somebody: kept and shown, nothing more.

Both languages are understood, whatever the settings say, in any case, with blanks and full stops around.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence

from msgspec import Struct

from appliance.core.settings import DAYS, Plan, Settings


class Command(Struct, frozen=True):
    """What a text asks for."""


class SetOverride(Command, frozen=True):
    """Let this plan apply until then (aware), or for good."""

    plan: str
    until: dt.datetime | None


class ClearOverride(Command, frozen=True):
    """Back to the timetable."""


class AskStatus(Command, frozen=True):
    """How do things stand?"""


class MarkDone(Command, frozen=True):
    """The missed calls the owner was told of are dealt with."""


class AskHelp(Command, frozen=True):
    """Which commands are there? `problem`: why the text was none: no_away, plan, until; None: help was asked for."""

    problem: str | None = None


class HandOver(Command, frozen=True):
    """Whoever says so (one of these targets) gives the duty to the next on the roster."""

    people: tuple[str, ...]


class Acknowledge(Command, frozen=True):
    """Whoever says so (one of these targets) takes care of what was missed."""

    people: tuple[str, ...]


class OptOut(Command, frozen=True):
    """No text to this number any more."""


class Sender(Struct, frozen=True):
    """Who a number belongs to. `people`: the names of targets that have it."""

    is_owner: bool
    people: tuple[str, ...]


_STOP = frozenset({"stop", "stopp"})
_AWAY = frozenset({"weg", "away"})
_ALL = frozenset({"alle", "all"})
_UNTIL = frozenset({"bis", "until", "till", "til"})
_PLAIN: dict[str, Command] = {
    **dict.fromkeys(("da", "back"), ClearOverride()),
    "status": AskStatus(),
    **dict.fromkeys(("erledigt", "done"), MarkDone()),
    **dict.fromkeys(("hilfe", "help"), AskHelp()),
}
_HAND_OVER = frozenset({"frei", "off"})
_ACKNOWLEDGE = frozenset({"ok", "okay", "okey"})
# "ok, geht heute nicht": the call had better go on to the next person than be taken for taken
_REFUSAL = frozenset(
    {"nicht", "nein", "nee", "kein", "keine", "keinen", "leider", "aber",
     "no", "not", "cannot", "can't", "can’t", "won't", "won’t", "don't", "don’t", "sorry", "but"}
)  # fmt: skip

_AROUND = " \t\n.,;:!?\"'`´()„“”‚‘’«»…"
_LONGEST = 200  # characters; a command needs fewer
_YEARS = range(2000, 2101)  # a date beyond is a slip of the finger

_TIME = re.compile(r"([0-9]{1,2})(?:[:.h]([0-9]{2}))?(?:\s*(uhr|h|am|pm))?")
_DATE = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})?")
_WEEKDAYS = {
    **{word: day for day, word in enumerate(DAYS)},
    **{word: day for day, word in enumerate(("mo", "di", "mi", "do", "fr", "sa", "so"))},
    **{word: day for day, word in enumerate(
        ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"))},
    **{word: day for day, word in enumerate(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))},
    "sonnabend": 5,
}  # fmt: skip
_TODAY = frozenset({"heute", "today"})
_TOMORROW = frozenset({"morgen", "tomorrow"})


def sender(number: str | None, settings: Settings) -> Sender:
    """Who it is that texts; `number` as `normalise` gives it, None for a sender that is none."""
    if number is None:
        return Sender(False, ())
    people = tuple(target.name for target in settings.target if target.number == number)
    return Sender(number == settings.business.owner_mobile, people)


def parse(text: str, who: Sender, settings: Settings, local: dt.datetime) -> Command | None:
    """The command in a text that came at a local time (aware); None if it is none. Never raises."""
    words = words_of(text)
    if not words:
        return None
    if is_stop(text):
        return OptOut()
    if who.is_owner and settings.messages.command_code is not None:
        code = words_of(settings.messages.command_code)
        if not code or words[: len(code)] != code:
            return None
        words = words[len(code) :]
    if not words:
        return None
    if who.people and (command := _of_people(words, who.people)):
        return command
    is_dotted = text.rstrip().endswith(".")
    return _owners(words, is_dotted, settings, local) if who.is_owner else None


def is_stop(text: str) -> bool:
    """The first line is the one word that ends all texts, whatever follows: a greeting, what was answered to."""
    first = next((line for line in text[:_LONGEST].splitlines() if line.strip(_AROUND)), "")
    return first.strip(_AROUND).casefold() in _STOP


def _of_people(words: Sequence[str], people: tuple[str, ...]) -> Command | None:
    """Whoever says "ok danke" acknowledges, as by "ok"; a duty is handed on by the sole word only."""
    if len(words) == 1 and words[0] in _HAND_OVER:
        return HandOver(people)
    return Acknowledge(people) if words[0] in _ACKNOWLEDGE and _REFUSAL.isdisjoint(words) else None


def _owners(words: Sequence[str], is_dotted: bool, settings: Settings, local: dt.datetime) -> Command | None:
    if len(words) == 1 and words[0] in _PLAIN:
        return _PLAIN[words[0]]
    if words[0] not in _AWAY | _ALL:
        return None
    at = next((index for index, word in enumerate(words) if word in _UNTIL), len(words))
    asked, time = " ".join(words[1:at]), words[at + 1 :]
    if words[0] in _AWAY:
        if asked:  # "weg nach Hause": talk; "weg bsi 14:00": silence would leave him believing that he is away
            return AskHelp("until") if any(char.isdigit() for word in words for char in word) else None
        plan = settings.timetable.away
        if plan is None:
            return AskHelp("no_away")
    else:
        named = _plan_named(asked, settings.plan) if asked else forwarding_all(settings)
        if named is None:
            return AskHelp("plan") if len(words[1:at]) <= 2 else None
        plan = named.name
    if at == len(words):
        return SetOverride(plan, None)
    until = _until(time, is_dotted, local)
    return AskHelp("until") if until is None else SetOverride(plan, until)


def _plan_named(asked: str, plans: Sequence[Plan]) -> Plan | None:
    return next((plan for plan in plans if " ".join(words_of(plan.name)) == asked), None)


def forwarding_all(settings: Settings) -> Plan | None:
    """What "all" means: the away plan if it forwards, else the one that forwards soonest; None: no plan does."""
    forwarding = [plan for plan in settings.plan if plan.chain]
    away = next((plan for plan in forwarding if plan.name == settings.timetable.away), None)
    return away or min(forwarding, key=lambda plan: plan.answer_after_rings, default=None)


# --- times -------------------------------------------------------------------------------------


def _until(words: Sequence[str], is_dotted: bool, local: dt.datetime) -> dt.datetime | None:
    """The next time these words mean ("14:00", "14 uhr", "2 pm", "morgen 8:00", "montag 7.30", "6.1. 18:00").

    "16.02" is 16:02; "16.02." (`is_dotted`) may be the 16th of February, which is no time.
    """
    if not words:
        return None
    try:
        is_time = _time(" ".join(words)) is not None and (len(words) > 1 or not is_dotted)
        day = None if is_time else _day(words[0], local)
        time = _time(" ".join(word for word in words[0 if day is None else 1 :] if word not in ("um", "at")))
        if time is None:
            return None
        if day is not None:
            until = dt.datetime.combine(day, time, local.tzinfo)
            return until if until > local else None
        until = dt.datetime.combine(local.date(), time, local.tzinfo)
        return until if until > local else until + dt.timedelta(days=1)
    except (ValueError, OverflowError):
        return None


def _day(word: str, local: dt.datetime) -> dt.date | None:
    today = local.date()
    if word in _TODAY:
        return today
    if word in _TOMORROW:
        return today + dt.timedelta(days=1)
    if word in _WEEKDAYS:
        return today + dt.timedelta(days=(_WEEKDAYS[word] - today.weekday() - 1) % 7 + 1)
    found = _DATE.fullmatch(word if word.count(".") != 1 else f"{word}.")
    if found is None or (found[3] and int(found[3]) not in _YEARS):
        return None
    try:
        date = dt.date(int(found[3] or today.year), int(found[2]), int(found[1]))
        return date if found[3] or date >= today else date.replace(year=date.year + 1)
    except ValueError:
        return None


def _time(text: str) -> dt.time | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        return dt.time(hour % 24 if (hour, minute) == (24, 0) else hour, minute)
    except ValueError:
        return None


def words_of(text: str) -> list[str]:
    """What a text says: words without case, without what autocorrection puts around them, umlauts as one letter."""
    plain = unicodedata.normalize("NFKC", text[:_LONGEST]).casefold()
    return [word for raw in plain.split() if (word := raw.strip(_AROUND))]
