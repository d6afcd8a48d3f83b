"""Announcements: what callers hear of this box, spoken by it or in recordings of the owner's own."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from msgspec import Struct
from werkzeug.wrappers import Response as AnyResponse

from appliance.core import spoken
from appliance.core.errors import UserError
from web import commands, login
from web.box import the_box
from web.catalogues import _
from web.changes import Data, change
from web.voices import has_voice

blueprint = Blueprint("announcements", __name__, url_prefix="/announcements")

FOLDER = "prompts"
"""In the state directory, as core/sound's Sounds name them."""
LARGEST = 32 << 20
"""Bytes of an upload: two minutes, as good as a telephone could never play them."""
HEADERS, SECOND = 44, 16_000
"""Bytes of a WAV as it is kept (8 kHz, mono, 16 bit)."""
UPLOADED = ".upload-"
TONE = "tone"
"""What `voice.hold` is where callers hear the ringing tone while somebody is being called."""

Answer = str | AnyResponse


class Sound(Struct, frozen=True):
    """One of `spoken.NAMES`. `sentence`: None, where callers hear a tone. `seconds`: of its WAV, None: there is none
    yet. `is_own`: the owner has brought it."""

    name: str
    sentence: str | None
    seconds: float | None
    is_own: bool


def may_upload() -> bool:
    """The owner alone."""
    return login.current() is not None


@blueprint.get("/")
def show() -> str:
    """Each of them."""
    return _page()


@blueprint.get("/<name>.wav")
def sound(name: str) -> Response:
    """One of them, to listen to."""
    path = _path(name)
    try:
        answer = send_file(path, "audio/wav", download_name=f"{name}.wav", conditional=True)
    except OSError:
        abort(404)
    answer.headers["Cache-Control"] = "private, no-cache"  # another one has the same address
    return answer


@blueprint.post("/<name>")
@login.takes_upload(LARGEST, may_upload)
def bring(name: str) -> Answer:
    """Put a WAV of the owner's in place."""
    _path(name)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page({name: [_("Please choose a file.")]})
    if name == "voicemail" and not request.form.get("says_so"):
        return _page({name: [_("Please confirm that your announcement says that the call is recorded.")]})
    here = the_box()
    kept = here.state / f"{UPLOADED}{secrets.token_hex(8)}.wav"
    try:
        with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as beside:
            file.save(beside)
        answer = commands.bring_sound(here.state, name, kept)
    except OSError:
        return _page({name: [_("The card is full or damaged: the recording could not be kept.")]})
    except UserError:
        return _page({name: [_("The recording could not be put in place. Please try again.")]})
    finally:
        file.close()
        with suppress(OSError):
            kept.unlink(missing_ok=True)
    if "refused" in answer:
        return _page({name: [_why(answer["refused"])]})
    if name == "hold":
        _wait_to(spoken.sentence(name, here.settings))
    flash(_("Callers hear your own recording from now on."), "good")
    return redirect(url_for("announcements.show", _anchor=name))


@blueprint.post("/<name>/forget")
def forget(name: str) -> AnyResponse:
    """Speak the sentence again."""
    _path(name)
    here = the_box()
    if name == "hold" and here.settings.voice.hold == spoken.standard(name, here.settings):
        _wait_to(TONE)
    try:
        commands.forget_sound(the_box().state, name)
        flash(_("Your recording is removed. The sentence is spoken again."), "good")
    except UserError:
        flash(_("Your recording is removed. The sentence is spoken as soon as this box has a voice."), "careful")
    return redirect(url_for("announcements.show", _anchor=name))


def _wait_to(hold: str) -> None:
    """While they wait, callers hear a ringing tone, unless the settings say that there is something to be said."""

    def edit(data: Data) -> None:
        voice = data.setdefault("voice", {})
        if TONE in (hold, voice.get("hold", TONE)):
            voice["hold"] = hold

    change(edit)


def _why(code: object) -> str:
    words = {
        "no_wav": _(
            "That is no WAV file. Recordings of a phone are often MP3 or M4A: please save yours as WAV and choose that."
        ),
        "too_big": _("The file is too large. Please bring a shorter recording, of two minutes at most."),
        "too_long": _("The recording is longer than two minutes. Please bring a shorter one."),
        "too_short": _("The recording is over in a moment: nobody would understand it."),
        "unsupported": _("This kind of WAV is not known here. Please save it as “PCM, 16 bit”."),
        "silent": _("In this recording there is nothing to hear. Was the microphone on?"),
    }
    return words.get(str(code), _("This recording cannot be used."))


def _page(mistakes: dict[str, list[str]] | None = None) -> str:
    settings = the_box().settings
    return render_template(
        "announcements/show.html",
        sounds=[_sound(name) for name in spoken.NAMES],
        has_voice=any(map(has_voice, settings.line)),
        mistakes=mistakes or {},
    )


def _sound(name: str) -> Sound:
    """How it is now."""
    seconds, is_own = None, False
    with suppress(OSError), _path(name).open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size >= HEADERS:
            file.seek(-min(spoken.COMMENT, size), os.SEEK_END)
            is_own = spoken.made_of(file.read()) is None
            seconds = (size - HEADERS) / SECOND
    settings = the_box().settings
    if name == "hold" and settings.voice.hold == TONE:
        return Sound(name, None, None, False)
    return Sound(name, spoken.sentence(name, settings), seconds, is_own)


def _path(name: str) -> Path:
    """Its file, which need not be there; 404 for what nobody says."""
    if name not in spoken.NAMES:
        abort(404)
    return the_box().state / FOLDER / f"{name}.wav"
