"""The box itself: time, version and updates, restart, the file for whoever helps."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask import Response as AnyResponse
from werkzeug.wrappers import Response

from appliance.core import requests
from appliance.core.errors import UserError
from web import asked, commands, downloads, login, machine, requested, updating, wishes
from web.bodies import LARGEST_UPDATE
from web.box import the_box
from web.catalogues import _
from web.fragments import fragment

blueprint = Blueprint("device", __name__, url_prefix="/device")


Answer = str | Response


def may_update() -> bool:
    """The owner, on a box that has somewhere to put it."""
    return login.current() is not None and updating.state(the_box()).has_slots


@blueprint.get("/")
def show() -> str:
    """Time, version, updates; restart; the bundle for whoever helps."""
    return _page()


@blueprint.get("/updates")
def updates() -> AnyResponse:
    """How far an update is."""
    here = the_box()
    facts = {"updates": updating.state(here), "is_ignored": wishes.is_ignored(here, updating.WISH)}
    return fragment(render_template("device/_updates.html", **facts))


@blueprint.post("/update")
@login.takes_upload(LARGEST_UPDATE, may_update)
def update() -> Answer:
    """Take a bundle and wish for its installation; or for that of the one that is here; or do without it."""
    here = the_box()
    if not updating.state(here).has_slots:
        abort(404)
    do = request.form.get("do")
    if do == "discard":
        updating.discard(here)
    elif do == "install" and updating.state(here).waits:
        updating.ask(here)
    elif do == "stick" and updating.state(here).stick:
        try:
            updating.ask_for_stick(here)
        except UserError as error:
            return _page({"stick": [_not_taken(str(error))]})
    elif do == "upload":
        file = request.files.get("file")
        if file is None or not file.filename:
            return _page({"file": [_("Please choose the update file.")]})
        try:
            updating.receive(here, file)
        except UserError as error:
            return _page({"file": [_not_taken(str(error))]})
    else:
        abort(400)
    return redirect(url_for("device.show", _anchor="updates"))


def _not_taken(why: str) -> str:
    if why == "no room":
        return _("There is no room for it on the card.")
    return _("That is no update file. Its name ends in .raucb.")


def _page(mistakes: dict[str, list[str]] | None = None) -> str:
    here = the_box()
    page_version, engine_version = machine.versions(here)
    known, by = machine.clock(here)
    return render_template(
        "device/show.html",
        local=here.local,
        zone=here.zone,
        clock_known=known,
        clock_by=by,
        page_version=page_version,
        engine_version=engine_version,
        model=machine.model(),
        updates=updating.state(here),
        is_ignored=wishes.is_ignored(here, updating.WISH),
        largest=updating.room(here),
        mistakes=mistakes or {},
        is_running=here.lines is not None,
        told=requested.told(here, asked.whole("asked")),
    )


@blueprint.post("/restart")
def restart() -> Response:
    """The engine starts anew once no call is on."""
    number = the_box().ask(requests.RESTART)
    return redirect(url_for("device.show", asked=number))


@blueprint.post("/support")
def support() -> Response:
    """The bundle for whoever helps: no secrets, no whole number, no texts (appliance/support.py)."""
    here = the_box()
    name = f"rufweiche-support-{here.local:%Y-%m-%d}.zip"
    try:
        return downloads.send_made(
            here.state, name, "application/zip", lambda path: commands.support_bundle(here.state, path)
        )
    except OSError as error:
        flash(_("The card is full or damaged: %(reason)s.", reason=error.strerror), "bad")
        return redirect(url_for("device.show"))
