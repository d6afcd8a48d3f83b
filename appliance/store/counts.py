"""Counts: what statistics and costs are made of. See `migrations.create_hourly_counts`."""

from __future__ import annotations

import sqlite3
from collections import Counter
from datetime import datetime

from appliance.core.costs import Texts, billed
from appliance.core.stats import Hour
from appliance.store import rows


def hours(db: sqlite3.Connection, since: datetime | None, until: datetime | None) -> list[Hour]:
    """Each hour that had calls, oldest first, from the one that holds `since` to before the one of `until`.

    Raises sqlite3.Error.
    """
    found = db.execute(
        f"SELECT {', '.join(Hour._fields)} FROM hourly_counts WHERE hour >= ? AND hour < ? ORDER BY hour",
        (_hour(since, -(2**62)), _hour(until, 2**62)),
    )
    return [Hour(*row) for row in found]


def mark(db: sqlite3.Connection, since: datetime) -> tuple[int, ...]:
    """Another one whenever a call of this time has been counted: counts only grow. Raises sqlite3.Error."""
    sums = ", ".join(f"ifnull(sum({name}), 0)" for name in Hour._fields[1:-1])
    sql = f"SELECT count(*), {sums} FROM hourly_counts WHERE hour >= ?"
    return tuple(db.execute(sql, (_hour(since, 0),)).fetchone())


def texts(db: sqlite3.Connection, since: datetime, until: datetime) -> list[Texts]:
    """Parts of texts that went out in this time, by kind and number. Raises sqlite3.Error, ValueError."""
    found: Counter[tuple[str, str]] = Counter()
    sent = db.execute(
        "SELECT kind, recipient, state, text, parts_sent FROM messages WHERE channel = 'sms' "
        "AND ifnull(sent_at, created_at) >= ? AND ifnull(sent_at, created_at) < ?",
        (rows.stamp(since), rows.stamp(until)),
    )
    for kind, to, state, text, parts_sent in sent:  # of months in which much went wrong there may be thousands
        found[kind, to] += billed(state, text, parts_sent)
    days = rows.stamp(since)[:10], rows.stamp(until)[:10]
    for kind, count in db.execute("SELECT kind, parts FROM purged_texts WHERE day >= ? AND day < ?", days):
        found[kind, ""] += count
    return [Texts(kind, to, count) for (kind, to), count in sorted(found.items()) if count]


def _hour(at: datetime | None, otherwise: int) -> int:
    return otherwise if at is None else int(at.timestamp() // 3600)
