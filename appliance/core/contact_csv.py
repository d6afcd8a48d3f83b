"""Contacts from a table with a heading (CSV), as spreadsheets, Outlook, Google and phones write it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from appliance.core.contact_files import Dialling, Gathered, UnreadableFile, decode, one_line

SOURCE = "csv"
_DELIMITERS = ";,\t|"
_SEVERAL = re.compile(r"\s*(?::::|\r?\n)\s*")
"""Between several values of one cell: Google writes " ::: ", spreadsheets a line end."""
_COLUMNS = {
    "name": r"(full |display |vollständiger )?name|anzeigename|kontakt|contact|bezeichnung|kunde|customer|label",
    "first": r"vorname|(first|given) ?name",
    "last": r"nachname|familienname|zuname|(last|family) ?name|surname",
    "company": r"firma|firmenname|unternehmen|company( ?name)?|organi[sz]ation( 1 - )?( ?name)?",
    "group": r"gruppen?|groups?( membership)?|kategorien?|categor(y|ies)|labels",
    "plan": r"plan",
    "note": r"notiz(en)?|bemerkung(en)?|anmerkung(en)?|kommentar|notes?|comments?|memo|hinweis",
    "number": r"(?!.*(fax|\b(typ|type|label|art|pager|telex)\b))"
    r"((.*\b)?((haupt|mobil|auto)?telefon(nummer)?|rufnummer|phone|mobile?|handy(nummer)?|festnetz|tel\.?|fon)(\b.*)?"
    r"|nummer|numbers?|nr\.?|e164)",
}  # fmt: skip


def read(content: bytes, dialling: Dialling) -> Gathered:
    """The contacts of a CSV file; its first line must name the columns. Raises UnreadableFile."""
    return read_text(decode(content), dialling)


def read_text(text: str, dialling: Dialling) -> Gathered:
    """The same, decoded."""
    found = Gathered(SOURCE, dialling)
    lines = text.splitlines()
    start = 1 if lines and lines[0].lower().startswith("sep=") else 0  # a hint for Excel
    heading = next((line for line in lines[start:] if line.strip()), "")
    delimiter = max(_DELIMITERS, key=lambda one: (_has_numbers(heading, one), len(_cells(heading, one))))
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    columns: _Columns | None = None
    try:
        for row in rows:
            if rows.line_num <= start or not any(cell.strip() for cell in row):
                continue
            if columns is None:
                columns = _Columns.of(row)
            else:
                columns.gather(found, rows.line_num, row)
    except csv.Error:
        raise UnreadableFile("broken_csv", line=rows.line_num) from None
    if columns is None:
        raise UnreadableFile("no_columns", found="–")
    return found


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _has_numbers(heading: str, delimiter: str) -> bool:
    return any(_column(cell) == "number" for cell in _cells(heading, delimiter))


def _column(heading: str) -> str | None:
    """What a column holds, by its heading."""
    said = " ".join(heading[:60].replace("_", " ").casefold().split())
    return next((what for what, pattern in _COLUMNS.items() if re.fullmatch(pattern, said)), None)


class _Columns(Struct, frozen=True):
    """What each column of the file holds."""

    kinds: Sequence[str | None]

    @classmethod
    def of(cls, row: Sequence[str]) -> _Columns:
        kinds = [_column(cell) for cell in row]
        if "number" not in kinds:
            raise UnreadableFile("no_columns", found=", ".join(filter(None, (one_line(cell, 30) for cell in row[:12]))))
        return cls(kinds)

    def gather(self, found: Gathered, line: int, row: Sequence[str]) -> None:
        numbers = [number for cell in self._cells(row, "number") for number in _SEVERAL.split(cell)]
        person = " ".join(filter(None, (self._first(row, "first"), self._first(row, "last"))))
        name = self._first(row, "name") or person or self._first(row, "company")
        groups = [group for cell in self._cells(row, "group") for group in _SEVERAL.split(cell)]
        group = next((group for group in groups if group and not group.startswith("*")), "")  # Google's own have a *
        found.add(line, numbers, name, group, self._first(row, "plan"), self._first(row, "note"))

    def _cells(self, row: Sequence[str], kind: str) -> Iterable[str]:
        return (cell.strip() for cell, is_kind in zip(row, self.kinds, strict=False) if is_kind == kind)

    def _first(self, row: Sequence[str], kind: str) -> str:
        return next(filter(None, self._cells(row, kind)), "")
