"""What is forgotten: records that are old, and everything about a number.

SQLite overwrites what is deleted (`secure_delete`), and a checkpoint empties the write-ahead log. What a flash card
keeps of overwritten blocks is beyond a program's reach.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from appliance.core.costs import parts
from appliance.store import rows

AT_ONCE = 1000
"""Rows of a table deleted in one go, so that the engine's loop never waits long."""

_DIGEST = "digest:"
_ROUNDS = 20_000
"""Of PBKDF2: a tenth of a second on a small box, asked for once a text; and years for all mobile numbers."""
_ENDED = "state NOT IN ('queued', 'sending')"
_LONGEST_SHIFT = timedelta(days=60)
_BETWEEN_DIGITS = re.compile(r"(?<=\d)[\s./()\-\u2010-\u2015]+(?=\d)")


class OptOuts(frozenset[str]):
    """Numbers that want no texts. `number in optouts` also finds those that were erased, by their digest."""

    def __contains__(self, number: object) -> bool:
        if frozenset.__contains__(self, number):
            return True
        return (
            isinstance(number, str)
            and any(kept.startswith(_DIGEST) for kept in self)
            and frozenset.__contains__(self, digest(number))
        )


@lru_cache(maxsize=64)
def digest(number: str) -> str:
    """What is kept of an erased number that must never get a text: enough to know it again, too little to read it.

    Slow on purpose: there are not many numbers, and a fast digest could be undone by trying them all.
    """
    import hashlib  # brings OpenSSL, three megabytes that an engine nobody has texted STOP needs not

    found = hashlib.pbkdf2_hmac("sha256", number.encode(), b"rufweiche opt-out", _ROUNDS)
    return _DIGEST + found.hex()


def mentions(text: str, number: str) -> bool:
    """Whether a text has this number (E.164, or digits) in it, however it is spaced, with or without country code."""
    digits = number.removeprefix("+")
    if not digits.isdigit():
        return False
    if number.startswith("+"):
        national = "|".join(re.escape(digits[length:]) for length in (1, 2, 3))  # a country code has 1 to 3 digits
        wanted = rf"(?<!\d)(?:(?:00)?{digits}|0(?:{national}))(?!\d)"
    else:
        wanted = rf"(?<![\d:.,]){digits}(?![\d:]|[.,]\d)"  # an extension is no part of a time or a date
    plain = re.sub(r"\(0\)", "", text)
    return re.search(wanted, _BETWEEN_DIGITS.sub("", plain)) is not None


# --- old records -------------------------------------------------------------------------------


def purge(db: sqlite3.Connection, before: datetime) -> int:
    """Delete calls, texts and handovers from before this time; returns how many rows, at most AT_ONCE of a kind.

    Looks at the oldest rows only, so that it needs no index: one with a wrong time waits until its turn comes.
    Raises sqlite3.Error, ValueError.
    """
    oldest = rows.stamp(before)
    deleted = 0
    texts = db.execute(
        f"SELECT {rows.MESSAGE_COLUMNS}, id FROM (SELECT * FROM messages ORDER BY id LIMIT {AT_ONCE}) "
        f"WHERE created_at < ? AND {_ENDED}",
        (oldest,),
    ).fetchall()
    for message in map(rows.message_from, texts):
        if count := parts(message):
            db.execute(
                "INSERT INTO purged_texts (day, kind, parts) VALUES (?, ?, ?) "
                "ON CONFLICT (day, kind) DO UPDATE SET parts = parts + excluded.parts",
                (rows.stamp(message.sent_at or message.created_at)[:10], message.kind, count),
            )
        deleted += db.execute("DELETE FROM messages WHERE id = ?", (message.id,)).rowcount
    for table, time, condition in (
        ("calls", "started_at", "outcome IS NOT NULL"),
        ("inbox", "received_at", "true"),
        ("duty", "ends", "ends IS NOT NULL"),
    ):
        deleted += db.execute(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM (SELECT * FROM {table} ORDER BY id LIMIT {AT_ONCE}) "
            f"WHERE {time} < ? AND {condition})",
            (oldest,),
        ).rowcount
    deleted += db.execute(
        "DELETE FROM duty WHERE ends IS NULL AND starts < ?", (rows.stamp(before - _LONGEST_SHIFT),)
    ).rowcount
    db.execute("DELETE FROM erased_texts WHERE erased_at < ?", (oldest,))
    return deleted


