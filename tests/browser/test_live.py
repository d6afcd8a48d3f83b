"""Parts of a page that renew themselves (live.js), apart from the pages that have some."""

from __future__ import annotations

import threading
from pathlib import Path

from flask import Flask

from tests.browser.conftest import served

LIVE = (Path(__file__).parents[2] / "web/static/live.js").read_text("utf-8")
PAGE = (
    '<main>waiting</main><p id="unreachable" data-said=""></p><div data-live="/part" data-every="0.2"></div>'
    f"<script>{LIVE}</script>"
)


def test_a_page_that_is_slow_to_come_is_reached(browser):
    app, went = Flask(__name__), []
    app.config["MAX_CONTENT_LENGTH"] = 1000  # as every application of ours has one
    app.add_url_rule("/", "page", lambda: PAGE)
    app.add_url_rule("/part", "part", lambda: '<p data-done="/next">done</p>')

    @app.get("/next")
    def following() -> str:
        went.append("/next")
        threading.Event().wait(2)
        return "<main>arrived</main>"

    with served(app) as address:
        browser.open(f"{address}/")
        browser.wait_for("arrived", 8)
    assert went == ["/next"]
