"""Today: is it working, who rings now, what was, what needs the owner."""

from __future__ import annotations

from flask import Blueprint, render_template

from web.box import the_box

blueprint = Blueprint("today", __name__)


@blueprint.get("/")
def show() -> str:
    """The page."""
    return render_template("today/show.html", settings=the_box().settings)
