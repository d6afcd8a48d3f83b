"""Killed, stopped and started again: no text lost or doubled, no leg left open."""

import time

import pytest

from .box import DESK, always, until
from .calls import ALERTING, Make, Target, terse
from .pdu import submitted, whole


def owners(modem):
    return [submitted(pdu, length) for _, length, pdu in modem.pdus]


def missed(modem, **more):
    modem.targets[DESK] = Target(ends="BUSY", after=0.1)
    return modem.call_in(**more)


def once(box, modem, tries=(1, 2)):
    """Exactly one text about exactly one call, and it stays so."""
    row = box.message("sent", within=30)
    assert row["tries"] in tries
    always(lambda: len(modem.pdus) <= 1 + (2 in tries and row["tries"] == 2), 3, "the text went out twice")
    assert len(box.calls()) == 1
    return row


def test_kill_between_the_call_and_its_text(up):
    """The network refuses for now, the text waits, the power goes; after it the text goes out exactly once."""
    box, modem = up()
    modem.when("<PDU>", ["+CMS ERROR: 38"])
    call = missed(modem)
    until(lambda: modem.pdus, 12, "a first try")
    time.sleep(0.6)
    box.kill()
    modem.pdus.clear()
    box.start()
    row = box.message("sent", within=25)
    assert whole(owners(modem)) == row["text"]
    always(lambda: len(modem.pdus) == 1, 2, "the text went out twice")
    assert (box.call()["reason"], call.end) == ("nobody_reached", "local")


@pytest.mark.long
@pytest.mark.parametrize("delay", [0, 0.005, 0.01, 0.02, 0.04, 0.08])
def test_kill_right_after_the_call(up, delay):
    """Before the commit the start logs the call as cut off, after it the text is in the outbox: one text either way."""
    box, modem = up()
    call = missed(modem)
    while not call.gone:
        time.sleep(0.001)
    time.sleep(delay)
    box.kill()
    handed_over = len(modem.pdus)
    time.sleep(1)
    box.start()
    box.ready()
    row = until(lambda: next(iter(box.messages("missed")), None), 5, "a text about the missed call")
    if handed_over:
        assert row["state"] in ("unknown", "sent")
    else:
        box.message("sent", within=20)
    always(lambda: len(modem.pdus) == 1, 3, "the text went out twice")
    assert box.call()["reason"] in ("nobody_reached", "restart")


@pytest.mark.long
@pytest.mark.parametrize("prompted", [False, True], ids=["no prompt", "prompt left open"])
def test_kill_before_the_text_was_handed_over(up, prompted):
    """The module never got the text, so it is no `unknown`; and a prompt left open is left with ESC."""
    box, modem = up()

    def die(_):
        box.engine.kill()
        box.engine.wait(5)
        return None if prompted else []

    modem.when("AT+CMGS", die)
    missed(modem)
    until(lambda: box.engine.poll() is not None, 15, "the text about to go out")
    with modem.lock:
        modem.busy = False
    until(lambda: bool(modem.prompt) == prompted, 1, "the module's state")
    box.start()
    box.ready()
    modem.violations.clear()  # what went into the open prompt before the ESC
    once(box, modem)


@pytest.mark.long
def test_kill_while_the_confirmation_is_awaited(up):
    box, modem = up()
    modem.when("<PDU>", [])
    missed(modem)
    until(lambda: modem.pdus, 12, "the text handed over")
    box.kill()
    box.start()
    box.ready()
    assert box.message("unknown")["tries"] == 1
    always(lambda: len(modem.pdus) == 1, 8, "an unknown text was sent again")
    modem.urc("+CREG: 1")
    box.kill()
    box.start()
    box.ready()
    box.message("unknown")
    assert len(modem.pdus) == 1


