"""What happened in the network, in order: for tests to ask and demos to print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened `at` (seconds of the exchange's time)."""

    at: float


@dataclass(frozen=True, slots=True)
class Called(Entry):
    """`caller` (None: withheld) began to call `number`."""

    caller: str | None
    number: str

    def __str__(self) -> str:
        return f"{self.caller or 'withheld'} calls {self.number}"


@dataclass(frozen=True, slots=True)
class Connected(Entry):
    """`a` and `b` can speak. `means`: call, transfer, conference, deflection, diversion."""

    a: str
    b: str
    means: str

    def __str__(self) -> str:
        return f"{self.a} speaks with {self.b} ({self.means})"


@dataclass(frozen=True, slots=True)
class Ended(Entry):
    """The call between `a` and `b` is over; `by` ended it (or "network"), with a cause of 24.008 annex H."""

    a: str
    b: str
    by: str
    cause: int
    answered: bool

    def __str__(self) -> str:
        return f"{self.a} and {self.b} {'parted' if self.answered else 'never spoke'}: {self.by}, cause {self.cause}"


@dataclass(frozen=True, slots=True)
class Diverted(Entry):
    """The network sent a call for `number` on to `to`. `why`: unconditional, busy, no reply, unreachable, deflected."""

    caller: str | None
    number: str
    to: str
    why: str

    def __str__(self) -> str:
        return f"{self.caller or 'withheld'} for {self.number} diverted to {self.to} ({self.why})"


@dataclass(frozen=True, slots=True)
class Delivered(Entry):
    """The SMS centre has every part of a text."""

    sender: str
    to: str
    text: str
    parts: int

    def __str__(self) -> str:
        return f"text {self.sender} → {self.to} ({self.parts}): {self.text}"


@dataclass(frozen=True, slots=True)
class Happened(Entry):
    """Anything done to a module: plugged, unplugged, rebooted, a fault begun."""

    who: str
    what: str

    def __str__(self) -> str:
        return f"{self.who}: {self.what}"


@dataclass(frozen=True, slots=True)
class Hook(Entry):
    """A device on the analog line `number` lifted or put down; `free`: no device is off-hook any more."""

    number: str
    who: str
    off: bool
    free: bool

    def __str__(self) -> str:
        return f"{self.number}: {self.who} {'lifts' if self.off else 'puts down'}"


@dataclass(frozen=True, slots=True)
class Flashed(Entry):
    """The loop of the analog line `number` was open for so long.

    `taken`: consultation, code, back, ignored, dropped.
    """

    number: str
    milliseconds: int
    taken: str

    def __str__(self) -> str:
        return f"{self.number}: flash of {self.milliseconds} ms, {self.taken}"


@dataclass(frozen=True, slots=True)
class Dialled(Entry):
    """What the exchange took for a number or a code from the analog line `number`, once it was complete."""

    number: str
    digits: str

    def __str__(self) -> str:
        return f"{self.number} dials {self.digits}"


@dataclass(frozen=True, slots=True)
class Held(Entry):
    """The analog line `number` put a party on hold, or took it off."""

    number: str
    party: str
    on: bool

    def __str__(self) -> str:
        return f"{self.number}: {self.party} {'on hold' if self.on else 'back'}"


@dataclass(frozen=True, slots=True)
class Recognised(Entry):
    """`listener` hears (or no longer hears) the voice of `speaker`, carried on by modems and a program between them."""

    listener: str
    speaker: str
    heard: bool

    def __str__(self) -> str:
        return f"{self.listener} {'hears' if self.heard else 'no longer hears'} {self.speaker}"


E = TypeVar("E", bound=Entry)


class Journal:
    """The entries so far, oldest first."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._dropped = 0

    def add(self, entry: Entry) -> None:
        """Write one down."""
        self._entries.append(entry)

    def of(self, kind: type[E]) -> list[E]:
        """Those of one kind."""
        return [entry for entry in self._entries if isinstance(entry, kind)]

    def conversations(self, a: str, b: str) -> list[tuple[float, float | None]]:
        """From when to when (None: still) two numbers could speak with each other, both ways, by whatever means."""
        spans: list[tuple[float, float | None]] = []
        begun: float | None = None
        hears: set[str] = set()
        for entry in self._entries:
            match entry:
                case Connected(at, x, y, _) if {x, y} == {a, b}:
                    begun = at if begun is None else begun
                    continue
                case Recognised(at, listener, speaker, heard) if {listener, speaker} == {a, b}:
                    (hears.add if heard else hears.discard)(listener)
                    if len(hears) == 2 and begun is None:
                        begun = at
                    if hears:
                        continue
                case Ended(at, x, y, _, _, True) if {a, b} & {x, y}:
                    hears.clear()
                case _:
                    continue
            if begun is not None:
                spans.append((begun, at))
                begun = None
        return spans if begun is None else [*spans, (begun, None)]

    def since(self, position: int) -> tuple[list[Entry], int]:
        """Entries from a position on (0 at first), and the position for next time."""
        start = max(0, position - self._dropped)
        return self._entries[start:], self._dropped + len(self._entries)

    def clear(self) -> None:
        """Forget everything; positions go on counting."""
        self._dropped += len(self._entries)
        self._entries.clear()

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def __len__(self) -> int:
        return self._dropped + len(self._entries)
