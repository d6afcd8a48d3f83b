"""The page's server at work in a thread of its own, and put away again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


@contextmanager
def running(server: Any, watched: dict[int, Any]) -> Iterator[None]:
    """While it lasts, `server` serves; `watched`: its sockets."""

    def run() -> None:
        with suppress(OSError, ValueError):
            server.run()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        server.task_dispatcher.shutdown()
        for one in list(watched.values()):
            one.close()
        server.trigger.close()
        thread.join(10)
