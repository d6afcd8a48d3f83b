"""CHLD, CLCC and their kin (22.030 6.5.5, 27.007 7.13), as typed at a module."""

import pytest

from appliance.simulator.journal import Connected, Diverted, Ended
from appliance.simulator.phones import Target

from .conftest import DESK, LINE, MOBILE

CALLER = "+493098765432"
ACTIVE, HELD, DIALING, ALERTING, INCOMING, WAITING = range(6)
OK = ["OK"]


def test_it_rings_every_five_seconds_until_the_caller_goes(terminal):
    terminal.exchange.call(LINE, CALLER, gives_up_after=12)
    assert terminal.sleep(1) == ["RING", f'+CLIP: "{CALLER}",145,,,,0']
    assert terminal.sleep(5)[0] == "RING"
    assert terminal.sleep(5)[0] == "RING"
    assert terminal.sleep(5) == ["NO CARRIER"]
    assert terminal.listed() == {}
    assert terminal.type("ATA") == ["NO CARRIER"]


@pytest.mark.parametrize(
    ("options", "clip", "clcc"),
    [
        ({"caller": "030123456"}, '"030123456",129,,,,0', '"030123456",129'),
        ({"caller": "30123456", "type_octet": 161}, '"30123456",161,,,,0', '"30123456",161'),
        ({"caller": None}, '"",128,,,,1', '"",128'),
        ({"caller": None, "validity": 2}, '"",128,,,,2', '"",128'),
    ],
)
def test_caller_numbers(terminal, options, clip, clcc):
    terminal.exchange.call(LINE, **options)
    assert terminal.sleep(1)[1] == f"+CLIP: {clip}"
    assert terminal.type("AT+CLCC")[0] == f"+CLCC: 1,1,4,0,0,{clcc}"


def test_answer_hold_dial_swap_transfer(terminal):
    caller = terminal.holding(wait=0)
    assert terminal.listed() == {1: (1, HELD, 0), 2: (0, DIALING, 0)}
    assert caller.on_hold
    terminal.sleep(1.5)
    assert terminal.listed()[2] == (0, ALERTING, 0)
    terminal.sleep(4)
    assert terminal.listed()[2] == (0, ACTIVE, 0)
    assert terminal.type("AT+CHLD=2") == OK
    assert terminal.listed() == {1: (1, ACTIVE, 0), 2: (0, HELD, 0)}
    assert terminal.type("AT+CHLD=4") == OK
    assert terminal.listed() == {}
    assert (caller.speaks_with, terminal.desk.speaks_with) == (DESK, CALLER)
    assert terminal.exchange.journal.of(Connected)[-1].means == "transfer"
    caller.hang_up()
    assert terminal.desk.state == "idle" and terminal.sleep(1) == []


def test_transfer_while_it_rings(terminal):
    caller = terminal.holding(wait=2)
    assert terminal.type("AT+CHLD=4") == OK
    terminal.sleep(10)
    assert caller.speaks_with == DESK


def test_conference_and_its_end(terminal):
    caller = terminal.holding()
    assert terminal.type("AT+CHLD=3") == OK
    assert terminal.listed() == {1: (1, ACTIVE, 1), 2: (0, ACTIVE, 1)}
    assert (caller.speaks_with, terminal.desk.speaks_with) == (DESK, CALLER)
    caller.hang_up()
    assert terminal.lines() == ["NO CARRIER"]
    assert terminal.listed() == {2: (0, ACTIVE, 0)}
    assert terminal.desk.state == "talking"
    assert terminal.type("AT+CHUP") == OK
    assert terminal.desk.state == "idle"


def test_chld1_releases_the_active_one_and_fetches_the_caller_back(terminal):
    caller = terminal.holding()
    assert terminal.type("AT+CHLD=1") == OK
    assert terminal.listed() == {1: (1, ACTIVE, 0)}
    assert not caller.on_hold and terminal.desk.state == "idle"


