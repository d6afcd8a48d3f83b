"""Samples as octets."""

import pytest

from appliance.simulator.codings import CODINGS
from appliance.simulator.ears import level
from appliance.simulator.sounds import Tone

from .test_sounds import samples


@pytest.mark.parametrize(("name", "least"), [("u8", 38), ("s8", 38), ("s16le", 80), ("ulaw", 36), ("alaw", 35)])
def test_codings(name, least):
    coding, made = CODINGS[name], samples(Tone((1000.0,), -12.0), 0.0, 0.1)
    octets = coding.encode(made)
    again = coding.decode(octets)
    assert len(octets) == len(made) * coding.width and len(again) == len(made)
    error = [a - b for a, b in zip(made, again, strict=True)]
    assert level(made) - (level(error) if any(error) else -120) >= least
    assert abs(coding.decode(coding.rest)[0]) <= 8


def test_g711_as_the_tables_say():
    assert CODINGS["ulaw"].decode(bytes([0x00, 0x80, 0xFF, 0x7F])) == [-32124, 32124, 0, 0]
    assert CODINGS["alaw"].decode(bytes([0xD5, 0x55, 0x2A, 0xAA])) == [8, -8, -32256, 32256]
