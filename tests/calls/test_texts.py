"""The text about a missed call, through every fault between the outbox and the SMS centre."""

import sqlite3

import pytest

from appliance.simulator import faults

from .conftest import CALLER, OWNER, SETTINGS, changed


def miss_a_call(box):
    box.call(gives_up_after=4.0)
    call = box.finish_call()
    assert call.outcome == "missed"


def the_text(box):
    (message,) = box.messages
    return message


def settled(box, state, seconds=300):
    reached = {state, "delivered"} if state == "sent" else {state}
    box.until(lambda: box.messages and box.messages[0].state in reached, seconds)


@pytest.mark.parametrize("family", ["generic", "huawei", "simcom", "quectel"])
def test_sent(make_box, family):
    box = make_box(family=family).ready()
    miss_a_call(box)
    settled(box, "sent")
    assert the_text(box).tries == 1
    assert the_text(box).sent_at is not None
    (sms,) = box.exchange.sms.texts
    assert (sms.to, sms.parts, sms.alphabet) == (OWNER, 1, "gsm7")
    assert CALLER in sms.text


def test_off(make_box):
    box = make_box(settings=changed(["messages", "missed"], "off")).ready()
    miss_a_call(box)
    box.run(30)
    assert box.messages == []


def test_english_with_a_name_that_needs_another_alphabet(make_box):
    settings = changed(["caller"], [{"number": CALLER, "name": "Жанна Д'Арк"}], changed(["business", "language"], "en"))
    box = make_box(settings=settings).ready()
    miss_a_call(box)
    settled(box, "sent")
    assert "Жанна" in box.texts[0]
    assert "issed" in box.texts[0]
    assert box.calls[0].caller_name == "Жанна Д'Арк"


def test_a_long_text_goes_in_parts(box):
    from appliance.core.records import Message

    text = "Grüße aus der Werkstatt: " + "ä[€] lang " * 40
    box.store.queue_message(Message("u1", "test", OWNER, text, box.world.wall()))
    box.engine._courier.load(box.store.unfinished(), box.world.now(), box.world.wall())
    settled(box, "sent")
    assert box.texts == [text]
    assert box.exchange.sms.texts[0].parts > 2


@pytest.mark.parametrize("cms", [38, 41, 42, 47, 192, 314, 331, 332, 500, 512])
def test_retried(box, cms):
    faults.apply(box.module, "text_refused", cms=cms, times=2)
    miss_a_call(box)
    settled(box, "sent")
    at = [submission.at for submission in box.exchange.sms.submissions if not submission.refused]
    assert len(at) == 1
    assert the_text(box).tries == 3
    assert len(box.texts) == 1


def test_the_pauses_grow(box):
    faults.apply(box.module, "text_refused", cms=38, times=4)
    began = box.world.now()
    miss_a_call(box)
    settled(box, "sent", 400)
    assert box.world.now() - began > 5 + 20 + 60 + 120


@pytest.mark.parametrize("cms", [1, 8, 10, 28, 29, 30, 50, 69, 95, 96, 97, 304, 305])
def test_final(box, cms):
    faults.apply(box.module, "text_refused", cms=cms, times=1)
    miss_a_call(box)
    settled(box, "failed", 20)
    assert the_text(box).tries == 1
    assert str(cms) in the_text(box).error
    box.run(100)
    assert box.texts == []


def test_storage_full_is_mended(box):
    faults.apply(box.module, "storage_full")
    miss_a_call(box)
    settled(box, "sent")
    assert any(line.startswith("AT+CMGD=") for line in box.module.seen)


def test_an_answer_that_never_comes_leaves_it_unknown_for_good(box):
    faults.apply(box.module, "confirmation_lost")
    miss_a_call(box)
    began = box.world.now()
    settled(box, "unknown")
    assert 55 < box.world.now() - began < 75
    box.run(4000)
    assert len(box.texts) == 1, "it did go out, and must not again"
    assert the_text(box).state == "unknown"
    assert box.line["state"] == "ready"


def test_a_late_answer_confirms(box):
    faults.apply(box.module, "confirmation_late", seconds=30)
    miss_a_call(box)
    settled(box, "sent")
    assert len(box.texts) == 1


def test_a_call_does_not_wait_for_a_text(make_box):
    box = make_box().ready()
    faults.apply(box.module, "confirmation_late", seconds=30)
    miss_a_call(box)
    box.until(lambda: box.messages and the_text(box).state == "sending")
    box.run(2)
    rang_at = box.world.now()
    box.call()
    box.until(lambda: "ATA" in box.said, 10)
    assert box.world.now() - rang_at < 7  # two rings; the text would have taken 30 s
    assert box.finish_call().outcome == "forwarded"
    settled(box, "sent")
    assert len(box.texts) == 1


@pytest.mark.parametrize("fault", ["prompt_stuck", "no_prompt"])
def test_prompt_trouble(box, fault):
    faults.apply(box.module, fault)
    miss_a_call(box)
    box.run(150)
    faults.apply(box.module, "good_again")
    box.call()
    assert box.finish_call().outcome == "forwarded"
    assert box.line["state"] == "ready"
    assert the_text(box).state in ("unknown", "sent", "delivered", "queued")


