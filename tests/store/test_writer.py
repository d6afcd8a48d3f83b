"""Write-behind: order, pauses, what is lost and what never is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.errors import StoreError
from appliance.core.records import CallRecord, Message
from appliance.store.changes import ForgetRefusals, MethodRefused, PinCleared, PinTried, SaveCall, SaveMessage
from appliance.store.database import Store
from appliance.store.writer import MOST_ROWS, Writer

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def call(number: int, outcome: str | None = "missed") -> SaveCall:
    return SaveCall(CallRecord(id=number, line="office", started_at=NOON, outcome=outcome))


def text(uid: str, state: str = "queued") -> SaveMessage:
    return SaveMessage(Message(uid=uid, kind="missed", to="+49", text="x", created_at=NOON, state=state))


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path, create=True, wait=0.0) as opened:
        yield opened


@pytest.fixture
def lock(store):
    with Store.open(store.path.parent) as other:
        other._db.execute("BEGIN IMMEDIATE")
        yield lambda: other._db.execute("ROLLBACK")


def test_nothing_to_do(store):
    writer = Writer(store)
    assert writer.flush(0.0)
    assert (writer.deadline(), writer.pending, writer.problem) == (None, 0, None)


def test_everything_that_waits_is_one_transaction(store):
    writer = Writer(store)
    commits = []
    store._db.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    writer.add(call(1), text("a"))
    writer.add(call(1, "forwarded"), text("b"))
    assert (writer.deadline(), writer.pending) == (0.0, 3)
    assert writer.flush(0.0)
    assert len(commits) == 1
    assert [each.outcome for each in store.calls()] == ["forwarded"]
    assert [each.uid for each in store.messages()] == ["b", "a"]
    assert (writer.deadline(), writer.pending) == (None, 0)


def test_pauses_grow_while_it_is_locked_and_nothing_is_lost(store, lock):
    writer = Writer(store)
    now, pauses = 100.0, []
    for number in range(8):
        writer.add(call(number), text(str(number)))
        assert not writer.flush(now)
        deadline = writer.deadline()
        assert deadline is not None
        assert not writer.flush(deadline - 0.01), "it does not touch the disk before its time"
        pauses.append(round(deadline - now, 3))
        now = deadline
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
    assert writer.problem is not None
    assert writer.pending == 16
    lock()
    assert writer.flush(now)
    assert (writer.problem, writer.pending) == (None, 0)
    assert [each.id for each in store.calls()] == list(range(7, -1, -1))
    assert [each.uid for each in store.unfinished()] == [str(n) for n in range(8)]
    writer.add(call(9))
    assert writer.deadline() == 0.0, "the pauses are forgotten"


def test_forced_before_its_time(store, lock):
    writer = Writer(store)
    writer.add(call(1))
    assert not writer.flush(0.0)
    lock()
    assert not writer.flush(0.1)
    assert writer.flush(0.1, force=True)


def test_a_change_no_row_can_hold_does_not_stop_the_others(store, caplog):
    writer = Writer(store)
    writer.add(call(1), call(2**70), text("a"), SaveMessage(Message("b", "missed", "+49", "x", NOON, tries=None)))
    assert writer.flush(0.0)
    assert [each.id for each in store.calls()] == [1]
    assert [each.uid for each in store.messages()] == ["a"]
    assert str(caplog.messages).count("lost") == 2


def test_bounded_and_calls_go_first(store, lock, caplog):
    writer = Writer(store)
    writer.add(PinTried("office", "d"), text("kept"))
    for number in range(MOST_ROWS + 50):
        writer.add(call(number))
    assert writer.pending == MOST_ROWS
    assert len(caplog.messages) == 52
    for number in range(MOST_ROWS):
        writer.add(text(str(number)))
    assert writer.pending == MOST_ROWS
    lock()
    assert writer.flush(0.0)
    assert store.calls() == []
    assert len(store.messages()) == MOST_ROWS


def test_a_closed_store_loses_nothing(store):
    writer = Writer(store)
    writer.add(call(1), text("a"))
    store.close()
    assert not writer.flush(0.0)
    assert writer.pending == 2


changes = st.one_of(
    st.builds(call, st.integers(1, 3), st.sampled_from([None, "missed", "forwarded"])),
    st.builds(text, st.sampled_from("ab"), st.sampled_from(["queued", "sending", "sent"])),
    st.builds(PinTried, st.just("office"), st.sampled_from("12")),
    st.builds(PinCleared, st.just("office"), st.sampled_from("12")),
    st.builds(MethodRefused, st.just("sim"), st.sampled_from(["transfer", "deflect"]), st.just(NOON)),
    st.just(ForgetRefusals()),
)


@given(st.lists(st.one_of(st.lists(changes, min_size=1, max_size=3), st.just("flush")), max_size=25))
def test_late_or_at_once_the_store_is_the_same(tmp_path_factory, steps):
    with (
        Store.open(tmp_path_factory.mktemp("late"), create=True) as late,
        Store.open(tmp_path_factory.mktemp("once"), create=True) as once,
    ):
        writer = Writer(late)
        for step in steps:
            if step == "flush":
                assert writer.flush(0.0)
            else:
                writer.add(*step)
                once.write(*step)
        assert writer.flush(0.0)

        def content(store: Store):
            texts = {message.uid: message.state for message in store.messages()}
            return store.calls(), store.open_calls(), texts, store.pins_tried(), store.refusals("sim")

        assert content(late) == content(once)


def test_no_error_but_ours_is_let_out(store, monkeypatch):
    def broken(*_) -> None:
        raise StoreError("the disk reports an error")

    monkeypatch.setattr(store, "write", broken)
    writer = Writer(store)
    writer.add(call(1))
    assert not writer.flush(0.0)
    assert writer.problem == "the disk reports an error"
