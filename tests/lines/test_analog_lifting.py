"""Lifting and hanging up, and a modem that does not, or says otherwise."""

import pytest

from appliance.core import actions
from appliance.lines.analog_call import Stage
from appliance.lines.analog_facts import Told
from tests.lines.analog_bench import CONEXANT, TARGET, USR, Bench, consulting, kinds, talking


def test_somebody_here_is_quicker():
    bench = Bench(CONEXANT | {"AT+VLS=1": ("LINE-IN-USE",)})
    bench.ring()
    bench.do(actions.Answer())
    assert kinds(bench.take()) == ["Ring", "AnsweredHere"]


def test_a_modem_that_is_just_being_made_ready_is_not_told_twice():
    bench = Bench()
    bench.ring()
    bench.run(3.9)
    bench.says["AT+VIT=0"] = lambda: None
    bench.run(0.2)
    bench.do(actions.Answer())
    assert bench.sent == ["AT+FCLASS=8", "AT+VIT=0"]
    bench.say(b"\r\nOK\r\n")
    bench.run(0.1)
    assert bench.sent.count("AT+FCLASS=8") == 1
    assert bench.sent[-1] == "AT+VLS=1"


@pytest.mark.parametrize("command", ["AT+FCLASS=8", "AT+VIT=0", "AT+VSM=1,8000", "AT+VGT=128", "AT+VSD=0,0"])
@pytest.mark.parametrize("id_before", [True, False])
def test_a_modem_that_is_slow_to_get_ready_has_lifted_before_the_next_ring(command, id_before):
    bench = Bench()
    bench.slow = {command: 4.5}
    if id_before:
        bench.say(b"\r\nNMBR=0301234567\r\n")
        bench.run(0.5)
    bench.ring()
    bench.run(1.0)
    if not id_before:
        bench.say(b"\r\nNMBR=0301234567\r\n")
    bench.run(4.0)
    bench.ring()
    bench.do(actions.Answer())
    bench.run(2.0)
    assert kinds(bench.take()).count("Ring") == 2
    assert bench.line.call.lifted
    assert bench.sent.count("AT+FCLASS=8") == 1
    assert "ATH1" not in bench.sent


def test_what_can_wait_is_told_once_the_modem_has_lifted():
    slow = ["AT+FCLASS=8", "AT+VIT=0", "AT+VSM=1,8000", "AT+VGT=128", "AT+VGR=128", "AT+VTD=10", "AT+VSD=0,0"]
    bench = Bench()
    bench.slow = dict.fromkeys(slow, 1.5)
    bench.ring()
    bench.do(actions.Answer())
    bench.run(4.0)
    assert kinds(bench.take()) == ["Ring", "Answered"]
    bench.do(actions.Dial(TARGET, 25.0))
    bench.run(15.0)
    told = bench.commands()
    assert told.index("AT+VLS=1") < told.index("AT+VSD=0,0") < told.index("AT+VTR")
    assert [text for text in told if text in slow] == slow


@pytest.mark.parametrize("silence", [("ERROR",), None])
def test_a_modem_that_does_not_get_ready_lifts_all_the_same(silence):
    bench = Bench()
    bench.says["AT+FCLASS=8"] = lambda: silence
    bench.ring()
    bench.do(actions.Answer())
    bench.run(7.0)
    assert kinds(bench.take()) == ["Ring", "Answered"]
    assert bench.sent[-1] == "ATH1"


def test_what_it_is_called():
    assert Bench().line.shown().model == "CONEXANT CX93001-EIS_V0.2013-V92"
    assert Bench(USR).line.shown().model == "U.S. Robotics 56K FAX USB V1.2.23"
    assert Bench({"AT+FCLASS=?": "0,1"}).line.shown().model is None


def test_lifting_may_be_answered_as_a_voice_call():
    bench = Bench(CONEXANT | {"AT+VLS=1": ("VCON",)})
    bench.ring()
    bench.do(actions.Answer())
    assert kinds(bench.take()) == ["Ring", "Answered"]


def test_lifting_that_is_not_answered_is_tried_once_more():
    silences = iter([None])
    bench = Bench(CONEXANT | {"AT+VLS=1": lambda: next(silences, ("OK",))})
    bench.ring()
    bench.do(actions.Answer())
    bench.run(5.0)
    assert kinds(bench.take()) == ["Ring", "Answered"]


@pytest.mark.parametrize("event", [b"\x10P", b"\x10p", b"\x10H"])
@pytest.mark.parametrize(("result", "then"), [(b"OK", "Answered"), (b"LINE-IN-USE", "AnsweredHere")])
def test_a_hook_event_while_it_lifts_is_its_own_unless_it_says_so(event, result, then):
    bench = Bench(CONEXANT | {"AT+VLS=1": lambda: None})
    bench.ring()
    bench.do(actions.Answer())
    bench.say(event)
    bench.run(0.3)
    bench.say(b"\r\n" + result + b"\r\n")
    assert kinds(bench.take()) == ["Ring", then]
    assert bench.line.call.lifted == (then == "Answered")


def test_a_modem_told_to_lift_for_a_caller_who_is_gone_is_put_on_the_hook():
    bench = Bench(CONEXANT | {"AT+VLS=1": lambda: None})
    bench.ring()
    bench.say(b"\r\nNMBR=0301234567\r\n")
    bench.run(5.0)
    bench.say(b"\r\nRING\r\n")
    bench.do(actions.Answer())
    bench.say(b"\r\nNMBR=0891234567\r\n")
    bench.run(1.0)
    assert bench.sent.index("AT+VLS=1") < bench.sent.index("ATH")


