"""The demo's panel, a page of its own among the owner's: place calls, choose how targets behave, break things."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.demo_world import CALLERS, DESK, LANDLINE, MOBILE, STICK, DemoWorld
from appliance.simulator import faults
from appliance.simulator.pty import RealTimeHost

OWNER = "+4915199999999"
LONGEST_TEXT = 160
_BEHAVIOURS = ("answers", "busy", "silent", "refuses", "unreachable", "mailbox")
_WORDS = {
    "de": {
        "title": "Vorführung",
        "about": "Alles hier ist simuliert: ein Festnetzanschluss, ein Mobilfunk-Stick und die Leute draußen."
        " Was das Gerät tut, sehen Sie unter „Heute“.",
        "call": "Jemand ruft an",
        "line": "Bei welchem Anschluss",
        "caller": "Wer",
        "withheld": "unterdrückte Nummer",
        "place": "Anrufen",
        "hang_up": "Der Anrufer legt auf",
        "targets": "Wer abnehmen soll",
        "set": "So verhält sich das Ziel",
        "break": "Etwas geht schief",
        "text": "Der Inhaber schreibt dem Gerät",
        "what": "Nachricht",
        "send": "Absenden",
        "Laden": "Laden (Festnetz)",
        "Stick": "Stick (Mobilfunk)",
        "answers": "nimmt ab",
        "busy": "ist besetzt",
        "silent": "nimmt nicht ab",
        "refuses": "lehnt ab",
        "unreachable": "ist nicht erreichbar",
        "mailbox": "die Mailbox nimmt ab",
        "pull_landline": "Analogmodem abziehen",
        "pull_stick": "Stick abziehen",
        "plug_in": "Alles wieder anstecken",
        "no_signal": "Kein Netz",
        "lift": "Im Laden hebt jemand ab",
        "good_again": "Alles wieder gut",
    },
    "en": {
        "title": "Demonstration",
        "about": "Everything here is simulated: a landline, a mobile stick and the people outside."
        " What the box does is shown under “Today”.",
        "call": "Somebody calls",
        "line": "Which line",
        "caller": "Who",
        "withheld": "number withheld",
        "place": "Call",
        "hang_up": "The caller hangs up",
        "targets": "Who should answer",
        "set": "This is what the target does",
        "break": "Something goes wrong",
        "text": "The owner texts the box",
        "what": "Text",
        "send": "Send",
        "Laden": "Laden (landline)",
        "Stick": "Stick (mobile)",
        "answers": "answers",
        "busy": "is busy",
        "silent": "does not answer",
        "refuses": "declines",
        "unreachable": "is unreachable",
        "mailbox": "its mailbox answers",
        "pull_landline": "Pull out the analog modem",
        "pull_stick": "Pull out the stick",
        "plug_in": "Plug everything in again",
        "no_signal": "No network",
        "lift": "Somebody in the shop lifts",
        "good_again": "Everything is well again",
    },
}


def panel(host: RealTimeHost, world: DemoWorld) -> Blueprint:
    """The page for this world. Everything simulated is reached in the host's own thread."""
    blueprint = Blueprint("demo", __name__, url_prefix="/demo", template_folder="demo_templates")
    behaviour = {DESK: "answers", MOBILE: "answers"}
    mishaps: dict[str, Callable[[], object]] = {
        "pull_landline": host.modems["landline"].unplug,
        "pull_stick": host.modems["stick"].unplug,
        "plug_in": world.plug_in_again,
        "no_signal": lambda: faults.apply(world.stick, "registration", stat=2),
        "lift": lambda: faults.apply(world.landline, "parallel_phone_lifts", after=0.0, talks_for=20.0),
        "good_again": world.mend,
    }

    @blueprint.get("/")
    def show() -> str:
        words = _WORDS[_language()]
        return render_template(
            "demo/show.html",
            words=words,
            lines=[(LANDLINE, words["Laden"]), (STICK, words["Stick"])],
            callers=[*((number, f"{number} – {name}") for number, name in CALLERS.items()), ("", words["withheld"])],
            targets=[(DESK, "Büro Berlin", behaviour[DESK]), (MOBILE, "Anna", behaviour[MOBILE])],
            behaviours=[(name, words[name]) for name in _BEHAVIOURS],
            faults=[(name, words[name]) for name in mishaps],
        )

    @blueprint.post("/call")
    def call() -> Response:
        to, caller = request.form.get("to", ""), request.form.get("caller", "")
        if to not in (LANDLINE, STICK) or (caller and caller not in CALLERS):
            abort(400)
        host.do(lambda: world.call(to, caller or None))
        return redirect(url_for("today.show"))

    @blueprint.post("/hang-up")
    def hang_up() -> Response:
        host.do(world.hang_up)
        return redirect(url_for("demo.show"))

    @blueprint.post("/target/<number>")
    def target(number: str) -> Response:
        chosen = request.form.get("behaviour", "")
        if number not in behaviour or chosen not in _BEHAVIOURS:
            abort(400)
        behaviour[number] = chosen
        host.do(lambda: world.behave(number, chosen))
        return redirect(url_for("demo.show"))

    @blueprint.post("/fault/<name>")
    def fault(name: str) -> Response:
        if name not in mishaps:
            abort(404)
        host.do(mishaps[name])
        return redirect(url_for("demo.show"))

    @blueprint.post("/text")
    def text() -> Response:
        said = request.form.get("text", "")[:LONGEST_TEXT]
        host.do(lambda: world.exchange.sms.text(STICK, OWNER, said))
        return redirect(url_for("demo.show"))

    return blueprint


def _language() -> str:
    from flask_babel import get_locale

    return "en" if str(get_locale() or "de").startswith("en") else "de"
