"""HTTPS: the certificate made here, and the page over real TLS, with clients that behave and clients that do not."""

from __future__ import annotations

import hashlib
import http.client
import io
import re
import socket
import ssl
import stat
import subprocess
import threading
import time
import zipfile
from contextlib import closing, suppress
from urllib.parse import urlencode

import pytest

from appliance.core.errors import UserError
from appliance.ports import clock
from tests.web import sample
from tests.web.running import running
from web import certificate, tls
from web.serve import open_secure_door, server_for

NAMES = ["werkstatt", "werkstatt.local", "192.168.178.44", "[fd00::44]"]


# --- the certificate ---------------------------------------------------------------------------


def test_certificate_says_what_it_is_for(tmp_path):
    certificate.switch_on(tmp_path, [*NAMES, "böse\nname", "a b", "-x", "x" * 70, "", "DNS:evil,IP:1.2.3.4"])
    own = certificate.described(tmp_path)
    assert own.names == ("werkstatt", "werkstatt.local", "192.168.178.44", "fd00::44")
    assert 3649 <= (own.until - clock.wall()).days <= 3650
    text = subprocess.run(
        ["openssl", "x509", "-in", certificate.pair(tmp_path), "-noout", "-text", "-fingerprint", "-sha256"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert own.fingerprint in text
    for part in ("prime256v1", "ecdsa-with-SHA256", "CA:FALSE", "TLS Web Server Authentication", "CN = werkstatt"):
        assert part in text


def test_key_is_the_pages_alone(tmp_path):
    certificate.switch_on(tmp_path, NAMES)
    mode = certificate.pair(tmp_path).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert "PRIVATE KEY" in certificate.pair(tmp_path).read_text()
    assert sorted(path.name for path in (tmp_path / "https").iterdir()) == ["on", "pair.pem"]


def test_certificate_stays_the_same_until_another_is_wanted(tmp_path):
    certificate.switch_on(tmp_path, NAMES)
    first = certificate.described(tmp_path)
    certificate.switch_off(tmp_path)
    assert not certificate.is_on(tmp_path)
    certificate.switch_on(tmp_path, ["anders"])
    assert certificate.described(tmp_path) == first
    certificate.make(tmp_path, ["anders"])
    assert certificate.described(tmp_path).names == ("anders",)


def test_names_nothing_can_be_called(tmp_path):
    certificate.make(tmp_path, ["?", ""])
    assert certificate.described(tmp_path).names == ("localhost",)


def test_without_openssl(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="openssl"):
        certificate.switch_on(tmp_path, NAMES)
    assert not certificate.is_on(tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"-----BEGIN CERTIFICATE-----\n???\n-----END CERTIFICATE-----",
                b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"],
)  # fmt: skip
def test_certificate_that_is_damaged(tmp_path, content):
    (tmp_path / "https").mkdir()
    certificate.pair(tmp_path).write_bytes(content)
    assert certificate.described(tmp_path) is None


# --- the page over TLS -------------------------------------------------------------------------


class Served:
    """The page with both doors open."""

    def __init__(self, app, state):
        self.state = state
        self._watched = {}
        self._server = server_for(app, "127.0.0.1", 0, watched=self._watched)
        self.http = self._server.effective_port
        self.https = open_secure_door(app, state, self._server, self._watched).effective_port
        self._serving = running(self._server, self._watched)
        self._serving.__enter__()
        self.cookies = {}

    def stop(self):
        self._serving.__exit__(None, None, None)

    def connect(self):
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection("127.0.0.1", self.https, timeout=20, context=trusting)

    def get(self, path="/login", method="GET", body=None, is_secure=True, **headers):
        connection = self.connect() if is_secure else http.client.HTTPConnection("127.0.0.1", self.http, timeout=20)
        with closing(connection):
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.body = answer.read()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer

    def token(self, path="/login", is_secure=True):
        page = self.get(path, is_secure=is_secure).body.decode()
        return re.search(r'csrf_token" value="([^"]+)"', page)[1]

    def post(self, path, is_secure=True, token_from="/login", referrer=True, **fields):
        fields["csrf_token"] = self.token(token_from, is_secure)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if referrer:
            headers["Referer"] = f"https://127.0.0.1:{self.https}/login" if referrer is True else referrer
        return self.get(path, "POST", urlencode(fields), is_secure, **headers)

    def log_in(self, **more):
        return self.post("/login", password=sample.PASSWORD, **more)


@pytest.fixture
def closed(app, state):
    served = Served(app, state)
    yield served
    served.stop()


@pytest.fixture(scope="session")
def pair(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pair")
    certificate.make(folder, ["localhost"])
    return certificate.pair(folder).read_bytes()


@pytest.fixture
def served(closed, state, pair):
    (state / "https").mkdir()
    certificate.pair(state).write_bytes(pair)
    certificate.switch_on(state, [])
    return closed


def is_closed(port, sent=b"", within=5.0):
    """Whether the other side closes, having been sent this."""
    with socket.create_connection(("127.0.0.1", port), timeout=within) as connection:
        connection.sendall(sent)
        try:
            while connection.recv(1000):
                pass
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False
        return True


def test_closed_until_it_is_switched_on(closed):
    assert is_closed(closed.https)
    assert closed.get(is_secure=False).status == 200


def test_logged_in_over_tls(served):
    answer = served.log_in()
    assert (answer.status, answer.getheader("Location")) == (302, "/")
    cookies = answer.headers.get_all("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-rufweiche", "__Host-rufweiche_mark"}
    assert all("Secure" in cookie and "Path=/" in cookie and "HttpOnly" in cookie for cookie in cookies)
    page = served.get("/")
    assert page.status == 200
    assert "Alles bereit" in page.body.decode()
    assert page.getheader("Strict-Transport-Security") is None


def test_logging_in_by_http_still_works_where_https_was_used(served):
    """A browser keeps a Secure cookie from being replaced over HTTP: the names must differ."""
    served.log_in()
    answer = served.log_in(is_secure=False)
    assert (answer.status, answer.getheader("Location")) == (302, "/")
    cookies = answer.headers.get_all("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"rufweiche", "rufweiche_mark"}
    assert not any("Secure" in cookie for cookie in cookies)


@pytest.mark.parametrize("referrer", [None, "https://evil.example/", "http://127.0.0.1/login"])
def test_form_from_elsewhere_is_refused(served, referrer):
    assert served.log_in(referrer=referrer).status == 400


def test_only_by_its_own_name(served):
    assert served.get(Host="evil.example").status == 400
    assert served.get(Host=f"rufweiche.local:{served.https}").status == 200
    assert served.get(Host="192.168.178.44").status == 200


def test_tries_are_slowed_by_address(served):
    statuses = [served.post("/login", password="falsch").status for _ in range(7)]
    assert statuses[:5] == [403] * 5
    assert statuses[-1] == 429


def test_upload_over_tls(served):
    served.log_in()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("noise", hashlib.sha256(b"x").digest() * 60_000)  # 2 MB
    token, mark = served.token("/restore/"), "x7x7"
    parts = [("csrf_token", "", token.encode()), ("file", '; filename="a.zip"', content.getvalue())]
    body = b"".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value + b"\r\n"
        for name, more, value in parts
    )
    headers = {
        "Content-Type": f"multipart/form-data; boundary={mark}",
        "Referer": f"https://127.0.0.1:{served.https}/restore/",
    }
    answer = served.get("/restore/upload", "POST", body + f"--{mark}--\r\n".encode(), **headers)
    assert answer.status == 200
    assert "keine Sicherung" in answer.body.decode()


def test_much_to_read_slowly_and_by_several_at_once(served):
    """Answers are written by threads of their own while the loop reads: nothing may be lost or mixed up."""
    plain = {path: served.get(path, is_secure=False).body for path in ("/static/style.css", "/static/live.js")}
    wrong = []

    def read(number):
        with closing(served.connect()) as connection:
            for turn in range(10):
                path = list(plain)[(number + turn) % 2]
                connection.request("GET", path)
                answer = connection.getresponse()
                parts = []
                while part := answer.read(1000):
                    parts.append(part)
                if b"".join(parts) != plain[path]:
                    wrong.append((number, turn))

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert wrong == []


@pytest.mark.parametrize(
    "sent",
    [b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x00" * 4000, b"\x16\x03\x01\xff\xff" + b"\xff" * 5000, b"\n"],
    ids=["http", "zeros", "bad-hello", "newline"],
)
def test_what_is_no_tls_is_let_go(served, sent):
    assert is_closed(served.https, sent + b"x" * 10)
    assert served.get().status == 200


def test_whoever_says_nothing_keeps_nobody_waiting(served, monkeypatch):
    monkeypatch.setattr(tls, "HANDSHAKE_WITHIN", 2.0)
    silent = [socket.create_connection(("127.0.0.1", served.https), timeout=10) for _ in range(40)]
    try:
        half = ssl.MemoryBIO()
        hello = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), half, server_hostname="x")
        with suppress(ssl.SSLWantReadError):
            hello.do_handshake()
        silent[0].sendall(half.read()[:100])
        began = time.monotonic()
        assert served.get().status == 200
        assert served.get(is_secure=False).status == 200
        assert time.monotonic() - began < 2
        assert [connection.recv(1) for connection in silent] == [b""] * 40  # and is let go in the end
    finally:
        for connection in silent:
            connection.close()


def test_old_tls_is_refused(served):
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    with pytest.warns(DeprecationWarning):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", served.https), timeout=5) as raw, pytest.raises(OSError):
        old.wrap_socket(raw)


# --- switched on the page ----------------------------------------------------------------------


def test_owner_switches_it_on_and_compares_the_fingerprint(closed):
    closed.log_in(is_secure=False)
    ask = {"is_secure": False, "token_from": "/network/"}
    assert closed.post("/network/https", do="on", **ask).status == 302
    with closing(closed.connect()) as connection:
        connection.connect()
        shown = hashlib.sha256(connection.sock.getpeercert(True)).hexdigest().upper()
    page = closed.get("/network/", is_secure=False).body.decode()
    fingerprint = re.search(r"<code>((?:[0-9A-F]{2}:){31}[0-9A-F]{2})</code>", page)[1]
    assert fingerprint.replace(":", "") == shown
    assert f"https://rufweiche.local:{closed.https}/" in page
    assert f'href="https://127.0.0.1:{closed.https}/login?next=/calls/"' in guest_page(closed, "/login?next=/calls/")

    closed.post("/network/https", do="renew", **ask)
    assert fingerprint not in closed.get("/network/", is_secure=False).body.decode()
    assert closed.get("/login").status == 200  # by the new one
    closed.post("/network/https", do="off", **ask)
    assert is_closed(closed.https)


def guest_page(served, path):
    cookies, served.cookies = served.cookies, {}
    try:
        return served.get(path, is_secure=False).body.decode()
    finally:
        served.cookies = cookies


def test_switched_off_by_whoever_uses_it(served):
    served.log_in()
    answer = served.post("/network/https", token_from="/network/", do="off")
    assert answer.getheader("Location") == f"http://127.0.0.1:{served.http}/network/"


def test_not_while_the_time_is_unknown(client, app, state, watch):
    app.extensions["rufweiche.https"] = 443
    sample.show_live(state, watch.passed, [sample.LINE], clock={"known": False, "by": None})
    assert "kennt die Uhrzeit noch nicht" in client.send("/network/https", do="on").text
    assert not certificate.is_on(state)


def test_failing_is_said(client, app, state, monkeypatch):
    app.extensions["rufweiche.https"] = 443
    monkeypatch.setenv("PATH", str(state))
    assert "konnte nicht ausgestellt werden" in client.send("/network/https", do="on").text


def test_page_of_a_box_without_that_door(client):
    assert "--https-port" in client.get("/network/").text
    assert client.send("/network/https", do="on").status_code == 404


def test_wrong_wish(client, app, state):
    app.extensions["rufweiche.https"] = 443
    assert client.send("/network/https", do="x").status_code == 400


def test_damaged_certificate_is_said(client, app, state):
    app.extensions["rufweiche.https"] = 443
    (state / "https").mkdir()
    (state / "https/on").touch()
    certificate.pair(state).write_text("nonsense")
    assert "Das Zertifikat ist beschädigt" in client.get("/network/").text


def test_damaged_certificate_lets_nobody_in_and_hangs_nobody(served, state):
    certificate.pair(state).write_text("nonsense")
    assert is_closed(served.https)
