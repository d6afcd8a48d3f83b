"""Calls that never came to a table of states, or fell out of it: how they are kept."""

from __future__ import annotations

from datetime import datetime

from appliance.core.call import LEAST_MESSAGE
from appliance.core.call_state import Decide
from appliance.core.records import CallRecord


def second_caller(record: CallRecord, decide: Decide, at: datetime) -> CallRecord:
    """Somebody called while the line was in a call, and got the busy tone: a missed call of its own."""
    decision = decide(record.caller, record.withheld, at)
    record.plan, record.decided_by, record.rule = decision.plan, decision.decided_by, decision.rule
    record.ended_at = at
    if decision.decided_by == "blocked":
        record.outcome = "blocked"
    else:
        record.outcome, record.reason = "missed", "nobody_reached"
    return record


def cut_off_by_restart(record: CallRecord, at: datetime, message: str = "", seconds: float = 0.0) -> CallRecord:
    """A crash, a power cut or a stop ended this call: what is known of it is how it ended.

    message: where so many seconds of what its caller said were kept all the same.
    """
    record.ended_at = record.ended_at or at
    if record.outcome is not None:
        return record
    if record.answered_at:
        record.outcome, record.reason = "forwarded", None
    elif seconds >= LEAST_MESSAGE:
        record.outcome, record.message, record.message_seconds = "voicemail", message, round(seconds, 1)
    else:
        record.outcome, record.reason = "missed", "restart"
    return record
