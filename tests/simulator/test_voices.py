"""Whose voice is heard, by its rise and fall."""

import pytest

from appliance.simulator.sounds import Noise, Silence, Speech, mix, scaled
from appliance.simulator.voices import Listener, Speaker


def follow(heard, said, seconds=6.0, delay=0):
    """A listener who hears one sound, `delay` frames late, and a speaker who says another; the verdicts."""
    listener, speaker, verdicts = Listener(), Speaker(), []
    for k in range(round(seconds * 50)):
        speaker.say(k * 0.02, said.samples(k * 0.02, 160))
        if listener.hear(k * 0.02, heard.samples((k - delay) * 0.02, 160)):
            verdicts.append(listener.is_voice(speaker))
    return verdicts


@pytest.mark.parametrize("delay", [0, 3, 12, 24])
def test_a_voice_is_known_whatever_the_delay(delay):
    verdicts = follow(Speech(3), Speech(3), delay=delay)
    assert len(verdicts) >= 3 and all(verdicts)


@pytest.mark.parametrize("seed", range(4, 9))
def test_another_voice_is_not(seed):
    assert not any(follow(Speech(3), Speech(seed), seconds=20.0))


def test_nor_is_silence_or_noise():
    assert not any(follow(Silence(), Speech(3)))
    assert not any(follow(Noise(-30.0), Speech(3)))


def test_a_voice_is_known_quieter_and_among_noise():
    class Worn:
        def samples(self, start, count, step=1 / 8000):
            return mix([scaled(Speech(3).samples(start, count, step), 0.3), Noise(-38.0).samples(start, count)], count)

    assert all(follow(Worn(), Speech(3)))


def test_a_voice_that_comes_too_late_is_not_known():
    assert not any(follow(Speech(3), Speech(3), delay=60))
