"""Voicemail: the messages callers left, to hear, to deal with and to delete."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.core.records import CallRecord
from appliance.store import recordings
from appliance.store.changes import MarkDone, Reopen
from web import asked, people
from web.box import the_box
from web.catalogues import _
from web.voices import voiceless

blueprint = Blueprint("voicemail", __name__, url_prefix="/voicemail")

SHOWN = 20


@blueprint.get("/")
def show() -> str:
    """The messages, newest first."""
    here, before = the_box(), asked.whole("before")
    found = here.store.calls_with_message(SHOWN + 1, before)
    calls = people.named(here, found[:SHOWN])
    settings = here.settings
    return render_template(
        "voicemail/show.html",
        calls=[(call, _file(call) is not None) for call in calls],
        older=url_for("voicemail.show", before=calls[-1].id) if len(found) > SHOWN else None,
        is_newest=before is None,
        keep_days=settings.messages.keep_days,
        is_wanted=any(plan.otherwise == "voicemail" for plan in settings.plan),
        has_voice=len(voiceless(settings)) < len(settings.line),
    )


@blueprint.get("/<int(max=9007199254740991):number>.wav")
def sound(number: int) -> Response:
    """One of them; a part of it where a player asks for one."""
    call = the_box().store.call(number)
    path = None if call is None else _file(call)
    if path is None:
        abort(404)
    try:
        answer = send_file(path, "audio/wav", download_name=f"{number}.wav", conditional=True)
    except OSError:
        abort(404)
    answer.headers["Cache-Control"] = "private, no-store"  # somebody's voice
    return answer


@blueprint.post("/<int(max=9007199254740991):number>")
def change(number: int) -> AnyResponse:
    """It is dealt with, or not after all; or it is deleted."""
    here = the_box()
    call, do = here.store.call(number), request.form.get("do")
    if call is None or call.message is None:
        abort(404)
    if do == "done":
        here.store.write(MarkDone((number,), here.now))
    elif do == "reopen":
        here.store.write(Reopen(number))
    elif do == "delete":
        try:
            here.store.forget_recording(number)
            flash(_("The message is deleted."), "good")
        except OSError:
            flash(_("The message is not shown any more; its file is deleted within a day."), "careful")
    else:
        abort(400)
    return redirect(asked.back("voicemail.show"))


def _file(call: CallRecord) -> Path | None:
    """Its recording, whatever the log says of where it was: a file in that folder, or none."""
    if call.message is None:
        return None
    path = the_box().state / recordings.FOLDER / Path(call.message).name
    return path if path.is_file() and not path.is_symlink() else None
