"""Whether the database holds together, asked before every start and every night."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from appliance.core.errors import StoreDamaged, UserError
from appliance.core.settings import from_json
from appliance.store.database import Store
from appliance.store.file import FILE_NAME, plain

SMALL = 8 << 20
"""Bytes that are looked through at any start: a small box takes up to a second for them."""
LARGE = ("calls", "messages", "inbox")
"""Tables that grow for as long as the owner keeps what is in them. Of these a start looks at what it needs itself."""
NEWEST = 100
"""Rows of them: new ones come next to these. (Calls still open are looked for in all of them, by the engine.)"""
MOST = 20
"""Faults said."""


def faults(state: Path, thorough: bool) -> list[str]:
    """What is wrong with the database, and with the settings in it; nothing: it is sound.

    `thorough`: all of it, however long that takes; otherwise what an engine needs at once. Brings an older database up
    to date. Raises StoreError where it cannot be looked at, for a reason that is no damage.
    """
    path = state / FILE_NAME
    try:
        with Store.open(state) as store:
            _read(store)
        with plain(path), closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            db.execute("PRAGMA cache_size = -512")  # KiB: the engine does not give back what it once took
            return [fault for check in _checks(db, path, thorough) for fault in check if fault != "ok"][:MOST]
    except (StoreDamaged, UserError) as error:
        return [str(error)]


def _read(store: Store) -> None:
    if loaded := store.load_settings():
        from_json(loaded[1])
    store.unfinished()
    store.calls(limit=NEWEST)
    store.messages(limit=NEWEST)
    store.inbox(limit=NEWEST)


def _checks(db: sqlite3.Connection, path: Path, thorough: bool) -> Iterator[list[str]]:
    """The answers of PRAGMA integrity_check or quick_check (https://sqlite.org/pragma.html#pragma_quick_check)."""
    if thorough:
        yield _answers(db, f"PRAGMA integrity_check({MOST})")
    elif path.stat().st_size <= SMALL:
        yield _answers(db, "PRAGMA quick_check(1)")
    else:
        tables = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0").fetchall()
        for (name,) in tables:
            if name not in LARGE:
                yield _answers(db, f"PRAGMA quick_check('{name}')")


def _answers(db: sqlite3.Connection, question: str) -> list[str]:
    return [str(row[0]) for row in db.execute(question)]
