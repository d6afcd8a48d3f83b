"""One turn for both lines of a bridge: a processor that slept has forgotten code and data, and each turn costs that.

Both lines send 20 ms of sound every 20 ms, the one some milliseconds after the other. Whichever follows the other
sooner leads: its sound wakes us, and what came of the other before is read along with it. As the clocks drift apart
their order is looked at anew now and then, for one frame. Lines that send in any other way have turns of their own.
"""

from __future__ import annotations

from typing import Final

from appliance.audio.coding import FRAME, RATE

_STEP: Final = FRAME / RATE
_LONGEST_WAIT: Final = 0.0105
"""Seconds a line may wait for the other: half a step, so that one of the two always may, and some rounding."""
_IRREGULAR: Final = 0.005
"""Seconds by which a frame may come early or late."""
_REGULAR: Final = 25
"""Frames in time after which a line is believed to go on so."""
_LOOK_AGAIN: Final = 2.0
"""Seconds; in these, clocks drift apart by less than a millisecond."""


class Rhythm:
    """Two lines; sans-I/O. Told when lines wake us, it says which of them need not."""

    def __init__(self, one: str, other: str) -> None:
        self.follower: str | None = None
        """The line that wakes nobody, and is read whenever the other one is."""
        self._others = {one: other, other: one}
        self._came = dict.fromkeys(self._others, float("-inf"))
        self._in_time = dict.fromkeys(self._others, 0)
        self._lag = 0.0
        self._look_at = 0.0

    def lag(self, line: str) -> float:
        """Seconds by which what is read of a line came earlier."""
        return self._lag if line == self.follower else 0.0

    def deadline(self) -> float | None:
        """When the follower is on its own again, if the other line is late."""
        if self.follower is None:
            return None
        return self._came[self._others[self.follower]] + _STEP + _IRREGULAR

    def tick(self, now: float) -> None:
        """Time has passed."""
        if (due := self.deadline()) is not None and now >= due:
            self.part()

    def came(self, line: str, now: float) -> str | None:
        """A line has woken us; the one to be read along with it."""
        regular = abs(now - self._came[line] - _STEP) <= _IRREGULAR
        self._in_time[line] = self._in_time[line] + 1 if regular else 0
        self._came[line] = now
        if self.follower is not None:
            return self.follower if line != self.follower else None
        other = self._others[line]
        waited = now - self._came[other]
        if waited <= _LONGEST_WAIT and min(self._in_time.values()) >= _REGULAR:
            self.follower, self._lag, self._look_at = other, waited, now + _LOOK_AGAIN
        return None

    def read_along(self, found: bool, now: float) -> None:
        """The follower was read, too; whether anything had come."""
        if self.follower is None:
            return
        if found:
            self._came[self.follower] = now - self._lag
        leads_in_time = self._in_time[self._others[self.follower]] > 0
        if not found or not leads_in_time or now >= self._look_at:
            self.part()

    def part(self) -> None:
        """Each line wakes us itself, until it is clear again which comes first."""
        self.follower = None
