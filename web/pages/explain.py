"""What happens if …: a number, a day and a time → what is done with the call, in a sentence with the rule that
decides."""

from __future__ import annotations

import datetime as dt

import msgspec
from flask import Blueprint, render_template, request

from appliance.core.plan import Decision, decide
from appliance.core.settings import Settings
from web import asked, people, rules, standing
from web.box import Box, the_box
from web.catalogues import _, ngettext
from web.voices import has_voice

blueprint = Blueprint("explain", __name__, url_prefix="/explain")

WHO = ("number", "withheld", "stranger")


@blueprint.get("/")
def show() -> str:
    """The question, and, once it is asked, the answer."""
    here = the_box()
    settings = here.settings
    is_asked = "who" in request.args
    values = {
        "who": asked.one_of("who", WHO) or "number",
        "number": asked.text("number", 60),
        "at": asked.text("at", 30) or f"{here.local:%Y-%m-%dT%H:%M}",
        "line": asked.text("line", 80),
    }
    mistakes: dict[str, list[str]] = {}
    at = asked.moment("at") if is_asked else None
    number = people.meant(values["number"], settings.dial_plan) if values["who"] == "number" else None
    if is_asked and at is None:
        mistakes["at"] = [_("Please give day and time, like 2026-12-24 17:00.")]
    if is_asked and values["who"] == "number" and (number is None or number.endswith("*")):
        mistakes["number"] = [_("Please give the number of a caller, like 0171 123456.")]
    answer = None
    if is_asked and at is not None and not mistakes:
        answer = _answer(here, number, values["who"] == "withheld", at.replace(tzinfo=here.zone), values["line"])
    return render_template(
        "explain/show.html",
        values=values,
        mistakes=mistakes,
        answer=answer,
        lines=[line.name for line in settings.line],
    )


def _answer(here: Box, number: str | None, withheld: bool, at: dt.datetime, line: str) -> dict[str, object]:
    settings, handovers = here.settings, here.store.duties()
    book = people.book_of(here, [number])
    on_line = settings.line_named(line) or settings.line[0]
    decision = decide(settings, number, withheld, at, here.override, on_line.name, book=book, handovers=handovers)
    known = book.find(number)
    on_duty = standing.on_call(settings, at, handovers)
    mute = "" if has_voice(on_line) else _unsaid(decision)
    if mute:
        decision = msgspec.structs.replace(decision, otherwise="hang-up")  # what comes to the same there
    text = _blocked(decision) if decision.plan is None else _said(settings, decision, on_duty)
    return {
        "at": at,
        "who": known.name if known else "",
        "number": number,
        "withheld": withheld,
        "plan": decision.plan,
        "text": text,
        "because": rules.because(decision, settings),
        "decided_by": decision.decided_by,
        "gave_up": _left_over(decision),
        "mute": mute,
    }


def _said(settings: Settings, decision: Decision, on_duty: str | None) -> str:
    """What happens to the call, in a sentence. `on_duty`: whom the roster names then."""
    rings = decision.answer_after_rings or 1
    if not decision.chain and decision.otherwise == "hang-up":
        told = _("You get a text about it.") if settings.messages.missed != "off" else ""
        text = _("It rings, and the box does not answer.")
        return f"{text} {told}" if told else text
    if not decision.chain:
        if decision.otherwise == "voicemail":
            return ngettext(
                "Nobody is called. After %(num)d ring the caller may leave a message.",
                "Nobody is called. After %(num)d rings the caller may leave a message.",
                rings,
            )
        return ngettext(
            "Nobody is called. After %(num)d ring the caller hears an announcement.",
            "Nobody is called. After %(num)d rings the caller hears an announcement.",
            rings,
        )
    first, *others = [
        _("%(name)s (on call)", name=target.name) if target.name == on_duty else target.name
        for target in decision.chain
    ]
    if rings == 1:
        start = _("The call is answered at once and goes to %(target)s", target=first)
    else:
        start = _("It rings %(rings)d times, then the call goes to %(target)s", rings=rings, target=first)
    return "".join([start, *(_(", then to %(target)s", target=one) for one in others), "."])


def _blocked(decision: Decision) -> str:
    if decision.when_blocked == "hang-up":
        return _("The call is answered and ended at once. Nobody is called.")
    return _("It rings, and the box does not answer. Nobody is called.")


def _left_over(decision: Decision) -> str:
    """What is done once nobody of the chain has picked up."""
    if not decision.chain:
        return ""
    if len(decision.chain) == 1:
        return {
            "announce": _("If nobody picks up there, the caller hears an announcement."),
            "voicemail": _("If nobody picks up there, the caller may leave a message."),
        }.get(decision.otherwise or "", _("If nobody picks up there, the call counts as missed."))
    return {
        "announce": _("If none of them picks up, the caller hears an announcement."),
        "voicemail": _("If none of them picks up, the caller may leave a message."),
    }.get(decision.otherwise or "", _("If none of them picks up, the call counts as missed."))


def _unsaid(decision: Decision) -> str:
    """What the plan wants of a line that has no voice."""
    return {
        "announce": _("The announcement of the plan is not heard: this line has no voice."),
        "voicemail": _("The message that the plan asks for cannot be left: this line has no voice."),
    }.get(decision.otherwise or "", "")
