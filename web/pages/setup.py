"""The first set-up, one question a page."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from web import login

blueprint = Blueprint("setup", __name__, url_prefix="/setup")


@blueprint.get("/")
@login.open_before_claim
def start() -> str | Response:
    """Where the set-up goes on."""
    return render_template("setup/start.html")
