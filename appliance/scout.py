"""Looks for modems that no line has, for the page to show: while there are no settings, or a line lacks its modem.

It never touches a port that is in use or that a line names, never tries a PIN, and makes way at once when a line
needs its port: what it was learning there is learnt anew later.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from appliance.core.errors import PortLost
from appliance.core.outside import Outside, Port
from appliance.core.settings import Settings
from appliance.lines.examination import Examination, Found
from appliance.seat import Seat

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks for ports."""
SETTLED = 15.0
"""Seconds a port must have been there, and in nobody's use, before it is examined while a line seeks its modem: the
line goes first."""
AGAIN = {"fine": 120.0, "trouble": 20.0, "silent": 120.0, "busy": 10.0}
"""Seconds until a port is examined again: whoever has put a SIM in is looking at the page."""
BAUDRATE = 115200
ASKED_FOR = 60.0
"""Seconds a wish to look at all ports stands."""


class _Place(Struct):
    """What is known of a port. `since`: when it was first seen, or last in use."""

    since: float
    look_at: float = 0.0
    is_new: bool = True
    found: Found | None = None


class Scout:
    """Call work() in every turn; its port is one to wait for like any other."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._places: dict[str, _Place] = {}
        self._port: Port | None = None
        self._examination: Examination | None = None
        self._look_at = 0.0
        self._asked_until = float("-inf")
        self._is_needed = False
        self._written = b""
        self._shown: list[dict[str, Any]] = []
        self.is_looking = False
        """Not every port there is has been examined yet."""

    @property
    def open_port(self) -> Port | None:
        """The port it has open."""
        return self._port

    def found(self) -> list[dict[str, Any]]:
        """The modems that no line has, as objects with Found's fields; each once, though a stick has several ports."""
        return self._shown

    def look_now(self, now: float) -> None:
        """Examine every free port again, although nothing seems to be missing."""
        self._asked_until = now + ASKED_FOR
        self._look_at = now
        for place in self._places.values():
            place.look_at, place.is_new = now, True
        self.is_looking = True

    def deadline(self) -> float:
        """When work() wants to be called, if nothing comes before; inf if never."""
        if self._examination:
            return self._examination.deadline()
        return self._look_at if self._is_needed else float("inf")

    def work(self, now: float, settings: Settings | None, seats: Sequence[Seat]) -> bool:
        """Go on; says whether there is news to show. While a call is on, nothing is begun."""
        wanted = settings is None or any(seat.port is None for seat in seats) or now < self._asked_until
        self._is_needed = wanted and not any(seat.busy for seat in seats)
        if not wanted:
            self.stop()
        if not self._places and self._port is None and not self._is_needed:
            return False  # as ever, nearly
        before = (self._shown, self.is_looking)
        if not wanted:
            self._places.clear()
            self.is_looking = False
        elif self._port and os.path.realpath(self._port.path) in self._kept_off(settings, seats):
            self.stop()
        elif self._examination:
            self._examine(now)
        elif self._is_needed and now >= self._look_at:
            self._look(now, settings, seats)
        self._shown = self._list()
        return before != (self._shown, self.is_looking)

    def stop(self) -> None:
        """Give the port back."""
        if self._port:
            self._port.close()
        self._port = self._examination = None

    def _list(self) -> list[dict[str, Any]]:
        modems: dict[str, Found] = {}
        for path, place in self._places.items():
            if place.found:
                modems.setdefault(place.found.imei or path, place.found)
        return [asdict(found) for found in modems.values()]

    # --- ports -----------------------------------------------------------------------------------

    def _look(self, now: float, settings: Settings | None, seats: Sequence[Seat]) -> None:
        """Which ports are there, and which is to be examined next?"""
        self._look_at = now + LOOK_EVERY
        candidates, kept_off = self._outside.candidates(), self._kept_off(settings, seats)
        self._places = {path: self._places.get(path) or _Place(now) for path in candidates}
        self.is_looking = False
        for path, place in self._places.items():
            if os.path.realpath(path) in kept_off:
                place.since, place.found = now, None
            elif now >= place.look_at:
                self.is_looking |= place.is_new
                if (settings is None or now >= place.since + SETTLED) and self._open(path, place, now):
                    break

    def _kept_off(self, settings: Settings | None, seats: Sequence[Seat]) -> set[str]:
        """The real paths of ports that lines name or use."""
        named = [line.port for line in settings.line if line.port != "auto"] if settings else []
        return {os.path.realpath(path) for path in named + [seat.open_port.path for seat in seats if seat.open_port]}

    def _open(self, path: str, place: _Place, now: float) -> bool:
        try:
            self._port = self._outside.open(path, BAUDRATE)
        except PortLost:
            place.look_at, place.found, place.is_new = now + AGAIN["busy"], None, False
            return False
        self._examination, self._written = Examination(path, now), b""
        return True

    def _examine(self, now: float) -> None:
        assert self._port is not None and self._examination is not None
        port, examination = self._port, self._examination
        try:
            if data := port.read():
                examination.receive(data, now)
            if now >= examination.deadline():
                examination.tick(now)
            self._written += examination.data_to_send()
            if self._written:
                self._written = self._written[port.write(self._written) :]
        except PortLost:
            self.stop()
            return
        if examination.is_done:
            self._note(port.path, examination.found, now)
            self.stop()

    def _note(self, path: str, found: Found | None, now: float) -> None:
        if (place := self._places.get(path)) is None:
            return
        if found and found != place.found:
            log.info("%s: %s modem %s %s", path, found.kind, found.manufacturer, found.model)
        place.found, place.is_new = found, False
        trouble = found is not None and found.kind == "gsm" and not found.voice
        place.look_at = now + AGAIN["silent" if found is None else "trouble" if trouble else "fine"]
        self._look_at = now
