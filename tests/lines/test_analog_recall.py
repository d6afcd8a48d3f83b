"""Who rings as soon as a call was handed on: the caller rung back, or the next one."""

import pytest

from appliance.core import actions, events
from tests.lines.analog_bench import TARGET, Bench, kinds, talking


@pytest.mark.parametrize("after", [0.5, 1.5, 3.0])
def test_an_exchange_that_rings_back_has_not_connected_them(after):
    bench = talking(Bench())
    bench.take()
    bench.do(actions.Join("flash"))
    bench.run(after)
    bench.sent.clear()
    bench.ring()
    bench.run(1.0)
    (gone,) = bench.take()
    assert (type(gone), gone.result) == (events.TargetGone, "failed")
    assert bench.sent[0] == "AT+FCLASS=8"
    assert bench.sent[-1] == "AT+VLS=1"
    assert bench.line.problem() == "transfer_refused"
    bench.do(actions.FetchBack())
    assert kinds(bench.take()) == ["CallerBack"]


def test_who_rings_a_while_later_is_somebody_else():
    bench = talking(Bench())
    bench.do(actions.Join("flash"))
    bench.run(5.0)
    bench.take()
    bench.ring()
    assert kinds(bench.take()) == ["Ring"]
    assert bench.line.problem() is None


def handing_on(caller, rings=2):
    """As far as having hung up on a caller of whom this was said, where others' numbers came."""
    bench = Bench(our_numbers=frozenset([TARGET]))
    bench.ring()
    bench.say(b"\r\nNMBR=0761234567\r\n")
    bench.run(30.0)
    bench.take()
    bench.ring()
    bench.say(caller)
    bench.run(5.0)
    bench.ring(rings - 1)
    bench.do(actions.Answer())
    bench.do(actions.Dial(TARGET, 25.0))
    bench.tone("silence", seconds=1.0)
    bench.tone("dial", seconds=1.3)
    bench.run(2.0)
    bench.tone("ringback")
    bench.run(4.0)
    bench.tone("voice", seconds=0.3)
    bench.do(actions.Join("flash"))
    bench.take()
    bench.run(1.0)
    return bench


HIS, ANOTHERS, NOBODYS = b"\r\nNMBR=0301234567\r\n", b"\r\nNMBR=0897654321\r\n", b"\r\nNMBR=P\r\n"
UNTOLD = b""
TARGETS = b"\r\nNMBR=0301111111\r\n"


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("caller", [HIS, NOBODYS, UNTOLD])
def test_somebody_else_who_rings_at_once_is_the_next_call(before, caller):
    bench = handing_on(caller)
    for said in (ANOTHERS, b"\r\nRING\r\n") if before else (b"\r\nRING\r\n", b"\r\nNAME=X\r\n", ANOTHERS):
        bench.say(said)
        bench.run(0.9)
    assert bench.take() == [
        events.Joined("shop", "flash", stays=False),
        events.LineFree("shop"),
        events.CallerId("shop", "+49897654321", name=None if before else "X"),
        events.Ring("shop"),
    ]
    assert bench.line.state() == "ringing"
    assert "AT+VLS=1" not in bench.sent[bench.sent.index("AT+VLS=0") :]


@pytest.mark.parametrize(
    ("had", "who"),
    [
        *[(HIS, who) for who in (HIS, NOBODYS, TARGETS, UNTOLD)],
        *[(had, who) for had in (NOBODYS, UNTOLD) for who in (NOBODYS, TARGETS, UNTOLD)],
    ],
)
def test_the_same_caller_who_rings_at_once_is_rung_back(had, who):
    bench = handing_on(had)
    bench.ring()
    bench.run(0.5)
    bench.say(who)
    bench.run(2.5)
    assert kinds(bench.take()) == ["TargetGone"]
    assert bench.sent[-1] == "AT+VLS=1"


def test_one_who_was_answered_before_his_number_could_come_may_be_rung_back_with_it():
    bench = handing_on(UNTOLD, rings=1)
    bench.ring()
    bench.say(HIS)
    bench.run(2.5)
    assert kinds(bench.take()) == ["TargetGone"]


def test_a_caller_id_that_comes_as_we_hang_up_is_kept_for_the_next_ring():
    bench = handing_on(HIS)
    bench.run(2.5)
    bench.say(ANOTHERS)
    bench.run(1.0)
    assert kinds(bench.take()) == ["Joined", "LineFree"]
    bench.ring()
    assert bench.take() == [events.CallerId("shop", "+49897654321"), events.Ring("shop")]
