"""`rufweiche network`: the box's way into the network: hotspot, address, and the clock, which often comes from there.

A process of its own: it needs rights the engine must not have, over NetworkManager, the boot partition and the clock.
"""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import subprocess
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from appliance.clock_setter import ClockSetter
from appliance.core import addresses, network_ways
from appliance.core.errors import RufweicheError
from appliance.core.hotspot import ASKED_FOR, Do, Hotspot, Picture
from appliance.core.quiet import end as quiet_end
from appliance.core.records import Message
from appliance.core.settings import Settings, from_json
from appliance.doorplate import SCREEN, Doorplate
from appliance.front_panel import ANNOUNCE
from appliance.machine import write
from appliance.ports import clock
from appliance.store import live
from appliance.store.changes import Keep
from appliance.store.database import Store
from appliance.store.factory_reset import CODE
from appliance.store.file import fingerprint
from appliance.timekeeper import KEPT as CLOCK_KEPT
from appliance.timekeeper import last_believed

log = logging.getLogger(__name__)

BOOT = (Path("/boot/firmware"), Path("/boot"))
"""Where the boot partition is, newest first; any PC can read it."""
FILE = "rufweiche-address.txt"
TOLD = "network.told"
"""In the store: the addresses last told, a JSON list."""
LOOK_EVERY = 60.0
"""Seconds between two looks though nothing has been heard of; sooner while something is awaited."""
TICK = 5.0
"""Seconds between two looks at the store and the clock."""


class Networks(Protocol):
    """What ports/network.NetworkManager does."""

    def picture(self) -> Picture: ...
    def open_hotspot(self, name: str, key: str | None) -> None: ...
    def close_hotspot(self) -> None: ...


