"""Network: where this page is found, whether also by HTTPS, and what the box knows of its network."""

from __future__ import annotations

import logging
import socket
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask import Response as AnyResponse
from markupsafe import Markup
from werkzeug.wrappers import Response

from appliance.core.addresses import HOTSPOT_NAME
from appliance.core.errors import UserError
from web import addresses, asked, certificate, changes, machine, qr, wishes
from web.box import Box, the_box
from web.catalogues import _
from web.fragments import fragment

blueprint = Blueprint("network", __name__, url_prefix="/network")

log = logging.getLogger(__name__)
HOTSPOT_ADDRESS = "10.42.0.1"
"""Of the box on its own hotspot."""


@blueprint.get("/")
def show() -> str:
    """The page."""
    return _page({}, {})


@blueprint.get("/settled")
def settled() -> AnyResponse:
    """What becomes of another name or Wi-Fi."""
    return fragment(render_template("network/_settled.html", **_settling(the_box())))


@blueprint.post("/name")
def name() -> str | Response:
    """Another name or Wi-Fi: checked here, carried out by root's service."""
    here = the_box()
    if not wishes.has_services():
        abort(404)
    sent = {"hostname": asked.text("hostname", 64), "ssid": asked.exact("ssid", 64)}
    password, hidden = asked.exact("password", 64), bool(request.form.get("hidden"))
    wifi = {"ssid": sent["ssid"], "hidden": hidden} | ({"password": password} if password else {})
    wish: dict[str, object] = {"wifi": wifi} if sent["ssid"] else {}
    if sent["hostname"].lower() != here.settings.box.hostname.lower():
        wish["hostname"] = sent["hostname"]
    data = changes.as_file(here.settings)
    data.setdefault("box", {}).update(wish)
    result = changes.check(data)
    if not result.is_stored:
        places = {"hostname": "box.hostname", "ssid": "box.wifi.ssid", "password": "box.wifi.password"}
        return _page(sent | {"hidden": hidden}, result.named(**places))
    try:
        if wish:
            wishes.leave(here, wishes.NETWORK, wish)
    except OSError:
        flash(_("The card is full or damaged: nothing was changed."), "bad")
        return redirect(url_for("network.show", _anchor="name"))
    if sent["ssid"]:  # such as a blank that a phone's keyboard has put after the name
        for name, label in (("ssid", _("Name of the Wi-Fi")), ("password", _("Password of the Wi-Fi"))):
            for text in result.warnings.get(f"box.wifi.{name}", []):
                flash(f"{label}: {text}", "careful")
    if "hostname" in wish:
        changes.change(lambda kept: kept.setdefault("box", {}).update(hostname=wish["hostname"]))
    return redirect(url_for("network.show", _anchor="name"))


def _settling(here: Box) -> dict[str, Any]:
    """How far it is; see `settling.TOLD` of the appliance."""
    told = machine.line(machine.RUN / "network")
    waits = wishes.is_waiting(here, wishes.NETWORK)
    return {
        "settling": "working" if waits else told,
        "is_ignored": wishes.is_ignored(here, wishes.NETWORK),
        "about": here.settings.box,
    }


def _page(sent: dict[str, Any], mistakes: dict[str, list[str]]) -> str:
    here = the_box()
    found = addresses.of(here)
    port, is_secure = current_app.extensions.get("rufweiche.https"), certificate.is_on(here.state)
    own = certificate.described(here.state) if port and is_secure else None
    return render_template(
        "network/show.html",
        addresses=found,
        qr=Markup(qr.svg(found[0])),
        hotspot=HOTSPOT_NAME,
        https_port=port,
        is_secure=is_secure,
        secure=addresses.secure(here, port) if port else [],
        certificate=own,
        is_named=own is not None and f"{here.settings.box.hostname.lower()}.local" in own.names,
        is_over=own is not None and own.until < here.now,
        by_https=request.is_secure,
        can_settle=wishes.has_services(),
        joined=machine.wifi(),
        values={"hostname": here.settings.box.hostname, "ssid": "", "hidden": False} | sent,
        mistakes=mistakes,
        **_settling(here),
    )


@blueprint.post("/https")
def https() -> Response:
    """Switch HTTPS on or off, or make another certificate."""
    here, do = the_box(), request.form.get("do")
    if not current_app.extensions.get("rufweiche.https"):
        abort(404)
    try:
        if do == "off":
            certificate.switch_off(here.state)
            flash(_("The page is to be had without encryption only."), "careful")
            if request.is_secure:  # the door just closed behind whoever asked
                return redirect(addresses.plain_here(current_app.extensions["rufweiche.http"]) + "network/")
        elif do not in ("on", "renew"):
            abort(400)
        elif not machine.clock(here)[0]:
            flash(_("The box does not know the time yet. Without it there is no certificate. Please wait."), "careful")
        elif do == "on":
            certificate.switch_on(here.state, _names(here))
            flash(_("The page is to be had encrypted, too. Its addresses are below."), "good")
        else:
            certificate.make(here.state, _names(here))
            flash(_("There is a new certificate. Browsers ask once more whether you trust it."), "good")
    except (UserError, OSError) as error:
        log.error("certificate: %s", error)
        flash(_("The certificate could not be made. The page stays as it was."), "bad")
    return redirect(url_for("network.show", _anchor="https"))


def _names(here: Box) -> list[str]:
    """What browsers may call this box."""
    names = dict.fromkeys((here.settings.box.hostname, socket.gethostname()))
    return [*names, *(f"{name}.local" for name in names), *addresses.hosts(here), HOTSPOT_ADDRESS]
