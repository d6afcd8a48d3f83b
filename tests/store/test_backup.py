"""A copy of everything and the way back, and what is refused."""

import json
import os
import sqlite3
import zipfile
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from appliance.core.contacts import Contact
from appliance.core.errors import StoreError, UserError
from appliance.core.records import CallRecord, Message
from appliance.core.settings import to_json
from appliance.core.settings_check import check_file
from appliance.store import backup, leftovers
from appliance.store.changes import Keep, PinTried, SaveCall
from appliance.store.database import FILE_NAME, Store
from appliance.store.live import AlreadyRunning, Live
from appliance.store.page import PageStore
from tests.core.settings_sample import FULL

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
SETTINGS = check_file(FULL.encode()).settings


@pytest.fixture(autouse=True)
def no_runtime_directory(monkeypatch):
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)


def fill(folder, calls=3, begin=NOW):
    with PageStore.open(folder, create=True) as store:
        store.save_settings(to_json(SETTINGS))
        for number in range(calls):
            at = begin + timedelta(minutes=number)
            call = CallRecord(store.next_call_id(), "office", at, caller="+4917012345678", outcome="missed")
            call.reason, call.ended_at = "gave_up_ringing", at
            store.write(SaveCall(call))
        store.write(SaveCall(CallRecord(store.next_call_id(), "office", NOW)))  # under way
        store.queue_message(Message("a", "missed", "+4915112345678", "one", NOW))
        store.queue_message(Message("b", "missed", "+4915112345678", "two", NOW, state="sending"))
        store.queue_message(Message("c", "missed", "+4915112345678", "three", NOW, state="sent"))
        store.put_contact(Contact("+4989777", "Huber", "", None, "page", ""))
        store.write(Keep("page.password", "$argon2id$old"), Keep("page.code", "OLDCODE1"), PinTried("office", "d1gest"))
        store.open_session("secret-digest", NOW, "10.0.0.7", "Firefox")
    (folder / "voicemail").mkdir()
    (folder / "voicemail/1.wav").write_bytes(b"RIFF one")
    (folder / "voicemail/..evil.wav").write_bytes(b"RIFF")
    (folder / "prompts").mkdir()
    (folder / "prompts/announcement.wav").write_bytes(b"RIFF hello")
    return folder


@pytest.fixture
def state(tmp_path):
    return fill(tmp_path / "state")


@pytest.fixture
def file(tmp_path, state):
    backup.save(state, tmp_path / "b.zip", NOW)
    return tmp_path / "b.zip"


def table(folder, sql):
    with closing(sqlite3.connect(folder / FILE_NAME)) as db:
        return db.execute(sql).fetchall()


def test_there_and_back(tmp_path, file):
    assert file.stat().st_mode & 0o777 == 0o600
    there = backup.inspect(file)
    assert (there.calls, there.contacts, there.sounds, there.made_at) == (3, 1, 2, NOW)
    assert there.settings == SETTINGS
    new = tmp_path / "new"
    assert backup.restore(file, new, NOW) == there
    with Store.open(new) as store:
        assert len(store.calls()) == 4
        assert [call.reason for call in store.calls()] == ["restart", *["gave_up_ringing"] * 3]
        assert store.load_settings()[1] == to_json(SETTINGS)
        assert store.kept("page.password") == "$argon2id$old"
        assert store.next_call_id() == 5
        assert len(store.contacts()) == 1
    assert (new / "voicemail/1.wav").read_bytes() == b"RIFF one"
    assert (new / "prompts/announcement.wav").read_bytes() == b"RIFF hello"
    assert (new / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert not [path for path in new.iterdir() if path.name.startswith(".")]


def test_what_services_share_each_of_them_can_read(tmp_path, state, file):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o2770)
    before = os.umask(0o007)  # as the units have it
    try:
        backup.save(state, shared / "b.zip", NOW)
        backup.leave(file, shared)
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in shared.iterdir()} == {0o660}


def test_nothing_is_sent_or_told_again(tmp_path, file):
    backup.restore(file, tmp_path / "new", NOW)
    with PageStore.open(tmp_path / "new") as store:
        assert store.unfinished() == []
        assert {text.uid: text.state for text in store.messages()} == {"a": "unknown", "b": "unknown", "c": "sent"}
        assert store.open_calls() == []
        assert all(call.told_at for call in store.missed_open())
        assert store.sessions() == []


