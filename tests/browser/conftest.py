"""Chromium, and boxes to open in it: a workshop in full swing, and a new box with a simulated modem and engine.

Pictures of every page are kept in .pictures, for people to look at.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from appliance.engine import Engine
from appliance.ports import clock
from appliance.ports.world import RealWorld
from appliance.simulator.module import GsmModule
from appliance.simulator.network import Exchange
from appliance.simulator.phones import Target
from appliance.simulator.pty import RealTimeHost
from appliance.store.database import Store
from appliance.store.live import Live
from tests.browser.page import Page
from tests.web import sample
from web.clock import Clock
from web.factory import create_app
from web.serve import server_for

OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--lang=de", "--force-prefers-reduced-motion",
)  # fmt: skip
BOX, OWNER, DESK = "+491711234567", "+4915112345678", "+49301111111"


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(autouse=True)
def _no_runtime_directory(monkeypatch):
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory) -> Iterator[webdriver.Chrome]:
    """One browser for all tests; each begins with an empty one, by `browser`."""
    with started(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@contextmanager
def started(folder: Path) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for option in (*OPTIONS, f"--user-data-dir={folder}"):
        options.add_argument(option)
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    driver.set_page_load_timeout(30)
    try:
        yield driver
    finally:
        driver.quit()


@pytest.fixture
def browser(chromium) -> Iterator[Page]:
    """A browser that has been nowhere yet; a phone, by day, with scripts."""
    chromium.execute_cdp_cmd("Network.clearBrowserCookies", {})
    page = Page(chromium)
    page.scripts(True)
    page.theme("light")
    page.size(360, 740)
    yield page
    page.scripts(True)
    chromium.get("about:blank")


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """An application on a port of its own; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = server_for(app, "127.0.0.1", port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.close()
        thread.join(5)


@pytest.fixture
def workshop(tmp_path) -> Iterator[str]:
    """The page of the sample box, whose engine lives; its address."""
    sample.fill(tmp_path)
    watch, stop = sample.FixedClock(), threading.Event()

    def live() -> None:
        while True:
            sample.show_live(tmp_path, clock.monotonic(), [sample.LINE])
            if stop.wait(2):
                return

    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    app = create_app(tmp_path, Clock(lambda: watch.now, clock.monotonic, lambda: "boot"))
    with served(app) as address:
        yield address
    stop.set()
    thread.join(5)
    app.extensions["rufweiche.stores"].close()


# --- a new box, with everything there is behind it ---------------------------------------------


class World(RealWorld):
    """The real world, with one simulated stick plugged in."""

    def __init__(self, link: Path) -> None:
        super().__init__()
        self._link = link

    def candidates(self) -> list[str]:
        """The stick."""
        return [str(self._link)]


class NewBox:
    """A box nobody has set up, with an engine, an exchange and people to call it."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.exchange = Exchange()
        self.exchange.set_target(Target(DESK, "answers", after=2.0, talks_for=6.0))
        self.module = GsmModule(self.exchange, "stick", BOX, "simcom")
        self.host = RealTimeHost(self.exchange)
        self.link = state.parent / "ttyUSB0"
        self.host.add(self.module, self.link)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.failure: BaseException | None = None

    @contextmanager
    def running(self) -> Iterator[str]:
        """Everything runs; the page's address."""
        self.state.mkdir(exist_ok=True)
        (self.state / "setup-code").write_text(sample.CODE)
        app = create_app(self.state, Clock(clock.wall, clock.monotonic, clock.boot_id))
        with self.host:
            self._thread.start()
            try:
                with served(app) as address:
                    yield address
            finally:
                self._stop.set()
                self._thread.join(15)
                app.extensions["rufweiche.stores"].close()
        if self.failure:
            raise self.failure

    def call(self, caller: str = OWNER) -> None:
        """Somebody calls the box."""
        self.host.do(lambda: self.exchange.call(BOX, caller, talks_for=3.0, patience=40.0))

    def _run(self) -> None:
        try:
            with Store.open(self.state, create=True, wait=0.02) as store:
                live, outside = Live(self.state, clock.boot_id()), World(self.link)
                try:
                    engine = Engine(store, outside, live)
                    while not self._stop.is_set():
                        engine.turn()
                    engine.stop()
                    engine.run()
                finally:
                    outside.close()
                    live.close()
        except BaseException as failure:  # noqa: BLE001 - the test says it
            self.failure = failure


@pytest.fixture
def new_box(tmp_path) -> NewBox:
    """Not running yet: `with new_box.running() as address`."""
    return NewBox(tmp_path / "state")
