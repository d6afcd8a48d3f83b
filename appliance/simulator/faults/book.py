"""The book of faults: what has a name, takes which parameters, and how one begins, for each kind of modem."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from appliance.core.errors import UserError
from appliance.simulator.analog import AnalogModem
from appliance.simulator.module import GsmModule

Faulty = GsmModule | AnalogModem
F = TypeVar("F", bound=Callable[..., None])


@dataclass(frozen=True, slots=True)
class Fault:
    """A named fault; `parameters` are the keywords it takes, with their defaults."""

    name: str
    summary: str
    begin: Callable[..., None]
    parameters: dict[str, object]


FAULTS: dict[str, Fault] = {}
"""Of GSM modules."""
ANALOG_FAULTS: dict[str, Fault] = {}
"""Of analog modems and their lines."""


def _enter(function: Callable[..., None], *books: dict[str, Fault]) -> None:
    keywords = [p for p in inspect.signature(function).parameters.values() if p.kind is p.KEYWORD_ONLY]
    parameters = {p.name: p.default for p in keywords}
    name = function.__name__
    for book in books:
        book[name] = Fault(name, (function.__doc__ or "").strip().split("\n")[0], function, parameters)


def fault(function: F) -> F:
    """Enter a function of a GSM module under its own name; its keywords are the fault's parameters."""
    _enter(function, FAULTS)
    return function


def analog_fault(function: F) -> F:
    """Enter a function of an analog modem."""
    _enter(function, ANALOG_FAULTS)
    return function


def common_fault(function: F) -> F:
    """Enter a function of either."""
    _enter(function, FAULTS, ANALOG_FAULTS)
    return function


def check(name: str, parameters: dict[str, object], kind: str = "gsm") -> None:
    """Raises UserError where that kind of modem has no such fault, or it takes no such parameter."""
    book = FAULTS if kind == "gsm" else ANALOG_FAULTS
    known = book.get(name)
    if known is None:
        raise UserError(f"there is no fault {name!r}; there are {', '.join(sorted(book))}")
    for given in parameters:
        if given not in known.parameters:
            takes = ", ".join(known.parameters) or "none"
            raise UserError(f"the fault {name!r} takes no {given!r}; its parameters: {takes}")


def apply(module: Faulty, name: str, **parameters: object) -> None:
    """Begin a fault now. Raises UserError as `check`."""
    check(name, parameters, module.kind)
    module.exchange.note(module.name, f"fault {name}")
    (FAULTS if module.kind == "gsm" else ANALOG_FAULTS)[name].begin(module, **parameters)


def when(module: Faulty, moment: str, name: str, **parameters: object) -> None:
    """Begin a fault at the next moment of a kind (`ring N`, `command PATTERN`, `prompt`, `text`, `flash`)."""
    check(name, parameters, module.kind)
    module.faults.once(moment, lambda: apply(module, name, **parameters))
