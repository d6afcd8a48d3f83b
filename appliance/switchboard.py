"""Calls and lines put together: what a line reports goes to the call it has, what the call answers goes to the line.

Where a target is called over another line, a patch stands between them (see `patch`); what is heard comes from the
studio (see core/sound).
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from appliance.core import actions, events
from appliance.core.call import Call
from appliance.core.mailbox import MailboxSigns
from appliance.core.outside import Outside, Studio
from appliance.core.records import CallRecord
from appliance.core.sound import BridgeUp, Heard, Sounds
from appliance.decider import Decider
from appliance.lineup import LineUp
from appliance.patch import PATCHED, Patch
from appliance.seat import Seat


class Office(Protocol):
    """Who has to know of calls, besides the lines."""

    def before_dialling(self, record: CallRecord, number: str, now: float) -> None:
        """A target is about to be called, or given the ringing call."""

    def after_step(self, seat: Seat, now: float) -> None:
        """The seat's call may have changed, or ended."""


class Switchboard:
    """Hand it what the lines and the studio say. `folder`: where prompts and messages are kept."""

    def __init__(self, outside: Outside, lineup: LineUp, decider: Decider, office: Office, folder: Path) -> None:
        self._outside = outside
        self._lineup = lineup
        self._decider = decider
        self._office = office
        self._folder = folder
        self._studio: Studio | None = None
        self._mailboxes = MailboxSigns()

    # --- calls -----------------------------------------------------------------------------------

    def begin_call(self, seat: Seat, record: CallRecord, now: float) -> None:
        """A line has begun to ring."""
        driver, longest = seat.driver, seat.settings.max_call_minutes * 60.0
        would_say = self._lineup.sounds(self._folder, record.id)
        decide, mailbox = self._decider.for_line(seat.name), self._mailboxes.answered

        def sounds() -> Sounds | None:
            return would_say if driver.hears else None

        methods, set_up, at = driver.methods(), driver.set_up_seconds, record.started_at
        seat.call = Call(record, methods, decide, longest, now, at, sounds, mailbox, set_up)

    def on_event(self, seat: Seat, event: events.LineEvent, now: float) -> None:
        """A line reports something of its call."""
        for told in seat.patch.from_caller(event, now) if seat.patch else [event]:
            self._step(seat, told, now)

    def on_leg(self, seat: Seat, event: events.LineEvent, now: float) -> bool:
        """Was that about a target whom this line has called for another line's caller? Then it is dealt with."""
        owner = seat.leg_of
        if owner is None or owner.patch is None or not isinstance(event, PATCHED):
            return False
        for told in owner.patch.from_target(event, now):
            self._step(owner, told, now)
        if isinstance(event, events.LineLost) and seat.leg_of is owner:
            seat.leg_of = None  # once it is back it is free for others, though this call may go on for long
        return True

    def rings(self, seat: Seat, now: float) -> None:
        """Somebody rings where we were about to call a target: his call goes first."""
        owner, seat.leg_of = seat.leg_of, None
        if owner and owner.patch:
            for told in owner.patch.target_lost("its line rings"):
                self._step(owner, told, now)

    def tick(self, seat: Seat, now: float) -> None:
        """Let the call's time pass."""
        if seat.call and (due := seat.call.deadline()) is not None and now >= due:
            self._perform(seat, seat.call.tick(now, self._outside.wall()), now)
            self._office.after_step(seat, now)

    def ended(self, seat: Seat, now: float) -> None:
        """The seat's call is over."""
        self._part(seat, now)

    def _step(self, seat: Seat, event: events.LineEvent, now: float) -> None:
        if seat.call:
            self._perform(seat, seat.call.handle(event, now, self._outside.wall()), now)
            self._office.after_step(seat, now)

    def _perform(self, seat: Seat, todo: list[actions.Action], now: float) -> None:
        for action in todo:
            if isinstance(action, actions.Dial | actions.Deflect) and seat.call:
                self._office.before_dialling(seat.call.record, action.number, now)
            if isinstance(action, actions.Dial):
                self._choose_way(seat, action, now)
            if isinstance(action, actions.Dial) and action.by_bridge and seat.patch is None:
                self._step(seat, events.JoinRefused(seat.name, "bridge", "the other line cannot call now"), now)
            elif seat.patch:
                for told in seat.patch.perform(action, now):
                    self._step(seat, told, now)
            else:
                seat.driver.perform(action, now)

    # --- a target on another line ----------------------------------------------------------------

    def _choose_way(self, seat: Seat, dial: actions.Dial, now: float) -> None:
        """Take the other line for the target, or give it back; one that was lost, or rings, is no longer ours."""
        held = next((one for one in self._lineup if one.leg_of is seat), None)
        if not dial.by_bridge or held is None or held.driver.state() != "ready":
            self._part(seat, now)
        if dial.by_bridge and seat.patch is None and (other := self._lineup.bridge_over(seat)):
            seat.patch = Patch(seat.driver, other.driver, lambda wish: self._outside.studio.wish(seat.name, wish))
            other.leg_of = seat

    def part_all(self) -> None:
        """The engine stops: every line releases by itself what it has, and nobody asks it for anything else."""
        for seat in self._lineup:
            seat.patch = seat.leg_of = None

    def _part(self, seat: Seat, now: float) -> None:
        if seat.patch is None:
            return
        seat.patch = None
        for other in self._lineup:
            if other.leg_of is seat:
                other.leg_of = None
                self._lineup.apply(other, now)

    # --- sound -----------------------------------------------------------------------------------

    def carry(self, seat: Seat, now: float) -> None:
        """Take what the seat's line asks of the studio there."""
        if seat.carry(now):
            self._studio = self._outside.studio

    def listen(self, now: float) -> bool:
        """Tell the lines what the studio hears; whether there was anything. It is not asked before it has a stream."""
        heard = self._studio.take_events() if self._studio else []
        for line, event in heard:
            seat = next((seat for seat in self._lineup if seat.name == line), None)
            if seat is None:
                continue
            if isinstance(event, BridgeUp):
                for told in seat.patch.bridged() if seat.patch else ():
                    self._step(seat, told, now)
            else:
                seat.hear(event, now)
                owner = seat.leg_of or seat
                if isinstance(event, Heard) and owner.patch:
                    for told in owner.patch.heard(line, event):
                        self._step(owner, told, now)
        return bool(heard)
