"""What this machine says of its clock: synchronised by NTP? a hardware clock? and setting it, where we may."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

log = logging.getLogger(__name__)

_SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
"""systemd-timesyncd touches it when it has set the clock, once each boot (systemd-timesyncd.service(8))."""
_HARDWARE = Path("/sys/class/rtc/rtc0/since_epoch")
_DEVICE_TREE = Path("/proc/device-tree")
"""Boards have one; a PC and a virtual machine have none, and get the time from their firmware or host."""
AGREES_WITHIN = timedelta(minutes=2)
_TIME_ERROR = 5
"""What adjtimex(2) returns while the clock is not synchronised."""


class MachineClock:
    """Asked now and then; what was synchronised once counts until power is gone."""

    def __init__(self) -> None:
        self._was_synchronised = False

    def up(self) -> float:
        """Seconds since power."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def synchronised(self) -> bool:
        """Whether NTP has set the clock since power."""
        self._was_synchronised = self._was_synchronised or _SYNCHRONISED.exists() or _kernel_says_so()
        return self._was_synchronised

    def hardware_agrees(self, wall: datetime) -> bool:
        """Whether there is a hardware clock that shows the same; one with an empty battery shows another year.

        A machine whose clock we cannot see has one all the same, unless it is a board.
        """
        try:
            if not _HARDWARE.exists():
                return not _DEVICE_TREE.exists()
            shows = datetime.fromtimestamp(int(_HARDWARE.read_text()), UTC)
        except (OSError, ValueError, OverflowError):
            return False
        return abs(shows - wall) < AGREES_WITHIN


def set_clock(at: datetime) -> bool:
    """Set the system's clock (aware); False where we may not (CAP_SYS_TIME)."""
    try:
        time.clock_settime(time.CLOCK_REALTIME, at.timestamp())
    except (OSError, OverflowError, ValueError) as error:
        log.debug("the clock cannot be set: %s", error)
        return False
    log.warning("the clock was set to %s", at.isoformat(timespec="seconds"))
    return True


def _kernel_says_so() -> bool:
    """adjtimex(2) with nothing to change tells whether any NTP service disciplines the clock."""
    import ctypes  # half a megabyte that a box with systemd-timesyncd never needs

    try:
        # struct timex begins with `modes`, 0: only ask; the kernel fills in the rest, 208 bytes on 64-bit machines
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.create_string_buffer(512))
    except (OSError, AttributeError):
        return False
    return bool(0 <= state < _TIME_ERROR)
