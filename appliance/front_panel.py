"""`rufweiche panel`: the front panel's process. Reads the engine's sign of life, leaves wishes in the store.

A process of its own, since gpiozero is as large as a third of the engine; what the engine never needs must not grow it.
Without pins it says so once and ends: everything else works.
"""

from __future__ import annotations

import logging
import queue
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

from appliance.core.errors import RufweicheError, StoreError
from appliance.core.panel import Answer, Gesture, Lights, Panel
from appliance.core.plan import applies
from appliance.core.requests import RESTART
from appliance.core.settings import FrontPanel, from_json
from appliance.ports import clock
from appliance.status import engine_lines
from appliance.store import factory_reset
from appliance.store.changes import ClearOverride, Keep, SetOverride
from appliance.store.database import Store
from appliance.store.file import fingerprint
from appliance.store.page import PageStore

log = logging.getLogger(__name__)

LOOK_EVERY = 0.5
"""Seconds between two looks at how the lines are."""
ANNOUNCE = "box.announce"
"""In the store: when somebody asked at the box for its address (ISO 8601)."""


class Pins(Protocol):
    """What ports/panel gives."""

    def show(self, lights: Lights) -> None: ...
    def close(self) -> None: ...


class Service:
    """Call turn() for ever. `open_pins`: given the pins and whom to tell of the button; raises RufweicheError."""

    def __init__(
        self,
        state: Path,
        open_pins: Callable[[FrontPanel, Callable[[bool], None]], Pins],
        now: Callable[[], float] = clock.monotonic,
        wall: Callable[[], datetime] = clock.wall,
    ) -> None:
        self.panel = Panel()
        self._state = state
        self._open_pins = open_pins
        self._now = now
        self._wall = wall
        self._button: queue.SimpleQueue[tuple[bool, float] | None] = queue.SimpleQueue()
        self._pins: Pins | None = None
        self._layout: FrontPanel | None = None
        self._seen: tuple[tuple[int, int] | None, ...] = ()
        self._look_at = 0.0
        self.stopped = False

    def run(self) -> None:
        """Until stop(). Raises RufweicheError where there are no pins."""
        try:
            while not self.stopped:
                self.turn()
        finally:
            if self._pins:
                self._pins.close()

    def stop(self) -> None:
        """Let run() return."""
        self.stopped = True
        self._button.put(None)

    def turn(self, wait: bool = True) -> None:
        """Wait for the button or the next change of the lights, and deal with it."""
        now = self._now()
        until = min(self.panel.deadline(now), self._look_at)
        with suppress(queue.Empty):
            while event := self._button.get(wait, max(until - now, 0.0)):
                down, at = event
                if down:
                    self.panel.pressed(at)
                else:
                    self._act(self.panel.released(at))
                wait = False
        now = self._now()
        self._act(self.panel.tick(now))
        if now >= self._look_at:
            self._look_at = now + LOOK_EVERY
            self.panel.see(engine_lines(self._state, now), now)
            self._look_for_pins()
        if self._pins:
            self._pins.show(self.panel.lights(now))

    def button(self, down: bool) -> None:
        """From the pins' thread."""
        self._button.put((down, self._now()))

    # --- pins ------------------------------------------------------------------------------------

    def _look_for_pins(self) -> None:
        """Take the pins of the settings, and others when those change."""
        seen = fingerprint(self._state)
        if self._layout is not None and seen == self._seen:
            return
        self._seen = seen
        layout = self._settings_layout()
        if layout == self._layout:
            return
        if self._pins:
            self._pins.close()
            self._pins = None
        self._layout = layout
        if layout.enabled:
            self._pins = self._open_pins(layout, self.button)

    def _settings_layout(self) -> FrontPanel:
        try:
            with Store.open(self._state) as store:
                loaded = store.load_settings()
            return from_json(loaded[1]).panel if loaded else FrontPanel()
        except RufweicheError as error:
            log.debug("no settings: %s", error)
            return self._layout or FrontPanel()

    # --- gestures --------------------------------------------------------------------------------

    def _act(self, gesture: Gesture | None) -> None:
        if gesture is None:
            return
        log.info("button: %s", gesture.value)
        try:
            answer = self._carry_out(gesture)
        except RufweicheError as error:
            log.warning("button: %s could not be done: %s", gesture.value, error)
            answer = Answer.FAILED
        self.panel.answer(answer, self._now())

    def _carry_out(self, gesture: Gesture) -> Answer:
        at = self._wall()
        if gesture is Gesture.AWAY:
            return self._toggle_away(at)
        if gesture is Gesture.ANNOUNCE:
            with Store.open(self._state, create=True) as store:
                store.write(Keep(ANNOUNCE, at.isoformat()))
        elif gesture is Gesture.RESET_PASSWORD:
            with PageStore.open(self._state) as store:
                store.keep(**{"page.password": None})
                store.end_sessions()
        else:
            factory_reset.ask(self._state)
            try:
                with Store.open(self._state, create=True) as store:
                    store.ask(RESTART, {}, at)
            except StoreError:
                factory_reset.do_without(self._state)  # else it would come at some later start
                raise
        return Answer.DONE

    def _toggle_away(self, at: datetime) -> Answer:
        """Away on, or off if it is on; another plan somebody switched on gives way to away."""
        with Store.open(self._state) as store:
            loaded = store.load_settings()
            if loaded is None:
                raise StoreError("there are no settings yet")
            settings = from_json(loaded[1])
            away, override = settings.timetable.away, store.override()
            if away is None:
                raise StoreError("which plan is meant by away is not set: add away to [timetable] in the settings")
            if override and override.plan == away and applies(settings, at, override):
                store.write(ClearOverride())
                return Answer.OFF
            store.write(SetOverride(away, None, "button", at))
            return Answer.ON


def run_panel(state: Path) -> int:
    """`rufweiche panel`: until SIGTERM; exit status. Without pins it ends at once, which is no failure."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    from appliance.ports.notify import Notifier

    notifier = Notifier()
    try:
        from appliance.ports.panel import GpioPanel

        service = Service(state, GpioPanel)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: service.stop())
        service.turn(wait=False)
        notifier.say("READY=1")
        service.run()
    except (RufweicheError, ImportError) as error:
        log.info("no front panel: %s", error)
        notifier.say("READY=1")  # nothing is missing that this box has
    finally:
        notifier.close()
    return 0


if __name__ == "__main__":
    sys.exit(run_panel(Path(sys.argv[1])))
