"""How much to send when: as many samples as came, so that a modem's one clock serves both ways.

Where nothing comes, by the clock of this machine; what then comes late was paid for already. What should have been
sent while the modem had nothing to play any more is left out: sent after all it would only make all that follows late.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from appliance.audio.coding import RATE

LEAD: Final = 0.045
"""Seconds the modem has in hand when somebody waits for an answer: what covers a late turn of ours."""
LEAD_PLAYING: Final = 0.2
"""The same where sound is only played: nobody hears that it comes later."""
MOST_LEAD: Final = 0.2
"""Underruns add to the lead up to here."""
STALLED: Final = 0.04
"""Seconds by which a modem's sound may be late; from then on this machine's clock paces."""
_OPENING: Final = 0.5
"""Seconds after the opening in which sound may come that had waited before it."""
_FIRST: Final = 0.02
"""Seconds of it that are believed: a frame that was nearly complete."""
_FORGOTTEN: Final = 1e-3
"""Part by which a modem may be slower than this machine and is believed: its clock, and what was lost."""
_UNDERRUN_PAUSE: Final = 0.2
_REFILL: Final = 0.02
_REMEMBERED: Final = 9
_ROUNDED: Final = 1e-3
"""Samples: a frame that is due but for the rounding of times is due, or the deadline would stand still."""


class Pacer:
    """Counts samples that may be sent."""

    def __init__(self, receives: bool, now: float, *, lead: float = LEAD) -> None:
        self._receives = receives
        self._wanted = lead
        self._added = 0.0
        """Seconds that underruns have added."""
        self._began = now
        self._came = 0
        self._ahead = 0.0
        """Samples by which the modem is ahead of this machine's clock."""
        self._ahead_at = now
        self._sent = 0
        self._transfers: deque[int] = deque([0], maxlen=_REMEMBERED)
        """How many samples came at once, lately."""
        self._refilled_at = float("-inf")

    @property
    def lead(self) -> float:
        """Seconds of sound that are on their way through the modem."""
        return max(self._wanted, min(MOST_LEAD, self._wanted + self._added))

    def want(self, lead: float) -> None:
        """Have so many from now on. With fewer, nothing is due until the modem has played the rest."""
        self._wanted = lead

    def received(self, samples: int, now: float) -> None:
        """So many came. What had waited before the opening is not to be answered: it would all be in the modem, ahead
        of whatever is sent, for as long as the stream lasts."""
        if now < self._began + _OPENING:
            samples = max(0, min(samples, int(self._clock(now) + _FIRST * RATE) - self._came))
        self._came += samples
        self._transfers.append(samples)
        forgotten = _FORGOTTEN * RATE * (now - self._ahead_at)
        self._ahead = max(self._ahead - forgotten, self._came - self._clock(now))
        self._ahead_at = now

    def underrun(self, now: float) -> None:
        """The modem had nothing to play (DLE u): its lead is used up, or was too small."""
        if now < self._refilled_at + _UNDERRUN_PAUSE:
            return
        self._refilled_at = now
        if not self._receives:
            self._sent = min(self._sent, int(self._clock(now)))
        elif self.lead + _REFILL <= MOST_LEAD + 1e-9:
            self._added += _REFILL

    def take(self, now: float, frame: int) -> tuple[int, bool]:
        """How many whole frames are due now, which count as sent, and whether some were left out as too late."""
        due = self._due(now)
        if due + _ROUNDED < frame:
            return 0, False
        most = self.lead * RATE + frame
        late = due > most + _ROUNDED and due > (most := max(most, self._typical() + frame)) + _ROUNDED
        if late:
            self._sent += int(due - most)
            due = most
        frames = int((due + _ROUNDED) // frame)
        self._sent += frames * frame
        return frames, late

    def deadline(self, frame: int) -> float:
        """When the next frame is due by the clock, if nothing comes before."""
        missing = self._sent + frame - self.lead * RATE - self._ahead
        return self._began + missing / RATE + (STALLED if self._receives else 0.0)

    def _typical(self) -> int:
        return sorted(self._transfers)[len(self._transfers) // 2]

    def _due(self, now: float) -> float:
        clock = self._clock(now) + self._ahead
        position = max(float(self._came), clock - STALLED * RATE) if self._receives else clock
        return position + self.lead * RATE - self._sent

    def _clock(self, now: float) -> float:
        return (now - self._began) * RATE
