"""Whole calls, from the first RING to the log."""

import pytest

from appliance.simulator import faults
from appliance.simulator.phones import Target

from .conftest import ANNA, CALLER, DESK, LINE, OWNER, SETTINGS, changed

FAMILIES = ["generic", "huawei", "simcom", "quectel"]


def attempts(call):
    return [(one.target, one.method, one.result) for one in call.attempts]


@pytest.mark.parametrize("family", FAMILIES)
def test_transfer(make_box, family):
    box = make_box(family=family).ready()
    box.call(talks_for=60)
    call = box.finish_call()
    assert box.said == ["ATA", "AT+CHLD=2", f"ATD{DESK};", "AT+CHLD=4"]
    assert (call.outcome, call.reason, call.target, call.method) == ("forwarded", None, "desk", "transfer")
    assert (call.caller, call.rings, call.plan, call.decided_by) == (CALLER, 2, "open", "otherwise")
    assert attempts(call) == [("desk", "transfer", "answered")]
    assert call.attempts[0].seconds == pytest.approx(3.0, abs=0.6)
    assert call.answered_at == call.ended_at
    box.run(30)
    assert box.texts == []
    assert box.line["state"] == "ready"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("cme", [3, 4, 30, 100])
def test_conference_when_transfer_is_refused(make_box, family, cme):
    box = make_box(family=family).ready()
    faults.apply(box.module, "transfer_refused", cme=cme)
    box.call(talks_for=100)
    box.until(lambda: box.line["state"] == "in_call" and "AT+CMUT=1" in box.module.seen)
    call = box.finish_call()
    assert box.said[:5] == ["ATA", "AT+CHLD=2", f"ATD{DESK};", "AT+CHLD=4", "AT+CHLD=3"]
    assert (call.outcome, call.method) == ("forwarded", "conference")
    assert (call.ended_at - call.answered_at).total_seconds() == pytest.approx(20, abs=1.5)
    box.until(lambda: box.line["state"] == "ready")
    box.call()
    box.finish_call()
    assert box.said[-3:].count("AT+CHLD=4") == 0, "the refusal is remembered for this SIM"


def test_transfer_ok_without_effect(box):
    faults.apply(box.module, "transfer_without_effect")
    box.call()
    assert box.finish_call().method == "conference"


def test_the_other_party_is_released_within_a_second(box):
    faults.apply(box.module, "transfer_refused")
    caller = box.call(talks_for=None)
    box.until(lambda: box.engine.seats[0].call and box.engine.seats[0].call.record.answered_at)
    box.run(2)
    left_at = box.world.now()
    caller.hang_up()
    box.finish_call()
    released = [
        entry.at for entry in box.exchange.journal if getattr(entry, "b", "") == DESK and hasattr(entry, "cause")
    ]
    assert released and released[-1] - left_at <= 1.0


def test_maximum_length(make_box):
    box = make_box(settings=changed(["line", 0, "max_call_minutes"], 2)).ready()
    box.exchange.set_target(Target(DESK, "answers", 3.0, None))
    faults.apply(box.module, "transfer_refused")
    box.call(talks_for=None)
    call = box.finish_call(400)
    assert call.outcome == "forwarded"
    assert (call.ended_at - call.answered_at).total_seconds() == pytest.approx(120, abs=1)


@pytest.mark.parametrize(("behaviour", "result"), [("busy", "busy"), ("refuses", "refused"), ("silent", "no_answer")])
@pytest.mark.parametrize("family", FAMILIES)
def test_next_target(make_box, family, behaviour, result):
    box = make_box(family=family).ready()
    box.exchange.set_target(Target(DESK, behaviour))
    box.call(patience=200.0)
    call = box.finish_call()
    assert attempts(call) == [("desk", None, result), ("anna", "transfer", "answered")]
    assert (call.outcome, call.target) == ("forwarded", "anna")
    # in between the caller was fetched back: held, back, held again
    first, second = box.said.index(f"ATD{DESK};"), box.said.index(f"ATD{ANNA};")
    assert len([said for said in box.said[first:second] if said in ("AT+CHLD=1", "AT+CHLD=2")]) >= 2


def test_a_silent_target_rings_as_long_as_it_may(box):
    box.exchange.set_target(Target(DESK, "silent"))
    box.call(patience=200.0)
    assert box.finish_call().attempts[0].seconds == pytest.approx(15, abs=0.3)


def test_nobody(box):
    box.exchange.set_target(Target(DESK, "busy"))
    box.exchange.set_target(Target(ANNA, "silent"))
    box.call(patience=200.0)
    call = box.finish_call()
    assert (call.outcome, call.reason) == ("missed", "nobody_reached")
    assert attempts(call) == [("desk", None, "busy"), ("anna", None, "no_answer")]
    assert call.answered_at is None
    box.until(lambda: box.texts)
    assert CALLER in box.texts[0]
    assert [message.state for message in box.messages] == ["sent"]
    assert box.messages[0].to == OWNER


def test_gives_up_on_ring_2(make_box):
    box = make_box(settings=changed(["plan", 0, "answer_after_rings"], 4)).ready()
    box.call(gives_up_after=8.0)
    call = box.finish_call()
    assert (call.outcome, call.reason, call.rings) == ("missed", "gave_up_ringing", 2)
    assert "ATA" not in box.said
    box.until(lambda: box.texts)


