"""How much somebody may send: a form; files only from whoever holds a session of ours.

Waitress keeps a whole request before the application sees it, in a nameless file where it is not small; so this is
decided by its head alone. Anybody on the network could fill card and memory otherwise.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any

from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser

from web.login import OWNER, PRESENT
from web.security import prefixed

if TYPE_CHECKING:
    from flask import Flask

LARGEST = 65 << 20
"""Bytes of a request that may bring a file; the application has tighter bounds page by page."""
LARGEST_UPDATE = 600 << 20
"""Bytes of an update bundle: some 200 MB."""
UPDATE = "/device/update"


class BoundedParser(HTTPRequestParser):  # type: ignore[misc]  # waitress ships no types
    """Reads the head of a request, and knows then how long it may be. `adj.app`: the application."""

    adj: Any
    error: Any
    body_rcv: Any
    expect_continue: bool

    def received(self, data: bytes) -> int:
        """Take what came; how much of it. Who sends too much is not asked to go on, which waitress would do."""
        taken = int(super().received(data))
        if self.error:
            self.expect_continue = False
        return taken

    def parse_header(self, header_plus: bytes) -> None:
        """Read it. Raises what waitress takes for a wrong request."""
        super().parse_header(header_plus)
        if self.body_rcv is None:
            return
        held = _session(self.adj.app, self.headers.get("COOKIE", ""), self.adj.url_scheme)
        if OWNER in held or PRESENT in held:
            self.adj = copy.copy(self.adj)
            self.adj.max_request_body_size = LARGEST_UPDATE if self.path == UPDATE and OWNER in held else LARGEST


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection whose requests are bounded so."""

    parser_class = BoundedParser


def bound(server: Any, app: Flask) -> None:  # noqa: ANN401 - one of waitress's, which share what matters here
    """Have a server of waitress's take no more than that."""
    server.adj.app = app
    server.adj.max_request_body_size = app.config["MAX_CONTENT_LENGTH"] + 1  # waitress takes less than it says
    server.channel_class = Channel


def _session(app: Flask, cookies: str, scheme: str) -> Mapping[str, object]:
    """What is in the session of whoever sends this: what is not forged, without asking the store. Whether it still
    counts, the page says."""
    try:
        sent = SimpleCookie(cookies).get(prefixed(app.config["SESSION_COOKIE_NAME"], scheme == "https"))
        serializer = SecureCookieSessionInterface().get_signing_serializer(app)
        held = serializer.loads(sent.value) if sent and serializer else None
    except (CookieError, BadSignature, TypeError):
        return {}
    return held if isinstance(held, dict) else {}
