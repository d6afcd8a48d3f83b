"""How it is connected, who gets the calls, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, request

from appliance.core import numbers
from appliance.core.settings import DAYS, SITES
from web import changes, wizard
from web.box import the_box
from web.pages.setup.steps import Answer, blueprint, done, missing, page


@blueprint.route("/connection", methods=["GET", "POST"])
def connection() -> Answer:
    """Which of the four recipes."""
    here = the_box()
    data = changes.as_file(here.settings)
    recipe = here.progress.recipe or wizard.recipe_of(data)
    before = here.progress.recipe if here.progress.is_under_way else recipe
    values = _numbers(data)
    if request.method == "GET":
        return page("connection", recipe=recipe, values=values, mistakes={}, kinds=_kinds(data), sites=SITES)
    recipe = request.form.get("recipe", "")
    if recipe not in wizard.RECIPES:
        abort(400)
    answers = {
        name: request.form.get(f"{recipe}_{name}", "").strip()
        for name in ("sim", "landline", "site")
        if f"{recipe}_{name}" in request.form
    }
    needed = {"diverted": ("sim", "landline"), "mobile": ("sim",)}.get(recipe, ("landline",))
    mistakes = missing({name: answers.get(name, "") for name in needed})
    answers = {name: value for name, value in answers.items() if value or name in needed}
    if not mistakes:
        places: dict[str, str] = {}
        result = changes.change(lambda data: places.update(wizard.connect(data, recipe, answers, before)))
        mistakes = result.named(**places)
    if mistakes:
        mistakes = {f"{recipe}_{name}" if name else "": texts for name, texts in mistakes.items()}
        values = {**values, **{f"{recipe}_{name}": value for name, value in answers.items()}}
        return page("connection", recipe=recipe, values=values, mistakes=mistakes, kinds=_kinds(data), sites=SITES)
    here.progress.recipe = recipe
    return done("connection")


def _numbers(data: Mapping[str, Any]) -> dict[str, str]:
    def of(kind: str, key: str) -> str:
        return str(next((line.get(key) or "" for line in data["line"] if line["kind"] == kind), ""))

    landline = next(iter(data["business"].get("numbers") or ()), "")
    site = of("analog", "site")
    return {
        "diverted_sim": of("gsm", "number"),
        "diverted_landline": landline,
        "beside_landline": of("analog", "number") or landline,
        "beside_site": site if site in SITES else SITES[0],
        "beside-mobile_landline": of("analog", "number") or landline,
        "beside-mobile_sim": of("gsm", "number"),
        "mobile_sim": of("gsm", "number"),
    }


def _kinds(data: Mapping[str, Any]) -> set[str]:
    return {line["kind"] for line in data["line"]}


@blueprint.route("/targets", methods=["GET", "POST"])
def targets() -> Answer:
    """Who gets the calls."""
    here = the_box()
    data = changes.as_file(here.settings)
    is_mobile = any(line["kind"] == "gsm" for line in data["line"])
    if request.method == "GET":
        rows = [
            {"name": one["name"], "number": one["number"], "old": one["name"]}
            for one in (data.get("target") or ())[: wizard.MOST_TARGETS]
        ]
        net = any(line.get("safety_net") for line in data["line"]) or not rows
        return page("targets", rows=_padded(rows), net=net, is_mobile=is_mobile, mistakes={})
    rows = [
        {name: request.form.get(f"{name}_{nth}", "").strip() for name in ("name", "number", "old")}
        for nth in range(wizard.MOST_TARGETS)
    ]
    net = request.form.get("net") == "1"
    filled = [nth for nth, row in enumerate(rows) if row["name"] or row["number"]]
    mistakes = missing({f"{name}_{nth}": rows[nth][name] for nth in filled or [0] for name in ("name", "number")})
    if not mistakes:
        plan = here.settings.dial_plan
        chosen = [{**row, "number": numbers.as_written(row["number"], plan) or row["number"]} for row in rows]
        where: dict[int, int] = {}
        result = changes.change(lambda data: where.update(wizard.set_targets(data, chosen, net)))
        places = {f"{name}_{nth}": f"target[{where[nth]}].{name}" for nth in filled for name in ("name", "number")}
        mistakes = result.named(**places)
    if mistakes:
        return page("targets", rows=rows, net=net, is_mobile=is_mobile, mistakes=mistakes)
    return done("targets")


def _padded(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    empty = {"name": "", "number": "", "old": ""}
    return rows + [empty] * (wizard.MOST_TARGETS - len(rows))


@blueprint.route("/hours", methods=["GET", "POST"])
def hours() -> Answer:
    """When, and what is done outside of it."""
    here = the_box()
    data = changes.as_file(here.settings)
    if not wizard.is_simple(data):
        return done("hours") if request.method == "POST" else page("hours", is_simple=False)
    people = [target.name for target in here.settings.target]
    shown = {"is_simple": True, "people": people, "has_texts": here.settings.messages.missed != "off"}
    if request.method == "GET":
        return page("hours", values=wizard.hours_of(data), mistakes={}, **shown)
    values = _hours_sent(people)
    result = changes.change(lambda data: wizard.set_hours(data, values))
    if result.is_stored:
        return done("hours")
    slot = "timetable.slot[0]"
    mistakes = result.named(
        **{"days": f"{slot}.days", "from": f"{slot}.from", "to": f"{slot}.to", "rings": "plan[0].answer_after_rings"}
    )
    return page("hours", values=values | {"away": wizard.hours_of(data)["away"]}, mistakes=mistakes, **shown)


def _hours_sent(people: list[str]) -> dict[str, Any]:
    rings, closed = request.form.get("rings", ""), request.form.get("closed", "")
    if closed not in ("same", "nobody", *(f"to:{name}" for name in people)):
        abort(400)
    return {
        "days": tuple(day for day in DAYS if day in request.form.getlist("days")),
        "from": request.form.get("from", "").strip(),
        "to": request.form.get("to", "").strip(),
        "rings": int(rings) if rings.isascii() and rings.isdigit() and len(rings) < 4 else 0,
        "closed": closed,
        "holidays": request.form.get("holidays") == "1",
    }
