"""Answer after N rings, hold, dial, give the caller away: by transfer, by conference, by deflection."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from .box import DESK, OWNER, SECOND, always, until
from .calls import Make, Target, terse

ATTEMPT_KEYS = {"target", "number", "method", "result", "seconds"}
CALL_KEYS = {"id", "line", "caller", "caller_name", "started_at", "answered_at", "ended_at", "rings", "plan",
             "decided_by", "outcome", "reason", "target", "method", "attempts"}  # fmt: skip
REFUSALS = {
    "CME 3": ["+CME ERROR: 3"],
    "CME 4": ["+CME ERROR: 4"],
    "CME 30": ["+CME ERROR: 30"],
    "CME 100": ["+CME ERROR: 100"],
    "ERROR": ["ERROR"],
    "OK without effect": ["OK"],
}
MAKES = {
    "terse": terse(),
    "terse, +CRING": terse(ring="+CRING: VOICE"),
    "terse, OK of ATD late": terse(dial_ok_after=1.6),
    "OK of ATD after the connect": Make(dial_ok_after=2.4),
    "huawei urcs": Make(urcs="huawei"),
    "simcom urcs": Make(urcs="simcom"),
    "huawei by name": Make(name="huawei", urcs="huawei"),
    "simcom by name": Make(name="SIMCOM INCORPORATED", urcs="simcom", clcc_tail=',""'),
    "quectel by name": Make(name="Quectel", clcc_tail=',""'),
    "slow": Make(latency=0.15),
}


def moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    assert at.utcoffset() is not None, f"{text} has no offset"
    return at


def now() -> datetime:
    return datetime.fromtimestamp(time.time_ns() / 1e9, tz=UTC)


def test_third_ring_answer_hold_dial_transfer(up):
    box, modem = up(rings=3)
    modem.targets[DESK] = Target(answers=1.5)
    begun = now()
    call = modem.call_in("+498955512345", every=2.2)
    answered = until(lambda: modem.sent("ATA"), 8, "ATA")[0]
    assert len(call.rings) == 3, "answered before the third ring, or after it"
    assert answered - call.rings[2] < 0.25
    until(lambda: call.gone, 8, "the caller given away")
    assert call.end == "transfer"
    assert call.states == [4, 0, 1], "incoming, active, held"
    target = modem.every_call[1]
    assert (target.number, target.states, target.end) == (DESK, [2, 3, 0], "transfer")
    assert call.gone - target.when(0) < 0.8, "more than one poll of CLCC between the answer and CHLD=4"
    assert modem.sent("AT+CMGS") == []

    row = box.call()
    assert row.keys() >= CALL_KEYS
    assert {name: row[name] for name in CALL_KEYS - {"id", "started_at", "answered_at", "ended_at", "attempts"}} == {
        "line": "office", "caller": "+498955512345", "caller_name": None, "rings": 3, "plan": "open",
        "decided_by": "otherwise", "outcome": "forwarded", "reason": row["reason"], "target": "desk",
        "method": "transfer",
    }  # fmt: skip
    started, answered, ended = (moment(row[name]) for name in ("started_at", "answered_at", "ended_at"))
    assert abs(started - begun) < timedelta(seconds=1.5)
    assert timedelta(seconds=5) < answered - started < timedelta(seconds=9)
    assert answered <= ended < now()
    (attempt,) = row["attempts"]
    assert attempt.keys() >= ATTEMPT_KEYS
    assert 1.0 <= attempt.pop("seconds") <= 3.0
    assert {name: attempt[name] for name in ATTEMPT_KEYS - {"seconds"}} == {
        "target": "desk", "number": DESK, "method": "transfer", "result": "answered",
    }  # fmt: skip
    assert box.messages() == [], "a text about a call that was not missed"


def conference(box, modem, first="target"):
    """A call led into a conference; then one party leaves and the other must be let go within a second."""
    modem.targets[DESK] = Target(answers=0.8)
    call = modem.call_in()
    until(lambda: call.mpty, 12, "a conference")
    target = modem.every_call[-1]
    assert target.number == DESK
    always(lambda: not call.gone and not target.gone, 1.5, "a conference that did not last")
    leaver, stayer = (target, call) if first == "target" else (call, target)
    modem.leaves(leaver)
    until(lambda: stayer.gone, 3, "the other party released")
    assert stayer.end == "local"
    assert stayer.gone - leaver.gone < 1.0
    return call


def conference_row(box):
    row = box.call()
    assert (row["outcome"], row["method"], row["target"]) == ("forwarded", "conference", "desk")
    assert row["attempts"][-1]["result"] == "answered"
    assert moment(row["ended_at"]) - moment(row["answered_at"]) >= timedelta(seconds=1)
    assert box.messages() == []


def test_refused_transfer_becomes_a_conference(up):
    box, modem = up()
    modem.when("AT+CHLD=4", ["+CME ERROR: 30"])
    conference(box, modem)
    assert modem.sent("AT+CHLD=4") and modem.sent("AT+CMUT=1")
    assert modem.sent("AT+CMUT=1")[0] - modem.sent("AT+CHLD=3")[0] < 1
    conference_row(box)


@pytest.mark.long
@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_every_refusal_becomes_a_conference(up, refusal):
    box, modem = up()
    modem.when("AT+CHLD=4", refusal)
    conference(box, modem, first="caller")
    conference_row(box)


@pytest.mark.long
@pytest.mark.parametrize("make", [terse(), Make(urcs="huawei"), Make(urcs="simcom")], ids=lambda make: make.urcs)
@pytest.mark.parametrize("silently", [True, False])
def test_conference_ends_whoever_tells_of_it(up, make, silently):
    """With CLCC the truth, no URC at all must be needed."""
    box, modem = up(make)
    modem.when("AT+CHLD=4", ["ERROR"])
    if silently:
        leave = modem.leaves
        modem.leaves = lambda call: leave(call, "")
    conference(box, modem)
    conference_row(box)


@pytest.mark.long
def test_a_refusal_is_remembered(up):
    """Per SIM: the next call goes straight to the conference."""
    box, modem = up()
    modem.when("AT+CHLD=4", ["+CME ERROR: 30"], times=9)
    conference(box, modem)
    box.ready()
    refused = modem.sent("AT+CHLD=4")
    conference(box, modem)
    assert modem.sent("AT+CHLD=4") == refused
    assert [row["method"] for row in box.calls(2)] == ["conference", "conference"]


@pytest.mark.long
def test_conference_first_where_it_stands_first(up):
    box, modem = up(forward_by=("conference", "transfer"))
    conference(box, modem)
    assert modem.sent("AT+CHLD=4") == []


@pytest.mark.long
def test_conference_refused_is_no_dead_end(up):
    """Neither method works: the target is let go, the caller fetched back, the next target tried, then it ends."""
    box, modem = up(chain=("desk", "second"))
    modem.targets |= {DESK: Target(answers=0.5), SECOND: Target(answers=0.5)}
    modem.when("AT+CHLD=4", ["+CME ERROR: 30"], times=9)
    modem.when("AT+CHLD=3", ["+CME ERROR: 4"], times=9)
    call = modem.call_in()
    until(lambda: len(modem.every_call) == 3, 15, "the second target dialled")
    until(lambda: not modem.calls, 15, "an empty line")
    assert call.end == "local"
    row = box.call()
    assert (row["outcome"], row["reason"]) == ("missed", "nobody_reached")
    assert [(a["target"], a["result"]) for a in row["attempts"]] == [("desk", "failed"), ("second", "failed")]
    box.message("sent")


@pytest.mark.long
@pytest.mark.parametrize("make", MAKES.values(), ids=MAKES)
def test_every_make_transfers(up, make):
    box, modem = up(make, rings=2)
    modem.targets[DESK] = Target(answers=1.0)
    call = modem.call_in()
    until(lambda: call.gone, 15, "the caller given away")
    assert (call.end, len(call.rings)) == ("transfer", 2)
    if make.urcs != "plain":
        assert call.gone - modem.every_call[1].when(0) < 0.15, "a connect URC needs no poll"
    row = box.call()
    assert (row["outcome"], row["method"], row["caller"], row["rings"]) == ("forwarded", "transfer", call.number, 2)
    assert box.line()["state"] == "ready"


@pytest.mark.long
@pytest.mark.parametrize("make", MAKES.values(), ids=MAKES)
def test_every_make_conferences(up, make):
    box, modem = up(make)
    modem.when("AT+CHLD=4", ["ERROR"])
    conference(box, modem)
    conference_row(box)


@pytest.mark.long
def test_a_data_entry_first_in_clcc_changes_nothing(up):
    """LTE modules list their data bearer as a call with mode 1, before the calls that matter."""
    box, modem = up(rings=2)
    with modem.lock:
        modem.add(False, 0, "", mode=1)
    modem.targets[DESK] = Target(answers=0.5)
    call = modem.call_in()
    until(lambda: call.gone, 12, "the caller given away")
    assert call.end == "transfer"
    assert [left.mode for left in modem.calls] == [1], "the data bearer was hung up"
    assert box.call()["outcome"] == "forwarded"


@pytest.mark.long
def test_deflect_moves_the_ringing_call(up):
    box, modem = up(rings=2, forward_by=("deflect", "transfer", "conference"))
    call = modem.call_in()
    until(lambda: call.gone, 8, "the call deflected")
    assert (call.end, call.states, len(call.rings)) == ("deflect", [4], 2)
    assert modem.sent("ATA") == []
    (command,) = [text for _, text in modem.commands if text.startswith("AT+CTFR")]
    assert command == f'AT+CTFR="{DESK}",145'
    row = box.call()
    assert (row["outcome"], row["method"], row["target"], row["rings"]) == ("forwarded", "deflect", "desk", 2)
    assert box.messages() == []


@pytest.mark.long
@pytest.mark.parametrize("answer", [["+CME ERROR: 30"], ["ERROR"], ["OK"]], ids=["CME", "ERROR", "OK without effect"])
def test_refused_deflection_goes_on_to_transfer(up, answer):
    box, modem = up(rings=1, forward_by=("deflect", "transfer", "conference"))
    modem.targets[DESK] = Target(answers=0.5)
    modem.when("AT+CTFR", answer)
    call = modem.call_in()
    until(lambda: call.gone, 15, "the caller given away")
    assert call.end == "transfer"
    row = box.call()
    assert (row["outcome"], row["method"]) == ("forwarded", "transfer")
    assert row["attempts"][-1]["result"] == "answered"


@pytest.mark.long
def test_a_second_caller_does_not_disturb_the_conference(up):
    box, modem = up()
    modem.targets[DESK] = Target(answers=0.5)
    modem.when("AT+CHLD=4", ["+CME ERROR: 30"])
    first = modem.call_in()
    until(lambda: first.mpty, 10, "a conference")
    target = modem.every_call[1]
    second = modem.call_in("+498955567890")
    always(lambda: first.mpty and target.mpty and not first.gone and not target.gone, 3, "the conference was disturbed")
    assert not second.gone or second.end == "local"
    modem.targets[DESK] = Target(answers=0.5)
    modem.leaves(target)
    until(lambda: first.gone, 3, "the first caller released")
    assert first.gone - target.gone < 1.0
    until(lambda: second.gone, 15, "the second caller served too")
    rows = {row["caller"]: row for row in box.calls(2)}
    assert rows["+498955512345"]["outcome"] == "forwarded"
    assert "+498955567890" in rows, "the waiting caller left no trace"


@pytest.mark.long
def test_two_calls_in_a_row_and_the_line_is_free_between(up):
    box, modem = up(rings=2)
    modem.targets[DESK] = Target(answers=0.5)
    for caller in ("+498955512345", "+498955567890"):
        call = modem.call_in(caller)
        until(lambda call=call: call.gone, 12, "the caller given away")
        assert len(call.rings) == 2
        box.ready(5)
    assert [row["caller"] for row in box.calls(2)] == ["+498955567890", "+498955512345"], "newest first"
    assert len({row["id"] for row in box.calls(2)}) == 2


@pytest.mark.long
def test_two_lines_at_once(stage):
    from .box import settings

    left, right = stage.module(name="ttyLeft"), stage.module(name="ttyRight")
    more = f'[[line]]\nname = "shop"\nkind = "gsm"\nport = "{right.link}"\nforward_by = ["transfer", "conference"]\n'
    stage.box.provisioned(settings(left.link, more=more))
    stage.box.start()
    stage.box.ready(name="office")
    stage.box.ready(name="shop")
    calls = []
    for modem, caller in ((left, "+498955512345"), (right, "+498955567890")):
        modem.targets[DESK] = Target(answers=1.0)
        calls.append(modem.call_in(caller))
    until(lambda: all(call.gone for call in calls), 12, "both callers given away")
    assert {(row["line"], row["caller"], row["outcome"]) for row in stage.box.calls(2)} == {
        ("office", "+498955512345", "forwarded"),
        ("shop", "+498955567890", "forwarded"),
    }


def test_owner_is_not_bothered_when_texts_are_off(up):
    """`missed = "off"`: the call is logged, nothing else."""
    box, modem = up(missed="off")
    modem.targets[DESK] = Target(ends="BUSY", after=0.1)
    call = modem.call_in()
    until(lambda: call.gone, 10, "the call ended")
    assert box.call()["outcome"] == "missed"
    always(lambda: not modem.pdus, 1, f"a text to {OWNER}")
    assert box.messages("missed") == []
