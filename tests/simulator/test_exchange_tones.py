"""Tones of the German network."""

import pytest

from appliance.simulator.ears import level, tone_level
from appliance.simulator.exchange_tones import tone
from appliance.simulator.sounds import Cadence

from .test_sounds import samples


@pytest.mark.parametrize(
    ("name", "on", "off"), [("busy", 0.48, 0.48), ("congestion", 0.24, 0.24), ("ringback", 1.0, 4.0)]
)
def test_cadences(name, on, off):
    made = samples(tone(name, 10.0), 10.0, 2 * (on + off))
    loud = [level(made[k : k + 80]) > -30 for k in range(0, len(made) - 79, 80)]
    edges = [k * 0.01 for k in range(1, len(loud)) if loud[k] != loud[k - 1]]
    assert edges == pytest.approx([on, on + off, on + off + on], abs=0.011)
    assert Cadence(((425.0, 0.48), (0.0, 0.48)), begin=10.0).cycles(11.93) == 2


def test_the_special_information_tone_climbs():
    made = samples(tone("sit", 0.0), 0.0, 1.0)
    for place, frequency in enumerate((950, 1400, 1800)):
        part = made[place * 2640 + 400 : place * 2640 + 2000]
        assert tone_level(part, frequency) == pytest.approx(-13.0, abs=0.3)
