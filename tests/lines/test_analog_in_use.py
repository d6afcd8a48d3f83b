"""Rings that stop, and a telephone in parallel."""

import pytest

from appliance.core import events
from tests.lines.analog_bench import CONEXANT, USR, Bench, kinds


def test_a_caller_who_gives_up_where_the_modem_can_tell():
    bench = Bench()
    bench.ring(2)
    bench.run(11.0)
    taken = bench.take()
    assert kinds(taken) == ["Ring", "Ring", "CallerGone", "LineFree"]
    assert taken[2].perhaps_answered is False
    assert bench.commands()[-4:] == ["ATDT;", "ATH", "AT+FCLASS=0", "AT+VCID=1"]
    assert bench.line.state() == "ready"


def test_a_caller_who_gives_up_where_it_cannot():
    bench = Bench(USR)
    bench.ring(2)
    bench.run(11.0)
    taken = bench.take()
    assert kinds(taken) == ["Ring", "Ring", "CallerGone", "LineFree"]
    assert taken[2].perhaps_answered is True
    assert not [text for text in bench.sent if text.startswith("ATD")]


@pytest.mark.parametrize("result", ["NO DIALTONE", "NO DIAL TONE", "BUSY", "NO CARRIER", "ERROR"])
def test_no_dial_tone_may_be_somebody_who_talks(result):
    bench = Bench(CONEXANT | {"ATDT;": (result,)})
    bench.ring(2)
    bench.run(11.0)
    assert [event.perhaps_answered for event in bench.take() if isinstance(event, events.CallerGone)] == [True]
    bench.ring()
    bench.say(b"\x10P")
    bench.sent.clear()
    bench.run(120.0)
    assert kinds(bench.take()) == ["Ring", "AnsweredHere"], "not free under whoever talks"
    assert bench.sent.count("ATDT;") == 1, "nor is he clicked at every half minute"
    assert bench.sent[bench.sent.index("ATDT;") + 1] == "ATH"


def test_rings_that_stop_with_the_line_in_use():
    bench = Bench(CONEXANT | {"ATDT;": ("LINE-IN-USE",)})
    bench.ring(2)
    bench.run(11.0)
    assert kinds(bench.take()) == ["Ring", "Ring", "AnsweredHere"]
    assert bench.line.state() == "in_call"
    bench.run(65.0)
    assert bench.take() == [], "still on the phone"
    bench.says["ATDT;"] = ("OK",)
    bench.run(35.0)
    assert kinds(bench.take()) == ["LineFree"]
    assert bench.commands()[-3:] == ["ATH", "AT+FCLASS=0", "AT+VCID=1"]


@pytest.mark.parametrize("lift", [b"\x10P", b"\x10p", b"\r\nLINE-IN-USE\r\n"])
def test_somebody_here_lifts(lift):
    bench = Bench(USR)
    bench.ring(2)
    bench.say(lift)
    assert kinds(bench.take()) == ["Ring", "Ring", "AnsweredHere"]
    bench.run(60.0)
    assert bench.take() == []


@pytest.mark.parametrize(("lift", "down"), [(b"\x10P", b"\x10p"), (b"\x10p", b"\x10P")])
def test_and_puts_down(lift, down):
    bench = Bench(USR)
    bench.ring()
    bench.say(lift)
    bench.run(20.0)
    bench.say(lift)
    assert kinds(bench.take()) == ["Ring", "AnsweredHere"]
    bench.say(down)
    assert kinds(bench.take()) == ["LineFree"]


def test_another_event_does_not_end_it():
    bench = Bench(USR)
    bench.ring()
    bench.say(b"\x10P")
    for code in (b"h", b"H", b"P", b"d"):
        bench.say(b"\x10" + code)
    assert kinds(bench.take()) == ["Ring", "AnsweredHere"]


def test_a_new_ring_ends_a_call_somebody_here_had():
    bench = Bench(USR)
    bench.ring()
    bench.say(b"\x10P")
    bench.run(100.0)
    bench.ring()
    told = bench.take()
    assert kinds(told) == ["Ring", "AnsweredHere", "LineFree", "Ring"] and not told[2].is_seen


def test_a_call_nobody_ends_is_over_some_day():
    bench = Bench(USR)
    bench.ring()
    bench.say(b"\x10P")
    bench.run(590.0)
    assert bench.line.state() == "in_call"
    bench.run(20.0)
    told = bench.take()
    assert kinds(told) == ["Ring", "AnsweredHere", "LineFree"] and not told[2].is_seen


@pytest.mark.parametrize("result", [("ERROR",), ("NO CARRIER",)])
def test_a_call_that_cannot_be_looked_after_counts_for_ten_minutes(result):
    bench = Bench(CONEXANT | {"ATDT;": result})
    bench.ring()
    bench.say(b"\x10P")
    bench.run(500.0)
    assert (bench.sent.count("ATDT;"), bench.line.state()) == (1, "in_call")
    bench.run(150.0)
    assert (kinds(bench.take())[-1], bench.line.state()) == ("LineFree", "ready")


def test_a_call_that_is_seen_to_go_on_counts_for_longer():
    bench = Bench(CONEXANT | {"ATDT;": ("LINE-IN-USE",)})
    bench.ring()
    bench.say(b"\x10P")
    bench.run(3500.0)
    assert bench.line.state() == "in_call"


def test_an_event_that_may_mean_anything_counts_if_the_rings_stop_with_it():
    bench = Bench(USR)
    bench.ring(2)
    bench.say(b"\x10H")
    bench.run(11.0)
    assert kinds(bench.take()) == ["Ring", "Ring", "AnsweredHere"]
    bench.say(b"\x10h")
    told = bench.take()
    assert kinds(told) == ["LineFree"] and told[0].is_seen
    bench.ring()
    bench.say(b"\x10H")
    bench.run(5.0)
    bench.ring()
    bench.run(11.0)
    assert kinds(bench.take()) == ["Ring", "Ring", "CallerGone", "LineFree"]
