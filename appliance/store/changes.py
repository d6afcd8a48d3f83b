"""What the engine writes. One frozen dataclass a change; each keeps a copy, so that the record may live on.

Every change can be written twice without harm, so that one whose commit failed half-way is simply tried again.
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from datetime import datetime

from msgspec import Struct
from msgspec.structs import force_setattr, replace

from appliance.core.records import CallRecord, Message, Received
from appliance.core.roster import Handover
from appliance.store import rows


class Change(Struct, frozen=True):
    """Anything that can be written. Of changes with the same `key` the last one makes the others needless."""

    @property
    def key(self) -> Hashable:
        """Which row it is about."""
        raise NotImplementedError

    def statement(self) -> tuple[str, rows.Row]:
        """SQL and its values. Raises ValueError or TypeError for values that have no row."""
        raise NotImplementedError


class SaveCall(Change, frozen=True):
    """Keep a call, by its id; `done_at` and `told_at` stay as MarkDone and MarkTold left them."""

    record: CallRecord

    def __post_init__(self) -> None:
        force_setattr(self, "record", replace(self.record, attempts=list(self.record.attempts)))

    @property
    def key(self) -> Hashable:
        return "call", self.record.id

    def statement(self) -> tuple[str, rows.Row]:
        return _SAVE_CALL, rows.call_row(self.record)


class EndCall(Change, frozen=True):
    """A call that is kept with its outcome already ended then. One that was erased meanwhile stays so."""

    call_id: int
    at: datetime

    @property
    def key(self) -> Hashable:
        return "ended", self.call_id

    def statement(self) -> tuple[str, rows.Row]:
        return "UPDATE calls SET ended_at = ? WHERE id = ?", (rows.stamp(self.at), self.call_id)


class SaveMessage(Change, frozen=True):
    """Keep a text, by its uid; whom it goes to and what it says stay as first written. One that was erased stays so."""

    message: Message

    def __post_init__(self) -> None:
        force_setattr(self, "message", replace(self.message))

    @property
    def key(self) -> Hashable:
        return "message", self.message.uid

    def statement(self) -> tuple[str, rows.Row]:
        return _SAVE_MESSAGE, rows.message_row(self.message)


class PinTried(Change, frozen=True):
    """This PIN (as SHA-256) was tried on this line and not yet taken."""

    line: str
    digest: str

    @property
    def key(self) -> Hashable:
        return "pin", self.line, self.digest

    def statement(self) -> tuple[str, rows.Row]:
        return "INSERT OR IGNORE INTO pins_tried (line, digest) VALUES (?, ?)", (self.line, self.digest)


class PinCleared(Change, frozen=True):
    """The SIM took this PIN: it may be tried again."""

    line: str
    digest: str

    @property
    def key(self) -> Hashable:
        return "pin", self.line, self.digest

    def statement(self) -> tuple[str, rows.Row]:
        return "DELETE FROM pins_tried WHERE line = ? AND digest = ?", (self.line, self.digest)


class MethodRefused(Change, frozen=True):
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


class ForgetRefusals(Change, frozen=True):
    """Every method is to be tried anew, with every SIM."""

    @property
    def key(self) -> Hashable:
        return "refusals"

    def statement(self) -> tuple[str, rows.Row]:
        return "DELETE FROM sims", ()


class MarkDone(Change, frozen=True):
    """These calls are dealt with. One that was so before keeps its time."""

    call_ids: tuple[int, ...]
    at: datetime

    @property
    def key(self) -> Hashable:
        return "done", self.call_ids

    def statement(self) -> tuple[str, rows.Row]:
        return _mark("done_at"), (rows.stamp(self.at), json.dumps(self.call_ids))


class MarkTold(Change, frozen=True):
    """These calls were told of. One that was so before keeps its time. Write it after, or with, their SaveCall."""

    call_ids: tuple[int, ...]
    at: datetime

    @property
    def key(self) -> Hashable:
        return "told", self.call_ids

    def statement(self) -> tuple[str, rows.Row]:
        return _mark("told_at"), (rows.stamp(self.at), json.dumps(self.call_ids))


class Reopen(Change, frozen=True):
    """This call is not dealt with after all."""

    call_id: int

    @property
    def key(self) -> Hashable:
        return "done", (self.call_id,)

    def statement(self) -> tuple[str, rows.Row]:
        return "UPDATE calls SET done_at = NULL WHERE id = ?", (self.call_id,)


class WriteNote(Change, frozen=True):
    """What the owner has to say about a call; "" takes it back."""

    call_id: int
    note: str

    @property
    def key(self) -> Hashable:
        return "note", self.call_id

    def statement(self) -> tuple[str, rows.Row]:
        return "UPDATE calls SET note = ? WHERE id = ?", (rows.clean(self.note) or None, self.call_id)


class SetOverride(Change, frozen=True):
    """This plan applies, until then or for good. `by`: who said so, in a word ("text", "command", "page")."""

    plan: str
    until: datetime | None
    by: str
    at: datetime

    @property
    def key(self) -> Hashable:
        return "override"

    def statement(self) -> tuple[str, rows.Row]:
        sql = "INSERT OR REPLACE INTO override (id, plan, until, set_by, set_at) VALUES (1, ?, ?, ?, ?)"
        return sql, (self.plan, rows.stamp_or_none(self.until), self.by, rows.stamp(self.at))


class ClearOverride(Change, frozen=True):
    """No plan is switched on any more."""

    @property
    def key(self) -> Hashable:
        return "override"

    def statement(self) -> tuple[str, rows.Row]:
        return "DELETE FROM override", ()


class SaveReceived(Change, frozen=True):
    """Keep a text that came in."""

    received: Received

    def __post_init__(self) -> None:
        force_setattr(self, "received", replace(self.received))

    @property
    def key(self) -> Hashable:
        one = self.received
        return "received", one.received_at, one.line, one.sender, one.text

    def statement(self) -> tuple[str, rows.Row]:
        return _SAVE_RECEIVED, rows.received_row(self.received)


class OptOut(Change, frozen=True):
    """This number never wants a text again."""

    number: str
    at: datetime

    @property
    def key(self) -> Hashable:
        return "optout", self.number

    def statement(self) -> tuple[str, rows.Row]:
        return "INSERT OR IGNORE INTO optouts (number, at) VALUES (?, ?)", (self.number, rows.stamp(self.at))


class SaveHandover(Change, frozen=True):
    """Keep a handover of duty; written again, only its end changes."""

    handover: Handover

    @property
    def key(self) -> Hashable:
        one = self.handover
        return "handover", one.at, one.from_target, one.to_target, one.starts

    def statement(self) -> tuple[str, rows.Row]:
        return _SAVE_HANDOVER, rows.handover_row(self.handover)


class Keep(Change, frozen=True):
    """Something to know after a restart; see `Store.kept`."""

    name: str
    value: str

    @property
    def key(self) -> Hashable:
        return "kept", self.name

    def statement(self) -> tuple[str, rows.Row]:
        return "INSERT OR REPLACE INTO kept (name, value) VALUES (?, ?)", (self.name, self.value)


def _mark(column: str) -> str:
    return f"UPDATE calls SET {column} = ? WHERE {column} IS NULL AND id IN (SELECT value FROM json_each(?))"


def _upsert(table: str, columns: str, by: str, fixed: frozenset[str]) -> str:
    names = columns.split(", ")
    updates = ", ".join(f"{name} = excluded.{name}" for name in names if name not in fixed)
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT ({by}) DO UPDATE SET {updates}"


_SAVE_CALL = _upsert("calls", rows.CALL_COLUMNS, "id", frozenset({"id"}))
_SAVE_MESSAGE = _upsert(
    "messages", rows.MESSAGE_COLUMNS, "uid", frozenset({"uid", "kind", "recipient", "text", "created_at", "channel"})
)
_SAVE_RECEIVED = _upsert("inbox", rows.INBOX_COLUMNS, "received_at, line, sender, text", frozenset())
_SAVE_HANDOVER = _upsert(
    "duty", rows.DUTY_COLUMNS, "at, from_target, to_target, starts", frozenset(rows.DUTY_COLUMNS.split(", ")) - {"ends"}
)
