"""Sound from one clock to another: quality, delay, and what late or missing transfers do."""

import numpy as np
import pytest

from appliance.audio.clocks import MOST, Elastic
from appliance.audio.coding import FRAME
from tests.audio.quality import worst_snr

TONE = 1000.0


def carry(seconds, one_ppm, other_ppm, jitter=0.0, transfer=FRAME, seed=1):
    """A tone by one clock through to another; what came out, and the delay at each pop."""
    rng = np.random.default_rng(seed)
    elastic = Elastic()
    one, other = 8000 * (1 + one_ppm * 1e-6), 8000 * (1 + other_ppm * 1e-6)
    pushes = [((k + 1) * transfer / one, True) for k in range(int(seconds * one / transfer))]
    pops = [(0.007 + (k + 1) * FRAME / other, False) for k in range(int(seconds * other / FRAME))]
    at, heard, delays = 0, [], []
    noticed = [(when + (rng.exponential(jitter) if jitter else 0.0), push) for when, push in pushes + pops]
    for now, push in sorted(noticed):
        if push:
            for _ in range(transfer // FRAME):
                turns = TONE / one * np.arange(at, at + FRAME)
                elastic.push((0.25 * np.sin(2 * np.pi * turns)).astype(np.float32), now)
                at += FRAME
        else:
            heard.append(elastic.pop(FRAME, now))
            delays.append(elastic.delay)
    return elastic, np.concatenate(heard), np.array(delays)


@pytest.mark.parametrize(("one", "other"), [(200, -200), (-200, 200), (200, 0), (0, -200), (0, 0)])
def test_a_minute_apart_by_so_many_parts_in_a_million(one, other):
    elastic, heard, delays = carry(60, one, other)
    assert (elastic.gaps, elastic.slips) == (0, 0)
    assert worst_snr(heard[8000:], TONE) >= 45
    assert np.median(delays) <= 0.05
    assert delays.max() <= 0.07


def test_when_transfers_are_noticed_late():
    elastic, heard, _ = carry(60, 200, -200, jitter=0.002)
    assert (elastic.gaps, elastic.slips) == (0, 0)
    assert worst_snr(heard[8000:], TONE) >= 38


def test_who_is_ever_later_is_waited_for_longer():
    """A transfer a second is late, by ever more: what is in hand grows before it is used up; later it is given up."""
    elastic = Elastic()
    lates = [min(0.02, second * 0.0005) if second < 90 else 0.0 for second in range(240)]
    comes = [0.02 * frame + (lates[frame // 50] if frame % 50 == 0 else 0.0) for frame in range(240 * 50)]
    held, frame = [], 0
    for turn in range(240 * 50 - 5):
        now = 0.02 * turn + 0.001
        while comes[frame] <= now:
            feed(elastic, max(comes[frame], comes[frame - 1] if frame else 0.0))
            frame += 1
        elastic.pop(FRAME, now)
        held.append(elastic.delay)
    assert (elastic.gaps, elastic.slips) == (0, 0)
    assert max(held[80 * 50 :]) == pytest.approx(max(held[:500]) + 0.01, abs=0.004)
    assert max(held[-500:]) <= max(held[:500]) + 0.003


def test_transfers_of_40_ms():
    """As some SIM7600 make them."""
    elastic, heard, delays = carry(30, -200, 200, transfer=2 * FRAME)
    assert (elastic.gaps, elastic.slips) == (0, 0)
    assert worst_snr(heard[8000:], TONE) >= 45
    assert delays.max() <= MOST


@pytest.mark.long
@pytest.mark.parametrize(("one", "other"), [(200, -200), (-200, 200)])
def test_ten_minutes(one, other):
    elastic, heard, delays = carry(600, one, other, jitter=0.001)
    assert (elastic.gaps, elastic.slips) == (0, 0)
    assert worst_snr(heard[8000:], TONE) >= 40
    assert delays.max() <= MOST


def feed(elastic, now, frames=1, value=0.1):
    for _ in range(frames):
        elastic.push(np.full(FRAME, value, np.float32), now)


def steady(elastic, now, steps):
    for _ in range(steps):
        now += 0.02
        feed(elastic, now)
        elastic.pop(FRAME, now)
    return now


def test_never_more_than_120_ms():
    elastic = Elastic()
    now = steady(elastic, 0.0, 50)
    feed(elastic, now + 0.02, 50)
    out = elastic.pop(FRAME, now + 0.02)
    assert elastic.slips >= 1
    assert elastic.delay <= MOST
    assert np.abs(np.diff(out)).max() < 0.01  # no click where some was left out


def test_nothing_comes():
    elastic = Elastic()
    now = steady(elastic, 0.0, 50)
    out = []
    for _ in range(25):
        now += 0.02
        out.append(elastic.pop(FRAME, now))
    assert elastic.gaps == 1  # counted once, however long
    assert np.abs(out[-1]).max() == 0
    assert np.abs(np.diff(np.concatenate(out))).max() < 0.01  # faded, not cut
    now = steady(elastic, now, 50)
    assert elastic.pop(FRAME, now + 0.02)[0] == pytest.approx(0.1, abs=0.01)


def test_before_anything_came():
    elastic = Elastic()
    assert not elastic.pop(FRAME, 1.0).any()
    assert elastic.gaps == 0


def test_what_comes_late_and_goes_late_loses_nothing():
    """As after a moment in which this machine did something else."""
    elastic = Elastic()
    now = steady(elastic, 0.0, 50) + 0.12
    feed(elastic, now, 6)
    for following in range(5, -1, -1):
        elastic.pop(FRAME, now, following)
    assert (elastic.gaps, elastic.slips) == (0, 0)


def test_what_came_before_anybody_asked_is_no_slip():
    """As while a modem still plays what it had when the bridge came up: it is left out, and nobody misses it."""
    elastic, now = Elastic(), 0.0
    for _ in range(9):
        now += 0.02
        feed(elastic, now)
    now = steady(elastic, now, 100)
    assert (elastic.gaps, elastic.slips) == (0, 0)
    assert elastic.delay <= 0.05


def test_what_had_piled_up_before_says_nothing_of_transfers():
    elastic = Elastic()
    feed(elastic, 0.0, 20)
    now = steady(elastic, 0.0, 100)
    assert elastic.delay <= 0.05
    assert now > 0
