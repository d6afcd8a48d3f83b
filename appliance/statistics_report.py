"""`rufweiche stats`: the figures, as JSON has them and as a table for eyes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from appliance.core import stats
from appliance.reports import table
from appliance.store.database import Store

SPAN = dt.timedelta(days=366)
"""What is looked at when nobody says since when: a year, whose days and weeks somebody may still read."""


def stats_report(store: Store, since: dt.datetime | None, until: dt.datetime, zone: dt.tzinfo) -> dict[str, Any]:
    """The object of `stats --json`: `core.stats.report` of the calls that began from `since` (None: a year before
    `until`) to `until`, and `since` and `until` in the business's zone. Whole hours; a call of the hour that holds
    `until` is counted too. Raises StoreError.
    """
    since = since or until - SPAN
    end = until.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)
    return {
        "since": since.astimezone(zone).isoformat(timespec="seconds"),
        "until": until.astimezone(zone).isoformat(timespec="seconds"),
        **stats.report(store.hours(since, end), zone),
    }


def stats_text(report: dict[str, Any]) -> str:
    """The same to read: in all, by target, weekday, hour and week. Days are left to the JSON."""
    total = report["total"]
    if not total["calls"]:
        return "No calls."
    blocks = [table([_HEAD, _row("all", total)])]
    for title, key, name in (
        ("by target", "by_target", "target"),
        ("by weekday", "by_weekday", "weekday"),
        ("by hour", "by_hour", "hour"),
        ("by week", "by_week", "week"),
    ):
        rows = [_row(_label(one[name]), one) for one in report[key] if one["calls"]]
        blocks.append(table([(title, *_HEAD[1:]), *rows]))
    share, usual = _percent(total["missed_share"]) or "none", report["usual_missed_share"]
    return "\n\n".join([*blocks, f"Missed: {share}. Usual for a local business: {usual:.0%}."])


_HEAD = ("", "calls", "here", "forwarded", "missed", "blocked", "missed share", "median wait")


def _row(name: str, figures: dict[str, Any]) -> tuple[str, ...]:
    wait = figures["median_seconds_to_human"]
    counts = (str(figures[key]) for key in ("calls", "answered_here", "forwarded", "missed", "blocked"))
    return name, *counts, _percent(figures["missed_share"]), "" if wait is None else f"{wait:g} s"


def _label(name: object) -> str:
    return f"{name:02}:00" if isinstance(name, int) else str(name)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"
