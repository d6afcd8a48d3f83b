"""The analog line: start-up, rings, who calls, a telephone in parallel, lifting and hanging up."""

import pytest

from appliance.core import actions, events
from tests.lines.analog_bench import CONEXANT, NO_VOICE, USR, Bench


def kinds(taken):
    return [type(event).__name__ for event in taken]


# --- start-up ------------------------------------------------------------------------------------


def test_start_up_puts_the_line_on_the_hook_and_turns_caller_id_on_after_the_reset():
    bench = Bench(start=False)
    bench.line.port_opened(bench.now)
    bench.run(2.0)
    sent = bench.sent
    assert sent[:4] == ["AT", "ATH", "ATZ", "ATE0V1"]
    assert sent.index("AT+GCI=42") < sent.index("AT+VCID=1")
    assert {"ATS0=0", "AT-STE=7"} <= set(sent)
    assert sent[-2:] == ["AT+FCLASS=0", "AT+VCID=1"]
    assert bench.take()[-1] == events.LineReady("shop", ringing=False)
    assert (bench.line.state(), bench.line.problem(), bench.line.hears) == ("ready", None, True)


@pytest.mark.parametrize(
    ("says", "profile", "command", "in_use"),
    [
        (CONEXANT, "Conexant CX930xx", "AT+VSM=1,8000", True),
        (USR, "USR5637", "AT+VSM=128,8000", False),
        (CONEXANT | {"AT-STE?": "-STE: 0"}, "Conexant CX930xx", "AT+VSM=1,8000", False),
        (CONEXANT | {"AT+VSM=1,8000": ("ERROR",)}, "Conexant CX930xx", "AT+VSM=1,8000,0,0", True),
        (CONEXANT | {"AT+VSM?": "131,8000,0,0"}, "Conexant CX930xx", "AT+VSM=131,8000", True),
        (CONEXANT | {"AT+VLS=?": '+VLS: 0,""\r\n+VLS: 9,"T"'}, "Conexant CX930xx", "AT+VSM=1,8000", True),
    ],
)
def test_what_a_modem_says_decides(says, profile, command, in_use):
    line = Bench(says).line
    assert (line.facts.profile.name, line.facts.format_command) == (profile, command)
    assert line.facts.tells_in_use is in_use
    assert line.hears


@pytest.mark.parametrize(
    "says",
    [
        NO_VOICE,
        CONEXANT | {"AT+FCLASS=?": "(0,1,2)"},
        CONEXANT | {"AT+FCLASS=?": ("ERROR",)},
        CONEXANT | {"AT+FCLASS=8": ("ERROR",)},
        CONEXANT | {"AT+VLS=?": '0,""\r\n4,"S"'},
        CONEXANT | {"AT+VSM=?": '129,"IMA ADPCM",4,0,8000,0,0'},
        CONEXANT | {"AT+VSM?": "7,8000,0,0"},
    ],
)
def test_a_modem_without_voice_is_named_and_used_for_rings(says):
    bench = Bench(says)
    line = bench.line
    assert (line.state(), line.problem(), line.hears, line.methods()) == ("ready", "no_voice", False, ())
    bench.ring()
    bench.say(b"\r\nNMBR=03012345678\r\n")
    assert bench.take() == [events.Ring("shop"), events.CallerId("shop", "+493012345678")]


def test_a_modem_left_in_its_voice_data_is_freed_by_codes():
    bench = Bench(start=False)
    bench.silent = True
    bench.line.port_opened(bench.now)
    bench.run(1.5)
    assert b"\x10\x03\x10\x21\x10\x5e\r" in bench.raw
    bench.silent = False
    bench.say(b"\x80\x81\x10\x03\r\nOK\r\n")
    bench.run(3.0)
    assert bench.line.hears
    assert bench.sent.index("ATH") < bench.sent.index("ATZ")


def test_a_modem_that_stays_silent_is_down_until_it_has_answered():
    bench = Bench(start=False)
    bench.silent = True
    bench.line.port_opened(bench.now)
    bench.run(10.0)
    assert (bench.line.lost, bench.line.state()) == ("hung", "down")
    bench.silent = False
    bench.line.port_opened(bench.now)
    assert bench.line.problem() == "hung"
    bench.run(3.0)
    assert (bench.line.problem(), bench.line.state()) == (None, "ready")


def test_an_idle_modem_that_falls_silent_is_noticed():
    bench = Bench()
    bench.run(25.0)
    assert bench.sent.count("AT") == 2
    bench.silent = True
    bench.run(30.0)
    assert bench.line.lost == "hung"
    assert kinds(bench.take()) == ["LineLost"]


def test_a_modem_that_starts_anew_by_itself_is_set_up_again():
    bench = Bench()
    bench.run(15.0)  # its echo is known to be off
    bench.sent.clear()
    bench.says["AT"] = lambda: ("AT", "OK")  # it echoes again
    bench.run(10.0)
    del bench.says["AT"]
    bench.run(3.0)
    assert kinds(bench.take()) == ["LineLost", "LineReady"]
    assert "AT+VCID=1" in bench.sent


# --- rings and callers ---------------------------------------------------------------------------


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
    assert kinds(bench.take()) == ["Ring"] * 4
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


def test_calls_without_a_number_are_noted():
    bench = Bench()
    bench.ring(3)
    bench.run(30.0)
    assert "no_caller_id" in bench.line.shown().notes
    bench.ring()
    bench.say(b"\r\nNMBR=0301234567\r\n")
    assert "no_caller_id" not in bench.line.shown().notes


# --- rings that stop -----------------------------------------------------------------------------


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
    assert kinds(bench.take()) == ["Ring", "AnsweredHere", "LineFree", "Ring"]


def test_a_call_nobody_ends_is_over_some_day():
    bench = Bench(USR)
    bench.ring()
    bench.say(b"\x10P")
    bench.run(3700.0)
    assert kinds(bench.take()) == ["Ring", "AnsweredHere", "LineFree"]


def test_an_event_that_may_mean_anything_counts_if_the_rings_stop_with_it():
    bench = Bench(USR)
    bench.ring(2)
    bench.say(b"\x10H")
    bench.run(11.0)
    assert kinds(bench.take()) == ["Ring", "Ring", "AnsweredHere"]
    bench.say(b"\x10h")
    assert kinds(bench.take()) == ["LineFree"]
    bench.ring()
    bench.say(b"\x10H")
    bench.run(5.0)
    bench.ring()
    bench.run(11.0)
    assert kinds(bench.take()) == ["Ring", "Ring", "CallerGone", "LineFree"]


# --- lifting and hanging up ----------------------------------------------------------------------


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


def test_a_modem_that_vanishes_takes_the_call_along():
    bench = Bench()
    bench.answered()
    bench.line.port_lost(bench.now, "unplugged")
    assert kinds(bench.take()) == ["LineLost"]
    assert (bench.line.state(), bench.line.deadline()) == ("down", None)
    bench.do(actions.HangUp())
    assert bench.take() == []
