"""The page of a box as its owner uses it: a browser that keeps cookies, fills in forms and sends files."""

from __future__ import annotations

import html
import http.cookiejar
import re
import secrets
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from .guest import SLOW

CHUNK = 1 << 20


class Browser:
    """Of the page at 127.0.0.1 and this port. What is read is the text of the page, without its markup."""

    def __init__(self, port: int) -> None:
        self._at = f"http://127.0.0.1:{port}"
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy()))
        )
        self.path = "/"
        self.status = 0
        self._page = ""

    def read(self, path: str) -> str:
        """Open a page; its text. Raises OSError where nobody answers."""
        return self._open(urllib.request.Request(self._at + path))

    def send(self, path: str, **fields: str) -> str:
        """Send the form that the page last read has for it; the text of the answer."""
        data = urllib.parse.urlencode({"csrf_token": self._token(), **fields}).encode()
        return self._open(self._request(path, data))

    def upload(self, path: str, file: Path, **fields: str) -> str:
        """The same with a file (RFC 7578), which is read as it is sent."""
        edge = secrets.token_hex(16)
        head = "".join(
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in {"csrf_token": self._token(), **fields}.items()
        )
        head += f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'
        end = f"\r\n--{edge}--\r\n"

        def parts() -> Iterator[bytes]:
            yield head.encode()
            with file.open("rb") as opened:
                while chunk := opened.read(CHUNK):
                    yield chunk
            yield end.encode()

        request = self._request(path, parts())
        request.add_header("Content-Type", f"multipart/form-data; boundary={edge}")
        request.add_header("Content-Length", str(len(head.encode()) + file.stat().st_size + len(end)))
        return self._open(request)

    def _request(self, path: str, data: bytes | Iterator[bytes]) -> urllib.request.Request:
        return urllib.request.Request(self._at + path, data, {"Referer": self._at + self.path})

    def _token(self) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self._page)
        assert found, f"there is no form on {self.path}: {text(self._page)}"
        return found[1]

    def _open(self, request: urllib.request.Request) -> str:
        try:
            answer = self._opener.open(request, timeout=300 * SLOW)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            self.status, self._page = answer.status, answer.read().decode()
            self.path = urllib.parse.urlsplit(answer.url).path
        return text(self._page)


def text(page: str) -> str:
    """What people read of it, without what stands on every page."""
    content = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", page.partition("<main")[2], flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", "<main" + content)).split())
