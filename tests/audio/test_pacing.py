"""How much a modem is sent when: what it has in hand, and what a late moment does to that."""

import pytest

from appliance.audio.pacing import LEAD, LEAD_PLAYING, MOST_LEAD, Pacer

FRAME, STEP = 160, 0.02


def run(pacer, seconds, now, frames=1):
    """Frames come as a modem records them, so many at once; how many were sent, and the moment after."""
    sent = 0
    for _ in range(round(seconds / (STEP * frames))):
        now += STEP * frames
        pacer.received(FRAME * frames, now)
        sent += pacer.take(now, FRAME)[0]
    return sent, now


def test_what_had_waited_before_the_opening_is_not_answered():
    """It would all be in the modem, ahead of whatever is sent, for as long as the stream lasts."""
    pacer = Pacer(receives=True, now=10.0)
    sent = pacer.take(10.0, FRAME)[0]
    pacer.received(FRAME * 25, 10.001)
    sent += pacer.take(10.001, FRAME)[0]
    assert sent == int((LEAD + STEP) / STEP)
    more, _ = run(pacer, 2.0, 10.001)
    assert sent + more == pytest.approx((2.0 + LEAD) / STEP, abs=1.5)


def test_what_comes_at_once_later_is_answered():
    """As after a moment in which this machine did something else: the modem has played as much meanwhile."""
    pacer = Pacer(receives=True, now=0.0)
    sent = pacer.take(0.0, FRAME)[0]
    more, now = run(pacer, 1.0, 0.0)
    pacer.received(3 * FRAME, now + 3 * STEP)
    frames, late = pacer.take(now + 3 * STEP, FRAME)
    assert (frames, late) == (3, False)
    assert sent + more + frames == int((1.0 + 3 * STEP + LEAD) / STEP)


def test_what_is_too_late_is_left_out():
    pacer = Pacer(receives=True, now=0.0)
    pacer.take(0.0, FRAME)
    _, now = run(pacer, 1.0, 0.0)
    pacer.received(15 * FRAME, now + 15 * STEP)
    frames, late = pacer.take(now + 15 * STEP, FRAME)
    assert late
    assert frames <= 3
    sent, _ = run(pacer, 1.0, now + 15 * STEP)
    assert sent == 50


@pytest.mark.parametrize("at_once", [1, 2])
def test_nobody_waits_for_an_answer_and_then_somebody_does(at_once):
    """What is in the modem, ahead of what is sent, is played; then it is little. And more again afterwards."""
    pacer = Pacer(receives=True, now=0.0, lead=LEAD_PLAYING)
    sent, now = pacer.take(0.0, FRAME)[0], 0.0
    assert sent == round(LEAD_PLAYING / STEP)
    more, now = run(pacer, 1.0, now, at_once)
    pacer.want(LEAD)
    less, now = run(pacer, 0.12, now, at_once)
    assert less == 0
    rest, now = run(pacer, 0.88, now, at_once)
    assert sent + more + rest == int((2.0 + LEAD) / STEP)
    pacer.want(LEAD_PLAYING)
    again, now = run(pacer, 1.0, now, at_once)
    assert sent + more + rest + again == round((3.0 + LEAD_PLAYING) / STEP)


def test_underruns_add_to_what_is_in_hand_while_it_is_little():
    pacer = Pacer(receives=True, now=0.0)
    for k in range(1, 20):
        pacer.underrun(float(k))
    assert pacer.lead == pytest.approx(MOST_LEAD, abs=STEP)
    unhurried = Pacer(receives=True, now=0.0, lead=LEAD_PLAYING)
    unhurried.underrun(1.0)
    assert unhurried.lead == LEAD_PLAYING


def test_underruns_told_together_are_one():
    pacer = Pacer(receives=True, now=0.0)
    for k in range(10):
        pacer.underrun(1.0 + 0.01 * k)
    assert pacer.lead == pytest.approx(LEAD + STEP)