@pytest.mark.parametrize(
    ("family", "answer", "left"),
    [
        ("generic", "OK", {1: (1, HELD, 0), 2: (0, ALERTING, 0)}),
        ("simcom", "+CME ERROR: 3", {1: (1, HELD, 0), 2: (0, ALERTING, 0)}),
        ("huawei", "OK", {1: (1, ACTIVE, 0)}),
    ],
)
def test_chld1_on_a_leg_that_only_rings_differs(make, family, answer, left):
    terminal = make(family)
    terminal.holding(wait=2)
    assert terminal.type("AT+CHLD=1")[-1] == answer
    assert terminal.listed() == left
    terminal.type("AT+CHUP")
    terminal.type("AT+CHLD=2") if len(left) == 2 else None
    assert (terminal.listed() == {1: (1, ACTIVE, 0)}) is (len(left) == 2)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target(MOBILE, "busy"), ["BUSY"]),
        (Target(MOBILE, "refuses", after=1), ["NO CARRIER"]),
        (Target(MOBILE, "unreachable"), ["NO CARRIER"]),
        (Target(MOBILE, after=1, talks_for=None, patience=1), ["NO CARRIER"]),
    ],
)
def test_the_target_goes_and_the_caller_stays_on_hold(terminal, target, words):
    terminal.exchange.set_target(target)
    caller = terminal.exchange.call(LINE, CALLER)
    terminal.sleep(1)
    terminal.type("ATA")
    terminal.type("AT+CHLD=2")
    terminal.type(f"ATD{MOBILE};")
    assert terminal.sleep(5) == words
    assert terminal.listed() == {1: (1, HELD, 0)}
    assert terminal.type("AT+CHLD=2") == OK
    assert terminal.listed() == {1: (1, ACTIVE, 0)} and caller.state == "talking"


def test_nobody_answers_until_the_network_gives_up(terminal):
    terminal.exchange.set_target(Target(MOBILE, "silent"))
    terminal.type(f"ATD{MOBILE};")
    assert terminal.sleep(122) == ["NO ANSWER"]


def test_dialling_holds_the_active_call(terminal):
    caller = terminal.exchange.call(LINE, CALLER)
    terminal.sleep(1)
    terminal.type("ATA")
    terminal.type(f"ATD{DESK};")
    assert terminal.listed() == {1: (1, HELD, 0), 2: (0, DIALING, 0)} and caller.on_hold


def test_what_cannot_be_done(terminal):
    for command in ("AT+CHLD=1", "AT+CHLD=2", "AT+CHLD=3", "AT+CHLD=4", "AT+CHLD=11", "AT+CHLD=21", "AT+CMUT=1"):
        assert terminal.type(command) == ["+CME ERROR: 3"], command
    for command in ("AT+CHLD=7", "AT+CHLD=33", "AT+CHLD="):
        assert terminal.type(command) == ["+CME ERROR: 50"], command
    terminal.exchange.call(LINE, CALLER)
    terminal.sleep(1)
    assert terminal.type(f"ATD{DESK};") == ["+CME ERROR: 3"]
    assert terminal.type(f"ATD{DESK}") == ["NO CARRIER"]


def test_a_waiting_call_goes_before_a_held_one(terminal):
    terminal.type("AT+CCWA=1")
    terminal.holding()
    second = terminal.exchange.call(LINE, "+491701234567")
    assert terminal.sleep(1) == ['+CCWA: "+491701234567",145,1']
    assert terminal.listed()[3] == (1, WAITING, 0)
    assert terminal.type("AT+CHLD=2") == ["+CME ERROR: 3"]
    assert terminal.type("AT+CHLD=1") == OK
    assert terminal.listed() == {1: (1, HELD, 0), 3: (1, ACTIVE, 0)}
    assert second.state == "talking" and terminal.desk.state == "idle"


def test_chld0_rejects_the_waiting_call_as_busy(terminal):
    terminal.holding()
    second = terminal.exchange.call(LINE, "+491701234567")
    terminal.sleep(1)
    assert terminal.type("AT+CHLD=0") == OK
    assert second.cause == 17
    assert terminal.type("AT+CHLD=0") == OK
    assert terminal.listed() == {2: (0, ACTIVE, 0)}


def test_a_rejected_call_is_diverted_where_busy_calls_are(terminal):
    terminal.type(f'AT+CCFC=1,3,"{DESK}",145', wait=1)
    caller = terminal.exchange.call(LINE, CALLER)
    terminal.sleep(1)
    assert terminal.type("AT+CHLD=0") == OK
    terminal.sleep(8)
    assert caller.speaks_with == DESK and terminal.exchange.journal.of(Diverted)[0].why == "busy"


