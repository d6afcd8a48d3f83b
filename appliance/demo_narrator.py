"""Tells the demo's terminal what the engine does, a line at a time."""

from __future__ import annotations

from collections.abc import Callable

import click

from appliance.core.outside import Outside
from appliance.core.records import Attempt, CallRecord
from appliance.engine import Engine
from appliance.seat import Seat
from appliance.simulator.journal import Delivered
from appliance.simulator.network import Exchange

_DOING = {
    "answering": "lifts",
    "calling": "the caller waits; calls the target",
    "confirming": "asks the target to press 1",
    "joining": "the target answers: connects the two",
    "fetching": "takes the caller back",
    "announcing": "tells the caller that nobody can come",
    "recording": "takes a message",
    "connected": "both talk, through the box",
}


class Narrator:
    """Looks at the engine after each of its turns and says what is new."""

    def __init__(self, engine: Engine, world: Outside, exchange: Exchange) -> None:
        self._engine = engine
        self._world = world
        self._exchange = exchange
        self._tellers: dict[str, _Teller] = {}
        self._read = 0

    def introduce(self) -> None:
        """The lines as they are."""
        for line in self._engine.lines():
            signal = f", {line['operator']}, {line['signal_dbm']} dBm" if line["operator"] else ""
            self._say(f"Line {line['name']} is ready: {line['model']}{signal}.")

    def look(self) -> None:
        """Say what is new."""
        for seat in self._engine.seats:
            self._tellers.setdefault(seat.name, _Teller(self._say)).look(seat)
        entries, self._read = self._exchange.journal.since(self._read)
        for entry in entries:
            if isinstance(entry, Delivered):
                self._say(f"✉ text to the owner: {entry.text}")

    def sum_up(self) -> None:
        """The day in a line."""
        calls = self._engine.log()
        forwarded = sum(call.outcome == "forwarded" for call in calls)
        click.echo(f"\n{len(calls)} calls: {forwarded} brought to a human, {len(calls) - forwarded} missed and texted.")

    def _say(self, text: str) -> None:
        click.echo(f"{self._world.wall().astimezone():%H:%M:%S}  {text}")


class _Teller:
    """Follows the calls of one line."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._record: CallRecord | None = None
        self._said: tuple[object, ...] = ()
        self._attempts = 0

    def look(self, seat: Seat) -> None:
        """Say what is new of the seat's call."""
        if seat.call is not None:
            self._follow(seat.call.record, seat.call.state.value)
        elif self._record is not None:
            self._finish(self._record)

    def _follow(self, record: CallRecord, state: str) -> None:
        if record is not self._record:
            self._record, self._said, self._attempts = record, (), 0
            click.echo()
        self._tell_attempts(record)
        doing = (state, record.rings if state == "ringing" else 0, record.caller if state == "ringing" else None)
        if doing == self._said:
            return
        self._said = doing
        if state == "ringing" and record.rings:
            who = record.caller or ("a withheld number" if record.withheld else "somebody")
            self._say(f"☎ {who} on {record.line}: ring {record.rings}")
        elif state in _DOING:
            self._say(f"  {_DOING[state]}")

    def _finish(self, record: CallRecord) -> None:
        self._tell_attempts(record)
        name = f" ({record.caller_name})" if record.caller_name else ""
        how = f"to {record.target} by {record.method}" if record.target else f"({record.reason})"
        self._say(f"● {record.caller or 'withheld'}{name}: {record.outcome} {how}".replace("_", " "))
        self._record = None

    def _tell_attempts(self, record: CallRecord) -> None:
        for attempt in record.attempts[self._attempts :]:
            self._say(f"  {_tried(attempt)}")
        self._attempts = len(record.attempts)


def _tried(attempt: Attempt) -> str:
    return f"{attempt.target}: {attempt.result.replace('_', ' ')} after {attempt.seconds:.0f} s"
