"""What a box reaches over the network: a mail server and a web server that takes what is posted to it.

Both count what they took and for good; both can be out of reach, refuse, or stall at a chosen moment.
"""

import http.server
import shutil
import socketserver
import ssl
import subprocess
import threading
from email import message_from_bytes, policy
from pathlib import Path


class Threads(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False


class Server:
    """Something that listens on a port of its own; `down` and `up` as a router that is switched off and on."""

    handler: type

    def __init__(self):
        self.port = 0
        self.up()

    def up(self) -> None:
        self.server = Threads(("127.0.0.1", self.port), self.handler)
        self.port = self.server.server_address[1]
        self.server.handle_error = lambda *_: None  # a client that was killed in the midst of it
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def down(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Hook(Server):
    """A web server that keeps what is posted to it, and may refuse it first with `answers`."""

    def __init__(self, *answers: int):
        self.posted: list[bytes] = []
        self.answers = list(answers)
        self.asked = threading.Event()
        self.stall = threading.Event()  # as long as it is not set, what was posted is taken and not answered
        self.stall.set()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"] or 0))
                answer = outer.answers.pop(0) if outer.answers else 200
                if answer < 300:
                    outer.posted.append(body)
                outer.asked.set()
                outer.stall.wait(120)
                self.send_response(answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.handler = Handler
        super().__init__()
        self.url = f"http://127.0.0.1:{self.port}/hook"

    def texts(self) -> list[str]:
        return [body.decode() for body in self.posted]


class Mail(Server):
    """A mail server with STARTTLS, written from RFC 5321, 3207 and 4954; it takes mail over TLS and logged in only."""

    def __init__(self, folder: Path):
        assert shutil.which("openssl"), "apt-get install openssl"
        self.received: list[bytes] = []
        self.users: list[str] = []
        self.in_clear: list[bytes] = []
        self.said: dict[str, list[str]] = {}  # by command: what it answers first, instead
        self.asked = threading.Event()  # somebody has connected
        self.stall_greeting, self.stall_data = threading.Event(), threading.Event()  # not set: it says nothing more
        self.stall_greeting.set()
        self.stall_data.set()
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
                outer.asked.set()
                outer.stall_greeting.wait(120)
                self.say("220 localhost")
                secure = known = False
                while line := self.rfile.readline():
                    word, _, rest = line.decode().strip().partition(" ")
                    word = word.upper()
                    if outer.said.get(word):
                        self.say(outer.said[word].pop(0))
                    elif word == "EHLO":
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
                        if piece:
                            outer.received.append(data)
                        outer.stall_data.wait(120)
                        self.say("250 kept")
                    elif word == "QUIT":
                        self.say("221 bye")
                        break
                    else:
                        self.say("502 what?")
                self.connection.close()

        self.handler = Handler
        super().__init__()

    def table(self) -> str:
        return (f'email = {{ to = "meister@example.de", host = "localhost", port = {self.port}, user = "box", '
                'password = "geheim!" }\n')  # fmt: skip

    def texts(self) -> list[str]:
        """What was written, without what makes it a mail."""
        return [message_from_bytes(one, policy=policy.default).get_content().strip() for one in self.received]
