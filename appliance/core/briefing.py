"""The text to whoever a call is being put through to: who calls, by which plan, what the owner noted."""

from __future__ import annotations

from appliance.core import wording
from appliance.core.records import CallRecord

STALE = 600.0
"""Seconds after which a briefing that could not leave is of no use any more."""

_WORDS = {
    "de": {"call": "Rufweiche: {who} ruft an, Plan {plan}.", "note": " Notiz: {note}"},
    "en": {"call": "Rufweiche: {who} calls, plan {plan}.", "note": " Note: {note}"},
}
_STEPS = [(name, note) for note in (100, 60, 30) for name in wording.NAME_LENGTHS] + [(20, 0)]


def text(record: CallRecord, note: str, language: str) -> str:
    """One part wherever possible: names and the note are cut until it fits. `note`: of the contact, "" if none."""
    words = _WORDS[language]
    return wording.first_that_fits(
        words["call"].format(who=wording.who(record, language, longest), plan=wording.name(record.plan or "?", longest))
        + (words["note"].format(note=cut) if (cut := wording.name(note, room) if room else "") else "")
        for longest, room in _STEPS
    )
