"""The simulated module's own reading of AT command lines (V.250 5.2 to 5.4, 27.007 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_EXTENDED = re.compile(r"([-+^$*%#][A-Za-z][A-Za-z0-9]*)(=\?|\?|=|)")
_REGISTER = re.compile(r"S(\d+)(=\?|\?|=)(\d*)", re.IGNORECASE)
_BASIC = re.compile(r"(&?[A-Z])(\d*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a line: `name` in capitals (`+CLCC`, `D`, `S0`), `form` run, read, test or set, and arguments."""

    name: str
    form: str
    text: str

    @property
    def arguments(self) -> list[str]:
        """Split at commas outside quotes, quotes taken off."""
        return split_arguments(self.text)

    def number(self, position: int, default: int) -> int:
        """An argument as a number; the default where it is left out. Raises ValueError for anything else."""
        arguments = self.arguments
        if position >= len(arguments) or not arguments[position]:
            return default
        return int(arguments[position])

    def __str__(self) -> str:
        """As it is typed: `+CHLD=4`, `D+4930123;`, `E0`."""
        if self.name.lstrip("&").isalpha():
            return self.name + self.text
        return self.name + {"run": "", "read": "?", "test": "=?", "set": "="}[self.form] + self.text


def split_arguments(text: str) -> list[str]:
    """`1,3,"+49,1",145` → four arguments; a quoted one loses its quotes."""
    found, current, quoted = [], "", False
    for character in text:
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            found.append(current)
            current = ""
        else:
            current += character
    found.append(current)
    return [argument.strip() for argument in found]


def _end_of_extended(body: str, start: int) -> int:
    quoted = False
    for position in range(start, len(body)):
        if body[position] == '"':
            quoted = not quoted
        elif body[position] == ";" and not quoted:
            return position
    return len(body)


def commands_of(line: str) -> list[Command] | None:
    """A line without its CR → its commands; None when it is no command line (no AT) and to be ignored.

    Basic commands stand one after the other, extended ones end at `;`. D takes the rest of the line, its `;` (voice)
    included, unless commands follow it (27.007 6.2). What cannot be read becomes a command named `?`.
    """
    begin = re.match(r"\s*AT", line, re.IGNORECASE)
    if begin is None:
        return None
    body, position = line[begin.end() :], 0
    commands: list[Command] = []
    while position < len(body):
        if body[position] in " ;":
            position += 1
            continue
        command, position = _one(body, position)
        commands.append(command)
    return commands


def _one(body: str, position: int) -> tuple[Command, int]:
    character = body[position].upper()
    if character in "-+^$*%#":
        end = _end_of_extended(body, position)
        found = _EXTENDED.match(body, position)
        if found is None:
            return Command("?", "run", body[position:end]), end
        form = {"": "run", "?": "read", "=?": "test", "=": "set"}[found[2]]
        return Command(found[1].upper(), form, body[found.end() : end]), end
    if character == "D":
        end = _end_of_extended(body, position)
        end = end + 1 if end < len(body) else end
        return Command("D", "set", body[position + 1 : end].strip()), end
    if character == "S":
        found = _REGISTER.match(body, position)
        if found is None:
            return Command("?", "run", body[position:]), len(body)
        form = {"?": "read", "=?": "test", "=": "set"}[found[2]]
        return Command(f"S{found[1]}", form, found[3]), found.end()
    found = _BASIC.match(body, position)
    if found is None:
        return Command("?", "run", body[position:]), len(body)
    return Command(found[1].upper(), "set" if found[2] else "run", found[2]), found.end()
