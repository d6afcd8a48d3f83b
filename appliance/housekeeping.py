"""What the engine does now and then: forget what is old, and watch what the month costs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from appliance.core.costs import Bill, bill, month, watch
from appliance.core.errors import StoreError
from appliance.core.plan import Override
from appliance.core.settings import Settings
from appliance.postroom import PostRoom
from appliance.store.changes import SetOverride
from appliance.store.database import Store
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

EVERY = 3600.0
"""Seconds. The first time is as long after start: a wall clock that is wrong is set by then, and nothing old is
deleted on the word of one that has just jumped."""
AGAIN = 5.0
"""Seconds until the next thousand rows, while there are some to forget."""


def month_bill(store: Store, settings: Settings, at: datetime) -> Bill:
    """What this month has cost so far, with the tariffs of the settings. Raises StoreError."""
    uses, texts = store.usage(*month(at, ZoneInfo(settings.business.timezone)))
    numbers = {target.name: target.number for target in settings.target}
    tariffs = {target.name: target.tariff_ct for target in settings.target}
    return bill(uses, texts, numbers, tariffs, settings.costs.text_ct)


class Housekeeper:
    """Call tick() every second while there is no call."""

    def __init__(self, store: Store, writer: Writer, postroom: PostRoom, now: float) -> None:
        self._store = store
        self._writer = writer
        self._postroom = postroom
        self._at = now + EVERY
        self._told: tuple[str, datetime] | None = None

    def tick(
        self, settings: Settings, override: Override | None, take: Callable[[Override], None], now: float, at: datetime
    ) -> None:
        """Let time pass. `take`: the engine takes this override, which is on its way to the store."""
        if now < self._at:
            return
        self._at = now + EVERY
        try:
            if self._store.purge(at - timedelta(days=settings.messages.keep_days)):
                self._at = now + AGAIN
            self._watch_costs(settings, override, take, now, at)
        except StoreError as error:
            log.warning("house-keeping waits: %s", error)

    def _watch_costs(
        self, settings: Settings, override: Override | None, take: Callable[[Override], None], now: float, at: datetime
    ) -> None:
        """At the month's cap forwarding goes over to the plan named for that, said and never silently."""
        cap = settings.costs.monthly_cap_eur
        if cap is None:
            return
        begin, end = month(at, ZoneInfo(settings.business.timezone))
        state = watch(month_bill(self._store, settings, at).ct, cap)
        if state == "fine" or self._told == (state, begin):
            return
        self._told = state, begin
        self._postroom.alarm("costs_cap" if state == "reached" else "costs_near", f"{cap:.2f} €", now, at)
        plan = settings.costs.cap_plan
        if state == "reached" and plan and override is None:
            self._writer.add(SetOverride(plan, end, "costs", at))
            take(Override(plan, end))
