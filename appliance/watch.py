"""What has to be looked after although nobody asks: lines that stay down, the card's balance, the roster's gaps, the
clock, and whatever the housekeeper does."""

from __future__ import annotations

from datetime import datetime

from appliance.core import actions
from appliance.core.outlook import gaps_in_words, tomorrow_gaps
from appliance.core.settings import Settings
from appliance.decider import Decider
from appliance.housekeeping import Housekeeper
from appliance.lineup import LineUp
from appliance.postroom import PostRoom
from appliance.timekeeper import Timekeeper

DOWN_ALARM = 600.0
"""Seconds a line may be down before its owner is told over another one (contract)."""
BALANCE_AFTER = 60.0
BALANCE_EVERY = 24 * 3600.0
"""Seconds from start to the first, and from one to the next look at a prepaid card's balance."""
GAP_EVERY = 3600.0
"""Seconds between two looks at tomorrow's roster."""


class Watch:
    """Call tick() every second, once there are settings."""

    def __init__(
        self,
        lineup: LineUp,
        postroom: PostRoom,
        decider: Decider,
        housekeeper: Housekeeper,
        timekeeper: Timekeeper,
        now: float,
    ) -> None:
        self._lineup = lineup
        self._postroom = postroom
        self._decider = decider
        self._housekeeper = housekeeper
        self._timekeeper = timekeeper
        self._balance_at = now + BALANCE_AFTER
        self._gap_at = now

    def tick(self, settings: Settings, now: float, wall: datetime, clock_known: bool) -> None:
        """Let time pass. `clock_known`: `wall` can be believed."""
        self._lines(now, wall)
        self._balance(settings, now)
        busy = any(seat.busy for seat in self._lineup)
        if self._timekeeper.tick(now, wall, busy):
            for seat in self._lineup:
                if seat.settings.kind == "gsm" and seat.takes_texts:
                    seat.perform([actions.AskTime()], now)
        if clock_known and not busy:
            self._housekeeper.tick(settings, self._decider.override, self._decider.take, now, wall)
        if clock_known and now >= self._gap_at:
            self._gap_at = now + GAP_EVERY
            if gaps := tomorrow_gaps(settings, self._decider.handovers(), wall):
                self._postroom.alarm("roster_gap", gaps_in_words(gaps), now, wall)

    def _lines(self, now: float, wall: datetime) -> None:
        """A line that stays down is told of, where another line can tell it."""
        teller = self._lineup.teller()
        for seat in self._lineup:
            if seat.note_state(now) >= DOWN_ALARM:
                self._postroom.alarm("line_down", seat.name, now, wall, by_text=teller is not seat)

    def _balance(self, settings: Settings, now: float) -> None:
        code, teller = settings.costs.balance_ussd, self._lineup.teller()
        if code and teller and teller.takes_texts and now >= self._balance_at:
            self._balance_at = now + BALANCE_EVERY
            teller.perform([actions.AskNetwork(code)], now)
