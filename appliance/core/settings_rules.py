"""What the parts of the settings demand of each other: names that exist, nothing twice, times that do not overlap."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence

from appliance.core import public_holidays
from appliance.core.mistakes import weekday
from appliance.core.mobiles import is_mobile
from appliance.core.settings import BLOCKED, DAYS, ON_CALL, Line, Settings, Slot
from appliance.core.settings_reader import Notes, shown

_DAY = 24 * 60
_WEEK = 7 * _DAY


def check(settings: Settings, notes: Notes) -> None:
    """Note what does not fit together. Values that were wrong by themselves are empty here and passed over."""
    _names(settings, notes)
    _references(settings, notes)
    _lines(settings.line, notes)
    _texts(settings, notes)
    _overlaps(settings.timetable.slot, notes)
    _doubts(settings, notes)


def _names(settings: Settings, notes: Notes) -> None:
    _no_duplicates("line[{}].name", [line.name for line in settings.line], notes)
    targets, plans = [target.name for target in settings.target], [plan.name for plan in settings.plan]
    _no_duplicates("target[{}].name", targets, notes)
    _no_duplicates("plan[{}].name", plans, notes)
    _none_reserved("target[{}].name", targets, (ON_CALL,), notes)
    _none_reserved("plan[{}].name", plans, (BLOCKED, "off"), notes)  # "off": `override off`
    _no_duplicates("caller[{}].number", [caller.number for caller in settings.caller], notes)


def _none_reserved(place: str, values: Sequence[str], reserved: tuple[str, ...], notes: Notes) -> None:
    for index, value in enumerate(values):
        if value in reserved:
            notes.mistake(place.format(index), "reserved", value=value)


def _no_duplicates(place: str, values: Sequence[str], notes: Notes) -> None:
    for index, value in enumerate(values):
        first = values.index(value)
        if value and first < index:
            notes.mistake(place.format(index), "duplicate", value=shown(value), other=place.format(first))


def _references(settings: Settings, notes: Notes) -> None:
    plans = [plan.name for plan in settings.plan]
    targets = [target.name for target in settings.target]
    for place, name in _plans_named(settings):
        if any(plans) and name not in plans:
            notes.mistake(place, "no_plan", value=shown(name), known=", ".join(filter(None, plans)))
    for place, name in _targets_named(settings):
        if name not in targets:
            notes.mistake(place, "no_target", value=shown(name), known=", ".join(filter(None, targets)) or "–")


def _plans_named(settings: Settings) -> Iterator[tuple[str, str]]:
    timetable = settings.timetable
    named = [("timetable.otherwise", timetable.otherwise), ("timetable.away", timetable.away)]
    named += [(f"timetable.slot[{i}].plan", slot.plan) for i, slot in enumerate(timetable.slot)]
    named += [(f"closure[{i}].plan", closure.plan) for i, closure in enumerate(settings.closure)]
    named += [("holidays.plan", settings.holidays.plan)] if settings.holidays else []
    named += [("costs.cap_plan", settings.costs.cap_plan)]
    named += [(f"caller[{i}].plan", caller.plan) for i, caller in enumerate(settings.caller)]
    if settings.callers.withheld != BLOCKED:
        named += [("callers.withheld", settings.callers.withheld)]
    return ((place, name) for place, name in named if name)


def _targets_named(settings: Settings) -> Iterator[tuple[str, str]]:
    named: list[tuple[str, str | None]] = []
    for i, plan in enumerate(settings.plan):
        named += [(f"plan[{i}].chain[{j}]", name) for j, name in enumerate(plan.chain) if name != ON_CALL]
    named += [(f"line[{i}].safety_net", line.safety_net) for i, line in enumerate(settings.line)]
    named += [(f"roster[{i}].target", shift.target) for i, shift in enumerate(settings.roster)]
    return ((place, name) for place, name in named if name)


def _lines(lines: Sequence[Line], notes: Notes) -> None:
    _no_duplicates("line[{}].port", ["" if line.port == "auto" else line.port for line in lines], notes)
    if [line.port for line in lines].count("auto") > 1:
        notes.warning("line", "warn_two_auto")
    for index, line in enumerate(lines):
        place = f"line[{index}]"
        if line.number is None:
            notes.warning(place, "warn_no_number")
        if line.kind == "analog" and line.site is None and "flash" in line.forward_by:
            notes.warning(place, "warn_no_site")
        _bridge(place, line, lines, notes)


def _bridge(place: str, line: Line, lines: Sequence[Line], notes: Notes) -> None:
    place = f"{place}.bridge_over"
    if line.bridge_over is None:
        if "bridge" in line.forward_by:
            notes.mistake(place, "bridge_needs")
        return
    over = next((other for other in lines if other.name == line.bridge_over), None)
    if over is None:
        known = ", ".join(other.name for other in lines if other.name)
        notes.mistake(place, "no_line", value=shown(line.bridge_over), known=known)
    elif over is line or over.kind != "gsm":
        notes.mistake(place, "bridge_over")
    elif "bridge" not in line.forward_by:
        notes.warning(place, "warn_bridge_unused")


def _texts(settings: Settings, notes: Notes) -> None:
    over = settings.messages.over
    line = settings.line_named(over) if over else None
    if over and line is None:
        known = ", ".join(line.name for line in settings.line if line.name)
        notes.mistake("messages.over", "no_line", value=shown(over), known=known or "–")
    elif line is not None and line.kind != "gsm":
        notes.mistake("messages.over", "texts_need_gsm")
    elif settings.line and settings.texting_line() is None:
        is_told = settings.notify.email or settings.notify.webhook
        notes.warning("messages.over", "warn_no_texts_but_network" if is_told else "warn_no_texts")


def _doubts(settings: Settings, notes: Notes) -> None:
    deaf = next((line.name for line in settings.line if line.kind == "gsm"), None)
    for index, target in enumerate(settings.target):
        if target.confirm and deaf is not None:
            notes.warning(f"target[{index}].confirm", "warn_confirm", line=deaf)
        if target.brief and target.number:
            _briefing(f"target[{index}].brief", target.number, settings, notes)
    if not settings.roster:
        for index, plan in enumerate(settings.plan):
            if ON_CALL in plan.chain:
                notes.warning(f"plan[{index}].chain", "warn_no_roster")
    _holidays(settings, notes)


def _briefing(place: str, number: str, settings: Settings, notes: Notes) -> None:
    if not is_mobile(number):
        notes.warning(place, "warn_brief_landline")
        return
    sticks = [line for line in settings.line if line.kind == "gsm"]
    if len(sticks) == 1 and sticks[0].forward_by[:1] in (("conference",), ("bridge",)):
        notes.warning(place, "warn_brief_late", line=sticks[0].name)


def _holidays(settings: Settings, notes: Notes) -> None:
    business = settings.business
    if settings.holidays is None:
        if business.local_holidays:
            notes.warning("business.local_holidays", "warn_local_unused")
    elif business.region is None:
        notes.warning("holidays", "warn_no_region")
    elif business.country != "DE":  # a German region that is none is a mistake already
        known = public_holidays.regions(business.country)
        if known and business.region not in known:
            notes.warning("business.region", "warn_region", known=", ".join(known))


def _overlaps(slots: Sequence[Slot], notes: Notes) -> None:
    """Note each pair of slots that share a minute of the week, at the later one."""
    spans = [list(_minutes(slot)) for slot in slots]
    for (first, one), (second, other) in itertools.combinations(enumerate(spans), 2):
        common = next(filter(None, (_common(a, b) for a in one for b in other)), None)
        if common:
            start, end = common
            notes.mistake(
                f"timetable.slot[{second}]",
                "overlap",
                other=f"timetable.slot[{first}]",
                day=weekday(start % _WEEK // _DAY, notes.language),
                from_=_clock(start),
                to=_clock(end),
            )


def _minutes(slot: Slot) -> Iterator[tuple[int, int]]:
    """A slot's spans in minutes since Monday 00:00; an end beyond the week's means the next week."""
    start, end = _minute(slot.from_), _minute(slot.to)
    for day in slot.days:
        begin = DAYS.index(day) * _DAY
        yield begin + start, begin + end + (_DAY if end <= start else 0)


def _common(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int] | None:
    """The first minutes two spans share in any week."""
    for shift in (-_WEEK, 0, _WEEK):
        start, end = max(one[0], other[0] + shift), min(one[1], other[1] + shift)
        if start < end:
            return start, end
    return None


def _minute(time: dt.time) -> int:
    return time.hour * 60 + time.minute


def _clock(minute: int) -> str:
    return f"{minute % _DAY // 60:02}:{minute % 60:02}"
