"""Texts on their way: what was queued is saved, handed to a line that can send, and its fate noted."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from appliance.core import briefing, events
from appliance.core.actions import SendText
from appliance.core.errors import StoreError
from appliance.core.outbox import Outbox, note_report
from appliance.core.recent import Recent
from appliance.core.records import Message
from appliance.seat import Seat
from appliance.store.changes import SaveMessage
from appliance.store.database import Store
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

NO_LINE = "no line can send texts"
TOO_LATE = "too late to be of use"
NO_ROOM = "the day's limit of texts is reached"


class Courier:
    """Between outbox (policy), writer (store) and the lines that send. What is sent, and whether, others decide."""

    def __init__(self, writer: Writer, store: Store) -> None:
        self.recent = Recent()
        self.at_most_per_day: int | None = None
        """How many texts may be queued in 24 h (settings); None: any number."""
        self._writer = writer
        self._store = store
        self._outbox = Outbox()
        self.stuck = False
        """A text is due and no line can take it: asking again is of use only when something has happened."""

    @property
    def wants(self) -> float | None:
        """When work() has something to send; monotonic seconds."""
        return self._outbox.deadline()

    # --- what is to be sent ----------------------------------------------------------------------

    def load(self, messages: Iterable[Message], now: float, wall: datetime) -> None:
        """Take what the store holds unfinished: at start, and again when another process has queued a text.

        One of another process for which the day has no room is given up, so that whoever sent it sees why; the last
        but one is kept free for saying that the limit is reached.
        """
        texts = (message for message in messages if message.channel == "sms")
        strangers = [message for message in texts if not self._outbox.knows(message.uid)]
        for message in self._outbox.load(strangers, now, wall):
            self._writer.add(SaveMessage(message))
        for message in strangers:
            if self.recent.knows(message.uid):
                if message.kind != "test" or self.room(now) >= 0:
                    continue  # else it was queued while nobody counted: the engine was off, or being killed
            elif self.room(now) >= min(2, self.at_most_per_day or 2):
                self.recent.note(message, now)
                continue
            if failed := self._outbox.failed(message.uid, NO_ROOM, True, 0, now, wall):
                self._writer.add(SaveMessage(failed))

    def room(self, now: float) -> float:
        """How many texts may still be queued today."""
        return float("inf") if self.at_most_per_day is None else self.at_most_per_day - self.recent.count(now)

    def queue(
        self, kind: str, to: str, text: str, now: float, wall: datetime, not_before: datetime | None = None
    ) -> Message:
        """Take a text on; it is saved with whatever else waits for the writer, so together with what it is about."""
        message = Message(uuid.uuid4().hex, kind, to, text, wall, not_before=not_before)
        self._outbox.add(message, now)
        self.recent.note(message, now)
        self._writer.add(SaveMessage(message))
        return message

    def cancel(self, to: str) -> None:
        """This number wants no texts: those that have not left never will."""
        for message in self._outbox.cancel(to, "the number wants no texts"):
            self._writer.add(SaveMessage(message))

    def clock_was_set(self, now: float, wall: datetime) -> None:
        """The wall clock jumped."""
        self._outbox.clock_was_set(now, wall)

    # --- sending ---------------------------------------------------------------------------------

    def work(self, seat: Seat | None, now: float, wall: datetime, others: Sequence[Seat] = ()) -> None:
        """Hand the next text that is due to the line, if that has no call.

        `others`: lines that can send, too; a briefing, which is about a call on the first one, goes over them.
        """
        self.stuck = False
        message = self._outbox.next_due(now)
        if message is None:
            return
        if seat is None:
            self._give_up(message, NO_LINE, now, wall)
        elif message.kind == "briefing" and (wall - message.created_at).total_seconds() > briefing.STALE:
            self._give_up(message, TOO_LATE, now, wall)
        elif seat.takes_texts:
            self._hand_over(message, seat, now)
        elif (urgent := self._outbox.next_due(now, "briefing")) and (free := _free(others)):
            self._hand_over(urgent, free, now)
        else:
            self.stuck = True

    def _hand_over(self, message: Message, seat: Seat, now: float) -> None:
        if self._outbox.hand_over(message.uid):
            log.info("%s: sending a text (%s, try %d)", seat.name, message.kind, message.tries)
            seat.perform([SendText(message.uid, message.to, message.text, message.parts_sent)], now)

    def _give_up(self, message: Message, error: str, now: float, wall: datetime) -> None:
        if failed := self._outbox.failed(message.uid, error, True, message.parts_sent, now, wall):
            log.info("text %s: failed %s", failed.kind, failed.error)
            self._writer.add(SaveMessage(failed))

    # --- what became of it -----------------------------------------------------------------------

    def on_event(self, event: events.TextEvent, now: float, wall: datetime) -> None:
        """What became of a text."""
        changed: Message | None = None
        if isinstance(event, events.TextLeaving):
            if leaving := self._outbox.leaving(event.uid):
                self._writer.add(SaveMessage(leaving))
                self._writer.flush(now, force=True)  # written down before the body leaves
            return
        if isinstance(event, events.TextSent):
            changed = self._outbox.sent(event.uid, wall, event.reference)
            changed = changed or self._outbox.confirmed_late(event.uid, wall, event.reference)
        elif isinstance(event, events.TextFailed):
            changed = self._outbox.failed(event.uid, event.error, event.final, event.parts_sent, now, wall)
        elif isinstance(event, events.TextUnknown):
            changed = self._outbox.unknown(event.uid)
        elif isinstance(event, events.TextDeferred):
            changed = self._outbox.deferred(event.uid, event.parts_sent)
        if changed:
            log.info("text %s: %s %s", changed.kind, changed.state, changed.error or "")
            self._writer.add(SaveMessage(changed))

    def on_report(self, event: events.TextReport, wall: datetime) -> None:
        """A status report: a text has reached the phone, or the network has given up on it."""
        if event.number is None:
            return
        message = self._outbox.reported(event.reference, event.number) or self._stored(event.reference, event.number)
        if message is not None and note_report(message, event.delivered, wall):
            log.info("text %s: %s", message.kind, message.state)
            self._writer.add(SaveMessage(message))

    def _stored(self, reference: int, to: str) -> Message | None:
        """A text sent before the last restart."""
        try:
            return self._store.message_by_reference(reference, to)
        except StoreError as error:
            log.warning("a delivery report is lost: %s", error)
            return None


def _free(seats: Sequence[Seat]) -> Seat | None:
    return next((seat for seat in seats if seat.takes_texts), None)
