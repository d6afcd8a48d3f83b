"""Sees that what callers hear is there: made when settings say other words, in a process of its own."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from appliance.core.settings import Settings

if TYPE_CHECKING:
    import subprocess

log = logging.getLogger(__name__)

FOLDER = "prompts"
"""In the state directory, as core/sound's Sounds name them."""
AGAIN = 600.0
"""Seconds until it is tried again, e.g. because there is no voice on this machine yet."""


class Announcer:
    """Call tick() every second while there is no call."""

    def __init__(self, state: Path) -> None:
        self._folder = state / FOLDER
        self._settings: Settings | None = None
        self._at = float("inf")
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def busy(self) -> bool:
        """They are being made."""
        return self._child is not None

    def settings_changed(self, settings: Settings, now: float) -> None:
        """Other words may be wanted."""
        self._settings = settings
        self._at = now if speaks(settings) else float("inf")

    def tick(self, now: float) -> None:
        """Let time pass."""
        if self._child is not None:
            status = self._child.poll()
            if status is None:
                return
            self._child = None
            if status:
                log.warning("announcements could not be made; callers are not told why nobody comes")
                self._at = min(self._at, now + AGAIN)
        if now >= self._at and self._settings is not None:
            self._at = float("inf")
            self._begin(self._settings, now)

    def _begin(self, settings: Settings, now: float) -> None:
        from appliance.audio import prompts  # subprocess with it: not in an engine that never speaks

        try:
            if prompts.stale(self._folder, settings):
                self._child = prompts.begin(self._folder, settings)
        except OSError as error:
            log.warning("announcements cannot be made now: %s", error)
            self._at = now + AGAIN


def speaks(settings: Settings) -> bool:
    """Whether anybody may ever hear something from this box."""
    return (
        any(line.kind == "analog" or "bridge" in line.forward_by for line in settings.line)
        or any(plan.otherwise != "hang-up" for plan in settings.plan)
        or any(target.confirm for target in settings.target)
    )
