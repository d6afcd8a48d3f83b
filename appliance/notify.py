"""The way out over the network: one message by e-mail or webhook.

Sending may take a minute, and the engine's loop may not wait: `Notifier` starts `python -m appliance.notify`, hands it
the message and the access data on its stdin (never on its command line, which anybody may read), and asks now and
then whether it is done. The child answers with one line of JSON: `{"ok": bool, "final": bool, "error": str}`.
"""

from __future__ import annotations

import json
import logging
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from appliance.core.errors import RufweicheError

if TYPE_CHECKING:
    import smtplib
    import ssl
    import subprocess

    from appliance.core.records import Message
    from appliance.core.settings import Notify

TIMEOUT = 20.0
"""Seconds a server may take for any one answer."""
GIVE_UP = 90.0
"""Seconds after which a child is ended; the message is tried again."""
IMPLICIT_TLS = 465
"""The port on which TLS begins at once (RFC 8314 clause 3.3); on any other it is asked for with STARTTLS."""
MOST_REDIRECTS = 3
MOST_ANSWER = 4096  # bytes of a response that are read
LONGEST_SUBJECT = 70

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message. `final`: the same message will be refused again."""

    uid: str
    ok: bool
    final: bool
    error: str


class Notifier:
    """One message at a time, without ever waiting. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._uid = ""
        self._child: subprocess.Popen[bytes] | None = None
        self._give_up_at = 0.0
        self._outcome: Outcome | None = None

    @property
    def busy(self) -> bool:
        """Whether a message is on its way, or its outcome was not yet fetched."""
        return self._child is not None or self._outcome is not None

    def start(self, message: Message, settings: Notify, now: float) -> None:
        """Begin to send a message of channel email or webhook; only while not `busy`."""
        import subprocess  # only where messages leave over the network

        self._uid, self._outcome = message.uid, None
        try:
            job = _job(message, settings)
            child = subprocess.Popen(
                [sys.executable, "-m", "appliance.notify"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        except Refused as error:
            self._outcome = Outcome(message.uid, False, error.final, str(error))
            return
        except OSError as error:
            self._outcome = Outcome(message.uid, False, False, f"cannot be sent now: {error.strerror}")
            return
        self._child, self._give_up_at = child, now + GIVE_UP
        assert child.stdin is not None
        try:
            child.stdin.write(job)  # a pipe takes 64 KiB at once, and a message is far shorter
            child.stdin.close()
        except OSError:
            log.warning("the sender of a message ended before it had it")

    def poll(self, now: float) -> Outcome | None:
        """The outcome, once; None while there is none."""
        if self._child is not None and (self._child.poll() is not None or now >= self._give_up_at):
            self._outcome = self._ended(self._child)
            self._child = None
        outcome, self._outcome = self._outcome, None
        return outcome

    def stop(self) -> None:
        """End what is under way; its message is tried again some day."""
        if self._child is not None:
            self._ended(self._child)
            self._child = None

    def _ended(self, child: subprocess.Popen[bytes]) -> Outcome:
        in_time = child.poll() is not None
        if not in_time:
            child.kill()
        child.wait()
        assert child.stdout is not None
        with child.stdout:
            answer = child.stdout.read(MOST_ANSWER)
        if not in_time:
            return Outcome(self._uid, False, False, "the server took too long")
        try:
            found = json.loads(answer)
            return Outcome(self._uid, bool(found["ok"]), bool(found["final"]), str(found["error"]))
        except (ValueError, TypeError, KeyError):
            return Outcome(self._uid, False, False, f"the sender failed (status {child.returncode})")


class Refused(RufweicheError):
    """A message that did not get out; the text says why, without secrets."""

    def __init__(self, text: str, final: bool) -> None:
        super().__init__(text)
        self.final = final


def _job(message: Message, settings: Notify) -> bytes:
    """What the child reads. Raises Refused where the way is not set."""
    job: dict[str, Any] = {
        "channel": message.channel,
        "uid": message.uid,
        "kind": message.kind,
        "text": message.text,
        "at": message.created_at.isoformat(),
    }
    if message.channel == "email" and settings.email:
        email = settings.email
        job |= {"to": email.to, "host": email.host, "port": email.port, "user": email.user, "password": email.password}
    elif message.channel == "webhook" and settings.webhook:
        job["url"] = settings.webhook
    else:
        raise Refused(f"no {message.channel} is set up", final=True)
    return json.dumps(job).encode()


# --- in the child: here alone is imported what the engine has no room for ------------------------


def send(job: dict[str, Any]) -> None:
    """Send it. Raises Refused."""
    import ssl

    context = ssl.create_default_context()
    try:
        if job["channel"] == "email":
            _send_email(job, context)
        else:
            _send_webhook(job, context)
    except ssl.SSLCertVerificationError as error:
        # Not final: on a box whose clock is not set yet no certificate is valid.
        raise Refused(f"the server's certificate is not valid: {error.verify_message}", final=False) from None
    except TimeoutError:
        raise Refused("the server does not answer", final=False) from None
    except OSError as error:
        raise Refused(f"the server cannot be reached: {error.strerror or error}", final=False) from None


def subject(text: str) -> str:
    """One line, not too long, out of a text."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1].rsplit(" ", 1)[0] + "…"


def _send_email(job: dict[str, Any], context: ssl.SSLContext) -> None:
    import smtplib
    from email.message import EmailMessage
    from email.utils import format_datetime

    message = EmailMessage()
    message["From"] = job["user"] if "@" in job["user"] else job["to"].split(",")[0]
    message["To"] = job["to"]
    message["Subject"] = subject(job["text"])
    message["Date"] = format_datetime(datetime.fromisoformat(job["at"]))
    message["Message-ID"] = f"<{job['uid']}@rufweiche.invalid>"  # the same at every try
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(job["text"])
    host, port, name = job["host"], job["port"], "[127.0.0.1]"
    try:
        if port == IMPLICIT_TLS:
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, name, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(host, port, name, timeout=TIMEOUT)
        try:
            if port != IMPLICIT_TLS:
                server.starttls(context=context)
            if job["user"]:
                _log_in(server, job["user"], job["password"])
            server.send_message(message)
            with suppress(OSError):  # it has the message: how it takes leave does not matter
                server.quit()
        finally:
            server.close()
    except smtplib.SMTPAuthenticationError as error:
        raise Refused(
            f"the mail server refuses user or password ({error.smtp_code})", _is_final(error.smtp_code)
        ) from None
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise Refused(f"the mail server refuses the recipient ({codes[0]})", all(map(_is_final, codes))) from None
    except smtplib.SMTPNotSupportedError:
        raise Refused("the mail server offers no encryption (STARTTLS) or no login", final=True) from None
    except smtplib.SMTPResponseException as error:
        raise Refused(f"the mail server refuses the message ({error.smtp_code})", _is_final(error.smtp_code)) from None
    except smtplib.SMTPException:
        raise Refused("the mail server ended the connection", final=False) from None


def _log_in(server: smtplib.SMTP, user: str, password: str) -> None:
    """As smtplib does, which only knows ASCII; anything else by AUTH PLAIN in UTF-8 (RFC 4616)."""
    import smtplib
    from base64 import b64encode

    if (user + password).isascii():
        server.login(user, password)
        return
    server.ehlo_or_helo_if_needed()
    code, answer = server.docmd("AUTH", "PLAIN " + b64encode(f"\0{user}\0{password}".encode()).decode())
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, answer)


def _is_final(code: int) -> bool:
    return code >= 500  # RFC 5321 clause 4.2.1: 5yz is for good, 4yz for now


def _send_webhook(job: dict[str, Any], context: ssl.SSLContext) -> None:
    import http.client
    from urllib.parse import urljoin, urlsplit

    first = urlsplit(job["url"])
    body, headers = _webhook_body(job, first.hostname or "", first.fragment)
    url = first
    for _ in range(MOST_REDIRECTS + 1):
        if url.scheme not in ("https", "http") or not url.hostname:
            raise Refused("the webhook is no web address", final=True)
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        server = (
            http.client.HTTPSConnection(url.hostname, url.port, timeout=TIMEOUT, context=context)
            if url.scheme == "https"
            else http.client.HTTPConnection(url.hostname, url.port, timeout=TIMEOUT)  # in the owner's own network
        )
        try:
            server.request("POST", path, body, headers)
            response = server.getresponse()
            response.read(MOST_ANSWER)
        except (http.client.HTTPException, ValueError) as error:
            raise Refused(f"the webhook's server does not speak HTTP ({type(error).__name__})", final=False) from None
        finally:
            server.close()
        if response.status not in (307, 308):  # RFC 9110 clause 15.4: those that keep the method
            break
        url = urlsplit(urljoin(url.geturl(), response.headers.get("Location", "")))
        if url.netloc != first.netloc or (first.scheme == "https" and url.scheme != "https"):
            raise Refused(f"the webhook's server sends us on to {url.hostname}", final=True)
    if not 200 <= response.status < 300:
        busy = response.status >= 500 or response.status in (408, 425, 429)
        raise Refused(f"the webhook's server answers {response.status}", final=not busy)


def _webhook_body(job: dict[str, Any], host: str, wish: str) -> tuple[bytes, dict[str, str]]:
    """Plain text for ntfy, which shows what it gets; else JSON. `#text` or `#json` at the address's end decides."""
    if wish == "text" or (wish != "json" and "ntfy" in host):
        return job["text"].encode(), {"Content-Type": "text/plain; charset=utf-8", "Title": "Rufweiche"}
    content = {key: job[key] for key in ("kind", "text", "uid")} | {"title": "Rufweiche", "content": job["text"]}
    return json.dumps(content).encode(), {"Content-Type": "application/json"}


def main() -> None:
    """Send the message on stdin, say on stdout what became of it."""
    answer = {"ok": True, "final": True, "error": ""}
    try:
        send(json.load(sys.stdin))
    except Refused as error:
        answer = {"ok": False, "final": error.final, "error": str(error)}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
