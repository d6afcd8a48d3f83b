"""Scenario files (TOML): who is there, who calls when, what goes wrong.

    title = "…"
    lasts = 120                       # seconds
    [[module]]  name, number, family = "generic", pin, answer_seconds, text_seconds, ring_seconds, ppm = 0
    [[landline]] name, number, family = "conexant", site = "fritzbox", ppm = 0, echo = -12
    [[target]]  number, behaviour = "answers", after = 5, talks_for = 60, patience, presses, presses_after = 2,
                at = 0 (from when it behaves so)
    [[call]]    at, to, caller (left out: withheld), type, gives_up_after, patience, talks_for = 60
    [[text]]    at, to, sender, text
    [[fault]]   module, name, at = seconds or on = "ring 2" | "command PATTERN" | "prompt" | "text" | "flash", and its
                parameters

What is `at = 0` is so before anybody opens the port.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import partial
from importlib import resources
from pathlib import Path

import msgspec

from appliance.core.errors import UserError
from appliance.simulator import faults
from appliance.simulator.analog import AnalogModem
from appliance.simulator.analogfamilies import FAMILIES as ANALOG_FAMILIES
from appliance.simulator.families import FAMILIES
from appliance.simulator.faults import Faulty
from appliance.simulator.module import GsmModule
from appliance.simulator.network import Exchange
from appliance.simulator.phones import BEHAVIOURS, Target
from appliance.simulator.sites import SITES
from appliance.simulator.subscriberline import SubscriberLine


class ModuleSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One module."""

    name: str
    number: str
    family: str = "generic"
    pin: str | None = None
    answer_seconds: float = 0.0
    text_seconds: float = 1.0
    ring_seconds: float = 5.0
    ppm: float = 0.0


class LandlineSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One analog line with a modem on it."""

    name: str
    number: str
    family: str = "conexant"
    site: str = "fritzbox"
    ppm: float = 0.0
    echo: float | None = -12.0


class TargetSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a number behaves from `at` on."""

    number: str
    behaviour: str = "answers"
    after: float = 5.0
    talks_for: float | None = 60.0
    patience: float | None = None
    presses: str = ""
    presses_after: float = 2.0
    at: float = 0.0


class CallSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody calls."""

    at: float
    to: str
    caller: str | None = None
    type: int | None = None
    gives_up_after: float | None = None
    patience: float | None = None
    talks_for: float | None = 60.0


class TextSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody sends a text."""

    at: float
    to: str
    sender: str
    text: str


class FaultSpec(msgspec.Struct, frozen=True):
    """Something goes wrong, `at` a time or `on` a moment."""

    module: str
    name: str
    parameters: dict[str, object]
    at: float | None = None
    on: str | None = None


