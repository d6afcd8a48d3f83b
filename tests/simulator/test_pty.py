"""Modules on pseudo-terminals. Time is scaled, so nothing here waits long."""

import os
import select
import termios
import time

import pytest

from appliance.core.errors import RufweicheError
from appliance.simulator.device import OtherDevice
from appliance.simulator.module import GsmModule
from appliance.simulator.network import Exchange
from appliance.simulator.pty import RealTimeHost

from .conftest import LINE


class Line:
    """The other end of a pseudo-terminal."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def write(self, data):
        os.write(self.fd, data)

    def read_until(self, end, seconds=5.0):
        data, limit = b"", time.monotonic() + seconds
        while end not in data and (left := limit - time.monotonic()) > 0:
            if select.select([self.fd], [], [], left)[0]:
                data += os.read(self.fd, 65536)
        return data

    def close(self):
        os.close(self.fd)


@pytest.fixture
def host(tmp_path):
    host = RealTimeHost(Exchange(), scale=20)
    host.add(GsmModule(host.exchange, "office", LINE), tmp_path / "office")
    with host:
        yield host
    assert not list(tmp_path.iterdir())


@pytest.fixture
def line(host, tmp_path):
    line = Line(tmp_path / "office")
    yield line
    line.close()


def test_commands_are_answered(line):
    line.write(b"AT")
    line.write(b"E0\rAT+CSQ\r")
    assert line.read_until(b"+CSQ: 21,99\r\n\r\nOK\r\n").startswith(b"ATE0\r\r\nOK\r\n")


def test_the_link_is_a_raw_terminal(host, line):
    attributes = termios.tcgetattr(line.fd)
    assert not attributes[3] & (termios.ECHO | termios.ICANON)


def test_calls_come_in_scaled_time(host, line):
    line.write(b"ATE0;+CLIP=1\r")
    line.read_until(b"OK\r\n")
    began = time.monotonic()
    caller = host.do(lambda: host.exchange.call(LINE, "+493012345"))
    said = line.read_until(b"RING")
    said += line.read_until(b"RING")
    assert said.count(b"RING") == 2
    assert 0.25 <= time.monotonic() - began < 2.5
    host.do(caller.hang_up)
    assert b"NO CARRIER" in line.read_until(b"NO CARRIER")


def test_the_plug_is_pulled_and_put_back(host, line, tmp_path):
    modem = host.modems["office"]
    host.do(modem.unplug)
    assert not (tmp_path / "office").is_symlink()
    with pytest.raises(OSError):
        os.write(line.fd, b"AT\r")
        os.read(line.fd, 10)
    host.do(modem.unplug)
    host.do(lambda: modem.plug_in("other"))
    again = Line(tmp_path / "other")
    assert b"RDY" in again.read_until(b"RDY\r\n")
    again.close()


def test_a_port_can_be_opened_again_and_again(host, tmp_path):
    for _ in range(5):
        line = Line(tmp_path / "office")
        line.write(b"AT\r")
        assert b"OK" in line.read_until(b"OK")
        line.close()


def test_a_host_that_does_not_read_stops_nothing(host, line):
    module = host.modems["office"].module
    host.do(lambda: module.emit(b"x" * 3_000_000))
    host.do(lambda: module.say("THE END"))
    line.write(b"ATE0\r")
    received = 0
    while data := line.read_until(b"x" * 65536, 0.3):
        received += len(data)
    assert 4096 < received < 3_000_000
    line.write(b"AT\r")
    assert b"OK" in line.read_until(b"OK")


def test_other_devices_have_ports_too(host, tmp_path):
    device = OtherDevice(host.exchange, "gps", b"$GPGGA\r\n")
    host.do(lambda: host.add(device, tmp_path / "gps"))
    line = Line(tmp_path / "gps")
    assert b"$GPGGA" in line.read_until(b"$GPGGA")
    line.close()


def test_do_returns_and_raises(host):
    assert host.do(lambda: 42) == 42
    with pytest.raises(ZeroDivisionError):
        host.do(lambda: 1 / 0)


def test_a_breakdown_is_told(host, caplog):
    host.do(lambda: host.exchange.agenda.after(0.01, lambda: 1 / 0))
    host._thread.join(5)
    with pytest.raises(RufweicheError, match="broke down"):
        host.do(lambda: 1)
    assert "broke down" in caplog.text


def test_an_exclusive_mark_can_be_dropped(host, line, tmp_path):
    import fcntl

    fcntl.ioctl(line.fd, termios.TIOCEXCL)
    host.do(host.modems["office"].release_lock)
    Line(tmp_path / "office").close()
