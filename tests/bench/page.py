"""The web page on a log of years: how quickly each page is made, how much it sends, what open pages cost."""

from __future__ import annotations

import json
import random
import re
import socket
import ssl
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path
from urllib.parse import urlencode

from appliance.core.contacts import Contact
from appliance.core.records import Message
from appliance.ports import clock
from appliance.store.changes import SaveMessage
from appliance.store.page import PageStore
from tests.bench import calllog
from tests.bench.box import PROGRAM, Process, environment, state_folder
from tests.bench.figures import Figure, one
from tests.web import sample
from web import claim
from web.clock import Clock
from web.factory import create_app

CONTACTS, TEXTS = 10_000, 10_000
OPEN_PAGES, EVERY = 20, 2.0
"""How many pages are open, and how often each asks (s), as live.js does."""
NO_PAGE = re.compile(r"^/(login|static)|/live|\.|export")
KNOWN = {"nth": 0, "number": 1000}
"""What addresses name: the first of a list of the settings, and a call."""
_ANY = ssl.create_default_context()
_ANY.check_hostname, _ANY.verify_mode = False, ssl.CERT_NONE
"""Whatever certificate the box has made."""
LINK = re.compile(r'(?:href|src)="(/[^"#]*)"')


def measure(calls: int, times: int, seconds: float) -> list[Figure]:
    """A box with so many calls; each page so many times, then open pages for so long."""
    with state_folder() as folder:
        state = Path(folder)
        with PageStore.open(state, create=True) as store:
            store.save_settings(sample.settings_json())
            claim.set_password(store, sample.PASSWORD)
            calllog.fill(store, calls, random.Random(4))
            people = (Contact(f"+4989{number:07}", f"Kunde {number}", "", None, "", "") for number in range(CONTACTS))
            store.replace_contacts("csv", people)
            store.write(*(_text(number) for number in range(TEXTS)))
        browser, began = Browser(state), time.monotonic()
        with browser.served():
            found = [one("page: from start to its first answer", "s", browser.answered - began, 1.5)]
            browser.log_in()
            found += _pages(browser, times)
            found += _open_pages(browser, seconds)
            found.append(one("page: resident after all that (VmRSS)", "MB", browser.process.resident_mb, 48))
        browser = Browser(state, secure=True)
        with browser.served():
            browser.log_in()
            for path in pages(state):
                browser.show()
                browser.get(path)
            _open_pages(browser, min(seconds, 10))
            found.append(one("page: resident with every page visited by HTTPS", "MB", browser.process.resident_mb, 48))
    return found


def _text(number: int) -> SaveMessage:
    """One of those of three months."""
    at = clock.wall() - timedelta(minutes=13 * number)
    words = f"Verpasster Anruf: Kunde {number}, 089 7771234. Niemand erreicht: Büro besetzt, Anna nahm nicht ab."
    return SaveMessage(Message(f"bench-{number}", "missed", "+4915112345678", words, at, state="sent", sent_at=at))


def _pages(browser: Browser, times: int) -> list[Figure]:
    slowest, largest, medians = ("", 0.0), ("", 0), []
    for path in pages(browser.state):
        took = []
        for _ in range(times):
            browser.show()
            began = time.perf_counter()
            answer, content = browser.get(path)
            took.append((time.perf_counter() - began) * 1000)
            if answer.status >= 500:
                raise RuntimeError(f"{path} answered {answer.status}")
        if answer.status != 200:
            continue  # it wants to be asked something
        medians.append(statistics.median(took))
        slowest = max(slowest, (path, medians[-1]), key=lambda pair: pair[1])
        largest = max(largest, (path, len(content)), key=lambda pair: pair[1])
    _, html = browser.get("/")
    files = {path for path in LINK.findall(html.decode()) if path.startswith("/static")}
    whole = len(html) + sum(len(browser.get(path)[1]) for path in files)
    return [
        Figure("page: each page's median", "ms", tuple(medians), limit_99=50, compared=f"slowest: {slowest[0]}"),
        one("page: largest over the wire", "kB", largest[1] / 1000, 60, compared=largest[0]),
        one("page: first view in all", "kB", whole / 1000, 300),
    ]


