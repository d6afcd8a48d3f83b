"""The page's second door, for HTTPS: closed to everybody until the owner switches it on; then it takes connections at
once, without a restart. Of TLS nothing is loaded before (2 MB)."""

from __future__ import annotations

import logging
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from web import certificate

if TYPE_CHECKING:
    import ssl

    from flask import Flask
    from waitress.task import ThreadedTaskDispatcher

log = logging.getLogger(__name__)


class SecureDoor(TcpWSGIServer):  # type: ignore[misc]  # waitress ships no types
    """A listening socket beside that of `server`, with the same application, threads and loop (`watched`: its sockets).

    Give a socket that listens already, or the host and port to listen on. Raises OSError.
    """

    def __init__(
        self,
        application: Flask,
        state: Path,
        watched: dict[int, Any],
        threads: ThreadedTaskDispatcher,
        handed: socket.socket | None = None,
        **adjusted: object,
    ) -> None:
        self._state = state
        self._context: tuple[tuple[int, int], ssl.SSLContext] | None = None
        adj = Adjustments(url_scheme="https", **adjusted)
        info = None if handed is None else (handed.family, handed.type, handed.proto, handed.getsockname())
        super().__init__(
            application, watched, True, handed, threads, adj, info or adj.listen[0], bind_socket=handed is None
        )

    def handle_accept(self) -> None:
        """Somebody is at the door."""
        try:
            found = self.accept()
        except OSError:
            return  # gone before we looked
        if found is None:
            return
        conn, addr = found
        try:
            under = self._present() if certificate.is_on(self._state) else None
            if under is None:
                conn.close()
                return
            from web import tls

            self.set_socket_options(conn)
            tls.TlsChannel(self, tls.wrapped(conn, under), addr, self.adj, map=self._map)
        except (OSError, ValueError):
            conn.close()

    def _present(self) -> ssl.SSLContext | None:
        """By the certificate there is now; read anew when it is another one."""
        pair = certificate.pair(self._state)
        try:
            stat = pair.stat()
            mark = (stat.st_ino, stat.st_mtime_ns)
            if self._context is None or self._context[0] != mark:
                from web import tls

                self._context = (mark, tls.context(pair))
        except OSError as error:
            if self._context is None:
                log.warning("HTTPS is switched on, but its certificate cannot be used: %s", error)
                return None
        return self._context[1] if self._context else None
