"""What the engine does now and then: forget what is old, and watch what the month costs."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from appliance.core import card
from appliance.core.costs import Bill, Watched, bill, month, watch
from appliance.core.errors import StoreError
from appliance.core.plan import Override, applies
from appliance.core.settings import Settings
from appliance.core.wording import money
from appliance.postroom import PostRoom
from appliance.store import recordings
from appliance.store.changes import Keep, SetOverride
from appliance.store.database import Store
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

EVERY = 3600.0
"""Seconds."""
FIRST = 300.0
"""Seconds from start to the first time. A wall clock that is wrong is set by then, and nothing old is deleted on the
word of one that has just jumped; but a box that is on for less than an hour a day forgets what is old, too."""
WATCH = 60.0
"""Seconds between two looks at the costs: in an hour a busy line could go far beyond the cap."""
AGAIN = 5.0
"""Seconds until the next thousand rows, while there are some to forget."""
CAP = "costs cap"
"""What was done about the cap, in the store."""
CARD = "card reminded"
"""Of which end of the card the owner was last reminded, and how many days before, in the store."""


def month_bill(store: Store, settings: Settings, at: datetime) -> Bill:
    """What this month has cost so far, with the tariffs of the settings. Raises StoreError."""
    uses, texts = store.usage(*month(at, ZoneInfo(settings.business.timezone)))
    numbers = {target.name: target.number for target in settings.target}
    tariffs = {target.name: target.tariff_ct for target in settings.target}
    return bill(uses, texts, numbers, tariffs, settings.costs.text_ct)


class _Cap(NamedTuple):
    """What was done about a month's cap: kept, so that neither a restart nor the owner's "auto" has it done again."""

    month: str
    cap: float
    told: Watched = "fine"
    is_set: bool = False
    """Whether the plan for that was switched on."""


class Housekeeper:
    """Call tick() every second while there is no call."""

    def __init__(self, store: Store, writer: Writer, postroom: PostRoom, now: float) -> None:
        self._store = store
        self._writer = writer
        self._postroom = postroom
        self._at = now + FIRST
        self._forgot_on: date | None = None
        self._watch_at = now + WATCH
        self._cap: _Cap | None = None
        self._card: str | None = None

    def tick(
        self, settings: Settings, override: Override | None, take: Callable[[Override], None], now: float, at: datetime
    ) -> None:
        """Let time pass. `take`: the engine takes this override, which is on its way to the store."""
        if now >= self._watch_at:
            self._watch_at = now + WATCH
            try:
                self._watch_costs(settings, override, take, now, at)
            except StoreError as error:
                log.warning("the costs are looked at later: %s", error)
        if now < self._at:
            return
        self._at = now + EVERY
        try:
            if self._forget(settings, at):
                self._at = now + AGAIN
            else:
                self._store.lay_out_log()  # at first, and after it was cut by whoever deleted something
            recordings.sweep(self._store.path.parent, self._store.voicemails(), at)
            self._watch_card(settings, now, at)
        except StoreError as error:
            log.warning("house-keeping waits: %s", error)

    def _forget(self, settings: Settings, at: datetime) -> bool:
        """Delete what is old, once a day, for that writes much; whether there is more of it."""
        if self._forgot_on == at.date():
            return False
        more = self._store.purge(at - timedelta(days=settings.messages.keep_days)) > 0
        self._forgot_on = None if more else at.date()
        return more

    def _watch_costs(
        self, settings: Settings, override: Override | None, take: Callable[[Override], None], now: float, at: datetime
    ) -> None:
        """At the month's cap forwarding goes over to the plan named for that, said and never silently."""
        cap, plan = settings.costs.monthly_cap_eur, settings.costs.cap_plan
        if cap is None:
            return
        begin, end = month(at, ZoneInfo(settings.business.timezone))
        state = watch(month_bill(self._store, settings, at).ct, cap)
        before = self._done_so_far(f"{begin:%Y-%m}", cap)
        done = before
        if state != "fine" and before.told not in (state, "reached"):
            cause = "costs_cap" if state == "reached" else "costs_near"
            what = f"{money(cap * 100, settings.business.language)} ({begin:%m/%Y})"
            self._postroom.alarm(cause, what, now, at)
            done = done._replace(told=state)
        is_free = override is None or not applies(settings, at, override)  # what somebody switched on goes first
        if state == "reached" and plan and is_free and not before.is_set:
            self._writer.add(SetOverride(plan, end, "costs", at))
            take(Override(plan, end))
            done = done._replace(is_set=True)
        if done != before:
            self._cap = done
            self._writer.add(Keep(CAP, json.dumps(done)))

    def _watch_card(self, settings: Settings, now: float, at: datetime) -> None:
        """Remind of the end of a prepaid card, once each time there is to be a reminder, also across restarts."""
        expires, business = settings.costs.card_expires, settings.business
        due = card.due(expires, at.astimezone(ZoneInfo(business.timezone)).date()) if expires else None
        if expires is None or due is None:
            return
        told = f"{expires.isoformat()} {due}"
        if self._card != told and (self._card or self._store.kept(CARD)) != told:
            self._postroom.alarm("card", card.in_words(expires, business.language), now, at)
            self._writer.add(Keep(CARD, told))
        self._card = told

    def _done_so_far(self, of_month: str, cap: float) -> _Cap:
        """About this cap in this month; another cap, or another month, begins anew."""
        if self._cap is None:
            kept = self._store.kept(CAP)
            try:
                self._cap = _Cap(*json.loads(kept or "[]"))
            except (ValueError, TypeError):  # nothing yet, or not as we keep it
                self._cap = _Cap(of_month, cap)
        return self._cap if self._cap[:2] == (of_month, cap) else _Cap(of_month, cap)
