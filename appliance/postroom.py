"""Who hears about a call, and when: what the core decides about texts is queued here, within the day's limit."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from appliance.core import alarms, briefing, digest, quiet, replies_to_callers, telling, texts
from appliance.core.errors import StoreError
from appliance.core.mobiles import is_mobile
from appliance.core.numbers import shorten
from appliance.core.recent import DAY
from appliance.core.records import CallRecord, Message
from appliance.core.settings import Settings, Target
from appliance.courier import Courier
from appliance.duty_room import DutyRoom
from appliance.network_courier import NetworkCourier
from appliance.store.changes import MarkTold
from appliance.store.database import Store
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

CLOCK_WAS_SET = 60.0
"""Seconds by which the wall clock may stray from the monotonic one between two ticks and not have been set."""

RESERVE = 5
"""Texts a day above the limit, for answers to the owner's own commands: he must see that they were obeyed."""


class PostRoom:
    """Tell it what happens; it queues what is to be sent. Nothing is sent before there are settings.

    Call tick() every second, and everything else as it happens. Changes go to the writer and are not flushed here:
    those about one call stay together.
    """

    def __init__(self, store: Store, writer: Writer, courier: Courier, network: NetworkCourier) -> None:
        self.news = telling.News()
        self.duty = DutyRoom(writer, self._post_to_target, self._may_be_texted)
        self._store = store
        self._writer = writer
        self._courier = courier
        self._network = network
        self._settings: Settings | None = None
        self._opted_out: Collection[str] = ()
        self._opted_out_since: set[str] = set()
        self._alarms_due: dict[tuple[str, str], str] = {}  # about what
        self._alarmed: dict[tuple[str, str], float] = {}
        self._clock: tuple[float, datetime] | None = None
        self._no_room_before = float("-inf")
        self._look_again = False

    @property
    def settings(self) -> Settings:
        """Those in force; only once there are some."""
        assert self._settings is not None
        return self._settings

    def local(self, wall: datetime) -> datetime:
        """The business's time."""
        return wall.astimezone(ZoneInfo(self.settings.business.timezone))

    # --- what the engine tells -------------------------------------------------------------------

    def settings_changed(self, settings: Settings, now: float, wall: datetime) -> None:
        """New settings are in force; with the first ones, take up what the last run left."""
        first = self._settings is None
        self._settings = settings
        self._courier.at_most_per_day = settings.messages.at_most_per_day
        self._network.ways = settings.notify
        self._no_room_before = float("-inf")
        if first:
            self._take_up(now, wall)

    def store_changed(self) -> None:
        """Another process has written: calls may be done, numbers may have opted out, duties been handed over."""
        self._look_again = True

    def call_ended(self, record: CallRecord, now: float, wall: datetime) -> None:
        """A call is over, and given to the writer: who is to hear of it?"""
        if self._settings is None:
            return
        if record.outcome == "voicemail" and self.settings.messages.missed != "off":
            self._tell_of_message(record, now, wall)
        if record.outcome != "missed":
            return
        self.news.add(record, self.settings.messages)
        self.duty.missed(record, self.settings, now, wall)
        self._escalate(now, wall)
        self._tell(now, wall)
        self._reply(record, now, wall)

    def dialled(self, record: CallRecord, target: Target, note: str, now: float, wall: datetime) -> None:
        """A target's phone is being called for this caller; `note`: the contact's."""
        if target.brief:
            self.inform(
                target.number, briefing.text(record, self.local(record.started_at), note, self._language), now, wall
            )

    def alarm(self, cause: str, what: str, now: float, wall: datetime, by_text: bool = True) -> None:
        """The owner must know (a cause of core/alarms, and about what): he hears of it once a day.

        Once means: of each cause, and line or cap where it is one's, however the amount changes.
        `by_text`: False where no line can text, so that only the network is left.
        """
        key = alarms.key(cause, what)
        if self._settings is None or now - self._alarmed.get(key, float("-inf")) < DAY or key in self._alarms_due:
            return
        if not by_text and not self._network.is_set_up:
            return
        text = alarms.text(cause, what, self._language)
        if self._network.recent.last(self._tells_of(cause, what), now) is None:
            self._network.queue("alarm", text, now, wall, self._alarm_held(cause, wall))
        if by_text:
            self._alarms_due[key] = what
            self._raise_alarms(now, wall)
        else:
            self._alarmed[key] = now

    def tick(self, now: float, wall: datetime) -> None:
        """Let time pass."""
        if self._settings is None:
            return
        self._watch_clock(now, wall)
        if self._look_again and not self._writer.pending:  # else what this process knows is not all in the store
            self._look()
        if now >= self._no_room_before or self._network.is_set_up:
            self._escalate(now, wall)
            self._tell(now, wall)
            self._raise_alarms(now, wall)

    # --- what others in this house ask for -------------------------------------------------------

    def post(
        self, kind: str, to: str, text: str, now: float, wall: datetime, not_before: datetime | None = None
    ) -> bool:
        """Queue a text if the day has room for it; the last one of the day says that there is none left."""
        limit = self.settings.messages.at_most_per_day
        if now < self._no_room_before:
            return False
        room = self._courier.room(now)
        if room == 1 and limit > 1 and self._say_limit_reached(limit, now, wall):
            room = 0
        if room < 1:
            log.warning("no %s text to %s: the day's limit of %d texts is reached", kind, shorten(to), limit)
            self._no_room_before = self._courier.recent.free_at(limit, now)
            return False
        self._courier.queue(kind, to, text, now, wall, not_before)
        return True

    def answer(self, number: str, text: str, now: float, wall: datetime) -> None:
        """Answer a command; the owner's also when the day has no room left, RESERVE times."""
        if self.post("reply", number, text, now, wall) or number != self._owner:
            return
        if self._courier.room(now) > -RESERVE:
            self._courier.queue("reply", number, text, now, wall)

    def inform(self, number: str, text: str, now: float, wall: datetime) -> None:
        """Text somebody who works here, if that phone takes texts and he wants them."""
        if self._may_be_texted(number):
            self.post("briefing", number, text, now, wall)

    def done(self, ids: Collection[int]) -> None:
        """These calls are dealt with."""
        self.news.closed(ids)
        self.duty.escalation.closed(ids)

    def opted_out(self, number: str) -> None:
        """No text to this number any more; the owner's own texts are for the settings to end."""
        self._opted_out_since.add(number)
        if number != self._owner:
            self._courier.cancel(number)

    # --- missed calls ----------------------------------------------------------------------------

    def _tell(self, now: float, wall: datetime) -> None:
        """To the owner: by text, and where it is a summary, or no text can be sent, over the network."""
        business, messages = self.settings.business, self.settings.messages
        due = self.news.due(messages, business.timezone, now, wall)
        if due is None:
            return
        text = digest.text(due.calls, business.language, business.timezone, wall)
        told = self.post(due.kind, self._owner, text, now, wall)
        if due.kind == "digest" or not told or self.settings.texting_line() is None:
            told = self._network.queue(due.kind, text, now, wall) or told
        if told:
            self._writer.add(MarkTold(tuple(record.id for record in due.calls), wall))
            self.news.told(due, messages, now)

    def _tell_of_message(self, record: CallRecord, now: float, wall: datetime) -> None:
        """Somebody has spoken: that is told at once, like a missed call, and after the quiet hours."""
        business = self.settings.business
        text = texts.voicemail(record, business.language, business.timezone)
        told = self.post("missed", self._owner, text, now, wall, self._quiet_end(wall))
        if not told or self.settings.texting_line() is None:
            told = self._network.queue("missed", text, now, wall) or told
        if told:
            self._writer.add(MarkTold((record.id,), wall))

    def _escalate(self, now: float, wall: datetime) -> None:
        told = self.duty.tick(self.settings, now, wall)
        if ids := tuple(record.id for record, target in told if target.number == self._owner):
            self.news.closed(ids)  # an owner on call needs no second text about it
            self.news.collect(now)  # ... nor one about those that the duty room collects
            self._writer.add(MarkTold(ids, wall))

    def _reply(self, record: CallRecord, now: float, wall: datetime) -> None:
        to = record.caller
        if to is None or self._wants_none(to) or not replies_to_callers.is_wanted(record, self.settings):
            return
        if self._courier.room(now) <= self.settings.messages.at_most_per_day / 2:
            return  # the other half is for those who work here: a caller with many numbers must not silence the box
        if self._courier.recent.last(lambda one: one.kind == "reply" and one.to == to, now) is None:
            self.post("reply", to, replies_to_callers.text(self.settings), now, wall, self._quiet_end(wall))

    def _post_to_target(self, kind: str, target: Target, text: str, now: float, wall: datetime) -> bool:
        return self.post(kind, target.number, text, now, wall)

    # --- alarms ----------------------------------------------------------------------------------

    def _raise_alarms(self, now: float, wall: datetime) -> None:
        for key, what in list(self._alarms_due.items()):
            text = alarms.text(key[0], what, self._language)
            held = self._alarm_held(key[0], wall)
            if self._said_today(key[0], what, now) or self.post("alarm", self._owner, text, now, wall, held):
                self._alarmed[key] = now
                del self._alarms_due[key]

    def _say_limit_reached(self, limit: int, now: float, wall: datetime) -> bool:
        """Spend the day's last text on saying that it is the last; False if that was said within the day."""
        text = alarms.text("texts_cap", str(limit), self._language)
        if self._said_today("texts_cap", str(limit), now):
            return False
        self._courier.queue("alarm", self._owner, text, now, wall, self._alarm_held("texts_cap", wall))
        self._network.queue("alarm", text, now, wall, self._alarm_held("texts_cap", wall))
        return True

    def _said_today(self, cause: str, what: str, now: float) -> bool:
        return self._courier.recent.last(self._tells_of(cause, what), now) is not None

    def _tells_of(self, cause: str, what: str) -> Callable[[Message], bool]:
        return lambda one: one.kind == "alarm" and alarms.is_about(one.text, cause, what, self._language)

    def _alarm_held(self, cause: str, wall: datetime) -> datetime | None:
        return None if cause in alarms.URGENT else self._quiet_end(wall)

    # --- the last run, other processes, the clock ------------------------------------------------

    def _take_up(self, now: float, wall: datetime) -> None:
        try:
            sent = self._store.messages_since(wall - timedelta(seconds=DAY))
            self._courier.recent.load([text for text in sent if text.channel == "sms"], now, wall)
            self._network.recent.load([text for text in sent if text.channel != "sms"], now, wall)
            self._read_people()
            missed = self._store.missed_open(wall - telling.REMEMBER)
        except StoreError as error:
            log.error("who has heard of what is not known: %s", error)
            return
        self.news.load(missed, self.settings.messages, self.settings.business.timezone, wall)
        self.duty.take_up(missed, sent, self.settings, now, wall)

    def _look(self) -> None:
        """What did another process leave in the store?"""
        try:
            self._read_people()
            oldest = min([*self.news.oldest(), *self.duty.escalation.oldest()], default=None)
            if oldest is not None:
                still_open = {record.id for record in self._store.missed_open(oldest)}
                self.news.keep_only(still_open)
                self.duty.escalation.keep_only(still_open)
            self._look_again = False
        except StoreError as error:
            log.warning("%s", error)

    def _read_people(self) -> None:
        self._opted_out = self._store.optouts()
        self.duty.take_handovers(self._store.duties())

    def _watch_clock(self, now: float, wall: datetime) -> None:
        before, self._clock = self._clock, (now, wall)
        if before and abs((wall - before[1]).total_seconds() - (now - before[0])) > CLOCK_WAS_SET:
            log.info("the clock was set")
            self._courier.clock_was_set(now, wall)
            self._network.clock_was_set(now, wall)

    # --- small things ----------------------------------------------------------------------------

    @property
    def _owner(self) -> str:
        return self.settings.business.owner_mobile

    @property
    def _language(self) -> str:
        return self.settings.business.language

    def _quiet_end(self, wall: datetime) -> datetime | None:
        return quiet.end(self.settings.messages.quiet, self.local(wall))

    def _may_be_texted(self, number: str) -> bool:
        return is_mobile(number) and (number == self._owner or not self._wants_none(number))

    def _wants_none(self, number: str) -> bool:
        return number in self._opted_out or number in self._opted_out_since
