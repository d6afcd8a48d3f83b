"""Templates compiled once for all starts: Jinja takes up to a second for a page on a small box, and 3 MB that stay.

What is kept is code, so it lies in a folder of the state directory that only the page and the engine may write.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from flask import Flask
from jinja2 import BytecodeCache, TemplateError
from jinja2.bccache import Bucket

from appliance import __version__

FOLDER = "templates"
"""In the state directory; its files are named after the templates and say themselves of which content they are."""
_DIGEST = hashlib.sha256().digest_size
_ALL = "all"
"""Notes for which version all of them are there."""
AFTER = 3.0
"""Seconds until that begins: whoever opens the page as it starts comes first. Not many more, since what this process
has to compile itself costs it 3 MB, which stay."""
_COMPILE = """
import pathlib, sys, time
time.sleep(float(sys.argv[2]))
from web import compiled
compiled.everything(pathlib.Path(sys.argv[1]))
"""


class Compiled(BytecodeCache):
    """A file for each template, with its digest before it: the interpreter believes compiled code whatever it is. On a
    card that is full, read-only or damaged it is as if there were none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what is kept of a template, where it is of today's content and of this Python."""
        with suppress(OSError):
            content = (self._folder / bucket.key).read_bytes()
            digest, code = content[:_DIGEST], content[_DIGEST:]
            if hmac.compare_digest(hashlib.sha256(code).digest(), digest):
                bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it, where that is possible."""
        code, beside = bucket.bytecode_to_string(), self._folder / f".{bucket.key}.{os.getpid()}.new"
        with suppress(OSError):
            try:
                beside.write_bytes(hashlib.sha256(code).digest() + code)
                beside.replace(self._folder / bucket.key)
            finally:
                beside.unlink(missing_ok=True)


def init(app: Flask, state: Path) -> None:
    """Have the application keep its templates there."""
    folder = state / FOLDER
    with suppress(OSError):
        folder.mkdir(mode=0o770, exist_ok=True)
    app.jinja_env.bytecode_cache = Compiled(folder)


def begin(state: Path, after: float = AFTER) -> subprocess.Popen[bytes] | None:
    """Compile all of them in a process of its own, after everything else, once a version; None: all are there."""
    with suppress(OSError):
        if (state / FOLDER / _ALL).read_text() == _version():
            return None
    command = ["nice", "-n", "15", sys.executable, "-c", _COMPILE, str(state), str(after)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def everything(state: Path) -> int:
    """Compile what is not there yet; how many there are. Run in a process of its own."""
    from web.clock import Clock
    from web.factory import create_app

    def never() -> float:
        raise RuntimeError("nothing is served here")

    app = create_app(state, Clock(never, never, str))  # type: ignore[arg-type]
    names = app.jinja_env.list_templates(["html"])
    for name in names:
        with suppress(TemplateError):
            app.jinja_env.get_template(name)
    app.extensions["rufweiche.stores"].close()
    with suppress(OSError):
        (state / FOLDER / _ALL).write_text(_version())
    return len(names)


def _version() -> str:
    """Another one, and there may be templates that were not compiled yet."""
    newest = max((path.stat().st_mtime_ns for path in Path(__file__).parent.glob("templates/*/*.html")), default=0)
    return f"{__version__} {sys.version} {newest}"
