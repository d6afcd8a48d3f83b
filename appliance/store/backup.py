"""A consistent copy of everything, made while the engine runs, and the way back.

A backup is a zip: the database, the settings to read (without secrets), what was spoken for announcements and, if
wanted, what callers left. Restoring checks it first, and is done only while no engine runs: where one does, the file is
left for its next start. Nothing that was still to be sent when it was made is sent then, for it was.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from msgspec import Struct

from appliance import __version__
from appliance.core.errors import StoreError, UserError
from appliance.core.redaction import without_secrets
from appliance.core.settings import Settings, from_json, to_json
from appliance.core.settings_file import to_toml
from appliance.store import leftovers, live, migrations, rows
from appliance.store.file import FILE_NAME, OPENING_WAIT, StateFile, plain, private_mode, sync
from appliance.store.live import LEFT

FORMAT = 1
MANIFEST, READABLE = "manifest.json", "settings.toml"
SOUNDS = ("prompts", "voicemail")
"""Folders of the state directory that hold sound; the second one what callers left."""
BEFORE = "before-restore.sqlite3"
"""In the state directory: what the last restore put aside."""
IN_MEMORY = 32 << 20
"""Bytes of a database that is copied in memory: what lies there counts as the service's own, which has 192 MB."""
PIECE = 1 << 20
"""Bytes written at once: a boot partition that is mounted "sync" writes its tables anew after each."""
LARGEST = 4 << 30
"""Bytes a backup may unpack to."""
MOST_FILES = 10_000
_SOUND = re.compile(rf"({'|'.join(SOUNDS)})/[A-Za-z0-9_-][A-Za-z0-9._-]{{0,80}}\.wav")


class Contents(Struct, frozen=True):
    """What a backup holds. `made_at`: aware. `settings`: None when there were none yet. Counts of rows and files."""

    made_at: datetime
    version: str
    settings: Settings | None
    calls: int
    contacts: int
    sounds: int


# --- making one --------------------------------------------------------------------------------


def save(state: Path, file: Path, at: datetime, *, secrets: bool = True, voicemail: bool = True) -> None:
    """Write a backup, for us alone to read (`file.private_mode`). `at`: aware, now.

    `secrets` False: without PINs, passwords and code words, for a place others can read. `voicemail` False: without
    what callers left. Raises StoreError; then `file` is as it was.
    """
    beside = file.with_name(f".{file.name}.new")
    try:
        with _copy(state, secrets) as copy:
            settings = _settings(copy)
            mode = private_mode(file.parent)
            with os.fdopen(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, mode), "w+b", PIECE) as raw:
                with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
                    about = {"format": FORMAT, "made_at": at.isoformat(), "version": __version__}
                    archive.writestr(MANIFEST, json.dumps(about))
                    if settings:
                        archive.writestr(READABLE, to_toml(settings, with_secrets=False))
                    archive.write(copy, FILE_NAME)
                    for folder in SOUNDS[: 2 if voicemail else 1]:
                        for path in sorted((state / folder).glob("*.wav")):
                            if _SOUND.fullmatch(f"{folder}/{path.name}"):
                                archive.write(path, f"{folder}/{path.name}", zipfile.ZIP_STORED)
                raw.flush()
                os.fsync(raw.fileno())
        beside.replace(file)
        sync(file.parent)
    except (OSError, ValueError) as error:  # ValueError: a file from before 1980, which a zip has no time for
        raise StoreError(f"the backup {file} cannot be written: {error}") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


@contextmanager
def _copy(state: Path, secrets: bool) -> Iterator[Path]:
    """A copy of the database in one file, without browsers' sessions; in memory where it fits, to spare the card."""
    with _room_for(state) as folder:
        copy = folder / FILE_NAME
        with StateFile.open(state) as store:
            store.copy_to(copy)
        with plain(copy), closing(sqlite3.connect(copy, isolation_level=None)) as db:
            db.execute("PRAGMA journal_mode = OFF")  # nobody goes on with a copy that was cut short
            db.execute("PRAGMA synchronous = OFF")
            db.execute("PRAGMA secure_delete = ON")
            db.execute("DELETE FROM page_sessions")
            if not secrets:
                _without_secrets(db)
        yield copy


