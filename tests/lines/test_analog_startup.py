"""The start-up of an analog modem, and looking after it."""

import pytest

from appliance.core import events
from tests.lines.analog_bench import CONEXANT, NO_VOICE, USR, Bench, kinds


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
        (CONEXANT | {"AT-STE?": ""}, "Conexant CX930xx", "AT+VSM=1,8000", True),
        (CONEXANT | {"AT-STE?": ("ERROR",)}, "Conexant CX930xx", "AT+VSM=1,8000", True),
        (CONEXANT | {"AT+GMI": "ACME", "ATI3": "56K", "AT-STE?": ""}, "V.253", "AT+VSM=1,8000", False),
        (CONEXANT | {"AT-STE=7": ("ERROR",)}, "Conexant CX930xx", "AT+VSM=1,8000", False),
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


@pytest.mark.parametrize("seconds", [3.0, 5.0])
@pytest.mark.parametrize(
    "command",
    [
        *("ATH", "ATZ", "ATE0V1", "AT+GMI", "ATI3", "AT+GCI=42", "AT-STE=7", "AT-STE?", "AT+VCID=1", "AT+VCID?"),
        *("ATS0=0", "AT+FCLASS=?", "AT+FCLASS=8", "AT+VSM=?", "AT+VLS=?", "AT+VSM=1,8000", "AT+VSM?", "AT+FCLASS=0"),
    ],
)
def test_a_modem_that_takes_its_time_to_answer_is_known_all_the_same(command, seconds):
    bench = Bench(start=False, slow={command: seconds})
    line = bench.line
    line.port_opened(bench.now)
    bench.run(30.0)
    assert (line.state(), line.problem(), line.hears, line.methods()) == ("ready", None, True, ("flash",))
    assert line.facts.tells_caller is not False
    assert line.facts.format_command == "AT+VSM=1,8000"
    assert line.facts.tells_in_use
    assert line.facts.profile.name == "Conexant CX930xx"


@pytest.mark.parametrize(
    "command", ["AT+FCLASS=?", "AT+FCLASS=8", "AT+VSM=?", "AT+VLS=?", "AT+VSM=1,8000", "AT+VCID=1", "AT+VCID?"]
)
def test_a_command_that_was_lost_is_said_again(command):
    answers = iter([None])
    bench = Bench(start=False)
    answer = CONEXANT.get(command, ("OK",))
    bench.says[command] = lambda: next(answers, answer)
    bench.line.port_opened(bench.now)
    bench.run(15.0)
    assert bench.sent.count(command) >= 2
    assert (bench.line.state(), bench.line.problem(), bench.line.hears) == ("ready", None, True)
    assert bench.line.facts.tells_caller is None


@pytest.mark.parametrize("command", ["AT+FCLASS=?", "AT+FCLASS=8", "AT+VSM=?", "AT+VLS=?"])
def test_silence_is_no_answer_no_and_start_up_begins_anew_later(command):
    bench = Bench(start=False)
    bench.says[command] = lambda: None
    line = bench.line
    line.port_opened(bench.now)
    bench.run(20.0)
    assert (line.state(), line.problem(), line.facts.voice, line.methods()) == ("down", "hung", None, ())
    assert bench.take() == []
    bench.ring()
    bench.say(b"\r\nNMBR=03012345678\r\n")
    assert bench.take() == [events.Ring("shop"), events.CallerId("shop", "+493012345678")]
    resets = bench.sent.count("ATZ")
    bench.ring(20)  # a reset might end the call
    assert bench.sent.count("ATZ") == resets
    bench.run(70.0)
    assert bench.sent.count("ATZ") > resets
    assert (line.state(), line.problem()) == ("down", "hung")
    bench.says = dict(CONEXANT)
    bench.run(60.0)
    assert (line.state(), line.problem(), line.hears, line.methods()) == ("ready", None, True, ("flash",))
    assert kinds(bench.take())[-1] == "LineReady"


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


@pytest.mark.parametrize("answer", [("0",), None])
def test_a_modem_that_another_program_left_speaking_in_numbers_or_not_at_all(answer):
    bench = Bench(start=False)

    def in_words():
        bench.says = CONEXANT
        return ("OK",)

    bench.says = dict.fromkeys(("AT", "ATH", "ATZ", "ATE0V1"), lambda: answer) | {"ATQ0V1": in_words}
    bench.line.port_opened(bench.now)
    bench.run(6.0)
    assert (bench.line.state(), bench.line.hears) == ("ready", True)


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
