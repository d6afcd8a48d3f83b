"""What a caller hears of an analog line, what is kept of him, and whether a target is a human."""

import pytest

from appliance.core import actions, events
from appliance.core.sound import (
    Close,
    Heard,
    ModemSays,
    Open,
    Play,
    Played,
    Quiet,
    Record,
    Recorded,
    SoundFailed,
    Stream,
)
from tests.lines.analog_bench import CONEXANT, USR, Bench, kinds

NO_DUPLEX = CONEXANT | {"AT+VTR": ("ERROR",)}
ONE_WAY = {"AT+VTX": ("ERROR",), "AT+VRX": ("ERROR",)}


def called(says=CONEXANT, **config):
    bench = Bench(says, **config)
    bench.answered()
    return bench


# --- saying --------------------------------------------------------------------------------------


def test_a_sentence_is_said_to_its_end():
    bench = called()
    bench.do(actions.Say("sorry.wav"))
    form = Stream("u8", shielded=True, end=b"\x10\x5e", two_wire=True, country="DE")
    assert bench.wishes == [Open(form), Play("sorry.wav")]
    assert bench.take() == []
    bench.hear(Played("sorry.wav"))
    assert bench.take() == [events.Said("shop")]


@pytest.mark.parametrize(
    ("says", "coding", "command", "end"),
    [
        (USR, "u8", "AT+VTR", b"\x10\x5e"),
        (NO_DUPLEX, "u8", "AT+VTX", b"\x10\x03"),
        (CONEXANT | {"AT+VSM?": "131,8000"}, "ulaw", "AT+VTR", b"\x10\x5e"),
        (CONEXANT | {"AT+VTR": ("OK",)}, "u8", "AT+VTX", b"\x10\x03"),
    ],
)
def test_the_stream_is_the_modems(says, coding, command, end):
    bench = called(says)
    bench.do(actions.Say("sorry.wav"))
    assert bench.sent[-1] == command
    assert (bench.stream.coding, bench.stream.end) == (coding, end)


@pytest.mark.parametrize("failure", [lambda bench: bench.hear(SoundFailed("no such file")), Bench.end_stream])
def test_what_cannot_be_said(failure):
    bench = called()
    bench.do(actions.Say("sorry.wav"))
    failure(bench)
    bench.settle()
    assert kinds(bench.take()) == ["SaidNothing"]


def test_a_modem_that_opens_no_stream_says_nothing():
    bench = called(NO_DUPLEX | ONE_WAY)
    bench.do(actions.Say("sorry.wav"))
    assert kinds(bench.take()) == ["SaidNothing"]


@pytest.mark.parametrize(
    "sign",
    [
        Heard("busy", 3, 2.8),
        Heard("congestion", 3, 1.4),
        Heard("dial", 0, 2.3),
        ModemSays("l"),
    ],
)
def test_a_caller_who_hangs_up_during_the_sentence(sign):
    bench = called()
    bench.do(actions.Say("sorry.wav"))
    bench.hear(sign)
    assert kinds(bench.take()) == ["CallerGone"]
    bench.hear(sign)
    assert bench.take() == [], "said once"
    bench.do(actions.HangUp())
    assert kinds(bench.take()) == ["LineFree"]
    assert Close() in bench.wishes


@pytest.mark.parametrize(
    "sign",
    [Heard("busy", 2, 1.9), Heard("dial", 0, 1.3), Heard("silence", 0, 50.0), Heard("voice", 0, 9.0), ModemSays("b")],
)
def test_what_does_not_mean_that_he_has_left(sign):
    bench = called()
    bench.do(actions.Say("sorry.wav"))
    bench.hear(sign)
    assert bench.take() == []


def test_waiting_goes_on_until_the_next_wish():
    bench = called()
    bench.do(actions.KeepWaiting("hold"))
    assert bench.wishes[-1] == Play("hold", loop=True)
    bench.do(actions.Say("sorry.wav"))
    assert bench.sent.count("AT+VTR") == 1, "the stream stays open"
    assert bench.wishes[-1] == Play("sorry.wav")
    bench.hear(Played("sorry.wav"))
    assert kinds(bench.take()) == ["Said"]