@pytest.mark.parametrize("listed", [False, True])
def test_rings_that_just_stop(make_box, listed):
    box = make_box(settings=changed(["plan", 0, "answer_after_rings"], 4)).ready()
    faults.apply(box.module, "rings_just_stop", after_ring=2, listed=listed)
    box.call()
    call = box.finish_call()
    assert (call.outcome, call.reason, call.rings) == ("missed", "gave_up_ringing", 2)
    assert "ATA" not in box.said
    box.until(lambda: box.line["state"] == "ready")
    box.run(30)
    assert len(box.calls) == 1


def test_gone_between_the_last_ring_and_ata(box):
    faults.apply(box.module, "caller_gone_at_ata")
    box.call()
    call = box.finish_call()
    assert (call.outcome, call.reason) == ("missed", "gave_up_ringing")


def test_caller_leaves_while_the_target_rings(box):
    box.exchange.set_target(Target(DESK, "silent"))
    caller = box.call(patience=200.0)
    box.until(lambda: box.said[-1:] == [f"ATD{DESK};"])
    box.run(5)
    caller.hang_up()
    call = box.finish_call()
    assert (call.outcome, call.reason) == ("missed", "gave_up_forwarding")
    assert attempts(call) == [("desk", None, "caller_gone")]
    box.until(lambda: box.texts)


def test_withheld(box):
    box.call(None)
    call = box.finish_call()
    assert (call.caller, call.withheld, call.outcome) == (None, True, "forwarded")


@pytest.mark.parametrize("octet", [129, 161])
def test_national_caller(box, octet):
    box.call("030123456" if octet == 129 else "30123456", type_octet=octet)
    assert box.finish_call().caller == "+4930123456"


@pytest.mark.parametrize("fault", ["clip_missing"])
def test_number_from_clcc(box, fault):
    if fault not in faults.FAULTS:
        pytest.fail(f"no such fault; there are {sorted(faults.FAULTS)}")
    faults.apply(box.module, fault)
    box.call()
    assert box.finish_call().caller == CALLER


def test_deflect(make_box):
    box = make_box(settings=changed(["line", 0, "forward_by"], ["deflect", "transfer"])).ready()
    box.call()
    call = box.finish_call()
    assert (call.outcome, call.method) == ("forwarded", "deflect")
    assert box.said == [f'AT+CTFR="{DESK}",145']


def test_deflect_refused_then_transfer(make_box):
    box = make_box(settings=changed(["line", 0, "forward_by"], ["deflect", "transfer"])).ready()
    faults.apply(box.module, "deflection_refused")
    box.call()
    call = box.finish_call()
    assert (call.outcome, call.method) == ("forwarded", "transfer")
    assert box.said == [f'AT+CTFR="{DESK}",145', "ATA", "AT+CHLD=2", f"ATD{DESK};", "AT+CHLD=4"]


def test_an_empty_chain_is_never_answered(make_box):
    box = make_box(settings=changed(["plan", 0, "chain"], [])).ready()
    box.call(gives_up_after=40.0)
    call = box.finish_call()
    assert (call.outcome, call.reason) == ("missed", "nobody_reached")
    assert "ATA" not in box.said


def test_settings_are_those_of_the_contract():
    assert SETTINGS["timetable"]["otherwise"] == "open"


def test_an_empty_list_of_calls_is_asked_for_twice(box):
    box.call()
    box.until(lambda: box.line["state"] == "ringing")
    box.run(1)
    faults.apply(box.module, "answers", command=r"\+CLCC", result="OK", times=1)
    assert box.finish_call().outcome == "forwarded"


def test_new_settings_probe_a_refused_method_again(box):
    faults.apply(box.module, "transfer_refused")
    box.call(talks_for=5)
    assert box.finish_call().method == "conference"
    faults.apply(box.module, "good_again")
    box.provision(changed(["target", 0, "ring_seconds"], 16))
    box.run(3)
    box.kill()
    box.start()
    box.ready()
    box.call()
    assert box.finish_call().method == "transfer"


def test_somebody_here_answers(make_box):
    box = make_box(settings=changed(["plan", 0, "answer_after_rings"], 4)).ready()
    caller = box.call()
    box.until(lambda: box.line["state"] == "ringing")
    box.run(6)
    box.module.receive(b"ATA\r", box.world.now())  # as another program on the second port would
    said = len(box.said)
    box.run(40)
    assert box.line["state"] == "in_call"
    (call,) = box.calls
    assert (call.outcome, call.reason) == ("answered_here", None), "in the log while it lasts"
    caller.hang_up()
    box.until(lambda: box.line["state"] == "ready")
    assert box.calls[0].ended_at > call.ended_at
    assert box.said[said:] == []
    box.run(30)
    assert box.texts == [] and box.line["state"] == "ready"


def test_somebody_rings_in_the_instant_of_the_transfer(box):
    """Who is listed as ringing right after CHLD=4 is another one: the first call has been handed on."""
    other = "+491709998877"
    transfer, once = box.module.calls.transfer, []

    def transfer_and_ring():
        refused = transfer()
        if not once:
            once.append(box.exchange.call(LINE, other, gives_up_after=60))
        return refused

    box.module.calls.transfer = transfer_and_ring
    box.call(CALLER, talks_for=40)
    box.until(lambda: len(box.calls) == 2, 120)
    second, first = box.calls
    assert (first.caller, first.outcome, first.method) == (CALLER, "forwarded", "transfer")
    assert second.caller == other and second.outcome == "forwarded"
    box.run(30)
    assert not box.texts
