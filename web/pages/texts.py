"""Texts: those that were sent, those that came, and what they say."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.core.records import Message
from appliance.store import textlist
from web import asked, editing, people, testmessages, wording
from web.box import Box, the_box
from web.catalogues import _
from web.changes import Data
from web.delivery import fate
from web.fragments import fragment, pulse_fragment

blueprint = Blueprint("texts", __name__, url_prefix="/texts")

Answer = str | AnyResponse
SHOWN = 30
LONGEST = 300
"""Characters of a wording; the settings' own limit."""
STATES = {"waiting": textlist.WAITING, "failed": textlist.FAILED}
AGAIN = frozenset(["failed", "unknown"])
"""Those that the owner may send once more: nothing else sends them again."""


@blueprint.get("/")
def outbox() -> str:
    """Those that were sent, or are to be."""
    here, before = the_box(), asked.whole("before")
    state = asked.one_of("state", STATES)
    found = here.store.find_sent(SHOWN + 1, before, STATES[state] if state else ())
    shown, hide = found[:SHOWN], _hider(here)
    counts = here.store.message_counts()
    return render_template(
        "texts/outbox.html",
        texts=[(one, hide(one.text), fate(one)) for one in shown],
        book=people.book_of(here, (one.to for one in shown)),
        mine=here.settings.business.owner_mobile,
        targets={target.number: target.name for target in here.settings.target},
        kinds=_kinds(),
        again=AGAIN,
        state=state,
        counts=counts,
        can_send=here.settings.texting_line() is not None,
        **_tested(here),
        older=url_for("texts.outbox", before=shown[-1].id, state=state) if len(found) > SHOWN else None,
        is_newest=before is None,
    )


@blueprint.post("/again")
def again() -> AnyResponse:
    """A text that failed, or was never confirmed, is sent once more."""
    here, number = the_box(), asked.whole("id")
    old = here.store.message(number) if number is not None else None
    if old is None or old.state not in AGAIN:
        abort(400)
    uid = old.uid + textlist.AGAIN
    if not here.store.has_message(uid):  # a second click is no second text
        here.store.queue_message(Message(uid, old.kind, old.to, old.text, here.now, channel=old.channel))
    flash(_("The text is sent once more."), "good")
    return redirect(url_for("texts.outbox"))


@blueprint.post("/test")
def test() -> AnyResponse:
    """A message to the owner by every way there is, that shows which of them arrive."""
    if not testmessages.begin(the_box()):
        flash(_("There is no way to you yet, so nothing was sent."), "careful")
    return redirect(url_for("texts.outbox", _anchor="test"))


@blueprint.get("/test/live")
def test_live() -> Response:
    """What came of it so far."""
    return pulse_fragment(lambda: render_template("texts/_tested.html", **_tested(the_box())))


def _tested(here: Box) -> dict[str, Any]:
    messages = testmessages.last(here)
    return {
        "ways": testmessages.ways(here),
        "tested": [testmessages.outcome(one) for one in messages],
        "tested_at": messages[0].created_at if messages else None,
        "is_tested": testmessages.is_over(messages),
    }


@blueprint.get("/received")
def inbox() -> str:
    """Those that came."""
    here, before = the_box(), asked.whole("before")
    found = here.store.find_received(SHOWN + 1, before)
    shown, hide = found[:SHOWN], _hider(here)
    return render_template(
        "texts/inbox.html",
        texts=[(one, hide(one.text)) for one in shown],
        book=people.book_of(here, (one.sender for one in shown)),
        targets={target.number: target.name for target in here.settings.target},
        mine=here.settings.business.owner_mobile,
        older=url_for("texts.inbox", before=shown[-1].id) if len(found) > SHOWN else None,
        is_newest=before is None,
    )


def _hider(here: Box) -> Callable[[str], str]:
    """Takes the word that commands must begin with out of a text: whoever sees the page could send them then."""
    code = here.settings.messages.command_code
    if not code:
        return lambda text: text
    pattern = re.compile(rf"(?<!\w){re.escape(code)}(?!\w)", re.IGNORECASE)
    return lambda text: pattern.sub("•••", text)


def _kinds() -> dict[str, str]:
    return {
        "missed": _("Missed call"),
        "digest": _("Summary"),
        "reply": _("Reply"),
        "test": _("Test"),
        "alarm": _("Warning"),
        "briefing": _("Who is calling"),
    }


# --- what they say -----------------------------------------------------------------------------


@blueprint.get("/wording")
def templates() -> str:
    """The sentences: those that can be changed, and examples of the others."""
    return _wording_page({}, {})


@blueprint.get("/count")
def count() -> Response:
    """How long the text is that is being written."""
    return fragment(render_template("texts/_count.html", measured=wording.measure(asked.text("text", LONGEST))))


@blueprint.post("/wording/reply")
def reply() -> Answer:
    """What a missed caller is texted."""
    written, wanted = asked.text("reply_text", LONGEST), bool(request.form.get("reply_to_caller"))
    if request.form.get("do") == "count":
        return _wording_page({"reply_text": written, "reply_to_caller": wanted}, {})

    def edit(data: Data) -> None:
        table = data.setdefault("messages", {})
        table["reply_to_caller"] = wanted
        table.pop("reply_text", None)
        if written:
            table["reply_text"] = written

    result = editing.change(edit, _("Saved."), ("messages.reply",))
    if result.is_stored:
        return redirect(url_for("texts.templates"))
    mistakes = result.named(reply_text="messages.reply_text")
    return _wording_page({"reply_text": written, "reply_to_caller": wanted}, mistakes)


@blueprint.post("/wording/voice")
def voice() -> Answer:
    """What a line with a voice says."""
    names = ("announcement", "voicemail", "hold")
    sent: dict[str, Any] = {name: asked.text(name, LONGEST) for name in names}
    seconds = asked.text("message_seconds", 10)

    def edit(data: Data) -> None:
        table = data.setdefault("voice", {})
        for name in names:
            table.pop(name, None)
            if sent[name]:
                table[name] = sent[name]
        if seconds:
            table["message_seconds"] = asked.as_whole(seconds) or 0

    result = editing.change(edit, _("Saved."), ("voice",))
    if result.is_stored:
        return redirect(url_for("texts.templates", _anchor="voice"))
    places = {name: f"voice.{name}" for name in (*names, "message_seconds")}
    return _wording_page({**sent, "message_seconds": seconds}, result.named(**places))


def _wording_page(sent: dict[str, Any], mistakes: dict[str, list[str]]) -> str:
    here = the_box()
    settings = here.settings
    voice = settings.voice
    values: dict[str, Any] = {
        "reply_text": settings.messages.reply_text or "",
        "reply_to_caller": settings.messages.reply_to_caller,
        "announcement": voice.announcement or "",
        "voicemail": voice.voicemail or "",
        "hold": "" if voice.hold == "tone" else voice.hold,
        "message_seconds": voice.message_seconds,
    } | sent
    standard = wording.standard_reply(settings)
    return render_template(
        "texts/templates.html",
        values=values,
        standard_reply=standard,
        measured=wording.measure(values["reply_text"] or standard),
        standard=wording.standard_voice(settings),
        examples=[(label, text, wording.measure(text)) for label, text in wording.examples(settings, here.local)],
        longest=LONGEST,
        version=editing.version(),
        mistakes=mistakes,
    )
