"""Parts of a page that live.js asks for again and again: short, made once for all, and sent only when they are new."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable

from flask import Flask, Response, current_app, make_response, request

from web.box import the_box
from web.catalogues import language


class Kept:
    """The last of each part, with what it was made from: twenty open pages cost one."""

    def __init__(self) -> None:
        self._parts: dict[str, tuple[str, str]] = {}
        self._lock = threading.Lock()

    def get(self, name: str, tag: str, make: Callable[[], str]) -> str:
        """The part made from what `tag` stands for."""
        with self._lock:
            kept = self._parts.get(name)
        if kept is None or kept[0] != tag:
            kept = (tag, make())
            with self._lock:
                self._parts[name] = kept
        return kept[1]


def init(app: Flask) -> None:
    """Give the application a place for them."""
    app.extensions["rufweiche.kept"] = Kept()


def pulse_fragment(make: Callable[[], str]) -> Response:
    """A part that depends on the box alone (`Box.pulse`): 304 without looking any further while nothing has happened.

    It is the same for everybody who may see it, so it must hold no form: a button outside of it names one by `form=`.
    """
    name = request.full_path
    tag = hashlib.sha256(f"{name} {language()} {the_box().pulse}".encode()).hexdigest()[:20]
    if request.if_none_match.contains(tag):
        return _answer("", tag)
    return _answer(current_app.extensions["rufweiche.kept"].get(name, tag, make), tag)


def fragment(html: str) -> Response:
    """Any part of a page, or 304 where the browser has it already."""
    return _answer(html, hashlib.sha256(html.encode()).hexdigest()[:20])


def _answer(html: str, tag: str) -> Response:
    answer = make_response(html)
    answer.headers["Cache-Control"] = "no-cache, private"
    answer.set_etag(tag)
    answer.make_conditional(request)
    return answer
