"""Which ports the scout keeps off."""

from types import SimpleNamespace

import pytest

from appliance.core.errors import PortLost
from appliance.core.settings_check import check_file
from appliance.scout import SETTLED, Scout
from tests.core.settings_sample import SMALL

SETTINGS = check_file(SMALL.encode()).settings  # its line names /dev/ttyUSB0


class Ports:
    """Stands for the world; notes what is opened, and nothing can be."""

    def __init__(self, *there):
        self.there, self.opened = list(there), []

    def candidates(self):
        return self.there

    def open(self, path, baudrate):
        self.opened.append(path)
        raise PortLost(path)


def seat(port=None, busy=False):
    return SimpleNamespace(port=port, open_port=port, busy=busy)


def run(ports, settings, seats, seconds=60):
    scout = Scout(ports)
    for now in range(seconds):
        scout.work(float(now), settings, seats)
    return scout


def test_a_port_that_a_line_names_is_never_opened_also_while_nobody_has_it():
    ports = Ports("/dev/ttyUSB0", "/dev/ttyUSB1")
    run(ports, SETTINGS, [seat()])
    assert set(ports.opened) == {"/dev/ttyUSB1"}


def test_nor_one_that_is_in_use():
    ports = Ports("/dev/ttyUSB1")
    run(ports, SETTINGS, [seat(), seat(SimpleNamespace(path="/dev/ttyUSB1"))])
    assert ports.opened == []


@pytest.mark.parametrize("seats", [[seat(SimpleNamespace(path="/dev/a"))], [seat(busy=True)]])
def test_none_while_nothing_is_missing_or_a_call_is_on(seats):
    ports = Ports("/dev/ttyUSB1")
    scout = run(ports, SETTINGS, seats)
    assert ports.opened == []
    assert scout.deadline() == float("inf")


def test_a_line_that_seeks_its_modem_goes_first():
    ports = Ports("/dev/ttyUSB1")
    run(ports, SETTINGS, [seat()], round(SETTLED))
    assert ports.opened == []
    run(ports, None, [], 1)
    assert ports.opened == ["/dev/ttyUSB1"]


def test_a_port_that_cannot_be_opened_is_tried_again_later():
    ports = Ports("/dev/ttyUSB1", "/dev/ttyUSB2")
    scout = run(ports, None, [], 5)
    assert ports.opened == ["/dev/ttyUSB1", "/dev/ttyUSB2"]
    assert not scout.is_looking
    assert scout.found() == []
