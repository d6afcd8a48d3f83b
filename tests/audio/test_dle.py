"""DLE shielding: what modems send in voice mode, whole, in pieces, and damaged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.audio.dle import Decoder, Digit, End, Event, Sound, encode


def decode(data, asked=False, cuts=None):
    """Feed it, in pieces where told so, and join sound that only the pieces parted."""
    decoder = Decoder(asked=asked)
    parts, at = [], 0
    for cut in [*(cuts or []), len(data)]:
        parts += decoder.feed(data[at:cut])
        at = cut
    if held := decoder.flush():
        parts.append(Sound(held))
    joined = []
    for part in parts:
        if joined and type(joined[-1]) is type(part) and isinstance(part, Sound):
            joined[-1] = Sound(joined[-1].data + part.data)
        elif joined and isinstance(joined[-1], End) and isinstance(part, End):
            joined[-1] = End(joined[-1].rest + part.rest)
        else:
            joined.append(part)
    return joined


STREAMS = {
    "nothing": (b"", False, []),
    "plain": (b"\x80\x81\x7f", False, [Sound(b"\x80\x81\x7f")]),
    "one 10h": (b"\x80\x10\x10\x81", False, [Sound(b"\x80\x10\x81")]),
    "two at once": (b"\x80\x10\x1a\x81", False, [Sound(b"\x80\x10\x10\x81")]),
    "10h, then an event": (b"\x10\x10\x10b", False, [Sound(b"\x10"), Event("b")]),
    "busy in mid-stream": (b"\x80\x10b\x81", False, [Sound(b"\x80"), Event("b"), Sound(b"\x81")]),
    "ring, off-hook phone, no current": (b"\x10R\x10p\x10P\x10l", False, [Event(c) for c in "RpPl"]),
    "unknown and odd codes": (b"\x10\xff\x10\x00\x10\r\x80", False, [*map(Event, "ÿ\0\r"), Sound(b"\x80")]),
    "a key, shielded, told three times": (b"\x10/\x105\x80\x105\x105\x10~", False, [Digit("5"), Sound(b"\x80")]),
    "a key held for a second": (
        b"\x10/\x105" + b"\x80" * 8000 + b"\x105\x10~", False, [Digit("5"), Sound(b"\x80" * 8000)],
    ),
    "the same key twice": (b"\x10/\x105\x10~\x10/\x105\x10~", False, [Digit("5"), Digit("5")]),
    "keys without their frame": (b"\x101\x102\x10*", False, [Digit("1"), Digit("2"), Digit("*")]),
    "without frame, repeated": (b"\x101" + b"\x80" * 800 + b"\x101", False, [Digit("1"), Sound(b"\x80" * 800)]),
    "without frame, pressed anew": (
        b"\x101" + b"\x80" * 4000 + b"\x101", False, [Digit("1"), Sound(b"\x80" * 4000), Digit("1")],
    ),
    "end with OK": (b"\x80\x10\x03\r\nOK\r\n", True, [Sound(b"\x80"), End(b"\r\nOK\r\n")]),
    "end unasked": (b"\x80\x10\x03\r\nNO CARRIER\r\n", False, [Sound(b"\x80"), End(b"\r\nNO CARRIER\r\n")]),
    "OK alone, asked": (b"\x80\x81\r\nOK\r\n", True, [Sound(b"\x80\x81"), End(b"\r\nOK\r\n")]),
    "OK alone, not asked, is sound": (b"\x80\r\nOK\r\n\x81", False, [Sound(b"\x80\r\nOK\r\n\x81")]),
    "NO CARRIER alone": (b"\x80\r\nNO CARRIER\r\n", False, [Sound(b"\x80"), End(b"\r\nNO CARRIER\r\n")]),
    "NO CARRIER alone, asked": (b"\r\nNO CARRIER\r\nX", True, [End(b"\r\nNO CARRIER\r\nX")]),
    "ERROR, asked": (b"\r\nERROR\r\n", True, [End(b"\r\nERROR\r\n")]),
    "nearly NO CARRIER": (b"\r\nNO CARRI\x10\x10ER\r\n", False, [Sound(b"\r\nNO CARRI\x10ER\r\n")]),
    "bytes after the end": (b"\x10\x03\r\nOK\r\n\r\nRING\r\n", True, [End(b"\r\nOK\r\n\r\nRING\r\n")]),
    "caller ID of a second call": (b"\x80\x10XNMBR=0301\r\x10.\x81", False, [Sound(b"\x80\x81")]),
    "a report that never ends": (b"\x10X" + b"\x81" * 600, False, [Sound(b"\x81" * 88)]),
    "end in a report": (b"\x10XNMBR\x10\x03\r\nOK\r\n", False, [End(b"\r\nOK\r\n")]),
}  # fmt: skip


@pytest.mark.parametrize("name", STREAMS)
def test_what_it_means(name):
    data, asked, meaning = STREAMS[name]
    assert decode(data, asked) == meaning


@pytest.mark.parametrize("name", STREAMS)
def test_byte_by_byte_it_means_the_same(name):
    data, asked, meaning = STREAMS[name]
    assert decode(data, asked, range(1, len(data))) == meaning


@given(st.binary(max_size=400).filter(lambda data: b"NO CARRIER" not in data))
def test_what_is_shielded_comes_out_again(data):
    shielded = encode(data)
    assert decode(shielded) == ([Sound(data)] if data else [])
    assert shielded.count(b"\x10") == 2 * data.count(b"\x10")


odd = st.lists(
    st.sampled_from([b"\x10", b"\x80", b"\x03", b"5", b"/", b"~", b"X", b".", b"\r\n", b"OK\r\n", b"NO CARRIER\r\n"])
    | st.binary(min_size=1, max_size=3)
    | st.just(b"\x81" * 700),
    max_size=30,
).map(b"".join)  # fmt: skip


@given(odd, st.booleans(), st.data())
def test_any_pieces_mean_the_same(data, asked, draw):
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(data)), max_size=12)))
    assert decode(data, asked, cuts) == decode(data, asked)


@given(odd, st.binary(max_size=20).filter(lambda b: b"\x10" not in b and b"\r" not in b))
def test_never_out_of_step(noise, sound):
    """Whatever came before, a frame of 600 bytes later the next sound is heard as it is."""
    decoder = Decoder()
    decoder.feed(noise)
    decoder.feed(b"\x80" * 600)
    if not decoder.ended:
        assert decode_with(decoder, sound + b"\x80") == sound + b"\x80"


def decode_with(decoder, data):
    return b"".join(piece.data for piece in decoder.feed(data) if isinstance(piece, Sound))
