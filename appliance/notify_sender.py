"""The child that sends one message by e-mail or webhook, and ends: `python -m appliance.notify_sender`; see `notify`.

Here alone is imported what the engine has no room for.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from appliance.notify import GO, LEAVING, SILENT, Refused

if TYPE_CHECKING:
    import smtplib
    import ssl

TIMEOUT = 20.0
"""Seconds a server may take for any one answer."""
PATIENCE = 60.0
"""Seconds a server that has the message may take to say so: many look it over first. It keeps silent about as long as
a modem may."""
IMPLICIT_TLS = 465
"""The port on which TLS begins at once (RFC 8314 clause 3.3); on any other it is asked for with STARTTLS."""
MOST_REDIRECTS = 3
MOST_ANSWER = 4096  # bytes of a response that are read
LONGEST_SUBJECT = 70


def send(job: dict[str, Any], leave: Callable[[], None]) -> None:
    """Send it; `leave` is called right before the message itself goes out. Raises Refused.

    A server that ends the connection without an answer has not taken it (RFC 5321 clause 4.1.1.4), so that is tried
    again; one that keeps silent may well have.
    """
    import ssl

    context, left = ssl.create_default_context(), False

    def leaves() -> None:
        nonlocal left
        if not left:
            leave()
            left = True

    try:
        if job["channel"] == "email":
            _send_email(job, context, leaves)
        else:
            _send_webhook(job, context, leaves)
    except ssl.SSLCertVerificationError as error:
        # Not final: on a box whose clock is not set yet no certificate is valid.
        raise Refused(f"the server's certificate is not valid: {error.verify_message}", final=False) from None
    except TimeoutError:
        raise Refused(SILENT if left else "the server does not answer", final=False, unknown=left) from None
    except OSError as error:
        raise Refused(f"the server cannot be reached: {error.strerror or error}", final=False) from None


def subject(text: str) -> str:
    """One line, not too long, out of a text."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1].rsplit(" ", 1)[0] + "…"


def _send_email(job: dict[str, Any], context: ssl.SSLContext, leave: Callable[[], None]) -> None:
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
            _announce_data(server, leave)
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
    except smtplib.SMTPException as error:
        if isinstance(error.__context__, TimeoutError):  # smtplib says of a silent server that it hung up
            raise TimeoutError from None
        raise Refused("the mail server ended the connection", final=False) from None


def _announce_data(server: smtplib.SMTP, leave: Callable[[], None]) -> None:
    """Sender and recipient are settled before the message leaves; from then on the server gets its time."""
    data = server.data

    def announced(message: bytes | str) -> tuple[int, bytes]:
        leave()
        assert server.sock is not None
        server.sock.settimeout(PATIENCE)
        return data(message)

    server.data = announced  # type: ignore[method-assign, assignment]


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


def _send_webhook(job: dict[str, Any], context: ssl.SSLContext, leave: Callable[[], None]) -> None:
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
            server.connect()
            leave()
            server.sock.settimeout(PATIENCE)
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


def _ask() -> None:
    """May the message leave? Where the engine is gone, that was never written down, and the next one will send it."""
    sys.stdout.write(LEAVING.decode())
    sys.stdout.flush()
    if sys.stdin.readline() != GO.decode():
        sys.exit(1)


def main() -> None:
    """Send the message on stdin, say on stdout what became of it."""
    job = json.loads(sys.stdin.readline())
    answer = {"ok": True, "final": True, "unknown": False, "error": ""}
    try:
        send(job, _ask)
    except Refused as error:
        answer = {"ok": False, "final": error.final, "unknown": error.unknown, "error": str(error)}
    said = json.dumps(answer) + "\n"
    _leave_word(job["word"], said)
    with suppress(BrokenPipeError):  # the engine is gone
        sys.stdout.write(said)
        sys.stdout.flush()


def _leave_word(path: str, said: str) -> None:
    """For the engine that comes after this one, if that should be killed before it has written it down."""
    with suppress(OSError):
        new = Path(f"{path}.new")
        new.write_text(said)
        new.replace(path)


if __name__ == "__main__":
    main()
