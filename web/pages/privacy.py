"""Privacy: how long calls are kept; everything about one number, to see, to hand out and to delete."""

from __future__ import annotations

import json

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.core.errors import NotOverwritten
from appliance.core.numbers import as_written
from web import asked, editing, people, words
from web.box import Box, the_box
from web.catalogues import _
from web.changes import Data

blueprint = Blueprint("privacy", __name__, url_prefix="/privacy")

Answer = str | AnyResponse
LONGEST_KEPT = 3650


@blueprint.get("/")
def show() -> str:
    """The page, and what there is about the number that was asked for."""
    written = asked.text("number", 60)
    if not written:
        return _page()
    number = _meant(the_box(), written)
    if number is None:
        return _page(written=written, mistakes={"number": [_("Please give a whole phone number.")]})
    return _page(written=written, number=number)


@blueprint.get("/export.json")
def export() -> Response:
    """Everything about a number, for whoever it belongs to (GDPR, Articles 15 and 20)."""
    here = the_box()
    number = _meant(here, asked.text("number", 60))
    if number is None:
        abort(404)
    found = {"number": number, **here.store.export(number)}
    answer = Response(json.dumps(found, ensure_ascii=False, indent=2) + "\n", mimetype="application/json")
    digits = "".join(filter(str.isdigit, number)) or "number"
    answer.headers["Content-Disposition"] = f'attachment; filename="rufweiche-{digits}.json"'
    return answer


@blueprint.post("/erase")
def erase() -> AnyResponse:
    """Delete everything about a number."""
    here = the_box()
    number = _meant(here, asked.text("number", 60))
    if number is None:
        abort(400)
    if request.form.get("sure") != "1":
        flash(_("Nothing was deleted: please tick that you mean it."), "careful")
        return redirect(url_for("privacy.show", number=number))
    try:
        erased = here.store.erase(number)
    except NotOverwritten:
        flash(_("It is deleted, but may not be overwritten everywhere yet. Please delete it once more."), "careful")
        return redirect(url_for("privacy.show", number=number))
    gone = [f"{count} {label}" for kind, label in _labels().items() if (count := erased.get(kind))]
    shown = words.number(number)
    if gone:
        flash(_("Deleted of %(number)s: %(what)s.", number=shown, what=", ".join(gone)), "good")
    else:
        flash(_("Nothing was kept about %(number)s.", number=shown), "good")
    if erased["in_progress"]:
        flash(_("A call or a text with it is under way: please delete it once more when that has ended."), "careful")
    if erased["settings"]:
        flash(_("The settings name it: as a target, caller, line or your mobile. Please take it out there."), "careful")
    return redirect(url_for("privacy.show", number=number))


@blueprint.post("/keep")
def keep() -> Answer:
    """How long calls are kept."""
    days = asked.whole("keep_days")

    def edit(data: Data) -> None:
        data.setdefault("messages", {})["keep_days"] = days

    result = editing.change(edit, _("Saved."))
    if result.is_stored:
        return redirect(url_for("privacy.show"))
    wrong = {"keep_days": [_("Please give a number of days from 1 to %(most)d.", most=LONGEST_KEPT)]}
    return _page(days=asked.text("keep_days", 20), mistakes={} if result.is_stale else wrong)


def _page(
    written: str = "", number: str | None = None, days: str = "", mistakes: dict[str, list[str]] | None = None
) -> str:
    here = the_box()
    return render_template(
        "privacy/show.html",
        written=written,
        number=number,
        name=people.book_of(here, [number]).name(number) if number else None,
        found=_found(here, number) if number else [],
        days=days or here.settings.messages.keep_days,
        version=editing.version(),
        mistakes=mistakes or {},
    )


def _found(here: Box, number: str) -> list[tuple[str, int]]:
    """What an index knows of it at once, in words, and how many. Texts are looked through when it is exported."""
    figures = here.store.caller_figures(number)
    contacts = sum(one.number == number for one in here.store.contacts_about([number]))
    found = [(_("Calls"), figures.calls if figures else 0), (_("Contacts"), contacts)]
    return [(label, count) for label, count in found if count]


def _labels() -> dict[str, str]:
    """What `Store.erase` counts, in words that a number goes before."""
    return {
        "calls": _("calls"),
        "attempts": _("attempts to reach it"),
        "messages": _("texts sent"),
        "inbox": _("texts received"),
        "contacts": _("contacts"),
    }


def _meant(here: Box, written: str) -> str | None:
    """One whole number. What is meant as a pattern would be looked for as it stands, and "nothing" would lie."""
    number = as_written(written, here.settings.dial_plan)
    if number is None or number.endswith("*") or not any(map(str.isdigit, number)):
        return None
    return number
