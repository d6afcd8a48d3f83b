"""What may leave the house: texts without secrets, with numbers shortened, whoever wrote them and however.

For a bundle that goes to a stranger who helps. It rather takes too much than too little: digits that might be a number
are shortened also where they are none. Texts people wrote to each other do not go through here, they stay at home.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

import msgspec

from appliance.core.numbers import shorten
from appliance.core.settings import Settings, Table
from appliance.core.settings_file import SECRETS

HIDDEN = "***"
_SHORTEST_SECRET = 3
"""Characters; what is shorter guards nothing and stands in every word."""
_NUMBER = re.compile(r"\+?\d(?:[\W_]{0,3}\d){5,}")
"""Six digits and more, whatever stands between them."""
_ADDRESS = re.compile(r"[^\s@<>,;\"']+@[^\s@<>,;\"']+")
T = TypeVar("T", bound=Table)


class Redactor:
    """Knows the secrets of some settings. Call it with a text."""

    def __init__(self, settings: Settings | None, further: Iterable[str] = ()) -> None:
        """further: secrets that are in no settings."""
        found = set(further) | (set(_secrets(settings)) if settings else set())
        long_enough = sorted((one for one in found if len(one) >= _SHORTEST_SECRET), key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, long_enough)), re.IGNORECASE) if long_enough else None

    def __call__(self, text: str) -> str:
        """The text without secrets and e-mail addresses, its numbers shortened."""
        if self._secrets:
            text = self._secrets.sub(HIDDEN, text)
        return _NUMBER.sub(_short, _ADDRESS.sub(HIDDEN, text))

    def log_line(self, line: str) -> str:
        """The same for a line that may begin with its time, which stays readable."""
        at, _, rest = line.partition(" ")
        return f"{at} {self(rest)}" if _is_moment(at) else self(line)

    def json(self, value: object) -> object:
        """The same for every text in a JSON value, keys too; points in time stay readable."""
        if isinstance(value, str):
            return value if _is_moment(value) else self(value)
        if isinstance(value, dict):
            return {self(str(key)): self.json(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.json(item) for item in value]
        return value

    def settings(self, settings: T) -> T:
        """Settings of the same shape: every text redacted, secrets hidden, callers without their names."""
        changes: dict[str, object] = {}
        for item in msgspec.structs.fields(settings):
            value = getattr(settings, item.name)
            if value and (item.name in SECRETS or item.name == "user"):
                changes[item.name] = HIDDEN
            elif value and item.name == "caller":
                changes[item.name] = tuple(self.settings(msgspec.structs.replace(one, name="")) for one in value)
            else:
                changes[item.name] = self._value(value)
        return msgspec.structs.replace(settings, **changes)

    def _value(self, value: object) -> object:
        if isinstance(value, str):
            return self(value)
        if isinstance(value, Table):
            return self.settings(value)
        if isinstance(value, tuple):
            return tuple(map(self._value, value))
        return value


def without_secrets(settings: T) -> T:
    """The same settings with every secret as if it had never been set."""
    changes: dict[str, object] = {}
    for item in msgspec.structs.fields(settings):
        value = getattr(settings, item.name)
        if item.name in SECRETS:
            changes[item.name] = item.default
        elif isinstance(value, Table):
            changes[item.name] = without_secrets(value)
        elif isinstance(value, tuple):
            changes[item.name] = tuple(without_secrets(one) if isinstance(one, Table) else one for one in value)
    return msgspec.structs.replace(settings, **changes)


def _secrets(table: Table) -> Iterable[str]:
    """Every secret in the settings, wherever it stands."""
    for item in msgspec.structs.fields(table):
        value = getattr(table, item.name)
        if isinstance(value, str):
            if item.name in SECRETS or item.name == "user":
                yield value
        elif isinstance(value, Table):
            yield from _secrets(value)
        elif isinstance(value, tuple):
            for one in value:
                if isinstance(one, Table):
                    yield from _secrets(one)


def _short(match: re.Match[str]) -> str:
    digits = "".join(character for character in match[0] if character == "+" or character.isdecimal())
    return shorten(digits)


def _is_moment(text: str) -> bool:
    """ISO 8601 with date and time, as this program writes them."""
    try:
        return "T" in text and ":" in text and datetime.fromisoformat(text) is not None
    except ValueError:
        return False
