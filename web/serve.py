"""`rufweiche web`: the page behind waitress, on a port of its own or on a socket that systemd hands over."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import waitress

from appliance.core.errors import RufweicheError
from web.clock import Clock
from web.factory import create_app

if TYPE_CHECKING:
    from flask import Flask
    from waitress.server import BaseWSGIServer

THREADS = 4
"""They serve twenty open pages, since no answer waits for anything: see live.js."""
LARGEST_BODY = 65 << 20
"""Bytes waitress takes before the application, which has tighter bounds page by page, sees a request."""
M_ARENA_MAX = -8
"""Of malloc.h."""
FIRST_HANDED = 3
"""The first file descriptor systemd hands over (sd_listen_fds(3))."""

log = logging.getLogger(__name__)


class CannotListen(RufweicheError):
    """The port is taken, or not ours to take."""


def serve(state: Path, clock: Clock, host: str, port: int) -> None:
    """Until SIGTERM or Ctrl-C. Raises RufweicheError."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # "task queue depth" is no news
    _keep_small()
    app = create_app(state, clock)
    handed = handed_sockets()
    server = server_for(app, host, port, handed)
    signal.signal(signal.SIGTERM, _stop)
    if not handed:
        log.info("The page is at http://%s:%d/", f"[{host}]" if ":" in host else host, port)
    try:
        server.run()
    finally:
        server.close()


def _keep_small() -> None:
    """One pool of memory for all threads (mallopt(3)): glibc would give each its own, and 6 MB would lie in them."""
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def server_for(app: Flask, host: str, port: int, handed: Sequence[socket.socket] = ()) -> BaseWSGIServer:
    """The server of an application, listening; `run()` serves. Raises CannotListen."""
    try:
        listening = {"sockets": handed} if handed else {"host": host, "port": port}
        return waitress.create_server(
            app,
            **listening,
            threads=THREADS,
            ident=None,
            clear_untrusted_proxy_headers=True,
            max_request_body_size=LARGEST_BODY,
            connection_limit=100,
            channel_timeout=60,
        )
    except OSError as error:
        raise CannotListen(f"cannot listen on {host} port {port}: {(error.strerror or str(error)).lower()}") from None


def handed_sockets() -> list[socket.socket]:
    """The sockets systemd listens on for us (socket activation); none when started by hand."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    count = os.environ.get("LISTEN_FDS", "")
    last = FIRST_HANDED + (int(count) if count.isdigit() else 0)
    return [socket.socket(fileno=number) for number in range(FIRST_HANDED, last)]


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
