"""Targets that are busy, refuse or stay silent; the held caller is fetched back before the next one is dialled."""

import pytest

from .box import DESK, OWNER, SECOND, THIRD, until
from .calls import Make, Target, terse
from .pdu import submitted, whole


def texts(modem):
    return [submitted(pdu, length) for _, length, pdu in modem.pdus]


def results(row):
    return [(attempt["target"], attempt["number"], attempt["result"]) for attempt in row["attempts"]]


def test_busy_target_then_the_next(up):
    box, modem = up(chain=("desk", "second"))
    modem.targets |= {DESK: Target(ends="BUSY"), SECOND: Target(answers=0.8)}
    call = modem.call_in()
    until(lambda: call.gone, 15, "the caller given away")
    assert call.end == "transfer"
    assert call.states == [4, 0, 1, 0, 1], "the held caller was not fetched back in between"
    desk, second = modem.every_call[1:]
    assert desk.gone < call.when(0, 1) < call.when(1, 1) <= second.began + 0.01
    row = box.call()
    assert (row["outcome"], row["target"]) == ("forwarded", "second")
    assert results(row) == [("desk", DESK, "busy"), ("second", SECOND, "answered")]


def test_nobody_then_a_text_to_the_owner(up):
    box, modem = up(chain=("desk", "second"), ring_seconds=3)
    modem.targets |= {DESK: Target(ends="BUSY", after=0.1), SECOND: Target()}
    call = modem.call_in("+498955512345")
    until(lambda: call.gone, 15, "the call ended")
    assert call.end == "local"
    assert not modem.calls
    row = box.call()
    assert (row["outcome"], row["reason"], row["target"]) == ("missed", "nobody_reached", None)
    assert row["answered_at"] is None
    assert results(row) == [("desk", DESK, "busy"), ("second", SECOND, "no_answer")]
    sent = box.message("sent")
    parts = texts(modem)
    assert {part.to for part in parts} == {OWNER}
    assert whole(parts) == sent["text"]
    assert {part.alphabet for part in parts} == {"gsm7"}
    digits = sent["text"].replace(" ", "").replace("-", "").replace("/", "")
    assert "55512345" in digits, "the text does not say who called"
    assert (sent["to"], sent["tries"], sent["error"]) == (OWNER, 1, None)
    assert sent["sent_at"] >= sent["created_at"]
    assert len(modem.sent("AT+CMGS")) == len(parts)
    assert modem.sent("AT+CMGS")[0] > call.gone, "a text held up a call"


REFUSALS = {
    "BUSY at once": (Target(ends="BUSY", after=0.0, alerts=0.05), {"busy"}),
    "NO CARRIER": (Target(ends="NO CARRIER"), {"refused", "failed", "busy"}),
    "NO ANSWER": (Target(ends="NO ANSWER", after=1.0), {"no_answer"}),
    "ATD answered NO CARRIER": (Target(at_once="NO CARRIER"), {"refused", "failed"}),
    "ATD answered BUSY": (Target(at_once="BUSY"), {"busy"}),
    "ATD answered ERROR": (Target(at_once="ERROR"), {"refused", "failed"}),
    "ATD answered CME": (Target(at_once="+CME ERROR: 30"), {"refused", "failed"}),
}


@pytest.mark.long
@pytest.mark.parametrize("urcs", ["plain", "huawei", "simcom"])
@pytest.mark.parametrize(("target", "allowed"), REFUSALS.values(), ids=REFUSALS)
def test_however_it_refuses_the_next_is_dialled(up, target, allowed, urcs):
    box, modem = up(Make(urcs=urcs), chain=("desk", "second"))
    modem.targets |= {DESK: target, SECOND: Target(answers=0.5)}
    call = modem.call_in()
    until(lambda: call.gone, 15, "the caller given away")
    assert call.end == "transfer"
    assert modem.every_call[-1].number == SECOND
    row = box.call()
    assert (row["outcome"], row["target"]) == ("forwarded", "second")
    assert row["attempts"][0]["result"] in allowed
    assert row["attempts"][1]["result"] == "answered"


@pytest.mark.long
@pytest.mark.parametrize("early_release", ["works", "error", "nothing"])
@pytest.mark.parametrize("make", [Make(), terse(), Make(urcs="huawei")], ids=["full", "terse", "huawei"])
def test_silent_target_rings_no_longer_than_it_may(up, make, early_release):
    """CHLD=1 is defined for active calls only: where an alerting leg stays, CHUP and CHLD=2."""
    from dataclasses import replace

    box, modem = up(replace(make, early_release=early_release), chain=("desk", "second"), ring_seconds=4)
    modem.targets |= {DESK: Target(), SECOND: Target(answers=0.5)}
    call = modem.call_in()
    until(lambda: call.gone, 20, "the caller given away")
    desk = modem.every_call[1]
    assert desk.end == "local"
    assert 4.0 <= desk.gone - desk.began <= 6.5
    assert call.states == [4, 0, 1, 0, 1], "the held caller was not fetched back in between"
    assert call.end == "transfer"
    row = box.call()
    assert results(row) == [("desk", DESK, "no_answer"), ("second", SECOND, "answered")]
    assert 3.5 <= row["attempts"][0]["seconds"] <= 5.5


@pytest.mark.long
def test_three_targets_in_their_order(up):
    box, modem = up(chain=("third", "desk", "second"), ring_seconds=3)
    modem.targets |= {THIRD: Target(ends="NO CARRIER"), DESK: Target(), SECOND: Target(ends="BUSY")}
    call = modem.call_in()
    until(lambda: call.gone, 20, "the call ended")
    assert [leg.number for leg in modem.every_call[1:]] == [THIRD, DESK, SECOND]
    row = box.call()
    assert (row["outcome"], row["reason"]) == ("missed", "nobody_reached")
    assert [attempt["target"] for attempt in row["attempts"]] == ["third", "desk", "second"]
    assert whole(texts(modem)) if box.message("sent") else None


@pytest.mark.long
def test_a_target_that_hangs_up_as_it_answers(up):
    """Gone before the transfer: nobody was reached by that one."""
    box, modem = up(chain=("desk", "second"))
    modem.targets |= {DESK: Target(answers=0.4), SECOND: Target(answers=0.4)}

    def leave(_):
        modem.leaves(modem.every_call[1])
        return ["+CME ERROR: 3"]

    modem.when("AT+CHLD=4", leave)
    call = modem.call_in()
    until(lambda: call.gone, 15, "the caller given away")
    assert call.end == "transfer"
    assert modem.every_call[-1].number == SECOND
    assert box.call()["target"] == "second"


@pytest.mark.long
def test_an_empty_chain_is_never_answered(up):
    box, modem = up(chain=())
    call = modem.call_in(rings=4)
    until(lambda: call.gone, 12, "the caller gave up")
    assert modem.sent("ATA") == []
    rows = box.calls(within=15)
    assert (rows[0]["outcome"], rows[0]["reason"]) == ("missed", "nobody_reached")
    box.message("sent")


@pytest.mark.long
def test_connected_call_the_module_cannot_hold(up):
    """CHLD=2 refused: the caller cannot be kept; they are not left on an open line for ever."""
    box, modem = up()
    modem.when("AT+CHLD=2", ["+CME ERROR: 3"], times=9)
    call = modem.call_in()
    until(lambda: call.gone, 30, "the line released")
    assert (box.call()["outcome"], box.call()["reason"]) == ("missed", "nobody_reached")
    box.message("sent")