@contextmanager
def _room_for(state: Path) -> Iterator[Path]:
    """A folder for a copy of the database, gone afterwards."""
    try:
        size = (state / FILE_NAME).stat().st_size
        fits = size <= IN_MEMORY and size * 3 < shutil.disk_usage(leftovers.MEMORY).free
    except OSError:
        fits = False
    with leftovers.folder(leftovers.MEMORY if fits else state) as folder:
        yield folder


def _without_secrets(db: sqlite3.Connection) -> None:
    row = db.execute("SELECT json FROM settings").fetchone()
    if row:
        db.execute("UPDATE settings SET json = ?", (to_json(without_secrets(from_json(row[0].encode()))).decode(),))
    db.execute("DELETE FROM kept WHERE name LIKE 'page.%'")
    db.execute("DELETE FROM pins_tried")  # a digest of four digits hides nothing


# --- the way back ------------------------------------------------------------------------------


def inspect(file: Path) -> Contents:
    """Check a backup, all of it, and say what it holds. Raises UserError with the reason why it cannot be restored."""
    with leftovers.folder(file.parent) as folder, _opened(file) as archive:
        return _check(archive, folder)


def restore(file: Path, state: Path, at: datetime) -> Contents:
    """Put a backup in place of what is there, which is kept as BEFORE. `at`: aware, now.

    A password that was set on this box stays. Raises UserError for a file that is no sound backup, AlreadyRunning while
    an engine runs (then `leave` it), StoreError; then everything is as it was.
    """
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with live.no_engine(state), leftovers.folder(state) as folder, _opened(file) as archive:
        contents = _check(archive, folder)
        try:
            _unpack_sounds(archive, folder)
            _settle(folder / FILE_NAME, state, at)
            _forget_recordings(folder, state)
            _replace(folder, state)
        except OSError as error:
            raise StoreError(f"the backup cannot be put in place: {error}") from error
    return contents


def leave(file: Path, state: Path) -> Contents:
    """Check a backup and leave it for the engine's next start. Raises UserError, StoreError."""
    contents = inspect(file)
    beside = state / f".{LEFT}.new"
    try:
        shutil.copyfile(file, beside)
        beside.chmod(private_mode(state))  # who leaves it is not who restores it
        beside.replace(state / LEFT)
        sync(state)
    except OSError as error:
        raise StoreError(f"the backup cannot be left in {state}: {error}") from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    return contents


def restore_left(state: Path, at: datetime) -> Contents | None:
    """At the engine's start: restore what was left, once, whether it works or not. Raises as `restore` does."""
    file = state / LEFT
    if not file.exists():
        return None
    try:
        return restore(file, state, at)
    finally:
        with suppress(OSError):
            file.unlink()


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error) as error:
        raise UserError(f"{file.name} is no backup of Rufweiche, or is damaged ({error})") from error


def _check(archive: zipfile.ZipFile, folder: Path) -> Contents:
    """Unpack the database into `folder`, check everything, say what it is."""
    named = Path(archive.filename or "").name
    inside = {info.filename: info for info in archive.infolist()}
    if FILE_NAME not in inside or MANIFEST not in inside:
        raise UserError(f"{named} is no backup of Rufweiche")
    if len(inside) > MOST_FILES or sum(info.file_size for info in inside.values()) > LARGEST:
        raise UserError(f"{named} is larger than a backup can be")
    if damaged := archive.testzip():
        raise UserError(f"{named} is damaged: {damaged}")
    try:
        about = json.loads(archive.read(MANIFEST))
        made_at, version, form = datetime.fromisoformat(about["made_at"]), str(about["version"]), int(about["format"])
        if made_at.tzinfo is None:
            raise ValueError("no time zone")
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{named} is no backup of Rufweiche ({error})") from error
    copy = folder / FILE_NAME
    with archive.open(FILE_NAME) as packed, copy.open("wb") as plain_file:
        shutil.copyfileobj(packed, plain_file)
    try:
        with plain(copy), closing(sqlite3.connect(copy, isolation_level=None)) as db:
            if form > FORMAT or migrations.unknown(db):
                raise UserError(f"{named} was made by Rufweiche {version}: update this box first")
            if db.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise UserError(f"the database in {named} is damaged")
        with StateFile(copy, OPENING_WAIT):  # brings an older one up to date
            pass
        settings = _settings(copy)
        with plain(copy), closing(sqlite3.connect(copy, isolation_level=None)) as db:
            (calls,) = db.execute("SELECT count(*) FROM calls WHERE outcome IS NOT NULL").fetchone()
            (contacts,) = db.execute("SELECT count(*) FROM contacts").fetchone()
    except StoreError as error:
        raise UserError(f"the database in {named} cannot be used: {error}") from error
    return Contents(made_at, version, settings, calls, contacts, sum(1 for name in inside if _SOUND.fullmatch(name)))


