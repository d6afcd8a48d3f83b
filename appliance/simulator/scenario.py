"""Scenario files (TOML): who is there, who calls when, what goes wrong.

    title = "…"
    lasts = 120                       # seconds
    [[module]]  name, number, family = "generic", pin, answer_seconds, text_seconds, ring_seconds
    [[target]]  number, behaviour = "answers", after = 5, talks_for = 60, patience, at = 0 (from when it behaves so)
    [[call]]    at, to, caller (left out: withheld), type, gives_up_after, patience, talks_for = 60
    [[text]]    at, to, sender, text
    [[fault]]   module, name, at = seconds or on = "ring 2" | "command PATTERN" | "prompt" | "text", and its parameters

What is `at = 0` is so before anybody opens the port.
"""

from __future__ import annotations

import re
import tomllib
from functools import partial
from importlib import resources
from pathlib import Path

import msgspec

from appliance.core.errors import UserError
from appliance.simulator import faults
from appliance.simulator.families import FAMILIES
from appliance.simulator.module import GsmModule
from appliance.simulator.network import Exchange
from appliance.simulator.phones import BEHAVIOURS, Target


class ModuleSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One module."""

    name: str
    number: str
    family: str = "generic"
    pin: str | None = None
    answer_seconds: float = 0.0
    text_seconds: float = 1.0
    ring_seconds: float = 5.0


class TargetSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a number behaves from `at` on."""

    number: str
    behaviour: str = "answers"
    after: float = 5.0
    talks_for: float | None = 60.0
    patience: float | None = None
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
    module: list[ModuleSpec]
    target: list[TargetSpec] = []
    call: list[CallSpec] = []
    text: list[TextSpec] = []
    fault: list[FaultSpec] = []

    def stage(self, exchange: Exchange) -> dict[str, GsmModule]:
        """Put modules and targets in their places; the modules by name."""
        modules = {}
        for spec in self.module:
            module = modules[spec.name] = GsmModule(exchange, spec.name, spec.number, spec.family, pin=spec.pin)
            module.answer_seconds, module.text_seconds = spec.answer_seconds, spec.text_seconds
            module.ring_seconds = spec.ring_seconds
        for target in self.target:
            if target.at <= 0:
                exchange.set_target(_target(target))
        for fault in self.fault:
            if fault.on is not None:
                faults.when(modules[fault.module], fault.on, fault.name, **fault.parameters)
            elif fault.at is not None and fault.at <= 0:
                _fault(modules[fault.module], fault)
        return modules

    def begin(self, exchange: Exchange, modules: dict[str, GsmModule]) -> None:
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
    return Target(spec.number, spec.behaviour, spec.after, spec.talks_for, spec.patience)


def _call(exchange: Exchange, spec: CallSpec) -> None:
    exchange.call(
        spec.to,
        spec.caller,
        type_octet=spec.type,
        gives_up_after=spec.gives_up_after,
        patience=spec.patience,
        talks_for=spec.talks_for,
    )


def _fault(module: GsmModule, spec: FaultSpec) -> None:
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
    names = [module.name for module in scenario.module]
    for position, module in enumerate(scenario.module):
        if module.family not in FAMILIES:
            found.append(f"module[{position}].family: {module.family!r} is none of {', '.join(FAMILIES)}")
        if names.index(module.name) != position:
            found.append(f"module[{position}].name: {module.name!r} is there twice")
    for position, target in enumerate(scenario.target):
        if target.behaviour not in BEHAVIOURS:
            found.append(f"target[{position}].behaviour: {target.behaviour!r} is none of {', '.join(BEHAVIOURS)}")
    for position, fault in enumerate(scenario.fault):
        if fault.module not in names:
            found.append(f"fault[{position}].module: there is no module {fault.module!r}")
        if (fault.at is None) == (fault.on is None):
            found.append(f"fault[{position}]: either at or on, please")
        if fault.on is not None and not _is_moment(fault.on):
            found.append(f"fault[{position}].on: {fault.on!r} is no moment (ring N, command PATTERN, prompt, text)")
        try:
            faults.check(fault.name, fault.parameters)
        except UserError as problem:
            found.append(f"fault[{position}]: {problem}")
    return found


def _is_moment(text: str) -> bool:
    if re.fullmatch(r"ring \d+|prompt|text", text):
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
