"""What the kernel alone takes for a ring, a question, its answer and ATA: below that nothing on this machine can be."""

from __future__ import annotations

import subprocess
import sys
import time

from tests.bench.figures import Figure
from tests.bench.module import INCOMING, Leg, Module

PEER = """
import os, select, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
poll = select.poll()
poll.register(fd, select.POLLIN)
while poll.poll():
    data = os.read(fd, 4096)
    if b"CLCC" in data:
        os.write(fd, b"ATA\\r")
    elif b"RING" in data:
        os.write(fd, b"AT+CLCC\\r")
"""
"""A process that thinks of nothing."""


def measure(times: int, pause: float) -> list[Figure]:
    """As `calls` does it, against the least a Python process can do."""
    values = []
    with Module() as module:
        peer = subprocess.Popen([sys.executable, "-c", PEER, module.port])
        try:
            time.sleep(0.5)
            for _ in range(times):
                time.sleep(pause)
                module.heard.clear()
                module.legs = [Leg(1, True, INCOMING, "+491701234567")]
                rang = module.say("RING")
                values.append(module.own_ns(rang, module.hear("ATA", 2.0)) / 1e6)
                module.legs = []
        finally:
            peer.kill()
            peer.wait()
    return [Figure("  for comparison: the terminal alone", "ms", tuple(values), compared="a process that only echoes")]
