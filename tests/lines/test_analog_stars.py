"""The safety net of an analog line: star codes, and what is believed of them."""

import pytest

from appliance.core import actions, events
from appliance.lines.analog_facts import Told
from tests.lines.analog_bench import CONEXANT, NO_VOICE, Bench

NET, OTHER = "+49301111111", "+49302222222"
SET_BUSY, SET_NO_REPLY = "ATX3DT*67*0301111111#;", "ATX3DT*61*0301111111#;"


def codes(bench):
    return [text for text in bench.sent if "DT" in text]


def checked(bench):
    return [event for event in bench.take() if isinstance(event, events.SafetyNetChecked)]


def shown(bench):
    return [(one.when, one.to, one.confirmed, one.ours) for one in bench.line.shown().diversions]


@pytest.mark.parametrize("says", [CONEXANT, NO_VOICE])
def test_the_network_is_told_once(says):
    bench = Bench(says, safety_net=NET, no_reply_net=True)
    bench.run(60.0)
    assert codes(bench) == [SET_BUSY, SET_NO_REPLY]
    assert bench.sent.count("ATH") == 2
    (verdict,) = checked(bench)
    assert not verdict.confirmed
    assert shown(bench) == [("busy", NET, False, True), ("no_reply", NET, False, True)]
    assert "net_not_proven" in bench.line.shown().notes
    assert (bench.line.state(), bench.line.idle) == ("ready", True)
    bench.run(24 * 3600.0)
    assert len(codes(bench)) == 2


def test_without_a_net_nothing_is_dialled():
    bench = Bench()
    bench.run(100.0)
    assert codes(bench) == []


def test_what_was_kept_is_not_dialled_again():
    bench = Bench(safety_net=NET, told=(Told("busy", NET, proven=True),))
    bench.run(100.0)
    assert codes(bench) == []
    assert shown(bench) == [("busy", NET, True, True)]
    assert bench.line.shown().notes == ["no_reply_off"]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (Told("busy", OTHER, proven=True), ["ATX3DT#67#;", SET_BUSY]),
        (Told("no_reply", NET), ["ATX3DT#61#;", SET_BUSY]),
    ],
)
def test_what_is_no_longer_wanted_is_taken_back(told, expected):
    bench = Bench(safety_net=NET, told=(told,))
    bench.run(60.0)
    assert codes(bench) == expected
    assert shown(bench) == [("busy", NET, False, True)]


def test_a_net_that_is_given_up_is_taken_back():
    bench = Bench(told=(Told("busy", NET, proven=True),))
    bench.run(60.0)
    assert codes(bench) == ["ATX3DT#67#;"]
    assert shown(bench) == []


def test_a_test_call_proves_it():
    bench = Bench(safety_net=NET)
    bench.run(60.0)
    bench.take()
    bench.line.proved("busy", True, bench.now)
    bench.run(60.0)
    (verdict,) = checked(bench)
    assert verdict.confirmed
    assert shown(bench) == [("busy", NET, True, True)]
    assert len(codes(bench)) == 1


def test_or_that_it_has_to_be_dialled_once_more():
    bench = Bench(safety_net=NET)
    bench.run(60.0)
    bench.line.proved("busy", False, bench.now)
    bench.run(60.0)
    assert codes(bench) == [SET_BUSY, SET_BUSY]


@pytest.mark.parametrize("result", ["NO CARRIER", "BUSY", "ERROR", "LINE-IN-USE", "NO DIALTONE"])
def test_what_the_modem_did_not_dial_is_tried_again(result):
    bench = Bench(CONEXANT | {SET_BUSY: (result,)}, safety_net=NET)
    bench.run(30.0)
    assert codes(bench) == [SET_BUSY]
    assert shown(bench) == []
    assert [event.confirmed for event in checked(bench)] == [False]
    del bench.says[SET_BUSY]
    bench.run(90.0)
    assert codes(bench) == [SET_BUSY, SET_BUSY]
    assert shown(bench) == [("busy", NET, False, True)]


def test_a_call_comes_first():
    bench = Bench(safety_net=NET)
    bench.run(1.0)
    bench.ring()
    bench.run(8.0)
    assert codes(bench) == []
    bench.ring()
    bench.do(actions.Answer())
    bench.do(actions.HangUp())
    bench.run(60.0)
    assert codes(bench) == [SET_BUSY]


def test_everything_is_taken_back_when_asked_for():
    bench = Bench(told=())
    bench.do(actions.CheckDiversions(erase=True))
    bench.run(60.0)
    assert codes(bench) == ["ATX3DT#21#;", "ATX3DT#61#;", "ATX3DT#67#;"]
    assert [type(event).__name__ for event in bench.take()] == ["DiversionsChecked"]


def test_a_stop_in_the_middle_of_a_code_puts_the_line_on_the_hook():
    bench = Bench(safety_net=NET)
    bench.run(8.0)
    assert codes(bench) == [SET_BUSY]
    bench.line.shut_down(bench.now)
    bench.run(1.0)
    assert bench.commands()[-3:] == ["ATH", "AT+FCLASS=0", "AT+VCID=1"]
    assert bench.line.at_rest


def test_who_rings_while_a_code_is_dialled_finds_the_modem_on_the_hook():
    bench = Bench(CONEXANT | {SET_BUSY: lambda: None}, safety_net=NET)
    bench.run(8.0)
    assert bench.sent[-1] == SET_BUSY
    bench.ring()
    bench.run(1.0)
    assert bench.commands()[-2:] == ["ATH", "ATX4"]
    assert bench.take() == [events.Ring("shop")]


def test_somebody_who_calls_between_two_codes_is_not_kept_waiting():
    bench = Bench(safety_net=NET, no_reply_net=True)
    bench.run(12.0)
    assert codes(bench) == [SET_BUSY]
    bench.ring()
    assert bench.line.state() == "ringing"
    bench.do(actions.Answer())
    assert [type(event).__name__ for event in bench.take() if not isinstance(event, events.SafetyNetChecked)] == [
        "Ring",
        "Answered",
    ]
    bench.do(actions.HangUp())
    bench.run(30.0)
    assert codes(bench) == [SET_BUSY, SET_NO_REPLY]
