"""A ring told late: one that was under way as the call was taken, or the first of the next call."""

import pytest

from appliance.core import actions, events
from tests.lines.analog_bench import CONEXANT, Bench, kinds

TOLD = [b"\r\nRING\r\n", b"\x10R"]


@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize("after", [0.0, 0.6, 2.5])
def test_the_ring_during_which_somebody_lifts_is_no_new_one(told, after):
    bench = Bench()
    bench.ring(2)
    bench.say(b"\x10P")
    bench.run(after)
    bench.say(told)
    bench.run(20.0)
    assert kinds(bench.take()) == ["Ring", "Ring", "AnsweredHere"]
    assert "ATDT;" not in bench.sent


@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize("after", [0.0, 0.5, 1.0, 2.5])
def test_the_ring_during_which_we_lift_is_no_new_one(told, after):
    """A blocked caller is released as soon as he was answered."""
    bench = Bench()
    bench.ring(2)
    bench.do(actions.Answer())
    bench.do(actions.HangUp())
    bench.run(after)
    bench.say(told)
    bench.run(20.0)
    assert kinds(bench.take()) == ["Ring", "Ring", "Answered", "LineFree"]


def test_a_ring_told_before_the_modem_has_confirmed_that_it_lifted_begins_no_call():
    bench = Bench(CONEXANT | {"AT+VLS=1": lambda: None})
    bench.ring(2)
    bench.do(actions.Answer())
    bench.run(0.3)
    bench.say(b"\r\nRING\r\n\r\nOK\r\n")
    bench.do(actions.HangUp())
    bench.run(20.0)
    assert [kind for kind in kinds(bench.take()) if kind != "Ring"] == ["Answered", "LineFree"]


def test_who_is_answered_is_answered_long_enough_for_the_exchange_to_see():
    bench = Bench()
    bench.ring()
    bench.do(actions.Answer())
    bench.do(actions.HangUp())
    bench.run(0.9)
    assert "AT+VLS=0" not in bench.sent
    bench.run(0.2)
    assert bench.sent[-4:] == ["AT+VLS=0", "ATH", "AT+FCLASS=0", "AT+VCID=1"]


def test_a_ring_a_while_after_is_a_new_call():
    bench = Bench()
    bench.ring()
    bench.do(actions.Answer())
    bench.do(actions.HangUp())
    bench.run(3.1)
    bench.ring(2)
    assert kinds(bench.take()) == ["Ring", "Answered", "LineFree", "Ring", "Ring"]


@pytest.mark.parametrize("refusal", [("ERROR",), ("NO CARRIER",)])
def test_a_ring_after_a_modem_that_did_not_lift_is_a_call(refusal):
    bench = Bench(CONEXANT | {"AT+VLS=1": refusal})
    bench.ring()
    bench.do(actions.Answer())
    assert kinds(bench.take()) == ["Ring", "CallerGone", "LineFree"]
    bench.ring()
    assert bench.take() == [events.Ring("shop")]


@pytest.mark.parametrize("at", ["AT+VLS=0", "ATH"])
def test_who_rings_while_we_hang_up_is_the_next_call(at):
    bench = Bench()
    bench.answered()
    bench.run(20.0)
    bench.says[at] = lambda: None
    bench.do(actions.HangUp())
    assert bench.sent[-1] == at
    del bench.says[at]
    bench.say(b"\r\nNMBR=0891234567\r\n\r\nRING\r\n\r\nOK\r\n")
    bench.run(1.0)
    assert bench.take() == [
        events.LineFree("shop"),
        events.CallerId("shop", "+49891234567"),
        events.Ring("shop"),
    ]
    assert bench.line.state() == "ringing"
