"""What the engine makes of clocks over a boot, and over the next one."""

from datetime import UTC, datetime, timedelta

import pytest

from appliance.store.database import Store
from appliance.store.writer import Writer
from appliance.timekeeper import ASK_FIRST, KEPT, Timekeeper, last_believed

BEFORE = datetime(2026, 12, 24, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class Box:
    """A box without a hardware clock; `wall` is its system clock."""

    def __init__(self, store):
        self.store = store
        self.writer = Writer(store)
        self.may_set = True
        self.boot("one", BEFORE)

    def boot(self, name, wall):
        self.now, self.wall, self.since, self.ntp, self.asked = 100.0, wall, 100.0, False, 0
        self.name = name
        self.start()

    def start(self):
        """The engine starts, again."""
        self.keeper = Timekeeper(self.store, self.writer, self, self.set, self.name)

    def set(self, at):
        if self.may_set:
            self.wall = at
        return self.may_set

    def run(self, seconds, busy=False):
        for _ in range(round(seconds)):
            self.now += 1
            self.wall += timedelta(seconds=1)
            self.asked += self.keeper.tick(self.now, self.wall, busy)
            self.writer.flush(self.now)
        return self.keeper.known(self.wall), self.keeper.shown()["by"]

    def up(self):
        return self.now - self.since

    def synchronised(self):
        return self.ntp

    def hardware_agrees(self, wall):
        return False


@pytest.fixture
def box(tmp_path):
    with Store.open(tmp_path, create=True) as store:
        yield Box(store)


def test_ntp(box):
    assert box.run(10) == (False, None)
    box.ntp = True
    assert box.run(6) == (True, "network")
    assert last_believed(box.store.kept(KEPT)) == BEFORE + timedelta(seconds=11)


def test_a_box_that_never_hears_of_the_time_believes_the_last_one_after_a_while(box):
    assert box.run(298) == (False, None)
    assert box.run(10) == (True, "last")


def test_the_mobile_network_is_asked_and_the_clock_set(box):
    box.run(1)
    assert box.asked == 1
    box.keeper.heard(BEFORE + DAY, box.now)
    assert box.run(6) == (True, "mobile")
    assert box.wall == BEFORE + DAY + timedelta(seconds=6)
    box.run(3600)
    assert box.asked == 1
    assert box.keeper.shown()["mobile"] == {"utc": "2026-12-25T10:00:00+00:00", "monotonic": 101.0}


def test_the_clock_is_not_set_during_a_call(box):
    box.run(1, busy=True)
    assert box.asked == 0
    box.keeper.heard(BEFORE + DAY, box.now)
    assert box.run(30, busy=True) == (False, None)
    assert box.run(2) == (True, "mobile")


def test_where_it_may_not_be_set_somebody_else_does(box):
    box.may_set = False
    box.keeper.heard(BEFORE + DAY, box.now)
    assert box.run(1000) == (False, None)  # known to be wrong
    box.wall += DAY
    assert box.run(10) == (True, "mobile")


def test_a_module_without_network_time_is_asked_again_and_never_believed(box):
    for _ in range(5):
        box.keeper.heard(datetime(1980, 1, 6, tzinfo=UTC), box.now)
        box.run(ASK_FIRST)
    assert box.asked == 5
    assert box.keeper.shown()["mobile"] is None
    assert box.wall == BEFORE + timedelta(seconds=300)


def test_after_a_power_cut_the_clock_goes_on_from_the_last_time_believed(box):
    box.ntp = True
    box.run(4000)  # it is kept every hour
    box.boot("two", datetime(1970, 1, 1, tzinfo=UTC))
    box.run(10)
    assert timedelta(seconds=3600) < box.wall - BEFORE < timedelta(seconds=4020)
    assert box.run(280) == (False, None)
    assert box.run(20) == (True, "last")


def test_an_engine_that_starts_anew_in_the_same_boot_need_not_learn_it_again(box):
    box.keeper.heard(BEFORE, box.now)
    assert box.run(10) == (True, "mobile")
    box.start()
    assert box.run(1) == (True, "mobile")
    box.boot("three", box.wall)
    assert box.run(10) == (False, None)


def test_a_simulated_world_has_no_clock_to_doubt(tmp_path, box):
    keeper = Timekeeper(box.store, box.writer)
    assert keeper.known(BEFORE)
    assert not keeper.known(datetime(1970, 1, 1, tzinfo=UTC))
    assert not keeper.tick(0.0, BEFORE, False)
    assert keeper.shown() == {"known": True, "by": None, "mobile": None}


@pytest.mark.parametrize("kept", ["", "{", "[]", "3", '{"at": 3}', '{"at": "2026-12-24"}', '{"boot": "one"}'])
def test_what_is_kept_and_cannot_be_read(box, kept):
    from appliance.store.changes import Keep

    box.store.write(Keep(KEPT, kept))
    box.start()
    assert box.run(2) == (False, None)
