"""What is heard of a target that was called."""

import pytest

from appliance.core import actions, events
from appliance.core.settings import Site
from appliance.core.sound import Heard, StreamEnded
from appliance.lines.analog_progress import RINGBACK_OVER, TALKS_ON
from tests.lines.analog_bench import USR, Bench, consulting, kinds, ringing, talking


@pytest.mark.parametrize(
    ("tone", "after_ringing", "result"),
    [
        ("busy", False, "busy"),
        ("congestion", False, "failed"),
        ("sit", False, "failed"),
        ("busy", True, "refused"),
        ("congestion", True, "refused"),
        ("dial", True, "refused"),
    ],
)
def test_a_target_that_is_not_to_be_had(tone, after_ringing, result):
    bench = ringing(Bench()) if after_ringing else consulting(Bench())
    bench.take()
    bench.run(4.0)
    bench.tone(tone, count=2, seconds=1.5)
    (gone,) = bench.take()
    assert (type(gone).__name__, gone.result) == ("TargetGone", result)


def test_a_target_who_lifts_and_says_nothing():
    bench = ringing(Bench())
    bench.take()
    for _ in range(3):
        bench.run(5.0)
        bench.tone("ringback", count=2)
    assert bench.take() == []
    bench.run(RINGBACK_OVER)
    assert kinds(bench.take()) == ["TargetAnswered"]


def test_who_says_a_word_and_waits_is_a_human_though_nothing_rang():
    bench = consulting(Bench())
    bench.run(2.0)
    for seconds in (0.3, 1.3):
        bench.tone("voice", seconds=seconds)
        bench.run(1.0)
    assert bench.take() == []
    bench.tone("silence", seconds=1.0)
    assert kinds(bench.take()) == ["TargetAnswered"]


def test_who_talks_on_and_on_before_it_rang_is_an_announcement():
    bench = consulting(Bench())
    bench.run(2.0)
    for second in range(round(TALKS_ON) + 1):
        bench.tone("voice", seconds=second + 0.3)
        bench.run(1.0)
    (gone,) = bench.take()
    assert gone.result == "failed"


def test_a_target_that_rings_for_ever():
    bench = consulting(Bench())
    bench.run(60.0)
    (gone,) = bench.take()
    assert gone.result == "no_answer"


def test_a_blind_site_hands_on_as_it_rings():
    bench = ringing(Bench(site=Site(blind=True)))
    assert kinds(bench.take()) == ["TargetRinging", "TargetAnswered"]
    bench.do(actions.Confirm("confirm.wav", 15.0))
    assert kinds(bench.take()) == ["CannotAsk"]


def test_a_stream_that_ends_by_itself_is_opened_again():
    bench = consulting(Bench())
    bench.end_stream("modem")
    bench.settle()
    bench.run(1.0)
    bench.tone("ringback")
    assert kinds(bench.take()) == ["TargetRinging"]


def test_but_not_for_ever():
    bench = consulting(Bench())
    for _ in range(3):
        if bench.stream:
            bench.end_stream("modem")
            bench.settle()
            bench.run(0.6)
    assert kinds(bench.take()) == ["TargetGone"]


def test_a_target_who_leaves_before_he_is_connected():
    bench = talking(Bench())
    bench.take()
    bench.tone("busy", count=3)
    (gone,) = bench.take()
    assert (type(gone), gone.result) == (events.TargetGone, "refused")


def test_half_duplex_modems_listen_in_their_own_way():
    bench = consulting(Bench(USR | {"AT+VTR": ("ERROR",)}))
    assert bench.sent.count("AT+VTR") == 1, "asked once"
    assert bench.sent.count("AT+VRX") == 3
    assert bench.stream.end == b"\x10\x21"
    bench.hear(StreamEnded("modem", b"\r\nOK\r\n"), settle=False)
    bench.stream = None
    bench.run(1.0)
    bench.hear(Heard("ringback", 1))
    assert kinds(bench.take()) == ["TargetRinging"]
