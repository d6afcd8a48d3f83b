"""The fast world as an engine sees it."""

from datetime import timedelta

import pytest

from appliance.core.errors import PortLost, RufweicheError
from appliance.core.outside import Outside
from appliance.simulator.device import OtherDevice
from appliance.simulator.fast import FastWorld, Stalled
from appliance.simulator.module import GsmModule
from appliance.simulator.phones import Target

from .conftest import DESK, LINE

PATH = "/dev/ttyUSB0"


@pytest.fixture
def world():
    made = FastWorld()
    made.add(GsmModule(made.exchange, "office", LINE), PATH)
    return made


def test_it_is_an_outside(world):
    outside: Outside = world
    assert outside.now() == 1000.0 and outside.candidates() == [PATH]
    assert outside.wall().isoformat() == "2026-11-23T10:00:00+00:00"


def test_ports_are_exclusive_and_can_be_given_back(world):
    port = world.open(PATH, 115200)
    with pytest.raises(PortLost, match="in use"):
        world.open(PATH, 115200)
    with pytest.raises(PortLost, match="does not exist"):
        world.open("/dev/ttyUSB9", 115200)
    port.close()
    port.close()
    with pytest.raises(PortLost, match="closed"):
        port.read()
    assert world.open(PATH, 115200).write(b"AT\r") == 3


def test_waiting_ends_with_bytes_or_with_the_deadline(world):
    port = world.open(PATH, 115200)
    world.exchange.call(LINE, None)
    world.wait([port], 1000.5)
    assert (world.now(), port.read()) == (1000.5, b"")
    world.wait([port], None)
    assert (world.now(), port.read()) == (1001.0, b"\r\nRING\r\n")
    world.wait([], 1003.0)
    assert world.now() == 1003.0
    world.wait([], 1000.0)
    assert world.now() == 1003.0


def test_what_was_planned_happens_and_can_wake(world):
    seen = []
    world.at(1005, lambda: seen.append(world.now()))
    world.after(10, world.wake)
    world.wait([], 1100.0)
    assert (seen, world.now()) == ([1005], 1010)
    world.wait([], 1100.0)
    assert world.now() == 1100


def test_waiting_for_nothing_is_an_error(world):
    with pytest.raises(Stalled, match="nothing is due"):
        world.wait([world.open(PATH, 115200)], None)


def test_time_that_stands_still_is_an_error(world):
    with pytest.raises(Stalled, match="without any time passing"):
        for _ in range(200_000):
            world.wait([], world.now())


def test_the_wall_clock_jumps_alone(world):
    world.jump_wall(timedelta(days=400))
    assert world.wall().year == 2027 and world.now() == 1000.0


def test_pulling_the_plug_wakes_and_loses_the_port(world):
    port = world.open(PATH, 115200)
    world.at(1002, lambda: world.unplug(PATH))
    world.wait([port], 1060.0)
    assert world.now() == 1002
    with pytest.raises(PortLost):
        port.write(b"AT\r")
    port.close()
    module = GsmModule(world.exchange, "new", "+498954321")
    world.plug_in(module, PATH)
    world.open(PATH, 115200)


def test_other_devices_say_what_they_say(world):
    gps = world.add(OtherDevice(world.exchange, "gps", b"$GPGGA,,,\r\n", every=1.0), "/dev/ttyUSB1")
    mute = world.add(OtherDevice(world.exchange, "mute"), "/dev/ttyUSB2")
    port, dead = world.open("/dev/ttyUSB1", 9600), world.open("/dev/ttyUSB2", 9600)
    port.write(b"AT\r")
    dead.write(b"AT\r")
    world.wait([port, dead], None)
    assert (port.read(), dead.read(), bytes(gps.heard), bytes(mute.heard)) == (b"$GPGGA,,,\r\n", b"", b"AT\r", b"AT\r")
    world.unplug("/dev/ttyUSB1")
    world.wait([dead], world.now() + 5)
    assert world.candidates() == [PATH, "/dev/ttyUSB2"]


def play(calls):
    """A tiny engine that answers, holds, dials and transfers; returns what it read and the journal."""
    world = FastWorld()
    module = world.add(GsmModule(world.exchange, "office", LINE, "quectel"), PATH)
    world.exchange.set_target(Target(DESK, after=5, talks_for=10))
    port, said = world.open(PATH, 115200), b""
    for _ in range(calls):
        caller = world.exchange.call(LINE, "+493012345")
        for command, until in (("ATE0", b"RING"), ("ATA", b"OK"), ("AT+CHLD=2", b"OK"), (f"ATD{DESK};", b"OK")):
            port.write(command.encode() + b"\r")
            heard = port.read()
            while until not in heard:
                world.wait([port], world.now() + 30)
                heard += port.read()
            said += heard
        world.wait([], world.now() + 8)
        port.write(b"AT+CHLD=4\r")
        world.wait([], world.now() + 30)
        said += port.read()
        assert caller.heard == [LINE, DESK] and module.calls.entries == []
    return said, [str(entry) for entry in world.exchange.journal]


def test_the_same_play_twice_is_the_same():
    assert play(3) == play(3)


def test_five_hundred_calls():
    _, journal = play(500)
    assert sum("transfer" in line for line in journal) == 500


class Metronome:
    """A studio that wants to be pumped every half second, reads a lent port, and has news every so often."""

    def __init__(self, port=None, news_at=float("inf")):
        self.port, self.news_at = port, news_at
        self.pumped, self.heard, self.due, self.has_news = [], b"", 1000.5, False

    def pump(self, now):
        self.pumped.append(now)
        if self.port:
            self.heard += self.port.read()
        if now >= self.due:
            self.due = now + 0.5
        self.has_news = now >= self.news_at

    def deadline(self):
        return self.due


def test_without_a_studio_asking_for_one_is_an_error(world):
    with pytest.raises(RufweicheError, match="has no studio"):
        _ = world.studio


def test_a_studio_is_pumped_as_time_moves_and_its_news_end_a_wait(world):
    port = world.open(PATH, 115200)
    world.studio = studio = Metronome(port, news_at=1003.0)
    world.exchange.call(LINE, None)
    world.wait([], 1002.0)
    assert world.now() == 1002.0 and {1000.0, 1000.5, 1001.0, 1001.5} <= set(studio.pumped)
    assert studio.heard == b"\r\nRING\r\n"
    world.wait([], 1060.0)
    assert world.now() == 1003.0
    world.run_until(1010.0)
    assert studio.pumped[-1] == 1010.0 and 1009.5 in studio.pumped


def test_a_studio_that_never_has_enough_is_an_error(world):
    world.studio = studio = Metronome()
    studio.deadline = lambda: 1000.0
    with pytest.raises(Stalled, match="pumped again and again"):
        world.wait([], 1001.0)