def test_a_third_caller_or_one_without_call_waiting_is_busy(terminal):
    terminal.holding()
    terminal.exchange.call(LINE, "+491701234567")
    terminal.sleep(1)
    third = terminal.exchange.call(LINE, "+491709999999")
    terminal.sleep(1)
    assert third.cause == 17
    terminal.type("AT+CHLD=0")
    assert terminal.type("AT+CCWA=0,0,1", wait=1) == OK
    assert terminal.type("AT+CCWA=0,2,1", wait=1) == ["+CCWA: 0,1", "OK"]
    fourth = terminal.exchange.call(LINE, "+491709999999")
    terminal.sleep(1)
    assert fourth.cause == 17


def test_a_waiting_call_rings_when_the_others_are_gone(terminal):
    caller = terminal.exchange.call(LINE, CALLER)
    terminal.sleep(1)
    terminal.type("ATA")
    terminal.exchange.call(LINE, "+491701234567")
    terminal.sleep(2)
    caller.hang_up()
    assert terminal.lines() == ["NO CARRIER", "RING", '+CLIP: "+491701234567",145,,,,0']
    assert terminal.listed() == {2: (1, INCOMING, 0)}


def test_split_one_of_a_conference(terminal):
    terminal.holding()
    terminal.type("AT+CHLD=3")
    assert terminal.type("AT+CHLD=22") == OK
    assert terminal.listed() == {1: (1, HELD, 0), 2: (0, ACTIVE, 0)}
    assert terminal.type("AT+CHLD=12") == OK
    assert terminal.listed() == {1: (1, HELD, 0)}


def test_deflection(terminal):
    caller = terminal.exchange.call(LINE, CALLER)
    terminal.sleep(1)
    assert terminal.type(f'AT+CTFR="{DESK}",145', wait=1) == OK
    assert terminal.listed() == {}
    terminal.sleep(6)
    assert caller.speaks_with == DESK
    assert terminal.exchange.journal.of(Connected)[0].means == "deflection"
    assert terminal.type(f'AT+CTFR="{DESK}",145', wait=1) == ["+CME ERROR: 3"]


def test_hanging_up(terminal):
    terminal.holding()
    assert terminal.type("AT+CHUP") == OK
    assert terminal.listed() == {1: (1, HELD, 0)}
    assert terminal.type("AT+CVHU=1;H") == OK
    assert terminal.listed() == {1: (1, HELD, 0)}
    assert terminal.type("AT+CVHU=0;H") == OK
    assert terminal.listed() == {}
    assert terminal.exchange.journal.of(Ended)[-1].by == LINE


@pytest.mark.parametrize(
    ("family", "setup", "expected"),
    [
        ("huawei", "AT", ["^ORIG:1,0", "OK", "^CONF:1", "^CONN:1,0", "^CEND:1,3,29,16", "NO CARRIER"]),
        ("simcom", "AT", ["OK", "VOICE CALL: BEGIN", "VOICE CALL: END: 000003", "NO CARRIER"]),
        ("quectel", "AT^DSCI=1", [
            f"^DSCI: 1,0,2,0,{DESK},145", "OK", f"^DSCI: 1,0,7,0,{DESK},145", f"^DSCI: 1,0,3,0,{DESK},145",
            f"^DSCI: 1,0,6,0,{DESK},145", "NO CARRIER"]),
        ("quectel", 'AT+QINDCFG="ccinfo",1,0', [
            f'+QIND: "ccinfo",1,0,2,0,0,"{DESK}",145', "OK", f'+QIND: "ccinfo",1,0,3,0,0,"{DESK}",145',
            f'+QIND: "ccinfo",1,0,0,0,0,"{DESK}",145', f'+QIND: "ccinfo",1,0,-1,0,0,"{DESK}",145', "NO CARRIER"]),
        ("simcom", "AT+CLCC=1", [
            f'+CLCC: 1,0,2,0,0,"{DESK}",145,""', "OK", f'+CLCC: 1,0,3,0,0,"{DESK}",145,""', "VOICE CALL: BEGIN",
            f'+CLCC: 1,0,0,0,0,"{DESK}",145,""', "VOICE CALL: END: 000003", f'+CLCC: 1,0,6,0,0,"{DESK}",145,""',
            "NO CARRIER"]),
    ],
)  # fmt: skip
def test_how_families_report_a_call(make, family, setup, expected):
    terminal = make(family)
    terminal.type(setup)
    terminal.exchange.set_target(Target(DESK, after=2, talks_for=None, patience=3))
    assert terminal.type(f"ATD{DESK};") + terminal.sleep(10) == expected


