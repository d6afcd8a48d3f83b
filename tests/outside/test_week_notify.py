"""The second way out: alarms and summaries by e-mail and webhook, also for a box that has no line for texts."""

import http.server
import shutil
import socketserver
import ssl
import subprocess
import threading
from email import message_from_bytes, policy

import pytest

from .box import OWNER, settings, until
from .week import CALLER, digits, missed, next_text, soon


class Hook:
    """A web server that keeps what is posted to it, and may refuse it first with `answers`."""

    def __init__(self, *answers: int):
        self.posted: list[bytes] = []
        self.answers = list(answers)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                answer = outer.answers.pop(0) if outer.answers else 200
                if answer < 300:
                    outer.posted.append(body)
                self.send_response(answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"


class Mail:
    """A mail server with STARTTLS, written from RFC 5321, 3207 and 4954; it takes mail over TLS and logged in only."""

    def __init__(self, folder):
        assert shutil.which("openssl"), "apt-get install openssl"
        self.received: list[bytes] = []
        self.users: list[str] = []
        self.in_clear: list[bytes] = []
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
        self.certificate = folder / "cert.pem"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, folder / "key.pem")
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def say(self, line: str) -> None:
                self.wfile.write(line.encode() + b"\r\n")
                self.wfile.flush()

            def handle(self):
                self.say("220 localhost")
                secure = known = False
                while line := self.rfile.readline():
                    word, _, rest = line.decode().strip().partition(" ")
                    word = word.upper()
                    if word == "EHLO":
                        self.say("250-localhost")
                        self.say("250 AUTH PLAIN LOGIN" if secure else "250 STARTTLS")
                    elif word == "STARTTLS":
                        self.say("220 go ahead")
                        self.connection = context.wrap_socket(self.connection, server_side=True)
                        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")
                        secure = True
                    elif word == "AUTH" and secure:
                        if rest.upper().startswith("PLAIN"):
                            outer.users.append(rest)
                            known = True
                            self.say("235 welcome")
                        else:
                            self.say("504 PLAIN only")
                    elif word in ("MAIL", "RCPT", "RSET", "NOOP"):
                        if not secure:
                            outer.in_clear.append(line)
                        self.say("250 fine" if secure and known else "530 log in first")
                    elif word == "DATA":
                        self.say("354 go on")
                        data = b""
                        while (piece := self.rfile.readline()) not in (b".\r\n", b""):
                            data += piece
                        outer.received.append(data)
                        self.say("250 kept")
                    elif word == "QUIT":
                        self.say("221 bye")
                        break
                    else:
                        self.say("502 what?")
                self.connection.close()

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_address[1]

    def table(self) -> str:
        return (f'email = {{ to = "meister@example.de", host = "localhost", port = {self.port}, user = "box", '
                'password = "geheim!" }\n')  # fmt: skip


@pytest.fixture
def mail(tmp_path):
    server = Mail(tmp_path)
    yield server
    server.server.shutdown()
    server.server.server_close()


@pytest.fixture
def hook():
    made = Hook(500, 503)
    yield made
    made.server.shutdown()
    made.server.server_close()


def gap() -> str:
    """A roster whose only shift is over: nobody is on call tomorrow, and that is an alarm."""
    return '[[roster]]\ntarget = "desk"\nfrom = 2026-01-01T00:00:00\nto = 2026-01-02T00:00:00\n'


@pytest.mark.long
def test_an_alarm_by_mail_and_webhook(stage, mail, hook):
    """Over TLS with the server's certificate checked; a webhook that fails is tried again; each once."""
    stage.box.clock = {"SSL_CERT_FILE": str(mail.certificate)}
    modem = stage.module()
    more = gap() + f'[notify]\n{mail.table()}webhook = "{hook.url}"\n'
    stage.box.provisioned(settings(modem.link, chain=("on-call",), more=more))
    stage.box.start()
    stage.box.ready()
    until(lambda: mail.received, 90, "the mail")
    until(lambda: hook.posted, 90, "the webhook")
    message = message_from_bytes(mail.received[0], policy=policy.default)
    assert message["To"] == "meister@example.de" and "Bereitschaft" in message.get_content() + message["Subject"]
    assert "Bereitschaft" in hook.posted[0].decode()
    assert (len(mail.received), len(hook.posted), mail.in_clear) == (1, 1, [])
    assert "geheim!" not in "".join(stage.box.output)


@pytest.mark.long
def test_a_certificate_that_nobody_vouches_for(stage, mail):
    """Then the mail is not sent, not even in clear, and calls and texts go on."""
    modem = stage.module()
    more = gap() + f"[notify]\n{mail.table()}"
    stage.box.provisioned(settings(modem.link, chain=("on-call",), more=more))
    stage.box.start()
    stage.box.ready()
    until(lambda: modem.pdus, 90, "the alarm by text")
    call = modem.call_in(CALLER)
    until(lambda: len(call.rings) == 2, 10, "two rings")
    modem.leaves(call)
    stage.box.calls(1, within=15)
    assert mail.received == [] and mail.users == [] and mail.in_clear == []


@pytest.mark.long
def test_a_digest_goes_both_ways(stage, hook):
    """By text and by webhook, the same one, each once."""
    at, seconds = soon(2)
    modem = stage.module()
    more = f'digest_at = ["{at}"]\n[notify]\nwebhook = "{hook.url}"\n'
    stage.box.provisioned(settings(modem.link, missed="digest", more=more))
    stage.box.start()
    stage.box.ready()
    missed(modem)
    until(lambda: any(CALLER[3:] in digits(body.decode()) for body in hook.posted), seconds + 60, "the digest posted")
    assert CALLER[3:] in digits(next_text(modem, OWNER, 0, within=20))
    assert (len(hook.posted), len(modem.pdus)) == (1, 1)
