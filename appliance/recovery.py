"""What needs a box without an engine, done just before one starts: a factory reset that was asked for, a backup that
was left to be put in place, and a damaged database, in whose place the newest sound backup of the nights is put.

A box that cannot read its database takes no calls; one that is a night behind does, and says so.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

from appliance.alarming import alarm
from appliance.core import alarms
from appliance.core.errors import RufweicheError
from appliance.core.settings import Settings
from appliance.ports.clock import wall
from appliance.store import factory_reset, leftovers, nightly, soundness, suspicion
from appliance.store.database import Store
from appliance.store.live import LEFT, AlreadyRunning

log = logging.getLogger(__name__)


def before_start(state: Path) -> None:
    """Do what is to be done; what cannot be is said, and the engine starts all the same. Raises nothing of ours."""
    leftovers.sweep(state, wall().timestamp())
    try:
        factory_reset.carry_out(state)
    except RufweicheError as error:
        log.error("no factory reset: %s", error)
    if (state / LEFT).exists():
        _restore_left(state)
    with suppress(RufweicheError, OSError):  # not there yet, in use, in other trouble: the engine says so itself
        _mend(state)


def _mend(state: Path) -> None:
    """Put a backup in place of a damaged database. Raises StoreError, AlreadyRunning."""
    is_new = suspicion.is_to_be_looked_at(state)
    found = soundness.faults(state, thorough=suspicion.is_raised(state))
    for fault in found:
        log.error("the database: %s", fault)
    if found:
        suspicion.raise_it(state)  # where another engine runs, it is that one's to end
    is_mended = bool(found) and _restore_newest(state)
    if not is_mended and (found or is_new):
        suspicion.was_looked_at(state)
    else:
        suspicion.dispel(state)


def _restore_left(state: Path) -> None:
    """One that cannot be restored is said and forgotten."""
    from appliance.store import backup  # zip files: not at rest in the engine

    try:
        restored = backup.restore_left(state, wall())
        log.info("backup of %s restored", restored.made_at if restored else None)
    except (RufweicheError, OSError) as error:
        log.error("the backup was not restored: %s", error)


def _restore_newest(state: Path) -> bool:
    """Whether one could be. Raises AlreadyRunning."""
    from appliance.store import backup

    for file in nightly.found(state):
        try:
            restored = backup.restore(file, state, wall())
        except AlreadyRunning:
            raise
        except (RufweicheError, OSError) as error:
            log.error("%s: %s", file.name, error)
            continue
        log.warning("the backup of %s was put in place of a damaged database", restored.made_at)
        if settings := restored.settings:
            language = settings.business.language
            local = f"{restored.made_at:%d.%m.%Y %H:%M}" if language == "de" else f"{restored.made_at:%Y-%m-%d %H:%M}"
            _tell(state, settings, alarms.text("restored", local, language))
        return True
    log.error("there is no sound backup to put in place of it")
    return False


def _tell(state: Path, settings: Settings, text: str) -> None:
    try:
        with Store.open(state) as store:
            alarm(store, settings, text, wall())
    except RufweicheError as error:
        log.error("the owner was not told: %s", error)