# --- messages ------------------------------------------------------------------------------------


def recording(says=CONEXANT):
    bench = called(says)
    bench.do(actions.Say("please.wav"))
    bench.hear(Played("please.wav"))
    bench.take()
    bench.do(actions.TakeMessage("7.wav", 60.0))
    bench.hear(Played("beep"))
    return bench


@pytest.mark.parametrize("how", ["silence", "digit", "limit"])
def test_a_message(how):
    bench = recording()
    assert bench.wishes[-2:] == [Play("beep"), Record("7.wav", 60.0)]
    bench.hear(Recorded("7.wav", 12.0, how))
    assert bench.take() == [events.MessageTaken("shop", 12.0, how)]


def test_a_message_ends_as_the_caller_hangs_up_and_what_he_said_is_kept():
    bench = recording()

    def ends(*_):
        bench.line.hear(Recorded("7.wav", 5.0, "end"), bench.now)
        Bench.end_stream(bench)

    bench.end_stream = ends
    bench.tone("busy", count=3)
    assert bench.take() == [events.MessageTaken("shop", 5.0, "hang-up")]
    bench.do(actions.HangUp())
    assert kinds(bench.take()) == ["LineFree"]


def test_a_caller_who_hangs_up_is_told_of_twice_before_the_message_is_kept():
    bench = recording()
    bench.end_stream = lambda: None  # the studio takes its time
    bench.hear(ModemSays("l"))
    bench.hear(ModemSays("l"))
    assert bench.take() == []
    bench.hear(Recorded("7.wav", 5.0, "end"))
    assert bench.take() == [events.MessageTaken("shop", 5.0, "hang-up")]


def test_a_caller_who_hangs_up_in_the_beep_leaves_no_message():
    bench = called()
    bench.do(actions.TakeMessage("7.wav", 60.0))
    bench.hear(ModemSays("l"))
    assert kinds(bench.take()) == ["CallerGone"]
    bench.do(actions.EndMessage())
    assert bench.take() == [events.MessageTaken("shop", 0.0, "end")]


@pytest.mark.parametrize("reason", ["modem", "wedged"])
def test_a_stream_that_delivers_nothing_is_opened_again_for_whoever_waits(reason):
    bench = called()
    bench.do(actions.KeepWaiting("hold"))
    bench.end_stream(reason)
    bench.settle()
    bench.run(1.0)
    assert bench.stream
    assert bench.wishes[-1] == Play("hold", loop=True)
    bench.tone("busy", count=3)
    assert kinds(bench.take()) == ["CallerGone"]


def test_a_stream_that_breaks_off_ends_the_message():
    bench = recording()
    bench.hear(Recorded("7.wav", 5.0, "end"))
    bench.end_stream("modem")
    assert bench.take() == [events.MessageTaken("shop", 5.0, "end")]


def test_a_message_that_cannot_be_kept():
    bench = recording()
    bench.hear(SoundFailed("the card is full"))
    assert bench.take() == [events.MessageTaken("shop", 0.0, "end")]


def test_a_modem_that_does_one_thing_at_a_time_takes_messages_too():
    bench = recording(NO_DUPLEX)
    assert bench.sent[-2:] == ["AT+VTX", "AT+VRX"]
    assert bench.wishes[-1] == Record("7.wav", 60.0)
    bench.hear(Recorded("7.wav", 5.0, "silence"))
    assert kinds(bench.take()) == ["MessageTaken"]


# --- is it a human -------------------------------------------------------------------------------


def asked(says=CONEXANT):
    """A target for another line, answered, and asked."""
    bench = Bench(says)
    bench.do(actions.Dial("+49301111111", 25.0))
    bench.tone("dial", seconds=1.3)
    bench.tone("ringback")
    bench.run(3.0)
    bench.tone("voice", seconds=0.3)
    bench.take()
    bench.do(actions.Confirm("confirm.wav", 15.0))
    return bench


