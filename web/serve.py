"""`rufweiche web`: the page behind waitress, on ports of its own or on sockets that systemd hands over."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

import waitress
from waitress.server import BaseWSGIServer

from appliance.core.errors import RufweicheError, UserError
from web import bodies, certificate, commands, compiled
from web.clock import Clock
from web.factory import create_app
from web.heartbeat import Heartbeat, Notifier
from web.secure_door import SecureDoor

if TYPE_CHECKING:
    from flask import Flask

THREADS = 4
"""They serve twenty open pages, since no answer waits for anything: see live.js."""
BOUNDS = {
    "ident": None,
    "clear_untrusted_proxy_headers": True,
    "connection_limit": 100,
    "channel_timeout": 60,
    "inbuf_overflow": 32 << 10,
    "max_request_header_size": 32 << 10,
}
"""Of waitress, for either door. What all connections together keep in memory is small: the rest of a request lies in a
file, and a head is never long."""
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""Of malloc.h."""
LARGE = 128 << 10
"""Bytes of what is given back to the kernel at once when it is freed."""
FIRST_HANDED = 3
"""The first file descriptor systemd hands over (sd_listen_fds(3))."""
HTTPS = "https"
"""What the socket for TLS is called where it is handed over (FileDescriptorName=)."""

log = logging.getLogger(__name__)


class CannotListen(RufweicheError):
    """The port is taken, or not ours to take."""


def serve(state: Path, clock: Clock, notifier: Notifier, host: str, port: int, https_port: int | None = None) -> None:
    """Until SIGTERM or Ctrl-C. `https_port`: also by HTTPS, there. Raises RufweicheError."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # "task queue depth" is no news
    _keep_small()
    tempfile.tempdir = str(state)  # what somebody sends lies on the card; /tmp is memory on a box, and counts as ours
    commands.shape_store(state)
    app = create_app(state, clock)
    handed = handed_sockets()
    plain = [sock for name, sock in handed if name != HTTPS]
    secure = next((sock for name, sock in handed if name == HTTPS), None)
    watched: dict[int, Any] = {}
    server = server_for(app, host, port, plain, watched)
    if secure is not None or https_port is not None:
        open_secure_door(app, state, server, watched, secure, host, https_port or 0)
    signal.signal(signal.SIGTERM, _stop)
    shown = f"[{host}]" if ":" in host else host
    if not plain:
        log.info("The page is at http://%s:%d/", shown, port)
    if https_port is not None and secure is None:
        _switch_on(state, host)
        log.info("The page is also at https://%s:%d/", shown, https_port)
    aside = compiled.begin(state)
    loop = next(one for one in watched.values() if isinstance(one, BaseWSGIServer))
    Heartbeat(notifier, server.task_dispatcher, loop.trigger.pull_trigger).begin()
    try:
        server.run()
    finally:
        server.close()
        if aside is not None:
            aside.terminate()


def _keep_small() -> None:
    """One pool of memory for all threads (mallopt(3)): glibc would give each its own, and 6 MB would lie in them. What
    is large comes from outside of it, always: glibc would keep the 19 MB a password takes once it has seen them."""
    with suppress(OSError, AttributeError):  # another C library
        libc = ctypes.CDLL(None)
        libc.mallopt(M_ARENA_MAX, 1)
        libc.mallopt(M_MMAP_THRESHOLD, LARGE)
        libc.mallopt(M_TRIM_THRESHOLD, LARGE)


def server_for(
    app: Flask,
    host: str,
    port: int,
    handed: Sequence[socket.socket] = (),
    watched: dict[int, Any] | None = None,
) -> BaseWSGIServer:
    """The server of an application, listening; `run()` serves. `watched`: where it notes its sockets, by number. Raises
    CannotListen."""
    try:
        listening = {"sockets": handed} if handed else {"host": host, "port": port}
        watched = {} if watched is None else watched
        server = waitress.create_server(app, watched, **listening, threads=THREADS, **BOUNDS)
    except OSError as error:
        raise _cannot(host, port, error) from None
    for one in watched.values():
        if isinstance(one, BaseWSGIServer):
            bodies.bound(one, app)
    return server


def open_secure_door(
    app: Flask,
    state: Path,
    server: BaseWSGIServer,
    watched: dict[int, Any],
    handed: socket.socket | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> SecureDoor:
    """HTTPS beside a server, on a socket handed over or a port of its own (0: a free one). Raises CannotListen."""
    listening = {} if handed else {"host": host, "port": port}
    try:
        door = SecureDoor(app, state, watched, server.task_dispatcher, handed, **listening, **BOUNDS)
    except OSError as error:
        raise _cannot(host, port, error) from None
    bodies.bound(door, app)
    app.extensions["rufweiche.http"] = int(getattr(server, "effective_port", None) or server.effective_listen[0][1])
    app.extensions["rufweiche.https"] = int(door.effective_port)
    return door


def _cannot(host: str, port: int, error: OSError) -> CannotListen:
    return CannotListen(f"cannot listen on {host} port {port}: {(error.strerror or str(error)).lower()}")


def _switch_on(state: Path, host: str) -> None:
    name = socket.gethostname()
    try:
        certificate.switch_on(state, [name, f"{name}.local", host, "localhost", "127.0.0.1", "::1"])
    except OSError as error:
        raise UserError(f"{state / certificate.FOLDER} cannot be written: {error.strerror}") from None


def handed_sockets() -> list[tuple[str, socket.socket]]:
    """The sockets systemd listens on for us (socket activation), each with its name; none when started by hand."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    count, names = os.environ.get("LISTEN_FDS", ""), os.environ.get("LISTEN_FDNAMES", "").split(":")
    last = FIRST_HANDED + (int(count) if count.isdigit() else 0)
    names += [""] * (last - FIRST_HANDED)
    numbers = range(FIRST_HANDED, last)
    return [(name, socket.socket(fileno=number)) for number, name in zip(numbers, names, strict=False)]


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
