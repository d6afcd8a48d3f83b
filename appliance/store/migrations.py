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


def create_override(db: Database) -> None:
    """The plan somebody switched on; no row: none."""
    db.execute(
        "CREATE TABLE override (id INTEGER PRIMARY KEY CHECK (id = 1), plan TEXT NOT NULL, until TEXT, "
        "set_at TEXT NOT NULL, set_by TEXT NOT NULL) STRICT"
    )


def create_contacts(db: Database) -> None:
    """Who is known. The same number may come from several sources, once from each."""
    db.execute(
        "CREATE TABLE contacts (id INTEGER PRIMARY KEY, number TEXT NOT NULL, name TEXT NOT NULL, grp TEXT NOT NULL, "
        "plan TEXT, note TEXT NOT NULL, source TEXT NOT NULL, UNIQUE (source, number)) STRICT"
    )


def create_inbox(db: Database) -> None:
    """Texts that came in. Unique, so that one which is stored twice is there once."""
    db.execute(
        "CREATE TABLE inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, line TEXT NOT NULL, sender TEXT NOT NULL, "
        "text TEXT NOT NULL, sent_at TEXT, received_at TEXT NOT NULL, kind TEXT NOT NULL, "
        "UNIQUE (received_at, line, sender, text)) STRICT"
    )


def create_optouts(db: Database) -> None:
    """Numbers that never want a text again: as they are or, once erased, as a digest."""
    db.execute("CREATE TABLE optouts (number TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT, WITHOUT ROWID")


def create_duty(db: Database) -> None:
    """Duties handed over from one target to another."""
    db.execute(
        "CREATE TABLE duty (id INTEGER PRIMARY KEY AUTOINCREMENT, from_target TEXT NOT NULL, to_target TEXT NOT NULL, "
        "starts TEXT NOT NULL, ends TEXT, at TEXT NOT NULL, UNIQUE (at, from_target, to_target, starts)) STRICT"
    )


def mark_calls(db: Database) -> None:
    """When a missed call was told of, and when it was dealt with. The index holds only those that are still open."""
    db.execute("ALTER TABLE calls ADD COLUMN done_at TEXT")
    db.execute("ALTER TABLE calls ADD COLUMN told_at TEXT")
    db.execute("CREATE INDEX calls_missed_open ON calls (started_at) WHERE outcome = 'missed' AND done_at IS NULL")


def track_messages(db: Database) -> None:
    """Which way a message goes, and by what a delivery report names it."""
    db.execute("ALTER TABLE messages ADD COLUMN channel TEXT NOT NULL DEFAULT 'sms'")
    db.execute("ALTER TABLE messages ADD COLUMN reference INTEGER")
    db.execute("ALTER TABLE messages ADD COLUMN delivered_at TEXT")


def index_callers(db: Database) -> None:
    """A caller's calls. Only ended ones, so that a call touches the index once, not each time it is saved."""
    db.execute("CREATE INDEX calls_caller ON calls (caller) WHERE outcome IS NOT NULL AND caller IS NOT NULL")


def create_hourly_counts(db: Database) -> None:
    """How many calls ended how, by UTC hour (hours since 1970): without numbers, and kept when the calls are deleted.

    One row an hour. `reached` has an entry for each forwarded call: target, seconds from the first ring to the human,
    started minutes (0: unknown, since a call that was given away ends elsewhere, unseen), as `core.stats.Hour` says;
    packed, because hours are read by the thousand and their calls only in sums. Triggers count a call when it gets
    its outcome, whoever writes it and however often.
    """
    outcomes = ("answered_here", "forwarded", "missed", "blocked", "voicemail")
    columns = ", ".join(outcomes)
    db.execute(
        "CREATE TABLE hourly_counts (hour INTEGER PRIMARY KEY, calls INTEGER NOT NULL, "
        + "".join(f"{outcome} INTEGER NOT NULL, " for outcome in outcomes)
        + "reached TEXT NOT NULL) STRICT"
    )
    second = "CAST(strftime('%s', {0}{1}) AS INTEGER)".format
    counted = [f"{{0}}outcome = '{outcome}'" for outcome in outcomes]
    answered, ended = second("{0}", "answered_at"), second("{0}", "ended_at")
    wait = f"max(ifnull({answered} - {second('{0}', 'started_at')}, 0), 0)"
    metered = "ifnull({0}method, '') IN ('conference', 'bridge')"
    minutes = f"iif({metered}, max(ifnull({ended} - {answered} + 59, 0) / 60, 1), 0)"
    entry = (
        f"iif({{0}}outcome = 'forwarded', ifnull({{0}}target, '') || char(31) || {wait} || char(31) || {minutes} "
        "|| char(30), '')"
    )
    hour = second("{0}", "started_at") + " / 3600"
    one = ", ".join((hour, "1", *counted, entry)).format("new.")
    more = ", ".join(f"{name} = {name} + excluded.{name}" for name in ("calls", *outcomes))
    for name, event, when in (
        ("calls_counted", "INSERT", "new.outcome IS NOT NULL"),
        ("calls_counted_later", "UPDATE OF outcome", "new.outcome IS NOT NULL AND old.outcome IS NULL"),
    ):
        db.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON calls WHEN {when} BEGIN "
            f"INSERT INTO hourly_counts (hour, calls, {columns}, reached) VALUES ({one}) "
            f"ON CONFLICT (hour) DO UPDATE SET {more}, reached = reached || excluded.reached; END"
        )
    each = ", ".join((hour, "count(*)", *(f"sum({one})" for one in counted), f"group_concat({entry}, '')")).format("")
    db.execute(
        f"INSERT INTO hourly_counts (hour, calls, {columns}, reached) "
        f"SELECT {each} FROM calls WHERE outcome IS NOT NULL GROUP BY 1"
    )


