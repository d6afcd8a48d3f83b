"""What the engine costs while nobody calls: one line, ready."""

from __future__ import annotations

import time
from pathlib import Path

from tests.bench.box import callers, engine, provision, state_folder
from tests.bench.figures import Figure, one
from tests.bench.module import Module
from tests.bench.texts import missed_call


def measure(seconds: float) -> list[Figure]:
    """Watch an engine that has settled and has had a call."""
    with state_folder() as folder, Module() as module:
        state = Path(folder)
        provision(state, module.port, rings=2, missed="at-once")
        with engine(state) as process:
            module.serve_until_quiet(0.6)
            module.serve(3.0)  # the safety net is read some time after start-up
            missed_call(module, next(callers()))  # so that all it ever needs is in its memory
            module.serve(1.0)
            used, began = process.cpu_seconds, time.monotonic()
            module.serve(seconds)
            used, took = process.cpu_seconds - used, time.monotonic() - began
            return [
                one(f"idle for {took:.0f} s: share of a core", "%", 100 * used / took, 0.1),
                one("idle: resident (VmRSS)", "MB", process.resident_mb, 32),
                one("idle: its share of that (PSS)", "MB", process.proportional_mb),
                one("idle: threads", "", process.threads),
                one("idle: file handles", "", process.handles),
            ]
