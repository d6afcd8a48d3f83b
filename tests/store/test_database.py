"""The store against real SQLite files."""

from __future__ import annotations

import os
import sqlite3
import stat
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.core.errors import SettingsChanged, StoreError
from appliance.core.records import Attempt, CallRecord, Message
from appliance.store.changes import ForgetRefusals, Keep, MethodRefused, PinCleared, PinTried, SaveCall, SaveMessage
from appliance.store.database import FILE_NAME, RowRefused, Store
from appliance.store.file import LOG_SIZE

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "state", create=True) as opened:
        yield opened


def missed(number: int, **changes) -> CallRecord:
    record = CallRecord(id=number, line="office", started_at=NOON, ended_at=NOON, outcome="missed", rings=4)
    for name, value in changes.items():
        setattr(record, name, value)
    return record


def text(uid: str, **changes) -> Message:
    message = Message(
        uid=uid, kind="missed", to="+4915112345678", text="Verpasster Anruf: Jürgen Groß", created_at=NOON
    )
    for name, value in changes.items():
        setattr(message, name, value)
    return message


def test_only_the_owner_may_read_it(tmp_path):
    with Store.open(tmp_path / "a" / "state", create=True) as store:
        store.save_settings(b"{}")
        folder = store.path.parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {path.name for path in folder.iterdir()} == {FILE_NAME, FILE_NAME + "-wal", FILE_NAME + "-shm"}
        assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_folder_that_was_there_keeps_its_mode_but_a_readable_file_does_not(tmp_path):
    tmp_path.chmod(0o755)
    Store.open(tmp_path, create=True).close()
    (tmp_path / FILE_NAME).chmod(0o644)
    Store.open(tmp_path).close()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_a_shared_folder_makes_its_files_the_groups_too(tmp_path):
    tmp_path.chmod(0o2770)
    with Store.open(tmp_path, create=True) as store:
        store.save_settings(b"{}")
        assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o660}
    (tmp_path / FILE_NAME).chmod(0o600)  # made by another's hand
    with Store.open(tmp_path):
        assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o660


@pytest.mark.parametrize("make", [lambda p: None, lambda p: p.mkdir(), lambda p: p.write_text("")])
def test_nothing_is_created_unasked(tmp_path, make):
    make(tmp_path / "state")
    with pytest.raises(StoreError, match=r"holds no Rufweiche data yet|cannot be opened"):
        Store.open(tmp_path / "state")
    assert not (tmp_path / "state" / FILE_NAME).exists()


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "state").write_text("")
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(tmp_path / "state", create=True)


@pytest.mark.parametrize("name", ["Müller & Söhne", "50% ?x=1#y", "a b;c'd\"e"])
def test_odd_folder_names(tmp_path, name):
    with Store.open(tmp_path / name, create=True) as store:
        assert store.save_settings(b"{}") == 1
    with Store.open(tmp_path / name) as store:
        assert store.load_settings() == (1, b"{}")


@pytest.mark.parametrize("content", [b"not a database at all" * 400, b"SQLite format 3\0" + b"\xff" * 4080])
def test_a_file_that_is_no_database(tmp_path, content):
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(StoreError, match=r"is not a Rufweiche database|is damaged"):
        Store.open(tmp_path, create=True)
    assert (tmp_path / FILE_NAME).read_bytes() == content


def test_a_damaged_page_is_a_store_error(tmp_path):
    with Store.open(tmp_path, create=True) as store:
        store.write(*(SaveCall(missed(number, caller_name="x" * 500)) for number in range(1, 100)))
    pages = (tmp_path / FILE_NAME).stat().st_size // 4096
    with (tmp_path / FILE_NAME).open("r+b") as file:
        for page in range(pages - 8, pages):
            file.seek(page * 4096)
            file.write(os.urandom(4096))
    with pytest.raises(StoreError, match="is damaged"), Store.open(tmp_path) as store:
        store.calls()


def test_durable_and_shared(store):
    assert store._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store._db.execute("PRAGMA synchronous").fetchone() == (2,)


def test_settings_have_versions(store):
    assert store.load_settings() is None
    assert store.save_settings('{"name":"Müller"}'.encode()) == 1
    assert store.save_settings(b'{"name":"Huber"}') == 2
    assert store.load_settings() == (2, b'{"name":"Huber"}')


def test_settings_that_have_changed_are_not_replaced(store):
    with pytest.raises(SettingsChanged):
        store.save_settings(b"{}", replaced=1)
    assert store.load_settings() is None
    assert store.save_settings(b'{"name":"Huber"}', replaced=0) == 1
    for version in (0, 2):
        with pytest.raises(SettingsChanged):
            store.save_settings(b"{}", replaced=version)
    assert store.load_settings() == (1, b'{"name":"Huber"}')
    assert store.save_settings(b"{}", replaced=1) == 2


