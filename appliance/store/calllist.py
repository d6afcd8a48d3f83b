"""The call log as the page shows it: filtered, searched, a page at a time.

What is filtered by is all in the index `calls_listed`, what is searched for in `calls_caller` and `calls_caller_name`;
so two hundred thousand calls take tens of milliseconds, and only those shown are read.
"""

from __future__ import annotations

import itertools
import json
import math
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from appliance.core.records import CallRecord
from appliance.store import rows
from appliance.store.search import Search, after

_FINISHED = "outcome IS NOT NULL"
_LISTED = f"{_FINISHED} AND line IS NOT NULL"  # word for word the index's condition
_STILL_OPEN = "outcome = 'missed' AND done_at IS NULL"
_SECOND = "CAST(strftime('%s', started_at) AS INTEGER)"
_CALLER = f"SELECT id FROM calls INDEXED BY calls_caller WHERE {_FINISHED} AND caller IS NOT NULL AND"
_NAME = f"SELECT id FROM calls INDEXED BY calls_caller_name WHERE {_FINISHED} AND caller_name IS NOT NULL AND"


class Wanted(Struct, frozen=True):
    """Which calls; each field that is given leaves fewer. `since`, `until`: when they began, the end excluded, in whole
    seconds.

    `is_open`: whether only missed ones that nobody has dealt with. `callers`: numbers, or beginnings of them with `*`,
    of people whose name was searched for; they count beside what `search` finds.
    """

    outcome: str | None = None
    line: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    is_open: bool = False
    search: Search | None = None
    callers: tuple[str, ...] = ()

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Wanted()


class Figures(Struct, frozen=True):
    """A caller in figures. `outcomes`: how many calls by outcome; `first`, `last`: when they began."""

    outcomes: dict[str, int]
    first: datetime
    last: datetime

    @property
    def calls(self) -> int:
        """How many in all."""
        return sum(self.outcomes.values())


def find(
    db: sqlite3.Connection, wanted: Wanted, limit: int, before: int | None = None, after: int | None = None
) -> list[CallRecord]:
    """Calls that have ended, newest first. `before`: older than the call of this id; `after`: the oldest of those that
    are newer. Raises sqlite3.Error, ValueError.
    """
    where, values = _where(db, wanted)
    if before is not None:
        where, values = f"{where} AND id < ?", [*values, before]
    if after is not None:
        where, values = f"{where} AND id > ?", [*values, after]
    order = "ASC" if after is not None else "DESC"
    index = "calls_missed_open" if wanted.is_open else "calls_listed"
    listed = f"SELECT id FROM calls INDEXED BY {index} WHERE {where} ORDER BY id {order} LIMIT ?"
    ids = [number for (number,) in db.execute(listed, (*values, limit))]
    found = db.execute(
        f"SELECT {rows.CALL_COLUMNS}, {rows.CALL_MARKS} FROM calls WHERE id IN (SELECT value FROM json_each(?)) "
        "ORDER BY id DESC",
        (json.dumps(ids),),
    )
    return [rows.call_from(row) for row in found]


def with_message(db: sqlite3.Connection, limit: int, before: int | None = None) -> list[CallRecord]:
    """Calls whose callers left a message that is still there, newest first; `before`: older than the call of this id.

    Raises sqlite3.Error, ValueError.
    """
    sql = (
        f"SELECT {rows.CALL_COLUMNS}, {rows.CALL_MARKS} FROM calls INDEXED BY calls_with_message "
        f"WHERE message IS NOT NULL AND {_FINISHED} AND id < ? ORDER BY id DESC LIMIT ?"
    )
    return [rows.call_from(row) for row in db.execute(sql, (before or 2**63 - 1, limit))]


def one(db: sqlite3.Connection, number: int) -> CallRecord | None:
    """The call of this id, also while it lasts. Raises sqlite3.Error, ValueError."""
    sql = f"SELECT {rows.CALL_COLUMNS}, {rows.CALL_MARKS} FROM calls WHERE id = ?"
    row = db.execute(sql, (number,)).fetchone()
    return None if row is None else rows.call_from(row)


def figures(db: sqlite3.Connection, caller: str) -> Figures | None:
    """One caller's calls in figures; None: none. Raises sqlite3.Error, ValueError."""
    found = db.execute(
        "SELECT outcome, count(*), min(started_at), max(started_at) FROM calls "
        f"WHERE {_FINISHED} AND caller IS NOT NULL AND caller = ? GROUP BY outcome",
        (caller,),
    ).fetchall()
    if not found:
        return None
    outcomes = {outcome: count for outcome, count, _, _ in found}
    return Figures(
        outcomes, rows.when(min(first for *_, first, _ in found)), rows.when(max(last for *_, last in found))
    )


def _where(db: sqlite3.Connection, wanted: Wanted) -> tuple[str, list[rows.Value]]:
    conditions, values = [_STILL_OPEN if wanted.is_open else _LISTED], list[rows.Value]()
    for condition, value in (
        ("outcome = ?", wanted.outcome),
        ("line = ?", None if wanted.line is None else rows.clean(wanted.line)),
        (f"{_SECOND} >= ?", None if wanted.since is None else math.floor(wanted.since.timestamp())),
        (f"{_SECOND} < ?", None if wanted.until is None else math.floor(wanted.until.timestamp())),
    ):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    if wanted.search is not None:
        hits, more = _hits(db, wanted.search, wanted.callers)
        conditions.append(f"id IN ({hits})")
        values += more
    return " AND ".join(conditions), values


def _hits(db: sqlite3.Connection, search: Search, callers: Iterable[str]) -> tuple[str, list[rows.Value]]:
    """A query for the ids of the calls a search finds."""
    parts, values = list[str](), list[rows.Value]()

    def add(query: str, *more: rows.Value) -> None:
        parts.append(query)
        values.extend(more)

    for prefix in [search.beginning, *(one[:-1] for one in callers if one.endswith("*"))]:
        if prefix:
            add(f"{_CALLER} caller >= ? AND caller < ?", prefix, after(prefix))
    if search.digits:
        add(f"{_CALLER} instr(caller, ?)", search.digits)
    exact = [one for one in (search.number, *callers) if one and not one.endswith("*")]
    if exact:
        add(f"{_CALLER} caller IN (SELECT value FROM json_each(?))", json.dumps(exact))
    if search.words:
        named = db.execute(f"SELECT DISTINCT caller_name FROM calls WHERE {_FINISHED} AND caller_name IS NOT NULL")
        names = [name for (name,) in named]
        fitting = list(itertools.compress(names, search.fitting(names)))
        add(f"{_NAME} caller_name IN (SELECT value FROM json_each(?))", json.dumps(fitting))
    return " UNION ".join(parts) or "SELECT 0 WHERE false", values
