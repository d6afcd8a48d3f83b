"""Disks that are full or read-only."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.core.errors import StoreError
from appliance.core.records import Message
from appliance.store.changes import SaveMessage
from appliance.store.database import FILE_NAME, Store
from appliance.store.writer import Writer

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def text(uid: str, words: str = "x") -> Message:
    return Message(uid=uid, kind="missed", to="+49", text=words, created_at=NOON)


class Disk:
    """A state directory whose disk can be filled and emptied: a tmpfs where this user may mount one, else a page
    limit on every connection, which SQLite reports in the same words."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_real = self._mount("-t", "tmpfs", "-o", "size=400k,mode=700", "tmpfs")

    def _mount(self, *options: str) -> bool:
        mount = shutil.which("mount")
        if mount is None:
            return False
        return subprocess.run([mount, *options, str(self.folder)], check=False, capture_output=True).returncode == 0

    def read_only(self, on: bool) -> None:
        assert self._mount("-o", "remount,ro" if on else "remount,rw")

    def fill(self, *stores: Store) -> None:
        if self.is_real:
            with (self.folder / "ballast").open("wb", buffering=0) as file:
                try:
                    while True:
                        file.write(b"x" * 512)
                except OSError:
                    return
        for store in stores:
            (pages,) = store._db.execute("PRAGMA page_count").fetchone()
            store._db.execute(f"PRAGMA max_page_count = {pages}")

    def empty(self, *stores: Store) -> None:
        if self.is_real:
            (self.folder / "ballast").unlink()
        for store in stores:
            store._db.execute("PRAGMA max_page_count = 1000000")


@pytest.fixture
def disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    disk = Disk(folder)
    yield disk
    if disk.is_real:
        subprocess.run(["umount", str(folder)], check=True)


def fill_with_texts(store: Store) -> int:
    """Write until the disk is full; returns how many texts were acknowledged."""
    for number in range(1000):
        try:
            store.write(SaveMessage(text(str(number), "x" * 3000)))
        except StoreError as error:
            assert "is full" in str(error)
            return number
    raise AssertionError("the disk never became full")


def test_what_was_written_before_the_disk_was_full_stays(disk):
    with Store.open(disk.folder, create=True) as store:
        disk.fill(store)
        written = fill_with_texts(store)
        assert len(store.messages()) == written
        disk.empty(store)
        store.write(SaveMessage(text("at last")))
    with Store.open(disk.folder) as store:
        assert [message.uid for message in store.messages(limit=1)] == ["at last"]
        assert len(store.messages()) == written + 1


def test_the_writer_keeps_what_the_disk_does_not_take(disk):
    with Store.open(disk.folder, create=True) as store:
        writer = Writer(store)
        disk.fill(store)
        writer.add(SaveMessage(text("big", "x" * 200_000)))
        assert not writer.flush(10.0)
        assert writer.problem is not None
        assert "is full" in writer.problem
        assert (writer.pending, writer.deadline()) == (1, 10.2)
        disk.empty(store)
        assert writer.flush(10.2)
        assert [message.uid for message in store.messages()] == ["big"]


def no_file(index: Path) -> None:
    """What a full or read-only disk does to SQLite, for any user: it cannot make its shared index."""
    index.symlink_to(index)


def read_only_file(index: Path) -> None:
    """It can be opened, but not to write, and then SQLite reads without one."""
    index.mkdir()


def crash_copy(folder: Path, to: Path) -> None:
    """The files as a power cut would leave them: the last commits are in the WAL only."""
    for end in ("", "-wal"):
        shutil.copyfile(folder / (FILE_NAME + end), to / (FILE_NAME + end))


@pytest.mark.parametrize("block", [no_file, read_only_file])
def test_it_opens_where_no_index_can_be_made(tmp_path, block):
    with Store.open(tmp_path / "state", create=True) as store:
        store.save_settings(b"{}")
        store.write(SaveMessage(text("a")))
        (tmp_path / "after").mkdir()
        crash_copy(tmp_path / "state", tmp_path / "after")
    index = tmp_path / "after" / f"{FILE_NAME}-shm"
    block(index)
    with Store.open(tmp_path / "after") as store:
        assert store.load_settings() == (1, b"{}")
        assert [message.uid for message in store.unfinished()] == ["a"]
        for _ in range(2):
            with pytest.raises(StoreError, match=r"read-only|cannot be opened"):
                store.write(SaveMessage(text("b")))
            assert len(store.messages()) == 1
        store.changed()
        index.rmdir() if index.is_dir() else index.unlink()
        store.write(SaveMessage(text("b")))
        assert store.changed(), "it looked at the file again"
        assert not store.changed()
    with Store.open(tmp_path / "after") as store:
        assert [message.uid for message in store.messages()] == ["b", "a"]


def test_it_opens_on_a_full_disk(disk):
    with Store.open(disk.folder, create=True) as store:
        store.save_settings(b"{}")
    disk.fill()
    if not disk.is_real:
        no_file(disk.folder / f"{FILE_NAME}-shm")
    with Store.open(disk.folder) as store, Store.open(disk.folder) as second:
        assert store.load_settings() == second.load_settings() == (1, b"{}")
        with pytest.raises(StoreError, match=r"is full|read-only|cannot be opened"):
            store.write(SaveMessage(text("a")))
        if disk.is_real:
            disk.empty()
        else:
            (disk.folder / f"{FILE_NAME}-shm").unlink()
        store.write(SaveMessage(text("a")))
        second.write(SaveMessage(text("b")))
        assert len(store.messages()) == 2


def test_it_opens_on_a_read_only_disk(disk):
    with Store.open(disk.folder, create=True) as store:
        store.save_settings(b"{}")
    if not disk.is_real:
        no_file(disk.folder / f"{FILE_NAME}-shm")
    else:
        disk.read_only(True)
    with Store.open(disk.folder) as store:
        assert store.load_settings() == (1, b"{}")
        with pytest.raises(StoreError, match=r"read-only|cannot be opened"):
            store.write(SaveMessage(text("a")))
        if not disk.is_real:
            (disk.folder / f"{FILE_NAME}-shm").unlink()
        else:
            disk.read_only(False)
        store.write(SaveMessage(text("a")))
    with Store.open(disk.folder) as store:
        assert len(store.messages()) == 1


def test_it_opens_on_a_disk_that_went_read_only_in_a_crash(disk, tmp_path):
    with Store.open(tmp_path / "state", create=True) as store:
        store.save_settings(b"{}")
        store.write(SaveMessage(text("a")))
        crash_copy(tmp_path / "state", disk.folder)
        shutil.copyfile(tmp_path / "state" / f"{FILE_NAME}-shm", disk.folder / f"{FILE_NAME}-shm")
    if disk.is_real:
        disk.read_only(True)
    with Store.open(disk.folder) as store:
        assert store.load_settings() == (1, b"{}")
        assert len(store.messages()) == 1
        if disk.is_real:
            with pytest.raises(StoreError, match=r"read-only|cannot be opened"):
                store.write(SaveMessage(text("b")))
            disk.read_only(False)
        store.write(SaveMessage(text("b")))
        assert len(store.messages()) == 2