@pytest.mark.long
@pytest.mark.parametrize("make", [Make(), terse(), Make(urcs="huawei")], ids=["full", "terse", "huawei"])
def test_kill_while_the_target_rings(up, make):
    box, modem = up(make)
    call = modem.call_in()
    until(lambda: len(modem.every_call) == 2 and modem.every_call[1].stat == ALERTING, 10, "the target rings")
    box.kill()
    always(lambda: len(modem.calls) == 2, 1, "the module let go by itself")
    box.start()
    until(lambda: not modem.calls, 10, "the line released at start")
    assert call.end == "local"
    box.ready()
    row = box.call()
    assert (row["outcome"], row["reason"], row["caller"]) == ("missed", "restart", call.number)
    box.message("sent")
    again = modem.call_in()
    modem.targets[DESK] = Target(answers=0.4)
    until(lambda: again.gone, 12, "the next call handled")
    assert again.end == "transfer"


@pytest.mark.long
def test_kill_as_the_caller_was_answered(up):
    box, modem = up()
    call = modem.call_in()
    until(lambda: 0 in call.states, 5, "answered")
    box.kill()
    box.start()
    until(lambda: call.gone, 10, "the caller released")
    row = box.call()
    assert (row["outcome"], row["reason"]) == ("missed", "restart")
    box.message("sent")


@pytest.mark.long
def test_kill_in_a_conference(up):
    """They were connected: it was no missed call, though its end was the restart."""
    box, modem = up()
    modem.targets[DESK] = Target(answers=0.5)
    modem.when("AT+CHLD=4", ["ERROR"])
    call = modem.call_in()
    until(lambda: call.mpty, 10, "a conference")
    time.sleep(1.5)
    box.kill()
    box.start()
    until(lambda: not modem.calls, 10, "the line released at start")
    box.ready()
    row = box.call()
    assert (row["outcome"], row["target"], row["method"]) == ("forwarded", "desk", "conference")
    assert box.messages("missed") == []


@pytest.mark.long
def test_kill_while_it_rings(up):
    """The caller rang into the power cut and gave up: they are in the log, and the owner is told."""
    box, modem = up(rings=4)
    call = modem.call_in()
    until(lambda: len(call.rings) == 2, 5, "two rings")
    box.kill()
    modem.leaves(call)
    box.start()
    box.ready()
    row = box.call()
    assert (row["outcome"], row["caller"]) == ("missed", call.number)
    assert row["reason"] in ("restart", "gave_up_ringing")
    box.message("sent")


@pytest.mark.long
def test_sigterm_at_rest(up):
    box, modem = up()
    begun = time.monotonic()
    assert box.terminate() == 0
    assert time.monotonic() - begun < 5
    assert box.line()["problem"] == "engine not running" or until(
        lambda: box.line()["problem"] == "engine not running", 12, "no sign of life"
    )
    box.start()
    box.ready()
    assert modem.sent("ATA") == []


@pytest.mark.long
@pytest.mark.parametrize("moment", ["ringing", "answered", "dialling", "conference"])
def test_sigterm_in_a_call_releases_the_line(up, moment):
    box, modem = up(rings=2)
    modem.targets[DESK] = Target(answers=0.5) if moment == "conference" else Target()
    modem.when("AT+CHLD=4", ["ERROR"])
    call = modem.call_in()
    until(
        lambda: {
            "ringing": len(call.rings) == 1,
            "answered": 0 in call.states,
            "dialling": len(modem.every_call) == 2,
            "conference": call.mpty,
        }[moment],
        12,
        moment,
    )
    if moment == "conference":
        time.sleep(1)
    assert box.terminate(within=10) == 0
    held = [leg for leg in modem.calls if leg.stat != 4]
    assert held == [], "a leg was left open"
    if moment == "ringing":  # nobody to release: the caller hears it ring on; but who it was is not forgotten
        modem.leaves(call)
        box.start()
        box.ready()
    row = box.call()
    assert row["caller"] == call.number
    assert row["outcome"] == ("forwarded" if moment == "conference" else "missed")


@pytest.mark.long
def test_sigterm_while_a_text_goes_out(up):
    box, modem = up()
    modem.sms_after = 3.0
    missed(modem)
    until(lambda: modem.pdus, 12, "the text handed over")
    assert box.terminate(within=10) == 0
    state = box.messages("missed")[0]["state"]
    assert state in ("sent", "unknown", "sending")
    box.start()
    box.ready()
    always(lambda: len(modem.pdus) == 1, 4, "the text went out twice")
    assert box.messages("missed")[0]["state"] == ("sent" if state == "sent" else "unknown")
