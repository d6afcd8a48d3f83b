"""What any line does with a stream: keep a caller waiting, say something, take a message, ask for a human, listen.

How a stream is had is the line's affair (`Sounding.opened`); from then on every kind of line is the same.
"""

from __future__ import annotations

from typing import Protocol

from appliance.core import events
from appliance.core.sound import (
    Close,
    Heard,
    ModemSays,
    Play,
    Played,
    Quiet,
    Record,
    Recorded,
    SoundEvent,
    SoundFailed,
    SoundWish,
    StreamEnded,
)
from appliance.lines.scripts import Hear, Part, Script

GONE_CYCLES = 3
"""Cycles of busy or congestion tone after which the far end has hung up."""
GONE_DIAL_TONE = 2.0
"""Seconds of dial tone after which it has."""
NO_LOOP_CURRENT = "l"
"""V.253 table 8: the exchange has broken or reversed the loop, as some do at the end of a call."""

REOPENED = 2
"""Times a stream that ends by itself is opened anew."""
WAITS_FOR_LONGEST = 600.0
"""Seconds a caller is kept waiting: any target has been given up by then."""
SAY_WITHIN = 80.0
"""Seconds for the longest sentence anybody may set up."""
BEEP_WITHIN = 5.0
KEPT_WITHIN = 5.0
"""Seconds for a recording to be whole once it has ended: a card may be slow."""
ASK_AGAIN = 2.0
"""Seconds after the end of the question until it is put once more."""
HUMAN = "1"
"""The key by which a target shows that it is one."""


class Sounding(Protocol):
    """What these scripts need of a line."""

    @property
    def name(self) -> str:
        """The line's name in the settings."""

    @property
    def now(self) -> float:
        """Monotonic seconds."""

    def emit(self, event: events.LineEvent) -> None:
        """Tell the core."""

    def wish(self, wish: SoundWish) -> None:
        """Ask the studio."""

    def opened(self, sends: bool = True, receives: bool = True) -> Part:
        """Whether the stream is open for that, having tried to open it."""


def far_end_gone(event: SoundEvent) -> str | None:
    """Why this means that whoever was connected has hung up; None if it does not (telephony: tones of the exchange)."""
    if isinstance(event, ModemSays):
        return "the loop current is gone" if event.code == NO_LOOP_CURRENT else None
    if not isinstance(event, Heard):
        return None
    if event.sound in ("busy", "congestion") and event.count >= GONE_CYCLES:
        return f"{event.sound} tone"
    if event.sound == "dial" and event.seconds >= GONE_DIAL_TONE:
        return "dial tone"
    return None


def open_sound(line: Sounding) -> Script:
    """For the bridge: the stream, and nothing played on it."""
    if (yield from line.opened()):
        line.wish(Quiet())
        line.emit(events.SoundOpened(line.name))
    else:
        line.emit(events.SoundRefused(line.name, "this line cannot send and receive at once"))


def keep_waiting(line: Sounding, sound: str) -> Script:
    """Play to the caller until something else is asked for, also where the stream ends by itself meanwhile: without
    one nobody would hear him hang up, either.
    """
    for _ in range(REOPENED + 1):
        if not ((yield from line.opened()) or (yield from line.opened(receives=False))):
            return
        line.wish(Play(sound, loop=True))
        ended = yield Hear(lambda event: isinstance(event, StreamEnded), WAITS_FOR_LONGEST)
        if ended is None or ended.reason == "asked":
            return


def say(line: Sounding, sound: str) -> Script:
    """Play to the caller, to the end; once more from the beginning where the stream ends by itself before."""
    until = line.now + SAY_WITHIN
    for _ in range(REOPENED + 1):
        if not ((yield from line.opened()) or (yield from line.opened(receives=False))):
            break
        heard = yield from _played(line, sound, until - line.now)
        if isinstance(heard, Played):
            line.emit(events.Said(line.name))
            return
        if not isinstance(heard, StreamEnded) or heard.reason == "asked":
            break
    line.emit(events.SaidNothing(line.name, "it could not be played"))


def take_message(line: Sounding, path: str, most: float) -> Script:
    """Beep, then record. A caller who hangs up ends it, too.

    → events.MessageTaken in any case
    """
    if (yield from line.opened()) or (yield from line.opened(receives=False)):
        yield from _played(line, "beep", BEEP_WITHIN)
    if not (yield from line.opened(sends=False)):
        line.emit(events.MessageTaken(line.name, 0.0, "end"))
        return
    line.wish(Record(path, most))
    ended = yield Hear(_ends_message, most + KEPT_WITHIN)
    if ended is None or not _recording_over(ended):
        yield from end_message(line, "hang-up" if ended else "end")
        return
    seconds, how = (ended.seconds, ended.ended_by) if isinstance(ended, Recorded) else (0.0, "end")
    line.emit(events.MessageTaken(line.name, seconds, how))


def end_message(line: Sounding, ended_by: str) -> Script:
    """End the stream of a message: what has been said is kept."""
    line.wish(Close())
    until = line.now + KEPT_WITHIN
    kept = yield Hear(_ends_message, KEPT_WITHIN)
    while kept is not None and not _recording_over(kept):  # that he has hung up is told again and again
        kept = yield Hear(_ends_message, until - line.now)
    line.emit(events.MessageTaken(line.name, kept.seconds if isinstance(kept, Recorded) else 0.0, ended_by))


def confirm(line: Sounding, sound: str, within: float) -> Script:
    """Ask whoever has answered to press 1; who presses nothing is a machine."""
    if not (yield from line.opened()):
        line.emit(events.CannotAsk(line.name, "this line cannot ask and hear at once"))
        return
    until = line.now + within
    asks = bool(sound)
    while (left := until - line.now) > 0:
        if asks:
            line.wish(Play(sound))
        asks = False
        event = yield Hear(_about_asking, left)
        if isinstance(event, Played):
            event = yield Hear(_about_asking, ASK_AGAIN)
            asks = event is None
        if isinstance(event, Heard) and event.digit == HUMAN:
            line.wish(Quiet())
            line.emit(events.Confirmed(line.name))
            return
        if event is not None and not isinstance(event, Played | SoundFailed):
            line.emit(events.TargetGone(line.name, "refused", "hung up instead of pressing 1"))
            return
    line.wish(Quiet())
    line.emit(events.TargetGone(line.name, "no_answer", "nobody pressed 1"))


def _about_asking(event: SoundEvent) -> bool:
    if isinstance(event, Played | SoundFailed | StreamEnded):
        return True
    return (isinstance(event, Heard) and event.digit == HUMAN) or far_end_gone(event) is not None


def _recording_over(event: SoundEvent) -> bool:
    return isinstance(event, Recorded | StreamEnded | SoundFailed)


def _ends_message(event: SoundEvent) -> bool:
    return _recording_over(event) or far_end_gone(event) is not None


def _played(line: Sounding, sound: str, within: float) -> Part:
    """What came of playing it: Played, StreamEnded, SoundFailed; None once the time is over."""
    line.wish(Play(sound))
    return (yield Hear(lambda event: isinstance(event, Played | StreamEnded | SoundFailed), within))
