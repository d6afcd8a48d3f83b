"""Hundreds of calls in a row on the fast clock: does anything grow?"""

from __future__ import annotations

import gc
import logging
import threading
import tracemalloc
from pathlib import Path

from appliance.core.settings import to_json
from appliance.core.settings_check import check_file
from appliance.engine import Engine
from appliance.simulator.fast import FastWorld
from appliance.simulator.module import GsmModule
from appliance.simulator.phones import Target
from appliance.store.database import Store
from appliance.store.live import Live
from tests.bench.box import DESK, Process, callers, settings, state_folder
from tests.bench.figures import Figure, one

PORT = "/dev/ttyUSB0"
LINE = "+498912345"
NOISE_MB = 1.0
"""What may come and go in a process: SQLite's page cache (2 MB at most), the simulated exchange, the allocator."""
NOISE_KB = 64
"""The same for the engine's own objects: Python's free lists fill, and a text's uid is remembered for the last thousand
texts (0.1 kB each). One record of a call that is never let go would make ten times that."""
DAY = 86400.0
"""Seconds some things are remembered on purpose (texts, for the day's limit): the warm-up lasts as long."""


def measure(calls: int, warm_up: int) -> list[Figure]:
    """Forwarded, busy, silent and given-up calls in turn, in this process."""
    logging.disable(logging.WARNING)
    with state_folder() as folder:
        state = Path(folder)
        with Store.open(state, create=True) as store:
            checked = check_file(settings(PORT, rings=2, missed="at-once", reply=True).encode())
            assert checked.settings is not None, checked.mistakes
            store.save_settings(to_json(checked.settings))
        with Store.open(state, wait=0.02) as store:
            live = Live(state, "this boot")
            try:
                world = FastWorld()
                return _play(_Town(Engine(store, world, live), world, store, DAY / warm_up), calls, warm_up)
            finally:
                live.close()
                logging.disable(logging.NOTSET)


class _Town:
    """An engine with a module in it, a target, and somebody who calls again and again."""

    def __init__(self, engine: Engine, world: FastWorld, store: Store, pause: float) -> None:
        self.engine, self.world, self.store = engine, world, store
        self.module = world.add(GsmModule(world.exchange, "stick", LINE), PORT)
        self.calls = 0
        self._pause = pause
        self._callers = callers()
        self.run(30)

    def run(self, seconds: float) -> None:
        until = self.world.now() + seconds
        self.world.at(until, self.world.wake)
        while self.world.now() < until:
            self.engine.turn()

    def one_call(self) -> None:
        behaviour = ("answers", "busy", "silent", "refuses")[self.calls % 4]
        gives_up = 9.0 if self.calls % 5 == 0 else None
        self.calls += 1
        self.world.exchange.set_target(Target(DESK, behaviour, 2.0, 10.0))
        self.world.exchange.call(LINE, next(self._callers), gives_up_after=gives_up, talks_for=10.0)
        self.run(60)
        self.world.run_until(self.world.now() + self._pause)  # the engine sleeps: idle seconds are not the point
        self.world.exchange.forget()  # the exchange's own memory of what was
        self.module.seen.clear()


def _play(town: _Town, calls: int, warm_up: int) -> list[Figure]:
    for _ in range(warm_up):
        town.one_call()
    before = _state()
    for _ in range(calls):
        town.one_call()
    after = _state()
    traced = max(40, calls // 5)  # afterwards, since tracing itself takes memory, and time
    tracemalloc.start()
    for _ in range(warm_up):
        town.one_call()
    start = _own_kb()
    for _ in range(traced):
        town.one_call()
    grown = _own_kb() - start
    tracemalloc.stop()
    logged, made = len(town.store.calls()), town.calls
    assert logged == made, f"{logged} calls in the log of {made}"
    where = f"after {warm_up} to warm up"
    return [
        one(f"{calls} calls: growth, resident (VmRSS)", "MB", after[0] - before[0], NOISE_MB, where),
        one(f"{calls} calls: growth, threads", "", after[1] - before[1], 0),
        one(f"{calls} calls: growth, file handles", "", after[2] - before[2], 0),
        one(f"{traced} more: growth, engine's own objects", "kB", grown, NOISE_KB, "tracemalloc"),
    ]


def _state() -> tuple[float, int, int]:
    gc.collect()
    process = Process()
    return process.resident_mb, threading.active_count(), process.handles


def _own_kb() -> float:
    """What was allocated by the engine's code since tracing began and is still there."""
    gc.collect()
    snapshot = tracemalloc.take_snapshot().filter_traces(
        [
            tracemalloc.Filter(True, "*/appliance/*"),
            tracemalloc.Filter(False, "*/appliance/simulator/*"),
        ]
    )
    return sum(trace.size for trace in snapshot.traces) / 1024