def test_while_the_engine_writes(tmp_path, state):
    with Store.open(state) as engine, engine.transaction():
        engine._db.execute("INSERT INTO kept (name, value) VALUES ('half', 'done')")
        backup.save(state, tmp_path / "b.zip", NOW)
    backup.restore(tmp_path / "b.zip", tmp_path / "new", NOW)
    assert table(tmp_path / "new", "SELECT value FROM kept WHERE name = 'half'") == []


def test_what_was_there_is_put_aside_and_a_password_stays(tmp_path, file):
    new = tmp_path / "new"
    with Store.open(new, create=True) as store:
        store.write(Keep("page.password", "$argon2id$new"), Keep("other", "gone"))
        backup.restore(file, new, NOW)
        store.write(Keep("late", "lost"))  # somebody who still had the old file open
    with Store.open(new) as store:
        assert (store.kept("page.password"), store.kept("page.code")) == ("$argon2id$new", None)
        assert (store.kept("other"), store.kept("late")) == (None, None)
        assert len(store.calls()) == 4
    (new / backup.BEFORE).rename(tmp_path / FILE_NAME)
    assert ("other", "gone") in table(tmp_path, "SELECT name, value FROM kept")


def test_recordings_never_change_their_call(tmp_path, state):
    backup.save(state, tmp_path / "b.zip", NOW, voicemail=False)
    (state / "voicemail/2.wav").write_bytes(b"RIFF two")
    backup.restore(tmp_path / "b.zip", state, NOW)
    assert (state / "voicemail/2.wav").exists()  # the same call
    other = fill(tmp_path / "other", begin=NOW + timedelta(days=1))  # its call 1 is another one
    backup.restore(tmp_path / "b.zip", other, NOW)
    assert not list((other / "voicemail").glob("1.wav"))


def test_without_secrets(tmp_path, state):
    backup.save(state, tmp_path / "b.zip", NOW, secrets=False)
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    for secret in (b"9753", b"4711", b"geheim", b"ntfy.example", b"argon2", b"OLDCODE1", b"d1gest", b"secret-digest"):
        assert secret not in everything, secret
    settings = backup.inspect(tmp_path / "b.zip").settings
    assert settings.line[0].pin is None
    assert settings.notify.email.host == "smtp.example.de"
    assert settings.timetable == SETTINGS.timetable


def test_a_living_engine_keeps_it_out_and_its_next_start_takes_it(tmp_path, state, file):
    live = Live(state, "boot")
    with pytest.raises(AlreadyRunning):
        backup.restore(file, state, NOW)
    with Store.open(state) as store:
        store.write(Keep("since", "then"))
    assert backup.leave(file, state).calls == 3
    live.close()
    assert backup.restore_left(state, NOW).calls == 3
    assert backup.restore_left(state, NOW) is None
    with Store.open(state) as store:
        assert store.kept("since") is None


def test_one_that_cannot_be_restored_is_tried_once(state):
    (state / backup.LEFT).write_bytes(b"rubbish")
    with pytest.raises(UserError):
        backup.restore_left(state, NOW)
    assert backup.restore_left(state, NOW) is None
    with Store.open(state) as store:
        assert len(store.calls()) == 3