def test_a_ring_while_somebody_who_lifted_is_looked_after_ends_in_the_modem_on_the_hook():
    bench = Bench()
    bench.ring()
    bench.say(b"\x10P")
    bench.says["ATDT;"] = lambda: None
    bench.run(30.5)
    assert bench.sent[-1] == "ATDT;"
    bench.ring()
    bench.run(0.5)
    assert bench.sent.index("ATDT;") < bench.sent.index("ATH")
    assert kinds(bench.take()) == ["Ring", "AnsweredHere", "LineFree", "Ring"]


def test_a_hook_event_of_its_own_while_it_looks_whether_the_line_is_in_use():
    bench = Bench(CONEXANT | {"ATDT;": lambda: None})
    bench.ring(2)
    bench.run(10.5)
    assert bench.sent[-1] == "ATDT;"
    bench.say(b"\x10P")
    bench.say(b"\r\nOK\r\n")
    assert kinds(bench.take()) == ["Ring", "Ring", "CallerGone", "LineFree"]


def test_a_modem_that_has_left_its_voice_class_by_itself_is_put_back_before_it_lifts():
    refusals = iter([("ERROR",)])
    bench = Bench(CONEXANT | {"AT+VLS=1": lambda: next(refusals, ("OK",))})
    bench.ring()
    bench.run(5.0)
    bench.sent.clear()
    bench.do(actions.Answer())
    assert kinds(bench.take()) == ["Ring", "Answered"]
    assert bench.sent[:2] == ["AT+VLS=1", "AT+FCLASS=8"]
    assert bench.sent[-1] == "AT+VLS=1"


def test_a_modem_that_will_not_lift():
    bench = Bench(CONEXANT | {"AT+VLS=1": ("ERROR",)})
    bench.ring()
    bench.do(actions.Answer())
    assert kinds(bench.take()) == ["Ring", "CallerGone", "LineFree"]
    assert "ATH" in bench.sent


def test_hanging_up_ends_in_the_data_class_with_caller_id():
    bench = Bench()
    bench.answered()
    bench.do(actions.HangUp())
    assert bench.sent[:4] == ["AT+VLS=0", "ATH", "AT+FCLASS=0", "AT+VCID=1"]
    assert kinds(bench.take()) == ["LineFree"]
    assert bench.line.at_rest


def test_its_own_lifting_is_nobody_elses():
    bench = Bench(USR)
    bench.answered()
    bench.say(b"\x10H")
    bench.say(b"\x10P")
    assert bench.take() == []


def test_a_stop_releases_a_call_and_leaves_one_that_only_rings():
    bench = Bench()
    bench.answered()
    bench.line.shut_down(bench.now)
    bench.settle()
    assert "ATH" in bench.sent
    assert bench.line.at_rest
    bench = Bench()
    bench.ring()
    bench.line.shut_down(bench.now)
    bench.settle()
    assert "AT+VLS=1" not in bench.sent
    assert bench.line.at_rest


def ring(bench):
    bench.ring()


def lift(bench):
    bench.says["AT+VLS=1"] = lambda: None
    bench.ring()
    bench.do(actions.Answer())
    assert bench.sent[-1] == "AT+VLS=1"


def leave_alone(bench):
    bench.ring()
    bench.say(b"\x10P")


def look_who_is_on_the_phone(bench):
    bench.says["ATDT;"] = lambda: None
    leave_alone(bench)
    bench.run(30.5)
    assert bench.sent[-1] == "ATDT;"


def call_out(bench):
    bench.do(actions.Dial(TARGET, 25.0))
    bench.tone("dial", seconds=1.3)


def record(bench):
    bench.answered()
    bench.do(actions.TakeMessage("7.wav", 60.0))


def release(bench):
    bench.answered()
    bench.says["ATH"] = lambda: None
    bench.do(actions.HangUp())
    assert bench.sent[-1] == "ATH"


def hand_on(bench):
    talking(bench)
    bench.do(actions.Join("flash"))
    assert bench.line.call.stage is Stage.RELEASING


def dial_a_star_code(bench):
    bench.do(actions.CheckDiversions())
    bench.run(2.0)
    assert bench.line.call.stage is Stage.PROGRAMMING


@pytest.mark.parametrize("how", ["unplugged", "hung"])
@pytest.mark.parametrize(
    "way",
    [
        ring,
        lift,
        Bench.answered,
        consulting,
        talking,
        hand_on,
        leave_alone,
        look_who_is_on_the_phone,
        call_out,
        record,
        release,
        dial_a_star_code,
    ],
)
def test_a_modem_that_vanishes_at_whatever_moment_comes_back_to_a_free_line(way, how):
    bench = Bench(safety_net="+49302222222", told=[Told("busy", "+49302222222")] if way is not dial_a_star_code else ())
    way(bench)
    bench.take()
    bench.line.port_lost(bench.now, how)
    bench.stream = None
    assert kinds(bench.take()) == ["LineLost"]
    assert (bench.line.state(), bench.line.deadline()) == ("down", None)
    bench.do(actions.HangUp())
    assert bench.take() == []
    bench.says = CONEXANT
    bench.sent.clear()
    bench.line.port_opened(bench.now)
    bench.run(4.0)
    assert bench.sent.index("ATH") < bench.sent.index("ATZ")
    assert kinds(bench.take()) == ["LineReady"]
    assert (bench.line.state(), bench.line.call.lifted) == ("ready", False)
    bench.ring(2)
    assert kinds(bench.take()) == ["Ring", "Ring"]
