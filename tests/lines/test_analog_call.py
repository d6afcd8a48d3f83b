"""Rings and who calls, as an analog modem tells of them."""

import pytest

from appliance.core import actions, events
from appliance.lines.analog_call import Stage
from tests.lines.analog_bench import CONEXANT, TARGET, USR, Bench, kinds


def test_two_rings_within_two_seconds_are_one():
    bench = Bench()
    for pause in (0.0, 0.5, 1.4, 0.2, 4.0):
        bench.run(pause)
        bench.say(b"\r\nRING\r\n")
    assert kinds(bench.take()) == ["Ring", "Ring", "Ring"]


def test_rings_may_name_their_cadence():
    bench = Bench()
    bench.say(b"\r\nRING A\r\n")
    bench.say(b"\r\nRINGING\r\n")
    assert kinds(bench.take()) == ["Ring"]


def test_rings_come_as_events_too():
    bench = Bench()
    for _ in range(3):
        bench.say(b"\x10")
        bench.say(b"R")
        bench.run(5.0)
    assert kinds(bench.take()) == ["Ring"] * 3


def test_after_the_first_ring_the_modem_is_made_ready_to_lift():
    bench = Bench()
    bench.ring()
    bench.run(3.9)
    assert bench.sent == []
    bench.run(0.2)
    assert bench.sent == [
        "AT+FCLASS=8",
        "AT+VIT=0",
        "AT+VSM=1,8000",
        "AT+VGT=128",
        "AT+VGR=128",
        "AT+VTD=10",
        "AT+VSD=0,0",
    ]
    bench.sent.clear()
    bench.do(actions.Answer())
    assert bench.sent == ["AT+VLS=1"]
    assert bench.take()[-1] == events.Answered("shop")
    assert bench.line.state() == "in_call"


def test_a_caller_id_makes_it_ready_earlier():
    bench = Bench()
    bench.ring()
    bench.run(1.0)
    bench.say(b"\r\nNMBR = 0301234567\r\n")
    bench.run(0.5)
    assert bench.sent[0] == "AT+FCLASS=8"


def test_lifting_at_the_first_ring_needs_no_preparation():
    bench = Bench()
    bench.ring()
    bench.do(actions.Answer())
    assert bench.sent[0] == "AT+FCLASS=8"
    assert bench.sent[-1] == "AT+VLS=1"
    assert kinds(bench.take()) == ["Ring", "Answered"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (b"\r\nNMBR=03012345678\r\n", b"", events.CallerId("shop", "+493012345678")),
        (b"", b"\r\nDATE=1123\r\nTIME=2015\r\nNMBR=03012345678\r\n", events.CallerId("shop", "+493012345678")),
        (b"", b"\r\nNMBR = P\r\n\r\nNAME = P\r\n", events.CallerId("shop", None, withheld=True)),
        (b"", b"\r\nNMBR=O\r\n", events.CallerId("shop", None)),
        (b"", b"\r\nDDN_NMBR=0301234567\r\n", events.CallerId("shop", "+49301234567")),
        (b"", b"\x10X\r\nNMBR=0301234567\r\n\x10.", events.CallerId("shop", "+49301234567")),
        (b"\xff\xfeNMBR = 030 / 1234-567\xff\r\n", b"", events.CallerId("shop", "+49301234567")),
        (b"", b"\r\nNMBR=**620\r\n", events.CallerId("shop", "**620")),
    ],
)
def test_who_calls(before, after, expected):
    bench = Bench(our_numbers=frozenset(["+498912345"]))
    bench.say(before)
    assert bench.take() == [], "not a call yet"
    bench.ring()
    bench.say(after)
    taken = bench.take()
    assert taken.count(events.Ring("shop")) == 1
    assert [event for event in taken if isinstance(event, events.CallerId)] == [expected]


def test_a_name_follows_the_number_and_is_harmless():
    bench = Bench()
    bench.ring()
    bench.say(b"\r\nNMBR=0301234567\r\n\r\nNAME=M\xdcLLER';--<b>\x1b[2J\r\n")
    names = [event.name for event in bench.take() if isinstance(event, events.CallerId)]
    assert names == [None, "MÜLLER';--<b> [2J"]


def test_a_caller_id_said_twice_is_told_once():
    bench = Bench()
    bench.ring()
    bench.say(b"\r\nNMBR=0301234567\r\n" * 2)
    bench.run(5.0)
    bench.say(b"\r\nRING\r\n\r\nNMBR=0301234567\r\n")
    assert kinds(bench.take()) == ["Ring", "CallerId", "Ring"]


def test_a_torn_repetition_changes_nothing():
    bench = Bench()
    bench.ring()
    bench.say(b"\r\nNMBR=0301234567\r\n\r\nNMBR=03012345\r\n")
    assert [event.number for event in bench.take() if isinstance(event, events.CallerId)] == ["+49301234567"]


