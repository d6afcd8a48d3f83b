"""`rufweiche demo`: the real engine and the real page, on a simulated landline and a simulated mobile stick.

The exchange and its modems live on pseudo-terminals in a thread of their own; the engine cannot tell them from sticks.
A little day of calls is played while the page is open, and told line by line; then it goes on until Ctrl-C, with calls
placed and things broken from the page's panel.
"""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from appliance.announcer import Announcer
from appliance.core.settings import to_json
from appliance.core.settings_check import check
from appliance.demo_narrator import Narrator
from appliance.demo_world import DAY_LASTS, LANDLINE, MOBILE, STICK, DemoWorld
from appliance.engine import Engine
from appliance.ports import clock
from appliance.ports.world import RealWorld
from appliance.simulator.pty import RealTimeHost
from appliance.store.database import Store
from appliance.store.live import Live

if TYPE_CHECKING:
    from waitress.server import BaseWSGIServer

PASSWORD = "Hobel und Zwinge"
"""Of the demo's page, said on the terminal: it is open to this machine alone."""
OWNER = "+4915199999999"
SETTINGS: dict[str, object] = {
    "business": {"name": "Tischlerei Muster", "language": "de", "region": "BY", "owner_mobile": OWNER},
    "target": [
        {"name": "Büro Berlin", "number": "+49301111111", "ring_seconds": 15},
        {"name": "Anna", "number": MOBILE, "ring_seconds": 15},
    ],
    "plan": [
        {"name": "offen", "answer_after_rings": 2, "chain": ["Büro Berlin", "Anna"]},
        {"name": "weg", "answer_after_rings": 1, "chain": ["Anna"], "otherwise": "voicemail"},
    ],
    "timetable": {"otherwise": "offen", "away": "weg"},
    "caller": [{"number": "+4989777*", "name": "Firma Huber"}],
}


def run_demo(state: Path | None, port: int, new: bool = False) -> None:
    """Until Ctrl-C. Settings in `state` are replaced; `new`: a box nobody has set up yet. Raises RufweicheError."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    with _folder(state) as folder:
        world = DemoWorld()
        host = RealTimeHost(world.exchange)
        ports = world.plug_in(host, folder)
        if not new:
            _provision(folder, ports)
        with host, Store.open(folder, create=True, wait=0.02) as store:
            live, outside = Live(folder, clock.boot_id()), DemoOutside(ports)
            try:
                engine = Engine(store, outside, live, announcer=Announcer(folder))
                with _page(folder, port, host, world, new) as address:
                    _introduce(address, folder, new)
                    with suppress(KeyboardInterrupt):  # the end its first line offers
                        _play(engine, outside, host, world, new)
                    engine.stop()
                    engine.run()
            finally:
                outside.close()
                live.close()


class DemoOutside(RealWorld):
    """The real world, with the simulated modems plugged in: a box that nobody has set up finds them."""

    def __init__(self, ports: dict[str, Path]) -> None:
        super().__init__()
        self._modems = [ports["landline"], ports["stick"]]
        self._sound = {str(ports["stick"]): str(ports["sound"])}

    def candidates(self) -> list[str]:
        """Those that are not pulled out."""
        return [str(link) for link in self._modems if link.exists()]

    def sibling(self, path: str, interface: int) -> str | None:
        """Where the stick has its sound."""
        return self._sound.get(path)


def _introduce(address: str, folder: Path, new: bool) -> None:
    click.echo(f"The page is at {address} – ", nl=False)
    if new:
        from appliance.store.page import PageStore
        from web import claim

        with PageStore.open(folder, create=True) as store:
            click.echo(f"the set-up code is {claim.code(store, folder)}.")
    else:
        click.echo(f"the password is: {PASSWORD}")
    click.echo("Its panel places calls and breaks things. Ctrl-C ends the demo.\n")


def _play(engine: Engine, outside: RealWorld, host: RealTimeHost, world: DemoWorld, new: bool) -> None:
    """Serve until interrupted; the little day begins as soon as every line is ready."""
    narrator = Narrator(engine, outside, host.exchange)
    day_over = float("inf")
    begun = new
    while True:
        if not begun and engine.seats and all(seat.driver.state() == "ready" for seat in engine.seats):
            begun = True
            narrator.introduce()
            host.do(world.begin_day)
            day_over = outside.now() + DAY_LASTS
        engine.turn()
        narrator.look()
        if outside.now() >= day_over:
            day_over = float("inf")
            narrator.sum_up()
            click.echo("The demo goes on: place a call yourself on the page's panel. Ctrl-C ends it.")


@contextmanager
def _page(folder: Path, port: int, host: RealTimeHost, world: DemoWorld, new: bool) -> Iterator[str]:
    """The page with the panel, served by threads of this process; its address."""
    from appliance.demo_panel import panel
    from appliance.store.page import PageStore
    from web import claim
    from web.clock import Clock
    from web.factory import create_app
    from web.serve import server_for

    if not new:
        with PageStore.open(folder, create=True) as store:
            claim.set_password(store, PASSWORD)
    app = create_app(folder, Clock(clock.wall, clock.monotonic, clock.boot_id), [panel(host, world)])
    server: BaseWSGIServer = server_for(app, "127.0.0.1", port)
    thread = threading.Thread(target=server.run, name="page", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.close()


def _provision(folder: Path, ports: dict[str, Path]) -> None:
    lines = [
        {
            "name": "Laden",
            "kind": "analog",
            "port": str(ports["landline"]),
            "number": LANDLINE,
            "site": "fritzbox",
            "forward_by": ["bridge", "flash"],
            "bridge_over": "Stick",
        },
        {
            "name": "Stick",
            "kind": "gsm",
            "port": str(ports["stick"]),
            "audio_port": str(ports["sound"]),
            "number": STICK,
            "forward_by": ["transfer", "conference"],
        },
    ]
    checked = check({**SETTINGS, "line": lines})
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
