"""What the page does against other pages and other machines of the network: headers, and the Host check."""

from __future__ import annotations

import ipaddress
import socket

from flask import Flask, Response, abort, redirect, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.wrappers import Response as AnyResponse

from appliance.core.errors import StoreError, UserError
from web.box import the_box

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# No Strict-Transport-Security: with a certificate that the box made itself it would lock its owner out.
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
LOCAL_DOMAINS = (
    "", ".local", ".lan", ".home", ".home.arpa", ".internal", ".localdomain", ".fritz.box", ".speedport.ip"
)  # fmt: skip
"""Under which routers announce a box by its name. Nobody outside can point a name of these at this machine."""
PROBES = frozenset(
    {
        "/generate_204", "/gen_204",  # Android, ChromeOS
        "/hotspot-detect.html", "/library/test/success.html",  # Apple
        "/connecttest.txt", "/ncsi.txt", "/redirect",  # Windows
        "/success.txt", "/canonical.html",  # Firefox
        "/check_network_status.txt", "/nm-check.txt",  # KDE, NetworkManager
    }
)  # fmt: skip
"""What a phone asks of the internet as soon as it is on a network: on the box's own hotspot all names lead to the box,
and an answer that is another page makes the phone open that."""
HOTSPOT_PAGE = "http://10.42.0.1/"
"""The box on its own hotspot: the address NetworkManager gives the sharing side."""
DAY = 24 * 3600
YEAR = 365 * DAY


def cookie_name(name: str) -> str:
    """What a cookie of ours is called in this request. By HTTPS it has another name: browsers let no answer over HTTP
    replace a cookie that is for HTTPS alone, so whoever uses both could not log in over HTTP any more. The beginning
    has them check that it is this very host's (RFC 6265bis 4.1.3)."""
    return prefixed(name, request.is_secure)


def prefixed(name: str, is_secure: bool) -> str:
    """The same, for a request that is not there yet."""
    return f"__Host-{name}" if is_secure else name


class Sessions(SecureCookieSessionInterface):
    """Flask's own, by HTTPS for HTTPS alone."""

    def get_cookie_name(self, app: Flask) -> str:
        """Of the session."""
        return cookie_name(super().get_cookie_name(app))

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether browsers must not send it over HTTP."""
        return request.is_secure

    def get_expiration_time(self, app: Flask, session: SessionMixin) -> None:
        """Never named: a box that does not know the time yet would name one that is long over to the browser."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """It lasts by the browser's own clock."""
        super().save_session(app, session, response)
        if session.permanent:
            begins, ends = f"{self.get_cookie_name(app)}=", f"; Max-Age={app.permanent_session_lifetime.days * DAY}"
            sent = response.headers.getlist("Set-Cookie")
            response.headers.setlist("Set-Cookie", [one + ends if one.startswith(begins) else one for one in sent])


def init(app: Flask) -> None:
    """Check every request, and send the headers with every answer."""
    app.session_interface = Sessions()
    app.before_request(_check_host)
    app.after_request(_add_headers)


def _check_host() -> AnyResponse | None:
    """DNS rebinding: a foreign page lets a name of its own point at the box and then reads it as its own.

    An address is nobody's name, so it is always right; of names, only the box's own. A phone that looks whether it is
    on the internet is shown the way, which tells a foreign page nothing.
    """
    if not is_ours(request.host, {socket.gethostname(), _hostname()}):
        if request.method == "GET" and request.path in PROBES:
            return redirect(HOTSPOT_PAGE)
        abort(400)
    return None


def is_ours(host: str, names: set[str]) -> bool:
    """Whether this Host header means this box. `names`: what it is called, without domain."""
    name = host.rsplit(":", 1)[0] if host.rpartition(":")[2].isdigit() and not host.endswith("]") else host
    name = name.lower().removesuffix(".")
    if name == "localhost" or _is_address(name):
        return True
    return any(name == ours.lower() + domain for ours in names if ours for domain in LOCAL_DOMAINS)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]").partition("%")[0])
    except ValueError:
        return False
    return True


def _hostname() -> str:
    try:
        stored = the_box().stored
    except (StoreError, UserError):
        stored = None  # whoever asks is told of that by the page itself
    return stored[1].box.hostname if stored else "rufweiche"


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static" and response.status_code in (200, 304):
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"  # its address has its digest in it
    elif "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response
