"""Pages, callers, what is still open, delivery reports: what is asked of the log, and that it stays quick."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from appliance.core.records import CallRecord, Message
from appliance.store.changes import MarkDone, MarkTold, SaveCall, SaveMessage
from appliance.store.database import Store
from appliance.store.writer import Writer

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path, create=True) as opened:
        yield opened


def call(number, caller="+49170", outcome="missed", at=NOON):
    return SaveCall(CallRecord(number, "office", at, caller=caller, outcome=outcome, ended_at=at))


def ids(calls):
    return [record.id for record in calls]


def test_page_by_page(store):
    store.write(*(call(number) for number in range(1, 8)))
    first = store.calls(limit=3)
    second = store.calls(limit=3, before=first[-1].id)
    store.write(call(8))
    assert (ids(first), ids(second)) == ([7, 6, 5], [4, 3, 2])
    assert ids(store.calls(limit=3, before=second[-1].id)) == [1]
    assert store.calls(before=1) == []


def test_the_calls_of_one_number(store):
    store.write(call(1), call(2, "+49171"), call(3, None), call(4), call(5, outcome=None))
    assert ids(store.calls(caller="+49170")) == [4, 1]
    assert ids(store.calls(caller="+49170", before=4, limit=1)) == [1]
    assert store.calls(caller="+49170", since=NOON + MINUTE) == []
    assert store.calls(caller="") == []


def test_what_nobody_has_dealt_with(store):
    store.write(
        call(1, at=NOON + MINUTE),
        call(2),
        call(3, outcome="forwarded"),
        call(4, outcome=None),
        call(5, at=NOON + MINUTE),
    )
    assert ids(store.missed_open()) == [5, 1, 2]
    assert ids(store.missed_open(NOON + MINUTE)) == [5, 1]
    store.write(MarkDone((1, 2, 99), NOON + MINUTE))
    assert ids(store.missed_open()) == [5]
    assert store.calls()[-1].done_at == NOON + MINUTE
    store.write(MarkDone((1, 5), NOON + 2 * MINUTE))
    assert [record.done_at for record in store.calls()] == [NOON + 2 * MINUTE, None, NOON + MINUTE, NOON + MINUTE]


def test_saving_a_call_again_undoes_no_mark(store):
    store.write(call(1), MarkTold((1,), NOON), MarkDone((1,), NOON + MINUTE))
    store.write(call(1))
    (record,) = store.calls()
    assert (record.told_at, record.done_at) == (NOON, NOON + MINUTE)


def test_a_mark_waits_with_its_call_for_the_disk(store):
    writer = Writer(store)
    change = call(1)
    writer.add(change)
    writer.add(change, MarkTold((1,), NOON))
    writer.flush(0.0)
    assert store.calls()[0].told_at == NOON


def text(uid, **changes):
    given = {"uid": uid, "kind": "missed", "to": "+49151", "text": "x", "created_at": NOON}
    return SaveMessage(Message(**{**given, **changes}))


def test_texts_since(store):
    store.write(text("a"), text("b", created_at=NOON + MINUTE), text("c", created_at=NOON + 2 * MINUTE))
    assert [message.uid for message in store.messages_since(NOON + MINUTE)] == ["c", "b"]


def test_a_delivery_report_finds_its_text(store):
    store.write(
        text("a", reference=7, state="sent"), text("b", reference=7, state="sent"),
        text("c", reference=7, to="+49152"), text("d"),
    )  # fmt: skip
    found = store.message_by_reference(7, "+49151")
    assert found.uid == "b"
    assert store.message_by_reference(8, "+49151") is None
    found.state, found.delivered_at = "delivered", NOON + MINUTE
    store.write(SaveMessage(found))
    newest = store.messages()[2]
    assert (newest.uid, newest.state, newest.delivered_at, newest.reference) == ("b", "delivered", NOON + MINUTE, 7)


def test_the_channel_is_kept(store):
    store.write(text("a", channel="email"), text("b"))
    assert [message.channel for message in store.messages()] == ["sms", "email"]
    store.write(text("a", channel="sms"))
    assert store.messages()[1].channel == "email"


@pytest.mark.parametrize(
    ("ask", "way"),
    [
        (lambda store: store.calls(caller="+49170", limit=50), "USING INDEX calls_caller"),
        (lambda store: store.missed_open(), "USING INDEX calls_missed_open"),
        (lambda store: store.calls(limit=50), "SCAN calls"),
        (lambda store: store.calls(before=100_000, limit=50), "USING INTEGER PRIMARY KEY (rowid<?)"),
        (lambda store: store.hours(NOON, NOON), "SEARCH hourly_counts USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
    ],
)
def test_the_way_sqlite_goes(store, ask, way):
    """The newest page is a scan that stops after its rows; nothing is sorted, and nothing else reads every call."""
    asked = []
    store._db.set_trace_callback(asked.append)
    ask(store)
    store._db.set_trace_callback(None)
    plan = " / ".join(row[3] for row in store._db.execute(f"EXPLAIN QUERY PLAN {asked[-1]}"))
    assert way in plan
    assert "TEMP B-TREE" not in plan
