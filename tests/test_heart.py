"""When the engine gives a sign of life, and when it must not."""

from dataclasses import dataclass, field

import pytest

from appliance.heart import OVERDUE, Heart


@dataclass
class Driver:
    idle: bool = True
    said: str = "ready"

    def state(self):
        return self.said


@dataclass
class Seat:
    name: str = "office"
    driver: Driver = field(default_factory=Driver)
    call: object | None = None
    due: float = float("inf")

    def deadline(self, now):
        return self.due


class Notifier:
    def __init__(self, watchdog=30.0):
        self.watchdog = watchdog
        self.said = []

    def say(self, *assignments):
        self.said += assignments

    @property
    def beats(self):
        return self.said.count("WATCHDOG=1")


@pytest.fixture
def notifier():
    return Notifier()


@pytest.fixture
def seat():
    return Seat()


@pytest.fixture
def heart(notifier, seat):
    return Heart(notifier, lambda: [seat])


def test_ready_once_after_the_first_turn(heart, notifier):
    assert notifier.said == []
    heart.beat(100.0)
    assert notifier.said == ["READY=1", "STATUS=1 ready", "WATCHDOG=1"]
    heart.beat(101.0)
    assert notifier.said.count("READY=1") == 1


def test_three_signs_of_life_in_the_time_allowed(heart, notifier):
    for tenth in range(600):
        heart.beat(tenth / 10)
    assert notifier.beats == 6


def test_none_where_none_is_wanted():
    notifier = Notifier(watchdog=None)
    heart = Heart(notifier, list)
    for second in range(100):
        heart.beat(float(second))
    assert notifier.said == ["READY=1", "STATUS=no lines set up"]


@pytest.mark.parametrize("state", ["down", "starting", "ready", "ringing", "in_call"])
def test_a_modem_in_trouble_is_no_reason_to_restart(heart, notifier, seat, state):
    seat.driver.said = state
    seat.due = 1000.5
    heart.beat(1000.0)
    assert notifier.beats == 1
    assert notifier.said[1] == f"STATUS=1 {state.replace('_', ' ')}"


def test_a_deadline_nobody_serves(heart, notifier, seat):
    seat.due = 100.0
    heart.beat(100.0 + OVERDUE)
    assert notifier.beats == 1
    heart.beat(140.0)
    assert notifier.beats == 1
    seat.due = 151.0
    heart.beat(150.0)
    assert notifier.beats == 2


def test_a_call_its_modem_no_longer_has(heart, notifier, seat):
    seat.call, seat.driver.idle = object(), False
    for second in range(0, 1000, 10):
        heart.beat(float(second))
    assert notifier.beats == 100
    seat.driver.idle = True
    for second in range(1000, 1200, 10):
        heart.beat(float(second))
    assert notifier.beats == 113  # those of the first 120 s
    seat.call = None
    heart.beat(1200.0)
    assert notifier.beats == 114


def test_status_changes_are_said_once_and_none_while_stopping(heart, notifier, seat):
    heart.beat(0.0)
    seat.driver.said = "in_call"
    heart.beat(0.1)
    heart.beat(0.2)
    heart.stopping()
    seat.driver.said = "down"
    heart.beat(20.0)
    assert [one for one in notifier.said if not one.startswith("WATCHDOG")] == [
        "READY=1", "STATUS=1 ready", "STATUS=1 in call", "STOPPING=1"
    ]  # fmt: skip
    assert notifier.beats == 2
