"""Serial ports and waiting, on real pseudo-terminals."""

import os
import tty

import pytest

from appliance.core.errors import PortLost
from appliance.ports import clock
from appliance.ports.serialport import SerialPort
from appliance.ports.world import RealWorld, _likelihood


@pytest.fixture
def pair():
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    for fd in (master, slave):
        try:
            os.close(fd)
        except OSError:
            continue  # the test has closed it


@pytest.fixture
def world():
    world = RealWorld()
    yield world
    world.close()


def test_bytes_both_ways(pair, world):
    master, path = pair
    port = world.open(path, 115200)
    assert port.read() == b""
    assert port.write(b"AT\r") == 3
    assert os.read(master, 10) == b"AT\r"
    os.write(master, b"\r\nOK\r\n\xff\0")
    world.wait([port], world.now() + 5)
    assert port.read() == b"\r\nOK\r\n\xff\0"
    port.close()
    port.close()


def test_a_port_is_ours_alone(pair):
    port = SerialPort(pair[1], 115200)
    with pytest.raises(PortLost) as lost:
        SerialPort(pair[1], 115200)
    assert lost.value.problem == "port_busy"
    port.close()
    SerialPort(pair[1], 115200).close()


@pytest.mark.parametrize("what", ["missing", "file", "folder", "dangling"])
def test_what_is_no_port(tmp_path, what):
    path = tmp_path / "modem"
    if what == "file":
        path.write_text("no tty")
    elif what == "folder":
        path.mkdir()
    elif what == "dangling":
        path.symlink_to(tmp_path / "gone")
    with pytest.raises(PortLost) as lost:
        SerialPort(str(path), 115200)
    assert lost.value.problem in ("port_missing", "port_busy")


def test_unplugged(pair, world):
    master, path = pair
    port = world.open(path, 115200)
    os.close(master)
    world.wait([port], world.now() + 5)
    with pytest.raises(PortLost) as lost:
        port.read()
    assert lost.value.problem == "unplugged"
    port.close()


def test_what_was_said_before_unplugging_is_still_read(pair, world):
    master, path = pair
    port = world.open(path, 115200)
    os.write(master, b"RING\r\n")
    world.wait([port], world.now() + 5)
    assert port.read() == b"RING\r\n"
    port.close()


def test_waiting_ends_at_its_time(world):
    began = clock.monotonic()
    world.wait([], began + 0.05)
    assert 0.05 <= clock.monotonic() - began < 1.0


def test_waiting_ends_when_somebody_calls(world):
    os.write(world.wake_fd, b"!")
    began = clock.monotonic()
    world.wait([], began + 5)
    assert clock.monotonic() - began < 1.0


def test_candidates_by_likelihood(tmp_path):
    names = ["usb-HUAWEI-if00-port0", "usb-HUAWEI-if02-port0", "usb-a-nothing", "usb-SimTech-if03-port0"]
    ordered = sorted((tmp_path / name for name in names), key=_likelihood)
    assert ordered[0].name.endswith("if02-port0")
    assert ordered[-1].name == "usb-a-nothing"


def test_clocks():
    assert clock.wall().tzinfo is not None
    assert clock.monotonic() <= clock.monotonic()
    assert isinstance(clock.boot_id(), str)


def test_hanging_up_the_wires_never_fails(pair):
    port = SerialPort(pair[1], 115200)
    os.write(pair[0], b"garbage")
    port.begin_reset()
    port.end_reset()
    assert port.read() == b""
    port.close()
    port.begin_reset()
    port.end_reset()
