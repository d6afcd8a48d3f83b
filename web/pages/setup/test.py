"""The test call: begun here, watched here, a verdict a step."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for

from appliance.core import texts
from appliance.core.plan import Decision, Override, decide
from appliance.core.records import Message
from web import testcall
from web.box import the_box
from web.fragments import fragment
from web.pages.setup.steps import Answer, blueprint, page
from web.voices import has_voice


@blueprint.route("/test", methods=["GET", "POST"])
def test() -> Answer:
    """A call, with a verdict a step."""
    here = the_box()
    settings = here.settings
    if request.method == "GET":
        return page("test", **_test())
    if request.form.get("do") != "begin":
        here.progress.has_done("test")
        here.progress.is_finished = True
        here.save_progress()
        return redirect(url_for("today.show"))
    here.progress.test_from, here.progress.test_text = here.now, None
    if settings.texting_line() is not None:
        said = texts.test(settings.business.language, settings.business.name)
        to = settings.business.owner_mobile
        message = Message(uid=uuid.uuid4().hex, kind="test", to=to, text=said, created_at=here.now)
        here.store.queue_message(message)
        here.progress.test_text = message.uid
    here.save_progress()
    return redirect(url_for("setup.test"))


@blueprint.get("/test/live")
def test_live() -> Response:
    """The verdicts so far."""
    facts = _test()
    if facts["test"] is None:
        abort(404)  # not begun
    return fragment(render_template("setup/_test.html", **facts))


def _test() -> dict[str, Any]:
    here = the_box()
    settings, since, uid = here.settings, here.progress.test_from, here.progress.test_text
    line = settings.line[0]
    number = (
        settings.business.numbers[0]
        if here.progress.recipe == "diverted" and settings.business.numbers
        else line.number
    )
    facts = {"own_number": number, "test": None, "is_running": here.live is not None, "lines": here.lines or []}
    if since is None:
        return facts
    text = next((one for one in here.store.messages_since(since) if one.uid == uid), None) if uid else None
    duties = here.store.duties()

    def decided(plan: str | None, at: dt.datetime | None) -> Decision:
        """The plan of the call, even if another one applies by now; before it has one, the plan that applies now."""
        override = Override(plan) if plan else here.override
        known = here.clock_known
        return decide(settings, None, False, at or here.now, override, handovers=duties, clock_known=known)

    calls = here.store.calls(since=since, limit=20)
    voices = {one.name for one in settings.line if has_voice(one)}
    return {**facts, "test": testcall.current(since, here.lines, calls, text, decided, voices, line.name)}