# --- one number --------------------------------------------------------------------------------


def erase(db: sqlite3.Connection, number: str) -> dict[str, int]:
    """Delete everything about a number; returns how many rows of each kind.

    `calls`: of this caller. `attempts`: calls of others in which it was tried as a target: those stay, without it.
    `messages`: to it or naming it, `inbox`: from it or naming it. `optouts`: a wish to get no texts stays in force, as
    a digest. `in_progress`: a call that lasts or a text on its way, to be erased once it has ended. `settings`: how
    often the settings name it, which only their owner can change. Raises sqlite3.Error.
    """
    db.create_function("mentions", 2, mentions, deterministic=True)
    texts = f"(recipient = :number OR mentions(text, :number)) AND {_ENDED}"
    db.execute(
        "INSERT OR IGNORE INTO erased_texts (uid, erased_at) "
        f"SELECT uid, strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now') FROM messages WHERE {texts}",
        {"number": number},
    )
    erased = {}
    for kind, sql in (
        ("calls", "DELETE FROM calls WHERE caller = :number AND outcome IS NOT NULL"),
        (
            "attempts",
            "UPDATE calls SET attempts = replace(attempts, :quoted, '\"\"') WHERE instr(attempts, :quoted) "
            "AND outcome IS NOT NULL",
        ),
        ("messages", f"DELETE FROM messages WHERE {texts}"),
        ("inbox", "DELETE FROM inbox WHERE sender = :number OR mentions(text, :number)"),
        ("contacts", "DELETE FROM contacts WHERE number = :number"),
        ("optouts", "UPDATE OR REPLACE optouts SET number = :digest WHERE number = :number"),
    ):
        values = {"number": number, "quoted": f'"{number}"', "digest": digest(number) if kind == "optouts" else ""}
        erased[kind] = db.execute(sql, values).rowcount
    (erased["in_progress"],) = db.execute(
        "SELECT (SELECT count(*) FROM calls WHERE caller = :number) "
        "+ (SELECT count(*) FROM messages WHERE recipient = :number OR mentions(text, :number))",
        {"number": number},
    ).fetchone()
    settings = db.execute("SELECT json FROM settings").fetchone()
    erased["settings"] = settings[0].count(f'"{number}"') if settings else 0
    return erased


def export(db: sqlite3.Connection, number: str) -> dict[str, list[dict[str, rows.Value]]]:
    """Everything about a number: rows of `calls` (from it, or in which it was a target), `messages`, `inbox`,
    `contacts` and `optouts`, column by column, oldest first, times in UTC; `settings`: where those name it, and what
    they say of it. Raises sqlite3.Error.
    """
    db.create_function("mentions", 2, mentions, deterministic=True)
    found: dict[str, list[dict[str, rows.Value]]] = {}
    for table, condition in (
        ("calls", "caller = :number OR instr(attempts, :quoted)"),
        ("messages", "recipient = :number OR mentions(text, :number)"),
        ("inbox", "sender = :number OR mentions(text, :number)"),
        ("contacts", "number = :number"),
        ("optouts", "number IN (:number, :digest)"),
    ):
        values = {"number": number, "quoted": f'"{number}"', "digest": digest(number) if table == "optouts" else ""}
        cursor = db.execute(f"SELECT * FROM {table} WHERE {condition} ORDER BY 1", values)
        names = [column[0] for column in cursor.description]
        found[table] = [dict(zip(names, row, strict=True)) for row in cursor]
    stored = db.execute("SELECT json FROM settings").fetchone()
    found["settings"] = list(_named(json.loads(stored[0]), number)) if stored else []
    return found


def _named(settings: dict[str, Any], number: str) -> Iterator[dict[str, rows.Value]]:
    """The tables of the settings that are about this number, without what is nobody's: secrets, tariffs."""
    for table in ("caller", "target", "line"):
        for index, entry in enumerate(settings.get(table, ())):
            if entry.get("number") == number:
                about = {key: entry[key] for key in ("name", "group", "plan") if entry.get(key)}
                yield {"place": f"{table}[{index}]", "number": number, **about}
    business = settings["business"]
    if business.get("owner_mobile") == number:
        yield {"place": "business.owner_mobile", "number": number}
    if number in business.get("numbers", ()):
        yield {"place": "business.numbers", "number": number}
