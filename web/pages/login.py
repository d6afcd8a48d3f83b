"""Coming in and going out."""

from __future__ import annotations

import math

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web import claim, login
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
    return render_template("login/show.html")


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


def _after() -> str:
    path = request.args.get("next")
    return path if path and login.is_local_path(path) else url_for("today.show")
