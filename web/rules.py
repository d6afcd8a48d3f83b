"""Why a call went as it did: the rule that decided, in words."""

from __future__ import annotations

import datetime as dt
import re

from appliance.core.plan import Decision
from appliance.core.settings import DAYS, Settings, Slot
from web import words
from web.box import the_box
from web.catalogues import _

_NAMED = re.compile(r"(?:caller\[[0-9]+\]|closure\[[0-9]+\]|holidays|contact \S+) (.+)", re.DOTALL)


def reason(decided_by: str | None, rule: str | None) -> str:
    """The rule that decided a call of the log; "" where that is not known.

    The log has the place in the settings as they were then ("timetable.slot[0]"); they may have changed since, so only
    names are said, which the log has, too.
    """
    rule = rule or ""
    match = _NAMED.fullmatch(rule)
    name = match[1] if match else ""
    if decided_by == "blocked":
        return _blocked(rule, name)
    if decided_by == "override":
        return _("It was switched on by hand.")
    if decided_by == "caller":
        return _("This caller has a plan of their own.")
    if decided_by == "withheld":
        return _("That is the rule for withheld numbers.")
    if decided_by == "closure":
        return _("Closed: %(name)s.", name=name) if name else _("The business was closed.")
    if decided_by == "holiday":
        return _("Public holiday: %(name)s.", name=name) if name else _("It was a public holiday.")
    if decided_by == "slot":
        return _("The timetable says so.")
    if decided_by == "otherwise" and "not known" in rule:
        return _("The time was not known yet.")
    if decided_by == "otherwise":
        return _("It was outside all times of the timetable.")
    return ""


def because(decision: Decision, settings: Settings) -> str:
    """The rule that decides with the present settings, exactly."""
    index = _index(decision.rule)
    if decision.decided_by == "slot" and index is not None and index < len(settings.timetable.slot):
        return _("The timetable says so: %(slot)s.", slot=slot(settings.timetable.slot[index]))
    if decision.decided_by == "closure" and index is not None and index < len(settings.closure):
        closure = settings.closure[index]
        dates = day_span(closure.from_, closure.to)
        return f"{closure.name}: {dates}." if closure.name else _("Closed: %(name)s.", name=dates)
    if decision.decided_by == "override" and (override := the_box().override) is not None:
        if override.until is not None:
            return _("It is switched on by hand until %(until)s.", until=words.moment(override.until))
        return _("It is switched on by hand until you end it.")
    if decision.decided_by == "otherwise" and "not known" not in decision.rule:
        return _("That is outside all times of the timetable.")
    if decision.decided_by == "holiday":
        return _("It is a public holiday: %(name)s.", name=decision.rule.partition(" ")[2])
    return reason(decision.decided_by, decision.rule)


def slot(one: Slot) -> str:
    """A slot of the timetable: "Mo–Fr 07:30–17:00"."""
    return f"{days(one.days)} {hours(one)}"


def hours(one: Slot) -> str:
    """When a slot begins and ends: "07:30–17:00", "22:00–06:00 (+1)"."""
    if one.to.hour == one.to.minute == 0:
        return _("all day") if one.from_ == one.to else f"{one.from_:%H:%M}–24:00"
    times = f"{one.from_:%H:%M}–{one.to:%H:%M}"
    return _("%(times)s (next day)", times=times) if one.to <= one.from_ else times


def day_span(first: dt.date, last: dt.date) -> str:
    """Days from one to another, both included: "Do 24.12. – Mi 6.1.2027"."""
    return words.day(first) if first == last else f"{words.day(first)} – {words.day(last)}"


def days(which: tuple[str, ...]) -> str:
    """Weekdays, in their order, those that follow one another as one: "Mo–Fr, So"."""
    names = day_names()
    numbers = sorted(DAYS.index(day) for day in which)
    parts: list[str] = []
    while numbers:
        run = [numbers.pop(0)]
        while numbers and numbers[0] == run[-1] + 1:
            run.append(numbers.pop(0))
        if len(run) > 2:
            parts.append(f"{names[run[0]]}–{names[run[-1]]}")
        else:
            parts += [names[one] for one in run]
    return ", ".join(parts)


def day_names() -> tuple[str, ...]:
    """The weekdays in short, Monday first."""
    return _("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")


def _blocked(rule: str, name: str) -> str:
    if rule == "callers.withheld":
        return _("Withheld numbers are blocked.")
    if rule == "forwarding loop":
        return _("The call was one the box had made itself and that came back.")
    return _("This number is blocked: %(name)s.", name=name) if name else _("This number is blocked.")


def _index(rule: str) -> int | None:
    match = re.search(r"\[([0-9]+)\]", rule)
    return int(match[1]) if match else None
