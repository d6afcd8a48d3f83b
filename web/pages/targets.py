"""Targets: the humans who get the calls. Plans, which say who is called when, are on the same page (plans.py)."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import asked, editing, uses, words
from web.box import the_box
from web.catalogues import _
from web.changes import Data
from web.voices import voiceless

blueprint = Blueprint("targets", __name__, url_prefix="/targets")

Answer = str | AnyResponse
Mistakes = Mapping[str, list[str]]


@blueprint.get("/")
def show() -> str:
    """Both."""
    settings = the_box().settings
    return render_template(
        "targets/show.html",
        settings=settings,
        has_voice=len(voiceless(settings)) < len(settings.line),
        used={target.name: list(uses.of_target(settings, target.name)) for target in settings.target},
    )


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """One more."""
    if request.method == "POST":
        return _save(None)
    values = {"name": "", "number": "", "ring_seconds": "20", "confirm": "", "brief": "", "tariff_ct": ""}
    return _page(None, values, {})


@blueprint.route("/<int(max=9999):nth>", methods=["GET", "POST"])
def edit(nth: int) -> Answer:
    """One of them."""
    targets = the_box().settings.target
    editing.checked(nth, targets)
    if request.method == "POST":
        if request.form.get("do") == "remove":
            return _remove(nth)
        return _save(editing.place(nth, [target.name for target in targets]))
    one = targets[nth]
    values = {
        "name": one.name,
        "number": words.number(one.number),
        "ring_seconds": str(one.ring_seconds),
        "confirm": "1" if one.confirm else "",
        "brief": "1" if one.brief else "",
        "tariff_ct": f"{one.tariff_ct:g}" if one.tariff_ct else "",
    }
    return _page(nth, values, {})


def _save(nth: int | None) -> Answer:
    here = the_box()
    targets = here.settings.target
    place = len(targets) if nth is None else nth
    old = None if nth is None else targets[nth].name
    fields = {"name": 80, "number": 60, "ring_seconds": 10, "confirm": 1, "brief": 1, "tariff_ct": 10}
    values = {name: asked.text(name, longest) for name, longest in fields.items()}
    if any(one.name == values["name"] for index, one in enumerate(targets) if index != nth):
        return _page(nth, values, {"name": [_("There is another target of this name already.")]})
    tariff = _amount(values["tariff_ct"])
    if tariff is None:
        return _page(nth, values, {"tariff_ct": [_("Please give an amount, like 1.5.")]})

    def change(data: Data) -> None:
        data.setdefault("target", [])[place : place + 1] = [
            {
                "name": values["name"],
                "number": values["number"],
                "ring_seconds": asked.as_whole(values["ring_seconds"]) or 0,
                "confirm": bool(values["confirm"]),
                "brief": bool(values["brief"]),
                "tariff_ct": tariff,
            }
        ]
        if old is not None and old != values["name"]:
            uses.rename_target(data, old, values["name"])

    result = editing.change(change, _("Saved."), (f"target[{place}]",))
    if result.is_stored and old is not None and old != values["name"]:
        here.store.rename_target(old, values["name"])
    if result.is_stored:
        return redirect(url_for("targets.show"))
    return _page(nth, values, result.named(**{name: f"target[{place}].{name}" for name in values}))


def _remove(nth: int) -> Answer:
    settings = the_box().settings
    if not editing.is_stale() and (used := list(uses.of_target(settings, name := settings.target[nth].name))):
        flash(still_used(name, used), "careful")
        return redirect(url_for("targets.edit", nth=nth))
    editing.remove(lambda data: data["target"].pop(nth), _("Removed."))
    return redirect(url_for("targets.show"))


def still_used(name: str, used: list[str]) -> str:
    """Why something cannot be removed yet."""
    return _("“%(name)s” is still used: %(where)s. Please change that first.", name=name, where=", ".join(used))


def _page(nth: int | None, values: Mapping[str, str], mistakes: Mistakes) -> str:
    settings = the_box().settings
    nth = editing.place(nth, [target.name for target in settings.target])
    name = settings.target[nth].name if nth is not None else ""
    return render_template(
        "targets/edit.html",
        nth=nth,
        was=name,
        name=name,
        values=values,
        used=list(uses.of_target(settings, name)) if name else [],
        version=editing.version(),
        mistakes=mistakes,
    )


def _amount(written: str) -> float | None:
    """An amount, written with a comma or a point; "" is 0."""
    whole, _point, fraction = (written or "0").replace(",", ".").partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 6 for part in (whole, fraction or "0")):
        return None
    return float(f"{whole}.{fraction or '0'}")
