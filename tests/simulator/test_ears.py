"""What a simulated party hears."""

import wave

import pytest

from appliance.simulator.ears import Ear, Keypad
from appliance.simulator.sounds import STEP, Script, Speech, keyed

from .test_sounds import samples


@pytest.mark.parametrize("keys", ["0123456789*#ABCD", "1111", "5"])
def test_keys_are_heard(keys):
    pad = Keypad()
    script = Script([Speech(2, -30.0), *keyed(keys, 0.5)])
    made = samples(script, 0.0, 1.0 + 0.2 * len(keys))
    for place in range(0, len(made), 100):
        pad.feed(made[place : place + 100])
    assert pad.digits == keys


def test_speech_is_no_key():
    pad = Keypad()
    for seed in range(6):
        pad.feed(samples(Speech(seed), 0.0, 12.0))
    assert pad.digits == ""


def test_an_ear_fills_pauses_and_saves(tmp_path):
    ear = Ear()
    ear.hear(10.0, [1000] * 160, STEP)
    ear.hear(11.0, [1000] * 160, STEP)
    assert ear.seconds == pytest.approx(1.02) and list(ear.between(11.0, 11.02)) == [1000] * 160
    ear.save(tmp_path / "x.wav")
    with wave.open(str(tmp_path / "x.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (8000, 1, 8160)
