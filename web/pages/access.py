"""The owner's password, and the browsers that are logged in."""

from __future__ import annotations

import math

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web import claim, login
from web.box import the_box
from web.catalogues import _

blueprint = Blueprint("access", __name__, url_prefix="/access")

Answer = str | Response | tuple[str, int, dict[str, str]]


@blueprint.get("/")
def show() -> str:
    """The page."""
    return _page({})


@blueprint.post("/password")
def password() -> Answer:
    """Another password; every other browser is logged out."""
    store = the_box().store
    wait = login.attempt(lambda: claim.is_password(store, request.form.get("old", "")))
    mistakes: dict[str, list[str]] = {}
    if wait:
        seconds = math.ceil(wait)
        mistakes["old"] = [_("Too many wrong tries. Please wait %(num)d seconds and try again.", num=seconds)]
        return _page(mistakes), 429, {"Retry-After": str(seconds)}
    if wait == 0:
        mistakes["old"] = [_("That is not your password.")]
    chosen = request.form.get("password", "")
    mistakes |= claim.mistakes_in(chosen, request.form.get("again", ""))
    if mistakes:
        return _page(mistakes)
    claim.set_password(store, chosen)
    store.end_sessions()
    login.begin()
    flash(_("Your new password counts from now on. Every other browser is logged out."), "good")
    return redirect(url_for("access.show"))


@blueprint.post("/end")
def end() -> Response:
    """A browser, or every other one, is logged out."""
    store, current = the_box().store, login.current()
    chosen = request.form.get("session", "")
    if chosen == "others":
        store.end_sessions(besides=current.id if current else None)
        flash(_("Every other browser is logged out."), "good")
    elif chosen.isascii() and chosen.isdigit() and len(chosen) < 18:
        store.end_session(int(chosen))
        flash(_("That browser is logged out."), "good")
    else:
        abort(400)
    return redirect(url_for("access.show"))


def _page(mistakes: dict[str, list[str]]) -> str:
    sessions = [(one, _device(one.agent)) for one in the_box().store.sessions()]
    return render_template("access/show.html", sessions=sessions, current=login.current(), mistakes=mistakes)


def _device(agent: str) -> str:
    """What a browser says it is, in two words."""
    devices = (
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
    )
    browsers = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"))
    found = [next((name for word, name in names if word in agent), None) for names in (browsers, devices)]
    if found[1] is None and "Linux" in agent:
        found[1] = "Linux"
    return ", ".join(name for name in found if name) or _("Unknown browser")
