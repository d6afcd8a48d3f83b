"""A caller on one line and his target on another, as one line to the call: the audio bridge's two ends.

The call asks for what it always asks for (Dial, Confirm, Join, FetchBack, HangUp). The patch has the caller's line keep
him company and the other line call the target, and says of both what concerns the call. Sound flows once both lines
have opened their streams. Whatever happens to either end, or to the studio between them, ends in both being released.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import Enum

from appliance.core import actions, events
from appliance.core.sound import Bridge, Heard, SoundWish
from appliance.lines.driver import Driver

log = logging.getLogger(__name__)

SILENT_FOR = 60.0
"""Seconds without a word from either end after which the call is over, though no line has told: some exchanges say
nothing when a caller hangs up. Of the 30 to 60 that are usual the most, since people do look things up."""

PATCHED = (
    events.TargetRinging
    | events.TargetAnswered
    | events.TargetGone
    | events.Confirmed
    | events.CannotAsk
    | events.SoundOpened
    | events.SoundRefused
    | events.LineFree
    | events.LineLost
)
"""What a line says of a target it has called for another line's caller."""


class Stage(Enum):
    """How far the target's leg has come. What ends each stage is noted beside it."""

    FREE = "free"  # Dial
    CALLING = "being called"  # answered, gone, or given up
    UP = "connected to its line"  # Join, or gone
    OPENING = "streams being opened"  # both open, or one refused
    JOINED = "bridged"  # a party left, or HangUp
    RELEASING = "being released"  # the line is free


class Patch:
    """Sans-I/O, like a line. `wish` hands a wish about the caller's stream to the studio."""

    def __init__(self, caller: Driver, target: Driver, wish: Callable[[SoundWish], None]) -> None:
        self.caller = caller
        self.target = target
        self.stage = Stage.FREE
        self._wish = wish
        self._opened: set[str] = set()
        self._silent_for: dict[str, float] = {}
        """Line → seconds."""
        self._caller_is_free = False
        self._fetching = False
        self._hanging_up = False

    @property
    def over(self) -> bool:
        """Neither line has a leg of this call any more."""
        return self._caller_is_free and self.stage is Stage.FREE

    # --- the call's wishes -----------------------------------------------------------------------

    def perform(self, action: actions.Action, now: float) -> list[events.LineEvent]:
        """Do what the call asks; what there is to say about it at once."""
        if isinstance(action, actions.Dial):
            self.stage = Stage.CALLING
            self.target.perform(actions.Dial(action.number, action.patience), now)
        elif isinstance(action, actions.Confirm):
            self.target.perform(action, now)
        elif isinstance(action, actions.Join):
            self.stage = Stage.OPENING
            self._opened.clear()
            for driver in (self.caller, self.target):
                driver.perform(actions.OpenSound(), now)
        elif isinstance(action, actions.FetchBack):
            if self.stage is Stage.FREE:
                return [events.CallerBack(self.caller.name)]
            self._fetching = True
            self._release_target(now)
        elif isinstance(action, actions.HangUp):
            self._hanging_up = True
            self._release_target(now)
            self.caller.perform(action, now)
        else:
            self.caller.perform(action, now)
        return []

    def _release_target(self, now: float) -> None:
        if self.stage is not Stage.FREE:
            self.stage = Stage.RELEASING
            self.target.perform(actions.HangUp(), now)

    # --- what the lines say ----------------------------------------------------------------------

    def from_caller(self, event: events.LineEvent, now: float) -> list[events.LineEvent]:
        """What the caller's line says → what the call hears."""
        if isinstance(event, events.SoundOpened | events.SoundRefused):
            return self._sound(event)
        if isinstance(event, events.CallerGone) and self.stage is Stage.JOINED:
            return [events.PartyLeft(event.line, "caller")]
        if isinstance(event, events.LineFree | events.LineLost):
            self._caller_is_free = True
            if isinstance(event, events.LineLost) or self.stage is Stage.FREE:
                self._release_target(now)
                return [event]
            if not self._hanging_up:  # the caller's leg fell away by itself
                joined = self.stage is Stage.JOINED
                self._release_target(now)
                left = events.CallerGone(event.line, "the caller hung up")
                return [events.PartyLeft(event.line, "caller") if joined else left]
            return []
        return [event]

    def from_target(self, event: events.LineEvent, now: float) -> list[events.LineEvent]:
        """What the other line says of the target → what the call hears, in the caller's line's name."""
        line = self.caller.name
        if isinstance(event, events.SoundOpened | events.SoundRefused):
            return self._sound(event)
        if isinstance(event, events.LineFree | events.LineLost):
            return self._target_is_free(event)
        if self.stage is Stage.RELEASING:
            return []  # our own doing
        if isinstance(event, events.TargetRinging):
            return [events.TargetRinging(line)]
        if isinstance(event, events.TargetAnswered):
            self.stage = Stage.UP
            return [events.TargetAnswered(line)]
        if isinstance(event, events.Confirmed):
            return [events.Confirmed(line)]
        if isinstance(event, events.CannotAsk):
            return [events.CannotAsk(line, event.reason)]
        if isinstance(event, events.TargetGone):
            joined, self.stage = self.stage is Stage.JOINED, Stage.RELEASING
            self.target.perform(actions.HangUp(), now)
            if joined:
                return [events.PartyLeft(line, "target")]
            return [events.TargetGone(line, event.result, event.reason)]
        return []

    def target_lost(self, reason: str) -> list[events.LineEvent]:
        """The other line is needed for something else, and will say no more about this call."""
        return self._target_is_free(events.LineLost(self.target.name, reason))

    def bridged(self) -> list[events.LineEvent]:
        """The studio says that sound flows."""
        if self.stage is not Stage.OPENING:
            return []
        self.stage = Stage.JOINED
        self._silent_for.clear()
        return [events.Joined(self.caller.name, "bridge", stays=True)]

    def heard(self, line: str, event: Heard) -> list[events.LineEvent]:
        """What is heard on either line → what the call hears."""
        self._silent_for[line] = event.seconds if event.sound == "silence" else 0.0
        ends = (self.caller.name, self.target.name)
        if self.stage is not Stage.JOINED or min(self._silent_for.get(end, 0.0) for end in ends) < SILENT_FOR:
            return []
        return [events.PartyLeft(self.caller.name, "bridge", "has carried nothing but silence")]

    def _sound(self, event: events.SoundOpened | events.SoundRefused) -> list[events.LineEvent]:
        line = self.caller.name
        if isinstance(event, events.SoundRefused):
            if self.stage is Stage.JOINED:  # the studio has crashed, or a stream has ended
                log.warning("%s: the bridge broke: %s", line, event.reason)
                return [events.PartyLeft(line, "bridge", "broke")]
            if self.stage is Stage.OPENING:
                self.stage = Stage.UP
                return [events.JoinRefused(line, "bridge", event.reason)]
            return []
        self._opened.add(event.line)
        if self.stage is Stage.OPENING and len(self._opened) == 2:
            self._wish(Bridge(self.target.name))
        return []

    def _target_is_free(self, event: events.LineEvent) -> list[events.LineEvent]:
        was, self.stage = self.stage, Stage.FREE
        line = self.caller.name
        if self._caller_is_free and self._hanging_up:
            return [events.LineFree(line)]
        if self._fetching:
            self._fetching = False
            return [events.CallerBack(line)]
        if was is Stage.JOINED:
            return [events.PartyLeft(line, "target")]
        if was in (Stage.CALLING, Stage.UP, Stage.OPENING):
            return [events.TargetGone(line, "failed", getattr(event, "reason", "its line is free"))]
        return []