class Service:
    """Call tick() every TICK seconds, with `news` when NetworkManager has said something."""

    def __init__(
        self,
        state: Path,
        networks: Networks,
        boot: Path | None,
        clock_setter: ClockSetter,
        now: Callable[[], float] = clock.monotonic,
        wall: Callable[[], datetime] = clock.wall,
        screen: Path | None = None,
    ) -> None:
        """boot: the boot partition, None where there is none to write to; screen: what a screen at the box shows."""
        self._state = state
        self._networks = networks
        self._boot = boot
        self._clock_setter = clock_setter
        self._now = now
        self._wall = wall
        self._seen: tuple[object, ...] = ()
        self._settings: Settings | None = None
        self._is_claimed = False
        self._made_up_code: str | None = None
        self._addresses: tuple[str, ...] = ()
        self._doorplate = Doorplate(boot, screen)
        self._announce: str | None = None
        self._last_time: datetime | None = None
        self._problem: str | None = None
        self._look_at = 0.0
        told = self._read_store() or ()
        self._asked: str | None = self._announce  # a wish of an earlier life was granted then
        self._asked_at = float("-inf")
        self._hotspot = Hotspot(now(), told)

    def tick(self, news: bool = False) -> None:
        """Look at what may have changed, and do what is to be done."""
        now = self._now()
        self._read_store()
        if self._announce != self._asked:
            self._asked = self._announce
            log.info("somebody at the box asks for its address")
            self._hotspot.ask(now)
            self._asked_at = now
            news = True
        with suppress(RufweicheError):
            said = live.read(self._state, clock.boot_id(), now)
            self._clock_setter.look(said, self._last_time, now, self._wall())
        if news or now >= self._look_at:
            self._look(now)
        self._doorplate.show(self._code_to_show(), self._addresses, self._hostname, self._language)

    def _look(self, now: float) -> None:
        try:
            picture = self._networks.picture()
            self._addresses = picture.addresses
            if not self._may_open(now):
                picture = replace(picture, has_radio=False)
            for do in self._hotspot.look(picture, now):
                log.info("%s", do.value)
                self._carry_out(do, picture)
            self._problem = None
        except (RufweicheError, OSError) as error:
            if str(error) != self._problem:
                log.warning("%s", error)
            self._problem = str(error)
        self._look_at = min(now + LOOK_EVERY, self._hotspot.deadline(now))

    def _carry_out(self, do: Do, picture: Picture) -> None:
        if do is Do.OPEN:
            self._networks.open_hotspot(addresses.HOTSPOT_NAME, self._key())
        elif do is Do.CLOSE:
            self._networks.close_hotspot()
        else:
            self._note(picture.addresses)
            if do is Do.TELL:
                self._tell(picture.addresses)

    def _may_open(self, now: float) -> bool:
        """Without a code on a card the hotspot is open to all; once the box has an owner, only for who asks at it."""
        return self._key() is not None or not self._is_claimed or now < self._asked_at + ASKED_FOR

    def _code_to_show(self) -> str | None:
        """One that was made up at the first start, while it is worth something; the one on a card is known there."""
        return self._made_up_code if not self._is_claimed and not (self._state / CODE).exists() else None

    def _key(self) -> str | None:
        """The code on the box's card keeps strangers out."""
        with suppress(OSError):
            code = (self._state / CODE).read_text().strip()
            if 8 <= len(code) <= 63:  # IEEE 802.11, J.4
                return code
        return None

    # --- the address -----------------------------------------------------------------------------

    def _note(self, found: tuple[str, ...]) -> None:
        """On the boot partition; a write costs a card, so that only what is new is written."""
        if self._boot is None:
            return
        path, text = self._boot / FILE, addresses.file_text(found, self._hostname, self._language)
        with suppress(OSError):
            if path.read_bytes() == text.encode():
                return
        try:
            write(path, text, 0o644)
        except OSError as error:
            log.info("%s cannot be written: %s", path, error.strerror)

    def _tell(self, found: tuple[str, ...]) -> None:
        """By text, where a line can, and over the network; kept, so that it is told once."""
        at, settings = self._wall(), self._settings
        with Store.open(self._state, create=True) as store:
            store.write(Keep(TOLD, json.dumps(found)))
            if settings is None:
                return
            text = addresses.text(found, settings.box.hostname, settings.business.language)
            held = quiet_end(settings.messages.quiet, at.astimezone(addresses.zone(settings)))
            told = network_ways.messages(settings.notify, "alarm", text, at, held)
            if settings.texting_line() is not None:
                to = settings.business.owner_mobile
                told = (Message(uuid.uuid4().hex, "alarm", to, text, at, not_before=held), *told)
            for message in told:
                store.queue_message(message)

    @property
    def _hostname(self) -> str:
        return self._settings.box.hostname if self._settings else "rufweiche"

    @property
    def _language(self) -> str:
        return self._settings.business.language if self._settings else "de"

    # --- the store -------------------------------------------------------------------------------

    def _read_store(self) -> tuple[str, ...] | None:
        """Take what has changed there; the addresses told in an earlier life, None where nothing has."""
        seen = fingerprint(self._state)
        if seen == self._seen or seen[0] is None:
            return None
        self._seen = seen
        try:
            with Store.open(self._state) as store:
                loaded = store.load_settings()
                self._settings = from_json(loaded[1]) if loaded else None
                self._announce = store.kept(ANNOUNCE)
                self._is_claimed = store.kept("page.password") is not None
                self._made_up_code = store.kept("page.code")
                self._last_time = last_believed(store.kept(CLOCK_KEPT))
                told = json.loads(store.kept(TOLD) or "[]")
        except (RufweicheError, ValueError) as error:
            log.debug("the store cannot be read: %s", error)
            return None
        return tuple(map(str, told)) if isinstance(told, list) else ()


def run_network(state: Path) -> int:
    """`rufweiche network`: until SIGTERM; exit status."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    from appliance.ports.network import NetworkManager, monitor
    from appliance.ports.notify import Notifier

    boot = next((place for place in BOOT if os.path.ismount(place)), None)
    service, notifier = Service(state, NetworkManager(), boot, ClockSetter(), screen=SCREEN), Notifier()
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    signal.set_wakeup_fd(waker)
    listening: subprocess.Popen[bytes] | None = None
    notifier.say("READY=1")
    try:
        while not stopped:
            if listening is None or listening.poll() is not None:
                listening = monitor()
            said = [listening.stdout.fileno()] if listening and listening.stdout else []
            ready, _, _ = select.select([wake, *said], [], [], TICK)
            news = any(fd in ready and os.read(fd, 65536) for fd in said)
            service.tick(news)
            notifier.say("WATCHDOG=1")
    finally:
        signal.set_wakeup_fd(-1)
        if listening is not None:
            listening.kill()
            listening.wait()
        notifier.close()
    return 0
