"""Cards lose pages: one of a database's, by the name of its table or index, or by its number."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from appliance.store.database import FILE_NAME


def hit(state: Path, page: str | int) -> None:
    file = state / FILE_NAME
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = db.execute("PRAGMA page_size").fetchone()
        if isinstance(page, str):
            (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (page,)).fetchone()
    with file.open("r+b") as opened:
        opened.seek((int(page) - 1) * size)
        opened.write(b"\xa5" * size)
