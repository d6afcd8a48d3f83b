"""The studio's loop: ports that are lent, and the alarm that ends it where it hangs."""

import array
import os
import signal
import socket
import threading
import time
import tty
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from appliance.audio import wav
from appliance.audio.coding import decode, level
from appliance.audio.desk import Desk
from appliance.audio.process import Process
from appliance.core import sound
from appliance.core.soundwire import from_bytes, to_bytes
from tests.audio.desks import tone

PLAIN = sound.Stream("s16le", apart=True)


class Engine:
    """The other end of the socket, and a modem at the far end of a port."""

    def __init__(self, desk):
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(5)
        self.process = Process(theirs, desk)
        self.thread = threading.Thread(target=self._run, args=(theirs,))
        self.thread.start()
        self.masters = {}

    def _run(self, theirs):
        with theirs:
            self.process.run()

    def wish(self, line, wish):
        passed = []
        if isinstance(wish, sound.Open):
            master, slave = os.openpty()
            tty.setraw(slave)
            self.masters[line] = master
            passed = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [slave]))]
        self.socket.sendmsg([to_bytes(line, wish)], passed)
        if passed:
            os.close(slave)

    def event(self):
        return from_bytes(self.socket.recv(65536))

    def leave(self):
        self.socket.close()
        self.thread.join(5)
        for master in self.masters.values():
            os.close(master)
        assert not self.thread.is_alive()


@pytest.fixture
def alarms(monkeypatch):
    """What the alarm was set to, in turn, instead of setting it."""
    found = []
    monkeypatch.setattr(signal, "alarm", found.append)
    return found


@pytest.fixture
def engine(alarms):
    with ThreadPoolExecutor(1) as executor:
        made = Engine(Desk(executor))
        yield made
        made.leave()


def wait(check, within=5.0):
    end = time.monotonic() + within
    while not check():
        assert time.monotonic() < end
        threading.Event().wait(0.01)


def test_an_alarm_is_set_while_a_port_is_lent_and_never_else(engine, alarms):
    """Whoever waits for work does not hang."""
    engine.wish("one", sound.Quiet())  # a turn without a port
    engine.wish("one", sound.Open(PLAIN))
    wait(lambda: alarms)
    assert alarms == [5]
    wait(lambda: len(alarms) > 1)
    assert alarms == [5, 5], "put off once a second, though nothing comes"
    engine.wish("one", sound.Close())
    assert engine.event() == ("one", sound.StreamEnded("asked"))
    wait(lambda: alarms[-1] == 0)
    engine.wish("one", sound.Quiet())
    engine.wish("one", sound.Open(PLAIN))
    wait(lambda: alarms[-1] == 5)


def test_a_sound_from_the_card_is_played(engine, tmp_path):
    wav.write(str(tmp_path / "sentence.wav"), tone(440, 0.2))
    engine.wish("one", sound.Open(PLAIN))
    engine.wish("one", sound.Play(str(tmp_path / "sentence.wav")))
    assert engine.event() == ("one", sound.Played(str(tmp_path / "sentence.wav")))
    heard = decode(os.read(engine.masters["one"], 65536), "s16le")
    assert level(heard[np.flatnonzero(heard)[0] :][:1600]) == pytest.approx(-15, abs=1)


def test_a_port_that_goes_is_told(engine):
    engine.wish("one", sound.Open(PLAIN))
    os.close(engine.masters.pop("one"))
    assert engine.event() == ("one", sound.StreamEnded("lost"))
