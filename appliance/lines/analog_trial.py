"""A guided test call: several lengths of flash are tried in one call, until the line takes one of them for a flash."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field

NOTHING, CANNOT = "nothing", "cannot"
"""What is heard after a flash that the line ignored; that the modem refused. Else it is a tone, or DEAF."""
LASTS = 900.0
"""Seconds until a trial that nobody ended is over: whoever guided it has gone."""
EACH = 6.5
"""Seconds that one length takes: the flash, and the wait for a dial tone."""


class Trial(Struct):
    """`flash_ms`: what the next flash lasts; `left`: those after it. `heard`: each length and what followed it."""

    flash_ms: int
    left: list[int]
    until: float
    heard: list[tuple[int, str]] = field(default_factory=list)

    def note(self, heard: str | None) -> bool:
        """What followed the flash (None: no tone); whether the next length is to be tried now."""
        self.heard.append((self.flash_ms, heard or NOTHING))
        if heard is not None or not self.left:
            return False
        self.flash_ms = self.left.pop(0)
        return True

    @property
    def seconds(self) -> float:
        """What it may add to a call."""
        return EACH * len(self.left)


def trial(lengths: Sequence[int], now: float) -> Trial | None:
    """One with these lengths in milliseconds; None for none."""
    return Trial(lengths[0], list(lengths[1:]), now + LASTS) if lengths else None
