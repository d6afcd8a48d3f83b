"""The box as one request sees it: its store, settings, lines and time, each read at most once a request."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from flask import current_app, g
from msgspec import Struct, field

from appliance.core.errors import RufweicheError
from appliance.core.plan import CLOCK_KNOWN_FROM, Override, applies
from appliance.core.settings import Settings, from_json
from appliance.store import live
from appliance.store.file import FILE_NAME
from appliance.store.page import PageStore
from web import progress
from web.clock import Clock
from web.progress import Progress

Made = TypeVar("Made")
HELD = 128
"""KiB of the database that each thread keeps to itself."""
WAIT = 2.0
"""Seconds to wait for the engine while it writes: it does so in milliseconds, a worn card may take longer."""


class NoSettings(RufweicheError):
    """There are no settings yet: the set-up comes first."""


class Stores(Struct):
    """One open store a thread, as sqlite3 demands; kept open, so that no request pays for opening or a checkpoint."""

    state: Path
    _mine: threading.local = field(default_factory=threading.local)
    _decoded: tuple[bytes, Settings] | None = None
    _kept: dict[str, tuple[str, object]] = field(default_factory=dict)

    def open(self) -> PageStore:
        """This thread's store; opened anew after the file was replaced. Raises StoreError."""
        store: PageStore | None = getattr(self._mine, "store", None)
        if store is not None and self._mine.file != self._file():
            store.close()
            store = None
        if store is None:
            store = PageStore.open(self.state, create=True, wait=WAIT)
            store.hold(HELD)
            self._mine.store, self._mine.file = store, self._file()
        return store

    def close(self) -> None:
        """Close this thread's store."""
        store: PageStore | None = getattr(self._mine, "store", None)
        if store is not None:
            store.close()
            self._mine.store = None

    def decode(self, json: bytes) -> Settings:
        """The settings of this JSON; decoded once, since they seldom change."""
        decoded = self._decoded
        if decoded is None or decoded[0] != json:
            decoded = self._decoded = (json, from_json(json))
        return decoded[1]

    def kept(self, name: str, pulse: str, make: Callable[[], Made]) -> Made:
        """What `make` made while the pulse was this one."""
        found = self._kept.get(name)
        if found is None or found[0] != pulse:
            found = self._kept[name] = (pulse, make())
        return cast(Made, found[1])

    def trace(self) -> str:
        """What writing leaves on the file and its log, whoever writes: the same for every thread, and without asking
        SQLite, whose `data_version` each connection counts for itself."""
        traces = []
        for end in ("", "-wal"):
            try:
                found = (self.state / f"{FILE_NAME}{end}").stat()
            except OSError:
                continue
            traces.append(f"{found.st_ino}.{found.st_size}.{found.st_mtime_ns}")
        return " ".join(traces)

    def _file(self) -> tuple[int, int] | None:
        try:
            found = (self.state / FILE_NAME).stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino


class Box:
    """What a request knows; use `the_box()`."""

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self.clock = clock
        self.state = stores.state
        self._stores = stores

    @cached_property
    def store(self) -> PageStore:
        """The store. Raises StoreError."""
        return self._stores.open()

    @cached_property
    def now(self) -> dt.datetime:
        """Now, aware, in UTC; the same for the whole request."""
        return self.clock.wall()

    @cached_property
    def stored(self) -> tuple[int, Settings] | None:
        """Version and settings, None before there are any."""
        found = self.store.load_settings()
        return None if found is None else (found[0], self._stores.decode(found[1]))

    @property
    def settings(self) -> Settings:
        """The settings. Raises NoSettings, which leads to the set-up."""
        if self.stored is None:
            raise NoSettings("there are no settings yet")
        return self.stored[1]

    @cached_property
    def zone(self) -> ZoneInfo:
        """Of the business; before there are settings, where most boxes are."""
        return ZoneInfo(self.stored[1].business.timezone if self.stored else "Europe/Berlin")

    @property
    def local(self) -> dt.datetime:
        """Now, as the clock on the owner's wall shows it."""
        return self.now.astimezone(self.zone)

    @cached_property
    def override(self) -> Override | None:
        """The plan that was switched on, while it applies."""
        found = self.store.override()
        return found if found is not None and applies(self.settings, self.now, found) else None

    @cached_property
    def progress(self) -> Progress:
        """How far the set-up has come; `save_progress` keeps what was changed."""
        return progress.load(self.store)

    def save_progress(self) -> None:
        """Keep it."""
        progress.save(self.store, self.progress)

    @cached_property
    def live(self) -> dict[str, Any] | None:
        """What the engine showed last, None without a sign of life from it."""
        return live.read(self.state, self.clock.boot_id(), self.clock.monotonic())

    @property
    def clock_known(self) -> bool:
        """Whether the time of day decides anything now, as the engine sees it; without one by the time alone."""
        return self.now >= CLOCK_KNOWN_FROM and not live.doubts_clock(self.live)

    @property
    def lines(self) -> list[dict[str, Any]] | None:
        """The lines as the engine shows them (contract, `status --json`); None: it is not running."""
        return None if self.live is None else _dicts(self.live.get("lines"))

    @property
    def found(self) -> list[dict[str, Any]] | None:
        """Modems that the engine found and that have no line yet; None: it is not running."""
        return None if self.live is None else _dicts(self.live.get("found"))

    @property
    def pulse(self) -> str:
        """Another text whenever anything may look different: the file or the lines have changed, or the minute."""
        shown = None if self.live is None else (self.live.get("lines"), self.live.get("found"))
        return f"{self._stores.trace()} {shown} {self.now:%Y-%m-%dT%H:%M}"

    def kept(self, name: str, make: Callable[[], Made]) -> Made:
        """What takes long to make of the store, and is the same until something is written to it: the last of this
        name. Raises what `make` does."""
        return self._stores.kept(name, f"{self._stores.trace()} {self.local:%Y-%m-%d}", make)

    def ask(self, kind: str, **payload: object) -> int:
        """Ask the engine for something of `core.requests`; the request's id."""
        return self.store.ask(kind, payload, self.now)

    def reread(self) -> None:
        """Forget what was read: it has just been changed."""
        for name in ("stored", "override", "zone"):
            self.__dict__.pop(name, None)


def the_box() -> Box:
    """The box of this request."""
    if "box" not in g:
        g.box = Box(current_app.extensions["rufweiche.stores"], current_app.extensions["rufweiche.clock"])
    return cast(Box, g.box)


def forget(error: BaseException | None) -> None:
    """At the end of a request."""
    g.pop("box", None)


def _dicts(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
