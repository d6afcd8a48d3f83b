"""The texts as the page shows them: sent ones and received ones, newest first, a page at a time. Raises sqlite3.Error,
ValueError."""

from __future__ import annotations

import sqlite3

from appliance.core.records import Message, Received
from appliance.store import rows

WAITING = ("queued", "sending")
FAILED = ("failed",)
_IN_INDEX = "state IN ('queued', 'sending', 'failed')"  # word for word the index's condition
AGAIN = "+"
"""What the uid of a text that is sent once more has behind that of the one that failed."""
IN_VAIN = f"NOT EXISTS (SELECT 1 FROM messages AS later WHERE later.uid = messages.uid || '{AGAIN}')"
"""Of a text that failed: it was not sent once more."""
_LARGEST = 2**63 - 1
_RECENT = 300
"""How many texts back a test is looked for: as good as a day's."""


def sent(db: sqlite3.Connection, limit: int, before: int | None = None, states: tuple[str, ...] = ()) -> list[Message]:
    """Texts older than the one of the id `before`; of these states, which must be WAITING or FAILED, or all. Of
    those that failed, the ones that were not sent once more."""
    source, values = "messages WHERE", list[rows.Value]()
    if states:
        marks = ", ".join("?" * len(states))
        source, values = f"messages INDEXED BY messages_open WHERE {_IN_INDEX} AND state IN ({marks}) AND", [*states]
        if states == FAILED:
            source += f" {IN_VAIN} AND"
    sql = f"SELECT {rows.MESSAGE_COLUMNS}, id FROM {source} id < ? ORDER BY id DESC LIMIT ?"
    return [rows.message_from(row) for row in db.execute(sql, (*values, before or _LARGEST, limit))]


def one(db: sqlite3.Connection, number: int) -> Message | None:
    """The text of this id."""
    row = db.execute(f"SELECT {rows.MESSAGE_COLUMNS}, id FROM messages WHERE id = ?", (number,)).fetchone()
    return None if row is None else rows.message_from(row)


def newest_test(db: sqlite3.Connection) -> list[Message]:
    """What the last test sent, a message for each way, in the order they were queued: all of one moment."""
    newest = f"SELECT * FROM messages ORDER BY id DESC LIMIT {_RECENT}"
    sql = f"SELECT {rows.MESSAGE_COLUMNS}, id FROM ({newest}) WHERE kind = 'test' ORDER BY id"
    found = [rows.message_from(row) for row in db.execute(sql)]
    return [message for message in found if message.created_at == found[-1].created_at]


def received(db: sqlite3.Connection, limit: int, before: int | None = None) -> list[Received]:
    """Texts that came, older than the one of the id `before`."""
    sql = f"SELECT {rows.INBOX_COLUMNS}, id FROM inbox WHERE id < ? ORDER BY id DESC LIMIT ?"
    return [rows.received_from(row) for row in db.execute(sql, (before or _LARGEST, limit))]
