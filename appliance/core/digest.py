"""One text about several missed calls, grouped by caller: "3x +4989777123, zuletzt 14:03"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.core import texts, wording
from appliance.core.records import CallRecord

MOST_PARTS = 3
"""Parts of a text about many calls; who does not fit in is counted."""

_WORDS = {
    "de": {"head": "{count} verpasste Anrufe:", "last": "{who}, zuletzt {when}", "more": "und {count} weitere"},
    "en": {"head": "{count} missed calls:", "last": "{who}, last {when}", "more": "and {count} more"},
}
_LONGEST_NAME = 24
_MOST_LINES = 45  # no three parts hold more


def text(records: Sequence[CallRecord], language: str, timezone: str, wall: datetime) -> str:
    """The text about these calls (at least one): the caller who called last comes first, each on a line of his own.

    Of one call it tells all, as `texts.missed` does. A time of another day than today's has its day. What does not
    fit into MOST_PARTS is counted ("und 4 weitere": calls, not callers).
    """
    if len(records) == 1:
        return texts.missed(records[0], language, timezone)
    zone = ZoneInfo(timezone)
    groups = _by_caller(records)
    lines = [_line(group, language, zone, wall) for group in groups]
    head = _WORDS[language]["head"].format(count=len(records))
    for shown in range(min(len(groups), _MOST_LINES), 0, -1):
        left = sum(len(group) for group in groups[shown:])
        rest = [_WORDS[language]["more"].format(count=left)] if left else []
        told = "\n".join([head, *lines[:shown], *rest])
        if wording.parts(told) <= MOST_PARTS:
            return told
    return head.rstrip(":") + "."


def _by_caller(records: Sequence[CallRecord]) -> list[list[CallRecord]]:
    """Calls of one number together, in their order; the last to call first. All withheld ones are one caller."""
    groups: dict[tuple[str | None, bool], list[CallRecord]] = {}
    for record in sorted(records, key=lambda record: (record.started_at, record.id)):
        key = (record.caller, record.caller is None and record.withheld)
        groups[key] = [*groups.pop(key, []), record]
    return list(reversed(groups.values()))


def _line(group: list[CallRecord], language: str, zone: ZoneInfo, wall: datetime) -> str:
    last = group[-1]
    who = wording.who(last, language, _LONGEST_NAME)
    local, today = last.started_at.astimezone(zone), wall.astimezone(zone).date()
    when = f"{local:%H:%M}" if local.date() == today else wording.moment(local, language)
    if len(group) == 1:
        return f"{who}, {when}"
    return f"{len(group)}x {_WORDS[language]['last'].format(who=who, when=when)}"
