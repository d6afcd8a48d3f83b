"""The clocks, handed in from outside, so that a test can set them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct


class Clock(Struct, frozen=True):
    """`wall`: now, aware, in UTC. `monotonic`: seconds. `boot_id`: names this boot, "" where nobody knows."""

    wall: Callable[[], datetime]
    monotonic: Callable[[], float]
    boot_id: Callable[[], str]
