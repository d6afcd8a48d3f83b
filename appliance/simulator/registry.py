"""The table from an AT command's name to what does it, and what it may answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.simulator.atline import Command

if TYPE_CHECKING:
    from appliance.simulator.module import GsmModule


@dataclass(frozen=True, slots=True)
class Answer:
    """Information lines, then a final result: `final` as it stands, or an error code as +CMEE says.

    `final` None with no code: nothing is printed (a prompt is open, or a fault wants silence).
    """

    lines: tuple[str, ...] = ()
    final: str | None = "OK"
    cme: int | None = None
    cms: int | None = None


class _Waiting:
    """The answer comes later: whoever keeps the command calls `GsmModule.finish`."""


WAITING = _Waiting()
Outcome = Answer | _Waiting
Handler = Callable[["GsmModule", Command], Outcome]


@dataclass(frozen=True, slots=True)
class Entry:
    """`card`: the command needs a SIM that is ready. `only`: names of families that know it; empty: all."""

    run: Handler
    card: bool
    only: tuple[str, ...]


TABLE: dict[str, Entry] = {}


def handles(*names: str, card: bool = False, only: tuple[str, ...] = ()) -> Callable[[Handler], Handler]:
    """Enter a function into the table under these command names."""

    def enter(function: Handler) -> Handler:
        for name in names:
            TABLE[name] = Entry(function, card, only)
        return function

    return enter


def ok(*lines: str) -> Answer:
    """Lines and OK."""
    return Answer(lines)


def cme(code: int | None) -> Answer:
    """+CME ERROR with a code of 27.007 9.2, or OK for None."""
    return Answer() if code is None else Answer(final=None, cme=code)


ERROR = Answer(final="ERROR")
BAD_ARGUMENT = cme(50)
"""Incorrect parameters."""
