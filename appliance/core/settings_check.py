"""From a settings file to settings: every mistake at once, or settings in which nothing is left to doubt."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from appliance.core import settings_file, settings_rules, settings_tables
from appliance.core.mistakes import Mistake
from appliance.core.settings import Settings
from appliance.core.settings_reader import Notes, Reader


class Checked(Struct, frozen=True):
    """The settings, or None and why not; warnings come with either."""

    settings: Settings | None
    mistakes: list[Mistake]
    warnings: list[Mistake]


def check_file(content: bytes) -> Checked:
    """Check the bytes of a settings file."""
    data = settings_file.parse(content)
    return Checked(None, [data], []) if isinstance(data, Mistake) else check(data)


def check(data: Mapping[str, object]) -> Checked:
    """Check a settings file, parsed. Mistakes and warnings are in the language of the settings (else German)."""
    business = data.get("business")
    english = isinstance(business, dict) and business.get("language") == "en"
    notes = Notes("en" if english else "de")
    settings = settings_tables.read(Reader(notes, "", data, Settings))
    settings_rules.check(settings, notes)
    mistakes, warnings = _in_file_order(notes.mistakes, data), _in_file_order(notes.warnings, data)
    return Checked(None if mistakes else settings, mistakes, warnings)


def _in_file_order(notes: list[Mistake], data: Mapping[str, object]) -> list[Mistake]:
    """By the table they are in, as the file has them; what is missing altogether comes last."""
    tables = list(data)

    def position(note: Mistake) -> int:
        table = re.split(r"[.\[]", note.place, maxsplit=1)[0]
        return tables.index(table) if table in tables else len(tables)

    return sorted(notes, key=position)
