"""Handing a call on: flash, digits, fetching back, releasing, and a target for another line."""

import pytest

from appliance.core import actions, events
from appliance.core.settings import Site
from appliance.core.sound import ModemSays, Open
from appliance.lines.sites import PRESETS
from tests.lines.analog_bench import CONEXANT, DIGITS, TARGET, Bench, consulting, kinds, ringing, talking


def test_the_way_of_a_transfer():
    bench = talking(Bench())
    assert kinds(bench.take()) == ["TargetRinging", "TargetAnswered"]
    bench.do(actions.Join("flash"))
    bench.run(4.5)
    assert bench.take() == [events.Joined("shop", "flash", stays=False), events.LineFree("shop")]
    assert bench.commands() == [
        "AT+VTR",
        "AT+VTS={!,9}",
        "AT+VTR",
        DIGITS,
        "AT+VTR",
        "AT+VLS=0",
        "ATH",
        *["AT+FCLASS=0", "AT+VCID=1"] * 2,
    ]
    assert bench.line.state() == "ready"


@pytest.mark.parametrize(
    ("site", "flash", "number", "digits"),
    [
        (PRESETS["fritzbox"], "{!,9}", "+4915112345678", "0,1,5,1,1,2,3,4,5,6,7,8"),
        (PRESETS["pbx"], "{!,9}", "+4915112345678", "0,0,1,5,1,1,2,3,4,5,6,7,8"),
        (PRESETS["exchange"], "{!,24}", "+4915112345678", "0,1,5,1,1,2,3,4,5,6,7,8"),
        (Site(flash_ms=85, prefix="9"), "{!,8}", "+43512345678", "9,0,0,4,3,5,1,2,3,4,5,6,7,8"),
    ],
)
def test_flash_and_digits_of_a_site(site, flash, number, digits):
    bench = consulting(Bench(site=site), number)
    assert f"AT+VTS={flash}" in bench.sent
    assert f"AT+VTS={digits}" in bench.sent


@pytest.mark.parametrize(
    ("complete", "expected"),
    [
        ("on-hook", []),
        ("flash 4", ["AT+VTS={!,9}", "AT+VTS=4"]),
        ("flash", ["AT+VTS={!,9}"]),
        ("*98", ["AT+VTS=*,9,8"]),
    ],
)
def test_how_a_transfer_is_completed(complete, expected):
    bench = talking(Bench(site=Site(complete=complete)))
    bench.sent.clear()
    bench.do(actions.Join("flash"))
    bench.run(6.5)
    assert bench.commands() == [*expected, "AT+VLS=0", "ATH", *["AT+FCLASS=0", "AT+VCID=1"] * 2]
    assert kinds(bench.take())[-2:] == ["Joined", "LineFree"]


def flashed():
    """A caller is connected, and a flash asks for a second line."""
    bench = Bench()
    bench.answered()
    bench.do(actions.Dial(TARGET, 25.0))
    return bench


def test_a_flash_the_line_ignores_leaves_the_caller_connected():
    bench = flashed()
    bench.tone("voice", seconds=0.3)
    bench.run(5.5)
    (refused,) = bench.take()
    assert (refused.method, DIGITS in bench.sent) == ("flash", False)
    assert (bench.line.problem(), bench.line.shown().can) == ("flash_ignored", [])
    assert bench.line.methods() == ("flash",)
    bench.do(actions.ForgetRefusals())
    assert bench.line.problem() is None


@pytest.mark.parametrize("then", ["FetchBack", "HangUp"])
def test_a_flash_after_which_nothing_known_is_heard_may_have_put_him_on_hold(then):
    bench = flashed()
    bench.tone("silence", seconds=1.0)
    bench.tone("silence", seconds=4.0)  # of a tone that goes on and on
    bench.run(5.5)
    assert kinds(bench.take()) == ["JoinRefused"]
    bench.sent.clear()
    bench.do(getattr(actions, then)())
    bench.run(1.0)
    assert bench.commands()[:2] == ["AT+VTS={!,9}", "AT+VTS=1"], "who hangs up now would have him rung back"
    if then == "FetchBack":
        bench.tone("silence", seconds=1.0)
    assert kinds(bench.take()) == ["CallerBack" if then == "FetchBack" else "LineFree"]


def test_a_dial_tone_that_comes_late_and_is_told_late_is_heard():
    bench = flashed()
    bench.tone("silence", seconds=1.0)
    bench.run(4.9)
    bench.tone("dial", seconds=1.9)
    assert DIGITS in bench.sent


def test_a_modem_that_cannot_flash():
    bench = Bench(CONEXANT | {"AT+VTS={!,9}": ("ERROR",), "AT+VTS=!": ("ERROR",)})
    bench.answered()
    bench.do(actions.Dial(TARGET, 25.0))
    bench.tone("silence", seconds=1.0)
    assert kinds(bench.take()) == ["JoinRefused"]


def test_a_modem_that_has_one_length_of_flash():
    bench = consulting(Bench(CONEXANT | {"AT+VTS={!,9}": ("ERROR",)}))
    assert bench.sent.index("AT+VTS=!") < bench.sent.index(DIGITS)


