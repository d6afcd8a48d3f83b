"""Plans: after how many rings a call is answered, who is tried in which order, and what if nobody can."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from appliance.core.settings import ON_CALL, OTHERWISE
from web import asked, editing, uses
from web.box import the_box
from web.catalogues import _, ngettext
from web.changes import Data
from web.pages.targets import Answer, Mistakes, blueprint, still_used
from web.voices import voiceless

LEAST = 3
"""Places in a chain that a form has at least; it always has one more than are taken."""


@blueprint.route("/plan/new", methods=["GET", "POST"])
def new_plan() -> Answer:
    """One more."""
    if request.method == "POST":
        return _save(None)
    first = next((target.name for target in the_box().settings.target), None)
    return _page(None, {"name": "", "rings": "4", "chain": [first] if first else [], "otherwise": OTHERWISE[0]}, {})


@blueprint.route("/plan/<int(max=9999):nth>", methods=["GET", "POST"])
def plan(nth: int) -> Answer:
    """One of them."""
    plans = the_box().settings.plan
    editing.checked(nth, plans)
    if request.method == "POST":
        if request.form.get("do") == "remove":
            return _remove(nth)
        return _save(editing.place(nth, [plan.name for plan in plans]))
    one = plans[nth]
    values = {"name": one.name, "rings": str(one.answer_after_rings), "chain": one.chain, "otherwise": one.otherwise}
    return _page(nth, values, {})


def _save(nth: int | None) -> Answer:
    here = the_box()
    plans = here.settings.plan
    place = len(plans) if nth is None else nth
    old = None if nth is None else plans[nth].name
    values: dict[str, Any] = {
        "name": asked.text("name", 80),
        "rings": asked.text("rings", 10),
        "chain": _chain(),
        "otherwise": asked.text("otherwise", 20),
    }
    if "move" in request.form:
        return _page(nth, values, {})  # only looked at in another order yet
    if any(one.name == values["name"] for index, one in enumerate(plans) if index != nth):
        return _page(nth, values, {"name": [_("There is another plan of this name already.")]})

    def change(data: Data) -> None:
        data["plan"][place : place + 1] = [
            {
                "name": values["name"],
                "answer_after_rings": asked.as_whole(values["rings"]) or 0,
                "chain": values["chain"],
                "otherwise": values["otherwise"],
            }
        ]
        if old is not None and old != values["name"]:
            uses.rename_plan(data, old, values["name"])

    result = editing.change(change, _("Saved."), (f"plan[{place}]",))
    if result.is_stored and old is not None and old != values["name"]:
        here.store.rename_plan(old, values["name"])
    if result.is_stored:
        return redirect(url_for("targets.show"))
    here_ = f"plan[{place}]"
    named = {f"chain_{index}": f"{here_}.chain[{index}]" for index in range(len(values["chain"]))}
    places = {"name": f"{here_}.name", "rings": f"{here_}.answer_after_rings", "otherwise": f"{here_}.otherwise"}
    return _page(nth, values, result.named(**places, **named))


def _chain() -> list[str]:
    """The names chosen, in their order; one that is moved up changes places with the one before it."""
    places = [asked.as_whole(name.removeprefix("chain_")) for name in request.form if name.startswith("chain_")]
    names = [asked.text(f"chain_{place}", 80) for place in sorted(place for place in places if place is not None)]
    moved = asked.whole("move")
    if moved is not None and 0 < moved < len(names):
        names[moved - 1], names[moved] = names[moved], names[moved - 1]
    return [name for name in names if name]


def _remove(nth: int) -> Answer:
    if not editing.is_stale() and (used := _used(name := the_box().settings.plan[nth].name)):
        flash(still_used(name, used), "careful")
        return redirect(url_for("targets.plan", nth=nth))
    editing.remove(lambda data: data["plan"].pop(nth), _("Removed."))
    return redirect(url_for("targets.show"))


def _used(name: str) -> list[str]:
    """Where a plan is used, also by contacts."""
    here = the_box()
    used = list(uses.of_plan(here.settings, name))
    if count := here.store.contacts_with_plan(name):
        used.append(ngettext("for %(num)d contact", "for %(num)d contacts", count))
    return used


def _page(nth: int | None, values: Mapping[str, Any], mistakes: Mistakes) -> str:
    settings = the_box().settings
    nth = editing.place(nth, [plan.name for plan in settings.plan])
    name = settings.plan[nth].name if nth is not None else ""
    people = [(target.name, target.name) for target in settings.target]
    chain = list(values["chain"])
    return render_template(
        "plans/edit.html",
        nth=nth,
        was=name,
        values=values,
        chain=chain + [""] * max(1, LEAST - len(chain)),
        people=[("", _("nobody")), *people, (ON_CALL, _("whoever is on call"))],
        has_voice=len(voiceless(settings)) < len(settings.line),
        used=_used(name) if name else [],
        version=editing.version(),
        mistakes=mistakes,
    )
