"""Week: the timetable as a picture, its slots, closures and public holidays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.core import public_holidays
from appliance.core.settings import DAYS, Settings
from web import asked, editing, rules, weekview
from web.box import the_box
from web.catalogues import _
from web.changes import Data

blueprint = Blueprint("week", __name__, url_prefix="/week")

Answer = str | AnyResponse
Mistakes = Mapping[str, list[str]]


@blueprint.get("/")
def show() -> Answer:
    """The picture, and what it is made of."""
    return _page({}, {})


@blueprint.post("/rest")
def rest() -> Answer:
    """The plan outside all slots, and the one that "away" means."""
    otherwise, away = asked.text("otherwise", 80), asked.text("away", 80)

    def edit(data: Data) -> None:
        data["timetable"].update(otherwise=otherwise, away=away or None)
        if not away:
            data["timetable"].pop("away")

    result = editing.change(edit, _("Saved."))
    if result.is_stored:
        return redirect(url_for("week.show"))
    mistakes = result.named(otherwise="timetable.otherwise", away="timetable.away")
    return _page(mistakes, {"otherwise": otherwise, "away": away})


@blueprint.post("/holidays")
def holidays() -> Answer:
    """The plan on public holidays, or that they are ordinary days."""
    plan = asked.text("plan", 80)
    offered = _local(the_box().settings)
    chosen = [word for word, _name in offered if word in request.form.getlist("local")]

    def edit(data: Data) -> None:
        data.pop("holidays", None)
        if plan:
            data["holidays"] = {"plan": plan}
        data["business"].pop("local_holidays", None)
        if plan and chosen:
            data["business"]["local_holidays"] = chosen

    result = editing.change(edit, _("Saved."), ("holidays", "business.region", "business.local_holidays"))
    if result.is_stored:
        return redirect(url_for("week.show", _anchor="holidays"))
    return _page(result.named(plan="holidays.plan"), {"plan": plan, "local": chosen})


def _page(mistakes: Mistakes, sent: dict[str, Any]) -> str:
    here = the_box()
    settings, today = here.settings, here.local.date()
    day = asked.date("week") or today
    monday = day - dt.timedelta(days=day.weekday())
    year = asked.whole("year")
    year = year if year and year in public_holidays.YEARS else today.year
    plans = [plan.name for plan in settings.plan]
    values: dict[str, Any] = {
        "otherwise": settings.timetable.otherwise,
        "away": settings.timetable.away or "",
        "plan": settings.holidays.plan if settings.holidays else "",
        "local": settings.business.local_holidays,
    }
    order = sorted(range(len(settings.timetable.slot)), key=lambda nth: weekview.first_of(settings.timetable.slot[nth]))
    return render_template(
        "week/show.html",
        days=weekview.week(settings, monday),
        monday=monday,
        today=today,
        week=dt.timedelta(weeks=1),
        number=monday.isocalendar().week,
        settings=settings,
        slots=[(nth, settings.timetable.slot[nth]) for nth in order],
        closures=sorted(enumerate(settings.closure), key=lambda item: (item[1].to < today, item[1].from_)),
        plans=plans,
        values=values | sent,
        colours=_colours(settings),
        year=year,
        years=public_holidays.YEARS,
        of_year=[(date, name) for date, name in settings.public_holidays.items() if date.year == year],
        local=_local(settings),
        day_names=rules.day_names(),
        slot_hours=rules.hours,
        slot_days=rules.days,
        day_span=rules.day_span,
        version=editing.version(),
        mistakes=mistakes,
        DAYS=DAYS,
        clock_of=weekview.clock,
    )


def _colours(settings: Settings) -> dict[str, str]:
    """The look of each plan: the one outside all slots is quiet, the others are told apart by name and shade."""
    others = [plan.name for plan in settings.plan if plan.name != settings.timetable.otherwise]
    return {settings.timetable.otherwise: "rest"} | {name: f"p{nth % 4}" for nth, name in enumerate(others)}


def _local(settings: Settings) -> list[tuple[str, str]]:
    """Holidays that only some municipalities of this region have: word and name."""
    names = {
        "assumption": _("Assumption Day (15 August)"),
        "peace-festival": _("Augsburg Peace Festival (8 August)"),
        "corpus-christi": _("Corpus Christi"),
    }
    business = settings.business
    offered = public_holidays.LOCAL.get((business.country, business.region or ""), {})
    return [(word, names.get(word, word)) for word in offered]


# --- slots -------------------------------------------------------------------------------------


@blueprint.route("/slot/new", methods=["GET", "POST"])
def new_slot() -> Answer:
    """One slot more."""
    settings = the_box().settings
    if request.method == "POST":
        return _save_slot(len(settings.timetable.slot))
    day = asked.one_of("day", DAYS)
    start, end = asked.text("from", 5), asked.text("to", 5)
    values = {"days": (day,) if day else DAYS[:5], "from": start or "07:30", "to": end or "17:00", "plan": ""}
    others = [plan.name for plan in settings.plan if plan.name != settings.timetable.otherwise]
    values["plan"] = (others or [settings.timetable.otherwise])[0]
    return _slot_page(None, values, {})


@blueprint.route("/slot/<int(max=9999):nth>", methods=["GET", "POST"])
def slot(nth: int) -> Answer:
    """One of them."""
    slots = the_box().settings.timetable.slot
    editing.checked(nth, slots)
    if request.method == "POST":
        if request.form.get("do") == "remove":
            return _remove("timetable.slot", nth)
        place = editing.place(nth, [editing.mark(slot) for slot in slots])
        return _save_slot(len(slots) if place is None else place)
    one = slots[nth]
    values = {"days": one.days, "from": f"{one.from_:%H:%M}", "to": f"{one.to:%H:%M}", "plan": one.plan}
    return _slot_page(nth, values, {})


def _save_slot(nth: int) -> Answer:
    settings = the_box().settings
    values: dict[str, Any] = {
        "days": tuple(day for day in DAYS if day in request.form.getlist("days")),
        "from": asked.text("from", 20),
        "to": asked.text("to", 20),
        "plan": asked.text("plan", 80),
    }

    def edit(data: Data) -> None:
        slots = data["timetable"].setdefault("slot", [])
        slots[nth : nth + 1] = [{**values, "days": list(values["days"])}]

    result = editing.change(edit, _("Saved."))
    if result.is_stored:
        return redirect(url_for("week.show"))
    place = f"timetable.slot[{nth}]"
    found = dict(result.mistakes)
    shared = weekview.overlap(found, nth, settings.timetable.slot)
    mistakes = result.named(**{name: f"{place}.{name}" for name in ("days", "from", "to", "plan")})
    if shared is not None:
        other = settings.timetable.slot[shared[0]] if shared[0] < len(settings.timetable.slot) else None
        at = rules.slot(other) if other else ""
        mistakes = {name: texts for name, texts in mistakes.items() if name}
        mistakes.setdefault("from", []).append(
            _(
                "This overlaps with %(slot)s. At any time there can be only one plan: please change one of the two.",
                slot=at,
            )
        )
    if any(place.startswith(f"timetable.slot[{nth}].days[") for place in found):
        mistakes.setdefault("days", [_("Please choose the days.")])
    return _slot_page(nth if nth < len(settings.timetable.slot) else None, values, mistakes)


def _slot_page(nth: int | None, values: Mapping[str, Any], mistakes: Mistakes) -> str:
    settings = the_box().settings
    marks = [editing.mark(slot) for slot in settings.timetable.slot]
    nth = editing.place(nth, marks)
    return render_template(
        "week/slot.html",
        nth=nth,
        was="" if nth is None else marks[nth],
        values=values,
        plans=[plan.name for plan in settings.plan],
        days=list(zip(DAYS, rules.day_names(), strict=True)),
        version=editing.version(),
        mistakes=mistakes,
    )


# --- closures ----------------------------------------------------------------------------------


@blueprint.route("/closure/new", methods=["GET", "POST"])
def new_closure() -> Answer:
    """Days on which another plan applies."""
    settings = the_box().settings
    if request.method == "POST":
        return _save_closure(len(settings.closure))
    plan = settings.timetable.away or settings.timetable.otherwise
    return _closure_page(None, {"name": "", "from": "", "to": "", "plan": plan}, {})


@blueprint.route("/closure/<int(max=9999):nth>", methods=["GET", "POST"])
def closure(nth: int) -> Answer:
    """One of them."""
    closures = the_box().settings.closure
    editing.checked(nth, closures)
    if request.method == "POST":
        if request.form.get("do") == "remove":
            return _remove("closure", nth)
        place = editing.place(nth, [editing.mark(closure) for closure in closures])
        return _save_closure(len(closures) if place is None else place)
    one = closures[nth]
    values = {"name": one.name, "from": one.from_.isoformat(), "to": one.to.isoformat(), "plan": one.plan}
    return _closure_page(nth, values, {})


def _save_closure(nth: int) -> Answer:
    settings = the_box().settings
    values = {"name": asked.text("name", 80), "plan": asked.text("plan", 80)}
    values |= {name: asked.text(name, 20) for name in ("from", "to")}
    first, last = asked.date("from"), asked.date("to")
    mistakes: dict[str, list[str]] = {}
    for name, date in (("from", first), ("to", last)):
        if date is None:
            mistakes[name] = [_("Please give a day, like 2026-12-24.")]
    if first and last and last < first:
        mistakes["to"] = [_("The last day lies before the first one.")]
    if mistakes:
        return _closure_page(nth if nth < len(settings.closure) else None, values, mistakes)

    def edit(data: Data) -> None:
        closures = data.setdefault("closure", [])
        closures[nth : nth + 1] = [{**values, "from": first, "to": last}]

    result = editing.change(edit, _("Saved."))
    if result.is_stored:
        return redirect(url_for("week.show", week=first.isoformat() if first else None))
    mistakes = result.named(**{name: f"closure[{nth}].{name}" for name in ("name", "from", "to", "plan")})
    return _closure_page(nth if nth < len(settings.closure) else None, values, mistakes)


def _closure_page(nth: int | None, values: Mapping[str, str], mistakes: Mistakes) -> str:
    settings = the_box().settings
    marks = [editing.mark(closure) for closure in settings.closure]
    nth = editing.place(nth, marks)
    return render_template(
        "week/closure.html",
        nth=nth,
        was="" if nth is None else marks[nth],
        values=values,
        plans=[plan.name for plan in settings.plan],
        version=editing.version(),
        mistakes=mistakes,
    )


def _remove(table: str, nth: int) -> Answer:
    def edit(data: Data) -> None:
        *path, last = table.split(".")
        for name in path:
            data = data[name]
        del data[last][nth]

    if editing.remove(edit, _("Removed.")).mistakes:
        abort(400)  # pragma: no cover - nothing depends on a slot or closure
    return redirect(url_for("week.show"))