@pytest.mark.parametrize("tone", ["dial", "busy", "congestion"])
def test_a_caller_who_left_as_we_lifted_has_nobody_called_for_him(tone):
    bench = Bench()
    bench.answered()
    bench.do(actions.Dial(TARGET, 25.0))
    bench.tone(tone, count=2, seconds=1.3)
    bench.run(5.0)
    assert kinds(bench.take()) == ["CallerGone"]
    assert not [text for text in bench.sent if "VTS" in text]


def test_a_line_that_cannot_be_listened_to_is_not_flashed():
    bench = Bench(CONEXANT | {"AT+VTR": ("ERROR",), "AT+VRX": ("ERROR",)})
    bench.answered()
    bench.do(actions.Dial(TARGET, 25.0))
    (refused,) = bench.take()
    assert "listened to" in refused.reason
    assert not [text for text in bench.sent if "VTS" in text]
    bench.do(actions.FetchBack())
    assert kinds(bench.take()) == ["CallerBack"]


def test_a_line_that_falls_deaf_in_the_consultation_has_the_caller_fetched_back():
    bench = Bench()
    bench.answered()
    bench.do(actions.Dial(TARGET, 25.0))
    bench.says["AT+VTR"] = bench.says["AT+VRX"] = ("ERROR",)
    bench.tone("silence", seconds=1.0)
    assert kinds(bench.take()) == ["JoinRefused"]
    assert bench.line.problem() is None, "the flash is not to blame"
    bench.sent.clear()
    bench.do(actions.FetchBack())
    bench.run(1.0)
    assert bench.commands()[:2] == ["AT+VTS={!,9}", "AT+VTS=1"]
    assert kinds(bench.take()) == ["CallerBack"]


# --- fetching back ------------------------------------------------------------------------------


def test_busy_after_the_flash_is_fetched_back():
    bench = Bench()
    bench.answered()
    bench.do(actions.Dial(TARGET, 25.0))
    bench.tone("silence", seconds=1.0)
    bench.tone("busy", count=2, seconds=1.9)
    assert kinds(bench.take()) == ["JoinRefused"]
    bench.sent.clear()
    bench.do(actions.FetchBack())
    bench.run(0.5)
    bench.tone("silence", seconds=1.0)
    assert kinds(bench.take()) == ["CallerBack"]
    assert bench.commands() == ["AT+VTS={!,9}", "AT+VTS=1", "AT+VTR"]


def test_the_next_target_is_called_after_fetching_back():
    bench = consulting(Bench())
    bench.run(3.0)
    bench.tone("busy", count=2)
    bench.do(actions.FetchBack())
    bench.run(1.0)
    bench.tone("voice", seconds=0.3)
    bench.take()
    bench.sent.clear()
    bench.do(actions.Dial("+49302222222", 25.0))
    bench.run(0.1)
    bench.tone("dial", seconds=1.3)
    assert bench.commands() == ["AT+VTS={!,9}", "AT+VTR", "AT+VTS=0,3,0,2,2,2,2,2,2,2", "AT+VTR"]


@pytest.mark.parametrize("tone", ["busy", "dial", "congestion"])
def test_a_caller_who_left_meanwhile_is_noticed_when_fetched_back(tone):
    bench = ringing(Bench())
    bench.take()
    bench.do(actions.FetchBack())
    bench.run(1.0)
    bench.tone(tone, count=2, seconds=1.3)
    bench.run(0.5)
    bench.tone("dial", seconds=1.3)
    bench.run(3.0)
    assert kinds(bench.take()) == ["CallerGone"]
    bench.do(actions.HangUp())
    assert kinds(bench.take()) == ["LineFree"]


def test_a_target_who_still_rings_instead_of_the_dial_tone_means_that_nobody_is_on_hold():
    bench = ringing(Bench())
    bench.do(actions.FetchBack())
    bench.run(1.0)
    bench.tone("silence", seconds=1.0)  # it was a pause between two rings
    bench.take()
    bench.do(actions.Dial("+49302222222", 25.0))
    bench.run(4.0)
    bench.tone("ringback")
    assert kinds(bench.take()) == ["CallerGone"]
    assert bench.line.problem() is None


@pytest.mark.parametrize("when", ["in the stream that is closed", "in the next one"])
def test_loop_current_that_goes_with_our_flash_does_not_end_the_fetching_back(when):
    bench = talking(Bench())
    bench.take()
    if when == "in the next one":
        bench.do(actions.FetchBack())
        bench.run(1.0)
        bench.hear(ModemSays("l"))
    else:

        def ends():
            bench.line.hear(ModemSays("l"), bench.now)
            Bench.end_stream(bench)

        bench.end_stream = ends
        bench.do(actions.FetchBack())
        bench.run(1.0)
    bench.tone("voice", seconds=0.3)
    assert kinds(bench.take()) == ["CallerBack"]


def test_a_flash_too_few_is_made_up_for():
    bench = consulting(Bench())
    bench.run(3.0)
    bench.tone("busy", count=2)
    bench.take()
    bench.do(actions.FetchBack())
    bench.run(1.0)
    bench.tone("busy", count=2)
    bench.run(1.0)
    bench.tone("voice", seconds=0.3)
    assert kinds(bench.take()) == ["CallerBack"]


