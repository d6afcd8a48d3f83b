"""How much somebody may send: little, but an update from whoever holds a session of the owner's.

Waitress keeps a whole request before the application sees it, in a nameless file where it is not small; so this is
decided by its head alone.
"""

from __future__ import annotations

import copy
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any

from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser

from web.security import prefixed

if TYPE_CHECKING:
    from flask import Flask

LARGEST = 65 << 20
"""Bytes of any request; the application has tighter bounds page by page."""
LARGEST_UPDATE = 600 << 20
"""Bytes of an update bundle: some 200 MB."""
UPDATE = "/device/update"


class BoundedParser(HTTPRequestParser):  # type: ignore[misc]  # waitress ships no types
    """Reads the head of a request, and knows then how long it may be. `adj.app`: the application."""

    adj: Any
    error: Any
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
        if self.path == UPDATE and _was_owner(self.adj.app, self.headers.get("COOKIE", ""), self.adj.url_scheme):
            self.adj = copy.copy(self.adj)
            self.adj.max_request_body_size = LARGEST_UPDATE


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection whose requests are bounded so."""

    parser_class = BoundedParser


def bound(server: Any, app: Flask) -> None:  # noqa: ANN401 - one of waitress's, which share what matters here
    """Have a server of waitress's take no more than that."""
    server.adj.app = app
    server.adj.max_request_body_size = LARGEST
    server.channel_class = Channel


def _was_owner(app: Flask, cookies: str, scheme: str) -> bool:
    """Whether somebody who was once logged in sends this: what is not forged, without asking the store. Whether he
    still is, the page says."""
    try:
        sent = SimpleCookie(cookies).get(prefixed(app.config["SESSION_COOKIE_NAME"], scheme == "https"))
        serializer = SecureCookieSessionInterface().get_signing_serializer(app)
        return bool(sent and serializer and "secret" in serializer.loads(sent.value))
    except (CookieError, BadSignature, TypeError):
        return False
