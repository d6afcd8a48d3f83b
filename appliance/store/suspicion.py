"""Whoever comes upon a damaged database says so in a file, for a database cannot be trusted to keep that itself.

The engine ends once no call is on, and whoever starts it anew looks at the database as long as it takes. That is done
once for each suspicion: an engine whose database nobody can mend serves what it can.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from appliance.store import nightly

NAME = "database-suspected"
"""In the state directory. Empty: to be looked at. Otherwise it was."""


def raise_it(state: Path, again: bool = False) -> None:
    """The database is to be looked at, where there is a backup to put in its place. `again`: even if it was already."""
    if nightly.found(state):
        with suppress(OSError):  # a full card, say, or it is there
            os.close(os.open(state / NAME, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if again else os.O_EXCL), 0o660))


def is_raised(state: Path) -> bool:
    """Whether there is one, looked at or not."""
    return (state / NAME).exists()


def is_to_be_looked_at(state: Path) -> bool:
    """Whether there is one that nobody has looked at."""
    try:
        return (state / NAME).stat().st_size == 0
    except OSError:
        return False


def was_looked_at(state: Path) -> None:
    """Nothing was, or could be, mended."""
    dispel(state)  # it may be another user's, and nobody else's to write
    with suppress(OSError):
        (state / NAME).write_text("looked at\n", encoding="ascii")


def dispel(state: Path) -> None:
    """All is well again."""
    with suppress(OSError):
        (state / NAME).unlink(missing_ok=True)
