"""On call: who is when, by person; shifts, and duties handed over for a while."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.core import outlook
from appliance.core.roster import Handover
from appliance.core.settings import ON_CALL
from appliance.store.changes import SaveHandover
from web import asked, dutyview, editing, rules
from web.box import Box, the_box
from web.catalogues import _
from web.changes import Data

blueprint = Blueprint("roster", __name__, url_prefix="/roster")

Answer = str | AnyResponse
Mistakes = Mapping[str, list[str]]
MOST_GAPS = 4
"""Gaps that are named one by one."""
WEEKS = (1, 2, 3, 4)
"""How often a shift may come again, as the form offers it."""


@blueprint.get("/")
def show() -> str:
    """The strip, the gaps, the shifts."""
    return _page({}, None)


def _page(mistakes: Mistakes, values: Mapping[str, str] | None) -> str:
    here = the_box()
    settings, now = here.settings, here.local
    handovers = here.store.duties()
    day = asked.date("from") or now.date()
    monday = day - dt.timedelta(days=day.weekday())
    first = dt.datetime.combine(monday, dt.time(0), here.zone)
    last = dt.datetime.combine(monday + dt.timedelta(days=dutyview.DAYS), dt.time(0), here.zone)
    found = dutyview.duties(settings, handovers, first, last) if settings.roster else []
    gaps = outlook.gaps(settings, handovers, max(first, now), last) if last > now else []
    ahead = dutyview.duties(settings, handovers, now, now + dt.timedelta(days=60)) if settings.roster else []
    people = [target.name for target in settings.target]
    shown = list(dict.fromkeys([*(duty.who for duty in found if duty.who)]))
    until = now + dt.timedelta(days=1)
    return render_template(
        "roster/show.html",
        settings=settings,
        first=first,
        days=[monday + dt.timedelta(days=number) for number in range(dutyview.DAYS)],
        today=now.date(),
        step=dt.timedelta(weeks=1),
        duties=found,
        people=shown,
        now_on=ahead[0] if ahead else None,
        next_on=ahead[1] if len(ahead) > 1 else None,
        gaps=gaps[:MOST_GAPS],
        more_gaps=max(len(gaps) - MOST_GAPS, 0),
        is_asked_for=any(ON_CALL in plan.chain for plan in settings.plan),
        shifts=list(enumerate(settings.roster)),
        local=now.replace(tzinfo=None),
        handovers=dutyview.coming(handovers, here.now),
        on_roster=list(dict.fromkeys(shift.target for shift in settings.roster)),
        everybody=people,
        values=values or {"starts": _field(now), "ends": _field(until)},
        field=_field,
        day_names=rules.day_names(),
        version=editing.version(),
        mistakes=mistakes,
    )


# --- shifts ------------------------------------------------------------------------------------


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """One shift more."""
    here = the_box()
    if request.method == "POST":
        return _save(len(here.settings.roster))
    start, end = asked.moment("from"), asked.moment("to")
    begin = start or here.local.replace(hour=17, minute=0, tzinfo=None)
    values = {
        "target": "",
        "from": _field(begin),
        "to": _field(end or begin + dt.timedelta(days=7)),
        "repeat_weeks": "",
    }
    return _shift_page(None, values, {})


@blueprint.route("/<int(max=9999):nth>", methods=["GET", "POST"])
def edit(nth: int) -> Answer:
    """One of them."""
    shifts = the_box().settings.roster
    editing.checked(nth, shifts)
    if request.method == "POST":
        if request.form.get("do") == "remove":
            return _remove(nth)
        place = editing.place(nth, [editing.mark(shift) for shift in shifts])
        return _save(len(shifts) if place is None else place)
    one = shifts[nth]
    values = {
        "target": one.target,
        "from": _field(one.from_),
        "to": _field(one.to),
        "repeat_weeks": str(one.repeat_weeks or ""),
    }
    return _shift_page(nth, values, {})


def _save(nth: int) -> Answer:
    settings = the_box().settings
    shown = nth if nth < len(settings.roster) else None
    values = {name: asked.text(name, 80) for name in ("target", "from", "to", "repeat_weeks")}
    start, end = asked.moment("from"), asked.moment("to")
    mistakes = _span_mistakes({"from": start, "to": end})
    if mistakes:
        return _shift_page(shown, values, mistakes)

    def change(data: Data) -> None:
        shift: Data = {"target": values["target"], "from": start, "to": end}
        if values["repeat_weeks"]:
            shift["repeat_weeks"] = asked.as_whole(values["repeat_weeks"]) or 0
        data.setdefault("roster", [])[nth : nth + 1] = [shift]

    result = editing.change(change, _("Saved."), (f"roster[{nth}]",))
    if result.is_stored:
        return redirect(url_for("roster.show"))
    return _shift_page(shown, values, result.named(**{name: f"roster[{nth}].{name}" for name in values}))


def _remove(nth: int) -> Answer:
    editing.remove(lambda data: data["roster"].pop(nth), _("Removed."))
    return redirect(url_for("roster.show"))


def _shift_page(nth: int | None, values: Mapping[str, str], mistakes: Mistakes) -> str:
    settings, weeks = the_box().settings, asked.as_whole(values["repeat_weeks"])
    marks = [editing.mark(shift) for shift in settings.roster]
    nth = editing.place(nth, marks)
    offered = sorted({*WEEKS, *([weeks] if weeks and weeks <= 52 else [])})
    return render_template(
        "roster/shift.html",
        nth=nth,
        values=values,
        was="" if nth is None else marks[nth],
        people=[target.name for target in settings.target],
        weeks=offered,
        version=editing.version(),
        mistakes=mistakes,
    )


# --- handovers ---------------------------------------------------------------------------------


@blueprint.post("/handover")
def hand_over() -> Answer:
    """Somebody takes over for somebody else, for a while; and the other way round at another time, if they swap."""
    here = the_box()
    names = ("giver", "taker", "starts", "ends", "starts_back", "ends_back")
    values = {name: asked.text(name, 80) for name in names}
    mistakes = _handover_mistakes(here, values)
    spans = [(values["giver"], values["taker"], "starts", "ends")]
    if values["starts_back"] or values["ends_back"]:
        spans.append((values["taker"], values["giver"], "starts_back", "ends_back"))
    handovers = []
    for giver, taker, begin, end in spans:
        starts, ends = (asked.moment(name) for name in (begin, end))
        wrong = _span_mistakes({begin: starts, end: ends})
        if not wrong and ends is not None and ends.replace(tzinfo=here.zone).astimezone(dt.UTC) <= here.now:
            wrong = {end: [_("That is over already.")]}
        mistakes |= wrong
        if starts is not None and ends is not None:
            zone = here.zone
            handovers.append(Handover(giver, taker, starts.replace(tzinfo=zone), ends.replace(tzinfo=zone), here.now))
    if mistakes:
        return _page(mistakes, values)
    here.store.write(*map(SaveHandover, handovers))
    if len(handovers) > 1:
        said = _("%(taker)s and %(giver)s swap.", taker=values["taker"], giver=values["giver"])
    else:
        said = _("%(taker)s takes over for %(giver)s.", taker=values["taker"], giver=values["giver"])
    flash(said, "good")
    return redirect(url_for("roster.show"))


@blueprint.post("/handover/<int(max=9007199254740991):number>/remove")
def take_back(number: int) -> Answer:
    """A handover is off."""
    if not the_box().store.remove_handover(number):
        abort(404)
    flash(_("The handover is taken back."), "good")
    return redirect(url_for("roster.show"))


def _handover_mistakes(here: Box, values: Mapping[str, Any]) -> dict[str, list[str]]:
    settings = here.settings
    mistakes = {}
    if all(shift.target != values["giver"] for shift in settings.roster):
        mistakes["giver"] = [_("Please choose somebody who has a shift.")]
    if settings.target_named(values["taker"]) is None:
        mistakes["taker"] = [_("Please choose somebody.")]
    elif values["taker"] == values["giver"]:
        mistakes["taker"] = [_("Please choose somebody else.")]
    if (values["starts_back"] or values["ends_back"]) and not mistakes:
        is_on = any(shift.target == values["taker"] for shift in settings.roster)
        if not is_on:
            mistakes["starts_back"] = [_("%(name)s has no shift that could be swapped.", name=values["taker"])]
    return mistakes


def _span_mistakes(span: Mapping[str, dt.datetime | None]) -> dict[str, list[str]]:
    """What is wrong with a beginning and an end, by their fields."""
    (_begin, start), (over, end) = span.items()
    mistakes = {
        name: [_("Please give day and time, like 2026-12-24 17:00.")] for name, at in span.items() if at is None
    }
    if start is not None and end is not None and end <= start:
        mistakes[over] = [_("The end must come after the beginning.")]
    return mistakes


def _field(at: dt.datetime) -> str:
    """For a field of day and time."""
    return f"{at:%Y-%m-%dT%H:%M}"
