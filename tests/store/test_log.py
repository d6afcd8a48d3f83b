"""SQLite's write-ahead log, laid out at its whole size."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.core.errors import StoreError
from appliance.core.records import CallRecord
from appliance.store.changes import SaveCall
from appliance.store.database import Store
from appliance.store.file import FILE_NAME, LOG_SIZE

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path) -> Iterator[Store]:
    with Store.open(tmp_path / "state", create=True, wait=0.02) as opened:
        yield opened


def call(store: Store) -> int:
    """Write one; its id."""
    number = store.next_call_id()
    store.write(SaveCall(CallRecord(number, "office", NOON, "+4915112345678", outcome="missed")))
    return number


def size(store: Store) -> int:
    return Path(f"{store.path}-wal").stat().st_size


def after_a_power_cut(store: Store, folder: Path) -> list[int]:
    """The calls that are found in what lies on the card now."""
    folder.mkdir()
    for end in ("", "-wal"):
        shutil.copyfile(f"{store.path}{end}", folder / f"{FILE_NAME}{end}")
    with Store.open(folder) as found:
        return sorted(one.id for one in found.calls())


@contextmanager
def no_file_longer_than(octets: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_no_commit_makes_it_longer(store):
    """Round and round, over many checkpoints."""
    store.lay_out_log()
    assert size(store) == LOG_SIZE
    for _ in range(600):
        call(store)
    assert size(store) == LOG_SIZE
    assert len(store.calls()) == 600


@pytest.mark.parametrize("before", [0, 1, 7])
def test_nothing_is_lost_by_it(store, tmp_path, before):
    written = [call(store) for _ in range(before)]
    store.lay_out_log()
    assert after_a_power_cut(store, tmp_path / "at once") == written
    written += [call(store) for _ in range(5)]
    assert after_a_power_cut(store, tmp_path / "later") == written


def test_an_empty_log_may_begin_with_zeros(store, tmp_path):
    written = [call(store)]
    assert store.empty_log()
    store.lay_out_log()
    assert after_a_power_cut(store, tmp_path / "empty") == written
    written.append(call(store))
    assert after_a_power_cut(store, tmp_path / "begun") == written


def test_nobody_else_is_writing_meanwhile(store):
    """Zeros over another process's frames would be the end of them."""
    with Store.open(store.path.parent) as other:
        with other.transaction():
            other._db.execute("INSERT INTO kept (name, value) VALUES ('a', 'b')")
            with pytest.raises(StoreError, match="in use by another program"):
                store.lay_out_log()
        before = size(store)
        store.lay_out_log()
        assert before < size(store) == LOG_SIZE
        assert (store.kept("a"), other.kept("a")) == ("b", "b")


def test_where_there_is_no_room_it_stays_as_it_was(store, tmp_path):
    """The last octets of a card are for calls."""
    written = [call(store)]
    before = size(store)
    with no_file_longer_than(LOG_SIZE // 2), pytest.raises(StoreError, match="cannot be laid out: no space left"):
        store.lay_out_log()
    assert size(store) == before
    written.append(call(store))
    assert after_a_power_cut(store, tmp_path / "full") == written
