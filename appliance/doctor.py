"""`rufweiche doctor`: finds modems, names them, asks what they can do, says what is wrong and what to do about it.

Where the engine has a modem the doctor believes the engine; everything else it examines itself, with the engine's
own driver, but without trying a PIN and without changing a diversion unless told to.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from appliance.core.errors import PortLost, StoreError
from appliance.core.numbers import DialPlan
from appliance.core.outside import Outside, Port
from appliance.core.problems import answers_nobody, words
from appliance.core.settings import Settings, from_json
from appliance.lines import gsm_diversions
from appliance.lines.analog import AnalogLine
from appliance.lines.analog_facts import AnalogConfig
from appliance.lines.gsm import GsmLine
from appliance.lines.gsm_facts import GsmConfig
from appliance.lines.probe import Probe
from appliance.status import engine_lines
from appliance.store.database import Store

EXAMINE_WITHIN = 40.0
"""Seconds for one modem: a SIM may be busy for a while, and CCFC asks the network."""
GERMANY = DialPlan(country_code="49")

WORDS: dict[str, tuple[str, str]] = {
    "none": (
        "Kein Modem gefunden. Bitte stecken Sie es an und warten Sie eine Minute.",
        "No modem found. Plug it in and wait a minute.",
    ),
    "engine": ("vom laufenden Dienst bedient", "served by the running engine"),
    "engine_perhaps": (
        "Gerade wird das Modem benutzt, vielleicht vom laufenden Dienst selbst, der Modems sucht. Bitte versuchen Sie "
        "es in einer Minute noch einmal.",
        "The modem is in use just now, perhaps by the running engine itself, which looks for modems. Try again in a "
        "minute.",
    ),
    "ready": ("bereit", "ready"),
    "ringing": ("es klingelt", "ringing"),
    "in_call": ("im Gespräch", "in a call"),
    "starting": ("startet", "starting"),
    "down": ("gestört", "down"),
    "silent": (
        "antwortet nicht wie ein Modem und bleibt in Ruhe",
        "does not answer like a modem and is left alone",
    ),
    "model": ("Modem", "modem"),
    "family": ("behandelt als", "handled as"),
    "sim": ("SIM", "SIM"),
    "tries": ("PIN-Versuche übrig", "PIN tries left"),
    "network": ("Netz", "network"),
    "signal": ("Empfang", "signal"),
    "weak": ("schwach: bitte Antenne oder Standort verbessern", "weak: improve the aerial or its place"),
    "methods": ("weiterleiten durch", "forwards by"),
    "unsure": (
        "ob das Netz es erlaubt, zeigt der erste Anruf",
        "whether the network allows it shows with the first call",
    ),
    "2g": (
        "Nur 2G: Die deutschen Netze schalten 2G 2028 ab. Bitte planen Sie ein LTE-Modem ein.",
        "2G only: German networks switch 2G off in 2028. Plan for an LTE modem.",
    ),
    "diversion": ("Rufumleitung", "diversion"),
    "foreign": ("nicht von uns, meist die Mailbox des Anbieters", "not ours, usually the operator's mailbox"),
    "erase": ("Diese Umleitung löschen?", "Erase this diversion?"),
    "erased": ("gelöscht", "erased"),
    "kept": ("besteht weiter", "still stands"),
    "line": ("analoge Leitung", "analog line"),
    "voice": ("Sprache", "voice"),
    "no_voice": (
        "keine: Das Modem kann nur Klingeln und Rufnummern erkennen, nicht abnehmen und weiterleiten",
        "none: the modem hears rings and caller ID only, and can neither answer nor forward",
    ),
    "both_ways": ("hört und spricht", "hears and speaks"),
    "caller_id": ("Rufnummern", "caller ID"),
    "told": ("werden gemeldet, wenn die Leitung sie überträgt", "told, where the line carries it"),
    "not_told": ("meldet das Modem nicht", "not told by the modem"),
    "parallel": ("andere Telefone", "other phones"),
    "seen": ("Das Modem merkt, wenn eines abgenommen wird", "the modem notices when one is lifted"),
    "unseen": (
        "Das Modem merkt nicht sicher, wenn eines abgenommen wird",
        "the modem may not notice one that is lifted",
    ),
    "commission": (
        "Klingeln, Weiterleiten und Auffangnetz zeigt der begleitete Probeanruf: rufweiche doctor --try {line}",
        "Rings, forwarding and the safety net are tried by guided test calls: rufweiche doctor --try {line}",
    ),
    "some_line": ("LEITUNG", "LINE"),
    "fine": ("alles in Ordnung", "all is well"),
}
WEAK_DBM = -93
"""CSQ below 10 is weak (telephony)."""


def run_doctor(state: Path) -> int:
    """Examine every port a modem might be on; 0 when at least one modem is fine, else 1."""
    from appliance.ports.world import RealWorld

    settings = _settings(state)
    language = settings.business.language if settings else "de"
    world = RealWorld()
    try:
        return Doctor(world, settings, _served(state, world.now()), language).examine_all()
    finally:
        world.close()


class Doctor:
    """Prints as it goes."""

    def __init__(self, outside: Outside, settings: Settings | None, served: dict[str, Any], language: str) -> None:
        """served: ports the running engine has or wants, with what its status says of them."""
        self._outside = outside
        self._settings = settings
        self._served = served
        self._language = language

    def examine_all(self) -> int:
        """Every named port and every candidate, once."""
        named = {line.port: line.kind for line in self._settings.line if line.port != "auto"} if self._settings else {}
        ports = list(dict.fromkeys([*named, *self._outside.candidates()]))
        ports += [port for port, line in self._served.items() if line["state"] != "down" and port not in ports]
        healthy = 0
        for path in ports:
            click.echo(path)
            healthy += self._examine(path, named.get(path))
            click.echo()
        if not ports:
            click.echo(self._word("none"))
        return 0 if healthy else 1

    def _examine(self, path: str, kind: str | None) -> bool:
        """kind: what the settings say is there, None where they do not name it."""
        line = self._served.get(path)
        if line and line["state"] != "down":
            return self._report_served(line)
        try:
            port = self._outside.open(path, 115200)
        except PortLost as lost:
            if line and lost.problem == "port_busy":
                return self._report_served(line)  # the engine has it, and cannot wake it
            is_perhaps_ours = self._served and lost.problem == "port_busy"
            self._complain(self._word("engine_perhaps") if is_perhaps_ours else words(lost.problem, self._language))
            return False
        try:
            kind = kind or self._kind(port)
            if kind is None:
                click.echo(f"  {self._word('silent')}")
                return False
            return self._report(port) if kind == "gsm" else self._report_analog(port)
        except PortLost as lost:
            self._complain(words(lost.problem, self._language))
            return False
        finally:
            port.close()

    def _report_served(self, line: dict[str, Any]) -> bool:
        is_down = line["state"] == "down"
        problem = line.get("problem") or (words("hung", self._language) if is_down else None)
        self._say("engine", f"{line['name']}: {self._word(line['state'])}")
        self._complain(problem)
        named = self._settings.line_named(str(line["name"])) if self._settings else None
        can_be_tried = not is_down and not answers_nobody(problem)
        if named and "flash" in named.forward_by and can_be_tried:  # also where it is refused: just then they help
            self._offer_test_calls(shlex.quote(named.name))
        return problem is None

    def _kind(self, port: Port) -> str | None:
        probe = Probe(self._outside.now())
        while probe.verdict is None:
            self._outside.wait([port], probe.deadline())
            probe.receive(port.read(), self._outside.now())
            probe.tick(self._outside.now())
            port.write(probe.data_to_send())
        return "gsm" if probe.verdict else "analog" if probe.speaks_at else None

    def _report(self, port: Port) -> bool:
        plan = self._settings.dial_plan if self._settings else GERMANY
        line = GsmLine(GsmConfig(port.path, plan))
        line.port_opened(self._outside.now())
        self._work(line, port, lambda: line.started or bool(line.problem()), EXAMINE_WITHIN)
        if line.started:
            self._work(line, port, lambda: line.idle and line.scripts.side_is_free, EXAMINE_WITHIN)
            line.scripts.start_side(partial(gsm_diversions.check, line))
            self._work(line, port, lambda: line.scripts.side_is_free, EXAMINE_WITHIN)
        self._describe(line)
        self._diversions(line, port)
        problem = line.problem() or (None if line.facts.registered else "no_network")
        if problem in ("pin_missing", "hung") or line.lost:
            problem = line.lost or problem
        self._complain(words(problem, self._language))
        return problem is None

    def _describe(self, line: GsmLine) -> None:
        facts = line.facts
        self._say("model", f"{facts.manufacturer} {facts.model}".strip() or "?")
        self._say("family", facts.profile.name)
        tries = "" if facts.pin_tries is None else f", {self._word('tries')}: {facts.pin_tries}"
        self._say("sim", facts.sim + tries)
        if not line.started:
            return
        self._say("network", facts.operator or "-")
        weak = facts.signal_dbm is not None and facts.signal_dbm < WEAK_DBM
        dbm = "-" if facts.signal_dbm is None else f"{facts.signal_dbm} dBm"
        self._say("signal", dbm + (f" ({self._word('weak')})" if weak else ""))
        can = [method for method in line.methods() if method not in line.facts.refused]
        self._say("methods", f"{', '.join(can) or '-'} ({self._word('unsure')})")
        if facts.profile.only_2g or facts.technology in (0, 3):
            click.echo(f"  {self._word('2g')}")

    def _diversions(self, line: GsmLine, port: Port) -> None:
        nets = {target.number for target in self._settings.target} if self._settings else set()
        for one in line.facts.diversions:
            foreign = one.to not in nets
            self._say("diversion", f"{one.when} → {one.to}" + (f" ({self._word('foreign')})" if foreign else ""))
            if foreign and sys.stdin.isatty() and click.confirm(f"  {self._word('erase')}", default=False):
                line.scripts.start_side(partial(gsm_diversions.erase, line, one.when))
                self._work(line, port, lambda: line.scripts.side_is_free, EXAMINE_WITHIN)
                line.scripts.start_side(partial(gsm_diversions.check, line))
                self._work(line, port, lambda: line.scripts.side_is_free, EXAMINE_WITHIN)
                stands = any(other.when == one.when for other in line.facts.diversions)
                click.echo(f"  {self._word('kept' if stands else 'erased')}")

    def _report_analog(self, port: Port) -> bool:
        plan = self._settings.dial_plan if self._settings else GERMANY
        line = AnalogLine(AnalogConfig(port.path, plan))  # without a safety net: no star code is dialled
        line.port_opened(self._outside.now())
        self._work(line, port, lambda: line.started, EXAMINE_WITHIN)
        facts = line.facts
        self._say("line", facts.called or "?")
        self._say("family", facts.profile.name)
        if line.started:
            self._say("voice", self._word("both_ways" if facts.voice else "no_voice"))
            self._say("caller_id", self._word("not_told" if facts.tells_caller is False else "told"))
            self._say("parallel", self._word("seen" if facts.tells_in_use else "unseen"))
            if facts.voice:
                self._offer_test_calls(self._word("some_line"))
        problem = line.problem() or (None if line.started else "hung")
        self._complain(words(problem, self._language))
        return problem is None

    def _work(self, line: GsmLine | AnalogLine, port: Port, done: Callable[[], bool], within: float) -> None:
        """Serve the line until `done`."""
        until = self._outside.now() + within
        while not done() and not line.lost and self._outside.now() < until:
            port.write(line.data_to_send())
            self._outside.wait([port], min(until, line.deadline() or until))
            now = self._outside.now()
            if data := port.read():
                line.receive(data, now)
            if (line.deadline() or until) <= now:
                line.tick(now)
            line.take_events()
            line.take_wishes()

    def _offer_test_calls(self, line: str) -> None:
        click.echo(f"  {self._word('commission').format(line=line)}")

    def _say(self, key: str, value: str) -> None:
        click.echo(f"  {self._word(key):<21} {value}")

    def _complain(self, problem: str | None) -> None:
        click.echo(f"  ▲ {problem}" if problem else f"  ✓ {self._word('fine')}")

    def _word(self, key: str) -> str:
        german, english = WORDS[key]
        return german if self._language == "de" else english


def _settings(state: Path) -> Settings | None:
    try:
        with Store.open(state) as store:
            loaded = store.load_settings()
    except StoreError:
        return None  # a doctor is also asked before there is anything else
    return from_json(loaded[1]) if loaded else None


def _served(state: Path, now: float) -> dict[str, Any]:
    """Port → the engine's line, while an engine lives."""
    return {str(line["port"]): line for line in engine_lines(state, now) or []}
