"""What `status` says: the engine's sign of life, and what stands in its place when there is none.

The engine writes `status.json` every few seconds where nothing is kept for good: {"boot_id", "monotonic", "lines"},
the lines as the contract's `status --json` has them. Monotonic time of the same boot tells whether it is alive: the
clock on the wall may have jumped meanwhile.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance import __version__
from appliance.core.outlook import next_change
from appliance.core.plan import CLOCK_KNOWN_FROM, Override, applies, plan_at
from appliance.core.settings import Line, Settings
from appliance.ports.clock import boot_id
from appliance.store import live

NOT_RUNNING = "engine not running"


def engine_lines(state: Path, monotonic: float) -> list[dict[str, object]] | None:
    """The lines as the engine last described them, or None without a sign of life from it."""
    said = live.read(state, boot_id(), monotonic)
    try:
        return None if said is None else [dict(line) for line in said["lines"]]
    except (ValueError, KeyError, TypeError):
        return None  # not what we write: the same as silence


def clock_known(state: Path, monotonic: float, at: dt.datetime) -> bool:
    """Whether the time of day decides anything now (`at`, aware), as the engine sees it; without one by `at` alone."""
    return at >= CLOCK_KNOWN_FROM and not live.doubts_clock(live.read(state, boot_id(), monotonic))


def status(
    settings: Settings,
    lines: list[dict[str, object]] | None,
    counts: dict[str, int],
    at: dt.datetime,
    override: Override | None = None,
    clock_known: bool = True,
) -> dict[str, object]:
    """The contract's `status --json`, and when the plan changes next (`plan_changes_at`) to which (`plan_next`), null
    while the clock has not been set.

    `lines`, `clock_known`: from `engine_lines` and `clock_known`; `counts`: texts queued and failed; `at`: aware;
    `override`: as stored, so that its time may be over and its plan removed.
    """
    local = at.astimezone(ZoneInfo(settings.business.timezone))
    clock_known = clock_known and at >= CLOCK_KNOWN_FROM
    change = next_change(settings, at, override) if clock_known else None
    return {
        "version": __version__,
        "plan_now": plan_at(settings, local, override, clock_known=clock_known),
        "plan_changes_at": change.at.isoformat() if change else None,
        "plan_next": change.plan if change else None,
        "override": _override(settings, local if clock_known else None, override),
        "lines": [_line(line, lines) for line in settings.line],
        "messages": {"queued": counts["queued"], "failed": counts["failed"]},
    }


def _override(settings: Settings, local: dt.datetime | None, override: Override | None) -> dict[str, object] | None:
    """The contract's object, while the override applies; `local` is None while the time is not known."""
    if override is None or not applies(settings, local, override):
        return None
    zone = ZoneInfo(settings.business.timezone)
    until = override.until.astimezone(zone).isoformat() if override.until else None
    return {"plan": override.plan, "until": until}


def _line(line: Line, lines: list[dict[str, object]] | None) -> dict[str, object]:
    if lines is None:
        return bare_line(line, "down", NOT_RUNNING)
    return next((said for said in lines if said.get("name") == line.name), bare_line(line, "starting", None))


def bare_line(line: Line, state: str, problem: str | None) -> dict[str, object]:
    """A line of which nothing is known but its settings."""
    return {
        "name": line.name,
        "kind": line.kind,
        "port": line.port,
        "state": state,
        "problem": problem,
        "operator": None,
        "registered": False,
        "signal_dbm": None,
        "sim": None,
        "can": [],
        "diversions": [],
        "notes": [],
        "model": None,
        "call": None,
    }
