"""The studio's process: ports lent and taken back, sound over real pseudo-terminals, and what is left when it dies."""

import os
import select
import signal
import struct
import time
import tty
from itertools import count
from math import pi, sin
from pathlib import Path
from random import Random

import pytest

from appliance.audio.stream import SOUNDLESS
from appliance.core import sound
from appliance.ports.serialport import SerialPort
from appliance.ports.world import RealWorld

PLAIN = sound.Stream("s16le", apart=True)
SHIELDED = sound.Stream("u8", shielded=True, end=b"\x10^")
LISTENING = sound.Stream("u8", sends=False, shielded=True, end=b"\x10!")
PATIENCE = 15.0


class Modem:
    """A pseudo-terminal; what the studio sends is read at the other end."""

    def __init__(self):
        self.master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(self.master, False)
        self.path = os.ttyname(slave)
        self._slave = slave
        self.port = SerialPort(self.path, 115200)

    def say(self, data):
        """A terminal is full for a moment where this machine is busy with other things."""
        while data:
            _, ready, _ = select.select([], [self.master], [], PATIENCE)
            assert ready, "the studio reads no more"
            try:
                data = data[os.write(self.master, data) :]
            except BlockingIOError:
                continue

    def heard(self):
        try:
            return os.read(self.master, 65536)
        except BlockingIOError:
            return b""

    def close(self):
        self.port.close()
        for fd in (self.master, self._slave):
            try:
                os.close(fd)
            except OSError:
                continue


@pytest.fixture
def world():
    world = RealWorld()
    yield world
    world.close()


@pytest.fixture
def modem():
    modem = Modem()
    yield modem
    modem.close()


def until(world, true, modem=None, say=b"", patience=PATIENCE):
    """Let the world go on until something holds; returns all events. `say`: what the modem says every 20 ms."""
    events = []
    end = world.now() + patience
    while world.now() < end:
        if modem and say:
            modem.say(say)
        world.wait([], world.now() + 0.02)
        events += world.studio.take_events()
        if true(events):
            return events
    raise AssertionError(f"waited in vain: {events}")


def names(events):
    return [type(event).__name__ for _, event in events]


def test_a_port_is_lent_and_taken_back(world, modem):
    world.studio.wish("office", sound.Open(SHIELDED), modem.port)
    got = bytearray()

    def sounds(_):
        got.extend(modem.heard())
        return len(got) > 1600

    until(world, sounds, modem, b"\x80" * 160)
    assert set(got) <= {0x80}
    world.studio.wish("office", sound.Close())
    got.clear()
    until(world, lambda _: b"\x10^" in (got.extend(modem.heard()) or got))
    modem.say(b"\x80\x10\x03\r\nOK\r\n")
    events = until(world, lambda events: "StreamEnded" in names(events))
    assert events[-1] == ("office", sound.StreamEnded("asked", b"\r\nOK\r\n"))
    modem.say(b"\r\nRING\r\n")
    time.sleep(0.05)
    assert modem.port.read() == b"\r\nRING\r\n"
    assert modem.port.write(b"AT\r") == 3
    assert b"AT\r" in modem.heard()


def test_what_is_heard_comes_in_time(world, modem):
    """Busy, in real time: told by a wake-up of `wait`, not by looking."""
    world.studio.wish("office", sound.Open(PLAIN), modem.port)
    frames = busy()
    events = []
    began = world.now()
    while world.now() < began + PATIENCE and not any(isinstance(e, sound.Heard) and e.count >= 3 for _, e in events):
        modem.say(next(frames))
        modem.heard()
        world.wait([], world.now() + 0.02)
        events += world.studio.take_events()
    assert ("office", sound.Heard("busy", count=3, seconds=2.4)) in events


def busy():
    at = 0
    while True:
        on = at % 7680 < 3840
        yield b"".join(
            struct.pack("<h", int(8000 * sin(2 * pi * 425 * (at + k) / 8000)) if on else 0) for k in range(160)
        )
        at += 160


