"""What becomes of a call that was dialled, by ear: ringback, an answer, busy, congestion, an announcement.

Answered means: the ringback has ended, and nothing but a voice or silence follows. A network that says in words that a
target cannot be reached sounds answered, too: where no ringback came before, who talks on and on is an announcement,
and who says a word and waits is a human.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from msgspec import Struct

from appliance.core import events
from appliance.core.sound import Heard, SoundEvent, StreamEnded
from appliance.lines import sounding
from appliance.lines.analog_voice import opened
from appliance.lines.scripts import Hear, Part

if TYPE_CHECKING:
    from appliance.lines.analog import AnalogLine

RINGBACK_OVER = 8.0
"""Seconds without ringback after which it has ended: it comes every 5 to 6 s (ETSI TR 101 041-2)."""
TALKS_ON = 6.0
"""Seconds of talk, with no ringback before it, that make an announcement; a human waits for an answer by then."""
DIAL_TONE_ENDS = 3.0
"""Seconds after dialling in which the dial tone may still be heard."""
REFUSED_WITHIN = 45.0
"""Seconds of ringing: whoever is busy after that has refused, later it is the network that gives up."""
JITTER = 0.01
"""Seconds by which a clock may call early."""
MARGIN = 30.0
"""Seconds more than the target may ring: the core gives up first."""


class Fate(Enum):
    """Where a call that was dialled has got to."""

    RINGING = "ringing"
    ANSWERED = "answered"
    GONE = "gone"


class Progress(Struct):
    """Judges what is heard after dialling; `now` is an argument. `result`, `reason`: of a call that is gone."""

    dialled_at: float
    rang_at: float | None = None
    rings_at: float = float("-inf")
    talks_since: float | None = None
    result: str = ""
    reason: str = ""

    def hear(self, event: Heard, now: float) -> Fate | None:
        """What this says of the call; None: nothing new."""
        if event.sound == "ringback":
            self.rings_at = now
            self.talks_since = None
            if self.rang_at is not None:
                return None
            self.rang_at = now
            return Fate.RINGING
        if event.sound == "voice":
            return self._talk(event, now)
        if event.sound == "silence":
            if self.talks_since is not None:
                return Fate.ANSWERED  # it said a word, and waits
            return self.wait(now)
        if event.sound == "busy":
            return self._gone(self._busy(now), "busy tone")
        if event.sound == "congestion":
            return self._gone("failed" if self.rang_at is None else self._busy(now), "congestion tone")
        if event.sound == "sit":
            return self._gone("failed", "special information tone")
        if event.sound == "dial" and now >= self.dialled_at + DIAL_TONE_ENDS:
            return self._gone("failed" if self.rang_at is None else "refused", "dial tone")
        return None

    def wait(self, now: float) -> Fate | None:
        """Time has passed with nothing heard."""
        over = self.rang_at is not None and self.due(now) < JITTER
        return Fate.ANSWERED if over else None

    def due(self, now: float) -> float:
        """Seconds until `wait` may have something to say."""
        return max(0.0, self.rings_at + RINGBACK_OVER - now) if self.rang_at is not None else float("inf")

    def _talk(self, event: Heard, now: float) -> Fate | None:
        if self.rang_at is not None:
            return Fate.ANSWERED
        if self.talks_since is None:
            self.talks_since = now - event.seconds
        if now - self.talks_since >= TALKS_ON:
            return self._gone("failed", "an announcement instead of ringing")
        return None

    def _busy(self, now: float) -> str:
        if self.rang_at is None:
            return "busy"
        return "refused" if now - self.rang_at < REFUSED_WITHIN else "no_answer"

    def _gone(self, result: str, reason: str) -> Fate:
        self.result, self.reason = result, reason
        return Fate.GONE


def follow(line: AnalogLine, patience: float) -> Part:
    """Report what becomes of the call just dialled, until it is answered or gone."""
    progress = Progress(line.now)
    until = line.now + patience + MARGIN
    reopened = 0
    while line.now < until:
        if not (yield from opened(line, sends=False, receives=True)) or reopened > sounding.REOPENED:
            line.call.target_gone("failed", "the line cannot be listened to")
            return
        event = yield Hear(_tells, max(0.0, min(until - line.now, progress.due(line.now))))
        if isinstance(event, StreamEnded):
            reopened += 1
            continue
        fate = progress.hear(event, line.now) if event else progress.wait(line.now)
        if fate is Fate.RINGING:
            line.emit(events.TargetRinging(line.name))
            if line.config.site.blind:
                fate = Fate.ANSWERED
        if fate is Fate.ANSWERED:
            line.call.target_up()
            return
        if fate is Fate.GONE:
            line.call.target_gone(progress.result, progress.reason)
            return
    line.call.target_gone("no_answer", "it rang too long")


def _tells(event: SoundEvent) -> bool:
    return isinstance(event, StreamEnded) or (isinstance(event, Heard) and event.sound != "digit")
