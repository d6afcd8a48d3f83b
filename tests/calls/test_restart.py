"""Crashes, stops, full disks, locked databases and new settings in the middle of it all."""

import sqlite3

import pytest

from appliance.core.errors import StoreError
from appliance.core.records import CallRecord
from appliance.simulator import faults
from appliance.store.changes import SaveCall
from appliance.store.writer import Writer

from .conftest import ANNA, CALLER, DESK, OWNER, changed


def legs(box):
    return [entry for entry in box.exchange.journal if hasattr(entry, "cause")]


def test_killed_while_forwarding(box):
    caller = box.call(talks_for=None, patience=200)
    box.until(lambda: f"ATD{DESK};" in box.said)
    box.run(1)
    box.kill()
    box.start()
    call = box.finish_call()
    assert (call.outcome, call.reason, call.caller) == ("missed", "restart", CALLER)
    assert box.said[-1] in ("AT+CHUP", "AT+CHLD=0", "ATH", "AT+CHLD=1")
    box.until(lambda: box.texts)
    assert len(box.calls) == 1
    box.ready()
    assert caller is not None


def test_killed_in_a_conference(box):
    faults.apply(box.module, "transfer_refused")
    box.call(talks_for=None)
    box.until(lambda: "AT+CMUT=1" in box.module.seen)
    box.run(2)
    box.kill()
    box.start()
    call = box.finish_call()
    assert (call.outcome, call.method) == ("forwarded", "conference")
    assert call.answered_at < call.ended_at
    box.run(10)
    assert box.texts == []
    box.ready()


def test_killed_while_it_rings_the_call_is_taken_up(box):
    box.call()
    box.until(lambda: box.line["state"] == "ringing")
    box.run(1)
    box.kill()
    box.start()
    call = box.finish_call()
    assert (call.outcome, call.caller) == ("forwarded", CALLER)
    assert len(box.calls) == 1
    box.run(20)
    assert box.texts == []


def test_killed_while_it_rings_and_nobody_rings_any_more(box):
    caller = box.call()
    box.until(lambda: box.line["state"] == "ringing")
    box.run(1)
    box.kill()
    caller.hang_up()
    box.run_world(5)
    box.start()
    call = box.finish_call()
    assert (call.outcome, call.reason) == ("missed", "restart")


def test_killed_and_the_modem_does_not_come_back(box):
    box.call()
    box.until(lambda: box.line["state"] == "ringing")
    box.run(1)
    box.kill()
    box.world.unplug("/dev/ttyUSB0")
    box.start()
    call = box.finish_call(60)
    assert (call.outcome, call.reason) == ("missed", "restart")


def test_killed_twice_before_a_call_could_be_closed(box):
    """No call is left open for ever because a later one was, too."""
    writer = Writer(box.store)
    for _ in range(2):
        writer.add(SaveCall(CallRecord(box.store.next_call_id(), "office", box.world.wall(), caller=CALLER)))
        assert writer.flush(box.world.now(), force=True)
    box.kill()
    box.start()
    box.ready()
    box.until(lambda: len(box.calls) == 2, 40)
    assert {(call.outcome, call.reason) for call in box.calls} == {("missed", "restart")}
    assert box.store.open_calls() == []


@pytest.mark.parametrize("stage", ["idle", "ringing", "calling", "conference"])
def test_sigterm(box, stage):
    faults.apply(box.module, "transfer_refused")
    if stage != "idle":
        box.call(talks_for=None, patience=200)
    wait = {
        "idle": lambda: True,
        "ringing": lambda: box.line["state"] == "ringing",
        "calling": lambda: f"ATD{DESK};" in box.said,
        "conference": lambda: "AT+CMUT=1" in box.module.seen,
    }
    box.until(wait[stage])
    began = box.world.now()
    box.engine.stop()
    box.engine.run()
    assert box.world.now() - began < 10
    listed = box.module.calls.clcc() if hasattr(box.module.calls, "clcc") else []
    assert stage == "ringing" or not listed
    if stage == "ringing":
        assert [call.caller for call in box.store.open_calls()] == [CALLER], "the next start takes it up"
    if stage == "calling":
        assert (box.calls[0].outcome, box.calls[0].reason) == ("missed", "restart")
        assert [message.kind for message in box.messages] == ["missed"]
    if stage == "conference":
        assert box.calls[0].outcome == "forwarded"


