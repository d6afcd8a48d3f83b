"""Which plan applies to a call, who is tried, and which rule decided it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from zoneinfo import ZoneInfo

from msgspec import Struct

from appliance.core import roster, timetable
from appliance.core.callers import CallerBook, Known
from appliance.core.roster import Handover
from appliance.core.settings import BLOCKED, ON_CALL, Blocked, Plan, Settings, Target

CLOCK_KNOWN_FROM = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
"""This program was not there before: a clock that shows less has not been set yet (a Pi has none of its own)."""


class Override(Struct, frozen=True):
    """A plan somebody switched on, for good or until a time (aware)."""

    plan: str
    until: dt.datetime | None = None


class Question(Struct, frozen=True):
    """What a rule may look at. `at` is local to the business; `caller` is None when withheld or not yet known.

    `known`: what is known about the caller. `clock_known`: False while `at` may be wrong by years.
    """

    settings: Settings
    caller: str | None
    known: Known | None
    withheld: bool
    at: dt.datetime
    override: Override | None
    clock_known: bool


class Verdict(Struct, frozen=True):
    """What a rule says: a plan by name, and where in the settings it stands."""

    plan: str | None
    decided_by: str
    rule: str


class Decision(Struct, frozen=True):
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
    *,
    book: CallerBook | None = None,
    handovers: Sequence[Handover] = (),
    clock_known: bool = True,
) -> Decision:
    """What happens to a call from `caller` (as `normalise` gives it) at `at` (aware).

    The plan is None, and the chain empty, for a caller who is blocked; what is done then may depend on the line.
    `book`: the callers of these settings and the contacts, made once and not per call; None: the settings' alone.
    `clock_known` False: `at` may be wrong by years, so nothing that depends on the time of day decides: after the
    callers' rules `timetable.otherwise`, an override applies whatever its end, and everybody of the roster is on call.
    """
    local = at.astimezone(ZoneInfo(settings.business.timezone))
    known = (CallerBook(settings.caller) if book is None else book).find(caller)
    verdict = _verdict(Question(settings, caller, known, withheld, local, override, clock_known))
    plan = settings.plan_named(verdict.plan) if verdict.plan else None
    if plan is None:
        return Decision(None, verdict.decided_by, verdict.rule, None, (), None, _when_blocked(settings, line))
    chain = tuple(_chain(settings, plan, local, handovers, clock_known))
    return Decision(plan.name, verdict.decided_by, verdict.rule, plan.answer_after_rings, chain, plan.otherwise)


def plan_at(
    settings: Settings, local: dt.datetime, override: Override | None = None, *, clock_known: bool = True
) -> str:
    """The name of the plan for callers nobody knows, at a local time (aware); see `decide` about the clock."""
    verdict = _verdict(Question(settings, None, None, False, local, override, clock_known))
    assert verdict.plan is not None  # only callers and withheld numbers are blocked
    return verdict.plan


def applies(settings: Settings, at: dt.datetime | None, override: Override) -> bool:
    """Whether an override counts at `at` (aware; None: the time is not known): it may be over, or its plan gone."""
    is_over = at is not None and override.until is not None and at.astimezone(dt.UTC) >= override.until
    return settings.plan_named(override.plan) is not None and not is_over


def caller_name(settings: Settings, number: str | None, book: CallerBook | None = None) -> str | None:
    """The name the settings, or the contacts in `book`, give this number; None if none."""
    return (CallerBook(settings.caller) if book is None else book).name(number)


def _verdict(question: Question) -> Verdict:
    """Of the first rule that applies; the last one always does."""
    return next(verdict for rule in ORDER if (verdict := rule(question)))


def _chain(
    settings: Settings, plan: Plan, local: dt.datetime, handovers: Sequence[Handover], clock_known: bool
) -> Iterator[Target]:
    """The plan's targets; where nobody is on call, "on-call" is left out."""
    for name in plan.chain:
        for who in _on_call(settings, local, handovers, clock_known) if name == ON_CALL else (name,):
            if target := settings.target_named(who):
                yield target


def _on_call(
    settings: Settings, local: dt.datetime, handovers: Sequence[Handover], clock_known: bool
) -> tuple[str, ...]:
    """Who is on call; everybody, as they are written, while the clock can't tell: better a wrong one than nobody."""
    if not clock_known:
        return tuple(dict.fromkeys(shift.target for shift in settings.roster))
    still_there = [one for one in handovers if settings.target_named(one.to_target)]
    who = roster.on_call_at(settings.roster, local, still_there)
    return (who,) if who else ()


def _when_blocked(settings: Settings, line: str | None) -> Blocked:
    """On a line with a safety net, ignoring a blocked caller would carry the call to it after some rings."""
    if settings.callers.blocked is not None:
        return settings.callers.blocked
    found = settings.line_named(line) if line else None
    return "hang-up" if found and found.safety_net else "ignore"


# --- the rules ---------------------------------------------------------------------------------


def _blocked(question: Question) -> Verdict | None:
    if question.known and question.known.is_blocked:
        return Verdict(None, "blocked", question.known.rule)
    if question.withheld and question.settings.callers.withheld == BLOCKED:
        return Verdict(None, "blocked", "callers.withheld")
    return None


def _override(question: Question) -> Verdict | None:
    override, at = question.override, question.at if question.clock_known else None
    if override is None or not applies(question.settings, at, override):
        return None
    return Verdict(override.plan, "override", "override")


def _caller(question: Question) -> Verdict | None:
    known = question.known
    if known is None or known.plan is None or question.settings.plan_named(known.plan) is None:
        return None  # a contact may outlive his plan
    return Verdict(known.plan, "caller", known.rule)


def _withheld(question: Question) -> Verdict | None:
    plan = question.settings.callers.withheld
    return Verdict(plan, "withheld", "callers.withheld") if question.withheld and plan else None


def _time_unknown(question: Question) -> Verdict | None:
    if question.clock_known:
        return None
    return Verdict(question.settings.timetable.otherwise, "otherwise", "timetable.otherwise (the time is not known)")


def _closure(question: Question) -> Verdict | None:
    closures = question.settings.closure
    index = timetable.closure_at(closures, question.at)
    if index is None:
        return None
    name = closures[index].name
    return Verdict(closures[index].plan, "closure", f"closure[{index}] {name}" if name else f"closure[{index}]")


def _holiday(question: Question) -> Verdict | None:
    holidays = question.settings.holidays
    name = timetable.holiday_at(question.settings.public_holidays, question.at)
    return Verdict(holidays.plan, "holiday", f"holidays {name}") if holidays and name else None


def _slot(question: Question) -> Verdict | None:
    slots = question.settings.timetable.slot
    index = timetable.slot_at(slots, question.at)
    return None if index is None else Verdict(slots[index].plan, "slot", f"timetable.slot[{index}]")


def _otherwise(question: Question) -> Verdict:
    return Verdict(question.settings.timetable.otherwise, "otherwise", "timetable.otherwise")


ORDER: tuple[Rule, ...] = (
    _blocked, _override, _caller, _withheld, _time_unknown, _closure, _holiday, _slot, _otherwise
)  # fmt: skip
"""The rules, first that applies. The last one always does."""
