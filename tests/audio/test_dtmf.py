"""Keys by their tones, one press at a time."""

import numpy as np
import pytest

from appliance.audio.coding import FRAME, decode, encode
from appliance.audio.dtmf import COLUMNS, KEYS, ROWS
from appliance.audio.listener import Listener
from tests.audio.desks import syllables


def key(name, seconds, low=0.13, high=0.16, off=1.0):
    row = next(index for index, keys in enumerate(KEYS) if name in keys)
    at = np.arange(round(seconds * 8000)) / 8000
    tones = ((ROWS[row], low), (COLUMNS[KEYS[row].index(name)], high))
    return sum(part * np.sin(2 * np.pi * f * off * at) for f, part in tones)


def pressed(sound):
    listener = Listener("DE")
    sound = np.asarray(sound, np.float32)
    frames = (sound[at : at + FRAME] for at in range(0, len(sound) - FRAME + 1, FRAME))
    return "".join(event.digit for frame in frames for event in listener.hear(frame))


def dialled(names, seconds, pause, seed=1, **how):
    """Presses that begin anywhere within a frame."""
    rng = np.random.default_rng(seed)
    parts = [np.zeros(800)]
    for name in names:
        parts += [key(name, seconds, **how), np.zeros(round(pause * 8000) + int(rng.integers(0, 160)))]
    return np.concatenate([*parts, np.zeros(800)])


HUNDRED = "".join(np.random.default_rng(5).choice(list("0123456789*#ABCD"), 100))


@pytest.mark.parametrize("snr", [None, 20, 10, 6])
@pytest.mark.parametrize("off", [0.985, 1.0, 1.015])
@pytest.mark.parametrize("seconds", [0.05, 0.1])
def test_a_hundred_of_a_hundred(seconds, off, snr):
    sound = dialled(HUNDRED, seconds, 0.05, off=off)
    if snr is not None:
        power = (0.13**2 + 0.16**2) / 2
        sound += np.random.default_rng(2).standard_normal(len(sound)) * np.sqrt(power) * 10 ** (-snr / 20)
    assert pressed(sound) == HUNDRED


def test_the_shortest_there_are():
    """40 ms (ETSI ES 201 235-2)."""
    assert pressed(dialled(HUNDRED, 0.04, 0.04)) == HUNDRED


def test_held_is_one_press_and_again_is_another():
    assert pressed(dialled("5", 3.0, 0.1)) == "5"
    assert pressed(dialled("55", 0.1, 0.08)) == "55"
    held = key("5", 1.0)
    held[4000:4080] = 0  # a drop-out of 10 ms
    assert pressed(np.concatenate((np.zeros(800), held, np.zeros(800)))) == "5"


@pytest.mark.parametrize(("low", "high"), [(0.1, 0.25), (0.25, 0.12), (0.02, 0.025), (0.4, 0.45)])
def test_twist_and_level(low, high):
    assert pressed(dialled("147*2580369#ABCD", 0.08, 0.06, low=low, high=high)) == "147*2580369#ABCD"


@pytest.mark.parametrize("coding", ["u8", "ulaw", "alaw"])
def test_over_8_bits(coding):
    sound = dialled("0123456789*#", 0.06, 0.06).astype(np.float32)
    assert pressed(decode(encode(sound, coding), coding)) == "0123456789*#"


@pytest.mark.parametrize("off", [0.955, 1.045])
def test_too_far_off_is_no_key(off):
    """Q.24: 3.5 % and more must not be taken, here with some room."""
    assert len(pressed(dialled("147*0", 0.1, 0.1, off=off))) <= 1


def test_one_tone_or_two_rows_are_no_key():
    at = np.arange(4000) / 8000
    assert pressed(0.2 * np.sin(2 * np.pi * 770 * at)) == ""
    assert pressed(0.1 * sum(np.sin(2 * np.pi * f * at) for f in (697, 770, 1336))) == ""


@pytest.mark.parametrize("seed", range(4))
def test_speech_presses_no_keys(seed):
    assert pressed(syllables(60, 20 + seed)) == ""
