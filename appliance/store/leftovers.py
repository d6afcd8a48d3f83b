"""What was being written as the power went: copies of the whole database, half an upload. It would lie there for ever.

Made in folders of a name of ours, so that whoever starts later knows them; by then nobody works on them any more.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from appliance.store.file import private_mode

log = logging.getLogger(__name__)

PREFIX = ".rufweiche-"
MEMORY = Path("/dev/shm")
"""Where copies lie that are small. Nothing outlives a power cut there, but much a process that was killed."""
OLD = 3600.0
"""Seconds for which nobody has written to it: it is left over."""
_PATTERNS = (f"{PREFIX}*", "*.new", "backups/*.new", "network/*.new", "update/*.part")
"""Whatever is not there whole yet, the page's uploads and wishes, too."""


@contextmanager
def folder(place: Path) -> Iterator[Path]:
    """A folder for what is needed for a moment. Raises OSError."""
    import tempfile  # with all kinds of archives, of which an engine at rest needs none

    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=place) as name:
        made = Path(name)
        if private_mode(place) & 0o060:  # whoever sweeps may be another user than who was cut off
            made.chmod(0o770)
        yield made


def sweep(state: Path, now: float) -> list[str]:
    """Delete what is left over in a state directory; its names. `now`: seconds since 1970. Raises nothing.

    What seems to be written an hour from now is old, too: the clock was set back.
    """
    swept = []
    for path in [*(path for pattern in _PATTERNS for path in _found(state, pattern)), *_found(MEMORY, f"{PREFIX}*")]:
        with suppress(OSError):
            if abs(now - _written(path)) > OLD:
                _delete(path)
                swept.append(path.name)
    if swept:
        log.warning("left over, deleted: %s", ", ".join(swept))
    return swept


def _found(place: Path, pattern: str) -> list[Path]:
    with suppress(OSError):
        return sorted(place.glob(pattern))
    return []


def _written(path: Path) -> float:
    """When anybody last wrote to it, or to what is in it."""
    inside = path.rglob("*") if path.is_dir() and not path.is_symlink() else ()
    return max(float(one.lstat().st_mtime) for one in (path, *inside))


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        import shutil  # see above

        shutil.rmtree(path)
    else:
        path.unlink()
