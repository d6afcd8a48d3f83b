"""How much to send when: as many samples as came, so that a modem's one clock serves both ways.

Where nothing comes, by the clock of this machine.
"""

from __future__ import annotations

from typing import Final

from appliance.audio.coding import RATE

LEAD: Final = 0.04
"""Seconds the modem has in hand when sound flows both ways: what covers a late turn of ours."""
LEAD_SENDING: Final = 0.2
"""The same where it only takes sound: nobody waits for an answer."""
MOST_LEAD: Final = 0.2
"""Underruns add to the lead up to here."""
STALLED: Final = 0.1
"""Seconds without sound from a modem that should send some; from then on this machine's clock paces."""
_UNDERRUN_PAUSE: Final = 0.2
_REFILL: Final = 0.02
_ROUNDED: Final = 1e-3
"""Samples: a frame that is due but for the rounding of times is due, or the deadline would stand still."""


class Pacer:
    """Counts samples that may be sent."""

    def __init__(self, receives: bool, now: float) -> None:
        self._receives = receives
        self.lead = LEAD if receives else LEAD_SENDING
        """Seconds of sound that are on their way through the modem."""
        self._credit = self.lead * RATE
        self._lent = 0.0
        """Samples granted by the clock while the modem was silent; what comes late pays them back."""
        self._counted_at = now
        self._received_at = now
        self._refilled_at = float("-inf")

    def received(self, samples: int, now: float) -> None:
        """So many came."""
        paid = min(self._lent, samples)
        self._lent -= paid
        self._credit += samples - paid
        self._received_at = self._counted_at = now

    def underrun(self, now: float) -> None:
        """The modem had nothing to play (DLE u): its lead is used up, or was too small."""
        if now < self._refilled_at + _UNDERRUN_PAUSE:
            return
        self._refilled_at = now
        if self._receives:
            if self.lead + _REFILL <= MOST_LEAD + 1e-9:
                self.lead += _REFILL
                self._credit += _REFILL * RATE
        else:
            self._credit = max(self._credit, self.lead * RATE)

    def take(self, now: float, frame: int) -> int:
        """How many whole frames are due now; they count as sent."""
        self._count(now)
        frames = max(0, int((self._credit + _ROUNDED) // frame))
        self._credit -= frames * frame
        return frames

    def deadline(self, frame: int) -> float:
        """When the next frame is due by the clock, if nothing comes before."""
        begins = self._received_at + STALLED if self._receives else self._counted_at
        return max(begins, self._counted_at) + max(0.0, frame - self._credit) / RATE

    def _count(self, now: float) -> None:
        if self._receives and now < self._received_at + STALLED:
            return
        since = max(self._counted_at, self._received_at + STALLED) if self._receives else self._counted_at
        granted = max(0.0, now - since) * RATE
        self._counted_at = now
        self._credit += granted
        if self._receives:
            self._lent = min(self._lent + granted, STALLED * RATE)