def test_a_crash_gives_both_lines_back_and_the_next_stream_finds_a_new_studio(world, modem):
    other = Modem()
    try:
        for line, each in (("a", modem), ("b", other)):
            world.studio.wish(line, sound.Open(PLAIN), each.port)
        world.studio.wish("a", sound.Bridge("b"))
        until(world, lambda events: ("a", sound.BridgeUp("b")) in events)
        os.kill(child(world), signal.SIGKILL)
        events = until(world, lambda events: len(events) >= 2)
        assert events == [("a", sound.StreamEnded("crash")), ("b", sound.StreamEnded("crash"))]
        world.studio.wish("a", sound.Close())  # nobody is there to hear it: no event, no error
        world.studio.wish("a", sound.Open(PLAIN), modem.port)
        world.studio.wish("a", sound.Close())
        events = until(world, bool)
        assert events == [("a", sound.StreamEnded("asked"))]
    finally:
        other.close()


@pytest.mark.long
def test_a_studio_that_hangs_is_as_good_as_dead(world, modem):
    world.studio.wish("office", sound.Open(PLAIN), modem.port)
    until(world, lambda _: modem.heard(), modem, b"\0" * 320)
    os.kill(child(world), signal.SIGSTOP)
    time.sleep(6)
    os.kill(child(world), signal.SIGCONT)
    assert until(world, bool) == [("office", sound.StreamEnded("crash"))]


@pytest.mark.long
@pytest.mark.parametrize(("form", "how"), [(SHIELDED, "wedged"), (LISTENING, "wedged"), (PLAIN, "modem")])
def test_a_modem_that_brings_no_sound_is_given_up(world, modem, form, how):
    world.studio.wish("office", sound.Open(form), modem.port)
    until(world, lambda _: modem.heard() or form is LISTENING, modem, b"\x80" * 320)
    began = world.now()
    events = until(world, lambda events: "StreamEnded" in names(events))
    assert events[-1] == ("office", sound.StreamEnded(how))
    assert SOUNDLESS <= world.now() - began <= SOUNDLESS + 2


def test_unplugged(world, modem):
    world.studio.wish("office", sound.Open(PLAIN), modem.port)
    until(world, lambda _: modem.heard(), modem, b"\0" * 320)
    os.close(modem.master)
    os.close(modem._slave)
    assert until(world, bool) == [("office", sound.StreamEnded("lost"))]


def test_open_without_a_port_is_refused(world):
    world.studio.wish("office", sound.Open(PLAIN))
    assert until(world, bool, patience=0.5) == [("office", sound.StreamEnded("failed"))]


def test_it_goes_when_the_engine_goes(world, modem):
    world.studio.wish("office", sound.Open(SHIELDED), modem.port)
    until(world, lambda _: modem.heard(), modem, b"\x80" * 160)
    process = world.studio._child
    modem.heard()
    world.studio.close()
    assert process.returncode == 0
    assert modem.heard().endswith(b"\x10^")  # asked to end, so that the line is not left in voice mode


def test_a_message_is_kept_though_the_engine_and_its_service_are_stopped(world, modem, tmp_path):
    """A stop of the service tells every process of it; what a caller has said is still to be written down."""
    message = tmp_path / "message.wav"
    world.studio.wish("office", sound.Open(PLAIN), modem.port)
    world.studio.wish("office", sound.Record(str(message)))
    until(world, lambda _: modem.heard(), modem, b"\0" * 320)
    for _, frame in zip(range(150), speech(), strict=False):
        modem.say(frame)
        world.wait([], world.now() + 0.01)
        modem.heard()
    os.kill(child(world), signal.SIGTERM)
    process = world.studio._child
    world.studio.close()
    assert process.returncode == 0
    assert message.stat().st_size > 2 * 16000


def speech():
    """Sound that comes and goes as syllables do."""
    noise = Random(7)
    for frame in count():
        loud = 5000 * (1 + sin(2 * pi * frame / 12)) / 2 + 100
        yield struct.pack("<160h", *(int(noise.uniform(-loud, loud)) for _ in range(160)))


def test_size(world, modem):
    """The aim for a small box, with some room: 45 MB and a canceller."""
    world.studio.wish("office", sound.Open(sound.Stream("s16le", two_wire=True)), modem.port)
    until(world, lambda _: modem.heard(), modem, b"\0" * 320)
    status = Path(f"/proc/{child(world)}/status").read_text()
    kilobytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    assert kilobytes < 50_000


def test_no_studio_no_cost(world):
    world.wait([], world.now())
    assert world._studio is None


def child(world):
    return world.studio._child.pid