def create_purged_texts(db: Database) -> None:
    """How many parts of texts went out on a day (UTC), of those that are deleted."""
    db.execute(
        "CREATE TABLE purged_texts (day TEXT NOT NULL, kind TEXT NOT NULL, parts INTEGER NOT NULL, "
        "PRIMARY KEY (day, kind)) STRICT, WITHOUT ROWID"
    )


def remember_erased_texts(db: Database) -> None:
    """Texts that were erased, by uid, which tells nothing about anybody. The engine still has them for a while and
    saves what becomes of them (a delivery report): that must not bring them back. It may not be an UPDATE instead,
    since on a full disk the first thing that can be written of a text is its end.
    """
    db.execute("CREATE TABLE erased_texts (uid TEXT PRIMARY KEY, erased_at TEXT NOT NULL) STRICT, WITHOUT ROWID")
    db.execute(
        "CREATE TRIGGER messages_erased BEFORE INSERT ON messages WHEN new.uid IN (SELECT uid FROM erased_texts) "
        "BEGIN SELECT RAISE(IGNORE); END"
    )


def create_kept(db: Database) -> None:
    """What the engine has to know after a restart and is no record: one text a name."""
    db.execute("CREATE TABLE kept (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID")


def add_rules(db: Database) -> None:
    """Which rule decided a call, also that the clock had not been set then."""
    db.execute("ALTER TABLE calls ADD COLUMN rule TEXT")


def add_sound(db: Database) -> None:
    """What only a line with ears knows: the message a caller left; and that a line cannot tell who lifted."""
    db.execute("ALTER TABLE calls ADD COLUMN perhaps_answered INTEGER NOT NULL DEFAULT 0")
    db.execute("ALTER TABLE calls ADD COLUMN message TEXT")
    db.execute("ALTER TABLE calls ADD COLUMN message_seconds REAL")


def create_requests(db: Database) -> None:
    """What the page asks of the engine, and its answers."""
    db.execute(
        "CREATE TABLE requests (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, payload TEXT NOT NULL, "
        "asked_at TEXT NOT NULL, answer TEXT, answered_at TEXT) STRICT"
    )
    db.execute("CREATE INDEX requests_waiting ON requests (id) WHERE answer IS NULL")


def create_page_sessions(db: Database) -> None:
    """Browsers that are logged in, by the digest of the secret each holds."""
    db.execute(
        "CREATE TABLE page_sessions (id INTEGER PRIMARY KEY AUTOINCREMENT, digest TEXT NOT NULL UNIQUE, "
        "created_at TEXT NOT NULL, seen_at TEXT NOT NULL, address TEXT NOT NULL, agent TEXT NOT NULL) STRICT"
    )


def note_calls(db: Database) -> None:
    """What the owner wrote about a call."""
    db.execute("ALTER TABLE calls ADD COLUMN note TEXT")


def list_calls(db: Database) -> None:
    """The log as the page lists it, newest first and filtered, without reading the calls it leaves out.

    Its first column is the id, so that a new call is always its last entry: a page a commit writes anyway. When a call
    began is in it as seconds since 1970, a fifth of what the text takes; 200,000 calls are 5 MB, read in 15 ms.
    That a line is not null is always true: only a query that says so uses this index, and others go their own way.
    """
    db.execute(
        "CREATE INDEX calls_listed ON calls (id, outcome, line, CAST(strftime('%s', started_at) AS INTEGER)) "
        "WHERE outcome IS NOT NULL AND line IS NOT NULL"
    )


def index_names(db: Database) -> None:
    """Finding calls by what the caller was called, and contacts by number, which the other index has by source."""
    db.execute(
        "CREATE INDEX calls_caller_name ON calls (caller_name) WHERE outcome IS NOT NULL AND caller_name IS NOT NULL"
    )
    db.execute("CREATE INDEX contacts_number ON contacts (number)")


def index_recordings(db: Database) -> None:
    """The calls that have a message, of the many that have none."""
    db.execute("CREATE INDEX calls_with_message ON calls (id) WHERE message IS NOT NULL")


STEPS: tuple[Callable[[Database], None], ...] = (
    create_settings,
    create_calls,
    create_messages,
    create_sims,
    create_pins_tried,
    create_override,
    create_contacts,
    create_inbox,
    create_optouts,
    create_duty,
    mark_calls,
    track_messages,
    index_callers,
    create_hourly_counts,
    create_purged_texts,
    remember_erased_texts,
    create_kept,
    add_rules,
    add_sound,
    create_requests,
    create_page_sessions,
    note_calls,
    list_calls,
    index_names,
    index_recordings,
)


def pending(db: sqlite3.Connection) -> bool:
    """Whether a step is yet to be taken. Reads only, and without sqlite_utils. Raises sqlite3.Error."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone():
        return True
    names = {name for (name,) in db.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (SET,))}
    return any(step.__name__ not in names for step in STEPS)


def unknown(db: sqlite3.Connection) -> bool:
    """Whether a step was taken that this version does not know: a newer one was here. Raises sqlite3.Error."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone():
        return False
    found = db.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (SET,))
    return not {name for (name,) in found} <= {step.__name__ for step in STEPS}


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
