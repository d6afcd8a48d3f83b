"""The SQLite file: opening it, writing changes, closing it. Raises nothing but StoreError.

WAL mode: readers never wait for the writer nor hold it up. `synchronous=FULL`: what `write` returned from has
reached the disk.
"""

from __future__ import annotations

import errno
import logging
import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from appliance.core.errors import StoreDamaged, StoreError
from appliance.store import migrations, suspicion
from appliance.store.changes import Change

FILE_NAME = "rufweiche.sqlite3"
OPENING_WAIT = 5.0  # s; another process may be migrating, or closing the file as the last one
PAGE_SIZE = 1024  # bytes
LOG_SIZE = 1 << 20  # bytes

log = logging.getLogger(__name__)


def fingerprint(state: Path) -> tuple[tuple[int, int] | None, ...]:
    """Changes when anybody writes: tells so without opening the file, which is not free of writing itself."""
    found: list[tuple[int, int] | None] = []
    for end in ("", "-wal"):
        try:
            seen = Path(f"{state / FILE_NAME}{end}").stat()
        except OSError:
            found.append(None)
        else:
            found.append((seen.st_mtime_ns, seen.st_size))
    return tuple(found)


class RowRefused(StoreError):
    """A value that no row can hold: trying again is pointless."""


class StateFile:
    """The one file of a state directory, open. Use from one thread, as sqlite3 demands."""

    def __init__(self, path: Path, wait: float) -> None:
        """Use `open`."""
        self.path = path
        self._wait = wait
        self._is_copy = self._is_read_only = False
        with plain(path):
            self._db = self._connect()
            try:
                self._version = self._data_version()
            except BaseException:
                self._db.close()
                raise

    @classmethod
    def open(cls, state_dir: Path, create: bool = False, wait: float = OPENING_WAIT) -> Self:
        """Open the database of a state directory and bring an older one up to date.

        `create`: make the directory (0700) and the file where missing. `wait`: seconds to wait for another process
        that is writing: the engine takes 0.02, since its loop may not stall; opening itself may take OPENING_WAIT.
        An up-to-date file also opens while another process writes, and on a full or read-only disk: then on a copy
        in memory, until the first `write` that succeeds. Raises StoreError.
        """
        path = state_dir / FILE_NAME
        try:
            if create and not state_dir.is_dir():
                state_dir.mkdir(mode=0o700, parents=True)
            _private_file(path, create)
        except FileNotFoundError:
            raise StoreError(f"{state_dir} holds no Rufweiche data yet") from None
        except OSError as error:
            raise StoreError(f"{path} cannot be opened: {_reason(error)}") from None
        return cls(path, wait)

    def close(self) -> None:
        """Close the file; never raises."""
        try:
            self._db.close()
        except sqlite3.Error as error:  # the closing checkpoint: what is in the WAL stays there, safe
            log.warning("closing %s: %s", self.path, error)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # --- writing -------------------------------------------------------------------------------

    def write(self, *changes: Change) -> None:
        """Write all of them or none; on return they have reached the disk.

        Raises StoreError when it cannot be done now, RowRefused when it never can.
        """
        try:
            statements = [change.statement() for change in changes]
        except (ValueError, TypeError) as error:
            raise RowRefused(f"cannot be stored: {error}") from error
        with self.transaction():
            for sql, values in statements:
                self._db.execute(sql, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with plain(self.path):
            if self._is_copy or self._is_read_only:
                self._open_to_write()
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield
                self._db.execute("COMMIT")
            except sqlite3.OperationalError as error:
                self._is_read_only = _name(error).startswith("SQLITE_READONLY")
                raise
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    def changed(self) -> bool:
        """Whether another process has written since the last time this was asked (or since opening)."""
        with plain(self.path):
            before, self._version = self._version, self._data_version()
        return before != self._version

    def copy_to(self, path: Path) -> None:
        """A consistent copy in a new file, while others read and write, without what was deleted.

        Written straight to where it is to be: what VACUUM alone does goes through a file in /var/tmp or /tmp, which may
        lie in memory (https://sqlite.org/tempfiles.html).
        """
        with plain(self.path):
            self._db.execute("VACUUM INTO ?", (str(path),))

    def kept_by(self, beginning: str) -> list[tuple[str, str]]:
        """What `changes.Keep` kept by names that begin so, with these names."""
        with plain(self.path):
            found = self._db.execute(
                "SELECT name, value FROM kept WHERE substr(name, 1, ?) = ?", (len(beginning), beginning)
            )
            return found.fetchall()

    def empty_log(self) -> bool:
        """Carry the write-ahead log into the file and cut it to nothing; False while another process reads it."""
        with plain(self.path):
            (busy, *_) = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    def lay_out_log(self) -> None:
        """Give the write-ahead log its whole size at once, where it is shorter. For whoever will write to it for long.

        SQLite goes round in it as it is. A commit that makes it longer costs the file system's journal several times
        what the commit itself takes: its size, the blocks that are taken and where they are counted. The zeros are no
        frames to SQLite (a frame has the header's salts, https://sqlite.org/fileformat2.html#walformat), and nobody
        else writes meanwhile, for that takes the same lock. Raises StoreError.
        """
        path = Path(f"{self.path}-wal")
        with self.transaction(), suppress(FileNotFoundError), path.open("r+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            if size >= LOG_SIZE:
                return
            try:
                if file.write(bytes(LOG_SIZE - size)) < LOG_SIZE - size:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fdatasync(file.fileno())
            except OSError as error:
                file.truncate(size)  # what room there is, is for calls
                raise StoreError(f"{path} cannot be laid out: {_reason(error)}") from None

    # --- opening -------------------------------------------------------------------------------

    def _connect(self) -> sqlite3.Connection:
        try:
            return self._connect_file(OPENING_WAIT)
        except sqlite3.OperationalError as error:
            if not _may_be_copied(error):
                raise
            log.error("%s: working on a copy until it can be written", _sentence(error, self.path))
        self._is_copy = True
        return self._connect_copy()

    def _connect_file(self, wait: float) -> sqlite3.Connection:
        uri = f"file:{quote(str(self.path))}?mode=rw"  # never creates: `_private_file` does, with the right mode
        db = sqlite3.connect(uri, uri=True, timeout=wait, isolation_level=None)
        try:
            _prepare(db)
            db.execute(f"PRAGMA busy_timeout = {round(self._wait * 1000)}")
        except BaseException:
            db.close()
            raise
        return db

    def _connect_copy(self) -> sqlite3.Connection:
        """A copy in memory, for a disk that is full or read-only: SQLite can't open a file in WAL mode, not even to
        read, where it cannot make the shared index (32 KiB) beside it. That no other process has the file open
        follows from this, so that the copied files fit together.
        """
        import shutil  # both bring much that an engine with a sound disk never uses
        import tempfile

        ram = Path("/dev/shm")
        with tempfile.TemporaryDirectory(prefix=".rufweiche-", dir=ram if ram.is_dir() else None) as folder:
            for end in ("", "-wal"):
                source = Path(f"{self.path}{end}")
                if source.exists():
                    shutil.copyfile(source, Path(folder, FILE_NAME + end))
            db = sqlite3.connect(Path(folder, FILE_NAME), isolation_level=None)
            try:
                _prepare(db)
                copy = sqlite3.connect(":memory:", isolation_level=None)
                db.backup(copy)
            finally:
                db.close()
        return copy

    def _open_to_write(self) -> None:
        """From the copy back to the file; or the file anew, since SQLite never makes a read-only connection more."""
        if not self._is_copy:
            self._db.close()  # first: the connections of a process share one handle of the index
            self._db = self._connect()
            if self._is_copy:
                raise StoreError(f"{self.path} cannot be written: the file or its disk is read-only")
        else:
            db = self._connect_file(self._wait)
            self._db.close()
            self._db, self._is_copy = db, False
        self._is_read_only = False
        self._version = -1  # whatever happened meanwhile: `changed` says so

    def _data_version(self) -> int:
        (version,) = self._db.execute("PRAGMA data_version").fetchone()
        return int(version)


def _prepare(db: sqlite3.Connection) -> None:
    """Bring a fresh connection and its file into the shape this program works with.

    What wears a card is that a commit writes every page it touches, whole. So pages are small (in a new file; an older
    one keeps its own), what nobody searches for has no index, the indexes there are hold only what is asked for, and a
    commit holds as much as belongs together. A missed call with its text is 4 commits of one fdatasync each and 17 kB
    of log (69 kB with pages of 4096 bytes), a forwarded one 2 and 6 kB. Reading the newest page, a number's calls or a
    year's statistics is as quick with small pages.
    The log is about what a day of a hundred calls writes: a checkpoint a day, and as much to lay out anew when what is
    old was deleted from it (`lay_out_log`). A larger one saves nothing, for the next day's calls touch other pages.
    """
    db.execute(f"PRAGMA page_size = {PAGE_SIZE}")
    if db.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        db.execute("PRAGMA journal_mode = WAL")
    (page_size,) = db.execute("PRAGMA page_size").fetchone()
    # An eighth is for the frames' heads, and for the commit that goes beyond.
    db.execute(f"PRAGMA wal_autocheckpoint = {LOG_SIZE // 8 * 7 // page_size}")
    db.execute("PRAGMA synchronous = FULL")
    # KiB: SQLite would take 2 MB as it reads, and never give them back, in an engine that has 32 MB in all. The tables
    # it searches fit into a quarter of that, and the system keeps the file's pages anyway.
    db.execute("PRAGMA cache_size = -512")
    db.execute("PRAGMA secure_delete = ON")  # what is deleted is gone from the file; costs nothing until it is
    if migrations.pending(db):
        migrations.apply(db)


def private_mode(folder: Path) -> int:
    """The mode of a file in this folder that nobody else is to read. Raises OSError.

    In a folder shared on purpose (setgid and the group may write, as the services' is) it is the group's, too, whoever
    made it.
    """
    shared = stat.S_ISGID | stat.S_IWGRP
    return 0o660 if folder.stat().st_mode & shared == shared else 0o600


def sync(folder: Path) -> None:
    """A rename is on the disk once its folder is. Raises OSError."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _private_file(path: Path, create: bool) -> None:
    """See that the file is there and nobody else's to read; SQLite gives its side files the same mode.

    A file that exists is not opened here: closing it would drop the locks this process holds on it elsewhere.
    """
    mode = private_mode(path.parent)
    if create:
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode))
    if stat.S_IMODE(path.stat().st_mode) & 0o077 != mode & 0o077:
        with suppress(OSError):  # not ours, or a card that went read-only: it can still be read
            path.chmod(mode)


def _is_full(error: sqlite3.Error) -> bool:
    return _name(error) in ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")


def _may_be_copied(error: sqlite3.Error) -> bool:
    return _is_full(error) or _name(error).startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN"))


def _name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", "")


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


@contextmanager
def plain(path: Path) -> Iterator[None]:
    """Turn what sqlite3 raises into StoreError with a sentence for people."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise RowRefused(f"cannot be stored: {error}") from error
    except sqlite3.Error as error:
        damaged = _name(error).startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT"))
        if damaged:
            suspicion.raise_it(path.parent)
        raise (StoreDamaged if damaged else StoreError)(_sentence(error, path)) from error
    except OverflowError as error:
        raise RowRefused(f"cannot be stored: {error}") from error
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {_reason(error)}") from error
    except (ValueError, TypeError) as error:
        raise StoreError(f"{path} holds something that was not written by Rufweiche: {error}") from error


def _sentence(error: sqlite3.Error, path: Path) -> str:
    name = _name(error)
    if _is_full(error):
        return f"the disk with {path} is full"
    for start, says in (
        ("SQLITE_BUSY", "is in use by another program"),
        ("SQLITE_LOCKED", "is in use by another program"),
        ("SQLITE_NOTADB", "is not a Rufweiche database"),
        ("SQLITE_CORRUPT", "is damaged"),
        ("SQLITE_READONLY", "cannot be written: the file or its disk is read-only"),
        ("SQLITE_CANTOPEN", "cannot be opened"),
        ("SQLITE_IOERR", "cannot be used: the disk reports an error"),
    ):
        if name.startswith(start):
            return f"{path} {says}"
    return f"{path}: {error}"
