"""`rufweiche doctor --try LINE`: guided test calls on an analog line, beside the running engine.

The engine takes each setting that is tried as it takes any, and forwards as it always does; here it is only said what
to do, looked at what came of it in the log, and asked what only ears can tell. What works is offered to be kept; if
nothing does, or it is broken off, the settings are as they were.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

import click
import msgspec

from appliance.core import commissioning_words
from appliance.core.commissioning import Commissioning
from appliance.core.errors import RufweicheError, SettingsChanged, UserError
from appliance.core.plan import Decision, decide
from appliance.core.problems import words
from appliance.core.records import CallRecord
from appliance.core.requests import PROVE_DIVERSION, TRY_FLASHES
from appliance.core.settings import Line, Settings, Site, from_json, to_json
from appliance.lines.analog_stars import CODES
from appliance.lines.sites import dialled, site_of
from appliance.ports import clock
from appliance.status import engine_lines
from appliance.store.database import Store

TAKEN_WITHIN = 3.0
"""Seconds after which the engine has taken new settings (contract: 2)."""
CALL_WITHIN = 300.0
ANSWERED_WITHIN = 60.0
"""Seconds for the engine to answer: it does so once no call is on."""
TRIES = 3
"""Calls that showed nothing before the guide gives up."""
RINGS_TO_TEST = 3
"""An answer after so many rings leaves time to let it ring, and to lift another phone first."""


def ask_at_the_terminal(language: str, question: str) -> bool:
    """Yes or no, in either language. Raises click.Abort where nobody is there to answer."""
    while True:
        said = click.prompt(f"{question} {'[j/n]' if language == 'de' else '[y/n]'}", type=str)
        answer = said.strip().casefold()
        if answer in ("j", "ja", "y", "yes"):
            return True
        if answer in ("n", "nein", "no"):
            return False


class Guide:
    """One line's commissioning. `say` prints a line, `ask` asks yes or no."""

    def __init__(
        self,
        state: Path,
        line: str,
        say: Callable[[str], None] = click.echo,
        ask: Callable[[str], bool] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = clock.monotonic,
        wall: Callable[[], datetime] = clock.wall,
    ) -> None:
        """Raises UserError where there is no such line, or it forwards by other means."""
        self._state, self._say = state, say
        self._sleep, self._now, self._wall = sleep, now, wall
        self._settings = self._load()
        self._language = self._settings.business.language
        self._ask_user = ask or partial(ask_at_the_terminal, self._language)
        found = self._settings.line_named(line)
        if found is None or found.kind != "analog":
            names = ", ".join(one.name for one in self._settings.line if one.kind == "analog") or "-"
            raise UserError(self._words("no_line", line=repr(line[:40]), names=names))
        if "flash" not in found.forward_by:
            raise UserError(self._words("no_flash", line=line))
        self._line: Line = found

    def run(self) -> bool:
        """All of it; whether forwarding works. Raises RufweicheError."""
        self._ready()
        with Store.open(self._state) as store:
            override = store.override()
        decision = decide(self._settings, None, False, self._wall(), override, self._line.name)
        if not decision.chain:
            raise UserError(self._words("no_chain"))
        self._tell("begin", line=self._line.name, target=decision.chain[0].name)
        rings_tested = self._rings(decision)
        original = self._line.site
        commissioning, kept = Commissioning(site_of(original)), original
        try:
            while commissioning.step in ("transfer", "fetch_back"):
                self._use(self._named(commissioning.site), ("flash",))  # or another way would hide that it fails
                self._say(commissioning_words.tried(commissioning.site, self._language))
                call = self._one_call(commissioning)
                if not rings_tested:
                    rings_tested = self._tell_rings(call)
            if commissioning.step == "done" and self._keep(commissioning.site):
                kept = self._named(commissioning.site)
        finally:
            self._tell_engine(TRY_FLASHES, flashes=[])
            self._use(kept, self._line.forward_by)
        if commissioning.step != "done":
            self._tell("given_up")
            return False
        self._safety_net()
        return True

    def _keep(self, site: Site) -> bool:
        kept = self._ask("store?", site=commissioning_words.written(site))
        self._tell("stored" if kept else "not_stored")
        return kept

    def _named(self, site: Site) -> str | Site | None:
        """A preset that fits keeps its name."""
        return self._line.site if site == site_of(self._line.site) else site

    # --- the calls -------------------------------------------------------------------------------

    def _rings(self, decision: Decision) -> bool:
        """Rings, the caller's number, another phone: whether they could be tried before the box answers."""
        rings = decision.answer_after_rings or 1
        if rings < RINGS_TO_TEST:
            self._tell("answers_soon", rings=rings)
            return False
        self._tell_rings(self._call("ring"))
        if self._ask("phones?"):
            call = self._call("lift")
            self._tell("lift_seen" if call.outcome == "answered_here" else "lift_unseen")
            self._wait_for_the_end()
        return True

    def _wait_for_the_end(self) -> None:
        """A call taken here is in the log as soon as it is taken."""
        until = self._now() + ANSWERED_WITHIN
        while self._shown().get("state") != "ready" and self._now() < until:
            self._sleep(1.0)

    def _tell_rings(self, call: CallRecord) -> bool:
        self._tell("rang", rings=call.rings)
        if call.caller:
            self._tell("caller", caller=self._as_dialled(call.caller))
        elif call.withheld:
            self._tell("withheld")
        else:
            self._tell("no_caller" if call.rings > 1 else "caller_late")
        return True

    def _one_call(self, commissioning: Commissioning) -> CallRecord:
        """One test call, said again until it shows something."""
        for _ in range(TRIES):
            self._ask_engine(TRY_FLASHES, flashes=commissioning.flashes)
            call = self._call(commissioning.step)
            heard = self._flashes_heard()
            for length, what in dict(heard).items():
                self._say(commissioning_words.heard(length, what, self._language))
            commissioning.heard(heard)
            if commissioning.step == "given_up" or self._shows(commissioning, call):
                return call
        raise RufweicheError(self._words("nothing_shown"))

    def _shows(self, commissioning: Commissioning, call: CallRecord) -> bool:
        """Whether a call has shown something, which is taken down."""
        result = call.attempts[0].result if call.attempts else "caller_gone"
        if commissioning.step == "fetch_back":
            if result not in ("busy", "refused", "no_answer"):
                self._tell("again", result=commissioning_words.result(result, self._language))
                return False
            commissioning.fetched_back(self._ask("there?"))
        elif self._refused():
            commissioning.connected(False)
        elif call.outcome == "forwarded" and call.method == "flash":
            commissioning.connected(self._ask("together?"))
        elif result == "caller_gone":
            self._tell("gave_up")
            return False
        elif not self._ask("rung?"):
            commissioning.not_rung()
        elif self._ask("lifted?"):
            commissioning.unheard()
        else:
            self._tell("again", result=commissioning_words.result(result, self._language))
            return False
        return True

    def _safety_net(self) -> None:
        """Diversions whose network answers in words alone: proved by ear."""
        diversions = self._shown().get("diversions")
        for one in diversions if isinstance(diversions, list) else []:
            if one["confirmed"] or not one["ours"] or one["when"] not in commissioning_words.WORDS:
                continue
            to = self._as_dialled(str(one["to"]))
            self._tell("net", code=f"*{CODES[one['when']]}*", to=to)
            self._tell(one["when"])
            works = self._ask("rings?", to=to)
            answer = self._ask_engine(PROVE_DIVERSION, when=one["when"], works=works)
            self._tell("unsaid" if answer is None else "proved" if works else "not_proved")

    # --- the engine beside us --------------------------------------------------------------------

    def _load(self) -> Settings:
        with Store.open(self._state) as store:
            return self._stored(store)[1]

    def _stored(self, store: Store) -> tuple[int, Settings]:
        """Version and settings."""
        loaded = store.load_settings()
        if loaded is None:
            raise UserError("there are no settings yet: set the line up first")
        return loaded[0], from_json(loaded[1])

    def _use(self, site: str | Site | None, forward_by: tuple[str, ...]) -> None:
        """Have the engine take this; the other settings as they are now, whoever changed them."""
        with Store.open(self._state) as store:
            is_stored = False
            while not is_stored:
                version, settings = self._stored(store)
                lines = tuple(
                    msgspec.structs.replace(one, site=site, forward_by=forward_by)
                    if one.name == self._line.name
                    else one
                    for one in settings.line
                )
                if lines == settings.line:
                    return
                with suppress(SettingsChanged):  # by the page, just now: then those are the ones to change
                    store.save_settings(to_json(msgspec.structs.replace(settings, line=lines)), replaced=version)
                    is_stored = True
        self._sleep(TAKEN_WITHIN)

    def _ready(self) -> None:
        shown = self._shown()
        if shown.get("state") != "ready":
            raise RufweicheError(self._words("not_ready", line=self._line.name, problem=shown.get("problem") or "…"))

    def _shown(self) -> dict[str, object]:
        lines = engine_lines(self._state, self._now())
        if lines is None:
            raise RufweicheError(self._words("no_engine"))
        return next((line for line in lines if line.get("name") == self._line.name), {})

    def _call(self, what: str) -> CallRecord:
        """Ask for a call, and wait for its end. Raises RufweicheError where none comes."""
        with Store.open(self._state) as store:
            for _ in range(TRIES):
                before = max((call.id for call in store.calls(limit=1)), default=0)
                self._tell(what)
                until = self._now() + CALL_WITHIN
                while self._now() < until:
                    newest = next((call for call in store.calls(limit=5) if call.line == self._line.name), None)
                    if newest and newest.id > before:
                        self._sleep(1.0)  # the engine's next sign of life tells what it made of the line
                        return newest
                    self._sleep(1.0)
                self._tell("no_call")
        raise RufweicheError(self._words("never_rang"))

    def _flashes_heard(self) -> list[tuple[int, str]]:
        answer = self._ask_engine(TRY_FLASHES, flashes=[]) or {}
        heard = answer.get("heard")
        return [(int(one[0]), str(one[1])) for one in heard] if isinstance(heard, list) else []

    def _ask_engine(self, kind: str, **payload: object) -> dict[str, object] | None:
        """The engine's answer; None where there is none in time, or it cannot."""
        number = self._tell_engine(kind, **payload)
        until = self._now() + ANSWERED_WITHIN
        with Store.open(self._state) as store:
            while self._now() < until:
                request = store.request(number)
                if request is not None and request.answer is not None:
                    return None if "problem" in request.answer else dict(request.answer)
                self._sleep(0.5)
        return None

    def _tell_engine(self, kind: str, **payload: object) -> int:
        with Store.open(self._state) as store:
            return store.ask(kind, {"line": self._line.name, **payload}, self._wall())

    def _refused(self) -> bool:
        return self._shown().get("problem") in (words("transfer_refused", self._language), "transfer_refused")

    # --- the installer ---------------------------------------------------------------------------

    def _tell(self, key: str, **facts: object) -> None:
        number = self._as_dialled(self._line.number or "?")
        self._say(self._words(key, **{"number": number, **facts}))

    def _as_dialled(self, number: str) -> str:
        return dialled(number, self._settings.dial_plan) if number.startswith("+") else number

    def _ask(self, key: str, **facts: object) -> bool:
        return self._ask_user(self._words(key, **facts))

    def _words(self, key: str, **facts: object) -> str:
        return commissioning_words.words(key, self._language, **facts)
