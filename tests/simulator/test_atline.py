import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.simulator.atline import Command, commands_of, split_arguments


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("AT", []),
        ("at", []),
        ("  AT", []),
        ("ATE0", [("E", "set", "0")]),
        ("ATE0V1", [("E", "set", "0"), ("V", "set", "1")]),
        ("AT&FE0", [("&F", "run", ""), ("E", "set", "0")]),
        ("ATS0=2", [("S0", "set", "2")]),
        ("ATS0?", [("S0", "read", "")]),
        ("AT+CLCC", [("+CLCC", "run", "")]),
        ("at+clcc", [("+CLCC", "run", "")]),
        ("AT+CHLD=?", [("+CHLD", "test", "")]),
        ("AT+CREG?", [("+CREG", "read", "")]),
        ("AT+CMEE=1;+CLIP=1", [("+CMEE", "set", "1"), ("+CLIP", "set", "1")]),
        ("ATE0;+CMEE=1", [("E", "set", "0"), ("+CMEE", "set", "1")]),
        ('AT+CCFC=3,3,"+4930;1",145', [("+CCFC", "set", '3,3,"+4930;1",145')]),
        ("ATD+4930123;", [("D", "set", "+4930123;")]),
        ("ATD+4930123;+CLCC", [("D", "set", "+4930123;"), ("+CLCC", "run", "")]),
        ("AT^CPIN?", [("^CPIN", "read", "")]),
        ("ATA", [("A", "run", "")]),
        ("ATH0", [("H", "set", "0")]),
        ("AT!x", [("?", "run", "!x")]),
    ],
)
def test_lines(line, expected):
    commands = commands_of(line)
    assert commands == [Command(*parts) for parts in expected]


@pytest.mark.parametrize("text", ["+CHLD=4", "+CHLD=?", "+CREG?", "+CLCC", "D+4930123;", "E0", "A", "S0=2", "&F"])
def test_a_command_reads_as_it_was_typed(text):
    assert [str(command) for command in commands_of("AT" + text)] == [text]


@pytest.mark.parametrize("line", ["", "OK", "RING", "hello", "A T"])
def test_no_command_line(line):
    assert commands_of(line) is None


def test_arguments():
    assert split_arguments('3,3,"+49,30",145,,') == ["3", "3", "+49,30", "145", "", ""]
    assert Command("+X", "set", '"a",,5').number(2, 0) == 5
    assert Command("+X", "set", '"a",,5').number(1, 7) == 7


@given(st.text(max_size=60))
def test_any_line_is_read(text):
    commands = commands_of("AT" + text)
    assert commands is not None
    assert all(command.name for command in commands)
