"""A box with sample data, its page, and browsers in front of it.

`client` is logged in on a day at the Tischlerei Muster; `guest` is the same box seen by a stranger; `new_box` is one
that nobody has set up. `watch` is the clock all of them go by.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from appliance.store.page import PageStore
from tests.web import sample
from web import compiled
from web.factory import create_app


class Browser(FlaskClient):
    """Sends a form as a page of ours would: with the token, and to whatever comes after. Takes every answer whole, as a
    server does: what a download has open is closed.
    """

    def open(
        self, *args: object, buffered: bool = True, follow_redirects: bool = False, **kwargs: object
    ) -> TestResponse:
        return super().open(*args, buffered=buffered, follow_redirects=follow_redirects, **kwargs)

    def token(self) -> str:
        """A token of this session, from a page with a form."""
        for page in ("/login", "/setup/", "/access"):
            found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page, follow_redirects=True).text)
            if found:
                return found[1]
        raise AssertionError("no form anywhere")

    def send(self, path: str, _follow: bool = True, **fields: object) -> TestResponse:
        """Post a form."""
        data = {**fields, "csrf_token": self.token()}
        return self.post(path, data=data, follow_redirects=_follow)

    def enter(self, now: datetime) -> None:
        """As the owner, past the form, whose password takes a while to check."""
        digest = hashlib.sha256(b"secret").hexdigest()
        self.application.extensions["rufweiche.stores"].open().open_session(digest, now, "127.0.0.1", "Browser")
        with self.session_transaction() as session:
            session["secret"], session.permanent = "secret", True

    def log_in(self, password: str = sample.PASSWORD) -> TestResponse:
        """As the owner."""
        return self.send("/login", password=password)


@pytest.fixture(autouse=True)
def _no_runtime_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)


@pytest.fixture
def watch() -> sample.FixedClock:
    return sample.FixedClock()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """The state directory of `app`."""
    return tmp_path / "state"


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The state directory of the Tischlerei, to be copied: making it takes longer than most tests."""
    folder = tmp_path_factory.mktemp("filled")
    sample.fill(folder)
    compiled.everything(folder)  # once for all tests, too
    return folder


@pytest.fixture
def app(state: Path, watch: sample.FixedClock, filled: Path) -> Iterator[Flask]:
    shutil.copytree(filled, state)
    sample.show_live(state, watch.passed, [sample.LINE])
    yield from page(state, watch)


@pytest.fixture
def new_box(state: Path, watch: sample.FixedClock) -> Iterator[Browser]:
    """A browser in front of a box without settings and owner, whose engine has found a modem."""
    state.mkdir()
    (state / "setup-code").write_text(sample.CODE + "\n")
    sample.show_live(state, watch.passed, [], found=[sample.FOUND])
    for app in page(state, watch):
        yield app.test_client()


def page(state: Path, watch: sample.FixedClock) -> Iterator[Flask]:
    app = create_app(state, watch.clock())
    app.testing = True
    app.test_client_class = Browser
    try:
        yield app
    finally:
        app.extensions["rufweiche.stores"].close()


@pytest.fixture
def guest(app: Flask) -> Browser:
    return app.test_client()


@pytest.fixture
def client(app: Flask, watch: sample.FixedClock) -> Browser:
    browser = app.test_client()
    browser.enter(watch.now)
    return browser


@pytest.fixture
def store(state: Path, request: pytest.FixtureRequest) -> Iterator[PageStore]:
    """The same store, as another process sees it; the box is there first, whatever the test names first."""
    for name in {"app", "client", "guest", "new_box"} & set(request.fixturenames):
        request.getfixturevalue(name)
    with PageStore.open(state, create=True) as opened:
        yield opened
