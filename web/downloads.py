"""Files that are made when somebody asks for them, and are gone once they are sent."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from flask import Response, request
from werkzeug.wsgi import wrap_file

_BEGINNING = ".download-"


def send_made(folder: Path, name: str, mimetype: str, make: Callable[[Path], object]) -> Response:
    """Let `make` write a file, and send it under this name. It has no name any more when it is sent, so that nothing
    stays, whatever happens to us. Raises what `make` does, OSError."""
    path = folder / f"{_BEGINNING}{secrets.token_hex(8)}{Path(name).suffix}"
    try:
        make(path)
        file = path.open("rb")
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)
    answer = Response(wrap_file(request.environ, file), mimetype=mimetype, direct_passthrough=True)
    answer.content_length = os.fstat(file.fileno()).st_size
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
