"""Where a target or plan is used: what has to be changed first, before it can be removed, and what goes by its name."""

from __future__ import annotations

from collections.abc import Iterator

from appliance.core.settings import Settings
from web.catalogues import _
from web.changes import Data


def of_target(settings: Settings, name: str) -> Iterator[str]:
    """Every use of a target, to be listed."""
    for plan in settings.plan:
        if name in plan.chain:
            yield _("in the plan “%(name)s”", name=plan.name)
    if any(shift.target == name for shift in settings.roster):
        yield _("on the on-call roster")
    for line in settings.line:
        if line.safety_net == name:
            yield _("as the safety net of the line “%(name)s”", name=line.name)


def of_plan(settings: Settings, name: str) -> Iterator[str]:
    """Every use of a plan in the settings."""
    timetable = settings.timetable
    if timetable.otherwise == name:
        yield _("in the week, at all other times")
    if any(slot.plan == name for slot in timetable.slot):
        yield _("in the week")
    if timetable.away == name:
        yield _("for “I am away”")
    if any(closure.plan == name for closure in settings.closure):
        yield _("on closing days")
    if settings.holidays and settings.holidays.plan == name:
        yield _("on public holidays")
    for caller in settings.caller:
        if caller.plan == name:
            yield _("for the caller “%(name)s”", name=caller.name or caller.number)
    if settings.callers.withheld == name:
        yield _("for withheld numbers")
    if settings.costs.cap_plan == name:
        yield _("once the cost limit is reached")


def rename_target(data: Data, old: str, new: str) -> None:
    """Everything that names a target goes by its new name."""
    for plan in data["plan"]:
        plan["chain"] = [new if name == old else name for name in plan.get("chain", ())]
    for shift in data.get("roster", ()):
        _rename(shift, "target", old, new)
    for line in data["line"]:
        _rename(line, "safety_net", old, new)


def rename_plan(data: Data, old: str, new: str) -> None:
    """Everything that names a plan goes by its new name."""
    timetable = data["timetable"]
    places: list[tuple[Data, tuple[str, ...]]] = [
        (timetable, ("otherwise", "away")),
        (data.get("holidays") or {}, ("plan",)),
        (data.get("callers") or {}, ("withheld",)),
        (data.get("costs") or {}, ("cap_plan",)),
    ]
    places += [
        (table, ("plan",))
        for tables in (timetable.get("slot", ()), data.get("closure", ()), data.get("caller", ()))
        for table in tables
    ]
    for table, keys in places:
        for key in keys:
            _rename(table, key, old, new)


def _rename(table: Data, key: str, old: str, new: str) -> None:
    if table.get(key) == old:
        table[key] = new
