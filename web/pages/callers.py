"""Callers: who is known and who is blocked, each one's plan, files of contacts, and what holds for withheld numbers."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.core import blocklist
from appliance.core.contact_files import MOST_BYTES
from appliance.core.contacts import Contact
from appliance.core.errors import UserError
from appliance.core.settings import BLOCKED, BLOCKED_RULES, Caller
from appliance.store.search import Search
from web import asked, editing, importing, login, people
from web.box import Box, the_box
from web.catalogues import _, ngettext
from web.changes import Data
from web.editing import version

blueprint = Blueprint("callers", __name__, url_prefix="/callers")

Answer = str | AnyResponse
Mistakes = Mapping[str, list[str]]
SHOWN = 50
"""Contacts on a page."""
UPLOAD = 4 * MOST_BYTES
"""Bytes of an upload; a file that is not much too large is told so with the cure."""


@blueprint.get("/")
def show() -> str:
    """Who is known, by name."""
    return _page({}, {})


@blueprint.post("/rules")
def rules() -> Answer:
    """What holds for withheld numbers, and for blocked callers."""
    withheld, blocked = asked.text("withheld", 80), asked.one_of("blocked", BLOCKED_RULES)

    def edit(data: Data) -> None:
        table = {"withheld": withheld, "blocked": blocked}
        data.pop("callers", None)
        if given := {name: value for name, value in table.items() if value}:
            data["callers"] = given

    result = editing.change(edit, _("Saved."))
    if result.is_stored:
        return redirect(url_for("callers.show"))
    return _page(result.named(withheld="callers.withheld"), {"withheld": withheld, "blocked": blocked or ""})


def _page(mistakes: Mistakes, sent: dict[str, str]) -> str:
    here = the_box()
    settings, text, group = here.settings, asked.text("q", 80), asked.text("group", 80)
    number = min(max(asked.whole("page") or 1, 1), 100_000)
    search = Search.of(text, settings.dial_plan)
    found = here.store.find_contacts(search, group or None, SHOWN, (number - 1) * SHOWN)
    listed = _rules_found(here, search, group) if number == 1 else []
    pages = -(-found.total // SHOWN)
    values = {"withheld": settings.callers.withheld or "", "blocked": settings.callers.blocked or ""}
    arguments: dict[str, Any] = {name: value for name, value in (("q", text), ("group", group)) if value}
    return render_template(
        "callers/show.html",
        found=found,
        listed=listed,
        text=text,
        group=group,
        groups=here.store.contact_groups(),
        sources=_sources(),
        number=number,
        pages=pages,
        before=url_for("callers.show", **arguments, page=number - 1) if number > 1 else None,
        after=url_for("callers.show", **arguments, page=number + 1) if number < pages else None,
        is_empty=not found.total and not listed and not text and not group and number == 1,
        shown=lambda one: people.shown(here, one),
        settings=settings,
        plans=[plan.name for plan in settings.plan],
        values=values | sent,
        version=version(),
        mistakes=mistakes,
    )


def _rules_found(box: Box, search: Search | None, group: str) -> list[tuple[int, Caller]]:
    """Callers of the settings that fit, with their place there."""
    found = [(nth, one) for nth, one in enumerate(box.settings.caller) if not group or one.group == group]
    if search is not None and search.words:
        found = list(itertools.compress(found, search.fitting([f"{one.name} {one.group}" for _nth, one in found])))
    elif search is not None:
        part = search.beginning or search.digits or search.number
        found = [(nth, one) for nth, one in found if part in one.number]
    return found


def _sources() -> dict[str, str]:
    """Where contacts come from, in words."""
    return {
        "manual": "",
        people.BY_HAND: "",
        blocklist.SOURCE: _("from a block list"),
        "csv": _("from a table"),
        "vcard": _("from address cards"),
        "fritzbox": _("from the FRITZ!Box"),
    }


# --- one contact -------------------------------------------------------------------------------


@blueprint.route("/new", methods=["GET", "POST"])
def add() -> Answer:
    """One more."""
    here = the_box()
    if request.method == "POST":
        return _save(here, None)
    number = asked.text("number", 60)
    values = {
        "number": people.shown(here, number) if number.startswith("+") else number,
        "name": asked.text("name", 80),
    }
    return _contact_page(None, values, {})


@blueprint.route("/contact", methods=["GET", "POST"])
def edit() -> Answer:
    """One of them."""
    here = the_box()
    old = here.store.contact(request.values.get("of", "")[:80], asked.text("source", 40))
    if old is None:
        abort(404)
    if request.method == "POST":
        if request.form.get("do") == "remove":
            here.store.remove_contact(old.number, old.source)
            flash(_("Removed."), "good")
            return redirect(url_for("callers.show"))
        return _save(here, old)
    values = {
        "number": people.shown(here, old.number).replace("…", "*"),
        "name": old.name,
        "group": "" if old.group == BLOCKED else old.group,
        "blocked": "1" if old.group == BLOCKED else "",
        "plan": old.plan or "",
        "note": old.note,
    }
    return _contact_page(old, values, {})


def _save(here: Box, old: Contact | None) -> Answer:
    fields = {"number": 60, "name": 80, "group": 80, "blocked": 1, "plan": 80, "note": 240}
    values = {name: asked.text(name, longest) for name, longest in fields.items()}
    number = people.meant(values["number"], here.settings.dial_plan)
    mistakes: dict[str, list[str]] = {}
    if number is None:
        mistakes["number"] = [
            _("This is no phone number. Please write it like 089 12345, or 089 123* for all that begin so.")
        ]
    elif (old is None or old.number != number or old.source != "manual") and here.store.contact(number, "manual"):
        mistakes["number"] = [_("There is a contact of this number already.")]
    if values["plan"] and here.settings.plan_named(values["plan"]) is None:
        mistakes["plan"] = [_("There is no such plan any more.")]
    if mistakes or number is None:
        return _contact_page(old, values, mistakes)
    group = BLOCKED if values["blocked"] else values["group"]
    new = Contact(number, values["name"], group, values["plan"] or None, values["note"], "manual")
    here.store.replace_contact(old, new)
    flash(_("Saved."), "good")
    return redirect(url_for("callers.show"))


def _contact_page(old: Contact | None, values: Mapping[str, str], mistakes: Mistakes) -> str:
    here = the_box()
    return render_template(
        "callers/contact.html",
        old=old,
        action=url_for("callers.edit") if old else url_for("callers.add"),
        values=values,
        came=_sources().get(old.source, "") if old else "",
        groups=[group for group in here.store.contact_groups() if group != BLOCKED],
        plans=[plan.name for plan in here.settings.plan],
        mistakes=mistakes,
    )


# --- a caller of the settings ------------------------------------------------------------------


@blueprint.route("/rule/<int(max=99999):nth>", methods=["GET", "POST"])
def rule(nth: int) -> Answer:
    """A caller whom the settings file names."""
    callers = the_box().settings.caller
    editing.checked(nth, callers)
    if request.form.get("do") == "remove":
        editing.remove(lambda data: data["caller"].pop(nth), _("Removed."))
        return redirect(url_for("callers.show"))
    gone = _("This rule was removed in another browser meanwhile.")
    if (place := editing.place(nth, [caller.number for caller in callers], gone)) is None:
        return redirect(url_for("callers.show"))
    nth, one = place, callers[place]
    if request.method == "GET":
        values = {"name": one.name, "group": "" if one.group == BLOCKED else one.group, "plan": one.plan or ""}
        return _rule_page(nth, one, {**values, "blocked": "1" if one.group == BLOCKED else ""}, {})
    values = {name: asked.text(name, 80) for name in ("name", "group", "plan", "blocked")}

    def change(data: Data) -> None:
        table = {"name": values["name"], "group": BLOCKED if values["blocked"] else values["group"]}
        table |= {"plan": values["plan"]} if values["plan"] else {}
        data["caller"][nth] = {"number": one.number, **table}

    result = editing.change(change, _("Saved."))
    if result.is_stored:
        return redirect(url_for("callers.show"))
    if result.is_stale:  # perhaps only since the form was sent
        callers = the_box().settings.caller
        if (place := editing.place(nth, [caller.number for caller in callers], gone)) is None:
            return redirect(url_for("callers.show"))
        nth, one = place, callers[place]
    return _rule_page(nth, one, values, result.named(**{name: f"caller[{nth}].{name}" for name in values}))


def _rule_page(nth: int, one: Caller, values: Mapping[str, str], mistakes: Mistakes) -> str:
    here = the_box()
    return render_template(
        "callers/rule.html",
        nth=nth,
        was=one.number,
        number=people.shown(here, one.number),
        values=values,
        groups=[group for group in here.store.contact_groups() if group != BLOCKED],
        plans=[plan.name for plan in here.settings.plan],
        version=version(),
        mistakes=mistakes,
    )


# --- files -------------------------------------------------------------------------------------


@blueprint.get("/import")
def import_() -> str:
    """Which file?"""
    return _import_page({})


@blueprint.post("/import")
@login.takes_upload(UPLOAD, lambda: login.current() is not None)
def upload() -> Answer:
    """Read it, and show what it would change."""
    here, file = the_box(), request.files.get("file")
    if file is None or not file.filename:
        return _import_page({"file": [_("Please choose the file.")]})
    with closing(file):
        content = file.read(MOST_BYTES + 1)
    try:
        why = importing.receive(here, content, request.form.get("kind") == "block")
    except UserError:
        return _import_page({"file": [_("There is no room for the file.")]})
    if why is not None:
        return _import_page({"file": [why]})
    return redirect(url_for("callers.preview"))


@blueprint.get("/import/preview")
def preview() -> Answer:
    """What it would change."""
    here = the_box()
    found = importing.waiting(here)
    if found is None:
        return redirect(url_for("callers.import_"))
    return render_template(
        "callers/preview.html",
        found=found,
        came=_sources().get(found.source, ""),
        is_list=found.source == blocklist.SOURCE,
        in_lines=found.source in ("csv", blocklist.SOURCE),
        shown=lambda one: people.shown(here, one),
    )


@blueprint.post("/import/decide")
def decide() -> Answer:
    """Store it, or not: what was shown, and nothing that somebody else has brought meanwhile."""
    here, mark = the_box(), asked.text("mark", 64)
    if request.form.get("do") == "store":
        if (count := importing.store(here, mark)) is not None:
            flash(ngettext("%(num)d contact is stored.", "%(num)d contacts are stored.", count), "good")
            return redirect(url_for("callers.show"))
    elif importing.discard(here, mark):
        flash(_("Nothing was stored."), "good")
        return redirect(url_for("callers.show"))
    if importing.is_waiting(here):
        flash(_("Another file has been uploaded meanwhile. Please look at it first: this is what it holds."), "careful")
        return redirect(url_for("callers.preview"))
    return redirect(url_for("callers.show"))


def _import_page(mistakes: Mistakes) -> str:
    return render_template("callers/import.html", is_waiting=importing.is_waiting(the_box()), mistakes=mistakes)
