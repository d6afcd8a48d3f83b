"""What the commands print: the contract's JSON, and the same for eyes, plain and aligned."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import asdict

from appliance.core.contacts import Contact
from appliance.core.costs import Bill
from appliance.core.plan import Decision
from appliance.core.records import Attempt, CallRecord, Message


def as_json(value: object) -> str:
    """JSON to read and to parse."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


# --- calls -------------------------------------------------------------------------------------


def call_row(call: CallRecord, zone: dt.tzinfo) -> dict[str, object]:
    """One call of `calls --json`, times in the business's zone."""
    return {
        "id": call.id,
        "line": call.line,
        "caller": call.caller,
        "caller_name": call.caller_name,
        "started_at": _iso(call.started_at, zone),
        "answered_at": _iso(call.answered_at, zone),
        "ended_at": _iso(call.ended_at, zone),
        "rings": call.rings,
        "plan": call.plan,
        "decided_by": call.decided_by,
        "outcome": call.outcome,
        "reason": call.reason,
        "target": call.target,
        "method": call.method,
        "attempts": [{**asdict(attempt), "seconds": round(attempt.seconds, 1)} for attempt in call.attempts],
        "rule": call.rule,
        "perhaps_answered": call.perhaps_answered,
        "message": call.message,
        "message_seconds": call.message_seconds,
    }


def calls_text(calls: Sequence[CallRecord], zone: dt.tzinfo) -> str:
    """The call log as a table."""
    rows = [
        (
            _local(call.started_at, zone),
            call.line,
            call.caller or "withheld",
            call.caller_name or "",
            f"{call.rings} ring" + ("s" if call.rings != 1 else ""),
            (call.outcome or "").replace("_", " "),
            f"to {call.target} by {call.method}" if call.target else _why(call),
            ", ".join(map(_attempt, call.attempts)),
        )
        for call in calls
    ]
    return table(rows) or "No calls."


def _why(call: CallRecord) -> str:
    why = (call.reason or "").replace("_", " ")
    return ", ".join(filter(None, (why, "possibly answered" if call.perhaps_answered else "")))


def _attempt(attempt: Attempt) -> str:
    result = attempt.result.replace("_", " ")
    return f"{attempt.target} {result}{' (perhaps a mailbox)' if attempt.mailbox_like else ''}"


# --- messages ----------------------------------------------------------------------------------


def message_row(message: Message, zone: dt.tzinfo) -> dict[str, object]:
    """One text of `messages --json`."""
    return {
        "id": message.id,
        "kind": message.kind,
        "to": message.to,
        "text": message.text,
        "state": message.state,
        "tries": message.tries,
        "created_at": _iso(message.created_at, zone),
        "sent_at": _iso(message.sent_at, zone),
        "error": message.error,
    }


def messages_text(messages: Sequence[Message], zone: dt.tzinfo) -> str:
    """The texts as a table."""
    rows = [
        (
            _local(message.created_at, zone),
            message.kind,
            message.to,
            message.state + (f": {message.error}" if message.error else ""),
            f"{message.tries} tr" + ("ies" if message.tries != 1 else "y"),
            message.text,
        )
        for message in messages
    ]
    return table(rows) or "No texts."


# --- contacts ----------------------------------------------------------------------------------


def contacts_text(contacts: Sequence[Contact]) -> str:
    """Contacts as a table."""
    rows = [(one.number, one.name, one.group, one.plan or "", one.source, one.note) for one in contacts]
    return table(rows) or "No contacts."


# --- explain -----------------------------------------------------------------------------------


def explain_row(decision: Decision) -> dict[str, object]:
    """`explain --json`."""
    return {
        "plan": decision.plan,
        "decided_by": decision.decided_by,
        "rule": decision.rule,
        "answer_after_rings": decision.answer_after_rings,
        "chain": [{"target": target.name, "number": target.number} for target in decision.chain],
        "otherwise": decision.otherwise,
    }


def explain_text(decision: Decision) -> str:
    """The decision, a fact a line."""
    facts = [("decided by", f"{decision.decided_by} ({decision.rule})"), ("plan", decision.plan or "none: blocked")]
    if decision.when_blocked is not None:
        facts.append(("answered", "never" if decision.when_blocked == "ignore" else "to hang up at once"))
    if decision.plan is not None:
        rings = decision.answer_after_rings
        never = not decision.chain and decision.otherwise == "hang-up"
        facts.append(("answered", "never" if never else f"after {rings} ring" + ("s" if rings != 1 else "")))
        facts += [
            ("first" if index == 0 else "then", f"{target.name} ({target.number}), up to {target.ring_seconds} s")
            for index, target in enumerate(decision.chain)
        ]
        facts.append(("if nobody", decision.otherwise or ""))
    return table(facts)


