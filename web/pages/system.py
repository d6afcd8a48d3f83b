"""Lines: how each is, what to do about it, and its settings."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.core import requests
from appliance.core.settings import SITES, Line
from web import asked, editing, requested
from web.box import Box, the_box
from web.catalogues import _
from web.changes import Data
from web.fragments import pulse_fragment

blueprint = Blueprint("system", __name__, url_prefix="/system")

Answer = str | AnyResponse
PROVABLE = ("busy", "no_reply", "always")
MOST_MINUTES = 600


@blueprint.get("/")
def show() -> str:
    """The lines."""
    return render_template("system/show.html", **_facts(the_box()))


@blueprint.get("/live")
def live() -> Response:
    """The part of it that changes by itself."""
    return pulse_fragment(lambda: render_template("system/_lines.html", **_facts(the_box())))


@blueprint.post("/ask")
def ask() -> AnyResponse:
    """Have the engine do something: the button's value says what, and for which line."""
    here = the_box()
    what, _space, rest = request.form.get("do", "").partition(" ")
    if what == "look":
        number = here.ask(requests.LOOK_FOR_MODEMS)
    elif what == "probe":
        number = here.ask(requests.PROBE_METHODS)
    elif what in ("check", "erase"):
        kind = requests.CHECK_DIVERSIONS if what == "check" else requests.ERASE_DIVERSIONS
        number = here.ask(kind, line=_known(here, rest))
    elif what in ("works", "fails"):
        when, _space, name = rest.partition(" ")
        if when not in PROVABLE:
            abort(400)
        number = here.ask(requests.PROVE_DIVERSION, line=_known(here, name), when=when, works=what == "works")
    else:
        abort(400)
    return redirect(url_for("system.show", asked=number))


def _known(here: Box, name: str) -> str:
    if here.settings.line_named(name) is None:
        abort(400)
    return name


def _facts(here: Box) -> dict[str, Any]:
    shown = {line.get("name"): line for line in here.lines or ()}
    number = asked.whole("asked")
    return {
        "settings": here.settings,
        "is_running": here.lines is not None,
        "lines": [(nth, line, shown.get(line.name, {})) for nth, line in enumerate(here.settings.line)],
        "found": here.found or [],
        "told": requested.told(here, number),
        "asked": number,
        "when_words": _when_words(),
        "way_words": _way_words(),
        "provable": PROVABLE,
    }


def _when_words() -> dict[str, str]:
    return {
        "unreachable": _("while the box is off or without network"),
        "busy": _("while the line is busy"),
        "no_reply": _("when nobody answers"),
        "always": _("all calls, always"),
    }


def _way_words() -> dict[str, str]:
    return {
        "deflect": _("Passed on while ringing"),
        "transfer": _("Handed over by the network"),
        "conference": _("Conference by the network"),
        "bridge": _("Connected in the box"),
        "flash": _("Handed over by hook-flash"),
    }


# --- one line's settings -----------------------------------------------------------------------


@blueprint.route("/line/<int(max=9999):nth>", methods=["GET", "POST"])
def line(nth: int) -> Answer:
    """A line's number, PIN, safety net and longest call."""
    lines = the_box().settings.line
    editing.checked(nth, lines)
    if request.method == "GET":
        return _line_page(nth, lines[nth], {})
    if request.form.get("do") == "remove":
        return _remove(nth, lines[nth].name if nth < len(lines) else "")
    gone = _("This line was removed in another browser meanwhile.")
    if (place := editing.place(nth, [line.name for line in lines], gone)) is None:
        return redirect(url_for("system.show"))
    nth = place
    fields = ("number", "safety_net", "pin", "site", "minutes")
    sent = {name: asked.text(name, 80) for name in fields}

    def edit(data: Data) -> None:
        table = data["line"][nth]
        for name in ("number", "safety_net"):
            table.pop(name, None)
            if sent[name]:
                table[name] = sent[name]
        if request.form.get("forget_pin"):
            table.pop("pin", None)
        elif sent["pin"]:
            table["pin"] = sent["pin"]
        if sent["site"] in SITES:
            table["site"] = sent["site"]
        if "minutes" in request.form:
            table["max_call_minutes"] = (
                asked.as_whole(sent["minutes"]) or 0
            )  # what is no whole number is a mistake, too

    result = editing.change(edit, _("Saved."), (f"line[{nth}]",))
    if result.is_stored:
        return redirect(url_for("system.show"))
    if result.is_stale:  # perhaps only since the form was sent
        lines = the_box().settings.line
        if (place := editing.place(nth, [line.name for line in lines], gone)) is None:
            return redirect(url_for("system.show"))
        nth = place
    places = {name: f"line[{nth}].{name}" for name in ("number", "safety_net", "pin", "site")}
    return _line_page(nth, lines[nth], result.named(minutes=f"line[{nth}].max_call_minutes", **places), sent)


def _remove(nth: int, name: str) -> Answer:
    def edit(data: Data) -> None:
        del data["line"][nth]

    result = editing.remove(edit, _("The line “%(name)s” is removed.", name=name))
    if not result.mistakes:
        return redirect(url_for("system.show"))
    line = the_box().settings.line[nth]
    return _line_page(nth, line, {"": [text for texts in result.mistakes.values() for text in texts]})


def _line_page(nth: int, line: Line, mistakes: dict[str, list[str]], sent: dict[str, str] | None = None) -> str:
    settings = the_box().settings
    values = {
        "number": line.number or "",
        "safety_net": line.safety_net or "",
        "site": line.site if isinstance(line.site, str) else "",
        "minutes": str(line.max_call_minutes),
    }
    return render_template(
        "system/line.html",
        nth=nth,
        was=line.name,
        line=line,
        values=values | (sent or {}),
        forgets=bool(request.form.get("forget_pin")),
        targets=[target.name for target in settings.target],
        is_last=len(settings.line) == 1,
        most_minutes=MOST_MINUTES,
        version=editing.version(),
        mistakes=mistakes,
    )
