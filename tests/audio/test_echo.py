"""The echo of a two-wire line, and what is left of it."""

import logging

import numpy as np
import pyaec
import pytest

from appliance.audio import echo
from appliance.audio.coding import FRAME, decode, encode, level, to_16_bit
from appliance.audio.echo import Canceller
from tests.audio.desks import syllables, tone

LEAD = 2 * FRAME


def hybrid(delay, loss, seed=3):
    """A path that returns what is sent `loss` dB quieter, spread over some 6 ms (as G.168's), after a delay."""
    at = np.arange(64)
    spread = np.random.default_rng(seed).standard_normal(64) * np.exp(-at / 8)
    path = np.zeros(delay + 64)
    path[delay:] = spread / np.sqrt(np.sum(spread**2)) * 10 ** (-loss / 20)
    return path


def talk(sent, path, near=None, coding="u8", lost=0):
    """Send it over the line; what is left of what comes back. `lost`: of that, at the beginning."""
    canceller = Canceller()
    sent = np.concatenate((np.zeros(LEAD), sent)).astype(np.float32)
    came = (
        np.convolve(sent, path)[: len(sent) - LEAD] + np.random.default_rng(1).standard_normal(len(sent) - LEAD) * 3e-4
    )
    if near is not None:
        came[: len(near)] += near[: len(came)]
    came = decode(encode(came[lost:].astype(np.float32), coding), coding)
    left = []
    canceller.sent(sent[:FRAME])
    canceller.sent(sent[FRAME:LEAD])
    for at in range(0, len(came) - FRAME + 1, FRAME):
        left.append(canceller.clean(came[at : at + FRAME]))
        canceller.sent(sent[LEAD + at : LEAD + at + FRAME])
    return canceller, np.concatenate(left)


def returned(sent, left, begin, end):
    """dB by which what comes back is below what was sent, between two seconds."""
    between = slice(round(begin * 8000), round(end * 8000))
    return level(sent[between].astype(np.float32)) - level(left[between])


SPEECH = syllables(6, 2, dbfs=-15)


@pytest.mark.parametrize("delay", [0, 40, 300, 1200, 3000])
@pytest.mark.parametrize("loss", [6, 12])
@pytest.mark.parametrize("coding", ["u8", "s16le"])
def test_one_side_talks(delay, loss, coding):
    canceller, left = talk(SPEECH, hybrid(delay, loss), coding=coding)
    assert canceller.trusted
    assert returned(SPEECH, left, 1.0 + delay / 8000, 2.0) >= 30
    assert returned(SPEECH, left, 2.0, 6.0) >= 33


@pytest.mark.parametrize("what", [tone(1000, 4, 0.25), np.random.default_rng(4).standard_normal(32_000) * 0.15])
def test_a_tone_and_noise(what):
    _, left = talk(what, hybrid(300, 8))
    assert returned(what, left, 1.0, 4.0) >= 35


def test_speech_after_a_tone():
    """A tone may be taken for any of its periods; speech then shows the true delay."""
    sent = np.concatenate((tone(1000, 2, 0.25), SPEECH))
    _, left = talk(sent, hybrid(700, 8))
    assert returned(sent, left, 4.0, 7.5) >= 30


def high_passed(near):
    """What the canceller makes of a voice alone: nothing but a cut below the telephone's band."""
    canceller = pyaec.Aec(FRAME, 320, 8000, False)
    frames = to_16_bit(near.astype(np.float32))[: len(near) // FRAME * FRAME].reshape(-1, FRAME)
    heard = [canceller.cancel_echo(frame.tolist(), [0] * FRAME) for frame in frames]
    return (np.concatenate(heard) / 32768).astype(np.float32)


@pytest.mark.parametrize("lost", [20, 108, 159])
def test_where_what_came_first_was_lost(lost):
    """Then what comes back seems to come before it was sent."""
    _, left = talk(SPEECH, hybrid(0, 12), lost=lost)
    assert returned(SPEECH[lost:], left, 1.0, 2.0) >= 30
    assert returned(SPEECH[lost:], left, 2.0, 5.9) >= 33


def test_both_talk():
    near = syllables(6, 9, dbfs=-15)
    near[: 2 * 8000] = 0
    _, left = talk(SPEECH, hybrid(300, 8), near, "s16le")
    both = slice(3 * 8000, 6 * 8000 - 800)
    alone = high_passed(near)
    damage = level(left[both] - alone[both]) - level(alone[both])
    assert damage <= -20  # the other side is understood well
    assert returned(SPEECH, left, 1.0, 2.0) >= 30


def test_who_is_alone_is_left_as_he_is():
    near = syllables(3, 9, dbfs=-30)
    _, left = talk(np.zeros(24_000), hybrid(300, 8), near, "s16le")
    assert level(left - near[: len(left)]) < -60


def test_the_delay_changes():
    """As after an underrun of the modem."""
    canceller = Canceller()
    sent = np.concatenate((np.zeros(LEAD), syllables(10, 2, dbfs=-15))).astype(np.float32)
    early, late = (np.convolve(sent, hybrid(delay, 8)) for delay in (300, 620))
    came = np.concatenate((early[:40_000], late[40_000:])).astype(np.float32)
    left = []
    canceller.sent(sent[:FRAME])
    canceller.sent(sent[FRAME:LEAD])
    for at in range(0, len(sent) - LEAD - FRAME, FRAME):
        left.append(canceller.clean(came[at : at + FRAME]))
        canceller.sent(sent[LEAD + at : LEAD + at + FRAME])
    left = np.concatenate(left)
    assert returned(sent, left, 2, 4.9) >= 33
    assert returned(sent, left, 7.5, 9.9) >= 30


def test_without_the_library_sound_passes_and_that_is_said_once(monkeypatch, caplog):
    monkeypatch.setitem(__import__("sys").modules, "pyaec", None)
    echo._library.cache_clear()
    try:
        with caplog.at_level(logging.WARNING):
            cancellers = [Canceller(), Canceller()]
        assert caplog.text.count("no echo is cancelled") == 1
        frame = tone(1000, 0.02)
        for each in cancellers:
            assert not each.able
            each.sent(frame)
            np.testing.assert_array_equal(each.clean(frame), frame)
    finally:
        echo._library.cache_clear()
