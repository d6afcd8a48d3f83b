"""The two clocks. Monotonic time decides; wall time only names (a Pi has no clock of its own and may jump by years)."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def monotonic() -> float:
    """Seconds since some moment before start, the same for every process of this boot."""
    return time.monotonic()


def wall() -> datetime:
    """Now, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place that asks


def boot_id() -> str:
    """Names this boot: monotonic times of another one mean nothing. Empty where the kernel does not say."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""
