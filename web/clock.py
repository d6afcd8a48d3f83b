"""The clocks, handed in from outside, so that a test can set them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """`wall`: now, aware, in UTC. `monotonic`: seconds. `boot_id`: names this boot, "" where nobody knows."""

    wall: Callable[[], datetime]
    monotonic: Callable[[], float]
    boot_id: Callable[[], str]
