"""Records to rows and back. A time is kept as ISO 8601 in UTC with microseconds, so that text order is time order."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from appliance.core.records import Attempt, CallRecord, Message

CALL_COLUMNS = (
    "id, line, started_at, caller, caller_name, withheld, answered_at, ended_at, rings, plan, decided_by, outcome, "
    "reason, target, method, attempts"
)
MESSAGE_COLUMNS = "uid, kind, recipient, text, created_at, state, tries, parts_sent, not_before, sent_at, error"

Value = str | int | float | bytes | None
Row = tuple[Value, ...]


def stamp(at: datetime) -> str:
    """An aware time as text. Raises ValueError for a naive one, whose meaning would depend on the machine."""
    if at.tzinfo is None:
        raise ValueError(f"time without zone: {at}")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def when(text: str) -> datetime:
    """The time that `stamp` wrote."""
    return datetime.fromisoformat(text)


def clean(text: str) -> str:
    """Text that UTF-8 can carry: what came off a serial line may hold lone surrogates."""
    return text.encode("utf-8", "replace").decode("utf-8")


def call_row(record: CallRecord) -> Row:
    """The values of CALL_COLUMNS. Raises ValueError for a naive time."""
    attempts = [[a.target, a.number, a.method, a.result, a.seconds] for a in record.attempts]
    return (
        record.id,
        clean(record.line),
        stamp(record.started_at),
        _text(record.caller),
        _text(record.caller_name),
        int(record.withheld),
        _stamp(record.answered_at),
        _stamp(record.ended_at),
        record.rings,
        _text(record.plan),
        _text(record.decided_by),
        _text(record.outcome),
        _text(record.reason),
        _text(record.target),
        _text(record.method),
        clean(json.dumps(attempts, ensure_ascii=False, separators=(",", ":"))),
    )


def call_from(row: tuple[str, ...]) -> CallRecord:
    """The record of a row of CALL_COLUMNS. Raises ValueError or TypeError for a row that was not written by us."""
    (number, line, started, caller, name, withheld, answered, ended, rings, plan, decided, outcome, reason, target,
     method, attempts) = row  # fmt: skip
    return CallRecord(
        id=int(number),
        line=line,
        started_at=when(started),
        caller=caller,
        caller_name=name,
        withheld=bool(withheld),
        answered_at=_when(answered),
        ended_at=_when(ended),
        rings=int(rings),
        plan=plan,
        decided_by=decided,
        outcome=outcome,
        reason=reason,
        target=target,
        method=method,
        attempts=[Attempt(*attempt) for attempt in json.loads(attempts)],
    )


def message_row(message: Message) -> Row:
    """The values of MESSAGE_COLUMNS. Raises ValueError for a naive time."""
    return (
        message.uid,
        message.kind,
        clean(message.to),
        clean(message.text),
        stamp(message.created_at),
        message.state,
        message.tries,
        message.parts_sent,
        _stamp(message.not_before),
        _stamp(message.sent_at),
        _text(message.error),
    )


def message_from(row: tuple[str, ...]) -> Message:
    """The message of a row of MESSAGE_COLUMNS and id. Raises ValueError for a row that was not written by us."""
    uid, kind, to, text, created, state, tries, parts_sent, not_before, sent, error, number = row
    return Message(
        uid=uid,
        kind=kind,
        to=to,
        text=text,
        created_at=when(created),
        state=state,
        tries=int(tries),
        parts_sent=int(parts_sent),
        not_before=_when(not_before),
        sent_at=_when(sent),
        error=error,
        id=int(number),
    )


def _text(text: str | None) -> str | None:
    return None if text is None else clean(text)


def _stamp(at: datetime | None) -> str | None:
    return None if at is None else stamp(at)


def _when(text: str | None) -> datetime | None:
    return None if text is None else when(text)
