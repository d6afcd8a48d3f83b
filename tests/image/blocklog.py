"""The record of every write and flush of a disk, as QEMU's blklogwrites keeps it, and the states a power cut may leave.

Format: Linux, drivers/md/dm-log-writes.c; a sector of superblock, then for each entry a sector that names it and its
data. A write counts as kept once a flush that was begun after it has ended; until then any part of it may be missing.
"""

from __future__ import annotations

import mmap
import random
import struct
from collections.abc import Iterator, Sequence
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


class Partition:
    """A partition as it was before the record began, brought forward write by write."""

    def __init__(self, card: Path, start: int, count: int, record: Path) -> None:
        self._start, self._count = start, count
        self._record = record.open("rb")
        self._log = mmap.mmap(self._record.fileno(), 0, access=mmap.ACCESS_READ)
        with card.open("rb") as file:
            file.seek(start * SECTOR)
            self.content = bytearray(file.read(count * SECTOR).ljust(count * SECTOR, b"\0"))

    def concerns(self, entry: Entry) -> bool:
        """Whether the entry writes here."""
        inside = self._start <= entry.sector < self._start + self._count
        return inside and bool(entry.count) and not entry.flags & (DISCARD | MARK)

    def apply(self, entries: Sequence[Entry], content: bytearray | None = None) -> None:
        """Write them into the partition, or into a copy of it."""
        target = self.content if content is None else content
        for entry in entries:
            if self.concerns(entry):
                at = (entry.sector - self._start) * SECTOR
                target[at : at + entry.count * SECTOR] = self._log[entry.data : entry.data + entry.count * SECTOR]

    def torn(self, entry: Entry, content: bytearray, sectors: int) -> None:
        """Only the first so many sectors of a write: a card writes sectors whole, but not many at once."""
        if self.concerns(entry):
            at = (entry.sector - self._start) * SECTOR
            content[at : at + sectors * SECTOR] = self._log[entry.data : entry.data + sectors * SECTOR]


def states(
    partition: Partition, entries: Sequence[Entry], cuts: Sequence[int], chance: random.Random
) -> Iterator[tuple[int, str, bytearray]]:
    """For each cut (the number of entries that had come by then, ascending): the cut, what was lost, the partition."""
    kept = 0
    for cut in cuts:
        last = max((index for index in range(kept, cut) if entries[index].flags & FLUSH), default=kept)
        partition.apply(entries[kept:last])
        kept = last
        open_ = [entry for entry in entries[kept:cut] if partition.concerns(entry)]
        how = chance.choice(("nothing unflushed", "some of it", "all of it", "one torn"))
        content = bytearray(partition.content)
        if how == "all of it":
            partition.apply(open_, content)
        elif how in ("some of it", "one torn"):
            some = [entry for entry in open_ if entry.flags & FUA or chance.random() < 0.5]
            partition.apply(some, content)
            rest = [entry for entry in open_ if entry not in some and entry.count > 1]
            if how == "one torn" and rest:
                entry = chance.choice(rest)
                partition.torn(entry, content, chance.randrange(1, entry.count))
        yield cut, how, content
