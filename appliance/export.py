"""`rufweiche export NUMBER`: everything about a number as JSON or CSV. What callers control stays data in both."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence

from appliance.reports import as_json

Found = Mapping[str, Sequence[Mapping[str, str | int | float | bytes | None]]]
"""Rows by table, as `Store.export` gives them."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
_FORMULA = re.compile(r"[\s'\"]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"[+-]?[0-9.]+")


def export_json(number: str, found: Found) -> str:
    """An object: `number`, and a list of rows for each table."""
    return as_json({"number": number, **found})


def export_csv(number: str, found: Found) -> str:
    """One table (RFC 4180): which number, what kind of record, and every column any of them has."""
    columns = list(dict.fromkeys(column for rows in found.values() for row in rows for column in row))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["about", "record", *columns])
    for table, rows in found.items():
        for row in rows:
            writer.writerow([cell(number), table, *(cell(row.get(column)) for column in columns)])
    return out.getvalue()


def cell(value: str | int | float | bytes | None) -> str:
    """A value as a spreadsheet may have it: on one line, without control characters, and never a formula.

    What a spreadsheet would compute or run gets an apostrophe before it; a plain number stays as it is.
    """
    if value is None:
        return ""
    text = _CONTROL.sub(" ", str(value)).strip()
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
