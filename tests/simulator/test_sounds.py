"""Sounds."""

import pytest

from appliance.simulator.ears import level, tone_level
from appliance.simulator.sounds import STEP, Noise, Played, Silence, Speech, Tone, mix


def samples(sound, start, seconds, step=STEP):
    made = []
    for k in range(round(seconds * 50)):
        made += sound.samples(start + k * 160 * step, 160, step)
    return made


def test_a_tone_has_its_level_and_its_time():
    made = samples(Tone((1000.0,), -10.0, begin=1.0, lasts=0.5), 0.5, 1.5)
    assert level(made[4000:8000]) == pytest.approx(-10.0, abs=0.1)
    assert not any(made[:4000]) and not any(made[8000:])


def test_by_a_faster_clock_the_same_moment_sounds_the_same():
    step = STEP / 1.0002
    slow, fast = samples(Tone((1000.0,)), 0.0, 1.0), samples(Tone((1000.0,)), 0.0, 1.0, step)
    assert all(abs(a - b) < 500 for a, b in zip(slow[:400], fast[:400], strict=True))
    assert max(abs(a - b) for a, b in zip(slow[-400:], fast[-400:], strict=True)) > 5000


def test_speech_has_pauses_and_repeats_itself_exactly():
    made = samples(Speech(5), 0.0, 10.0)
    loud = [level(made[k : k + 160]) > -45 for k in range(0, len(made), 160)]
    assert 0.3 < sum(loud) / len(loud) < 0.95
    assert made == samples(Speech(5), 0.0, 10.0) != samples(Speech(6), 0.0, 10.0)
    assert level(samples(Noise(-40.0), 0.0, 1.0)) == pytest.approx(-40.0, abs=0.5)


def test_what_was_played_is_heard_by_another_clock():
    played, source = Played(), Tone((1000.0,), -10.0)
    for k in range(30):
        played.add(k * 0.02, STEP, source.samples(k * 0.02, 160))
    heard = [s for k in range(20) for s in played.samples(0.1 + k * 0.02, 160, STEP * 1.0001)]
    assert tone_level(heard, 1000.0) == pytest.approx(-10.0, abs=0.2)
    assert not any(played.samples(5.0, 160))


def test_mixing_clips():
    assert mix([[30000] * 160, [30000] * 160], 160) == [32767] * 160
    assert mix([Silence().samples(0, 160)], 160) == (0,) * 160
