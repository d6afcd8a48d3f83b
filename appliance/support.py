"""`rufweiche support`: what somebody needs who is to help from afar, and nothing that is nobody's business.

Settings without secrets, how things stand, versions, the log, calls and texts with shortened numbers. What people
wrote to each other is left out; names of callers too. Each part is made for itself, so that a damaged database still
leaves the rest.
"""

from __future__ import annotations

import io
import os
import platform
import re
import shutil
import sqlite3
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from appliance import __version__, reports
from appliance.core.errors import RufweicheError
from appliance.core.redaction import Redactor
from appliance.core.settings import Settings, from_json
from appliance.core.settings_file import to_toml
from appliance.ports import clock, journal
from appliance.ports.journal import Entry
from appliance.status import engine_lines, status
from appliance.store import live
from appliance.store.database import FILE_NAME, Store

NEWEST = 500
"""Calls, and texts of each kind."""
FOLDER = "rufweiche-support"
TROUBLE = Path("/var/lib/rufweiche-trouble")
"""The log of the last crashes, which root keeps there."""
MOST_OF_A_LOG = 200_000
"""Characters."""
_KEPT_LOG = re.compile(r"[a-z-]{1,40}-\d{8}T\d{6}Z\.log")
_NAME = re.compile(r"[^\w.-]")
READ_ME = """Dieses Paket hilft jemandem, der Ihnen hilft. Es enthält keine PIN, kein Kennwort, keine vollständige
Rufnummer, keine Nachrichtentexte und keine Namen von Anrufern. Sie können jede Datei mit einem Texteditor ansehen.

This bundle helps somebody who helps you. It holds no PIN, no password, no whole phone number, no texts of messages and
no names of callers. Any text editor shows you what is in each file.
"""


def bundle(
    state: Path, now: datetime, log: Callable[[], Iterable[Entry]] = journal.last, trouble: Path = TROUBLE
) -> dict[str, bytes]:
    """The files by name. `state`: the state directory. `now`: aware. Never raises for anything the box may be in."""
    files = {"README.txt": READ_ME}
    settings: Settings | None = None
    redact = Redactor(None)
    try:
        with Store.open(state) as store:
            if loaded := store.load_settings():
                settings = from_json(loaded[1])
            redact = Redactor(settings, _codes(store, state))
            files |= _of_store(store, settings, redact, state, now)
    except RufweicheError as error:
        files["database-problem.txt"] = redact(str(error)) + "\n"
    files["versions.json"] = reports.as_json(_versions(state, now))
    files["live.json"] = reports.as_json(redact.json(live.read(state, clock.boot_id(), clock.monotonic())))
    files["log.txt"] = "".join(map(_line(redact), log())) or "There is no log here, or it may not be read.\n"
    files |= _trouble(trouble, redact)
    return {name: text.encode(errors="replace") for name, text in files.items()}


def write(files: Mapping[str, bytes], path: Path, now: datetime) -> None:
    """Put them into one file for us alone: a gzipped tar where its name says so, else a zip. Raises OSError."""
    is_tar = path.name.endswith((".tar.gz", ".tgz"))
    content = _tar(files, now) if is_tar else _zip(files, now)
    beside = path.with_name(f".{path.name}.new")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _of_store(store: Store, settings: Settings | None, redact: Redactor, state: Path, now: datetime) -> dict[str, str]:
    files: dict[str, str] = {}
    if settings:
        files["settings.toml"] = to_toml(redact.settings(settings), with_secrets=True)
        lines = engine_lines(state, clock.monotonic())
        said = status(settings, lines, store.message_counts(), now, store.override())
        files["status.json"] = reports.as_json(redact.json(said))
    calls = [
        reports.call_row(call, UTC) | {"caller_name": call.caller_name and "(known)"}
        for call in store.calls(limit=NEWEST)
    ]
    sent = [
        reports.message_row(message, UTC) | {"text": _length(message.text)} for message in store.messages(limit=NEWEST)
    ]
    received = [
        {"line": one.line, "received_at": one.received_at.isoformat(), "from": one.sender, "kind": one.kind}
        | {"text": _length(one.text)}
        for one in store.inbox(limit=NEWEST)
    ]
    files["calls.json"] = reports.as_json(redact.json(calls))
    files["messages.json"] = reports.as_json(redact.json(sent))
    files["inbox.json"] = reports.as_json(redact.json(received))
    files["counts.json"] = reports.as_json({"contacts": len(store.contacts()), "handovers": len(store.duties())})
    return files


def _codes(store: Store, state: Path) -> list[str]:
    """The set-up code, which the page says in the log until somebody has used it."""
    try:
        printed = (state / "setup-code").read_text(errors="replace").split()
    except OSError:
        printed = []
    return [*printed, store.kept("page.code") or ""]


def _trouble(folder: Path, redact: Redactor) -> dict[str, str]:
    """What was kept on the card of the log before a crash."""
    files = {}
    for path in sorted(folder.glob("*.log")):
        if not _KEPT_LOG.fullmatch(path.name):
            continue
        try:
            text = path.read_text(errors="replace")[-MOST_OF_A_LOG:]
        except OSError:
            continue
        files[f"trouble/{path.name}"] = "\n".join(map(redact.log_line, text.splitlines())) + "\n"
    return files


def _length(text: str) -> str:
    return f"({len(text)} characters)"


def _line(redact: Redactor) -> Callable[[Entry], str]:
    def line(entry: Entry) -> str:
        text = " ".join(redact(entry.text).split())
        return f"{entry.at:%Y-%m-%d %H:%M:%S} {entry.unit} {entry.level} {text}\n"

    return line


# --- what it runs on ---------------------------------------------------------------------------


def _versions(state: Path, now: datetime) -> dict[str, object]:
    return {
        "at": now.isoformat(timespec="seconds"),
        "rufweiche": __version__,
        "python": sys.version.split()[0],
        "sqlite": sqlite3.sqlite_version,
        "system": _system(),
        "kernel": platform.release(),
        "machine": platform.machine(),
        "model": _first_line(Path("/proc/device-tree/model")),
        "packages": _packages(),
        "up_seconds": round(clock.monotonic()),
        "database_bytes": _size(state / FILE_NAME),
        "free_bytes": _free(state),
    }


def _system() -> str | None:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME")
    except OSError:
        return None


def _packages() -> dict[str, str]:
    try:
        wanted = metadata.requires("rufweiche") or []
    except metadata.PackageNotFoundError:
        return {}
    found = {}
    for requirement in wanted:
        name = _NAME.split(requirement, maxsplit=1)[0]
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _first_line(path: Path) -> str | None:
    try:
        return path.read_text().strip("\0\n ") or None
    except (OSError, UnicodeDecodeError):
        return None


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


# --- one file of it ----------------------------------------------------------------------------


def _zip(files: Mapping[str, bytes], now: datetime) -> bytes:
    packed = io.BytesIO()
    moment = max(now.timetuple()[:6], (1980, 1, 1, 0, 0, 0))  # zip begins there
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(
                f"{FOLDER}/{name}", (moment[0], moment[1], moment[2], moment[3], moment[4], moment[5])
            )
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _tar(files: Mapping[str, bytes], now: datetime) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(f"{FOLDER}/{name}")
            info.size, info.mtime, info.mode = len(content), now.timestamp(), 0o600
            archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()
