"""Which plan applies to a call, who is tried, and which rule decided it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from appliance.core import callers, timetable
from appliance.core.settings import BLOCKED, ON_CALL, Blocked, Plan, Settings, Target


@dataclass(frozen=True, slots=True)
class Override:
    """A plan somebody switched on, for good or until a time (aware)."""

    plan: str
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a rule may look at. `at` is local to the business; `caller` is None when withheld or not yet known."""

    settings: Settings
    caller: str | None
    withheld: bool
    at: dt.datetime
    override: Override | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says: a plan by name, and where in the settings it stands."""

    plan: str | None
    decided_by: str
    rule: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done with a call. `rule` names the place in the settings that decided.

    `chain`: the targets in the order in which they are tried. `when_blocked`: what a blocked caller gets, else None:
    "ignore" lets it ring, "hang-up" answers and releases at once.
    """

    plan: str | None
    decided_by: str
    rule: str
    answer_after_rings: int | None
    chain: tuple[Target, ...]
    otherwise: str | None
    when_blocked: Blocked | None = None


Rule = Callable[[Question], Verdict | None]


def decide(
    settings: Settings,
    caller: str | None,
    withheld: bool,
    at: dt.datetime,
    override: Override | None = None,
    line: str | None = None,
) -> Decision:
    """What happens to a call from `caller` (as `normalise` gives it) at `at` (aware).

    The plan is None, and the chain empty, for a caller who is blocked; what is done then may depend on the line.
    """
    local = at.astimezone(ZoneInfo(settings.business.timezone))
    question = Question(settings, caller, withheld, local, override)
    verdict = next(verdict for rule in ORDER if (verdict := rule(question)))
    plan = settings.plan_named(verdict.plan) if verdict.plan else None
    if plan is None:
        return Decision(None, verdict.decided_by, verdict.rule, None, (), None, _when_blocked(settings, line))
    chain = tuple(_chain(settings, plan, local))
    return Decision(plan.name, verdict.decided_by, verdict.rule, plan.answer_after_rings, chain, plan.otherwise)


def caller_name(settings: Settings, number: str | None) -> str | None:
    """The name the settings give this number, None if none."""
    found = callers.find(settings.caller, number)
    return (found[1].name or None) if found else None


def _chain(settings: Settings, plan: Plan, local: dt.datetime) -> Iterator[Target]:
    """The plan's targets; where nobody is on call, "on-call" is left out."""
    for name in plan.chain:
        who = timetable.on_call_at(settings.roster, local) if name == ON_CALL else name
        target = settings.target_named(who) if who else None
        if target:
            yield target


def _when_blocked(settings: Settings, line: str | None) -> Blocked:
    """On a line with a safety net, ignoring a blocked caller would carry the call to it after some rings."""
    if settings.callers.blocked is not None:
        return settings.callers.blocked
    found = settings.line_named(line) if line else None
    return "hang-up" if found and found.safety_net else "ignore"


# --- the rules ---------------------------------------------------------------------------------


def _blocked(question: Question) -> Verdict | None:
    found = callers.find(question.settings.caller, question.caller)
    if found and found[1].group == BLOCKED:
        return Verdict(None, "blocked", _named(f"caller[{found[0]}]", found[1].name))
    if question.withheld and question.settings.callers.withheld == BLOCKED:
        return Verdict(None, "blocked", "callers.withheld")
    return None


def _override(question: Question) -> Verdict | None:
    override = question.override
    if override is None or (override.until is not None and question.at >= override.until):
        return None
    if question.settings.plan_named(override.plan) is None:  # removed since from the settings
        return None
    return Verdict(override.plan, "override", "override")


def _caller(question: Question) -> Verdict | None:
    found = callers.find(question.settings.caller, question.caller)
    if found is None or found[1].plan is None:
        return None
    return Verdict(found[1].plan, "caller", _named(f"caller[{found[0]}]", found[1].name))


def _withheld(question: Question) -> Verdict | None:
    plan = question.settings.callers.withheld
    return Verdict(plan, "withheld", "callers.withheld") if question.withheld and plan else None


def _closure(question: Question) -> Verdict | None:
    closures = question.settings.closure
    index = timetable.closure_at(closures, question.at)
    if index is None:
        return None
    return Verdict(closures[index].plan, "closure", _named(f"closure[{index}]", closures[index].name))


def _slot(question: Question) -> Verdict | None:
    slots = question.settings.timetable.slot
    index = timetable.slot_at(slots, question.at)
    return None if index is None else Verdict(slots[index].plan, "slot", f"timetable.slot[{index}]")


def _otherwise(question: Question) -> Verdict:
    return Verdict(question.settings.timetable.otherwise, "otherwise", "timetable.otherwise")


def _named(place: str, name: str) -> str:
    return f"{place} {name}" if name else place


ORDER: tuple[Rule, ...] = (_blocked, _override, _caller, _withheld, _closure, _slot, _otherwise)
"""The rules, first that applies. The last one always does."""
