"""Callers: who they are, how their ringing comes, and when they give up."""

import time

import pytest

from .box import DESK, OWNER, always, until
from .calls import Make, Target, terse
from .pdu import submitted, whole

# 3GPP 27.007 7.6 and 24.008 10.5.4.7: how a number is written, and who that is
CALLERS = {
    "international": ("+4930123456", 145, None, "+4930123456"),
    "unknown": ("030123456", 129, None, "+4930123456"),
    "national with its zero": ("030123456", 161, None, "+4930123456"),
    "national without": ("30123456", 161, None, "+4930123456"),
    "145 without a plus": ("4930123456", 145, None, "+4930123456"),
    "abroad by 00": ("0043123456789", 129, None, "+43123456789"),
    "valid 0": ("+4930123456", 145, 0, "+4930123456"),
    "withheld": ("", 128, 1, None),
    "unavailable": ("", 128, 2, None),
    "withheld, short": ("", 128, None, None),
}


def test_gives_up_on_the_second_ring(up):
    box, modem = up(rings=4)
    call = modem.call_in()
    until(lambda: len(call.rings) == 2, 5, "two rings")
    modem.leaves(call, "")
    rows = box.calls(within=14)
    assert (rows[0]["outcome"], rows[0]["reason"], rows[0]["rings"]) == ("missed", "gave_up_ringing", 2)
    assert rows[0]["attempts"] == [] and rows[0]["answered_at"] is None
    sent = box.message("sent")
    assert modem.sent("ATA") == []
    ((_, length, pdu),) = modem.pdus
    part = submitted(pdu, length)
    assert (part.to, whole([part])) == (OWNER, sent["text"])


@pytest.mark.long
@pytest.mark.parametrize("line", ["NO CARRIER", "MISSED_CALL: 05:40PM +498955512345", ""])
@pytest.mark.parametrize("make", [Make(), terse(), Make(urcs="simcom"), Make(urcs="huawei")], ids=lambda m: m.urcs)
def test_gives_up_while_ringing(up, make, line):
    box, modem = up(make, rings=3)
    call = modem.call_in()
    until(lambda: len(call.rings) == 2, 5, "two rings")
    modem.leaves(call, line)
    rows = box.calls(within=14)
    assert (rows[0]["reason"], rows[0]["rings"], rows[0]["caller"]) == ("gave_up_ringing", 2, call.number)
    box.message("sent")
    assert len(box.calls()) == 1
    assert modem.sent("ATA") == []
    assert box.line()["state"] == "ready"


@pytest.mark.long
def test_rings_just_stop_and_clcc_keeps_a_ghost(up):
    """No RING for 10 s: the caller is gone, whatever a stuck entry in CLCC says."""
    box, modem = up(rings=4)
    call = modem.call_in()
    until(lambda: len(call.rings) == 2, 5, "two rings")
    call.silent = True
    rows = box.calls(within=25)
    assert (rows[0]["outcome"], rows[0]["reason"], rows[0]["rings"]) == ("missed", "gave_up_ringing", 2)
    assert modem.sent("ATA") == []


@pytest.mark.long
def test_gone_between_the_last_ring_and_the_answer_seen_in_clcc(up):
    box, modem = up(rings=2)

    def gone(_):
        if len(call.rings) == 2:
            modem.leaves(call, "")

    call = modem.call_in()
    modem.when("AT+CLCC", gone, times=99)
    until(lambda: call.gone, 6, "the caller gone")
    rows = box.calls(within=14)
    assert (rows[0]["outcome"], rows[0]["reason"]) == ("missed", "gave_up_ringing")
    assert modem.sent("ATA") == []
    box.message("sent")


@pytest.mark.long
@pytest.mark.parametrize("answer", ["NO CARRIER", "+CME ERROR: 3", "ERROR"])
def test_gone_between_clcc_and_ata(up, answer):
    box, modem = up(rings=2)

    def gone(_):
        modem.leaves(call, "")
        return [answer]

    call = modem.call_in()
    modem.when("ATA", gone)
    until(lambda: call.gone, 6, "the caller gone")
    rows = box.calls(within=14)
    assert (rows[0]["outcome"], rows[0]["reason"], rows[0]["rings"]) == ("missed", "gave_up_ringing", 2)
    assert modem.sent("ATD") == [], "a target was called for nobody"
    box.message("sent")
    box.ready(5)


@pytest.mark.long
@pytest.mark.parametrize("line", ["NO CARRIER", ""])
@pytest.mark.parametrize("early_release", ["works", "error", "nothing"])
def test_leaves_while_the_target_rings(up, line, early_release):
    box, modem = up(Make(early_release=early_release), chain=("desk", "second"))
    modem.targets[DESK] = Target()
    call = modem.call_in()
    until(lambda: len(modem.every_call) == 2 and 3 in modem.every_call[1].states, 10, "the target rings")
    modem.leaves(call, line)
    target = modem.every_call[1]
    until(lambda: target.gone, 4, "the target released")
    assert target.end == "local"
    assert target.gone - call.gone < 2
    row = box.call()
    assert (row["outcome"], row["reason"]) == ("missed", "gave_up_forwarding")
    assert [attempt["result"] for attempt in row["attempts"]] == ["caller_gone"]
    box.message("sent")
    assert len(modem.every_call) == 2, "another target was called for nobody"


