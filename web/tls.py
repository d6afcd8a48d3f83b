"""TLS under waitress, which has none: a connection that shakes hands without ever waiting.

Cheroot, the usual server that has TLS, shakes hands in the thread that takes connections, and waits up to ten seconds
for each: one client that says nothing would keep all others out. Here the same loop that reads from all connections
does it step by step, as OpenSSL's non-blocking mode allows (SSL_do_handshake(3)).
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from web.bodies import Channel

if TYPE_CHECKING:
    from waitress.adjustments import Adjustments
    from waitress.server import BaseWSGIServer

HANDSHAKE_WITHIN = 10.0
"""Seconds; after that nobody waits for whoever is there any longer."""
RECORD = 16384
"""Bytes: the most a TLS record holds, so that nothing read stays behind in OpenSSL, where select(2) cannot see it."""


def context(pair: Path) -> ssl.SSLContext:
    """With this key and certificate. Raises OSError (ssl.SSLError is one) where they are no such thing."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.options |= ssl.OP_NO_RENEGOTIATION
    made.set_alpn_protocols(["http/1.1"])
    made.load_cert_chain(pair)
    return made


class TlsChannel(Channel):
    """A connection over TLS. The loop's thread reads, that of a request writes: one at a time, for OpenSSL's sake."""

    def __init__(
        self,
        server: BaseWSGIServer,
        sock: ssl.SSLSocket,
        addr: object,
        adj: Adjustments,
        map: dict[int, object] | None = None,
    ) -> None:
        self.will_close = False
        self._is_shaken = False
        self._wants_write = False
        self._until = time.monotonic() + HANDSHAKE_WITHIN
        self._came = b""
        self._one_at_a_time = threading.Lock()
        super().__init__(server, sock, addr, adj, map)

    def readable(self) -> bool:
        """Also while it shakes hands; not for ever."""
        if not self._is_shaken:
            if time.monotonic() > self._until:
                self.will_close = True
            return not self.will_close
        return bool(super().readable())

    def writable(self) -> bool:
        """Also where TLS itself has something to say."""
        return bool(self._wants_write or super().writable())

    def handle_read(self) -> None:
        """Something came."""
        try:
            if not self._is_shaken:
                self._shake()
                return
            with self._one_at_a_time:
                self._came = self.socket.recv(RECORD)
        except ssl.SSLWantReadError:
            return
        except ssl.SSLWantWriteError:
            self._wants_write = True
            return
        except (OSError, ValueError):  # no TLS, or a broken one; closed meanwhile
            self.handle_close()
            return
        super().handle_read()

    def recv(self, size: int) -> bytes:
        """What handle_read has decrypted; nothing: the other side has closed."""
        if not self._came:
            self.handle_close()
        return self._came

    def handle_write(self) -> None:
        """There is room to send."""
        self._wants_write = False
        if self._is_shaken or self.will_close:
            super().handle_write()
        else:
            self.handle_read()

    def send(self, data: bytes, do_close: bool = True) -> int:
        """How much of it went out. OpenSSL wants to be given the same bytes again, which waitress does."""
        with self._one_at_a_time:
            if not self._is_shaken:
                return 0  # closed by now: nothing leaves without TLS
            try:
                return int(self.socket.send(data))
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return 0

    def handle_close(self) -> None:
        """Say goodbye, without waiting for an answer."""
        with self._one_at_a_time:
            if self._is_shaken:
                self._is_shaken = False
                with suppress(OSError, ValueError):
                    self.socket.unwrap()
        super().handle_close()

    def _shake(self) -> None:
        with self._one_at_a_time:
            self.socket.do_handshake()
        self._is_shaken = True


def wrapped(conn: socket.socket, under: ssl.SSLContext) -> ssl.SSLSocket:
    """A connection that will shake hands when it is read from. Raises OSError."""
    conn.setblocking(False)
    return under.wrap_socket(conn, server_side=True, do_handshake_on_connect=False)
