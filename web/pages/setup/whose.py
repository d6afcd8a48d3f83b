"""Whose box it is, and which modems it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for

from appliance.core.problems import PROBLEMS
from appliance.core.requests import LOOK_FOR_MODEMS
from web import changes, editing, wizard
from web.box import the_box
from web.catalogues import language
from web.fragments import fragment
from web.pages.setup.steps import Answer, blueprint, done, missing, page
from web.places import REGIONS, place_of, set_place

PIN_PROBLEMS = frozenset(text for code in ("pin_missing", "pin_refused") for text in PROBLEMS[code])


@blueprint.route("/business", methods=["GET", "POST"])
def business() -> Answer:
    """Name, Land and the mobile that gets the texts."""
    here = the_box()
    kept = _business()
    values = {"name": kept.get("name", ""), "place": place_of(kept), "mobile": kept.get("owner_mobile", "")}
    if request.method == "GET":
        return page("business", values=values, mistakes={}, places=REGIONS)
    values = {name: request.form.get(name, "").strip() for name in values}
    answer = {**kept, "name": values["name"], "owner_mobile": values["mobile"], "language": language()}
    set_place(answer, values["place"])
    required = {"mobile": values["mobile"], "place": values["place"]}
    mistakes = missing(required)
    if not mistakes and here.stored is None:
        result = changes.check(wizard.first_settings(answer, [], {}))
    elif not mistakes:
        result = changes.change(lambda data: data.update(business=answer))
    if not mistakes:
        mistakes = result.named(name="business.name", mobile="business.owner_mobile", place="business.region")
    if mistakes:
        return page("business", values=values, mistakes=mistakes, places=REGIONS)
    here.progress.business = {key: value for key, value in answer.items() if isinstance(value, str)}
    return done("business")


def _business() -> dict[str, Any]:
    here = the_box()
    if here.stored is None:
        return dict(here.progress.business)
    kept: dict[str, Any] = changes.as_file(here.settings)["business"]
    return kept


@blueprint.route("/modem", methods=["GET", "POST"])
def modem() -> Answer:
    """The modems that were found; once one is taken, how its line is."""
    here = the_box()
    if here.stored is None and not here.progress.business:
        return redirect(url_for("setup.business"))
    if request.method == "GET":
        return page("modem", **_modems(), mistakes={})
    if request.form.get("do") == "look":
        here.ask(LOOK_FOR_MODEMS)
        return redirect(url_for("setup.modem"))
    if request.form.get("do") == "pin":
        return _set_pin()
    if here.stored is not None and request.form.get("do") != "take":
        return done("modem")
    found = here.found or []
    if not found and request.form.get("do") != "without":
        return redirect(url_for("setup.modem"))
    pins = {str(one.get("port")): request.form.get(pin_field(one), "").strip() for one in found}
    before = 0
    if here.stored is None:
        result = changes.store(wizard.first_settings(here.progress.business, found, pins))
    else:
        before = len(here.settings.line)
        result = changes.change(lambda data: data.update(line=wizard.lines_for(found, pins, data["line"])))
    if not result.is_stored:
        fields = {pin_field(one): f"line[{nth}].pin" for nth, one in enumerate(found, before)}
        return page("modem", **_modems(), mistakes=result.named(**fields))
    if not found:
        return done("modem")
    return redirect(url_for("setup.modem"))


def pin_field(modem: Mapping[str, Any]) -> str:
    """Which field has the PIN of this modem's card: no other's, whatever is plugged in or out meanwhile."""
    return f"pin_{editing.mark([modem.get('imei'), modem.get('port')])[:8]}"


def _set_pin() -> Answer:
    name, pin = request.form.get("line", ""), request.form.get("pin", "").strip()
    index = next((nth for nth, line in enumerate(the_box().settings.line) if line.name == name), None)
    if index is None:
        abort(400)
    mistakes = missing({"pin": pin})
    if not mistakes:
        result = changes.change(lambda data: [line.update(pin=pin) for line in data["line"] if line["name"] == name])
        mistakes = result.named(pin=f"line[{index}].pin")
    return page("modem", **_modems(), mistakes=mistakes) if mistakes else redirect(url_for("setup.modem"))


@blueprint.get("/modem/live")
def modem_live() -> Response:
    """The part of it that changes by itself."""
    return fragment(render_template("setup/_modem.html", **_modems(), mistakes={}, is_part=True))


def _modems() -> dict[str, Any]:
    here = the_box()
    lines = here.lines or []
    if here.stored is not None:
        names = [line.name for line in here.settings.line]
        lines = [line for line in lines if line.get("name") in names]
    return {
        "is_running": here.live is not None,
        "found": here.found or [],
        "lines": lines,
        "settings": here.settings if here.stored else None,
        "pin_problems": PIN_PROBLEMS,
        "pin_field": pin_field,
    }
