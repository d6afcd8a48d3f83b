"""How long commands take to begin, and what each library costs whoever imports it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.bench.box import command, engine, provision, state_folder
from tests.bench.figures import Figure
from tests.bench.module import Module

LIBRARIES = ("sqlite_utils", "click", "phonenumbers", "msgspec", "gsmmodem.pdu", "serial")

IMPORT = """
import importlib, sys, time
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1])
before, began = resident(), time.perf_counter()
importlib.import_module(sys.argv[1])
print((time.perf_counter() - began) * 1000, (resident() - before) * 4096 / 2**20)
"""


def measure(times: int) -> list[Figure]:
    """Each in a fresh interpreter, the first time left out: it fills the page cache."""
    return [*_commands(times), *(_import(library, times) for library in LIBRARIES)]


def _commands(times: int) -> list[Figure]:
    status, run = [], []
    with state_folder() as folder, Module() as module:
        state = Path(folder)
        provision(state, module.port)
        for _ in range(times + 1):
            began = time.monotonic()
            command(state, "status")
            status.append((time.monotonic() - began) * 1000)
        for _ in range(times + 1):
            module.serve(0.1)  # hears out what the last engine said when it was stopped
            began_ns = time.monotonic_ns()
            with engine(state):
                run.append((module.hear("AT", 10.0).read_ns - began_ns) / 1e6)
                module.serve_until_quiet(0.3)
    return [
        Figure("start: rufweiche status, whole command", "ms", tuple(status[1:])),
        Figure("start: rufweiche run, until its first AT", "ms", tuple(run[1:])),
    ]


def _import(library: str, times: int) -> Figure:
    took, grew = [], []
    for _ in range(times + 1):
        done = subprocess.run([sys.executable, "-c", IMPORT, library], capture_output=True, text=True, check=True)
        ms, mb = map(float, done.stdout.split())
        took.append(ms)
        grew.append(mb)
    return Figure(f"import {library}", "ms", tuple(took[1:]), compared=f"and {max(grew):.1f} MB")
