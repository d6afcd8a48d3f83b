"""Parts of a page that live.js asks for again and again: short, and only when they say something new."""

from __future__ import annotations

import hashlib

from flask import Response, make_response, request


def fragment(html: str) -> Response:
    """A part of a page, or 304 where the browser has it already."""
    answer = make_response(html)
    answer.headers["Cache-Control"] = "no-cache, private"
    answer.set_etag(hashlib.sha256(html.encode()).hexdigest()[:20])
    answer.make_conditional(request)
    return answer
