"""Changing the settings from a form: load, change, check, store. Whatever is wrong comes back by its place.

    result = change(lambda data: data["business"].update(name=request.form.get("name", "")))
    if not result.is_stored: show the form again with result.mistakes

The dictionary has the settings file's shape (contract), with dates and times as such; leave out or delete what is not
to be set. The sentences are those `rufweiche provision` prints, in the language of the settings.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import Struct, field

from appliance.core.errors import SettingsChanged
from appliance.core.settings import NOT_IN_FILE, Settings, to_json
from web import almanac
from web.box import the_box

Data = dict[str, Any]


class Result(Struct, frozen=True):
    """What became of a change. `mistakes`: place ("plan[0].chain") → sentences; `warnings` alike, also when stored.

    `is_stale`: somebody else has changed the settings since the form was made; nothing was stored.
    """

    settings: Settings | None = None
    mistakes: Mapping[str, list[str]] = field(default_factory=dict)
    warnings: Mapping[str, list[str]] = field(default_factory=dict)
    is_stale: bool = False

    @property
    def is_stored(self) -> bool:
        """Whether nothing was wrong, so that the settings are stored as changed (after `check`: could be)."""
        return self.settings is not None

    def named(self, **places: str) -> dict[str, list[str]]:
        """The mistakes by the fields of a form: `named(name="business.name")`; the rest under ""."""
        fields = {name: self.mistakes[place] for name, place in places.items() if place in self.mistakes}
        rest = [text for place, texts in self.mistakes.items() if place not in places.values() for text in texts]
        return {**fields, "": rest} if rest else fields


def as_file(settings: Settings) -> Data:
    """The settings in the shape of the settings file, to be changed and checked again."""
    data = msgspec.to_builtins(settings, builtin_types=(dt.time, dt.date, dt.datetime))
    return {name: _plain(table) for name, table in data.items() if name not in NOT_IN_FILE}


def change(edit: Callable[[Data], object], version: int | None = None) -> Result:
    """Let `edit` change the settings, check them whole, and store them if nothing is wrong.

    `version`: of the settings the form was made from, where it speaks of them by number ("the third slot"); None where
    it does not: then `edit` is called again, on the new ones, if somebody else changes them during the check.
    Raises NoSettings, StoreError.
    """
    here = the_box()
    while True:
        data = as_file(here.settings)
        if version is not None and version != _version():
            return Result(is_stale=True)
        edit(data)
        result = store(data)
        if not result.is_stale:
            return result


def store(data: Data) -> Result:
    """Check settings in the shape of the file, made from those this request has read, and store them if nothing is
    wrong and nobody has changed those meanwhile. Raises StoreError.
    """
    version = _version()  # the check may take seconds
    result = check(data)
    if result.settings is not None:
        here = the_box()
        try:
            here.store.save_settings(to_json(result.settings), replaced=version)
        except SettingsChanged:
            result = Result(is_stale=True)
        here.reread()
    return result


def check(data: Data) -> Result:
    """Check settings in the shape of the file, and store nothing."""
    from appliance.core import settings_check  # brings the number library

    almanac.prepare(data, the_box().stored)
    checked = settings_check.check(data)
    return Result(checked.settings, _by_place(checked.mistakes), _by_place(checked.warnings))


def _version() -> int:
    stored = the_box().stored
    return stored[0] if stored else 0


def _by_place(notes: list[Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for note in notes:
        found.setdefault(note.place, []).append(note.text)
    return found


def _plain(value: object) -> object:
    """Lists for tuples, as a parsed file has them."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
