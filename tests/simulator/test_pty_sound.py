"""Sound over pseudo-terminals, in real time."""

import os
import select
import termios
import time
import tty

import pytest

from appliance.simulator.analog import AnalogModem
from appliance.simulator.codings import CODINGS
from appliance.simulator.ears import tone_level
from appliance.simulator.module import GsmModule
from appliance.simulator.network import Exchange
from appliance.simulator.phones import Target
from appliance.simulator.pty import RealTimeHost
from appliance.simulator.sounds import Tone
from appliance.simulator.subscriberline import SubscriberLine

from .exchange_hall import CALLER, DESK, LINE

STICK = "+4915199999998"


class Terminal:
    """The other end of a pseudo-terminal, at a speed."""

    def __init__(self, path, speed=termios.B115200):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self.fd)
        self.set_speed(speed)

    def set_speed(self, speed):
        attributes = termios.tcgetattr(self.fd)
        attributes[4] = attributes[5] = speed
        termios.tcsetattr(self.fd, termios.TCSANOW, attributes)

    def type(self, command, end=b"OK\r\n", seconds=5.0):
        os.write(self.fd, command.encode() + b"\r")
        return self.until(end, seconds)

    def until(self, end, seconds=5.0):
        data, limit = b"", time.monotonic() + seconds
        while end not in data and (left := limit - time.monotonic()) > 0:
            if select.select([self.fd], [], [], left)[0]:
                data += os.read(self.fd, 65536)
        return data

    def read(self):
        return os.read(self.fd, 65536) if select.select([self.fd], [], [], 0)[0] else b""

    def write(self, data):
        try:
            return os.write(self.fd, data)
        except BlockingIOError:
            return 0


def loudest(samples, frequency):
    """Level of a tone in the best 50 ms: a busy machine may make gaps elsewhere."""
    return max(tone_level(samples[k : k + 400], frequency) for k in range(0, len(samples) - 399, 400))


@pytest.fixture
def hall(tmp_path):
    host = RealTimeHost(Exchange(setup_seconds=0.2))
    host.line = SubscriberLine(host.exchange, LINE)
    host.modem = AnalogModem(host.line, "modem")
    host.stick = GsmModule(host.exchange, "stick", STICK, "simcom")
    for device, name in ((host.modem, "modem"), (host.stick, "stick"), (host.stick.audio.port, "sound")):
        host.add(device, tmp_path / name)
    host.exchange.set_target(Target(DESK, after=0.2, talks_for=None, says=Tone((600.0,), -12.0)))
    with host:
        host.terminals = {name: Terminal(tmp_path / name) for name in ("modem", "stick", "sound")}
        yield host
        for terminal in host.terminals.values():
            os.close(terminal.fd)


def test_a_landline_and_a_mobile_with_a_wire_between_them(hall):
    modem, stick, sound = hall.terminals.values()
    modem.type("ATE0")
    caller = hall.do(lambda: hall.exchange.call(LINE, CALLER, talks_for=None))
    caller.says = Tone((1000.0,), -12.0)
    ears = caller.listen(), hall.exchange.phones[DESK].listen()
    assert b"RING" in modem.until(b"RING")
    for command in ("AT+FCLASS=8", "AT+VSM=1,8000", "AT+VLS=1"):
        modem.type(command)
    stick.type(f"ATE0D{DESK};")
    stick.until(b"VOICE CALL: BEGIN")
    stick.type("AT+CPCMREG=1")
    modem.type("AT+VTR", b"CONNECT\r\n")
    until = time.monotonic() + 2.0
    pending = b""
    while time.monotonic() < until:
        select.select([modem.fd, sound.fd], [], [], 0.1)
        octets = modem.read().replace(b"\x10\x10", b"\x10")
        if octets:
            sound.write(CODINGS["s16le"].encode(CODINGS["u8"].decode(octets)))
        pending += CODINGS["u8"].encode(CODINGS["s16le"].decode(sound.read())).replace(b"\x10", b"\x10\x10")
        pending = pending[modem.write(pending) :]
    heard_there, heard_here = hall.do(lambda: (list(ears[1].last(1.0)), list(ears[0].last(1.0))))
    assert loudest(heard_there, 1000.0) == pytest.approx(-15.0, abs=1.0)
    assert loudest(heard_here, 600.0) == pytest.approx(-15.0, abs=1.0)
    modem.write(b"\x10^")
    assert b"\x10\x03\r\nOK\r\n" in modem.until(b"OK\r\n")
    modem.type("ATH")
    assert not hall.do(lambda: hall.line.in_use)


def test_the_speed_the_host_has_set_is_seen(hall):
    modem = hall.terminals["modem"]
    modem.type("ATE0")
    assert hall.modem.baudrate == 115200
    hall.do(lambda: setattr(hall.modem.faults, "fixed_baud", 57600))
    assert b"OK" not in modem.type("AT", seconds=0.3)
    modem.set_speed(termios.B57600)
    modem.type("", seconds=0.2)
    assert b"OK" in modem.type("AT")


def test_speed_zero_is_dtr_low(hall):
    modem = hall.terminals["modem"]
    modem.type("ATE0")
    hall.do(lambda: setattr(hall.modem.faults, "wedged", "dtr"))
    assert b"OK" not in modem.type("AT", seconds=0.3)
    modem.set_speed(termios.B0)
    modem.type("", seconds=0.2)
    modem.set_speed(termios.B115200)
    assert b"OK" in modem.type("AT")


def test_closing_the_port_drops_dtr(hall, tmp_path):
    hall.terminals["modem"].type("ATE0")
    hall.do(lambda: setattr(hall.modem.faults, "wedged", "dtr"))
    assert b"OK" not in hall.terminals["modem"].type("AT", seconds=0.3)
    os.close(hall.terminals["modem"].fd)
    again = hall.terminals["modem"] = Terminal(tmp_path / "modem")
    assert b"OK" in again.type("AT")


def test_a_modem_that_obeys_dtr_hangs_up_when_its_program_dies(hall, tmp_path):
    hall.modem.obeys_dtr = True
    modem = hall.terminals["modem"]
    modem.type("ATE0X3DT0301111111;", seconds=8.0)
    second = Terminal(tmp_path / "modem")
    os.close(second.fd)
    assert hall.do(lambda: hall.line.in_use)
    os.close(modem.fd)
    until = time.monotonic() + 2.0
    while hall.do(lambda: hall.line.in_use) and time.monotonic() < until:
        select.select([], [], [], 0.02)
    assert not hall.do(lambda: hall.line.in_use)
    hall.terminals["modem"] = Terminal(tmp_path / "modem")
