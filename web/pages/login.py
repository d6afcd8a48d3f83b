"""Coming in and going out."""

from __future__ import annotations

import math

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web import addresses, certificate, claim, login
from web.box import the_box

blueprint = Blueprint("login", __name__)


@blueprint.get("/login")
@login.open_to_all
def show() -> str | Response:
    """The form."""
    if not claim.is_claimed(the_box().store):
        return redirect(url_for("setup.start"))
    if login.current() is not None:
        return redirect(_after())
    return render_template("login/show.html", secure=_secure())


@blueprint.post("/login")
@login.open_to_all
def enter() -> str | Response | tuple[str, int, dict[str, str]]:
    """Log in."""
    store = the_box().store
    if not claim.is_claimed(store):
        return redirect(url_for("setup.start"))
    wait = login.attempt(lambda: claim.is_password(store, request.form.get("password", "")))
    if wait is None:
        login.begin()
        return login.with_mark(redirect(_after()))
    if wait > 0:
        return render_template("login/show.html", wait=math.ceil(wait)), 429, {"Retry-After": str(math.ceil(wait))}
    return render_template("login/show.html", is_wrong=True), 403, {}


@blueprint.post("/logout")
def leave() -> Response:
    """Log out."""
    login.end()
    return redirect(url_for("login.show"))


def _secure() -> str | None:
    """The same page encrypted, where that is switched on and not in use."""
    port = current_app.extensions.get("rufweiche.https")
    here = the_box()
    if request.is_secure or not port or here.stored is None or not certificate.is_on(here.state):
        return None
    return addresses.secure_here(port) + request.full_path.lstrip("/").rstrip("?")


def _after() -> str:
    path = request.args.get("next")
    return path if path and login.is_local_path(path) else url_for("today.show")
