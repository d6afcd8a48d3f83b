"""A world with one module, and somebody who types at it."""

from __future__ import annotations

import pytest

from appliance.simulator.fast import FastWorld
from appliance.simulator.module import GsmModule
from appliance.simulator.phones import Target

LINE, DESK, MOBILE = "+498912345", "+49301111111", "+4915112345678"


class Terminal:
    """Types commands at a module in a fast world and reads its lines."""

    def __init__(self, family="generic", **options):
        self.world = FastWorld()
        self.exchange = self.world.exchange
        self.module = self.world.add(GsmModule(self.exchange, "office", LINE, family, **options), "/dev/ttyUSB0")
        self.port = self.world.open("/dev/ttyUSB0", 115200)
        self.desk = self.exchange.set_target(Target(DESK, after=4))
        self.type("ATE0")
        self.type("AT+CMEE=1;+CLIP=1;+CMGF=0")

    def raw(self):
        return self.port.read()

    def lines(self):
        """What was said since, without blank lines."""
        return [line for line in self.port.read().decode("latin-1").replace("\r", "\n").split("\n") if line]

    def type(self, command, wait=0.0):
        self.port.write(command.encode() + b"\r")
        if wait:
            self.world.run_until(self.world.now() + wait)
        return self.lines()

    def sleep(self, seconds):
        self.world.run_until(self.world.now() + seconds)
        return self.lines()

    def listed(self):
        """AT+CLCC as {id: (dir, stat, mpty)}."""
        found = {}
        for line in self.type("AT+CLCC"):
            if line.startswith("+CLCC: "):
                call_id, direction, stat, _, mpty = line[7:].split(",")[:5]
                found[int(call_id)] = (int(direction), int(stat), int(mpty))
        return found

    def holding(self, target=DESK, wait=6.0):
        """A caller on hold and a call to a target under way; returns the caller's phone."""
        caller = self.exchange.call(LINE, "+493098765432", talks_for=None)
        self.sleep(2)
        assert self.type("ATA")[-1] == "OK"
        assert self.type("AT+CHLD=2")[-1] == "OK"
        assert self.type(f"ATD{target};")[-1] == "OK"
        self.sleep(wait)
        return caller


@pytest.fixture
def make():
    return Terminal


@pytest.fixture
def terminal():
    return Terminal()
