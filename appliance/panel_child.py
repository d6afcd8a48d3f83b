"""The front panel's process, kept by the engine's: it may use pins, and no other service may."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

log = logging.getLogger(__name__)

FIRST = 5.0
"""Seconds after the engine's start: calls come first."""
AGAIN = 30.0
"""Seconds until one that was killed is started again."""
STOP_WITHIN = 2.0
_PINS = "gpiochip*"


class PanelChild:
    """Call tick() now and then, stop() at the end. Nothing is started on a machine without pins."""

    def __init__(self, state: Path, now: float, devices: Path = Path("/dev")) -> None:
        self._command = [sys.executable, "-P", "-m", "appliance.front_panel", str(state)]
        self._child: subprocess.Popen[bytes] | None = None
        self._at = now + FIRST if any(devices.glob(_PINS)) else float("inf")

    def tick(self, now: float) -> None:
        """Let time pass."""
        if self._child is not None and (status := self._child.poll()) is not None:
            self._child = None
            if status:  # else there is no panel, which it has said
                log.warning("the front panel's process ended (status %d)", status)
                self._at = now + AGAIN
        if now >= self._at:
            self._at = float("inf")
            environment = {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
            try:
                self._child = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, env=environment)
            except OSError as error:
                log.warning("no front panel: %s", error)
                self._at = now + AGAIN

    def stop(self) -> None:
        """End it."""
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._child = None
