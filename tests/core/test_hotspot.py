"""When the hotspot opens and closes, and the address is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.hotspot import (
    ASKED_FOR,
    DAY,
    GUESTS_HOLD,
    OPEN_AFTER,
    SETTLED,
    TRY_AGAIN_AFTER,
    TRY_FOR,
    Do,
    Hotspot,
    Picture,
)

HOME = ("192.168.178.20",)


class Radio:
    """NetworkManager, as far as a hotspot goes: what it is told to do is done at once."""

    def __init__(self, told=(), **more):
        self.now, self.done, self.is_open = 0.0, [], False
        self.more = {"has_radio": True, **more}
        self.hotspot = Hotspot(self.now, told)

    def run(self, seconds, **more):
        self.more |= more
        self.done = []
        until = self.now + seconds
        while self.now < until:
            for do in self.hotspot.look(Picture(is_open=self.is_open, **self.more), self.now):
                if do in (Do.OPEN, Do.CLOSE):
                    assert self.is_open is (do is Do.CLOSE)
                    self.is_open = do is Do.OPEN
                self.done.append(do)
            self.now += 1.0
        return self.done


def test_without_a_network_it_opens_after_a_minute_and_stays():
    radio = Radio()
    assert radio.run(OPEN_AFTER) == []
    assert radio.run(2) == [Do.OPEN]
    assert radio.run(DAY / 4) == []


def test_gone_when_there_is_a_network():
    radio = Radio()
    radio.run(OPEN_AFTER + 5)
    assert radio.run(5, addresses=HOME) == [Do.CLOSE]
    assert radio.run(SETTLED) == [Do.TELL]
    assert radio.run(1000) == []
    assert radio.run(OPEN_AFTER - 1, addresses=()) == []
    assert radio.run(3) == [Do.OPEN]


def test_the_minute_begins_when_the_network_goes_however_long_ago_it_was_looked_at():
    hotspot, there, gone = Hotspot(0.0, HOME), Picture(addresses=HOME, has_radio=True), Picture(has_radio=True)
    hotspot.look(there, SETTLED + 1)
    assert hotspot.look(gone, 5000.0) == []
    assert hotspot.deadline(5000.0) == 5000.0 + min(SETTLED, OPEN_AFTER)
    assert hotspot.look(gone, 5000.0 + OPEN_AFTER - 1) == []
    assert hotspot.look(gone, 5000.0 + OPEN_AFTER) == [Do.OPEN]


def test_a_short_gap_opens_nothing():
    radio = Radio(addresses=HOME, told=HOME)
    for _ in range(10):
        assert Do.OPEN not in radio.run(30, addresses=())
        assert Do.OPEN not in radio.run(30, addresses=HOME)


def test_known_networks_get_another_chance_unless_there_are_guests():
    radio = Radio(knows_networks=True)
    radio.run(OPEN_AFTER + 2)
    assert radio.run(TRY_AGAIN_AFTER) == [Do.CLOSE]
    assert radio.run(TRY_FOR) == [Do.OPEN]
    assert radio.run(GUESTS_HOLD - 10, guests=1) == []
    assert radio.run(5, guests=0) == [Do.CLOSE]


def test_a_guest_who_never_goes_keeps_the_box_out_of_its_wifi_for_a_while_only():
    radio = Radio(knows_networks=True)
    radio.run(OPEN_AFTER + 2)
    for _ in range(3):  # he comes back each time
        assert radio.run(GUESTS_HOLD - 1, guests=1) == []
        assert radio.run(3) == [Do.CLOSE]
        assert radio.run(TRY_FOR, guests=0) == [Do.OPEN]


def test_whoever_comes_late_has_as_long_as_who_came_at_once():
    radio = Radio(knows_networks=True)
    radio.run(OPEN_AFTER + 2)
    radio.run(TRY_AGAIN_AFTER - 20)
    assert radio.run(GUESTS_HOLD - 1, guests=1) == []
    assert radio.run(2) == [Do.CLOSE]


def test_asked_for_just_now_it_stays_though_a_guest_was_long_there():
    radio = Radio(knows_networks=True)
    radio.run(OPEN_AFTER + 2)
    radio.run(GUESTS_HOLD - 20, guests=1)
    radio.hotspot.ask(radio.now)
    assert radio.run(ASKED_FOR - 1) == []
    assert radio.run(2) == [Do.CLOSE]


def test_nobody_is_sent_away_where_no_other_network_is_known():
    radio = Radio()
    radio.run(OPEN_AFTER + 2)
    assert radio.run(10 * GUESTS_HOLD, guests=1) == []


def test_it_is_looked_at_when_a_guest_has_had_his_time():
    hotspot, there = Hotspot(0.0), Picture(has_radio=True, is_open=True, guests=1, knows_networks=True)
    hotspot.look(there, 1000.0)
    assert hotspot.deadline(1100.0) == 1000.0 + GUESTS_HOLD
    assert hotspot.look(there, 1000.0 + GUESTS_HOLD) == [Do.CLOSE]


@pytest.mark.parametrize("more", [{"has_radio": False}, {"radio_in_use": True}])
def test_without_a_free_radio_there_is_none(more):
    radio = Radio(**more)
    radio.hotspot.ask(0.0)
    assert radio.run(1000) == []


def test_a_hotspot_that_does_not_come_up_is_tried_again_each_minute():
    """Sooner the radio would never have the time to join a network."""
    hotspot = Hotspot(0.0)
    opened = [now for now in range(0, 400, 5) if hotspot.look(Picture(has_radio=True, knows_networks=True), now)]
    assert opened == [60, 120, 180, 240, 300, 360]


def test_asked_for_beside_a_cable():
    radio = Radio(addresses=HOME, told=HOME)
    assert radio.run(100) == [Do.NOTE]
    radio.hotspot.ask(radio.now)
    assert radio.run(5) == [Do.OPEN, Do.TELL]
    assert radio.run(ASKED_FOR - 10) == []
    assert radio.run(10) == [Do.CLOSE]


def test_asked_for_by_somebody_who_joins_it_does_not_vanish():
    radio = Radio(addresses=HOME, told=HOME)
    radio.hotspot.ask(0.0)
    radio.run(10)
    assert radio.run(3 * ASKED_FOR, guests=1) == []
    assert radio.run(2, guests=0) == [Do.CLOSE]


def test_the_address_is_told_once_it_has_stayed():
    radio = Radio(addresses=HOME)
    assert radio.run(SETTLED) == []
    assert radio.run(2) == [Do.TELL]
    assert radio.run(DAY) == []
    assert radio.run(SETTLED + 2, addresses=("10.0.0.7",)) == [Do.TELL]


def test_the_address_of_the_last_life_is_not_told_again():
    assert Radio(addresses=HOME, told=HOME).run(DAY) == [Do.NOTE]


def test_a_router_that_gives_another_address_every_hour_costs_no_fortune():
    radio = Radio()
    told = sum(radio.run(3600, addresses=(f"10.0.0.{hour}",)).count(Do.TELL) for hour in range(24))
    assert told == 3


pictures = st.builds(
    Picture,
    addresses=st.sampled_from([(), HOME, ("10.0.0.7",)]),
    has_radio=st.booleans(),
    radio_in_use=st.booleans(),
    is_open=st.booleans(),
    guests=st.integers(0, 2),
    knows_networks=st.booleans(),
)


@given(st.lists(st.tuples(pictures, st.floats(0, 2000), st.booleans())))
def test_whatever_is_seen(events):
    """Opened only where it can be, closed only where it is, nothing told without an address, at most three a day."""
    hotspot, now, texts = Hotspot(0.0), 0.0, []
    for picture, after, asked in events:
        now += after
        if asked:
            hotspot.ask(now)
        for do in hotspot.look(picture, now):
            if do is Do.OPEN:
                assert picture.has_radio and not picture.radio_in_use and not picture.is_open
            elif do is Do.CLOSE:
                assert picture.is_open and (not picture.guests or picture.knows_networks)
            else:
                assert picture.addresses
                texts += [now] if do is Do.TELL else []
        assert hotspot.deadline(now) > now
    assert all(later - earlier >= DAY for earlier, later in zip(texts, texts[3:], strict=False))
