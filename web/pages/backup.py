"""Backup: save one now, those of the nights, and the way back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.core.errors import UserError
from appliance.store import nightly
from web import downloads, restoring
from web.box import the_box
from web.catalogues import _

blueprint = Blueprint("backup", __name__, url_prefix="/backup")

ZIP = "application/zip"


@blueprint.get("/")
def show() -> str:
    """The page."""
    kept = []
    for path in nightly.found(the_box().state):
        day, size = nightly.day_of(path), _size(path)
        if day is not None and size is not None:
            kept.append((day, size))
    return render_template("backup/show.html", kept=kept)


@blueprint.post("/save")
def save() -> AnyResponse:
    """A dated backup, made now."""
    from appliance.store import backup  # 1 MB, seldom needed

    here = the_box()
    secrets, voicemail = not request.form.get("without_secrets"), bool(request.form.get("voicemail"))
    name = f"rufweiche-backup-{here.local:%Y-%m-%d}.zip"
    return downloads.send_made(
        here.state,
        name,
        ZIP,
        lambda path: backup.save(here.state, path, here.now, secrets=secrets, voicemail=voicemail),
    )


@blueprint.get("/nightly/<day>.zip")
def night(day: str) -> Response:
    """The backup of a night."""
    path = _of(day)
    try:
        answer = send_file(path, ZIP, as_attachment=True, download_name=path.name, etag=False)
    except OSError:
        abort(404)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/nightly/<day>")
def restore_night(day: str) -> AnyResponse:
    """Look at the backup of a night, to restore it perhaps."""
    try:
        restoring.take(the_box(), _of(day))
    except UserError:
        flash(_("This backup is damaged or cannot be read. Please choose another one."), "bad")
        return redirect(url_for("backup.show"))
    return redirect(url_for("restore.show"))


def _of(day: str) -> Path:
    """Its file: one of those there are, whatever the address says."""
    try:
        wanted = nightly.name(dt.date.fromisoformat(day))
    except ValueError:
        abort(404)
    path = next((path for path in nightly.found(the_box().state) if path.name == wanted), None)
    if path is None:
        abort(404)
    return path


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
