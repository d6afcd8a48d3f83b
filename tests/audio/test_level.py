"""A comfortable level, reached slowly."""

import numpy as np
import pytest

from appliance.audio.coding import FRAME, level
from appliance.audio.level import Leveller
from tests.audio.desks import syllables, tone


def through(samples, may_boost=True):
    leveller = Leveller(may_boost)
    frames = [leveller.apply(samples[at : at + FRAME]) for at in range(0, len(samples) - FRAME + 1, FRAME)]
    return np.concatenate(frames)


@pytest.mark.parametrize(("was", "becomes"), [(-3, -9), (-12, -12), (-15, -15), (-20, -20), (-27, -21), (-36, -27)])
def test_towards_comfort(was, becomes):
    samples = tone(1000, 20, 2**0.5 * 10 ** (was / 20))
    assert level(through(samples)[-8000:]) == pytest.approx(becomes, abs=0.5)


def test_no_boost_where_it_could_howl():
    samples = tone(1000, 20, 2**0.5 * 10 ** (-30 / 20))
    assert level(through(samples, may_boost=False)[-8000:]) == pytest.approx(-30, abs=0.1)


def test_slowly():
    samples = tone(1000, 3, 2**0.5 * 10 ** (-3 / 20))
    levels = [level(frame) for frame in through(samples).reshape(-1, FRAME)]
    assert np.abs(np.diff(levels)).max() < 0.1


def test_pauses_do_not_pump():
    speech = np.concatenate(
        (syllables(20, 1, -30), np.random.default_rng(1).standard_normal(80_000).astype(np.float32) * 1e-3)
    )
    out = through(speech)
    assert level(out[-8000:]) - level(speech[-8000:]) == pytest.approx(
        level(out[-84_000:-80_160]) - level(speech[-84_000:-80_160]), abs=1
    )


def test_never_over_full_scale():
    loud = np.random.default_rng(1).standard_normal(80_000).astype(np.float32)
    quiet_then_loud = np.concatenate((loud * 0.02, np.clip(loud, -1, 1)))
    assert np.abs(through(quiet_then_loud)).max() <= 1
