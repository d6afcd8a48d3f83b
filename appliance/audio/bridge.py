"""Two lines that hear each other."""

from __future__ import annotations

from appliance.audio.clocks import Elastic
from appliance.audio.coding import Samples
from appliance.audio.level import Leveller


class Bridge:
    """`may_boost`: no line sends back what it hears."""

    def __init__(self, one: str, other: str, may_boost: bool) -> None:
        self.lines = (one, other)
        self.ways = {line: Elastic() for line in self.lines}
        """What goes to each line."""
        self._levels = {line: Leveller(may_boost) for line in self.lines}

    def other(self, line: str) -> str:
        """The one at the other end."""
        one, other = self.lines
        return other if line == one else one

    def carry(self, line: str, frame: Samples, now: float) -> None:
        """What a line said."""
        self.ways[self.other(line)].push(self._levels[line].apply(frame), now)

    def frame(self, line: str, count: int, now: float, following: int = 0) -> Samples:
        """What a line hears. `following`: frames that are asked for at once after this one."""
        return self.ways[line].pop(count, now, following)

    def catch_up(self, line: str, frames: int) -> None:
        """The line could not be sent what was meant for it: what has come meanwhile must not be late for ever.

        `frames`: how many are asked for now.
        """
        self.ways[line].catch_up(max(0, frames - 1))
