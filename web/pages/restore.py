"""Restoring a backup: as the first step of the set-up, or later. Uploaded, looked at, then put in place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.core.errors import UserError
from appliance.core.settings import Settings
from appliance.store.calllist import Wanted
from web import asked, claim, login, restoring, wishes
from web.box import the_box
from web.catalogues import _
from web.fragments import fragment

if TYPE_CHECKING:
    from appliance.store.backup import Contents

blueprint = Blueprint("restore", __name__, url_prefix="/restore")

MOST_COUNTED = 2000
"""Newer calls that are counted: more of them say nothing more."""
Answer = str | AnyResponse | tuple[str, int, dict[str, str]]


def may_upload() -> bool:
    """The owner may; before there is one, whoever has shown by the code to be standing at the box."""
    return login.current() is not None or (not claim.is_claimed(the_box().store) and login.is_present())


@blueprint.get("/")
@login.open_before_claim
def show() -> Answer:
    """Ask for the code, for the file, or whether what it holds is meant."""
    here = the_box()
    if restoring.is_pending(here):
        return redirect(url_for("restore.wait"))
    if not may_upload():
        return _code_page({})
    try:
        found = restoring.waiting(here)
    except UserError:
        restoring.discard(here)
        found = None
    if found is None:
        return _page("upload", mistakes={})
    contents, mark = found
    return _page(
        "preview",
        mark=mark,
        made_at=contents.made_at,
        rows=_compared(contents),
        changed=_changed(contents.settings, here.stored[1] if here.stored else None),
        newer=len(here.store.find_calls(Wanted(since=contents.made_at), MOST_COUNTED)),
    )


@blueprint.post("/code")
@login.open_before_claim
def code() -> Answer:
    """The set-up code."""
    wait = login.prove_presence(request.form.get("code", ""))
    if wait is None:
        return redirect(url_for("restore.show"))
    if wait > 0:
        seconds = math.ceil(wait)
        sentence = _("Too many wrong codes. Please wait %(num)d seconds and try again.", num=seconds)
        return _code_page({"code": [sentence]}), 429, {"Retry-After": str(seconds)}
    sentence = _("That is not the code. Please look it up in one of the places named here.")
    return _code_page({"code": [sentence]})


def _code_page(mistakes: dict[str, list[str]]) -> str:
    return _page("code", code_places=claim.places(the_box().state, wishes.has_services()), mistakes=mistakes)


@blueprint.post("/upload")
@login.open_before_claim
@login.takes_upload(restoring.LARGEST, may_upload)
def upload() -> Answer:
    """Take the file, and show what it holds."""
    if not may_upload():
        return redirect(url_for("restore.show"))
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page("upload", mistakes={"file": [_("Please choose the file.")]})
    try:
        restoring.receive(the_box(), file)
    except UserError:
        sentence = _("That is no backup of Rufweiche, or it is damaged. Its name ends in .zip.")
        return _page("upload", mistakes={"file": [sentence]})
    return redirect(url_for("restore.show"))


@blueprint.post("/begin")
@login.open_before_claim
def begin() -> Answer:
    """Put in place what was shown, or forget it: nothing that somebody else has brought meanwhile."""
    here, mark = the_box(), asked.text("mark", 64)
    if not may_upload():
        return redirect(url_for("restore.show"))
    if request.form.get("do") != "restore":
        restoring.discard(here, mark)
        return redirect(url_for("restore.show"))
    try:
        is_done = restoring.put_in_place(here, mark)
    except UserError:
        restoring.discard(here, mark)
        return redirect(url_for("restore.show"))
    if is_done is None:
        if restoring.is_kept(here):
            flash(
                _("Another backup has been uploaded meanwhile. Please look at it first: this is what it holds."),
                "careful",
            )
        return redirect(url_for("restore.show"))
    if is_done:
        flash(_("The backup is restored."), "good")
        return redirect(url_for("today.show"))
    return redirect(url_for("restore.wait"))


@blueprint.get("/wait")
@login.open_to_all
def wait() -> Answer:
    """While the engine restores it; the login may be another one afterwards."""
    if restoring.is_pending(the_box()):
        return _page("wait", is_owner=login.current() is not None, is_pending=True)
    return redirect(url_for("today.show"))


@blueprint.post("/without")
def without() -> AnyResponse:
    """The owner does not want it any more."""
    restoring.do_without(the_box())
    return redirect(url_for("today.show"))


@blueprint.get("/wait/live")
@login.open_to_all
def wait_live() -> Response:
    """Whether it is done."""
    return fragment(render_template("restore/_wait.html", is_pending=restoring.is_pending(the_box())))


def _compared(contents: Contents) -> list[tuple[str, str, str]]:
    """What the backup holds beside what is here now: label, there, here."""
    here = the_box()
    now = here.stored[1] if here.stored else None
    calls = here.store.hours()
    rows = [
        (label, _names(contents.settings, key), _names(now, key))
        for label, key in ((_("Lines"), "line"), (_("Targets"), "target"), (_("Plans"), "plan"))
    ]
    names = [one.business.name if one else "" for one in (contents.settings, now)]
    counts = [
        (_("Calls"), str(contents.calls), str(sum(hour.calls for hour in calls))),
        (_("Contacts"), str(contents.contacts), str(len(here.store.contacts()))),
        (_("Recordings"), str(contents.sounds), str(restoring.sounds(here))),
    ]
    return [(_("Business"), names[0], names[1]), *rows, *counts]


def _changed(there: Settings | None, now: Settings | None) -> list[str]:
    """The parts of the settings that would be other ones than now, in words."""
    if there is None or now is None:
        return []
    parts = {
        "business": _("Business"), "line": _("Lines"), "target": _("Targets"), "plan": _("Plans"),
        "timetable": _("Week"), "closure": _("Closing days"), "holidays": _("Public holidays"), "roster": _("On call"),
        "caller": _("Callers"), "callers": _("Rules for callers"), "messages": _("Messages"), "costs": _("Costs"),
        "voice": _("Announcements"), "guard": _("Limits"), "notify": _("E-mail and webhook"), "box": _("Network"),
        "panel": _("Lights and button"),
    }  # fmt: skip
    return [words for name, words in parts.items() if getattr(there, name) != getattr(now, name)]


def _names(settings: Settings | None, key: str) -> str:
    return ", ".join(one.name for one in getattr(settings, key)) if settings else ""


def _page(name: str, **facts: object) -> str:
    return render_template(f"restore/{name}.html", is_claimed=claim.is_claimed(the_box().store), **facts)
