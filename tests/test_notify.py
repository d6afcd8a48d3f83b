"""The way out over the network, against real servers on this machine, with TLS and a certificate of their own."""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import select
import socket
import ssl
import subprocess
import threading
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from appliance import notify, notify_sender
from appliance.core.records import Message
from appliance.core.settings import Email, Notify
from appliance.notify import Notifier

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PASSWORD = "geh€im"
NOWHERE = Path("/nowhere")
TEXT = "Rufweiche: Die Leitung Büro ist seit 10 Minuten gestört.\n2. Zeile"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, folder / "cert.pem"


@pytest.fixture
def trusted(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))


class MailServer:
    """Speaks as much SMTP as is needed. `answers`: what it says to a command instead, by its first word."""

    def __init__(self, context, implicit=False, answers=None, starttls=True, silence=None):
        self.context, self.implicit, self.answers, self.starttls = context, implicit, answers or {}, starttls
        self.silence = silence
        self.mails: list[bytes] = []
        self.login: str | None = None
        self.tls_at_login = False
        self.socket = socket.create_server(("localhost", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
                self.talk(stack.enter_context(peer), stack)

    def talk(self, peer, stack):
        def encrypt(peer):
            peer = stack.enter_context(self.context.wrap_socket(peer, server_side=True))
            return stack.enter_context(peer.makefile("rwb", buffering=0))

        encrypted = self.implicit
        stream = encrypt(peer) if self.implicit else stack.enter_context(peer.makefile("rwb", buffering=0))
        say = lambda line: stream.write(line.encode() + b"\r\n")  # noqa: E731
        say("220 localhost")
        while line := stream.readline():
            word = line.split()[0].decode().upper()
            if word in self.answers:
                if self.answers[word] is None:
                    return
                say(self.answers[word])
            elif word == "EHLO":
                say("250-localhost")
                if self.starttls and not encrypted:
                    say("250-STARTTLS")
                say("250 AUTH PLAIN")
            elif word == "STARTTLS":
                say("220 go ahead")
                stream, encrypted = encrypt(peer), True
            elif word == "AUTH":
                self.login, self.tls_at_login = base64.b64decode(line.split()[2]).decode(), encrypted
                say("235 welcome")
            elif word == "DATA":
                say("354 go on")
                mail = b""
                while (line := stream.readline()) != b".\r\n":
                    mail += line
                self.mails.append(mail)
                if self.silence:
                    self.silence.wait(5)
                say("250 taken")
            elif word == "QUIT":
                say("221 bye")
                return
            else:
                say("250 fine")

    def close(self):
        self.socket.close()


@pytest.fixture
def mail_server(certificate):
    servers = []

    def make(**how):
        servers.append(MailServer(certificate[0], **how))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


class Hook(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, self.headers, body))
        status, headers, content = self.server.answer(self.path)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def hook(certificate):
    server = http.server.HTTPServer(("localhost", 0), Hook)
    server.socket = certificate[0].wrap_socket(server.socket, server_side=True)
    server.seen, server.answer = [], lambda path: (200, {}, b"ok")
    server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    server.url = f"https://localhost:{server.server_port}/abc?x=1"
    yield server
    server.shutdown()
    server.server_close()


def message(channel, text=TEXT):
    return Message("u1", "alarm", "", text, AT, channel=channel)


def deliver(channel, settings, text=TEXT):
    """Through the real child process."""
    notifier = Notifier(notify.Words(NOWHERE))
    notifier.start(message(channel, text), settings, 0.0)
    assert notifier.busy
    outcome = until_done(notifier)
    assert not notifier.busy
    assert outcome.uid == "u1"
    return outcome.ok, outcome.final, outcome.error


def until_done(notifier):
    while (outcome := notifier.poll(0.0)) is None:
        if notifier.leaving():
            notifier.go(0.0)
        select.select([notifier._child.stdout], [], [], 5)
    return outcome


def until_leaving(notifier):
    while (uid := notifier.leaving()) is None:
        select.select([notifier._child.stdout], [], [], 5)
    return uid


def email(server, **changes):
    given = {"to": "meister@example.de", "host": "localhost", "port": server.port, "user": "box@example.de"}
    return Notify(email=Email(**{**given, "password": PASSWORD, **changes}))


def send_here(channel, settings, text=TEXT):
    """What the child does, in this process: quicker."""
    try:
        notify_sender.send(json.loads(notify._job(message(channel, text), settings, NOWHERE)), lambda: None)
    except notify.Refused as error:
        return False, error.final, str(error)
    return True, True, ""


# --- e-mail ------------------------------------------------------------------------------------


def test_an_email_by_starttls(mail_server, trusted):
    server = mail_server()
    assert deliver("email", email(server)) == (True, True, "")
    mail = message_from_bytes(server.mails[0], policy=policy.default)
    assert (mail["To"], mail["From"]) == ("meister@example.de", "box@example.de")
    assert mail["Subject"] == "Rufweiche: Die Leitung Büro ist seit 10 Minuten gestört. 2. Zeile"
    assert mail["Date"].datetime == AT
    assert mail["Message-ID"] == "<u1@rufweiche.invalid>"
    assert mail.get_content().splitlines() == TEXT.splitlines()
    assert server.login == f"\0box@example.de\0{PASSWORD}"
    assert server.tls_at_login


def test_an_email_with_tls_from_the_start(mail_server, trusted, monkeypatch):
    server = mail_server(implicit=True)
    monkeypatch.setattr(notify_sender, "IMPLICIT_TLS", server.port)
    assert send_here("email", email(server)) == (True, True, "")
    assert server.tls_at_login
    assert len(server.mails) == 1


def test_a_password_of_plain_letters(mail_server, trusted):
    server = mail_server()
    assert send_here("email", email(server, password="plain"))[0]
    assert server.login == "\0box@example.de\0plain"


def test_no_login_where_no_user_is_set(mail_server, trusted):
    server = mail_server()
    assert send_here("email", email(server, user="", password="")) == (True, True, "")
    assert server.login is None
    assert message_from_bytes(server.mails[0])["From"] == "meister@example.de"


def test_a_certificate_nobody_vouches_for(mail_server, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    server = mail_server()
    ok, final, error = send_here("email", email(server))
    assert (ok, final) == (False, False)
    assert "certificate is not valid" in error
    assert (server.login, server.mails) == (None, [])


def test_no_password_without_encryption(mail_server, trusted):
    server = mail_server(starttls=False)
    assert send_here("email", email(server))[:2] == (False, True)
    assert (server.login, server.mails) == (None, [])


@pytest.mark.parametrize(
    ("answers", "final", "says"),
    [
        ({"AUTH": "535 no"}, True, "user or password (535)"),
        ({"AUTH": "454 later"}, False, "user or password (454)"),
        ({"RCPT": "550 nobody"}, True, "the recipient (550)"),
        ({"RCPT": "450 greylisted"}, False, "the recipient (450)"),
        ({"MAIL": "553 not you"}, True, "the message (553)"),
        ({"DATA": "451 later"}, False, "the message (451)"),
        ({"MAIL": None}, False, "ended the connection"),
    ],
)
def test_what_a_mail_server_refuses(mail_server, trusted, answers, final, says):
    ok, is_final, error = send_here("email", email(mail_server(answers=answers)))
    assert (ok, is_final) == (False, final)
    assert says in error
    assert PASSWORD not in error


@pytest.mark.parametrize("goodbye", ["421 too busy", None])
def test_a_message_that_was_taken_is_sent_however_the_server_takes_leave(mail_server, trusted, goodbye):
    assert send_here("email", email(mail_server(answers={"QUIT": goodbye}))) == (True, True, "")


def test_nobody_listens():
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    ok, final, error = deliver("email", Notify(email=Email(to="a@b.de", host="localhost", port=port)))
    assert (ok, final) == (False, False)
    assert "cannot be reached" in error


def test_a_text_cannot_add_headers(mail_server, trusted):
    server = mail_server()
    assert send_here("email", email(server), "Hallo\r\nBcc: all@example.de\r\n\r\nx" + "y " * 60)[0]
    mail = message_from_bytes(server.mails[0])
    assert mail["Bcc"] is None
    assert len(mail["Subject"]) <= 200


# --- webhook -----------------------------------------------------------------------------------


def test_a_webhook_gets_json(hook, trusted):
    assert deliver("webhook", Notify(webhook=hook.url)) == (True, True, "")
    path, headers, body = hook.seen[0]
    assert path == "/abc?x=1"
    assert headers["Content-Type"] == "application/json"
    found = json.loads(body)
    assert (found["text"], found["kind"]) == (TEXT, "alarm")


def test_ntfy_gets_plain_text(hook, trusted):
    assert send_here("webhook", Notify(webhook=hook.url + "#text")) == (True, True, "")
    assert hook.seen[0][2].decode() == TEXT
    assert hook.seen[0][0] == "/abc?x=1"


@pytest.mark.parametrize(
    ("host", "wish", "plain"), [("ntfy.sh", "", True), ("ntfy.example", "json", False), ("hooks.example", "", False)]
)
def test_which_body_a_host_gets(host, wish, plain):
    body, headers = notify_sender._webhook_body({"kind": "alarm", "text": TEXT, "uid": "u"}, host, wish)
    assert (body == TEXT.encode()) is plain
    assert headers["Content-Type"].startswith("text/plain" if plain else "application/json")


@pytest.mark.parametrize(
    ("status", "ok", "final"),
    [(200, True, True), (204, True, True), (400, False, True), (404, False, True), (429, False, False),
     (500, False, False), (503, False, False), (302, False, True)],
)  # fmt: skip
def test_what_a_webhook_answers(hook, trusted, status, ok, final):
    hook.answer = lambda path: (status, {"Location": "/other"} if status == 302 else {}, b"")
    assert send_here("webhook", Notify(webhook=hook.url))[:2] == (ok, final)
    assert len(hook.seen) == 1


def test_a_redirect_on_the_same_host_is_followed_and_no_other(hook, trusted):
    hook.answer = lambda path: (200, {}, b"") if path == "/new" else (308, {"Location": "/new"}, b"")
    assert send_here("webhook", Notify(webhook=hook.url))[0]
    assert [path for path, *_ in hook.seen] == ["/abc?x=1", "/new"]
    hook.answer = lambda path: (307, {"Location": "https://evil.example/abc"}, b"")
    ok, final, error = send_here("webhook", Notify(webhook=hook.url))
    assert (ok, final) == (False, True)
    assert "evil.example" in error
    hook.answer = lambda path: (307, {"Location": hook.url}, b"")
    assert send_here("webhook", Notify(webhook=hook.url))[:2] == (False, True)


def test_an_endless_response_is_not_read(hook, trusted):
    hook.answer = lambda path: (200, {}, b"x" * 1_000_000)
    assert send_here("webhook", Notify(webhook=hook.url)) == (True, True, "")


def test_a_webhook_without_encryption(hook, trusted):
    """The owner may have one in his own network; but nobody talks us out of encryption by a redirect."""
    assert send_here("webhook", Notify(webhook="http://localhost:1/abc"))[:2] == (False, False)
    assert send_here("webhook", Notify(webhook="ftp://localhost:1/abc"))[:2] == (False, True)
    hook.answer = lambda path: (307, {"Location": hook.url.replace("https", "http")}, b"")
    assert send_here("webhook", Notify(webhook=hook.url))[:2] == (False, True)


def test_an_address_that_keeps_silent(monkeypatch, trusted):
    monkeypatch.setattr(notify_sender, "TIMEOUT", 0.1)
    with socket.create_server(("localhost", 0)) as silent:
        url = f"https://localhost:{silent.getsockname()[1]}/secret-topic"
        ok, final, error = send_here("webhook", Notify(webhook=url))
    assert (ok, final) == (False, False)
    assert "secret-topic" not in error


# --- the engine's side -------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["email", "webhook"])
def test_what_is_not_set_up_fails_for_good(channel):
    assert deliver(channel, Notify()) == (False, True, f"no {channel} is set up")


def test_a_child_that_hangs_is_ended():
    with socket.create_server(("localhost", 0)) as silent:
        notifier = Notifier(notify.Words(NOWHERE))
        notifier.start(message("webhook"), Notify(webhook=f"https://localhost:{silent.getsockname()[1]}/"), 100.0)
        assert notifier.poll(100.0 + notify.GIVE_UP - 1) is None
        child = notifier._child
        outcome = notifier.poll(100.0 + notify.GIVE_UP)
    assert (outcome.ok, outcome.final, outcome.error) == (False, False, "the server took too long")
    assert child.returncode is not None


def test_nothing_leaves_before_it_may(mail_server, trusted):
    """Ended, or its engine killed, while it waits: the server has seen user and recipient, and no message."""
    server = mail_server()
    notifier = Notifier(notify.Words(NOWHERE))
    notifier.start(message("email"), email(server), 0.0)
    assert until_leaving(notifier) == "u1"
    assert notifier.poll(0.0) is None
    assert server.login is not None
    child = notifier._child
    child.stdin.close()
    child.wait(20)
    assert notifier.poll(0.0) == notify.Outcome("u1", False, False, "the sender failed (status 1)")
    assert server.mails == []


def test_the_child_outlives_its_engine(mail_server, trusted, tmp_path):
    """Once the message may leave it does, whether somebody still listens or not."""
    server = mail_server()
    words = notify.Words(tmp_path)
    notifier = Notifier(words)
    notifier.start(message("email"), email(server), 0.0)
    until_leaving(notifier)
    child = notifier._child
    child.stdin.write(notify.GO)
    child.stdin.close()
    child.stdout.close()
    child.wait(20)
    assert len(server.mails) == 1
    assert words.read("u1") == notify.Outcome("u1", True, True, "")
    assert [path.name for path in tmp_path.iterdir()] == ["notified-u1.json"]
    assert PASSWORD not in words.path("u1").read_text()
    words.forget("u1")
    assert words.read("u1") is None


def test_stopping_waits_a_moment_for_what_has_left(mail_server, trusted):
    server = mail_server()
    notifier = Notifier(notify.Words(NOWHERE))
    notifier.start(message("email"), email(server), 0.0)
    until_leaving(notifier)
    assert notifier.stop(5.0) is None, "it had not left"
    notifier.start(message("email"), email(server), 0.0)
    until_leaving(notifier)
    notifier.go(0.0)
    assert notifier.stop(5.0) == notify.Outcome("u1", True, True, "")
    assert len(server.mails) == 1


@pytest.mark.parametrize("channel", ["email", "webhook"])
def test_a_server_that_has_it_and_keeps_silent(mail_server, hook, trusted, monkeypatch, channel):
    """It may well have taken it: that is no reason to send it again. One that hangs up has not."""
    monkeypatch.setattr(notify_sender, "PATIENCE", 0.2)
    silence = threading.Event()
    hook.answer = lambda path: (silence.wait(5), {}, b"")
    server = mail_server(silence=silence)
    ways = email(server) if channel == "email" else Notify(webhook=hook.url)
    with pytest.raises(notify.Refused) as refused:
        notify_sender.send(json.loads(notify._job(message(channel), ways, NOWHERE)), lambda: None)
    silence.set()
    assert (str(refused.value), refused.value.final, refused.value.unknown) == (notify.SILENT, False, True)


def test_a_child_that_is_ended_after_it_left_is_unknown():
    notifier = Notifier(notify.Words(NOWHERE))
    with socket.create_server(("localhost", 0)) as silent:
        url = f"http://localhost:{silent.getsockname()[1]}/"
        notifier.start(message("webhook"), Notify(webhook=url), 100.0)
        until_leaving(notifier)
        notifier.go(150.0)
        assert notifier.poll(150.0 + notify.GIVE_UP - 1) is None
        outcome = notifier.poll(150.0 + notify.GIVE_UP)
    assert outcome == notify.Outcome("u1", False, False, notify.SILENT, True)


def test_nothing_secret_on_the_command_line():
    with socket.create_server(("localhost", 0)) as silent:
        notifier = Notifier(notify.Words(NOWHERE))
        settings = Notify(email=Email(to="a@b.de", host="localhost", port=silent.getsockname()[1], password=PASSWORD))
        notifier.start(message("email"), settings, 0.0)
        line = " ".join(notifier._child.args)
        notifier.stop()
    assert PASSWORD not in line
    assert "a@b.de" not in line
    assert not notifier.busy


def test_a_sender_that_breaks(monkeypatch):
    monkeypatch.setattr(notify.sys, "executable", "/bin/false")
    assert deliver("webhook", Notify(webhook="https://localhost/")) == (False, False, "the sender failed (status 1)")
    monkeypatch.setattr(notify.sys, "executable", "/nowhere/python")
    ok, final, error = deliver("webhook", Notify(webhook="https://localhost/"))
    assert (ok, final) == (False, False)
    assert "cannot be sent now" in error


def test_the_engine_needs_none_of_what_the_child_needs():
    code = "import sys, appliance.notify; sys.exit(any(m in sys.modules for m in ('ssl', 'smtplib', 'subprocess')))"
    assert subprocess.run([notify.sys.executable, "-c", code], check=False, timeout=30).returncode == 0
