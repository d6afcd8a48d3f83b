"""The engine: the only wiring. Bytes, timers and other processes' wishes reach it in one order, in one loop.

What the lines report goes to the call they have; what the call answers goes back to the line; what is to be kept
goes to the store, after the line has been served and never while a call waits for its next step.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from appliance import __version__
from appliance.announcer import Announcer
from appliance.core import actions, events
from appliance.core.balance import balance
from appliance.core.call import Call
from appliance.core.call_state import State
from appliance.core.confirmations import Situation
from appliance.core.endings import cut_off_by_restart, second_caller
from appliance.core.errors import StoreError
from appliance.core.numbers import shorten
from appliance.core.outside import Outside
from appliance.core.plan import Override
from appliance.core.records import CallRecord, Received
from appliance.core.settings import Settings, from_json
from appliance.core.textcommands import ClearOverride, SetOverride
from appliance.core.wording import money
from appliance.courier import Courier
from appliance.decider import Decider
from appliance.housekeeping import Housekeeper
from appliance.interrupted import Interrupted
from appliance.lineup import LineUp, digest
from appliance.network_courier import NetworkCourier
from appliance.notify import Words
from appliance.postroom import PostRoom
from appliance.reception import Reception
from appliance.request_desk import RequestDesk
from appliance.scout import Scout
from appliance.seat import Seat
from appliance.store import changes
from appliance.store.database import Store
from appliance.store.live import Live
from appliance.store.writer import Writer
from appliance.switchboard import Switchboard
from appliance.timekeeper import Timekeeper
from appliance.watch import Watch

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks whether another process has written (contract: settings within 2 s)."""
LIFE_EVERY = 2.0
"""Seconds between two signs of life."""
QUIET = 0.05
"""Seconds a modem with a call must have been silent before the disk is touched, which takes as long as the card likes:
by then it waits for the network, and nothing is due at once."""
STOP_WITHIN = 8.0
"""Seconds for releasing what the lines are doing (contract: exit within 10 s)."""
RELEASE_WITHIN = 4.0
"""Seconds of these that are left for the line whose caller was leaving a message."""
PROBE_AGAIN = timedelta(days=30)
"""How long a network's refusal of a method is believed."""


