"""The address book as the page shows it: searched, a page at a time, and what is known of some numbers."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterable

from msgspec import Struct

from appliance.core.contacts import Contact
from appliance.store import rows
from appliance.store.search import Search, after, fold_all

_COLUMNS = rows.CONTACT_COLUMNS
_AT_ONCE = 1000
"""Contacts that are looked at together: enough for `fold_all` to be quick."""


class Found(Struct, frozen=True):
    """A page of contacts, by name, and how many there are on all pages."""

    contacts: list[Contact]
    total: int


def find(
    db: sqlite3.Connection, search: Search | None = None, group: str | None = None, limit: int = 50, offset: int = 0
) -> Found:
    """Contacts by name; `group`: of this group only. Raises sqlite3.Error."""
    conditions, values = ["true"], list[rows.Value]()
    if group is not None:
        conditions.append("grp = ?")
        values.append(rows.clean(group))
    if search is not None:
        condition, more = _condition(search)
        conditions.append(condition)
        values += more
    where = " AND ".join(conditions)
    keys = db.execute(f"SELECT id, name, number, grp || ' ' || note FROM contacts WHERE {where}", values)
    order, total = list[tuple[bool, str, str, int]](), 0
    while some := keys.fetchmany(_AT_ONCE):  # a page is kept, not the book
        if search is not None and search.words:
            some = list(itertools.compress(some, search.fitting([f"{name} {more}" for _, name, _, more in some])))
        names = fold_all([name for _, name, _, _ in some])
        order += ((not name, name, number, key) for name, (key, _, number, _) in zip(names, some, strict=True))
        order.sort()
        del order[offset + limit :]
        total += len(some)
    shown = [key for *_, key in order[offset:]]
    by_id = {
        row[0]: Contact(*row[1:])
        for row in db.execute(
            f"SELECT id, {_COLUMNS} FROM contacts WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(shown),)
        )
    }
    return Found([by_id[one] for one in shown if one in by_id], total)


def one(db: sqlite3.Connection, number: str, source: str) -> Contact | None:
    """The contact of this number from this source. Raises sqlite3.Error."""
    sql = f"SELECT {_COLUMNS} FROM contacts WHERE number = ? AND source = ?"
    row = db.execute(sql, (rows.clean(number), rows.clean(source))).fetchone()
    return None if row is None else Contact(*row)


def about(db: sqlite3.Connection, numbers: Iterable[str]) -> list[Contact]:
    """Every contact that says something about one of these numbers, in the order in which they came: a `CallerBook`
    of them answers for these numbers as the whole one would. Raises sqlite3.Error.
    """
    keys = {number for number in numbers if number}
    keys |= {f"{number[:length]}*" for number in keys for length in range(1, len(number) + 1)}
    found = db.execute(
        f"SELECT {_COLUMNS} FROM contacts WHERE number IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps([rows.clean(key) for key in keys]),),
    )
    return [Contact(*row) for row in found]


def named(db: sqlite3.Connection, search: Search) -> list[str]:
    """The numbers (or beginnings with `*`) of contacts with a name that fits. Raises sqlite3.Error."""
    found = db.execute("SELECT number, name FROM contacts WHERE name != ''")
    numbers, names = zip(*found.fetchall() or [("", "")], strict=True)
    return list(itertools.compress(numbers, search.fitting(names)))


def groups(db: sqlite3.Connection) -> dict[str, int]:
    """How many contacts each group has, the largest first. Raises sqlite3.Error."""
    return dict(db.execute("SELECT grp, count(*) FROM contacts WHERE grp != '' GROUP BY grp ORDER BY 2 DESC, 1"))


def keep(contact: Contact) -> tuple[str, rows.Row]:
    """SQL and its values that keep a contact, in place of the one with this number from this source."""
    marks = ", ".join("?" * len(_COLUMNS.split(",")))
    return f"INSERT OR REPLACE INTO contacts ({_COLUMNS}) VALUES ({marks})", rows.contact_row(contact)


def _condition(search: Search) -> tuple[str, list[rows.Value]]:
    if search.beginning:
        return "number >= ? AND number < ?", [search.beginning, after(search.beginning)]
    if search.digits:
        return "instr(number, ?)", [search.digits]
    if search.number:
        return "number = ?", [search.number]
    return "true", []