def test_a_missed_call_and_the_last_cause(make):
    terminal = make("simcom")
    terminal.exchange.call(LINE, CALLER, gives_up_after=3)
    assert terminal.sleep(6)[-3:] == ["VOICE CALL: END: 000000", f"MISSED_CALL: 11:00AM {CALLER}", "NO CARRIER"]
    assert terminal.type("AT+CEER") == ["+CEER: 16", "OK"]


def test_it_answers_by_itself_where_s0_says_so(terminal):
    terminal.type("ATS0=2")
    caller = terminal.exchange.call(LINE, CALLER)
    terminal.sleep(7)
    assert caller.state == "talking"


def test_two_modules_call_each_other(terminal):
    from appliance.simulator.module import GsmModule

    other = GsmModule(terminal.exchange, "stick", "+498999999")
    terminal.type("ATD+498999999;")
    terminal.sleep(2)
    assert other.calls.clcc() == [f'+CLCC: 1,1,4,0,0,"{LINE}",145']
    other.receive(b"ATA\r", terminal.world.now())
    assert terminal.listed() == {1: (0, ACTIVE, 0)}
    other.receive(b"ATH\r", terminal.world.now())
    assert terminal.lines() == ["NO CARRIER"]


def test_call_commands_may_take_time(terminal):
    terminal.module.call_seconds = 0.5
    terminal.exchange.call(LINE, CALLER)
    terminal.sleep(1)
    assert terminal.type("ATA") == []
    assert terminal.sleep(0.5) == OK
    assert terminal.listed() == {1: (1, ACTIVE, 0)}


def test_a_call_hung_up_on_is_not_diverted(terminal):
    """ "User busy" is one thing, a rejected call another (22.082 2.2)."""
    terminal.type(f'AT+CCFC=1,3,"{DESK}",145', wait=1)
    caller = terminal.exchange.call(LINE, CALLER)
    terminal.sleep(1)
    assert terminal.type("ATH") == OK
    assert caller.cause == 21 and terminal.exchange.journal.of(Diverted) == []


def test_chld1_takes_the_waiting_call_without_a_ring(terminal):
    terminal.exchange.call(LINE, CALLER)
    terminal.sleep(1)
    terminal.type("ATA")
    second = terminal.exchange.call(LINE, "+491701234567")
    terminal.sleep(1)
    assert terminal.type("AT+CHLD=1") == OK
    assert second.state == "talking" and terminal.listed() == {2: (1, ACTIVE, 0)}


def test_conversations_are_told_by_the_journal(terminal):
    caller = terminal.holding()
    terminal.type("AT+CHLD=3")
    began = terminal.world.now()
    terminal.sleep(10)
    caller.hang_up()
    assert terminal.exchange.journal.conversations(caller.number, DESK) == [(began, began + 10)]
    assert terminal.exchange.journal.conversations(DESK, "+4999") == []


def test_a_mailbox_speaks_beeps_and_listens(terminal):
    from appliance.simulator.ears import level, tone_level

    desk = terminal.exchange.set_target(Target(DESK, "mailbox", 1.0, None))
    terminal.type(f"ATD{DESK};")
    terminal.sleep(2.5)
    call, now = desk.call, terminal.world.now()

    parts = [desk.sound(call, now + k * 0.02, 160, 1 / 8000) for k in range(600)]
    heard = [sample for part in parts for sample in part]
    assert level(heard[8000:40_000]) > -35
    beep = max(range(40_000, 64_000, 800), key=lambda place: tone_level(heard[place : place + 800], 1000.0))
    assert tone_level(heard[beep : beep + 800], 1000.0) > -13
    assert level(heard[beep + 8000 :]) < -100
