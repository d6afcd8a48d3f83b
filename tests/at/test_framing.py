"""Bytes → lines and prompts, however they are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.at.framing import LONGEST_LINE, Framer, Line, Overlong, Prompt


def frames(*chunks):
    framer = Framer()
    return [frame for chunk in chunks for frame in framer.feed(chunk)]


def bytewise(data):
    return frames(*(data[i : i + 1] for i in range(len(data))))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\r\nOK\r\n", [Line("OK")]),
        (b"\r\r\n+CRING: VOICE\r\r\n", [Line("+CRING: VOICE")]),
        (b"RING\rOK\n", [Line("RING"), Line("OK")]),
        (b"\r\nRING\r\n\r\nRING\r\n", [Line("RING"), Line("RING")]),
        (b"\r\n> ", [Prompt()]),
        (b"\r\n>", [Prompt()]),
        (b"\r\n> \r\n+CMGS: 4\r\n", [Prompt(), Line("+CMGS: 4")]),
        (b"\r\n> 0011000B91\r\n", [Prompt(), Line("0011000B91")]),
        (b"\0\0RING\0\r\n", [Line("RING")]),
        (b"\xff\xfe\x80RING\r\n", [Line("RING")]),
        (b"RING\xff\xfe\r\n", [Line("RING")]),
        (b'+CLIP: "123",145,,,"M\xc3\xbcller"\r\n', [Line('+CLIP: "123",145,,,"Müller"')]),
        (b'+CLIP: "123",145,,,"M\xfcller"\r\n', [Line('+CLIP: "123",145,,,"M\ufffdller"')]),
        (b"\x7f\x1a\x1b\r\n", []),
        (b"x" * 65536 + b"\r\nRING\r\n", [Overlong(), Line("RING")]),
        (b"\xaa" * 65536 + b"\r\nRING\r\n", [Line("RING")]),
    ],
)
def test_table(data, expected):
    assert frames(data) == expected
    assert bytewise(data) == expected


def test_a_line_without_end_is_kept_until_it_comes():
    framer = Framer()
    assert framer.feed(b"\r\n+CLIP: ") == []
    assert framer.feed(b'"0151"\r') == [Line('+CLIP: "0151"')]


def test_what_is_too_long_is_dropped_at_once():
    framer = Framer()
    assert framer.feed(b"y" * (LONGEST_LINE + 1)) == [Overlong()]
    assert framer.feed(b"y" * 1000) == []
    assert framer.feed(b"\r\nOK\r\n") == [Line("OK")]


pieces = st.sampled_from(
    [b"\r", b"\n", b">", b" ", b"\0", b"\xff", b"OK", b"RING", b'+CLIP: "1",129', b"> ", b"\r\n", b"x" * 5000, b"\x1b"]
)


@given(st.lists(pieces | st.binary(max_size=20), max_size=30).map(b"".join), st.data())
def test_cutting_changes_nothing(data, draw):
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(data)), max_size=8)))
    parts = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    assert frames(*parts) == frames(data)