# --- releasing -----------------------------------------------------------------------------------


def test_hanging_up_in_a_consultation_does_not_hand_the_call_on():
    bench = ringing(Bench())
    bench.sent.clear()
    bench.do(actions.HangUp())
    bench.run(2.0)
    assert bench.commands() == ["AT+VTS={!,9}", "AT+VTS=1", "AT+VLS=0", "ATH", "AT+FCLASS=0", "AT+VCID=1"]
    assert kinds(bench.take())[-1] == "LineFree"


def test_an_action_that_comes_while_a_stream_is_being_opened_waits_for_it():
    bench = Bench(CONEXANT | {"AT+VTR": None.__class__})
    bench.answered()
    bench.do(actions.KeepWaiting("hold"))
    bench.do(actions.HangUp())
    assert bench.sent[-1] == "AT+VTR", "nothing else may be said now"
    bench.say(b"\r\nCONNECT\r\n\x80\x80")
    bench.run(1.0)
    assert [wish.early for wish in bench.wishes if isinstance(wish, Open)] == [b"\x80\x80"]
    assert bench.commands()[-4:] == ["AT+VLS=0", "ATH", "AT+FCLASS=0", "AT+VCID=1"]


@pytest.mark.parametrize("reason", ["wedged", "crash"])
def test_a_stream_nobody_ended_is_ended_by_codes(reason):
    bench = Bench()
    bench.answered()
    bench.do(actions.KeepWaiting("hold"))
    bench.raw = b""
    bench.end_stream(reason, b"")
    bench.settle()
    assert bench.raw == b"\x10\x03\x10\x21\x10\x5e\r"


def test_a_studio_that_never_gives_the_port_back_makes_a_hung_modem():
    bench = Bench()
    bench.answered()
    bench.do(actions.KeepWaiting("hold"))
    bench.end_stream = lambda *_: None
    bench.do(actions.HangUp())
    bench.run(10.0)
    assert bench.line.lost == "hung"
    assert kinds(bench.take()) == ["LineLost"]


# --- for another line ----------------------------------------------------------------------------


def test_a_target_for_another_line():
    bench = Bench(site=Site(prefix="0"))
    bench.do(actions.Dial(TARGET, 25.0))
    assert bench.line.state() == "in_call"
    bench.tone("dial", seconds=1.3)
    assert "AT+VTS=0,0,3,0,1,1,1,1,1,1,1" in bench.sent
    bench.tone("ringback")
    bench.run(3.0)
    bench.tone("voice", seconds=0.3)
    bench.do(actions.OpenSound())
    assert kinds(bench.take()) == ["TargetRinging", "TargetAnswered", "SoundOpened"]
    bench.tone("busy", count=3)
    assert kinds(bench.take()) == ["TargetGone"]
    bench.do(actions.HangUp())
    assert kinds(bench.take()) == ["LineFree"]


@pytest.mark.parametrize(
    ("says", "heard", "reason"),
    [
        (CONEXANT | {"AT+VLS=1": ("LINE-IN-USE",)}, None, "on the phone"),
        (CONEXANT | {"AT+VLS=1": ("ERROR",)}, None, "did not lift"),
        (CONEXANT, "busy", "busy"),
        (CONEXANT, None, "no dial tone"),
        (CONEXANT | {"AT+VTS=0,3,0,1,1,1,1,1,1,1": ("ERROR",)}, "dial", "did not dial"),
    ],
)
def test_a_line_that_cannot_be_called_out_on(says, heard, reason):
    bench = Bench(says)
    bench.do(actions.Dial(TARGET, 25.0))
    if heard:
        bench.tone(heard, count=2, seconds=1.3)
    bench.run(6.0)
    (gone,) = bench.take()
    assert gone.result == "failed"
    assert reason in gone.reason
    bench.do(actions.HangUp())
    assert kinds(bench.take()) == ["LineFree"]
    assert bench.line.idle


@pytest.mark.parametrize("at", ["AT+VGT=128", "AT+VLS=1"])
def test_who_rings_where_a_target_was_about_to_be_called_goes_first(at):
    bench = Bench(CONEXANT | {at: lambda: None})
    bench.do(actions.Dial(TARGET, 25.0))
    assert bench.sent[-1] == at
    del bench.says[at]
    bench.ring()
    bench.run(1.0)
    assert bench.take() == [events.Ring("shop")]
    assert bench.line.state() == "ringing"
    assert ("ATH" in bench.sent) == (at == "AT+VLS=1"), "what has been told to lift is put back"
    bench.run(4.0)
    bench.say(b"\r\nRING\r\n")
    bench.do(actions.Answer())
    bench.run(1.0)
    assert kinds(bench.take()) == ["Ring", "Answered"]


def test_a_ring_once_the_line_is_ours_is_none():
    bench = Bench()
    bench.do(actions.Dial(TARGET, 25.0))
    bench.line.call.on_ring()
    bench.tone("dial", seconds=1.3)
    assert bench.take() == []
    assert DIGITS in bench.sent