def _settings(copy: Path) -> Settings | None:
    """Raises UserError where they cannot be read."""
    with plain(copy), closing(sqlite3.connect(copy, isolation_level=None)) as db:
        row = db.execute("SELECT json FROM settings").fetchone()
    return from_json(row[0].encode()) if row else None


def _settle(copy: Path, state: Path, at: datetime) -> None:
    """What was under way when the backup was made is over: nobody is texted twice, nobody is told of old calls."""
    mine: list[tuple[str, str]] = []
    with suppress(StoreError), StateFile.open(state) as store:
        mine = store.kept_by("page.")
    with plain(copy), closing(sqlite3.connect(copy, isolation_level=None)) as db:
        now = rows.stamp(at)
        db.execute(
            "UPDATE messages SET state = 'unknown', error = 'restored from a backup' "
            "WHERE state IN ('queued', 'sending')"
        )
        db.execute(
            "UPDATE calls SET outcome = 'missed', reason = 'restart', ended_at = coalesce(ended_at, started_at) "
            "WHERE outcome IS NULL"
        )
        db.execute("UPDATE calls SET told_at = ? WHERE told_at IS NULL", (now,))
        db.execute("DELETE FROM requests")
        if any(name == "page.password" for name, _ in mine):
            db.execute("DELETE FROM kept WHERE name LIKE 'page.%'")
            db.executemany("INSERT INTO kept (name, value) VALUES (?, ?)", mine)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _forget_recordings(folder: Path, state: Path) -> None:
    """Recordings go by the number of their call: one whose number means another call now must not stay."""
    with suppress(StoreError), plain(state / FILE_NAME), closing(sqlite3.connect(folder / FILE_NAME)) as db:
        same = set[str]()
        if (state / FILE_NAME).exists():
            db.execute("ATTACH ? AS old", (str(state / FILE_NAME),))
            same = {str(number) for (number,) in db.execute(_SAME_CALLS)}
        for path in (state / "voicemail").glob("*.wav"):
            if path.stem not in same:
                path.unlink()


_SAME_CALLS = (
    "SELECT new.id FROM main.calls new JOIN old.calls old ON old.id = new.id AND old.started_at = new.started_at"
)


def _unpack_sounds(archive: zipfile.ZipFile, folder: Path) -> None:
    for info in archive.infolist():
        if _SOUND.fullmatch(info.filename):
            target = folder / info.filename
            target.parent.mkdir(mode=0o770, exist_ok=True)
            with archive.open(info) as packed, target.open("wb") as unpacked:
                shutil.copyfileobj(packed, unpacked)


def _replace(folder: Path, state: Path) -> None:
    """Every step leaves a state directory that works: the old database until the new one takes its name."""
    database, copy = state / FILE_NAME, folder / FILE_NAME
    owner, mode = state.stat(), 0o600
    if database.exists():
        owner = database.stat()
        mode = owner.st_mode & 0o777
        with suppress(StoreError), StateFile.open(state) as store:
            store.empty_log()
        with suppress(OSError):
            (state / BEFORE).unlink(missing_ok=True)
            os.link(database, state / BEFORE)
        for end in ("-wal", "-shm"):  # a log of the old database is none of the new one
            Path(f"{database}{end}").unlink(missing_ok=True)
    for name in SOUNDS:
        if (folder / name).is_dir():
            (state / name).mkdir(mode=0o770, exist_ok=True)
            for path in (folder / name).iterdir():
                path.replace(state / name / path.name)
    copy.chmod(mode)
    with suppress(PermissionError):  # root's doing belongs to the engine all the same
        for path in (copy, *(path for name in SOUNDS for path in (state / name, *(state / name).glob("*.wav")))):
            if path.exists():
                os.chown(path, owner.st_uid, owner.st_gid)
    with copy.open("rb") as file:
        os.fsync(file.fileno())
    copy.replace(database)
    sync(state)
