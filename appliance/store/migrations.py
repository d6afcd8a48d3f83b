"""The shape of the database, as named steps that only go forward.

A step only ever adds (a table, an index, a column with a default): a box that falls back to its previous version
must be able to go on with the file. A step that was released is never edited; a new one is added below it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils.db import Database

SET = "rufweiche"


def create_settings(db: Database) -> None:
    """The settings, whole, as one JSON text; `version` counts how often they were stored."""
    db.execute(
        "CREATE TABLE settings (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, json TEXT NOT NULL, "
        "changed_at TEXT NOT NULL) STRICT"
    )


def create_calls(db: Database) -> None:
    """The call log. Newest first is by id, which needs no index and is right even when the wall clock has jumped.

    AUTOINCREMENT, so that the id of an erased call is never given to another one.
    """
    db.execute(
        "CREATE TABLE calls (id INTEGER PRIMARY KEY AUTOINCREMENT, line TEXT NOT NULL, started_at TEXT NOT NULL, "
        "caller TEXT, caller_name TEXT, withheld INTEGER NOT NULL, answered_at TEXT, ended_at TEXT, "
        "rings INTEGER NOT NULL, plan TEXT, decided_by TEXT, outcome TEXT, reason TEXT, target TEXT, method TEXT, "
        "attempts TEXT NOT NULL) STRICT"
    )


def create_messages(db: Database) -> None:
    """The texts. The index holds only those that are asked for again and again: waiting ones and failed ones."""
    db.execute(
        "CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, uid TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, "
        "recipient TEXT NOT NULL, text TEXT NOT NULL, created_at TEXT NOT NULL, state TEXT NOT NULL, "
        "tries INTEGER NOT NULL, parts_sent INTEGER NOT NULL, not_before TEXT, sent_at TEXT, error TEXT) STRICT"
    )
    db.execute("CREATE INDEX messages_open ON messages (state) WHERE state IN ('queued', 'sending', 'failed')")


def create_sims(db: Database) -> None:
    """Forwarding methods that a SIM's network refused."""
    db.execute(
        "CREATE TABLE sims (sim TEXT NOT NULL, method TEXT NOT NULL, refused_at TEXT NOT NULL, "
        "PRIMARY KEY (sim, method)) STRICT, WITHOUT ROWID"
    )


def create_pins_tried(db: Database) -> None:
    """PINs that were tried and not taken, by their SHA-256."""
    db.execute(
        "CREATE TABLE pins_tried (line TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (line, digest)) "
        "STRICT, WITHOUT ROWID"
    )


STEPS: tuple[Callable[[Database], None], ...] = (
    create_settings,
    create_calls,
    create_messages,
    create_sims,
    create_pins_tried,
)


def pending(db: sqlite3.Connection) -> bool:
    """Whether a step is yet to be taken. Reads only, and without sqlite_utils. Raises sqlite3.Error."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone():
        return True
    names = {name for (name,) in db.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (SET,))}
    return any(step.__name__ not in names for step in STEPS)


def apply(db: sqlite3.Connection) -> None:
    """Take every pending step, all in one transaction; safe when another process does the same at the same time.

    Raises sqlite3.Error, and then nothing has changed.
    """
    from sqlite_utils import Database, Migrations  # 15 MB: not at rest in an engine that has nothing to migrate

    migrations = Migrations(SET)
    for step in STEPS:
        migrations(name=step.__name__)(step)
    db.execute("BEGIN IMMEDIATE")  # before it looks what is pending: whoever comes second finds nothing to do
    try:
        migrations.apply(Database(db, recursive_triggers=False, execute_plugins=False))
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
