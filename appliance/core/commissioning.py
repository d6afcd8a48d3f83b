"""Which keys does this exchange want for forwarding a call? Found out by test calls, the likeliest first.

Each call tells one thing: the flash was ignored, so that another length is tried; the two were not connected, so that
other keys complete; the caller was not there again, so that other keys fetch back. What is found stays, what fails
goes on; when a list is through, the exchange cannot do it, or not as we know.
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
COMPLETE = ("on-hook", "flash 4", "flash 3")
FETCH_BACK = ("flash 1", "flash", "flash 2")
"""R 1 ends the consultation at most exchanges, a bare flash at PBXs, R 2 alternates (ETSI ETS 300 738)."""


class Commissioning:
    """`site` is what the next call tries, `step` what it is to show. Tell what came of it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.step: Step = "transfer"
        self._flashes = _after(site.flash_ms, FLASHES)
        self._complete = _after(site.complete, COMPLETE)
        self._fetch_back = _after(site.fetch_back, FETCH_BACK)

    def flash_ignored(self) -> None:
        """Nothing happened after the flash."""
        self._try("flash_ms", self._flashes)

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

    def _try(self, key: str, left: list[int] | list[str]) -> None:
        if left:
            self.site = msgspec.structs.replace(self.site, **{key: left.pop(0)})
        else:
            self.step = "given_up"


def _after(first: T, every: Sequence[T]) -> list[T]:
    return [one for one in every if one != first]
