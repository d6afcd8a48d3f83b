"""Where whoever stands before the box reads its address and, while it has no owner, its set-up code: on a screen, and
on the card's first partition.

Presence is what the set-up code proves, so that it is shown there and nowhere else, and removed once it is worth
nothing. A code that an installer's sheet has is not shown again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from appliance.core import addresses
from appliance.machine import shred, write

log = logging.getLogger(__name__)

CODE_FILE = "rufweiche-setup-code.txt"
"""On the boot partition."""
SCREEN = Path("/run/issue.d/rufweiche.issue")
"""What a screen shows: agetty(8) above its login, the image, which has none, instead of it."""


class Doorplate:
    """Call show() as often as you like; only what is new is written."""

    def __init__(self, boot: Path | None, screen: Path | None) -> None:
        """`boot`: the boot partition; `screen`: the file that is shown. None: there is none."""
        self._boot = boot
        self._screen = screen

    def show(self, code: str | None, where: Sequence[str], hostname: str, language: str) -> None:
        """`code`: while it is needed and nobody was given it; `where`: the box's addresses, the likeliest first."""
        if self._boot is not None:
            self._put(self._boot / CODE_FILE, addresses.code_text(code, language) if code else None)
        if self._screen is not None and self._screen.parent.is_dir():
            self._put(self._screen, addresses.screen_text(code, where, hostname, language))

    def _put(self, file: Path, text: str | None) -> None:
        with suppress(OSError):
            if text is not None and file.read_bytes() == text.encode():
                return
        try:
            if text is not None:
                write(file, text, 0o644)
            elif file.exists():
                shred(file)
        except OSError as error:
            log.info("%s cannot be written: %s", file, error.strerror)
