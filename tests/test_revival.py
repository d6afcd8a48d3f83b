"""A modem that hangs again and again: stronger means each time, and the power only while nobody talks."""

from appliance.core.errors import PortLost
from appliance.revival import RESET_FOR, Revival


class Wires:
    def __init__(self, log, path="/dev/ttyUSB0"):
        self.path, self.log = path, log

    def begin_reset(self):
        self.log.append("low")

    def end_reset(self):
        self.log.append("high")

    def close(self):
        self.log.append("closed")


class World:
    def __init__(self, there=True, switches=True):
        self.log, self.there, self.switches, self.over_at = [], there, switches, 0.0
        self.usb_power = self

    def open(self, path, baudrate):
        if not self.there:
            raise PortLost(path)
        return Wires(self.log)

    def cycle(self, path, now):
        self.log.append("off")
        self.over_at = now + 3
        return self.switches

    def tick(self, now):
        return now >= self.over_at


def hangs(revival, now=0.0, quiet=True):
    """It hangs; gives the seconds until its port may be opened."""
    revival.hung()
    begun = now
    while revival.step("/dev/ttyUSB0", 115200, now, quiet):
        now += 0.1
        assert now < begun + 30
    return now - begun


def test_each_time_by_stronger_means_and_from_the_beginning():
    world = World()
    revival = Revival(world)
    waits = [hangs(revival) for _ in range(4)]
    assert world.log == ["low", "high", "closed", "off"]
    assert waits[0] == 0 and RESET_FOR <= waits[1] < 1.5 and waits[2] >= 3 and waits[3] == 0


def test_one_that_came_back_begins_anew():
    world = World()
    revival = Revival(world)
    for _ in range(5):
        hangs(revival)
        revival.well()
    assert world.log == []


def test_no_power_is_cut_while_somebody_talks():
    world = World()
    revival = Revival(world)
    assert [hangs(revival, quiet=False) for _ in range(3)][2] == 0
    assert "off" not in world.log


def test_what_cannot_be_done_is_left_out():
    world = World(there=False, switches=False)
    revival = Revival(world)
    assert [hangs(revival) for _ in range(3)] == [0, 0, 0]
