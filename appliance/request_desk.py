"""What the page asks of the engine is done here, while no call is on, and answered (core/requests has the words)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import Struct, field

from appliance.core import actions, requests
from appliance.core.errors import StoreError
from appliance.core.requests import Request
from appliance.lines.analog import AnalogLine
from appliance.lineup import LineUp
from appliance.scout import Scout
from appliance.seat import Seat
from appliance.store import changes, factory_reset, suspicion
from appliance.store.database import Store
from appliance.store.live import LEFT
from appliance.store.requests import AnswerRequest
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

LOOK_WITHIN = 40.0
"""Seconds for examining every port."""
NETWORK_WITHIN = 150.0
"""Seconds for a network to say which diversions are set: four questions of up to 30 s each."""


class _Under(Struct):
    """A request under way. `lines`: those that have yet to answer."""

    request: Request
    until: float
    lines: set[str] = field(default_factory=set)


class RequestDesk:
    """Call tick() every second; `restart` ends the engine in good order."""

    def __init__(self, store: Store, writer: Writer, lineup: LineUp, scout: Scout, restart: Callable[[], None]) -> None:
        self._store = store
        self._writer = writer
        self._lineup = lineup
        self._scout = scout
        self._restart = restart
        self._was_suspect = suspicion.is_to_be_looked_at(store.path.parent)
        """Nothing could be done about it before the start, nor will it by another one."""
        self._under_way: list[_Under] = []
        self._look = True

    def store_changed(self) -> None:
        """Another process has written: perhaps a request."""
        self._look = True

    def tick(self, now: float, at: datetime) -> None:
        """Begin what is asked, and answer what is done. Waits for as long as a call is on."""
        if any(seat.busy for seat in self._lineup):
            return
        if not self._was_suspect and suspicion.is_to_be_looked_at(self._store.path.parent):
            log.error("the database may be damaged: it is looked at, and restored, by a new start")
            self._restart()
            return
        if self._look:
            self._look = False
            self._take(now, at)
        for under in list(self._under_way):
            self._follow(under, now, at)

    def diversions_checked(self, line: str) -> None:
        """A line has read its diversions back."""
        for under in self._under_way:
            under.lines.discard(line)

    def _take(self, now: float, at: datetime) -> None:
        begun = {under.request.id for under in self._under_way}
        try:
            waiting = self._store.unanswered()
        except (StoreError, ValueError) as error:
            log.warning("what the page asks cannot be read: %s", error)
            return
        for request in waiting:
            if request.id not in begun:
                self._begin(request, now, at)

    def _begin(self, request: Request, now: float, at: datetime) -> None:
        log.info("the page asks: %s", request.kind)
        if request.is_forgotten(at) and not (request.kind == requests.RESTART and self._is_start_awaited()):
            self._answer(request, {"problem": requests.TOO_LATE}, at)
            return
        seats = self._seats(request)
        if seats is None:
            self._answer(request, {"problem": requests.UNKNOWN_LINE}, at)
        elif request.kind == requests.LOOK_FOR_MODEMS:
            self._scout.look_now(now)
            self._under_way.append(_Under(request, now + LOOK_WITHIN))
        elif request.kind == requests.PROBE_METHODS:
            self._writer.add(changes.ForgetRefusals())
            for seat in seats:
                seat.driver.perform(actions.ForgetRefusals(), now)
            self._answer(request, {"can": {seat.name: list(seat.driver.methods()) for seat in seats}}, at)
        elif request.kind in (requests.CHECK_DIVERSIONS, requests.ERASE_DIVERSIONS):
            self._ask_network(request, seats, now)
        elif request.kind == requests.PROVE_DIVERSION:
            when, works = str(request.payload.get("when")), request.payload.get("works") is True
            for seat in seats:
                if isinstance(seat.driver, AnalogLine):
                    seat.driver.proved(when, works, now)
            self._answer(request, self._diversions(seats, set()), at)
        elif request.kind == requests.TRY_FLASHES:
            heard = [
                found
                for seat in seats
                if isinstance(seat.driver, AnalogLine)
                for found in seat.driver.try_flashes(_flashes(request), now)
            ]
            self._answer(request, {"heard": heard}, at)
        elif request.kind == requests.RESTART:
            self._answer(request, {"ok": True}, at)
            self._writer.flush(now, force=True)
            self._restart()
        else:
            log.warning("the page asks for what is not known here: %s", request.kind)
            self._answer(request, {"problem": "unknown"}, at)

    def _is_start_awaited(self) -> bool:
        """Whether a backup or a factory reset waits for the next start: put off, it would come over what happens until
        then, and nobody would remember having asked for it."""
        return any((self._store.path.parent / name).exists() for name in (LEFT, factory_reset.ASKED))

    def _ask_network(self, request: Request, seats: list[Seat], now: float) -> None:
        erase = request.kind == requests.ERASE_DIVERSIONS
        asked = [seat for seat in seats if seat.driver.state() == "ready"]
        for seat in asked:
            seat.driver.perform(actions.CheckDiversions(erase), now)
        self._under_way.append(_Under(request, now + NETWORK_WITHIN, {seat.name for seat in asked}))

    def _follow(self, under: _Under, now: float, at: datetime) -> None:
        late = now >= under.until
        request = under.request
        if request.kind == requests.LOOK_FOR_MODEMS:
            if late or not self._scout.is_looking:
                self._under_way.remove(under)
                self._answer(request, {"found": len(self._scout.found()) + self._served()}, at)
        elif late or not under.lines:
            self._under_way.remove(under)
            self._answer(request, self._diversions(self._seats(request) or [], under.lines), at)

    def _served(self) -> int:
        return sum(seat.driver.state() != "down" for seat in self._lineup)

    def _diversions(self, seats: list[Seat], silent: set[str]) -> Mapping[str, object]:
        """As status shows them; `silent`: lines that have not answered."""
        shown = {line["name"]: line for line in self._lineup.shown()}
        answer: dict[str, object] = {}
        found: dict[str, object] = {}
        for seat in seats:
            unasked = seat.name in silent or seat.driver.state() == "down"
            found[seat.name] = None if unasked else shown[seat.name]["diversions"]
            if unasked:
                answer["problem"] = seat.driver.problem() or "no_network"
        return {"diversions": found, **answer}

    def _seats(self, request: Request) -> list[Seat] | None:
        """The lines it is about; None for one that there is not."""
        name = request.payload.get("line")
        if name is None:
            return list(self._lineup)
        seats = [seat for seat in self._lineup if seat.name == name]
        return seats or None

    def _answer(self, request: Request, answer: Mapping[str, object], at: datetime) -> None:
        self._writer.add(AnswerRequest(request.id, answer, at))


def _flashes(request: Request) -> list[int]:
    """The lengths asked for, those that a flash can have (as in the settings)."""
    asked = request.payload.get("flashes")
    lengths = asked if isinstance(asked, list) else []
    return [one for one in lengths if isinstance(one, int) and 50 <= one <= 500]
