"""`rufweiche maintain`, the nightly round: check the database, forget what is old, keep a dated backup.

Each step is taken whatever became of the one before, but a damaged database is not copied over a sound backup, and
nothing is deleted by a clock that may be wrong.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from appliance.alarming import alarm
from appliance.core import alarms
from appliance.core.errors import RufweicheError, StoreError
from appliance.core.settings import from_json
from appliance.store import backup, leftovers, nightly, soundness, suspicion
from appliance.store.changes import Keep
from appliance.store.database import FILE_NAME, Store
from appliance.store.nightly import DATED, FOLDER

log = logging.getLogger(__name__)

KEPT = 7
"""Nightly backups; further ones of the first night of each month are kept, MONTHS of them."""
MONTHS = 6
COPY = "rufweiche-backup.zip"
"""The newest one, without secrets, where any PC can read it."""
ROOM = 64 << 20
"""Bytes that stay free: a backup must not take the calls their place."""
BETWEEN = 0.2
"""Seconds between two thousand rows deleted: the engine writes, too."""


class Maintenance:
    """One round over a state directory. `say` hears of each step in a line."""

    def __init__(self, state: Path, say: Callable[[str], None]) -> None:
        self._state = state
        self._say = say
        self.problems: list[str] = []

    def run(self, at: datetime, clock_known: bool, copy_to: Path | None = None) -> bool:
        """All of it; False when something is wrong (`problems`). `at`: aware, now. `copy_to`: a folder, or None."""
        leftovers.sweep(self._state, at.timestamp())
        if self._is_sound():
            self._step("records", lambda: self._forget(at, clock_known))
            self._step("backup", lambda: self._backup(at))
            if copy_to is not None and copy_to.is_dir():
                self._step("copy", lambda: self._copy(copy_to, at))
        try:
            self._tell(at)
        except RufweicheError as error:
            log.error("the owner was not told: %s", error)
        return not self.problems

    def _step(self, name: str, work: Callable[[], str]) -> None:
        try:
            self._say(f"{name}: {work()}")
        except (RufweicheError, OSError) as error:
            self.problems.append(f"{name}: {error}")

    def _tell(self, at: datetime) -> None:
        """The owner, once for the same faults, until a night without."""
        wrong = dict.fromkeys(problem.partition(":")[0] for problem in self.problems)
        with Store.open(self._state) as store:
            if (store.kept(alarms.NIGHT_WRONG) or "") == ",".join(wrong):
                return
            store.write(Keep(alarms.NIGHT_WRONG, ",".join(wrong)))
            loaded = store.load_settings()
            if wrong and loaded is not None:
                settings = from_json(loaded[1])
                names = alarms.NIGHT[settings.business.language]
                what = ", ".join(names[step] for step in wrong)
                alarm(store, settings, alarms.text("night", what, settings.business.language), at)

    def _is_sound(self) -> bool:
        """Also has the engine put a backup in place of a damaged database, once no call is on."""
        try:
            found = soundness.faults(self._state, thorough=True)
        except StoreError as error:
            self.problems.append(f"database: {error}")
            return False
        if found:
            self.problems += [f"database: {one}" for one in found]
            suspicion.raise_it(self._state, again=True)
            return False
        self._say("database: sound")
        return True

    def _forget(self, at: datetime, clock_known: bool) -> str:
        if not clock_known:
            return "nothing deleted, for the time is not known"
        with Store.open(self._state) as store:
            loaded = store.load_settings()
            if loaded is None:
                return "there are no settings yet"
            days, deleted = from_json(loaded[1]).messages.keep_days, 0
            while count := store.purge(at - timedelta(days=days)):
                deleted += count
                time.sleep(BETWEEN)
        return f"{deleted} older than {days} days deleted"

    def _backup(self, at: datetime) -> str:
        folder = self._state / FOLDER
        folder.mkdir(mode=0o770, exist_ok=True)
        self._make_room(folder)
        file = folder / nightly.name(at.date())
        backup.save(self._state, file, at, voicemail=False)
        for old in superfluous([path.name for path in folder.glob("rufweiche-*.zip")]):
            (folder / old).unlink()
        return f"{file} ({file.stat().st_size // 1024} kB)"

    def _make_room(self, folder: Path) -> None:
        """On a full card old backups go first; without room for one, none is made."""
        import shutil

        need = ROOM + 2 * (self._state / FILE_NAME).stat().st_size
        kept = nightly.found(self._state)[::-1]
        while shutil.disk_usage(folder).free < need and len(kept) > 1:
            kept.pop(0).unlink()
        if shutil.disk_usage(folder).free < need:
            raise StoreError("the card is too full for a backup")

    def _copy(self, folder: Path, at: datetime) -> str:
        backup.save(self._state, folder / COPY, at, secrets=False, voicemail=False)
        return f"{folder / COPY}, without secrets"


def superfluous(names: list[str]) -> list[str]:
    """Which dated backups are not to be kept; what is not named like one stays."""
    dated = sorted((name for name in names if DATED.fullmatch(name)), reverse=True)
    first_of_month: dict[str, str] = {}
    for name in dated:
        if match := DATED.fullmatch(name):
            first_of_month[match[1]] = name  # from the newest to the oldest: the month's first stays
    monthly = sorted(first_of_month.values(), reverse=True)[:MONTHS]
    return [name for name in dated[KEPT:] if name not in monthly]


def newest(state: Path) -> Path | None:
    """The newest nightly backup."""
    return next(iter(nightly.found(state)), None)
