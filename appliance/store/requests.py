"""What the page asks of the engine, on its way through the store; see `core/requests`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Hashable, Mapping
from datetime import datetime

from appliance.core.requests import Request
from appliance.store import rows
from appliance.store.changes import Change

KEPT = 50
"""Requests that are kept once they are answered: enough for whoever still waits."""

_COLUMNS = "id, kind, payload, asked_at, answer, answered_at"


class AnswerRequest(Change, frozen=True):
    """The engine's answer; the first one counts."""

    request_id: int
    answer: Mapping[str, object]
    at: datetime

    @property
    def key(self) -> Hashable:
        return "request", self.request_id

    def statement(self) -> tuple[str, rows.Row]:
        sql = "UPDATE requests SET answer = ?, answered_at = ? WHERE id = ? AND answer IS NULL"
        return sql, (json.dumps(self.answer), rows.stamp(self.at), self.request_id)


def add(db: sqlite3.Connection, kind: str, payload: Mapping[str, object], at: datetime) -> int:
    """Leave a request and forget old ones; its id. Raises sqlite3.Error, ValueError."""
    (number,) = db.execute(
        "INSERT INTO requests (kind, payload, asked_at) VALUES (?, ?, ?) RETURNING id",
        (kind, json.dumps(payload), rows.stamp(at)),
    ).fetchone()
    db.execute("DELETE FROM requests WHERE id <= ?", (number - KEPT,))
    return int(number)


def one(db: sqlite3.Connection, number: int) -> Request | None:
    """The request of this id. Raises sqlite3.Error, ValueError."""
    row = db.execute(f"SELECT {_COLUMNS} FROM requests WHERE id = ?", (number,)).fetchone()
    return None if row is None else _request(row)


def waiting(db: sqlite3.Connection) -> list[Request]:
    """Those without an answer, oldest first. Raises sqlite3.Error, ValueError."""
    return [_request(row) for row in db.execute(f"SELECT {_COLUMNS} FROM requests WHERE answer IS NULL ORDER BY id")]


def _request(row: tuple[int, str, str, str, str | None, str | None]) -> Request:
    number, kind, payload, asked_at, answer, answered_at = row
    return Request(
        number,
        kind,
        json.loads(payload),
        rows.when(asked_at),
        None if answer is None else json.loads(answer),
        None if answered_at is None else rows.when(answered_at),
    )
