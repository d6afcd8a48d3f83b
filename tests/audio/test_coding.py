"""How samples are written on a port: tables of G.711, steps, clipping, and what a round trip costs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.audio import coding

CODINGS = ("u8", "ulaw", "alaw", "s16le")
TONE = (0.25 * np.sin(2 * np.pi * 1000.3 * np.arange(8000) / 8000)).astype(np.float32)


@pytest.mark.parametrize(
    ("law", "data", "linear"),
    [
        ("ulaw", b"\xff\x7f\x00\x80\xfe\x8f\xef", [0, 0, -32124, 32124, 8, 16764, 132]),  # G.711 table 2a, 2b
        ("alaw", b"\xd5\x55\x2a\xaa\xd4", [8, -8, -32256, 32256, 24]),  # G.711 table 1a, 1b
        ("u8", b"\x80\x00\xff\x81", [0, -32768, 32512, 256]),
        ("s16le", b"\x00\x00\x00\x80\xff\x7f\x01\x00", [0, -32768, 32767, 1]),
    ],
)
def test_levels(law, data, linear):
    found = np.rint(coding.decode(data, law) * 32768).astype(int).tolist()
    assert found == linear


@pytest.mark.parametrize("law", CODINGS)
def test_every_code_comes_back(law):
    data = bytes(range(256)) * (2 if law == "s16le" else 1)
    samples = coding.decode(data, law)
    again = coding.decode(coding.encode(samples, law), law)
    np.testing.assert_array_equal(again, samples)


@pytest.mark.parametrize(("law", "at_least"), [("u8", 38), ("ulaw", 36), ("alaw", 36), ("s16le", 80)])
def test_a_tone_keeps_its_quality(law, at_least):
    again = coding.decode(coding.encode(TONE, law), law)
    assert coding.level(TONE) - coding.level(again - TONE) >= at_least


@pytest.mark.parametrize("law", CODINGS)
def test_what_is_too_loud_is_clipped(law):
    loud = np.array([3.0, -3.0, 1.0, -1.0], np.float32)
    again = coding.decode(coding.encode(loud, law), law)
    assert (np.abs(again) <= 1).all()
    assert (np.sign(again) == np.sign(loud)).all()


def test_silence_is_silent():
    assert coding.encode(coding.silence(3), "u8") == b"\x80\x80\x80"
    assert coding.encode(coding.silence(2), "s16le") == b"\0\0\0\0"
    assert coding.level(coding.silence(160)) == coding.level(coding.silence(0)) == -120


def test_level():
    assert coding.level(np.ones(160, np.float32)) == pytest.approx(0)
    assert coding.level(TONE) == pytest.approx(-15.05, abs=0.05)


@given(st.binary(max_size=200), st.sampled_from(CODINGS))
def test_any_bytes_are_sound(data, law):
    samples = coding.decode(data, law)
    assert len(samples) == len(data) // coding.WIDTH[law]
    assert samples.dtype == np.float32
    assert (np.abs(samples) <= 1).all()
