"""Who gets a call, as the engine asks it: the core's decision with all it needs, and what guards against loops."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from appliance.core import plan
from appliance.core.call_state import Decide
from appliance.core.callers import CallerBook
from appliance.core.confirmations import Situation
from appliance.core.errors import StoreError
from appliance.core.guard import Guard
from appliance.core.plan import Decision, Override
from appliance.core.records import CallRecord
from appliance.core.roster import Handover
from appliance.core.settings import Settings
from appliance.store.database import Store

log = logging.getLogger(__name__)


class Decider:
    """The settings in force, and what else a decision depends on. Changes count from the next question on."""

    def __init__(
        self,
        store: Store,
        now: Callable[[], float],
        handovers: Callable[[], Sequence[Handover]],
        clock_known: Callable[[datetime], bool] = lambda at: at >= plan.CLOCK_KNOWN_FROM,
    ) -> None:
        """handovers: those in force, asked at each decision. clock_known: whether the wall clock may be believed."""
        self._clock_known = clock_known
        self.override: Override | None = None
        self.handovers = handovers
        self._warned: set[tuple[str, str | None]] = set()
        self._store = store
        self._now = now
        self._guard = Guard()
        self._settings: Settings | None = None
        self._book = CallerBook(())

    @property
    def settings(self) -> Settings:
        """Those in force; only once there are some."""
        assert self._settings is not None
        return self._settings

    def settings_changed(self, settings: Settings) -> None:
        """New settings are in force."""
        self._settings = settings
        self.look()

    def look(self) -> None:
        """Another process may have changed the override or the contacts."""
        if self._settings is None:
            return
        try:
            self.override = self._store.override()
            self._book = CallerBook(self.settings.caller, self._store.contacts())
        except StoreError as error:
            log.warning("callers and override stay as they were: %s", error)

    def take(self, override: Override) -> None:
        """This override is on its way to the store: it counts from now on."""
        self.override = override

    def for_line(self, line: str) -> Decide:
        """Today's settings, for as long as a call lasts."""
        settings = self.settings
        return lambda caller, withheld, at: self._decide(settings, line, caller, withheld, at)

    def name_of(self, record: CallRecord) -> str | None:
        """The name of a caller: ours, else the network's."""
        return plan.caller_name(self.settings, record.caller, self._book) or record.caller_name

    def note_on(self, number: str | None) -> str:
        """What the contact's entry says besides."""
        known = self._book.find(number)
        return known.note if known else ""

    def situation(self, at: datetime, down: tuple[str, ...]) -> Situation:
        """What applies now, to be told."""
        override = self.override if self.override and plan.applies(self.settings, at, self.override) else None
        local = at.astimezone(ZoneInfo(self.settings.business.timezone))
        return Situation(plan.plan_at(self.settings, local, override), override.until if override else None, down)

    # --- what is forwarded -----------------------------------------------------------------------

    def forwarding(self, record: CallRecord, number: str) -> None:
        """A target is being called, or given the ringing call, for this caller."""
        if not record.attempts:
            self._guard.forwarded(record.caller, self._now())
        self._guard.begin(record.line, record.caller, number)

    def connected(self, record: CallRecord) -> None:
        """The target has answered: from now on nothing can come back."""
        self._guard.connected(record.line)

    def ended(self, record: CallRecord) -> None:
        """A call is over."""
        self._warned.discard((record.line, record.caller))
        self._guard.end(record.line, self._now(), unheard=record.method == "deflect")

    def _decide(self, settings: Settings, line: str, caller: str | None, withheld: bool, at: datetime) -> Decision:
        decision = plan.decide(
            settings,
            caller,
            withheld,
            at,
            self.override,
            line,
            book=self._book,
            handovers=self.handovers(),
            clock_known=self._clock_known(at),
        )
        if self._guard.is_loop(caller, settings.own_numbers(), self._now()):
            self._warn(line, caller, "a call that we make ourselves comes back; it is ended")
            return Decision(None, "blocked", "forwarding loop", None, (), None, "hang-up")
        if decision.chain and not self._guard.may_forward(caller, settings.guard.forwards_per_hour, self._now()):
            self._warn(line, caller, "this caller was forwarded often enough for an hour")
            return replace(decision, chain=())
        return decision

    def _warn(self, line: str, caller: str | None, what: str) -> None:
        """Once a call, though the plan is asked at every ring."""
        if (line, caller) not in self._warned:
            self._warned.add((line, caller))
            log.warning("%s: %s", line, what)