def test_a_human_presses_one():
    bench = asked()
    assert bench.wishes[-1] == Play("confirm.wav")
    bench.tone("digit", digit="5")
    bench.run(4.0)
    assert bench.take() == []
    bench.tone("digit", digit="1")
    assert bench.take() == [events.Confirmed("shop")]
    assert bench.wishes[-1] == Quiet()
    bench.do(actions.OpenSound())
    assert bench.take() == [events.SoundOpened("shop")]


def test_the_question_is_put_again():
    bench = asked()
    for _ in range(2):
        bench.run(3.0)
        bench.hear(Played("confirm.wav"))
        bench.run(2.0)
    assert bench.wishes.count(Play("confirm.wav")) == 3
    bench.hear(Played("confirm.wav"))
    bench.tone("digit", digit="1")
    assert bench.take() == [events.Confirmed("shop")]


def test_a_machine_does_not():
    bench = asked()
    for _ in range(5):
        bench.run(3.5)
        if bench.wishes[-1] == Play("confirm.wav"):
            bench.hear(Played("confirm.wav"))
    (gone,) = bench.take()
    assert gone.result == "no_answer"


def test_who_hangs_up_is_none():
    bench = asked()
    bench.tone("busy", count=3)
    (gone,) = bench.take()
    assert gone.result == "refused"


def test_a_question_that_cannot_be_played_can_still_be_answered():
    bench = asked()
    bench.hear(SoundFailed("no such file"))
    bench.tone("digit", digit="1")
    assert kinds(bench.take()) == ["Confirmed"]


def test_a_modem_that_cannot_play_and_hear_at_once_cannot_ask():
    bench = asked(NO_DUPLEX)
    assert kinds(bench.take()) == ["CannotAsk"]


# --- the bridge ----------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["crash", "modem", "wedged", "lost"])
def test_a_bridge_is_told_when_its_stream_ends(reason):
    bench = called()
    bench.do(actions.OpenSound())
    assert bench.take() == [events.SoundOpened("shop")]
    bench.end_stream(reason, b"")
    assert kinds(bench.take()) == ["SoundRefused"]


def test_a_bridge_that_is_hung_up_on_purpose_is_not():
    bench = called()
    bench.do(actions.OpenSound())
    bench.take()
    bench.do(actions.HangUp())
    assert kinds(bench.take()) == ["LineFree"]


@pytest.mark.parametrize("result", ["NO CARRIER", "BUSY"])
def test_a_caller_who_leaves_as_the_stream_is_opened_says_nothing_of_the_modem(result):
    results = iter([(result,)])
    bench = called(CONEXANT | {"AT+VTR": lambda: next(results, ("CONNECT",))} | ONE_WAY)
    bench.do(actions.OpenSound())
    assert kinds(bench.take()) == ["SoundRefused"]
    bench.do(actions.OpenSound())
    assert kinds(bench.take()) == ["SoundOpened"]


def test_a_modem_without_duplex_cannot_be_bridged():
    bench = called(NO_DUPLEX)
    bench.do(actions.OpenSound())
    assert kinds(bench.take()) == ["SoundRefused"]


# --- whatever happened last time -----------------------------------------------------------------


def test_a_modem_that_once_refused_to_send_and_receive_at_once_is_asked_again_in_the_next_call():
    refusals = iter([("ERROR",)])
    bench = called(CONEXANT | {"AT+VTR": lambda: next(refusals, ("CONNECT",))})
    bench.do(actions.OpenSound())
    assert kinds(bench.take()) == ["SoundRefused"]
    bench.do(actions.KeepWaiting("hold"))
    assert bench.commands().count("AT+VTR") == 1, "within a call it is believed"
    bench.do(actions.HangUp())
    bench.run(10.0)
    bench.answered()
    bench.do(actions.OpenSound())
    assert kinds(bench.take()) == ["SoundOpened"]