def test_changed_means_another_process(store):
    assert not store.changed()
    store.save_settings(b"{}")
    assert not store.changed()
    with Store.open(store.path.parent) as other:
        other.save_settings(b"{}")
    assert store.changed()
    assert not store.changed()


def test_a_call_comes_back_as_it_went(store):
    record = CallRecord(
        id=store.next_call_id(), line="office", started_at=NOON, caller="+498912345", caller_name="Käthe Groß",
        withheld=True, answered_at=NOON + timedelta(seconds=20, microseconds=7), ended_at=NOON + timedelta(minutes=1),
        rings=4, plan="open", decided_by="otherwise", outcome="forwarded", reason="x", target="anna", method="transfer",
        attempts=[Attempt("desk", "+49301", None, "busy", 3.25), Attempt("anna", "+49302", "transfer", "answered", 5)],
    )  # fmt: skip
    store.write(SaveCall(record))
    assert store.calls() == [record]


def test_an_open_call_is_none_of_the_log(store):
    store.write(SaveCall(missed(1, outcome=None, ended_at=None)), SaveCall(missed(2)))
    assert [call.id for call in store.open_calls()] == [1]
    assert [call.id for call in store.calls()] == [2]
    store.write(SaveCall(missed(1, reason="restart")))
    assert [(call.id, call.reason) for call in store.calls()] == [(2, None), (1, "restart")]
    assert store.open_calls() == []


def test_newest_first_though_the_clock_jumped(store):
    ages = [NOON, NOON - timedelta(days=20000), NOON + timedelta(hours=1)]
    store.write(*(SaveCall(missed(n, started_at=at)) for n, at in enumerate(ages, 1)))
    assert [call.id for call in store.calls()] == [3, 2, 1]
    assert [call.id for call in store.calls(limit=2)] == [3, 2]
    assert [call.id for call in store.calls(since=NOON)] == [3, 1]
    assert [call.id for call in store.calls(since=NOON.astimezone(timezone(timedelta(hours=2))), limit=1)] == [3]
    assert store.calls(limit=0) == []


def test_call_ids_are_never_given_twice(tmp_path):
    with Store.open(tmp_path, create=True) as store:
        assert [store.next_call_id() for _ in range(3)] == [1, 2, 3]
        store.write(SaveCall(missed(3)))
        store._db.execute("DELETE FROM calls")
    with Store.open(tmp_path) as store:
        assert store.next_call_id() == 4


def test_changes_hold_copies(store):
    call, message = missed(1), text("a")
    changes = SaveCall(call), SaveMessage(message)
    call.outcome, message.state = "forwarded", "sent"
    call.attempts.append(Attempt("desk", "+49301", None, "busy", 1.0))
    store.write(*changes)
    assert store.calls() == [missed(1)]
    assert store.messages()[0].state == "queued"


def test_texts(store):
    store.queue_message(text("a"))
    store.write(*(SaveMessage(text(state, state=state)) for state in ("sending", "sent", "failed", "unknown")))
    assert [m.uid for m in store.messages()] == ["unknown", "failed", "sent", "sending", "a"]
    assert [m.uid for m in store.messages(limit=2)] == ["unknown", "failed"]
    assert [(m.uid, m.id) for m in store.unfinished()] == [("a", 1), ("sending", 2)]
    assert store.message_counts() == {"queued": 2, "failed": 1}
    changed = text("a", state="failed", tries=3, parts_sent=1, not_before=NOON, sent_at=NOON, error="Karte voll")
    store.write(SaveMessage(changed))
    changed.id = 1
    assert store.messages()[-1] == changed
    assert store.message_counts() == {"queued": 1, "failed": 2}


def test_counting_uses_the_index(store):
    for sql in (
        "SELECT state, count(*) FROM messages WHERE state IN ('queued', 'sending', 'failed') GROUP BY state",
        "SELECT uid FROM messages WHERE state IN ('queued', 'sending', 'failed') AND state != 'failed' ORDER BY id",
    ):
        assert "messages_open" in str(store._db.execute("EXPLAIN QUERY PLAN " + sql).fetchall())


def test_pins_and_refusals(store):
    later = NOON + timedelta(days=1)
    store.write(PinTried("office", "d1"), PinTried("office", "d1"), PinTried("stick", "d1"))
    store.write(MethodRefused("26201", "transfer", NOON), MethodRefused("26201", "transfer", later))
    store.write(MethodRefused("26202", "deflect", NOON))
    assert store.pins_tried() == {("office", "d1"), ("stick", "d1")}
    assert store.refusals("26201") == {"transfer": later}
    store.write(PinCleared("office", "d1"), PinCleared("office", "never tried"), ForgetRefusals())
    assert store.pins_tried() == {("stick", "d1")}
    assert store.refusals("26201") == store.refusals("26202") == {}


