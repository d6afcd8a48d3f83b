"""How a module may misbehave: the switches that `faults` sets and the module obeys."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

RING_STYLES = ("together", "split", "torn", "doubled", "bytewise", "clip first", "merged")


@dataclass(slots=True)
class Rule:
    """What happens to commands that match `pattern` (whole, as `+CHLD=4`, any case) instead of the usual.

    `final`: this result is given (`OK`, `+CME ERROR: 30`) after `lines`; None: the usual one. `cme`: an error code
    given as +CMEE says. `effect`: whether the command is carried out all the same. `silent`: nothing is answered.
    `delay`: seconds before the answer. The rule holds for `times` commands (None: always), until the time `until`.
    """

    pattern: str
    final: str | None = None
    cme: int | None = None
    lines: tuple[str, ...] = ()
    effect: bool = False
    silent: bool = False
    delay: float = 0.0
    times: int | None = None
    until: float | None = None

    def takes(self, command: str, now: float) -> bool:
        """Whether it applies to this command now; counts it if so."""
        if self.times == 0 or (self.until is not None and now >= self.until):
            return False
        if re.fullmatch(self.pattern, command, re.IGNORECASE) is None:
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(slots=True)
class Misbehaviour:
    """All that is wrong with a module at the moment; the defaults are a good module."""

    rules: list[Rule] = field(default_factory=list)
    ring_style: str = "together"
    rings_just_stop: str = ""
    """When the caller gives up nothing is said: `gone` CLCC is empty, `listed` CLCC goes on listing the call."""
    clip_missing: bool = False
    silent_ends: bool = False
    """The far end hangs up and no line says so: only +CLCC shows it."""
    ghosts_first: list[str] = field(default_factory=list)
    ghosts_last: list[str] = field(default_factory=list)
    """Lines AT+CLCC prints besides the real ones."""
    inside: list[tuple[str, str]] = field(default_factory=list)
    """(pattern of a command, line): the line is printed once inside that command's next reply."""
    pace: float | None = None
    """Seconds from one byte to the next; None: all at once."""
    ccfc_without_effect: bool = False
    prompt: str = ""
    """Of AT+CMGS: `none` never comes, `stuck` comes and neither Ctrl-Z nor further bytes leave it, only ESC."""
    confirmations_lost: int = 0
    """So many texts are taken and never confirmed."""
    confirmation_after: float | None = None
    """Seconds until +CMGS comes; other commands are taken meanwhile."""
    sending_needs_room: bool = False
    """No text is sent while the memory is full (+CMS ERROR: 322)."""
    cms: int | None = None
    cms_times: int = 0
    """So many texts are refused with this +CMS ERROR."""

    hooks: list[tuple[str, Callable[[], object]]] = field(default_factory=list)
    """(pattern of a moment, what to do then, once): `ring 2` right after that RING, `command \\+CHLD=4` before it is
    carried out, `prompt` when > was printed, `text` when a whole text was typed behind it."""

    def once(self, moment: str, action: Callable[[], object]) -> None:
        """Do something at the next such moment."""
        self.hooks.append((moment, action))

    def happens(self, moment: str) -> None:
        """A moment is there: what was meant for it is done, in the order it was asked for."""
        due = [hook for hook in self.hooks if re.fullmatch(hook[0], moment, re.IGNORECASE)]
        self.hooks = [hook for hook in self.hooks if hook not in due]
        for _, action in due:
            action()

    def rule_for(self, command: str, now: float) -> Rule | None:
        """The first rule that applies; used-up ones are forgotten."""
        self.rules = [r for r in self.rules if r.times != 0 and (r.until is None or now < r.until)]
        return next((rule for rule in self.rules if rule.takes(command, now)), None)

    def line_inside(self, command: str) -> str | None:
        """A line to print inside the reply to this command, once."""
        for position, (pattern, line) in enumerate(self.inside):
            if re.fullmatch(pattern, command, re.IGNORECASE):
                del self.inside[position]
                return line
        return None
