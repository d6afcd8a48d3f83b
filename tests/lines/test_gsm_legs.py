"""Ghosts in the list of calls, and rings that may be noise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.at.replies import Leg, Stat
from appliance.lines.gsm_legs import RING_GAP, RINGS_STOPPED, LegList, Rings

CALLER = Leg(1, True, Stat.INCOMING, False, "+49301", 145)
STUCK = Leg(7, True, Stat.ACTIVE, False, "+49302", 145)
TARGET = Leg(2, False, Stat.ALERTING, False, "+49303", 145)


def test_parts():
    legs = LegList()
    legs.all = (CALLER, TARGET, Leg(3, True, Stat.WAITING, False, None, None))
    assert (legs.caller, legs.target, legs.waiting.id) == (CALLER, TARGET, 3)


def test_what_is_connected_while_it_only_rings_is_left_over():
    legs = LegList()
    assert legs.real((CALLER, STUCK), only_ringing=True) == (CALLER,)
    assert legs.real((CALLER, STUCK, TARGET), only_ringing=False) == (CALLER, TARGET)
    assert legs.real((CALLER,), only_ringing=False) == (CALLER,)
    assert legs.real((CALLER, STUCK), only_ringing=False) == (CALLER, STUCK), "once it was gone it is believed again"


def test_buried_ones_stay_buried_until_they_ring_alone():
    legs = LegList()
    legs.all = (CALLER,)
    assert legs.bury() == 1
    assert legs.real((CALLER,), only_ringing=False) == ()
    other = Leg(2, True, Stat.INCOMING, False, "+49305", 145)
    assert legs.real((CALLER, other), only_ringing=True) == (other,)
    assert legs.real((CALLER,), only_ringing=True) == (CALLER,)


def test_one_ring_needs_proof():
    rings = Rings()
    rings.begin(0.0)
    assert rings.ring(0.0) == 0
    assert rings.prove() == 1
    assert rings.prove() == 0
    assert rings.ring(5.0) == 1


def test_two_rings_prove_each_other():
    rings = Rings()
    rings.begin(0.0)
    assert [rings.ring(at) for at in (0.0, 5.0, 10.0)] == [0, 2, 1]


@pytest.mark.parametrize(("gap", "counted"), [(0.2, 1), (RING_GAP - 0.01, 1), (RING_GAP, 2), (5.0, 2)])
def test_rings_close_together_are_one(gap, counted):
    rings = Rings()
    rings.begin(0.0)
    rings.prove()
    assert rings.ring(0.0) + rings.ring(gap) == counted


def test_over_when_it_stops():
    rings = Rings()
    rings.begin(0.0)
    rings.ring(3.0)
    assert rings.over_at == 3.0 + RINGS_STOPPED


@given(st.lists(st.floats(0.0, 12.0), min_size=1, max_size=40))
def test_no_ring_is_lost_and_none_invented(gaps):
    rings = Rings()
    now = 0.0
    rings.begin(now)
    counted, expected, last = 0, 0, None
    for gap in gaps:
        now += gap
        counted += rings.ring(now)
        if last is None or now - last >= RING_GAP:
            expected, last = expected + 1, now
    assert counted + rings.prove() == expected


def test_what_rings_after_the_answer_is_another_caller():
    """Right after a successful CHLD=4 the list may hold somebody who rings: the call that was handed on is gone."""
    legs = LegList()
    legs.all = (CALLER,)
    assert legs.caller is not None and legs.ours
    legs.answered = True
    assert legs.caller is None and not legs.ours
