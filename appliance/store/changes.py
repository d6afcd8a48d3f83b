"""What the engine writes. One frozen dataclass a change; each keeps a copy, so that the record may live on.

Every change can be written twice without harm, so that one whose commit failed half-way is simply tried again.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import datetime

from appliance.core.records import CallRecord, Message
from appliance.store import rows


@dataclass(frozen=True, slots=True)
class Change:
    """Anything that can be written. Of changes with the same `key` the last one makes the others needless."""

    @property
    def key(self) -> Hashable:
        """Which row it is about."""
        raise NotImplementedError

    def statement(self) -> tuple[str, rows.Row]:
        """SQL and its values. Raises ValueError or TypeError for values that have no row."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class SaveCall(Change):
    """Keep a call, by its id."""

    record: CallRecord

    def __post_init__(self) -> None:
        object.__setattr__(self, "record", replace(self.record, attempts=list(self.record.attempts)))

    @property
    def key(self) -> Hashable:
        return "call", self.record.id

    def statement(self) -> tuple[str, rows.Row]:
        return _SAVE_CALL, rows.call_row(self.record)


@dataclass(frozen=True, slots=True)
class SaveMessage(Change):
    """Keep a text, by its uid; whom it goes to and what it says stay as first written."""

    message: Message

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", replace(self.message))

    @property
    def key(self) -> Hashable:
        return "message", self.message.uid

    def statement(self) -> tuple[str, rows.Row]:
        return _SAVE_MESSAGE, rows.message_row(self.message)


@dataclass(frozen=True, slots=True)
class PinTried(Change):
    """This PIN (as SHA-256) was tried on this line and not yet taken."""

    line: str
    digest: str

    @property
    def key(self) -> Hashable:
        return "pin", self.line, self.digest

    def statement(self) -> tuple[str, rows.Row]:
        return "INSERT OR IGNORE INTO pins_tried (line, digest) VALUES (?, ?)", (self.line, self.digest)


@dataclass(frozen=True, slots=True)
class PinCleared(Change):
    """The SIM took this PIN: it may be tried again."""

    line: str
    digest: str

    @property
    def key(self) -> Hashable:
        return "pin", self.line, self.digest

    def statement(self) -> tuple[str, rows.Row]:
        return "DELETE FROM pins_tried WHERE line = ? AND digest = ?", (self.line, self.digest)


@dataclass(frozen=True, slots=True)
class MethodRefused(Change):
    """The network refused this forwarding method for this SIM."""

    sim: str
    method: str
    at: datetime

    @property
    def key(self) -> Hashable:
        return "refusal", self.sim, self.method

    def statement(self) -> tuple[str, rows.Row]:
        sql = (
            "INSERT INTO sims (sim, method, refused_at) VALUES (?, ?, ?) "
            "ON CONFLICT (sim, method) DO UPDATE SET refused_at = excluded.refused_at"
        )
        return sql, (self.sim, self.method, rows.stamp(self.at))


@dataclass(frozen=True, slots=True)
class ForgetRefusals(Change):
    """Every method is to be tried anew, with every SIM."""

    @property
    def key(self) -> Hashable:
        return "refusals"

    def statement(self) -> tuple[str, rows.Row]:
        return "DELETE FROM sims", ()


def _upsert(table: str, columns: str, by: str, fixed: frozenset[str]) -> str:
    names = columns.split(", ")
    updates = ", ".join(f"{name} = excluded.{name}" for name in names if name not in fixed)
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT ({by}) DO UPDATE SET {updates}"


_SAVE_CALL = _upsert("calls", rows.CALL_COLUMNS, "id", frozenset({"id"}))
_SAVE_MESSAGE = _upsert(
    "messages", rows.MESSAGE_COLUMNS, "uid", frozenset({"uid", "kind", "recipient", "text", "created_at"})
)
