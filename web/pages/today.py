"""Today: is it working, who rings now, what was, what needs the owner."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from web.box import the_box

blueprint = Blueprint("today", __name__)


@blueprint.get("/")
def show() -> str | Response:
    """The page; while the box is being set up, that."""
    if the_box().progress.is_under_way:
        return redirect(url_for("setup.start"))
    return render_template("today/show.html", settings=the_box().settings)
