"""A database with a little in it, and what cards do to such: they lose a page of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from appliance.core.records import CallRecord
from appliance.core.settings import to_json
from appliance.core.settings_check import check_file
from appliance.store.changes import SaveCall
from appliance.store.database import FILE_NAME, Store
from tests.core.settings_sample import SMALL


def with_a_call(state: Path, at: datetime) -> Path:
    """A new state directory, with settings and one call missed then."""
    with Store.open(state, create=True) as store:
        store.save_settings(to_json(check_file(SMALL.encode()).settings))
        store.write(SaveCall(CallRecord(store.next_call_id(), "office", at, outcome="missed", ended_at=at)))
    return state


def hit(state: Path, page: str | int) -> None:
    """Overwrite a page, by the name of its table or index, or by its number."""
    file = state / FILE_NAME
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = db.execute("PRAGMA page_size").fetchone()
        if isinstance(page, str):
            (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (page,)).fetchone()
    with file.open("r+b") as opened:
        opened.seek((int(page) - 1) * size)
        opened.write(b"\xa5" * size)