class Scenario(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole file."""

    title: str
    lasts: float
    module: list[ModuleSpec] = []
    landline: list[LandlineSpec] = []
    target: list[TargetSpec] = []
    call: list[CallSpec] = []
    text: list[TextSpec] = []
    fault: list[FaultSpec] = []

    def stage(self, exchange: Exchange) -> dict[str, Faulty]:
        """Put modems and targets in their places; the modems by name."""
        modules: dict[str, Faulty] = {}
        for spec in self.module:
            module = modules[spec.name] = GsmModule(exchange, spec.name, spec.number, spec.family, pin=spec.pin)
            module.answer_seconds, module.text_seconds = spec.answer_seconds, spec.text_seconds
            module.ring_seconds, module.audio.ppm = spec.ring_seconds, spec.ppm
        for land in self.landline:
            line = SubscriberLine(exchange, land.number, land.site)
            line.echo = land.echo
            modules[land.name] = AnalogModem(line, land.name, land.family, ppm=land.ppm)
        for target in self.target:
            if target.at <= 0:
                exchange.set_target(_target(target))
        for fault in self.fault:
            if fault.on is not None:
                faults.when(modules[fault.module], fault.on, fault.name, **fault.parameters)
            elif fault.at is not None and fault.at <= 0:
                _fault(modules[fault.module], fault)
        return modules

    def begin(self, exchange: Exchange, modules: dict[str, Faulty]) -> None:
        """Let it begin: every time of the file counts from now."""
        start = exchange.now
        for target in self.target:
            if target.at > 0:
                exchange.agenda.at(start + target.at, partial(exchange.set_target, _target(target)))
        for call in self.call:
            exchange.agenda.at(start + call.at, partial(_call, exchange, call))
        for text in self.text:
            exchange.agenda.at(start + text.at, partial(exchange.sms.text, text.to, text.sender, text.text))
        for fault in self.fault:
            if fault.at is not None and fault.at > 0:
                exchange.agenda.at(start + fault.at, partial(_fault, modules[fault.module], fault))


def _target(spec: TargetSpec) -> Target:
    return Target(
        spec.number, spec.behaviour, spec.after, spec.talks_for, spec.patience, spec.presses, spec.presses_after
    )


def _call(exchange: Exchange, spec: CallSpec) -> None:
    exchange.call(
        spec.to,
        spec.caller,
        type_octet=spec.type,
        gives_up_after=spec.gives_up_after,
        patience=spec.patience,
        talks_for=spec.talks_for,
    )


def _fault(module: Faulty, spec: FaultSpec) -> None:
    faults.apply(module, spec.name, **spec.parameters)


def parse(text: str) -> Scenario:
    """Read a scenario. Raises UserError naming the place, all mistakes of meaning at once."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise UserError(f"this is no TOML: {problem}") from None
    raw["fault"] = [_split_parameters(table) for table in raw.get("fault", [])]
    try:
        scenario = msgspec.convert(raw, Scenario)
    except msgspec.ValidationError as problem:
        raise UserError(_place(str(problem))) from None
    if mistakes := _mistakes(scenario):
        raise UserError("\n".join(mistakes))
    return scenario


def _split_parameters(table: object) -> object:
    if not isinstance(table, dict):
        return table
    own = {key: value for key, value in table.items() if key in ("module", "name", "at", "on")}
    return own | {"parameters": {key: value for key, value in table.items() if key not in own}}


def _place(message: str) -> str:
    """`Expected … - at `$.call[2].at`` → `call[2].at: Expected …`."""
    found = re.fullmatch(r"(.*) - at `\$\.?(.*)`", message)
    return f"{found[2]}: {found[1]}" if found else message


def _mistakes(scenario: Scenario) -> list[str]:
    found = []
    kinds = {module.name: "gsm" for module in scenario.module} | {line.name: "analog" for line in scenario.landline}
    if not kinds:
        found.append("a scenario needs a [[module]] or a [[landline]]")
    names: set[str] = set()
    tables: dict[str, Sequence[ModuleSpec | LandlineSpec]] = {"module": scenario.module, "landline": scenario.landline}
    for table, specs in tables.items():
        for position, spec in enumerate(specs):
            known = FAMILIES if table == "module" else ANALOG_FAMILIES
            if spec.family not in known:
                found.append(f"{table}[{position}].family: {spec.family!r} is none of {', '.join(known)}")
            if spec.name in names:
                found.append(f"{table}[{position}].name: {spec.name!r} is there twice")
            names.add(spec.name)
    for position, line in enumerate(scenario.landline):
        if line.site not in SITES:
            found.append(f"landline[{position}].site: {line.site!r} is none of {', '.join(SITES)}")
    for position, target in enumerate(scenario.target):
        if target.behaviour not in BEHAVIOURS:
            found.append(f"target[{position}].behaviour: {target.behaviour!r} is none of {', '.join(BEHAVIOURS)}")
    for position, fault in enumerate(scenario.fault):
        found += [f"fault[{position}]{mistake}" for mistake in _fault_mistakes(fault, kinds)]
    return found


def _fault_mistakes(fault: FaultSpec, kinds: dict[str, str]) -> list[str]:
    found = []
    if fault.module not in kinds:
        found.append(f".module: there is no module {fault.module!r}")
    if (fault.at is None) == (fault.on is None):
        found.append(": either at or on, please")
    if fault.on is not None and not _is_moment(fault.on):
        found.append(f".on: {fault.on!r} is no moment (ring N, command PATTERN, prompt, text, flash)")
    try:
        faults.check(fault.name, fault.parameters, kinds.get(fault.module, "gsm"))
    except UserError as problem:
        found.append(f": {problem}")
    return found


def _is_moment(text: str) -> bool:
    if re.fullmatch(r"ring \d+|prompt|text|flash", text):
        return True
    try:
        re.compile(text)
    except re.error:
        return False
    return text.startswith("command ")


def load(source: str | Path) -> Scenario:
    """A scenario file by path, or one that ships with the product by name (`little-day`). Raises UserError."""
    shipped = resources.files("appliance.simulator") / "scenarios" / f"{source}.toml"
    try:
        text = shipped.read_text(encoding="utf-8") if shipped.is_file() else Path(source).read_text(encoding="utf-8")
    except OSError as problem:
        raise UserError(f"{source}: {problem.strerror}; shipped are {', '.join(names())}") from None
    except UnicodeDecodeError:
        raise UserError(f"{source} is no text file") from None
    try:
        return parse(text)
    except UserError as problem:
        raise UserError(f"{source}: {problem}") from None


def names() -> list[str]:
    """The scenarios that ship with the product."""
    folder = resources.files("appliance.simulator") / "scenarios"
    return sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))