@pytest.mark.parametrize("torn", [b"03012345", b"030124567", b"0301567"])
def test_a_repetition_that_lacks_digits_is_no_other_caller(torn):
    bench = Bench()
    bench.ring()
    bench.say(b"\r\nNMBR=0301234567\r\n")
    bench.run(5.0)
    bench.say(b"\r\nRING\r\n\r\nNMBR=" + torn + b"\r\n")
    assert kinds(bench.take()) == ["Ring", "CallerId", "Ring"]


def test_another_caller_right_after_the_first():
    bench = Bench()
    bench.ring()
    bench.say(b"\r\nNMBR=0301234567\r\n")
    bench.run(8.0)
    bench.say(b"\r\nRING\r\n")
    bench.run(1.0)
    bench.say(b"\r\nNMBR=0891234567\r\n")
    taken = bench.take()
    assert kinds(taken) == ["Ring", "CallerId", "Ring", "CallerGone", "LineFree", "CallerId", "Ring"]
    assert taken[5].number == "+49891234567"


def test_a_modem_that_tells_of_no_rings_in_its_voice_class_is_put_back():
    bench = Bench()
    bench.ring()
    bench.run(9.9)  # the second ring, 5 s after the first, went untold
    assert bench.commands()[-2:] == ["AT+FCLASS=0", "AT+VCID=1"]
    bench.ring(3)
    assert kinds(bench.take()) == ["Ring"] * 5, "with the one that went untold"
    assert "AT+FCLASS=8" not in bench.sent[-3:]
    bench.run(20.0)
    bench.take()
    bench.sent.clear()
    bench.ring(4)
    assert kinds(bench.take()) == ["Ring"] * 4
    assert bench.commands() == [], "it is not made ready before it has to lift"


def test_a_modem_that_tells_of_them_is_not():
    bench = Bench()
    bench.ring(2)
    bench.run(20.0)
    assert kinds(bench.take())[-1] == "LineFree"
    bench.ring()
    bench.run(8.0)
    assert bench.commands().count("AT+FCLASS=8") == 2
    assert bench.line.facts.rings_in_voice is True


def test_a_caller_who_rings_once_proves_nothing():
    bench = Bench(USR)
    bench.ring()
    bench.run(13.9)
    assert kinds(bench.take()) == ["Ring"]
    bench.run(0.2)
    assert kinds(bench.take()) == ["CallerGone", "LineFree"]
    assert bench.line.facts.rings_in_voice is None


def test_the_called_number_is_no_other_caller():
    bench = Bench()
    bench.ring()
    bench.say(b"\r\nNMBR=0301234567\r\n")
    bench.run(5.0)
    bench.say(b"\r\nRING\r\n\r\nDDN_NMBR=08912345\r\n")
    assert kinds(bench.take()) == ["Ring", "CallerId", "Ring"]


def test_an_old_caller_id_is_not_the_next_ones():
    bench = Bench()
    bench.say(b"\r\nNMBR=0301234567\r\n")
    bench.run(30.0)
    bench.ring()
    assert kinds(bench.take()) == ["Ring"]


@pytest.mark.parametrize("lift", [b"\x10P", b"\r\nLINE-IN-USE\r\n"])
def test_a_caller_id_before_the_first_ring_after_a_call_somebody_here_had(lift):
    bench = Bench(USR)
    bench.ring()
    bench.say(b"\r\nNMBR=0301234567\r\n")
    bench.say(lift)
    bench.run(100.0)
    bench.take()
    bench.say(b"\r\nNMBR=0891234567\r\n")
    bench.run(0.5)
    bench.ring()
    assert bench.take() == [
        events.LineFree("shop", is_seen=False),
        events.CallerId("shop", "+49891234567"),
        events.Ring("shop"),
    ]


def test_the_caller_of_a_call_somebody_here_had_is_not_the_next_ones():
    bench = Bench(USR)
    bench.ring()
    bench.say(b"\r\nNMBR=0301234567\r\n")
    bench.say(b"\x10P")
    bench.run(6.0)
    bench.take()
    bench.ring()
    assert kinds(bench.take()) == ["LineFree", "Ring"]


def test_a_caller_id_before_the_first_ring_as_a_target_is_about_to_be_called():
    bench = Bench(CONEXANT | {"AT+VGT=128": lambda: None})
    bench.do(actions.Dial(TARGET, 25.0))
    bench.say(b"\r\nNMBR=0891234567\r\n")
    bench.ring()
    assert bench.take() == [events.CallerId("shop", "+49891234567"), events.Ring("shop")]


def test_a_caller_id_before_the_first_ring_between_two_star_codes():
    bench = Bench(safety_net=TARGET)
    bench.do(actions.CheckDiversions())
    bench.run(1.0)
    assert bench.line.call.stage is Stage.PROGRAMMING
    bench.say(b"\r\nNMBR=0891234567\r\n")
    bench.ring()
    assert bench.take() == [events.CallerId("shop", "+49891234567"), events.Ring("shop")]


def test_calls_without_a_number_are_noted():
    bench = Bench()
    bench.ring(3)
    bench.run(30.0)
    assert "no_caller_id" in bench.line.shown().notes
    bench.ring()
    bench.say(b"\r\nNMBR=0301234567\r\n")
    assert "no_caller_id" not in bench.line.shown().notes
