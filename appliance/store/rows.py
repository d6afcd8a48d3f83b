"""Records to rows and back. A time is kept as ISO 8601 in UTC with microseconds, so that text order is time order."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from appliance.core.contacts import Contact
from appliance.core.records import Attempt, CallRecord, Message, Received
from appliance.core.roster import Handover

CALL_COLUMNS = (
    "id, line, started_at, caller, caller_name, withheld, answered_at, ended_at, rings, plan, decided_by, outcome, "
    "reason, target, method, attempts, rule, perhaps_answered, message, message_seconds"
)
CALL_MARKS = "done_at, told_at, note"  # read with a call, but written by changes of their own
MESSAGE_COLUMNS = (
    "uid, kind, recipient, text, created_at, state, tries, parts_sent, not_before, sent_at, error, channel, reference, "
    "delivered_at"
)
CONTACT_COLUMNS = "number, name, grp, plan, note, source"
INBOX_COLUMNS = "line, sender, text, sent_at, received_at, kind"
DUTY_COLUMNS = "from_target, to_target, starts, ends, at"

Value = str | int | float | bytes | None
Row = tuple[Value, ...]


def stamp(at: datetime) -> str:
    """An aware time as text. Raises ValueError for a naive one, whose meaning would depend on the machine."""
    if at.tzinfo is None:
        raise ValueError(f"time without zone: {at}")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def stamp_or_none(at: datetime | None) -> str | None:
    """The same, for a time that may be missing."""
    return None if at is None else stamp(at)


def when(text: str) -> datetime:
    """The time that `stamp` wrote."""
    return datetime.fromisoformat(text)


def clean(text: str) -> str:
    """Text that UTF-8 can carry: what came off a serial line may hold lone surrogates."""
    return text.encode("utf-8", "replace").decode("utf-8")


def call_row(record: CallRecord) -> Row:
    """The values of CALL_COLUMNS. Raises ValueError for a naive time."""
    attempts = [[a.target, a.number, a.method, a.result, a.seconds, a.mailbox_like] for a in record.attempts]
    return (
        record.id,
        clean(record.line),
        stamp(record.started_at),
        _text(record.caller),
        _text(record.caller_name),
        int(record.withheld),
        stamp_or_none(record.answered_at),
        stamp_or_none(record.ended_at),
        record.rings,
        _text(record.plan),
        _text(record.decided_by),
        _text(record.outcome),
        _text(record.reason),
        _text(record.target),
        _text(record.method),
        clean(json.dumps(attempts, ensure_ascii=False, separators=(",", ":"))),
        _text(record.rule),
        int(record.perhaps_answered),
        _text(record.message),
        record.message_seconds,
    )


def call_from(row: tuple[str, ...]) -> CallRecord:
    """The record of a row of CALL_COLUMNS and CALL_MARKS.

    Raises ValueError or TypeError for a row that was not written by us.
    """
    (number, line, started, caller, name, withheld, answered, ended, rings, plan, decided, outcome, reason, target,
     method, attempts, rule, perhaps, message, seconds, done, told, note) = row  # fmt: skip
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
        rule=rule,
        perhaps_answered=bool(perhaps),
        message=message,
        message_seconds=None if seconds is None else float(seconds),
        done_at=_when(done),
        told_at=_when(told),
        note=note,
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
        stamp_or_none(message.not_before),
        stamp_or_none(message.sent_at),
        _text(message.error),
        message.channel,
        message.reference,
        stamp_or_none(message.delivered_at),
    )


def message_from(row: tuple[str, ...]) -> Message:
    """The message of a row of MESSAGE_COLUMNS and id. Raises ValueError for a row that was not written by us."""
    uid, kind, to, text, created, state, tries, parts_sent, not_before, sent, error, channel, reference, delivered, \
        number = row  # fmt: skip
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
        channel=channel,
        reference=None if reference is None else int(reference),
        delivered_at=_when(delivered),
    )


def contact_row(contact: Contact) -> Row:
    """The values of CONTACT_COLUMNS."""
    return (
        clean(contact.number),
        clean(contact.name),
        clean(contact.group),
        _text(contact.plan),
        clean(contact.note),
        clean(contact.source),
    )


def received_row(received: Received) -> Row:
    """The values of INBOX_COLUMNS. Raises ValueError for a naive time."""
    return (
        clean(received.line),
        clean(received.sender),
        clean(received.text),
        stamp_or_none(received.sent_at),
        stamp(received.received_at),
        clean(received.kind),
    )


def received_from(row: tuple[str, ...]) -> Received:
    """The text of a row of INBOX_COLUMNS and id. Raises ValueError for a row that was not written by us."""
    line, sender, text, sent, received, kind, number = row
    return Received(line, sender, text, _when(sent), when(received), kind, int(number))


def handover_row(handover: Handover) -> Row:
    """The values of DUTY_COLUMNS. Raises ValueError for a naive time."""
    return (
        clean(handover.from_target),
        clean(handover.to_target),
        stamp(handover.starts),
        stamp_or_none(handover.ends),
        stamp(handover.at),
    )


def handover_from(row: tuple[str, ...]) -> Handover:
    """The handover of a row of DUTY_COLUMNS and id. Raises ValueError for a row that was not written by us."""
    giver, taker, starts, ends, at, number = row
    return Handover(giver, taker, when(starts), _when(ends), when(at), int(number))


def _text(text: str | None) -> str | None:
    return None if text is None else clean(text)


def _when(text: str | None) -> datetime | None:
    return None if text is None else when(text)
