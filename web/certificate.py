"""The certificate this box has made for itself, and whether the page is to be had by it (HTTPS).

All of it is one folder of the state directory: the key and the certificate in one file, so that the two always belong
together, and a mark that says "on". It is not in a backup: another box has a key of its own.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import ipaddress
import os
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from appliance.core.errors import UserError

FOLDER = "https"
"""In the state directory."""
DAYS = 3650
"""A box is not renewed by anybody; whoever compared the fingerprint once need not do it again."""
WITHIN = 60.0
"""Seconds the command may take: a key on a curve is made at once, also where randomness is rare."""
_PAIR, _ON = "pair.pem", "on"
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-)){0,5}")
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----\s(.+?)-----END CERTIFICATE-----", re.DOTALL)
_REQUEST = """[req]
distinguished_name = who
x509_extensions = what
prompt = no
[who]
CN = {name}
O = Rufweiche
[what]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = {names}
"""


class Certificate(Struct, frozen=True):
    """What it says. `names`: host names and addresses it is for; `until`: its last moment; `fingerprint`: SHA-256, as
    browsers show it ("AB:CD:…"), 32 bytes."""

    names: tuple[str, ...]
    until: dt.datetime
    fingerprint: str


def is_on(state: Path) -> bool:
    """Whether the page is to be had by HTTPS."""
    return (state / FOLDER / _ON).exists()


def pair(state: Path) -> Path:
    """The file of key and certificate, which need not be there."""
    return state / FOLDER / _PAIR


def switch_on(state: Path, names: Iterable[str]) -> None:
    """From now on; with the certificate there is, or one made for these names. Raises UserError, OSError."""
    if not pair(state).exists():
        make(state, names)
    (state / FOLDER / _ON).touch(mode=0o660)


def switch_off(state: Path) -> None:
    """From now on; the certificate stays, so that it is the same one when it is switched on again. Raises OSError."""
    (state / FOLDER / _ON).unlink(missing_ok=True)


def make(state: Path, names: Iterable[str]) -> None:
    """A new key and a certificate for these names and addresses, in place of what there is. Names nothing can be
    called are left out. Raises UserError, OSError."""
    folder = state / FOLDER
    folder.mkdir(mode=0o770, exist_ok=True)  # the engine's group may delete it with everything else, and not read it
    known = list(dict.fromkeys(filter(None, map(_entry, names)))) or ["DNS:localhost"]
    name = known[0].partition(":")[2][:64]
    made = pair(state).with_suffix(".new")
    try:
        # Key and certificate go to the same pipe, and from there into a file that is nobody else's from the beginning.
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                   "-sha256", "-days", str(DAYS), "-config", "/dev/stdin", "-keyout", "/dev/stdout"]  # fmt: skip
        done = _openssl(command, _REQUEST.format(name=name, names=", ".join(known)).encode())
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(done)
            file.flush()
            os.fsync(file.fileno())
        made.replace(pair(state))
    finally:
        made.unlink(missing_ok=True)


def described(state: Path) -> Certificate | None:
    """The certificate there is, None: there is none that can be read."""
    try:
        text = pair(state).read_text("ascii")
        found = _PEM.search(text)
        if found is None:
            return None
        der = base64.b64decode(found[1])
        said = _openssl(
            ["openssl", "x509", "-inform", "DER", "-noout", "-enddate", "-ext", "subjectAltName"], der
        ).decode("utf-8", "replace")
    except (OSError, ValueError, UserError):
        return None
    digest = hashlib.sha256(der).hexdigest().upper()
    until = re.search(r"notAfter=(\w+ +\d+ \d+:\d+:\d+ \d+) GMT", said)
    return Certificate(
        tuple(map(_shown, re.findall(r"(?:DNS|IP Address):([^,\s]+)", said))),
        _english_time(until[1]) if until else dt.datetime.max.replace(tzinfo=dt.UTC),
        ":".join(digest[at : at + 2] for at in range(0, len(digest), 2)),
    )


def _openssl(command: list[str], sent: bytes) -> bytes:
    """Run it. In a process of its own, since a library that can make certificates is 10 MB. Raises UserError."""
    try:
        done = subprocess.run(command, input=sent, capture_output=True, timeout=WITHIN, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(f"openssl: {error}") from error
    if done.returncode:
        raise UserError(f"openssl: {done.stderr.decode(errors='replace').strip()[-300:]}")
    return done.stdout


def _entry(name: str) -> str | None:
    """A name or address as a certificate's subjectAltName has it; None: it is none."""
    text = name.strip().strip("[]").lower()
    try:
        return f"IP:{ipaddress.ip_address(text.partition('%')[0])}"
    except ValueError:
        return f"DNS:{text}" if len(text) <= 253 and _LABEL.fullmatch(text) else None


def _shown(name: str) -> str:
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name


def _english_time(text: str) -> dt.datetime:
    """A time as openssl prints it whatever the language: "Nov 21 12:00:00 2036"."""
    month, day, clock, year = text.split()
    hour, minute, second = map(int, clock.split(":"))
    number = "JanFebMarAprMayJunJulAugSepOctNovDec".index(month) // 3 + 1
    return dt.datetime(int(year), number, int(day), hour, minute, second, tzinfo=dt.UTC)
