"""The text to whoever a call is being put through to: who calls, by which plan, what the owner noted.

With one mobile line it may leave only when the line is free again, and so come after the talk: it names the call by its
time and is as true then. It shows whom to call back, since a conference shows the target no number but the line's own.
"""

from __future__ import annotations

from datetime import datetime

from appliance.core import wording
from appliance.core.records import CallRecord

STALE = 600.0
"""Seconds after which a briefing that could not leave is of no use any more."""

_WORDS = {
    "de": {"call": "Rufweiche: Anruf {at:%H:%M} von {who}, Plan {plan}.", "note": " Notiz: {note}"},
    "en": {"call": "Rufweiche: call {at:%H:%M} from {who}, plan {plan}.", "note": " Note: {note}"},
}
_STEPS = [(name, note) for note in (100, 60, 30) for name in wording.NAME_LENGTHS] + [(20, 0)]


def text(record: CallRecord, at: datetime, note: str, language: str) -> str:
    """One part wherever possible: names and the note are cut until it fits. `at`: when the call began, local; `note`:
    of the contact, "" if none."""
    words = _WORDS[language]
    return wording.first_that_fits(
        words["call"].format(
            at=at, who=wording.who(record, language, longest), plan=wording.name(record.plan or "?", longest)
        )
        + (words["note"].format(note=cut) if (cut := wording.name(note, room) if room else "") else "")
        for longest, room in _STEPS
    )
