"""The box itself: time, version and updates, restart, the file for whoever helps."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from appliance.core import requests
from web import asked, commands, downloads, machine, requested
from web.box import the_box
from web.catalogues import _

blueprint = Blueprint("device", __name__, url_prefix="/device")


@blueprint.get("/")
def show() -> str:
    """Time, version, updates; restart; the bundle for whoever helps."""
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
        updates=machine.updates(),
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