def pages(state: Path) -> list[str]:
    """The address of every page, of each kind one: those that need something said but a number or place say so."""
    app = create_app(state, Clock(clock.wall, clock.monotonic, clock.boot_id))
    app.extensions["rufweiche.stores"].close()
    adapter, found = app.url_map.bind("localhost"), []
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.arguments <= KNOWN.keys() and not NO_PAGE.search(str(rule)):
            found.append(adapter.build(rule.endpoint, {name: KNOWN[name] for name in rule.arguments}, method="GET"))
    return list(dict.fromkeys(found))


def _open_pages(browser: Browser, seconds: float) -> list[Figure]:
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=browser.poll, args=(number, until)) for number in range(OPEN_PAGES)]
    used, began = browser.process.cpu_seconds, time.monotonic()
    for thread in threads:
        thread.start()
    rings = 0
    while time.monotonic() < until:  # a call every half minute, which rings five times
        rings = (rings + 1) % 15
        browser.show(rings if rings <= 5 else 0)
        time.sleep(2)
    for thread in threads:
        thread.join()
    share = 100 * (browser.process.cpu_seconds - used) / (time.monotonic() - began)
    return [one(f"page: {OPEN_PAGES} open pages for {seconds:.0f} s, share of a core", "%", share, 5)]


class Browser:
    """Someone who is logged in, and the process that serves the page. `secure`: by HTTPS, which the box makes itself a
    certificate for."""

    def __init__(self, state: Path, secure: bool = False) -> None:
        self.state = state
        self.answered = 0.0
        self._cookies = ""
        self._secure = secure
        self._port, self._secure_port = _free_port(), _free_port()

    @contextmanager
    def served(self) -> Iterator[None]:
        """While the page is served."""
        command: list[str | Path] = [PROGRAM, "web", "--state", self.state, "--port", str(self._port)]
        command += ["--https-port", str(self._secure_port)] if self._secure else []
        process = subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL)
        self.process = Process(process.pid)
        try:
            while not self.answered:
                try:
                    self.get("/login")
                    self.answered = time.monotonic()
                except ConnectionRefusedError:
                    time.sleep(0.005)
            yield
        finally:
            process.terminate()
            process.wait(10)

    def get(
        self, path: str, method: str = "GET", body: str | None = None, **headers: str
    ) -> tuple[HTTPResponse, bytes]:
        """One request of its own connection."""
        connection = self._connection()
        try:
            connection.request(method, path, body, {"Cookie": self._cookies, **headers})
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def log_in(self) -> None:
        """As the owner."""
        answer, form = self.get("/login")
        self._keep(answer)
        found = re.search(rb'csrf_token" value="([^"]+)"', form)
        assert found
        sent = urlencode({"csrf_token": found[1].decode(), "password": sample.PASSWORD})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        headers["Referer"] = f"https://127.0.0.1:{self._secure_port}/"
        self._keep(self.get("/login", "POST", sent, **headers)[0])
        if self.get("/")[0].status != 200:
            raise RuntimeError("the page lets nobody in")

    def show(self, rings: int = 0) -> None:
        """What an engine shows: a sign of life, and a call that rings."""
        call = {"caller": "+49890000007", "rings": rings, "plan": "offen", "state": "ringing"}
        line = {**sample.LINE, "call": call if rings else None}
        file = self.state / "run" / "status.json"
        file.parent.mkdir(exist_ok=True)
        beside = file.with_suffix(".new")
        beside.write_text(json.dumps({"boot_id": clock.boot_id(), "monotonic": clock.monotonic(), "lines": [line]}))
        beside.replace(file)

    def poll(self, number: int, until: float) -> None:
        """As an open page does."""
        time.sleep(number * EVERY / OPEN_PAGES)
        connection, tag = self._connection(), ""
        while time.monotonic() < until:
            headers = {"Cookie": self._cookies, "X-Live": "1", "If-None-Match": tag}
            connection.request("GET", "/today/live", headers=headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status not in (200, 304):
                raise RuntimeError(f"an open page got {answer.status}")
            tag = answer.getheader("ETag") or tag
            time.sleep(EVERY)
        connection.close()

    def _connection(self) -> HTTPConnection:
        if not self._secure:
            return HTTPConnection("127.0.0.1", self._port, timeout=30)
        return HTTPSConnection("127.0.0.1", self._secure_port, timeout=30, context=_ANY)

    def _keep(self, answer: HTTPResponse) -> None:
        given = [value.partition(";")[0] for name, value in answer.getheaders() if name == "Set-Cookie"]
        self._cookies = "; ".join(given) or self._cookies


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
