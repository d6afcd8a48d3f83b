"""Network: where this page is found, and what the box knows of its network."""

from __future__ import annotations

from flask import Blueprint, render_template
from markupsafe import Markup

from appliance.core.addresses import HOTSPOT_NAME
from web import addresses
from web.box import the_box

blueprint = Blueprint("network", __name__, url_prefix="/network")


@blueprint.get("/")
def show() -> str:
    """The page."""
    here = the_box()
    found = addresses.of(here)
    return render_template(
        "network/show.html",
        addresses=found,
        qr=Markup(addresses.qr(found[0])),
        about=here.settings.box,
        hotspot=HOTSPOT_NAME,
    )
