"""From an empty file, an older one and a newer one; by one process or several at once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from appliance.core.errors import StoreError
from appliance.store import migrations
from appliance.store.database import FILE_NAME, Store

TABLES = {
    "settings", "calls", "messages", "sims", "pins_tried", "override", "contacts", "inbox", "optouts", "duty",
    "hourly_counts", "purged_texts", "erased_texts", "kept", "requests", "page_sessions",
}  # fmt: skip


def tables(path) -> set[str]:
    db = sqlite3.connect(path / FILE_NAME)
    names = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    db.close()
    return {name for name in names if not name.startswith(("sqlite_", "_sqlite_"))}


def test_from_an_empty_file(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"")
    Store.open(tmp_path).close()
    assert tables(tmp_path) == TABLES


@pytest.mark.parametrize("steps", range(1, len(migrations.STEPS)))
def test_from_an_older_file(tmp_path, monkeypatch, steps):
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", migrations.STEPS[:steps])
        db = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
        migrations.apply(db)
        db.execute("INSERT INTO settings (id, version, json, changed_at) VALUES (1, 7, '{}', '')")
        assert not migrations.pending(db)
        db.close()
    with Store.open(tmp_path) as store:
        assert store.load_settings() == (7, b"{}")
    assert tables(tmp_path) == TABLES


def test_a_newer_file_is_used_as_it_is(tmp_path):
    Store.open(tmp_path, create=True).close()
    db = sqlite3.connect(tmp_path / FILE_NAME)
    db.execute("ALTER TABLE calls ADD COLUMN mood TEXT")
    db.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('rufweiche', 'add_mood', '2030')"
    )
    db.commit()
    db.close()
    with Store.open(tmp_path) as store:
        assert store.calls() == []


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    def fail(db) -> None:
        db.execute("CREATE TABLE half (x)")
        db.execute("INSERT INTO nowhere VALUES (1)")

    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, fail))
    with pytest.raises(StoreError):
        Store.open(tmp_path, create=True)
    assert tables(tmp_path) == set()
    monkeypatch.undo()
    Store.open(tmp_path).close()
    assert tables(tmp_path) == TABLES


def test_several_processes_at_once(tmp_path):
    code = (
        "import sys; from pathlib import Path; from appliance.store.database import Store; "
        "store = Store.open(Path(sys.argv[1]), create=True); store.save_settings(b'{}'); store.close()"
    )
    children = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(4)]
    assert [child.wait(timeout=30) for child in children] == [0, 0, 0, 0]
    with Store.open(tmp_path) as store:
        assert store.load_settings() == (4, b"{}")


def test_whoever_comes_second_waits_and_finds_nothing_to_do(tmp_path, monkeypatch):
    taken = []

    def slow(db) -> None:
        taken.append(db)
        threading.Event().wait(0.2)

    monkeypatch.setattr(migrations, "STEPS", (slow, *migrations.STEPS))
    with ThreadPoolExecutor() as pool:
        openings = [pool.submit(lambda: Store.open(tmp_path, create=True).close()) for _ in range(3)]
    assert [opening.exception() for opening in openings] == [None, None, None]
    assert len(taken) == 1


def test_an_up_to_date_file_costs_no_sqlite_utils(tmp_path):
    Store.open(tmp_path, create=True).close()
    code = (
        "import sys; from pathlib import Path; from appliance.store.database import Store; "
        "Store.open(Path(sys.argv[1])).close(); sys.exit('sqlite_utils' in sys.modules or 'tempfile' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, timeout=30).returncode == 0
