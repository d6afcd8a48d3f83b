"""`rufweiche doctor --try LINE`: guided test calls on an analog line, beside the running engine.

The engine takes each setting that is tried as it takes any, and forwards as it always does; here it is only said what
to do, looked at what came of it in the log, and asked what only ears can tell. What works is kept; if nothing does, or
it is broken off, the settings are as they were.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click
import msgspec

from appliance.core.commissioning import Commissioning
from appliance.core.errors import RufweicheError, UserError
from appliance.core.plan import decide
from appliance.core.problems import words
from appliance.core.records import CallRecord
from appliance.core.requests import PROVE_DIVERSION
from appliance.core.settings import Line, Settings, Site, from_json, to_json
from appliance.lines.sites import site_of
from appliance.ports import clock
from appliance.status import engine_lines
from appliance.store.database import Store

TAKEN_WITHIN = 3.0
"""Seconds after which the engine has taken new settings (contract: 2)."""
CALL_WITHIN = 300.0
TRIES = 3
"""Calls that showed nothing before the guide gives up."""

WORDS = {
    "begin": (
        "Begleiteter Probeanruf auf der Leitung {line}. Sie brauchen ein Handy und jemanden am Ziel {target}.",
        "Guided test call on the line {line}. You need a mobile and somebody at the target {target}.",
    ),
    "site": (
        "Versuch: Flash {flash_ms} ms, verbinden mit {complete}, zurückholen mit {fetch_back}",
        "Trying: flash {flash_ms} ms, complete with {complete}, fetch back with {fetch_back}",
    ),
    "transfer": (
        "Rufen Sie jetzt {number} an. Am Ziel bitte abheben und kurz miteinander sprechen, dann auflegen.",
        "Now call {number}. Somebody please answers at the target; speak with each other shortly, then hang up.",
    ),
    "fetch_back": (
        "Rufen Sie noch einmal {number} an. Am Ziel bitte NICHT abheben (oder ablehnen). Bleiben Sie dran, bis der "
        "Versuch vorbei ist, und legen Sie erst dann auf.",
        "Call {number} once more. At the target please do NOT answer (or decline). Hold the line until the attempt is "
        "over, and hang up only then.",
    ),
    "together?": ("Konnten Sie miteinander sprechen?", "Could you speak with each other?"),
    "there?": (
        "War Ihr Anruf danach noch da (kein Besetztton, nicht getrennt)?",
        "Was your call still there afterwards (no busy tone, not cut off)?",
    ),
    "no_call": ("Es kam kein Anruf an. Bitte prüfen Sie Nummer und Kabel.", "No call came in. Check number and cable."),
    "gave_up": (
        "Der Anruf endete vor dem Abheben. Bitte noch einmal.",
        "The call ended before it was answered. Again.",
    ),
    "target": (
        "Das Ziel war so nicht zu prüfen ({result}). Bitte noch einmal.",
        "That showed nothing about the target ({result}). Please again.",
    ),
    "done": ("Weiterleiten und Zurückholen funktionieren. Gespeichert: {site}", "Both work. Stored: {site}"),
    "given_up": (
        "Keine bekannte Tastenfolge führte zum Ziel. Die Einstellungen sind wie zuvor. Bitte sehen Sie in der "
        "Anleitung Ihrer Anlage unter „Vermitteln“ oder „Rückfrage“ nach.",
        "No keys we know led there. The settings are as before. See the manual of your exchange under call transfer.",
    ),
    "busy": (
        "Umleitung bei Besetzt: Rufen Sie {number} mit einem Handy an und legen Sie nicht auf. Rufen Sie nun mit einem "
        "zweiten Telefon dieselbe Nummer an.",
        "Diversion on busy: call {number} from a mobile and do not hang up. Now call it from another phone, too.",
    ),
    "no_reply": (
        "Umleitung bei Nichtmelden: Ziehen Sie das Modem ab, rufen Sie {number} an und lassen Sie es 40 Sekunden "
        "klingeln.",
        "Diversion on no reply: unplug the modem, call {number} and let it ring for 40 seconds.",
    ),
    "rings?": ("Klingelt es bei {to}?", "Does it ring at {to}?"),
    "proved": ("Die Umleitung ist bestätigt.", "The diversion is confirmed."),
    "not_proved": (
        "Die Umleitung besteht nicht. Das Gerät stellt sie noch einmal ein.",
        "The diversion does not stand. The box sets it once more.",
    ),
}


class Guide:
    """One line's commissioning. `say` prints a line, `ask` asks yes or no."""

    def __init__(
        self,
        state: Path,
        line: str,
        say: Callable[[str], None] = click.echo,
        ask: Callable[[str], bool] = click.confirm,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = clock.monotonic,
        wall: Callable[[], datetime] = clock.wall,
    ) -> None:
        """Raises UserError where there is no such line, or it forwards by other means."""
        self._state, self._say, self._ask = state, say, ask
        self._sleep, self._now, self._wall = sleep, now, wall
        self._settings = self._load()
        self._language = self._settings.business.language
        found = self._settings.line_named(line)
        if found is None or found.kind != "analog":
            names = ", ".join(one.name for one in self._settings.line if one.kind == "analog") or "-"
            raise UserError(f"there is no analog line {line[:40]!r}; there are: {names}")
        if "flash" not in found.forward_by:
            raise UserError(f"{line}: forward_by does not name flash, so there are no keys to find out")
        self._line: Line = found

    def run(self) -> bool:
        """All of it; whether forwarding works. Raises RufweicheError."""
        self._ready()
        chain = decide(self._settings, None, False, self._wall(), line=self._line.name).chain
        if not chain:
            raise UserError(
                "the plan that applies now forwards to nobody: choose one that does, with rufweiche override"
            )
        target = chain[0].name
        self._tell("begin", line=self._line.name, target=target)
        commissioning, original = Commissioning(site_of(self._line.site)), self._line.site
        works = False
        try:
            while commissioning.step in ("transfer", "fetch_back"):
                self._use(commissioning.site)
                self._tell("site", **msgspec.structs.asdict(commissioning.site))
                self._one_call(commissioning)
            works = commissioning.step == "done"
        finally:
            if not works:
                self._use(original)
        self._tell("done" if works else "given_up", site=_written(commissioning.site))
        if works:
            self._safety_net()
        return works

    def _one_call(self, commissioning: Commissioning) -> None:
        """One test call, said again until it shows something."""
        for _ in range(TRIES):
            self._tell(commissioning.step)
            call = self._wait_for_call()
            if call is None:
                self._tell("no_call")
            elif self._problem() in self._sentences("flash_ignored"):
                commissioning.flash_ignored()
                return
            elif not call.attempts:
                self._tell("gave_up")
            elif commissioning.step == "transfer" and (call.outcome == "forwarded" or self._refused()):
                commissioning.connected(call.outcome == "forwarded" and self._ask(self._word("together?")))
                return
            elif commissioning.step == "fetch_back" and call.attempts[0].result in ("busy", "refused", "no_answer"):
                commissioning.fetched_back(self._ask(self._word("there?")))
                return
            else:
                self._tell("target", result=call.attempts[-1].result.replace("_", " "))
        raise RufweicheError("three calls showed nothing; begin again when somebody is at the target")

    def _safety_net(self) -> None:
        """Diversions whose network answers in words alone: proved by ear."""
        diversions = self._shown().get("diversions")
        for one in diversions if isinstance(diversions, list) else []:
            if one["confirmed"] or not one["ours"] or one["when"] not in WORDS:
                continue
            self._tell(one["when"])
            works = self._ask(self._word("rings?").format(to=one["to"]))
            with Store.open(self._state) as store:
                payload = {"line": self._line.name, "when": one["when"], "works": works}
                store.ask(PROVE_DIVERSION, payload, self._wall())
            self._tell("proved" if works else "not_proved")

    # --- the engine beside us --------------------------------------------------------------------

    def _load(self) -> Settings:
        with Store.open(self._state) as store:
            loaded = store.load_settings()
        if loaded is None:
            raise UserError("there are no settings yet: set the line up first")
        return from_json(loaded[1])

    def _use(self, site: str | Site | None) -> None:
        """Have the engine take this; the other settings as they are now, whoever changed them."""
        settings = self._load()
        lines = tuple(
            msgspec.structs.replace(one, site=site) if one.name == self._line.name else one for one in settings.line
        )
        if lines == settings.line:
            return
        with Store.open(self._state) as store:
            store.save_settings(to_json(msgspec.structs.replace(settings, line=lines)))
        self._sleep(TAKEN_WITHIN)

    def _ready(self) -> None:
        shown = self._shown()
        if shown.get("state") != "ready":
            raise RufweicheError(
                f"{self._line.name}: the line must be ready first ({shown.get('problem') or 'not yet'})"
            )

    def _shown(self) -> dict[str, object]:
        lines = engine_lines(self._state, self._now())
        if lines is None:
            raise RufweicheError("the engine is not running: start it first, the test calls go through it")
        return next((line for line in lines if line.get("name") == self._line.name), {})

    def _wait_for_call(self) -> CallRecord | None:
        with Store.open(self._state) as store:
            before = max((call.id for call in store.calls(limit=1)), default=0)
            until = self._now() + CALL_WITHIN
            while self._now() < until:
                newest = next((call for call in store.calls(limit=5) if call.line == self._line.name), None)
                if newest and newest.id > before:
                    self._sleep(1.0)  # the engine's next sign of life tells what it made of the line
                    return newest
                self._sleep(1.0)
        return None

    def _problem(self) -> object:
        return self._shown().get("problem")

    def _refused(self) -> bool:
        return self._problem() in self._sentences("transfer_refused")

    def _sentences(self, code: str) -> tuple[object, ...]:
        return (words(code, self._language), code)

    def _word(self, key: str) -> str:
        german, english = WORDS[key]
        return german if self._language == "de" else english

    def _tell(self, key: str, **facts: object) -> None:
        self._say(self._word(key).format(**{"number": self._line.number or "?", **facts}))


def _written(site: Site) -> str:
    """As it stands in a settings file."""
    return (
        f'site = {{ flash_ms = {site.flash_ms}, complete = "{site.complete}", fetch_back = "{site.fetch_back}", '
        f'prefix = "{site.prefix}" }}'
    )
