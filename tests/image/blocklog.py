"""The record of every write and flush of a disk, as QEMU's blklogwrites keeps it, and the states a power cut may leave.

Format: Linux, drivers/md/dm-log-writes.c; a sector of superblock, then for each entry a sector that names it and its
data. A write counts as kept once a flush that was begun after it has ended; until then any part of it may be missing.
"""

from __future__ import annotations

import mmap
import os
import random
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SECTOR = 512
MAGIC = 0x6A736677736872
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8
_ENTRY = struct.Struct("<QQQQ")
_SUPER = struct.Struct("<QQQI")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `end` is where it ends in the record, `data` where its data begins there. Numbers of sectors."""

    sector: int
    count: int
    flags: int
    data: int
    end: int


def read(record: Path) -> list[Entry]:
    """All whole entries. The superblock's own count lags behind when QEMU is killed, so it is not used."""
    found = []
    size = record.stat().st_size
    with record.open("rb") as file:
        magic, version, _, sector_size = _SUPER.unpack(file.read(_SUPER.size))
        assert (magic, version, sector_size) == (MAGIC, 1, SECTOR), record
        place = SECTOR
        while place + SECTOR <= size:
            file.seek(place)
            sector, count, flags, _ = _ENTRY.unpack(file.read(_ENTRY.size))
            has_data = not flags & (DISCARD | MARK) and count
            end = place + SECTOR + (count * SECTOR if has_data else 0)
            if end > size or flags > 15 or (sector, count, flags) == (0, 0, 0):
                break
            found.append(Entry(sector, count, flags, place + SECTOR, end))
            place = end
    return found


class Disk:
    """Stretches of a disk as they were before the record began, brought forward write by write.

    A file with holes: of a card of 4 GB a few dozen MB are looked at, and only those are copied for each state.
    """

    def __init__(self, card: Path, stretches: Sequence[tuple[int, int]], record: Path, file: Path) -> None:
        """`stretches`: start and number of sectors of each; `file`: where they are kept, at the same places."""
        self._stretches = stretches
        with record.open("rb") as opened:
            self._log = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        self.file = file
        with card.open("rb") as source, file.open("wb") as target:
            os.ftruncate(target.fileno(), max(start + count for start, count in stretches) * SECTOR)
            for start, count in stretches:
                _copy_data(source.fileno(), target.fileno(), start * SECTOR, count * SECTOR)

    def concerns(self, entry: Entry) -> bool:
        """Whether the entry writes here."""
        inside = any(start <= entry.sector < start + count for start, count in self._stretches)
        return inside and bool(entry.count) and not entry.flags & (DISCARD | MARK)

    def apply(self, entries: Iterable[Entry]) -> None:
        """Write them."""
        with self.file.open("r+b") as target:
            for entry in entries:
                self._write(target.fileno(), entry, entry.count)

    @contextmanager
    def with_more(self, parts: Sequence[tuple[Entry, int]]) -> Iterator[None]:
        """For a while, so many sectors of each of these, too."""
        with self.file.open("r+b") as target:
            before = [self._write(target.fileno(), entry, count) for entry, count in parts]
            try:
                yield
            finally:
                for place, content in reversed(before):
                    os.pwrite(target.fileno(), content, place)

    def _write(self, target: int, entry: Entry, count: int) -> tuple[int, bytes]:
        """The place, and what was there before."""
        place = entry.sector * SECTOR
        if not self.concerns(entry):
            return place, b""
        before = os.pread(target, count * SECTOR, place)
        os.pwrite(target, self._log[entry.data : entry.data + count * SECTOR], place)
        return place, before


def cut_out(disk: Path, start: int, target: Path) -> None:
    """The rest of a disk from a sector on, as a file of its own."""
    with disk.open("rb") as source, target.open("wb") as made:
        size = os.fstat(source.fileno()).st_size - start * SECTOR
        os.ftruncate(made.fileno(), size)
        _copy_data(source.fileno(), made.fileno(), start * SECTOR, size, back=start * SECTOR)


def _copy_data(source: int, target: int, start: int, size: int, back: int = 0) -> None:
    """A stretch of one file into another, `back` octets nearer to its beginning; holes are left out. In octets."""
    place, end = start, min(start + size, os.fstat(source).st_size)
    while place < end:
        try:
            data = os.lseek(source, place, os.SEEK_DATA)
        except OSError:  # nothing but a hole is left
            return
        place = min(os.lseek(source, data, os.SEEK_HOLE), end)
        os.lseek(target, data - back, os.SEEK_SET)
        while data < place:
            data += os.sendfile(target, source, data, place - data)


def states(
    disk: Disk, entries: Sequence[Entry], cuts: Sequence[int], chance: random.Random
) -> Iterator[tuple[int, str]]:
    """For each cut (the number of entries that had come by then, ascending): the cut, and what was lost.

    The state then lies in `disk.file`, until the next one is asked for; it must not be changed there.
    """
    kept = 0
    for cut in cuts:
        last = max((index for index in range(kept, cut) if entries[index].flags & FLUSH), default=kept)
        disk.apply(entries[kept:last])
        kept = last
        open_ = [entry for entry in entries[kept:cut] if disk.concerns(entry)]
        how = chance.choice(("nothing unflushed", "some of it", "all of it", "one torn"))
        came = [(entry, entry.count) for entry in open_ if how == "all of it" or entry.flags & FUA]
        if how in ("some of it", "one torn"):
            came = [(entry, entry.count) for entry in open_ if entry.flags & FUA or chance.random() < 0.5]
            torn = [entry for entry in open_ if (entry, entry.count) not in came and entry.count > 1]
            if how == "one torn" and torn:  # a card writes sectors whole, but not many at once
                entry = chance.choice(torn)
                came.append((entry, chance.randrange(1, entry.count)))
        with disk.with_more(came):
            yield cut, how
