"""Who may see what: the owner's session, and the guard before every page.

Everything is closed unless its view says otherwise, by `open_to_all` or `open_before_claim`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from appliance.core.errors import StoreError
from appliance.store.page import Session
from web import claim, security
from web.box import the_box
from web.tries import Tries

IDLE = timedelta(days=60)
LONGEST = timedelta(days=365)
"""A session ends when it was not seen for so long, and in any case so long after login."""
TOUCH_EVERY = timedelta(minutes=10)
"""How exactly a session's last visit is known: each look is a write."""
MARK = "rufweiche_mark"
"""The cookie of a browser that has been logged in before: its tries are counted apart from strangers'."""
MARK_LASTS = 400 * 24 * 3600  # s; browsers keep none longer
LIVE = "X-Live"
"""The header by which live.js asks for a part of a page."""

OWNER, PRESENT, UNDATED = "secret", "present", "undated"
"""In the session: who has logged in has a secret; who gave the set-up code was at the box; a login before the time was
known."""

View = TypeVar("View", bound=Callable[..., object])


def open_to_all(view: View) -> View:
    """A view that needs no login."""
    view.open_to_all = True  # type: ignore[attr-defined]
    return view


def open_before_claim(view: View) -> View:
    """A view that needs no login until the box has an owner."""
    view.open_before_claim = True  # type: ignore[attr-defined]
    return view


def takes_upload(most: int, is_allowed: Callable[[], bool]) -> Callable[[View], View]:
    """A view that takes a file of up to so many bytes, from whoever `is_allowed`; others may send a small form only."""

    def mark(view: View) -> View:
        view.most, view.is_allowed = most, is_allowed  # type: ignore[attr-defined]
        return view

    return mark


def init(app: Flask) -> None:
    """Put the guard before every page; before what looks into a request's body."""
    app.config.update(PERMANENT_SESSION_LIFETIME=LONGEST, SESSION_REFRESH_EACH_REQUEST=False)
    app.before_request(_guard)
    app.jinja_env.globals["logged_in"] = lambda: current() is not None


def _guard() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    refused = _refuse(view)
    if refused is None and (most := getattr(view, "most", None)) and getattr(view, "is_allowed", bool)():
        request.max_content_length = most
    return refused


def _refuse(view: object) -> Response | None:
    if request.endpoint == "static" or getattr(view, "open_to_all", False):
        return None
    if not claim.is_claimed(the_box().store):
        return None if getattr(view, "open_before_claim", False) else redirect(url_for("setup.start"))
    if current() is not None:
        return None
    if request.headers.get(LIVE):
        abort(401)
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("login.show", next=here if here and here != "/" else None))


# --- the session -------------------------------------------------------------------------------


def current() -> Session | None:
    """The owner's session, None: whoever asks is not logged in."""
    if "session" not in g:
        try:
            g.session = _find()
        except StoreError:
            return None  # the page says what is wrong, and shows nothing else
    found: Session | None = g.session
    return found


def _find() -> Session | None:
    secret = session.get(OWNER)
    if not isinstance(secret, str):
        return None
    here = the_box()
    found = here.store.session(_digest(secret))
    if found is None:
        return None
    address = request.remote_addr or ""
    if session.get(UNDATED) == int(found.created_at.timestamp()):
        if here.clock_known:
            with suppress(StoreError):  # the next request finds it as this one did
                here.store.redate_session(found.id, here.now)
        return found
    if here.now - found.seen_at > IDLE or here.now - found.created_at > LONGEST:
        return None
    if here.now - found.seen_at > TOUCH_EVERY or found.address != address:
        with suppress(StoreError):  # full or locked: whoever may see the page is still to see it
            here.store.touch_session(found.id, here.now, address)
    return found


def begin() -> None:
    """Whoever asks is the owner, from now on."""
    here, secret = the_box(), secrets.token_urlsafe(32)
    session.clear()
    session.permanent = True
    session[OWNER] = secret
    at = here.now.replace(microsecond=0)
    if not here.clock_known:  # once it is, this time may seem to be years ago
        session[UNDATED] = int(at.timestamp())
    here.store.end_sessions_before(here.now - IDLE, here.now - LONGEST)
    agent = request.user_agent.string[:300]
    here.store.open_session(_digest(secret), at, request.remote_addr or "", agent)
    g.pop("session", None)
    g.marked = _mark() or secrets.token_urlsafe(16)


def end() -> None:
    """Whoever asks is the owner no more."""
    found = current()
    if found is not None:
        the_box().store.end_session(found.id)
    session.clear()
    g.pop("session", None)


def with_mark(response: Response) -> Response:
    """The answer to a login: the browser is known from now on."""
    if mark := g.get("marked"):
        response.set_cookie(
            security.cookie_name(MARK),
            _signer().dumps(mark),
            max_age=MARK_LASTS,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
    return response


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


# --- tries -------------------------------------------------------------------------------------


def attempt(is_right: Callable[[], bool]) -> float | None:
    """Try a password or code: None if it is right, 0 if it is wrong, else the seconds for which nobody looks at it."""
    tries: Tries = current_app.extensions["rufweiche.tries"]
    mark, now = _mark(), the_box().clock.monotonic()
    who = f"mark {mark}" if mark else f"address {request.remote_addr}"
    wait = tries.wait(who, mark is None, now)
    if wait > 0:
        return wait
    if is_right():
        tries.succeeded(who)
        return None
    tries.missed(who, mark is None, now)
    return 0.0


def prove_presence(code: str) -> float | None:
    """Try the set-up code, as `attempt` does; whoever gave it once need not give it again."""
    if is_present():
        return None
    here = the_box()
    wait = attempt(lambda: claim.is_code(code, here.store, here.state))
    if wait is None:
        session[PRESENT] = True
    return wait


def is_present() -> bool:
    """Whether this browser has given the set-up code."""
    return bool(session.get(PRESENT))


def _mark() -> str | None:
    try:
        mark = _signer().loads(request.cookies.get(security.cookie_name(MARK), "")[:200])
    except BadSignature:
        return None
    return mark if isinstance(mark, str) else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="mark", signer_kwargs={"digest_method": hashlib.sha256})


def is_local_path(path: str | None) -> bool:
    """Whether a path to go on to stays on this page: no other host, nothing a browser would take for one."""
    return (
        path is not None
        and path.startswith("/")
        and not path.startswith(("//", "/\\"))
        and path.isprintable()
        and "\\" not in path
    )