class Engine:
    """Call turn() for ever, or run()."""

    def __init__(
        self,
        store: Store,
        outside: Outside,
        live: Live,
        timekeeper: Callable[[Store, Writer], Timekeeper] = Timekeeper,
        announcer: Announcer | None = None,
    ) -> None:
        """announcer: who makes what callers hear; None where nobody does, as on a simulated clock."""
        self.outside = outside
        self.settings: Settings | None = None
        self._store = store
        self._live = live
        self._writer = Writer(store)
        self._lineup = LineUp(store, outside)
        self._courier = Courier(self._writer, store)
        self._network = NetworkCourier(self._writer, Words(store.path.parent))
        self._postroom = PostRoom(store, self._writer, self._courier, self._network)
        self._decider = Decider(store, outside.now, lambda: self._postroom.duty.handovers, self._clock_known)
        self._decider_is_behind = False
        self._reception = Reception(store, self._writer, self._postroom)
        self._scout = Scout(outside)
        self._timekeeper = timekeeper(store, self._writer)
        housekeeper = Housekeeper(store, self._writer, self._postroom, outside.now())
        self._watch = Watch(self._lineup, self._postroom, self._decider, housekeeper, self._timekeeper, outside.now())
        self._requests = RequestDesk(store, self._writer, self._lineup, self._scout, self.stop)
        self._announcer = announcer
        self._version = 0
        self._interrupted = Interrupted(
            store.path.parent, lambda record: self._finish(record, outside.now()), outside.wall, outside.now()
        )
        self._unsaved: dict[int, CallRecord] = {}
        """Calls to be written down once the modem is silent: making the copy takes time, too."""
        self._taken_here: set[int] = set()
        """Calls that last and are in the log with their outcome: whoever erases them there wants them gone."""
        self._look_at = 0.0
        self._life_at = 0.0
        self._dirty = True
        self._switchboard = Switchboard(outside, self._lineup, self._decider, self, store.path.parent)
        self._stop_by: float | None = None
        self._unreleased: list[Seat] = []
        """Once it is to stop: lines that still have what they had."""
        self.stopped = False
        self._take_up()

    @property
    def seats(self) -> list[Seat]:
        """The lines served."""
        return self._lineup.seats

    # --- the loop --------------------------------------------------------------------------------

    def run(self, beat: Callable[[float], None] = lambda now: None) -> None:
        """Until stop() has been carried out. `beat`: called after each turn, with its time."""
        while not self.stopped:
            self.turn()
            beat(self.outside.now())
        self._network.stop(self.outside.now(), self.outside.wall())
        self._write(self.outside.now(), last_chance=True)

    def turn(self) -> None:
        """Wait for something to happen, and deal with it."""
        ports = [*(seat.heard_port for seat in self.seats), self._scout.open_port]
        self.outside.wait([port for port in ports if port], self._deadline(self.outside.now()))
        now = self.outside.now()
        for seat in self.seats:
            seat.listen(now, self._taken, self._is_quiet)
        self._settle(now)
        if self._stop_by is None:
            self._dirty |= self._scout.work(now, self.settings, self.seats)
        if self._stop_by is None:
            self._courier.work(self._lineup.teller(), now, self.outside.wall(), self.seats)
            self._settle(now)
        self._keep_house(now)

    def _taken(self) -> set[str]:
        """The real names of the ports in use."""
        return {os.path.realpath(seat.open_port.path) for seat in self.seats if seat.open_port}

    def _is_quiet(self) -> bool:
        return not any(seat.busy for seat in self.seats)

    def stop(self) -> None:
        """Finish or release what the lines are doing, then let run() return."""
        self._stop_by = 0.0
        self._scout.stop()

    def _deadline(self, now: float) -> float:
        times = [self._look_at, self._life_at, self._scout.deadline()]
        times += [seat.deadline(now) for seat in self.seats]
        due = self._courier.wants
        if due is not None and self._stop_by is None and (due > now or not self._courier.stuck):
            times.append(due)
        due = 0.0 if self._dirty or self._unsaved else self._writer.deadline()
        if due is not None:
            times.append(max(due, self._quiet_at()))
        if self._stop_by:
            times.append(self._stop_by - (RELEASE_WITHIN if self._unreleased else 0.0))
        if self._stop_by == 0.0:
            return now
        return min(times)

    def _settle(self, now: float) -> None:
        """Carry events and actions to and fro until nobody has anything to say."""
        again = True
        while again:
            again = self._switchboard.listen(now)
            for seat in self.seats:
                if not seat.driver.must_be_kept_first:
                    seat.speak(now)  # the modem works on it while we do the rest
                self._switchboard.tick(seat, now)
                for event in seat.driver.take_events():
                    again = True
                    self._on_event(seat, event, now)
                self._switchboard.carry(seat, now)
                seat.speak(now)

    def log(self) -> list[CallRecord]:
        """The calls in the log, newest first."""
        return self._store.calls()

    # --- events ----------------------------------------------------------------------------------

    def _on_event(self, seat: Seat, event: events.LineEvent, now: float) -> None:
        if self._switchboard.on_leg(seat, event, now):
            return
        if isinstance(event, events.Ring | events.CallerId) and seat.call is None:
            if self._stop_by is not None:
                return  # whoever rings now would be answered and left: he rings on, as with a box that is off
            self._switchboard.rings(seat, now)
            self._begin_call(seat, now)
        if isinstance(event, events.CallerId) and seat.call:
            self._interrupted.take_up(seat.call.record, event.number)
        if isinstance(event, events.LineChanged):
            self._dirty = True
        elif isinstance(event, events.TextEvent):
            self._courier.on_event(event, now, self.outside.wall())
        elif isinstance(event, events.TextReceived):
            self._on_received(seat, event, now)
        elif isinstance(event, events.NetworkTime):
            self._timekeeper.heard(event.at, now)
        elif isinstance(event, events.NetworkAnswer):
            self._on_balance(event, now)
        elif isinstance(event, events.TextReport):
            self._courier.on_report(event, self.outside.wall())
        elif isinstance(event, events.SecondCaller):
            self._on_second_caller(seat, event, now)
        elif isinstance(event, events.SimEvent):
            self._on_sim(seat, event, now)
        elif isinstance(event, events.DiversionsChecked):
            self._lineup.keep_told(event.line, self._writer)
            self._requests.diversions_checked(event.line)
        elif isinstance(event, events.SafetyNetChecked):
            self._on_safety_net(event, now)
        else:
            self._switchboard.on_event(seat, event, now)
            if isinstance(event, events.LineReady) and not event.ringing:
                self._interrupted.close(seat.name)
            self._dirty = True

    def _begin_call(self, seat: Seat, now: float) -> None:
        record = CallRecord(self._store.next_call_id(), seat.name, self.outside.wall())
        self._switchboard.begin_call(seat, record, now)

    def before_dialling(self, record: CallRecord, number: str, now: float) -> None:
        """A target is about to be called: guard against loops, and let the target know who comes."""
        self._decider.forwarding(record, number)
        record.caller_name = self._decider.name_of(record)
        target = next((one for one in self._decider.settings.target if one.number == number and one.brief), None)
        if target:
            note = self._decider.note_on(record.caller)
            self._postroom.dialled(record, target, note, now, self.outside.wall())

    def after_step(self, seat: Seat, now: float) -> None:
        """The seat's call may have changed: what is new is to be kept."""
        call = seat.call
        if call is None:
            return
        self._dirty = True
        if call.state is State.ENDED:
            seat.call = None
            self._switchboard.ended(seat, now)
            self._tell_story(seat.name, call)
            self._decider.ended(call.record)
            self._finish(call.record, now)
            self._lineup.apply(seat, now)
        elif call.unsaved:
            call.unsaved = False
            if call.record.answered_at:
                self._decider.connected(call.record)
            self._unsaved[call.record.id] = call.record

    def _finish(self, record: CallRecord, now: float) -> None:
        """A call has ended: keep it, and in the same breath the text about it."""
        record.caller_name = self._decider.name_of(record)
        log.info(
            "%s: call of %s: %s %s", record.line, shorten(record.caller), record.outcome, record.reason or record.target
        )
        is_new = self._unsaved.pop(record.id, None) is not None or record.id not in self._taken_here
        self._taken_here.discard(record.id)
        ended_at = record.ended_at or self.outside.wall()
        self._writer.add(changes.SaveCall(record) if is_new else changes.EndCall(record.id, ended_at))
        self._postroom.call_ended(record, now, self.outside.wall())
        self._dirty = True

    def _on_received(self, seat: Seat, event: events.TextReceived, now: float) -> None:
        """A text that came: the modem may forget it once it is written down."""
        at = self.outside.wall()
        received = Received(event.line, event.sender or "", event.text, event.sent_at, at)
        for effect in self._reception.on_received(received, lambda: self._situation(at), now, at):
            if isinstance(effect, SetOverride):
                self._decider.override = Override(effect.plan, effect.until)
            elif isinstance(effect, ClearOverride):
                self._decider.override = None
        if self._writer.flush(now, force=True) and event.indexes:
            seat.perform([actions.DeleteTexts(event.indexes)], now)

    def _on_balance(self, event: events.NetworkAnswer, now: float) -> None:
        """A prepaid card that runs dry forwards nobody and texts nobody."""
        assert self.settings is not None
        hundredths, warn = balance(event.text), self.settings.costs.balance_warn_eur
        if hundredths is None:
            log.info("%s: the operator's answer names no balance", event.line)
        elif warn is not None and hundredths < warn * 100:
            self._postroom.alarm("credit", money(hundredths, self.settings.business.language), now, self.outside.wall())

    def _situation(self, at: datetime) -> Situation:
        down = tuple(seat.name for seat in self.seats if seat.driver.state() == "down")
        return self._decider.situation(at, down)

    def _on_second_caller(self, seat: Seat, event: events.SecondCaller, now: float) -> None:
        at = self.outside.wall()
        record = CallRecord(self._store.next_call_id(), seat.name, at, caller=event.number, withheld=event.withheld)
        self._finish(second_caller(record, self._decider.for_line(seat.name), at), now)

    def _on_sim(self, seat: Seat, event: events.SimEvent, now: float) -> None:
        at = self.outside.wall()
        if isinstance(event, events.SimKnown):
            try:
                refused = self._store.refusals(event.sim)
            except StoreError as error:
                log.warning("%s: what its SIM was refused is not known: %s", seat.name, error)
                return
            seat.driver.recall(event.sim, {method for method, since in refused.items() if at - since < PROBE_AGAIN})
        elif isinstance(event, events.MethodRefused):
            self._writer.add(changes.MethodRefused(event.sim, event.method, at))
        elif isinstance(event, events.PinTried):
            self._writer.add(changes.PinTried(seat.name, digest(event.pin)))
            self._writer.flush(now, force=True)  # before its bytes leave
        elif isinstance(event, events.PinAccepted):
            self._writer.add(changes.PinCleared(seat.name, digest(event.pin)))

    def _on_safety_net(self, event: events.SafetyNetChecked, now: float) -> None:
        if event.lapsed:
            self._postroom.alarm("safety_net", event.line, now, self.outside.wall())
        self._dirty = True

    # --- settings, and what the last run left ----------------------------------------------------

    def _take_up(self) -> None:
        """Begin where the last run ended: settings, texts, calls it could not close."""
        try:
            self._load_settings(self.outside.now())
            self._load_texts(self.outside.now())
            if self.settings:
                self._interrupted.found(self._store.open_calls())
        except StoreError as error:
            log.error("%s", error)

    def _load_settings(self, now: float) -> None:
        loaded = self._store.load_settings()
        if loaded is None or loaded[0] == self._version:
            return
        first = self.settings is None
        version, content = loaded
        settings = from_json(content)
        self._lineup.settings_changed(settings, now)
        self._decider.settings_changed(settings)
        self._postroom.settings_changed(settings, now, self.outside.wall())
        if self._announcer:
            self._announcer.settings_changed(settings, now)
        self.settings, self._version = settings, version
        log.info("settings %d taken", version)
        if not first:
            self._writer.add(changes.ForgetRefusals())
        self._dirty = True

    def _load_texts(self, now: float) -> None:
        wall = self.outside.wall()
        unfinished = self._store.unfinished()
        self._courier.load(unfinished, now, wall)
        self._network.load(unfinished, now, wall)

    # --- house-keeping ---------------------------------------------------------------------------

    def _keep_house(self, now: float) -> None:
        if now >= self._quiet_at():
            self._write(now)
        if now >= self._look_at:
            self._look_at = now + LOOK_EVERY
            self._look(now)
            if self.settings:
                wall = self.outside.wall()
                self._watch.tick(self.settings, now, wall, self._clock_known(wall))
            self._postroom.tick(now, self.outside.wall())
            self._network.work(now, self.outside.wall())
            if self._stop_by is None:
                self._requests.tick(now, self.outside.wall())
                if self._announcer and self._is_quiet():
                    self._announcer.tick(now)
        if now >= self._life_at or (self._dirty and now >= self._quiet_at()):
            self._life_at = now + LIFE_EVERY
            self._dirty = False
            shown = {"lines": self.lines(), "found": self._scout.found(), "clock": self._timekeeper.shown()}
            self._live.write({"version": __version__, **shown})
        if self._stop_by is not None:
            self._stopping(now)

    def _tell_story(self, line: str, call: Call) -> None:
        for change in call.story:
            log.info("%s: %s", line, change)
        call.story.clear()

    def _write(self, now: float, last_chance: bool = False) -> None:
        for record in self._unsaved.values():
            record.caller_name = self._decider.name_of(record)
            self._writer.add(changes.SaveCall(record))
            if record.outcome == "answered_here":
                self._taken_here.add(record.id)
        self._unsaved.clear()
        self._writer.flush(now, force=last_chance)
        for seat in self.seats:
            if seat.call:
                self._tell_story(seat.name, seat.call)

    def _quiet_at(self) -> float:
        """When every modem with a call will have been silent long enough for the disk."""
        return max((seat.heard_at + QUIET for seat in self.seats if seat.call), default=float("-inf"))

    def _clock_known(self, wall: datetime) -> bool:
        return self._timekeeper.known(wall)

    def _look(self, now: float) -> None:
        """What did other processes leave in the store?"""
        if self.settings:
            self._interrupted.tick(now)
        try:
            if self._store.changed():
                self._take_changes(now)
        except StoreError as error:
            log.warning("%s", error)
        if self._stop_by is None:
            self._lineup.tick(now)
        if self._decider_is_behind and not self._writer.pending and not any(seat.busy for seat in self.seats):
            # not in a call: ten thousand contacts take their time; not before what we know ourselves is written
            self._decider_is_behind = False
            self._decider.look()

    def _take_changes(self, now: float) -> None:
        self._load_settings(now)
        self._decider_is_behind = True
        self._load_texts(now)
        self._postroom.store_changed()
        self._requests.store_changed()

    def _stopping(self, now: float) -> None:
        if self._stop_by == 0.0:
            self._stop_by = now + STOP_WITHIN
            self._switchboard.part_all()
            self._unreleased = list(self.seats)
            for seat in self.seats:
                if seat.call and seat.call.state is State.RECORDING:
                    seat.driver.perform(actions.EndMessage(), now)
                else:
                    self._release(seat, now)
            self._settle(now)
        for seat in self._unreleased[:]:
            if seat.call is None or now >= (self._stop_by or 0.0) - RELEASE_WITHIN:
                self._release(seat, now)
                self._settle(now)
        done = not self._unreleased and all(seat.driver.at_rest for seat in self.seats)
        if done or now >= (self._stop_by or 0.0):
            self.stopped = True

    def _release(self, seat: Seat, now: float) -> None:
        self._unreleased.remove(seat)
        if seat.call and seat.call.state is not State.RINGING:
            self._finish(cut_off_by_restart(seat.call.record, self.outside.wall()), now)
        seat.call = None  # one that only rings stays open: the next start takes it up, or closes it
        seat.driver.shut_down(now)

    def lines(self) -> list[dict[str, Any]]:
        """The lines as `status` shows them."""
        return self._lineup.shown()
