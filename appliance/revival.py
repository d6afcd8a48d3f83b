"""What is done about a modem that hangs again and again: each time it is opened anew, by stronger and stronger means.

First as ever (closing the port drops DTR, which helps most), then with BREAK and DTR low for a second, then with its
USB port's power off and on; then from the beginning. The power only while no line has a call: a hub may switch all its
ports together.
"""

from __future__ import annotations

import logging

from appliance.core.errors import PortLost
from appliance.core.outside import Outside, Port

log = logging.getLogger(__name__)

LADDER = ("anew", "reset", "power")
RESET_FOR = 1.0
"""Seconds of BREAK and DTR low."""


class Revival:
    """Tell it when the modem has hung and when it is well; step() before its port is opened."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._hung = 0
        self._is_due = False
        self._port: Port | None = None
        self._reset_until = 0.0
        self._is_switching = False

    def hung(self) -> None:
        """It has hung once more."""
        self._hung += 1
        self._is_due = True

    def well(self) -> None:
        """It serves: the next time is the first time."""
        self._hung = 0

    def step(self, path: str, baudrate: int, now: float, quiet: bool) -> bool:
        """Do what is due; True while it is under way and the port must be left alone. `quiet`: no line has a call."""
        if self._port:
            if now < self._reset_until:
                return True
            self._port.end_reset()
            self._port.close()
            self._port = None
        elif self._is_switching:
            self._is_switching = not self._outside.usb_power.tick(now)
            return self._is_switching
        elif self._is_due:
            self._is_due = False
            means = LADDER[(self._hung - 1) % len(LADDER)]
            return (means == "reset" and self._reset(path, baudrate, now)) or (
                means == "power" and quiet and self._switch(path, now)
            )
        return False

    def _reset(self, path: str, baudrate: int, now: float) -> bool:
        try:
            self._port = self._outside.open(path, baudrate)
        except PortLost:
            return False
        log.warning("%s: BREAK, and DTR low for a second", path)
        self._port.begin_reset()
        self._reset_until = now + RESET_FOR
        return True

    def _switch(self, path: str, now: float) -> bool:
        self._is_switching = self._outside.usb_power.cycle(path, now)
        return self._is_switching