@pytest.mark.long
@pytest.mark.parametrize(("number", "kind", "validity", "meant"), CALLERS.values(), ids=CALLERS)
def test_who_calls(up, number, kind, validity, meant):
    box, modem = up(rings=2)
    modem.targets[DESK] = Target(ends="BUSY", after=0.1)
    call = modem.call_in(number, kind, validity)
    until(lambda: call.gone, 12, "the call ended")
    row = box.call()
    assert (row["caller"], row["outcome"]) == (meant, "missed")
    text = box.message("sent")["text"]
    assert whole([submitted(pdu, length) for _, length, pdu in modem.pdus]) == text
    if meant is None:
        assert not any(digits.isdigit() and len(digits) > 5 for digits in text.split())


@pytest.mark.long
@pytest.mark.parametrize("ring", ["RING", "+CRING: VOICE"])
@pytest.mark.parametrize("style", ["normal", "late", "before", "bytes", "doubled", "merged", "split", "noclip",
                                   "in-reply"])  # fmt: skip
def test_rings_are_counted_however_they_come(up, style, ring):
    """Two RINGs within 2 s are one; a missing +CLIP is made up for by CLCC."""
    box, modem = up(Make(ring=ring), rings=3)
    modem.targets[DESK] = Target(answers=0.4)
    call = modem.call_in("030123456", 129, every=2.6, style=style)
    answered = until(lambda: modem.sent("ATA"), 10, "ATA")[0]
    assert len(call.rings) == 3, "not answered on the third ring"
    assert answered - call.rings[2] < 1.5  # a RING that waits for a reply to stand in comes up to a second late
    until(lambda: call.gone, 8, "the caller given away")
    assert len(call.rings) == 3
    row = box.call()
    assert (row["caller"], row["rings"], row["outcome"]) == ("+4930123456", 3, "forwarded")


@pytest.mark.long
def test_noise_is_survived(up):
    box, modem = up(rings=2)
    modem.targets[DESK] = Target(answers=0.5)
    for noise in (b"\x00" * 500, b"\xff\xfe\x80garbage\xc3", b"\r\n\r\n\x1b\x1b", b"x" * 70000, b"\r\n"):
        for at in range(0, len(noise), 1000):
            modem.send(noise[at : at + 1000])
            time.sleep(0.02)  # as fast as a terminal takes it
    call = modem.call_in(every=3)
    until(lambda: call.gone, 15, "the caller given away")
    assert (call.end, len(call.rings)) == ("transfer", 2)
    assert box.call()["caller"] == call.number


@pytest.mark.long
def test_slow_rings_of_real_networks(up):
    """6 s between rings is not giving up."""
    box, modem = up(rings=3)
    modem.targets[DESK] = Target(answers=0.5)
    call = modem.call_in(every=6)
    until(lambda: call.gone, 22, "the caller given away")
    assert (call.end, len(call.rings)) == ("transfer", 3)
    assert box.call()["rings"] == 3


@pytest.mark.long
def test_a_call_somebody_else_answered_is_let_alone(up):
    """CLCC says active though no ATA was sent: nobody is called, nothing is held or given away."""
    box, modem = up(rings=4)
    call = modem.call_in()
    until(lambda: len(call.rings) == 2, 5, "two rings")
    with modem.lock:
        modem.connect(call)
    disturbing = ("ATA", "ATD", "AT+CHLD", "AT+CHUP", "ATH")
    always(lambda: not any(modem.sent(c, call.began) for c in disturbing), 3, "somebody's conversation was disturbed")
    modem.leaves(call)
    rows = box.calls(within=12)
    assert rows[0]["outcome"] == "answered_here"
    assert modem.sent("ATA") == []
    assert box.messages("missed") == []


@pytest.mark.long
@pytest.mark.parametrize("pause", [0.0, 0.005, 0.02, 0.1, 0.5])
def test_the_next_caller_comes_as_the_last_one_is_released(up, pause):
    """An answered call never rings again: what CLCC lists as incoming after the release is somebody new."""
    box, modem = up()
    modem.targets[DESK] = Target(ends="BUSY", after=0.1)
    first = modem.call_in()
    while not first.gone:
        time.sleep(0.001)
    time.sleep(pause)
    second = modem.call_in("+498955567890")
    modem.targets[DESK] = Target(answers=0.3)
    until(lambda: second.gone, 15, "the second call ended")
    assert second.end == "transfer", "the next caller was turned away"
    assert [(row["caller"], row["outcome"]) for row in box.calls(2)] == [
        ("+498955567890", "forwarded"),
        ("+498955512345", "missed"),
    ]