def rewritten(file, tmp_path, **members):
    """The backup with some members changed; None leaves one out."""
    out = tmp_path / "changed.zip"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(out, "w") as new:
        names = {"manifest": backup.MANIFEST, "database": FILE_NAME}
        changed = {names[key]: value for key, value in members.items()}
        for name in old.namelist():
            content = changed.get(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return out


def altered(file, tmp_path, sql):
    with zipfile.ZipFile(file) as archive:
        (tmp_path / "copy").write_bytes(archive.read(FILE_NAME))
    with closing(sqlite3.connect(tmp_path / "copy", isolation_level=None)) as db:
        db.execute(sql)
    return rewritten(file, tmp_path, database=(tmp_path / "copy").read_bytes())


@pytest.mark.parametrize(
    "wrong",
    ["empty", "text", "cut", "flipped", "no_manifest", "no_database", "manifest", "naive", "newer", "no_sqlite",
     "torn", "from_the_future", "settings", "another_zip"],
)  # fmt: skip
def test_what_is_refused_changes_nothing(tmp_path, state, file, wrong):
    whole = file.read_bytes()
    bad = tmp_path / "bad.zip"
    if wrong in ("empty", "text", "cut", "flipped"):
        middle = len(whole) // 2
        flipped = whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :]
        bad.write_bytes({"empty": b"", "text": b"no zip", "cut": whole[: len(whole) // 2], "flipped": flipped}[wrong])
    elif wrong == "another_zip":
        with zipfile.ZipFile(bad, "w") as archive:
            archive.writestr("holiday.jpg", b"JFIF")
    elif wrong in ("from_the_future", "settings"):
        sql = {
            "from_the_future": "INSERT INTO _sqlite_migrations (id, migration_set, name, applied_at) "
            "SELECT max(id) + 1, migration_set, 'fly', '' FROM _sqlite_migrations",
            "settings": "UPDATE settings SET json = '{}'",
        }
        bad = altered(file, tmp_path, sql[wrong])
    else:
        about = {"format": 1, "made_at": NOW.isoformat(), "version": "9.9"}
        with zipfile.ZipFile(file) as archive:
            database = archive.read(FILE_NAME)
        members = {
            "no_manifest": {"manifest": None},
            "no_database": {"database": None},
            "manifest": {"manifest": b"[]"},
            "naive": {"manifest": json.dumps({**about, "made_at": "2026-11-23T14:05:00"})},
            "newer": {"manifest": json.dumps({**about, "format": 2})},
            "no_sqlite": {"database": b"x" * 5000},
            "torn": {"database": database[:4096] + b"\xff" * 2000 + database[6096:]},
        }[wrong]
        bad = rewritten(file, tmp_path, **members)
    before = (state / FILE_NAME).read_bytes()
    with pytest.raises(UserError) as refused:
        backup.restore(bad, state, NOW)
    assert "\n" not in str(refused.value)
    assert (state / FILE_NAME).read_bytes() == before
    assert not [path for path in state.iterdir() if path.name.startswith(".")]


def test_members_that_would_lie_elsewhere_stay_where_they_are(tmp_path, file):
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("voicemail/../../outside.wav", b"RIFF")
        archive.writestr("/etc/passwd", b"x")
        archive.writestr("prompts/x.sh", b"x")
    backup.restore(file, tmp_path / "new", NOW)
    assert not (tmp_path / "outside.wav").exists()
    assert sorted(path.name for path in (tmp_path / "new/prompts").iterdir()) == ["announcement.wav"]


def test_a_file_that_is_not_there(tmp_path, state):
    with pytest.raises(OSError, match="No such file"):
        backup.restore(tmp_path / "gone.zip", state, NOW)
    with pytest.raises(StoreError):
        backup.save(state, tmp_path / "no/b.zip", NOW)
    with pytest.raises(StoreError):
        backup.save(tmp_path / "nowhere", tmp_path / "b.zip", NOW)
    assert not (tmp_path / "b.zip").exists()


@pytest.mark.parametrize("size", ["small", "large"])
def test_a_large_database_is_not_copied_in_memory(tmp_path, state, monkeypatch, size):
    """What lies there counts as the service's own memory, and it is killed for it."""
    memory = tmp_path / "memory"
    memory.mkdir()
    monkeypatch.setattr(leftovers, "MEMORY", memory)
    monkeypatch.setattr(backup, "IN_MEMORY", 0 if size == "large" else 1 << 30)
    seen = []

    def folder(place):
        seen.append(place)
        return made(place)

    made = leftovers.folder
    monkeypatch.setattr(leftovers, "folder", folder)
    backup.save(state, tmp_path / "b.zip", NOW)
    assert seen == [state if size == "large" else memory]
    assert backup.inspect(tmp_path / "b.zip").calls == 3
    assert not list(state.glob(".rufweiche-*"))


def test_what_was_deleted_is_not_copied(tmp_path, state):
    with Store.open(state) as store:
        store.write(*(Keep(f"x{number}", "y" * 1000) for number in range(500)))
        with closing(sqlite3.connect(state / FILE_NAME, isolation_level=None)) as other:
            other.execute("DELETE FROM kept")
        store.copy_to(tmp_path / "copy.sqlite3")
    with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as copy:
        assert copy.execute("PRAGMA freelist_count").fetchone() == (0,)
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert copy.execute("SELECT count(*) FROM calls").fetchone() == (4,)