def test_all_or_nothing(store):
    with pytest.raises(RowRefused):
        store.write(SaveCall(missed(1)), SaveMessage(text("a", tries=None)))
    assert store.calls() == []
    store.write(SaveCall(missed(1)))
    assert len(store.calls()) == 1


@pytest.mark.parametrize(
    "change",
    [
        SaveCall(missed(1, started_at=datetime(2026, 11, 23))),  # noqa: DTZ001
        SaveCall(missed(2**70)),
        SaveMessage(text("a", state=None)),
        SaveMessage(text("a", tries="three")),
    ],
)
def test_what_no_row_can_hold(store, change):
    with pytest.raises(RowRefused):
        store.write(change)


@settings(max_examples=30)
@given(st.text(), st.text(st.characters(categories=["Cs", "Cc"])))
def test_any_text_can_be_kept(tmp_path_factory, name, dirt):
    with Store.open(tmp_path_factory.mktemp("state"), create=True) as store:
        store.write(SaveCall(missed(1, caller_name=name, caller=dirt)), SaveMessage(text("a", error=dirt)))
        assert store.calls()[0].caller_name == name.encode("utf-8", "replace").decode()
        assert len(store.messages()) == 1


def test_a_lock_held_elsewhere(store):
    store.write(SaveCall(missed(1)))
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute("DELETE FROM calls")
    with Store.open(store.path.parent, wait=0.0) as mine:
        assert len(mine.calls()) == 1, "it opens and reads while the other writes"
        with pytest.raises(StoreError, match="is in use by another program"):
            mine.write(SaveCall(missed(2)))
        other.execute("COMMIT")
        mine.write(SaveCall(missed(2)))
        assert [call.id for call in mine.calls()] == [2]
    other.close()


def test_reading_while_another_writes_sees_whole_transactions(store):
    with Store.open(store.path.parent) as reader:
        for number in range(1, 30):
            store.write(SaveCall(missed(number)), SaveMessage(text(str(number))))
            assert len(reader.calls()) == len(reader.messages()) == number


def test_a_file_that_came_without_wal(tmp_path):
    with Store.open(tmp_path, create=True) as store:
        store.save_settings(b"{}")
    plain = sqlite3.connect(tmp_path / FILE_NAME)
    assert plain.execute("PRAGMA journal_mode = DELETE").fetchone() == ("delete",)
    plain.close()
    with Store.open(tmp_path) as store:
        test_durable_and_shared(store)


def test_a_row_from_elsewhere(store):
    store.write(SaveCall(missed(1)))
    store._db.execute("UPDATE calls SET attempts = '[[1,2]]'")
    with pytest.raises(StoreError, match="not written by Rufweiche"):
        store.calls()
    store._db.execute("UPDATE calls SET started_at = 'yesterday'")
    with pytest.raises(StoreError, match="not written by Rufweiche"):
        store.calls()


def test_closing_twice_is_no_error(tmp_path: Path):
    store = Store.open(tmp_path, create=True)
    store.close()
    store.close()
    with pytest.raises(StoreError):
        store.calls()


def test_pages_are_small_and_the_log_is_bounded(store):
    """A commit writes whole pages: small ones wear a card less."""
    (page_size,) = store._db.execute("PRAGMA page_size").fetchone()
    (checkpoint,) = store._db.execute("PRAGMA wal_autocheckpoint").fetchone()
    assert (page_size, page_size * checkpoint) == (1024, LOG_SIZE * 7 // 8)


def test_an_older_file_keeps_its_pages(tmp_path):
    db = sqlite3.connect(tmp_path / FILE_NAME)
    db.execute("PRAGMA page_size = 4096")
    db.execute("CREATE TABLE old (x)")
    db.close()
    with Store.open(tmp_path) as store:
        assert store._db.execute("PRAGMA page_size").fetchone() == (4096,)
        assert store._db.execute("PRAGMA wal_autocheckpoint").fetchone() == (224,)


def test_what_is_kept(tmp_path):
    with Store.open(tmp_path / "kept", create=True) as store:
        assert store.kept("x") is None
        store.write(Keep("x", "1"), Keep("y", "2"))
        store.write(Keep("x", "3"))
        assert (store.kept("x"), store.kept("y")) == ("3", "2")


def test_a_connection_takes_little_memory(tmp_path):
    with Store.open(tmp_path / "small", create=True) as store:
        assert store._db.execute("PRAGMA cache_size").fetchone() == (-512,)
