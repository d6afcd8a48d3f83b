"""`rufweiche demo`: the real engine on a simulated line, through a little day of calls at a visible pace.

The exchange and its module live on a pseudo-terminal in a thread of their own; the engine cannot tell them from
a stick. Time runs PACE times as fast as on the wall, for both.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import click

from appliance.core.outside import Port
from appliance.core.records import Attempt, CallRecord
from appliance.core.settings import to_json
from appliance.core.settings_check import check
from appliance.engine import Engine
from appliance.ports import clock
from appliance.ports.world import RealWorld
from appliance.simulator import scenario
from appliance.simulator.journal import Delivered
from appliance.simulator.network import Exchange
from appliance.simulator.pty import RealTimeHost
from appliance.store.database import Store
from appliance.store.live import Live

PACE = 6.0
DAY = "little-day"
OWNER = "+4915199999999"
LINE = {"name": "office", "kind": "gsm", "number": "+498912345", "forward_by": ["transfer", "conference"]}
SETTINGS: dict[str, object] = {
    "business": {"name": "Tischlerei Muster", "language": "de", "owner_mobile": OWNER},
    "target": [
        {"name": "Büro Berlin", "number": "+49301111111", "ring_seconds": 15},
        {"name": "Anna", "number": "+4915112345678", "ring_seconds": 15},
    ],
    "plan": [{"name": "offen", "answer_after_rings": 3, "chain": ["Büro Berlin", "Anna"]}],
    "timetable": {"otherwise": "offen"},
    "caller": [{"number": "+4989777*", "name": "Firma Huber"}],
}


class HurriedWorld(RealWorld):
    """The real world on the clock of the simulated exchange."""

    def __init__(self, host: RealTimeHost) -> None:
        super().__init__()
        self._host = host
        self._began_at = clock.wall() - timedelta(seconds=host.now())

    def now(self) -> float:
        """Monotonic seconds, hurried."""
        return self._host.now()

    def wall(self) -> datetime:
        """Wall time, hurried."""
        return self._began_at + timedelta(seconds=self._host.now())

    def wait(self, ports: Collection[Port], until: float | None) -> None:
        """As in the real world, for as much less time."""
        if until is not None:
            until = clock.monotonic() + (until - self.now()) / self._host.scale
        super().wait(ports, until)


def run_demo(state: Path | None, port: int) -> None:
    """Play the day and say what happens, line by line; `port` is the web page's. Settings in `state` are replaced."""
    with _folder(state) as folder:
        exchange = Exchange()
        day = scenario.load(DAY)
        modules = day.stage(exchange)
        host = RealTimeHost(exchange, scale=PACE)
        link = folder / "modem"
        host.add(modules["office"], link)
        _provision(folder, link)
        click.echo(f"A little day at the Tischlerei Muster, {PACE:.0f} times as fast as in life. Ctrl-C ends it.\n")
        with host, Store.open(folder, wait=0.02) as store:
            live = Live(folder, clock.boot_id())
            world = HurriedWorld(host)
            try:
                engine = Engine(store, world, live)
                with suppress(KeyboardInterrupt):  # the end its first line offers
                    _play(engine, world, host, day, partial(day.begin, exchange, modules))
            finally:
                live.close()
                world.close()
        if state:
            click.echo(f"\nLook at it again: rufweiche calls --state {state}")
        click.echo(f"\nThe web page, which port {port} is kept for, is not part of this version yet.")


def _play(
    engine: Engine, world: HurriedWorld, host: RealTimeHost, day: scenario.Scenario, begin: Callable[[], None]
) -> None:
    narrator = Narrator(engine, world, host.exchange)
    while engine.seats[0].driver.state() != "ready":
        engine.turn()
    narrator.introduce()
    host.do(begin)
    until = world.now() + day.lasts
    while world.now() < until:
        engine.turn()
        narrator.look()
    engine.stop()
    engine.run()
    narrator.sum_up()


class Narrator:
    """Looks at the engine after each of its turns and says what is new."""

    def __init__(self, engine: Engine, world: HurriedWorld, exchange: Exchange) -> None:
        self._engine = engine
        self._world = world
        self._exchange = exchange
        self._record: CallRecord | None = None
        self._said: tuple[object, ...] = ()
        self._attempts = 0
        self._read = 0

    def introduce(self) -> None:
        """The line as it is."""
        line = self._engine.lines()[0]
        self._say(f"Line {line['name']} is ready: {line['model']}, {line['operator']}, {line['signal_dbm']} dBm.")

    def look(self) -> None:
        """Say what is new."""
        call = self._engine.seats[0].call
        if call is not None:
            self._follow(call.record, call.state.value)
        elif self._record is not None:
            self._finish(self._record)
        entries, self._read = self._exchange.journal.since(self._read)
        for entry in entries:
            if isinstance(entry, Delivered):
                self._say(f"✉ text to the owner: {entry.text}")

    def sum_up(self) -> None:
        """The day in a line."""
        calls = self._engine.log()
        forwarded = sum(call.outcome == "forwarded" for call in calls)
        click.echo(f"\n{len(calls)} calls: {forwarded} brought to a human, {len(calls) - forwarded} missed and texted.")

    def _follow(self, record: CallRecord, state: str) -> None:
        if record is not self._record:
            self._record, self._said, self._attempts = record, (), 0
            click.echo()
        for attempt in record.attempts[self._attempts :]:
            self._say(f"  {_tried(attempt)}")
        self._attempts = len(record.attempts)
        doing = (state, record.rings if state == "ringing" else 0, record.caller if state == "ringing" else None)
        if doing == self._said:
            return
        self._said = doing
        if state == "ringing" and record.rings:
            who = record.caller or "a withheld number"
            self._say(f"☎ {who}: ring {record.rings}" if record.caller or record.withheld else f"☎ ring {record.rings}")
        elif state in _DOING:
            self._say(f"  {_DOING[state]}")

    def _finish(self, record: CallRecord) -> None:
        for attempt in record.attempts[self._attempts :]:
            self._say(f"  {_tried(attempt)}")
        name = f" ({record.caller_name})" if record.caller_name else ""
        what = f"forwarded to {record.target} by {record.method}" if record.target else f"missed, {record.reason}"
        self._say(f"● {record.caller or 'withheld'}{name}: {what.replace('_', ' ')}")
        self._record = None

    def _say(self, text: str) -> None:
        click.echo(f"{self._world.wall().astimezone():%H:%M:%S}  {text}")


_DOING = {
    "answering": "lifts",
    "calling": "caller on hold, calls the target",
    "joining": "the target answers: connects the two",
    "fetching": "takes the caller off hold",
    "connected": "both talk, through the box",
}


def _tried(attempt: Attempt) -> str:
    return f"{attempt.target}: {attempt.result.replace('_', ' ')} after {attempt.seconds:.0f} s"


def _provision(folder: Path, link: Path) -> None:
    checked = check({**SETTINGS, "line": [{**LINE, "port": str(link)}]})
    assert checked.settings is not None, checked.mistakes
    with Store.open(folder, create=True) as store:
        store.save_settings(to_json(checked.settings))


@contextmanager
def _folder(state: Path | None) -> Iterator[Path]:
    if state is not None:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield state
        return
    with tempfile.TemporaryDirectory(prefix="rufweiche-demo-") as folder:
        yield Path(folder)