# --- the store -----------------------------------------------------------------------------------


class Locked:
    """Another process holds the write lock."""

    def __init__(self, box):
        self.db = sqlite3.connect(box.folder / "rufweiche.sqlite3", isolation_level=None)

    def __enter__(self):
        self.db.execute("BEGIN IMMEDIATE")

    def __exit__(self, *_):
        self.db.execute("ROLLBACK")
        self.db.close()


def test_a_locked_database_stops_no_call(box):
    with Locked(box):
        box.call()
        box.until(lambda: "AT+CHLD=4" in box.said)
        box.run(10)
        assert box.calls == []
    assert box.finish_call().outcome == "forwarded"


def test_a_full_disk_stops_neither_call_nor_text(box, monkeypatch):
    def full(*_):
        raise StoreError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(box.store, "write", full)
        box.call()
        box.until(lambda: "AT+CHLD=4" in box.said)
        box.run(20)
        box.call("+491705555555", gives_up_after=4)
        box.until(lambda: box.texts)
        assert box.calls == [] and box.messages == []
    box.until(lambda: len(box.calls) == 2)
    assert [message.state for message in box.messages] == ["delivered"]
    box.run(60)
    assert len(box.texts) == 1


# --- settings ------------------------------------------------------------------------------------


def test_new_settings_take_effect_within_two_seconds(box):
    box.provision(changed(["plan", 0, "chain"], ["anna"]))
    box.run(2)
    box.call()
    assert box.finish_call().target == "anna"


def test_new_settings_wait_for_the_end_of_a_call(box):
    box.call(patience=200)
    box.until(lambda: box.line["state"] == "ringing")
    box.provision(changed(["plan", 0, "chain"], ["anna"]))
    box.run(3)
    assert box.finish_call().target == "desk"
    box.run(2)
    box.call()
    assert box.finish_call().target == "anna"


def test_a_line_that_moves_to_another_port(box):
    box.world.plug_in(box.world.unplug("/dev/ttyUSB0"), "/dev/ttyUSB5")
    box.provision(changed(["line", 0, "port"], "/dev/ttyUSB5"))
    box.until(lambda: box.line["state"] == "ready" and box.line["port"] == "/dev/ttyUSB5", 30)


def test_a_line_that_is_taken_out_and_comes_back(box):
    other = changed(["line", 0, "name"], "other")
    box.provision(other)
    box.until(lambda: box.line["name"] == "other" and box.line["state"] == "ready", 30)


def test_settings_that_come_after_the_engine(make_box, monkeypatch):
    box = make_box()
    box.kill()
    with sqlite3.connect(box.folder / "rufweiche.sqlite3") as db:
        (json,) = db.execute("SELECT json FROM settings").fetchone()
        db.execute("DELETE FROM settings")
    db.close()
    box.start()
    box.run(5)
    assert box.engine.lines() == []
    with sqlite3.connect(box.folder / "rufweiche.sqlite3") as db:
        db.execute("INSERT INTO settings (id, version, json, changed_at) VALUES (1, 7, ?, '')", (json,))
    db.close()
    box.run(3)
    box.ready()
    box.call()
    assert box.finish_call().outcome == "forwarded"
    assert OWNER and ANNA


def test_a_text_from_another_process_is_sent(box):
    from appliance.core.records import Message
    from appliance.store.database import Store

    with Store.open(box.folder) as store:
        store.queue_message(Message("u1", "test", OWNER, "Probe", box.world.wall()))
    box.until(lambda: box.texts == ["Probe"], 10)


def test_the_wall_clock_jumps_by_years(box):
    from datetime import timedelta

    box.call(patience=200)
    box.until(lambda: f"ATD{DESK};" in box.said)
    box.world.jump_wall(timedelta(days=-2000))
    assert box.finish_call().outcome == "forwarded"
    box.world.jump_wall(timedelta(days=4000))
    faults.apply(box.module, "text_refused", cms=38, times=1)
    box.call(gives_up_after=4)
    box.until(lambda: box.texts, 60)
