"""The Flask application of one state directory."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from appliance.core.errors import StoreError, UserError
from web import box, catalogues, claim, compiled, fragments, login, navigation, security, words
from web.box import NoSettings, Stores
from web.clock import Clock
from web.pages import BLUEPRINTS
from web.tries import Tries

FORM_SIZE = 256 << 10
"""Bytes a request may have; a page that takes files says so itself, by `login.takes_upload`."""
FIELDS = 500
"""Fields a form may have: a week of slots has fewer than a hundred."""

log = logging.getLogger(__name__)


def create_app(state: Path, clock: Clock, more: Iterable[Blueprint] = ()) -> Flask:
    """The page of the box whose data lie in `state`; makes the directory where it is missing. Raises StoreError.

    more: pages of somebody else's, such as the demo's panel.
    """
    app = Flask(__name__)
    stores = Stores(state)
    store = stores.open()
    app.config.update(
        SECRET_KEY=store.keep_first("page.secret", secrets.token_hex(32)),
        SESSION_COOKIE_NAME="rufweiche",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        WTF_CSRF_TIME_LIMIT=None,  # a form left open over lunch is still the owner's
        WTF_CSRF_SSL_STRICT=True,  # by HTTPS the form must come from a page of ours, by its referrer
        MAX_CONTENT_LENGTH=FORM_SIZE,
        MAX_FORM_MEMORY_SIZE=FORM_SIZE,
        MAX_FORM_PARTS=FIELDS,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    compiled.init(app, state)
    app.extensions["rufweiche.stores"] = stores
    app.extensions["rufweiche.clock"] = clock
    app.extensions["rufweiche.tries"] = Tries()
    claim.announce(store, state)
    catalogues.init(app)
    security.init(app)
    login.init(app)
    CSRFProtect(app)
    words.init(app)
    navigation.init(app)
    fragments.init(app)
    app.jinja_env.globals["static_url"] = cache(lambda name: _static_url(app, name))
    for blueprint in (*BLUEPRINTS, *more):
        app.register_blueprint(blueprint)
    _handle_errors(app)
    return app


def _static_url(app: Flask, name: str) -> str:
    """The address of a static file, with its digest: another content is another address, so browsers may keep it."""
    content = (Path(app.static_folder or "") / name).read_bytes()
    return f"{app.static_url_path}/{name}?{hashlib.sha256(content).hexdigest()[:12]}"


def _handle_errors(app: Flask) -> None:
    @app.errorhandler(NoSettings)
    def no_settings(error: NoSettings) -> AnyResponse:
        return redirect(url_for("setup.start"))

    @app.errorhandler(CSRFError)
    def stale_form(error: CSRFError) -> tuple[str, int]:
        return render_template("ui/problem.html", kind="stale_form"), 400

    @app.errorhandler(UserError)
    def wrong_input(error: UserError) -> tuple[str, int]:
        return render_template("ui/problem.html", kind="wrong_input", detail=str(error)), 400

    @app.errorhandler(StoreError)
    def store_trouble(error: StoreError) -> tuple[str, int] | Response:
        log.error("%s: %s", request.path, error)
        g.pop("box", None)
        return app.make_response((render_template("ui/trouble.html"), 503, {"Retry-After": "5"}))

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[str, int] | HTTPException:
        if error.code is None or error.code < 400:
            return error  # a redirect
        kind = {404: "not_found", 405: "not_found", 413: "too_large"}.get(error.code, "refused")
        return render_template("ui/problem.html", kind=kind), error.code

    app.teardown_appcontext(box.forget)
