"""Which seats there are, and how they are: one for each line of the settings, changed only while it has no call."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from appliance.core.call import Call
from appliance.core.outside import Outside
from appliance.core.problems import words
from appliance.core.settings import Line, Settings
from appliance.core.sound import Sounds
from appliance.lines.analog import AnalogLine
from appliance.lines.analog_facts import AnalogConfig, Told
from appliance.lines.gsm import GsmLine
from appliance.lines.gsm_facts import GsmConfig
from appliance.lines.sites import site_of
from appliance.seat import Seat
from appliance.status import bare_line
from appliance.store import recordings
from appliance.store.changes import Keep
from appliance.store.database import Store
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

TOLD = "diversions told"
"""By what name the store keeps which diversions an analog line's network was told of."""
SLOWEST_FOR_NO_REPLY = 4
"""Rings: a no-reply diversion at 30 s would overtake a box that answers later (telephony)."""


class LineUp:
    """The seats, in the order of the settings."""

    def __init__(self, store: Store, outside: Outside) -> None:
        self.seats: list[Seat] = []
        self._store = store
        self._outside = outside
        self._settings: Settings | None = None
        self._pending: dict[str, Line] = {}
        self._kept_told: dict[str, list[list[object]]] = {}

    def __iter__(self) -> Iterator[Seat]:
        return iter(self.seats)

    def settings_changed(self, settings: Settings, now: float) -> None:
        """Seats come, go and change; one that is busy at the end of its call. Raises StoreError."""
        self._settings = settings
        self._pending = {line.name: line for line in settings.line}
        for seat in list(self.seats):
            self.apply(seat, now)
        for line in settings.line:
            if line.name in self._pending and all(seat.name != line.name for seat in self.seats):
                self._add(line)

    def apply(self, seat: Seat, now: float) -> None:
        """New settings of a line, once it has no call."""
        if seat.busy or self._settings is None:
            return
        line = self._pending.pop(seat.name, None)
        if line is None:
            if all(line.name != seat.name for line in self._settings.line):
                self._remove(seat, now)
            return
        old, seat.settings = seat.settings, line
        if (old.kind, old.port, old.baudrate) != (line.kind, line.port, line.baudrate):
            self._remove(seat, now)
            self._add(line)
        elif isinstance(seat.driver, GsmLine):
            seat.driver.reconfigure(self._gsm_config(line, self._settings), now)
        elif isinstance(seat.driver, AnalogLine):
            seat.driver.reconfigure(self._analog_config(line, self._settings), now)

    def tick(self, now: float) -> None:
        """Lines that were busy when the settings changed, if with no call that was logged, get theirs now."""
        for seat in list(self.seats):
            self.apply(seat, now)

    def teller(self) -> Seat | None:
        """The line that sends texts: messages.over, else the first GSM line; another one while that is down."""
        over = self._settings.messages.over if self._settings else None
        named = next(
            (seat for seat in self.seats if over == seat.name or (not over and seat.settings.kind == "gsm")), None
        )
        if named is None or named.driver.state() != "down":
            return named
        return next((seat for seat in self.seats if seat.takes_texts), named)

    def bridge_over(self, seat: Seat) -> Seat | None:
        """The line that calls targets for this one's callers, if it could call now."""
        other = next((one for one in self.seats if one.name == seat.settings.bridge_over), None)
        if other is None or other.busy or not other.driver.hears or other.driver.state() != "ready":
            return None
        return other if seat.driver.hears else None

    def sounds(self, folder: Path, call: int) -> Sounds:
        """What a line with a voice plays, and where it keeps the message of this call."""
        assert self._settings is not None
        voice, prompts = self._settings.voice, folder / "prompts"
        return Sounds(
            announcement=str(prompts / "announcement.wav"),
            voicemail=str(prompts / "voicemail.wav"),
            hold="hold" if voice.hold == "tone" else str(prompts / "hold.wav"),
            confirm=str(prompts / "confirm.wav"),
            message=str(recordings.path(folder, call)),
            most=float(voice.message_seconds),
        )

    def shown(self) -> list[dict[str, Any]]:
        """The lines as `status` shows them (the contract's objects, and notes, model, call)."""
        if self._settings is None:
            return []
        seats = {seat.name: seat for seat in self.seats}
        language = self._settings.business.language
        return [
            self._shown(seats[line.name], language)
            if line.name in seats
            else bare_line(line, "down", words("not opened", language))
            for line in self._settings.line
        ]

    def _shown(self, seat: Seat, language: str) -> dict[str, Any]:
        driver, facts = seat.driver, seat.driver.shown()
        return {
            "name": seat.name,
            "kind": driver.kind,
            "port": seat.port.path if seat.port else seat.settings.port,
            "state": driver.state(),
            "problem": words(driver.problem(), language),
            "operator": facts.operator,
            "registered": facts.registered,
            "signal_dbm": facts.signal_dbm,
            "sim": facts.sim,
            "can": list(facts.can),
            "diversions": [
                {"when": one.when, "to": one.to, "confirmed": one.confirmed, "ours": one.ours}
                for one in facts.diversions
            ],
            "notes": [words(note, language) for note in facts.notes],
            "model": facts.model,
            "call": _live_call(seat.call),
        }

    def keep_told(self, line: str, writer: Writer) -> None:
        """What the network of this analog line has been told is to be known after a restart, too."""
        seat = next((one for one in self.seats if one.name == line), None)
        if seat and isinstance(seat.driver, AnalogLine):
            told = [[one.when, one.to, one.proven] for one in seat.driver.facts.told]
            if told != self._kept_told.setdefault(line, []):
                self._kept_told[line] = told
                writer.add(Keep(f"{TOLD} {line}", json.dumps(told)))

    def _add(self, line: Line) -> None:
        assert self._settings is not None
        self._pending.pop(line.name, None)
        if line.kind == "analog":
            told = _told_from(self._store.kept(f"{TOLD} {line.name}"))
            analog = AnalogLine(self._analog_config(line, self._settings), told)
            self.seats.append(Seat(line, analog, self._outside))
            return
        tried = {line.pin} if line.pin and (line.name, digest(line.pin)) in self._store.pins_tried() else set()
        driver = GsmLine(self._gsm_config(line, self._settings), pins_tried=tried)
        self.seats.append(Seat(line, driver, self._outside))

    def _remove(self, seat: Seat, now: float) -> None:
        seat.drop(now, "removed")
        self.seats.remove(seat)

    def _analog_config(self, line: Line, settings: Settings) -> AnalogConfig:
        net = settings.target_named(line.safety_net) if line.safety_net else None
        return AnalogConfig(
            name=line.name,
            dial_plan=settings.dial_plan,
            country=settings.business.country,
            forward_by=line.forward_by,
            site=site_of(line.site),
            safety_net=net.number if net else None,
            no_reply_net=_answers_soon(settings),
            our_numbers=frozenset(settings.own_numbers()) | {target.number for target in settings.target},
        )

    def _gsm_config(self, line: Line, settings: Settings) -> GsmConfig:
        net = settings.target_named(line.safety_net) if line.safety_net else None
        return GsmConfig(
            name=line.name,
            dial_plan=settings.dial_plan,
            pin=line.pin,
            forward_by=line.forward_by,
            safety_net=net.number if net else None,
            audio_port=line.audio_port,
            no_reply_net=_answers_soon(settings),
            our_numbers=frozenset(target.number for target in settings.target),
        )


def _told_from(kept: str | None) -> list[Told]:
    try:
        return [Told(str(when), str(to), bool(proven)) for when, to, proven in json.loads(kept or "[]")]
    except (ValueError, TypeError):
        return []  # then they are dialled once more


def _answers_soon(settings: Settings) -> bool:
    """Whether every plan answers before a diversion on no reply would take the call."""
    return all(plan.answer_after_rings <= SLOWEST_FOR_NO_REPLY for plan in settings.plan)


def digest(pin: str) -> str:
    """How a PIN that was tried is remembered."""
    import hashlib  # brings OpenSSL, three megabytes that an engine without a PIN needs not

    return hashlib.sha256(pin.encode()).hexdigest()


def _live_call(call: Call | None) -> dict[str, Any] | None:
    if call is None:
        return None
    record = call.record
    return {"caller": record.caller, "rings": record.rings, "plan": record.plan, "state": call.state.value}