# --- costs -------------------------------------------------------------------------------------


def costs_row(bill: Bill, month: dt.datetime, forecast_ct: float | None) -> dict[str, Any]:
    """`costs --json`; `month`: any time in it, local; of `minutes`, `estimated` are those of calls given away."""
    return {
        "month": f"{month:%Y-%m}",
        "targets": [asdict(one) for one in bill.targets],
        "other_texts": bill.other_texts,
        "ct": bill.ct,
        "forecast_ct": forecast_ct,
    }


def costs_text(costs: Mapping[str, Any]) -> str:
    """The same for eyes; takes what `costs --json` prints."""
    rows = [
        (
            one["target"],
            f"{one['calls']} call" + ("s" if one["calls"] != 1 else ""),
            f"{one['minutes']:g} min" + (f" ({one['estimated']:g} estimated)" if one["estimated"] else ""),
            f"{one['texts']} text" + ("s" if one["texts"] != 1 else ""),
            f"{one['ct'] / 100:.2f} €",
        )
        for one in costs["targets"]
    ]
    rows.append(("other texts", "", "", str(costs["other_texts"]), ""))
    rows.append((costs["month"], "", "", "", f"{costs['ct'] / 100:.2f} €"))
    if costs["forecast_ct"] is not None:
        rows.append(("expected", "", "", "", f"{costs['forecast_ct'] / 100:.2f} €"))
    return table(rows)


# --- status ------------------------------------------------------------------------------------


def status_text(status: Mapping[str, object]) -> str:
    """`status` for eyes; takes what `status --json` prints."""
    counts = status["messages"]
    waiting = "{queued} waiting, {failed} failed".format(**counts) if isinstance(counts, Mapping) else ""
    facts = [
        ("Rufweiche", str(status["version"])),
        ("plan now", _plan_now(status)),
        ("texts", waiting),
    ]
    lines = status["lines"]
    for line in lines if isinstance(lines, list) else []:
        facts += [("", ""), *_line_facts(line)]
    return table(facts)


def _plan_now(status: Mapping[str, object]) -> str:
    override, changes_at = status["override"], status.get("plan_changes_at")
    why = ""
    if isinstance(override, Mapping):
        why = " (override, " + (f"until {_minute(override['until'])})" if override["until"] else "for good)")
    then = f", from {_minute(changes_at)} {status['plan_next']}" if changes_at else ""
    return f"{status['plan_now']}{why}{then}"


def _minute(iso: object) -> str:
    return str(iso)[:16].replace("T", " ")


def _line_facts(line: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    problem = f": {line['problem']}" if line.get("problem") else ""
    yield f"line {line['name']}", f"{str(line['state']).replace('_', ' ')}{problem}"
    yield "  port", f"{line['port']} ({line['kind']})"
    if line.get("model"):
        yield "  modem", str(line["model"])
    if line.get("operator"):
        yield "  network", str(line["operator"]) + ("" if line.get("registered") else " (not registered)")
    if line.get("signal_dbm") is not None:
        yield "  signal", f"{line['signal_dbm']} dBm"
    if line.get("sim"):
        yield "  SIM", str(line["sim"])
    methods = line.get("can")
    if isinstance(methods, list) and methods:
        yield "  can", ", ".join(map(str, methods))
    diversions = line.get("diversions")
    for diversion in diversions if isinstance(diversions, list) else []:
        confirmed = "confirmed" if diversion.get("confirmed") else "not confirmed"
        whose = "" if diversion.get("ours") else ", not ours"
        when = str(diversion.get("when")).replace("_", " ")
        yield "  diverts", f"{when} to {diversion.get('to')} ({confirmed}{whose})"
    notes = line.get("notes")
    yield from (("  note", str(note)) for note in (notes if isinstance(notes, list) else []))


# --- shapes ------------------------------------------------------------------------------------


def table(rows: Iterable[Sequence[str]]) -> str:
    """Rows with their columns aligned; what a terminal would act on is made harmless, whoever wrote it."""
    cells = [[_harmless(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width).rstrip() for row in cells
    )


def _harmless(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _iso(at: dt.datetime | None, zone: dt.tzinfo) -> str | None:
    return at.astimezone(zone).isoformat(timespec="milliseconds") if at else None


def _local(at: dt.datetime, zone: dt.tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
