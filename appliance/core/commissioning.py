"""Which keys does this exchange want for forwarding a call? Found out by test calls, the likeliest first.

In one call every length of flash is tried until a dial tone follows. Then each call tells one thing: the target did not
ring, so that another prefix leads outside; he answered unheard, so that the call is handed on as he rings; the two were
not connected, so that other keys complete; the caller was not there again, so that other keys fetch back. What is
found stays, what fails goes on; when a list is through, the exchange cannot do it, or not as we know.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeVar

import msgspec

from appliance.core.settings import Site

T = TypeVar("T", int, str)
Step = Literal["transfer", "fetch_back", "done", "given_up"]

FLASHES = (90, 120, 80, 150, 200, 240, 300)
"""Milliseconds: routers and PBXs take 50 to 150, the public exchange 170 to 310 (1 TR 110)."""
PREFIXES = ("", "0")
COMPLETE = ("on-hook", "flash 4", "flash 3")
FETCH_BACK = ("flash 1", "flash", "flash 2")
"""R 1 ends the consultation at most exchanges, a bare flash at PBXs, R 2 alternates (ETSI ETS 300 738)."""

DIAL_TONE, NOTHING, DEAF = "dial", "nothing", "deaf"
"""What may follow a flash: the exchange waits for a number; it has not noticed; nobody could listen. Else a refusal."""


class Commissioning:
    """`site` is what the next call tries, `step` what it is to show. Tell what came of it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.step: Step = "transfer"
        self.flashes = [site.flash_ms, *_after(site.flash_ms, FLASHES)]
        """The lengths for the next call, in their order; the first is the one that is known to work, once one is."""
        self._prefixes = _after(site.prefix, PREFIXES)
        self._complete = _after(site.complete, COMPLETE)
        self._fetch_back = _after(site.fetch_back, FETCH_BACK)

    def heard(self, flashes: Sequence[tuple[int, str]]) -> None:
        """What followed each flash of a call: length in ms, and a word of `lines/analog_trial`."""
        for length, what in flashes:
            if what == DIAL_TONE:
                self.site = msgspec.structs.replace(self.site, flash_ms=length)
                self.flashes = [length, *(one for one in self.flashes if one != length)]
            elif what == NOTHING:
                self.flashes = [one for one in self.flashes if one != length]
            elif what != DEAF:
                self.step = "given_up"
        if not self.flashes:
            self.step = "given_up"

    def not_rung(self) -> None:
        """There was a dial tone, but the target's phone did not ring."""
        self._try("prefix", self._prefixes)

    def unheard(self) -> None:
        """The target answered, and it was not heard."""
        if self.site.blind:
            self.step = "given_up"
        self.site = msgspec.structs.replace(self.site, blind=True)

    def connected(self, together: bool) -> None:
        """The target answered; whether caller and target could speak with each other."""
        if together:
            self.step = "fetch_back"
        else:
            self._try("complete", self._complete)

    def fetched_back(self, there: bool) -> None:
        """The target was not to be had; whether the caller was still there then."""
        if there:
            self.step = "done"
        else:
            self._try("fetch_back", self._fetch_back)

    def _try(self, key: str, left: list[str]) -> None:
        if left:
            self.site = msgspec.structs.replace(self.site, **{key: left.pop(0)})
        else:
            self.step = "given_up"


def _after(first: T, every: Sequence[T]) -> list[T]:
    return [one for one in every if one != first]
