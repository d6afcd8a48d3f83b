"""Reading one table of the settings file value by value, noting every mistake instead of stopping at the first.

A value that is wrong or missing is noted and replaced by a harmless one, so that the rest can be read and checked;
settings made with such values are thrown away by `settings_check`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import difflib
import math
import re
import zoneinfo
from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct, field

from appliance.core.mistakes import Mistake, sentence
from appliance.core.settings import NOT_IN_FILE, Table

_EXAMPLES = {
    "owner_mobile": 'owner_mobile = "+4915112345678"',
    "kind": 'kind = "gsm"',
    "number": 'number = "030 123456"',
    "days": 'days = ["mon", "fri"]',
    "host": 'host = "smtp.example.de"',
}
_CLOCK = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])")
NO_ZONES = frozenset(["localtime", "posixrules", "Factory"])
"""In Debian's folder of zones, yet none: the machine's own, which would point to itself, and what stands for none.

Nor are "right/…", whose clock counts leap seconds, and "posix/…", copies of the others (tzdata's README).
"""
W = TypeVar("W", bound=str)


class Notes(Struct):
    """What was found, in the language of the settings."""

    language: str
    mistakes: list[Mistake] = field(default_factory=list)
    warnings: list[Mistake] = field(default_factory=list)

    def mistake(self, place: str, code: str, **facts: object) -> None:
        """Note something that keeps the settings from being stored."""
        self.mistakes.append(Mistake(place, sentence(code, self.language, **facts)))

    def warning(self, place: str, code: str, **facts: object) -> None:
        """Note something doubtful."""
        self.warnings.append(Mistake(place, sentence(code, self.language, **facts)))


class Reader:
    """One table. `place` is its place in the file ("plan[0]"), "" for the whole file."""

    def __init__(
        self, notes: Notes, place: str, data: Mapping[str, object], known: type[Table], without: str = ""
    ) -> None:
        """Notes every key that is not a field of `known`; `without` names a field that is no key of the file."""
        self.notes = notes
        self.place = place
        self._data = data
        self._guesses: set[str] = set()
        keys = [item.encode_name for item in msgspec.structs.fields(known) if item.name not in NOT_IN_FILE]
        for key in data:
            if key not in keys:
                self._unknown(key, keys)

    def at(self, key: str) -> str:
        """The place of a key of this table."""
        return f"{self.place}.{key}" if self.place else key

    def mistake(self, key: str, code: str, **facts: object) -> None:
        """Note a mistake in the value of `key`."""
        self.notes.mistake(self.at(key), code, **facts)

    def warning(self, key: str, code: str, **facts: object) -> None:
        """Note a doubt about the value of `key`."""
        self.notes.warning(self.at(key), code, **facts)

    def has(self, key: str) -> bool:
        """Whether the file gives this key."""
        return key in self._data

    def text(self, key: str, default: str | None = None, longest: int = 80, exact: bool = False) -> str:
        """A printable text, "" where it is wrong; `default` where the key is missing, None if it must be given.

        It may be empty only where "" is the default: then that is the same as leaving it out. Blanks around it are
        dropped, unless it is `exact`, as a password is, which then is another one.
        """
        if not self.has(key):
            if default is None:
                self._missing(key)
            return default or ""
        value = self._data[key]
        if not isinstance(value, str):
            self.mistake(key, "not_text")
            return ""
        if exact and value != value.strip():
            self.warning(key, "warn_blank_at_end")
        text = value if exact else value.strip()
        return self._clean(key, text, longest) if default != "" or text else ""

    def optional_text(self, key: str, longest: int = 80, exact: bool = False) -> str | None:
        """The same, None where it is missing or wrong."""
        return self.text(key, "", longest, exact) or None

    def choice(self, key: str, allowed: Sequence[W], default: W | None = None) -> W:
        """One of some words; the first of them where the value is wrong, or missing with `default` None."""
        value = self.text(key, default)
        for word in allowed:
            if word == value:
                return word
        if value:
            self.mistake(key, "not_choice", value=shown(value), allowed=", ".join(allowed))
        return allowed[0]

    def whole(self, key: str, default: int, lowest: int, highest: int) -> int:
        """A whole number within bounds; `default` where it is missing or wrong."""
        value = self._data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            self.mistake(key, "not_whole", lowest=lowest, highest=highest)
            return default
        if not lowest <= value <= highest:
            self.mistake(key, "out_of_range", value=shown(value), lowest=lowest, highest=highest)
            return default
        return value

    def amount(self, key: str, default: float, highest: float) -> float:
        """A number from 0 on, with or without a fraction; `default` where it is missing or wrong."""
        value = self._data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.mistake(key, "not_amount", highest=f"{highest:g}")
            return default
        if not 0 <= value <= highest:
            self.mistake(key, "out_of_range", value=shown(value), lowest=0, highest=f"{highest:g}")
            return default
        return float(value)

    def optional_amount(self, key: str, highest: float) -> float | None:
        """The same, None where it is missing."""
        return self.amount(key, 0.0, highest) if self.has(key) else None

    def optional_whole(self, key: str, lowest: int, highest: int) -> int | None:
        """A whole number within bounds, None where it is missing."""
        return self.whole(key, lowest, lowest, highest) if self.has(key) else None

    def yes_no(self, key: str, default: bool) -> bool:
        """true or false."""
        value = self._data.get(key, default)
        if not isinstance(value, bool):
            self.mistake(key, "not_yes_no")
            return default
        return value

    def clock(self, key: str) -> dt.time:
        """A time of day, minutes exact; "24:00" is midnight."""
        if not self.has(key):
            self._missing(key, f'{key} = "07:30"')
            return dt.time(0)
        return self._clock(key, self._data[key]) or dt.time(0)

    def clocks(self, key: str, default: tuple[dt.time, ...]) -> tuple[dt.time, ...]:
        """Times of day, at least one, none twice, in their order on the clock."""
        if not self.has(key):
            return default
        values = self._data[key]
        if not isinstance(values, list):
            self.mistake(key, "not_list", example="12:00")
            return default
        if not values:
            self.mistake(key, "empty")
        times = [time for i, value in enumerate(values) if (time := self._clock(f"{key}[{i}]", value)) is not None]
        self._none_twice(key, [f"{time:%H:%M}" for time in times])
        return tuple(sorted(times))

    def day(self, key: str) -> dt.date | None:
        """A date; None where it is missing or wrong."""
        if not self.has(key):
            self._missing(key, f"{key} = 2026-12-24")
            return None
        value = self._data[key]
        if isinstance(value, str):
            with contextlib.suppress(ValueError):
                value = dt.date.fromisoformat(value.strip())
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value
        self.mistake(key, "not_day")
        return None

    def optional_day(self, key: str) -> dt.date | None:
        """The same, None where it is missing."""
        return self.day(key) if self.has(key) else None

    def moment(self, key: str) -> dt.datetime | None:
        """A local point in time, without time zone; None where it is missing or wrong."""
        if not self.has(key):
            self._missing(key, f"{key} = 2026-11-23T17:00:00")
            return None
        value = self._data[key]
        if isinstance(value, str) and ":" in value:  # a date alone is no point in time
            with contextlib.suppress(ValueError):
                value = dt.datetime.fromisoformat(value.strip())
        if isinstance(value, dt.datetime) and value.tzinfo is None:
            return value
        self.mistake(key, "not_moment")
        return None

    def texts(self, key: str, default: tuple[str, ...] | None, example: str) -> tuple[str, ...]:
        """A list of texts, "" in the place of each that is wrong; `default` None: it must be given."""
        if not self.has(key):
            if default is None:
                self._missing(key)
            return default or ()
        values = self._data[key]
        if not isinstance(values, list):
            self.mistake(key, "not_list", example=example)
            return ()
        return tuple(self._item(f"{key}[{index}]", value) for index, value in enumerate(values))

    def words(self, key: str, allowed: tuple[str, ...], default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of words out of `allowed`, at least one, none twice; `default` None: it must be given."""
        words = self.texts(key, default, allowed[0])
        if self.raw(key) == []:
            self.mistake(key, "empty")
        for index, word in enumerate(words):
            if word and word not in allowed:
                self.mistake(f"{key}[{index}]", "not_choice", value=shown(word), allowed=", ".join(allowed))
        self._none_twice(key, words)
        return tuple(word for word in words if word in allowed)

    def table(self, key: str, known: type[Table], required: bool = False) -> Reader | None:
        """The table under `key`, None where there is none."""
        heading = f"[{self.at(key)}]"
        if not self.has(key):
            if required:
                self._missing(key, heading)
            return None
        value = self._data[key]
        if not isinstance(value, dict):
            self.mistake(key, "not_table", example=heading)
            return None
        return Reader(self.notes, self.at(key), value, known)

    def tables(self, key: str, known: type[Table], required: bool = False) -> list[Reader]:
        """The list of tables under `key`, each with its own place; empty where there is none."""
        heading = f"[[{self.at(key)}]]"
        values = self._data.get(key, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            self.mistake(key, "not_tables", example=heading)
            return []
        if not values and required:
            self._missing(key, heading)
        return [Reader(self.notes, f"{self.at(key)}[{i}]", value, known) for i, value in enumerate(values)]

    def raw(self, key: str) -> object:
        """The value as it stands in the file, None where the key is missing."""
        return self._data.get(key)

    def _missing(self, key: str, example: str | None = None) -> None:
        if key not in self._guesses:  # the misspelt key was reported already
            self.mistake(key, "missing", example=example or _EXAMPLES.get(key, f'{key} = "…"'))

    def _unknown(self, key: str, keys: list[str]) -> None:
        guess = difflib.get_close_matches(key, [k for k in keys if k not in self._data], n=1)
        if guess:
            self._guesses.add(guess[0])
            self.mistake(shown(key), "unknown_guess", guess=guess[0])
        else:
            self.mistake(shown(key), "unknown")

    def _item(self, key: str, value: object) -> str:
        if isinstance(value, str):
            return self._clean(key, value.strip(), 80)
        self.mistake(key, "not_text")
        return ""

    def _clean(self, key: str, text: str, longest: int) -> str:
        if not text:
            self.mistake(key, "empty")
        elif len(text) > longest:
            self.mistake(key, "too_long", most=longest)
            return ""
        elif not text.isprintable():
            self.mistake(key, "unprintable")
            return ""
        return text

    def _clock(self, key: str, value: object) -> dt.time | None:
        if isinstance(value, dt.time):
            value = f"{value:%H:%M}" if value == value.replace(second=0, microsecond=0) else ""
        match = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
        if not match or (match[1] == "24" and match[2] != "00"):
            self.mistake(key, "not_clock")
            return None
        return dt.time(int(match[1]) % 24, int(match[2]))

    def _none_twice(self, key: str, words: Sequence[str]) -> None:
        for word in sorted({word for word in words if word and words.count(word) > 1}):
            self.mistake(key, "twice", value=shown(word))


def is_zone(name: str) -> bool:
    """Whether a time zone of a place has this name, which any machine can be told."""
    if name in NO_ZONES or name.startswith(("posix/", "right/")):
        return False
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # a folder's name, "..", a file that is no zone
        return False
    return True


def shown(value: object) -> str:
    """A value of the file, fit to stand in a sentence on a terminal."""
    text = "".join(character if character.isprintable() else "�" for character in str(value))
    return text if len(text) <= 40 else text[:39] + "…"
