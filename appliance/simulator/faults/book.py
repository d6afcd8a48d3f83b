"""The book of faults: what has a name, takes which parameters, and how one begins."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from appliance.core.errors import UserError
from appliance.simulator.module import GsmModule


@dataclass(frozen=True, slots=True)
class Fault:
    """A named fault; `parameters` are the keywords it takes, with their defaults."""

    name: str
    summary: str
    begin: Callable[..., None]
    parameters: dict[str, object]


FAULTS: dict[str, Fault] = {}


def fault(function: Callable[..., None]) -> Callable[..., None]:
    """Enter a function of a module into the book, under its own name; its keywords are the fault's parameters."""
    keywords = [p for p in inspect.signature(function).parameters.values() if p.kind is p.KEYWORD_ONLY]
    parameters = {p.name: p.default for p in keywords}
    name = function.__name__
    FAULTS[name] = Fault(name, (function.__doc__ or "").strip().split("\n")[0], function, parameters)
    return function


def check(name: str, parameters: dict[str, object]) -> None:
    """Raises UserError where there is no such fault, or it takes no such parameter."""
    known = FAULTS.get(name)
    if known is None:
        raise UserError(f"there is no fault {name!r}; there are {', '.join(sorted(FAULTS))}")
    for given in parameters:
        if given not in known.parameters:
            takes = ", ".join(known.parameters) or "none"
            raise UserError(f"the fault {name!r} takes no {given!r}; its parameters: {takes}")


def apply(module: GsmModule, name: str, **parameters: object) -> None:
    """Begin a fault now. Raises UserError as `check`."""
    check(name, parameters)
    module.exchange.note(module.name, f"fault {name}")
    FAULTS[name].begin(module, **parameters)


def when(module: GsmModule, moment: str, name: str, **parameters: object) -> None:
    """Begin a fault at the next moment of a kind (`ring N`, `command PATTERN`, `prompt`, `text`)."""
    check(name, parameters)
    module.faults.once(moment, lambda: apply(module, name, **parameters))
