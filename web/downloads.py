"""Files that are made when somebody asks for them, and are gone once they are sent."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from flask import Response

PART = 64 << 10
_BEGINNING = ".download-"


def send_made(folder: Path, name: str, mimetype: str, make: Callable[[Path], object]) -> Response:
    """Let `make` write a file, and send it under this name. It has no name any more when it is sent, so that nothing
    stays, whatever happens to us. Raises what `make` does, OSError."""
    path = folder / f"{_BEGINNING}{secrets.token_hex(8)}{Path(name).suffix}"
    try:
        make(path)
        fd = os.open(path, os.O_RDONLY)
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)
    answer = Response(_parts(fd), mimetype=mimetype, direct_passthrough=True)
    answer.content_length = os.fstat(fd).st_size
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _parts(fd: int) -> Iterator[bytes]:
    with os.fdopen(fd, "rb") as file:
        while part := file.read(PART):
            yield part