@pytest.mark.parametrize("moment", ["prompt", "text"])
def test_ring_in_the_middle_of_a_text(box, moment):
    box.module.faults.once(moment, lambda: box.call())
    miss_a_call(box)
    box.until(lambda: len(box.calls) == 2)
    assert box.calls[0].outcome == "forwarded"
    settled(box, "delivered")
    assert len(box.texts) == 1


def test_unplugged_before_the_body_it_is_sent_later(box):
    box.module.faults.once("prompt", lambda: box.world.unplug("/dev/ttyUSB0"))
    miss_a_call(box)
    box.run(20)
    assert the_text(box).state == "queued"
    box.world.plug_in(box.module, "/dev/ttyUSB0")
    settled(box, "sent")
    assert len(box.texts) == 1


def test_unplugged_after_the_body_nobody_knows(box):
    box.module.faults.once("text", lambda: box.world.unplug("/dev/ttyUSB0"))
    miss_a_call(box)
    settled(box, "unknown")


def test_no_text_while_a_call_is_up(box):
    faults.apply(box.module, "transfer_refused")
    box.call(talks_for=40)
    box.until(lambda: box.line["state"] == "in_call")
    from appliance.core.records import Message

    box.store.queue_message(Message("u1", "test", OWNER, "Test", box.world.wall()))
    box.engine._courier.load(box.store.unfinished(), box.world.now(), box.world.wall())
    box.run(5)
    assert box.line["state"] == "in_call"
    assert not any(line.startswith("AT+CMGS") for line in box.module.seen)
    box.finish_call()
    box.until(lambda: box.texts)


def test_nobody_to_send_it(make_box):
    settings = changed(["line", 0, "port"], "/dev/nothing")
    box = make_box(settings=settings)
    assert SETTINGS["line"][0]["port"] != "/dev/nothing"
    from appliance.core.records import Message

    box.store.queue_message(Message("u1", "test", OWNER, "Test", box.world.wall()))
    box.run(30)
    assert the_text(box).state == "queued", "the line may come back"


def test_a_status_report_makes_it_delivered(box):
    miss_a_call(box)
    settled(box, "delivered", 30)
    assert the_text(box).delivered_at is not None


# --- crashes -------------------------------------------------------------------------------------


def test_killed_between_call_end_and_text(box):
    box.engine._courier.work = lambda *_: None  # the text waits
    box.engine._courier.stuck = True
    miss_a_call(box)
    box.kill()
    with sqlite3.connect(box.folder / "rufweiche.sqlite3") as db:
        assert db.execute("SELECT count(*) FROM messages").fetchone() == (1,), "call and text are one transaction"
    db.close()
    box.start()
    settled(box, "sent")
    assert len(box.texts) == 1


def test_killed_before_the_modem_asks_for_the_body(box):
    faults.apply(box.module, "no_prompt")
    miss_a_call(box)
    box.until(lambda: any(line.startswith("AT+CMGS") for line in box.module.seen))
    assert the_text(box).state == "queued"
    box.kill()
    faults.apply(box.module, "good_again")
    box.start()
    settled(box, "sent")
    assert len(box.texts) == 1


def test_killed_while_the_modem_has_it(box):
    faults.apply(box.module, "confirmation_late", seconds=30)
    miss_a_call(box)
    box.until(lambda: box.messages and the_text(box).state == "sending")
    box.run(3)
    box.kill()
    box.start()
    settled(box, "unknown")
    box.run(2000)
    assert len(box.texts) == 1


def test_crashed_in_the_moment_the_body_leaves(box):
    def crash():
        raise KeyboardInterrupt

    box.module.faults.once("text", crash)
    with pytest.raises(KeyboardInterrupt):
        miss_a_call(box)
        box.run(10)
    box.kill()
    box.start()
    settled(box, "unknown")
    box.run(600)
    assert len(box.exchange.sms.submissions) <= 1


def test_unplugged_while_a_late_answer_is_waited_for(box):
    faults.apply(box.module, "transfer_refused")
    faults.apply(box.module, "confirmation_late", seconds=40)
    miss_a_call(box)
    box.until(lambda: box.messages and the_text(box).state == "sending")
    box.call(talks_for=None)
    box.until(lambda: "ATA" in box.said)
    box.world.unplug("/dev/ttyUSB0")
    box.until(lambda: box.messages[-1].state == "unknown", 10)


def test_a_call_between_two_parts(box):
    from appliance.core.records import Message

    text = "Teil für Teil, " * 30
    box.module.faults.once("text", lambda: box.call())
    box.store.queue_message(Message("u1", "test", OWNER, text, box.world.wall()))
    box.engine._courier.load(box.store.unfinished(), box.world.now(), box.world.wall())
    assert box.finish_call().outcome == "forwarded"
    box.until(lambda: box.texts, 120)
    assert box.texts == [text]
    assert len(box.exchange.sms.submissions) == box.exchange.sms.texts[0].parts
