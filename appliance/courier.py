"""Texts on their way: what the outbox decides is saved, handed to the line that sends, and its fate noted."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from datetime import datetime

from appliance.core import events
from appliance.core.actions import SendText
from appliance.core.outbox import Outbox
from appliance.core.records import CallRecord, Message
from appliance.core.settings import Settings
from appliance.seat import Seat
from appliance.store.changes import SaveMessage
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

NO_LINE = "no line can send texts"


class Courier:
    """Between outbox (policy), writer (store) and the line that sends."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._outbox = Outbox()
        self._alarms: dict[tuple[str, str], datetime] = {}

    @property
    def wants(self) -> float | None:
        """When work() has something to send; monotonic seconds."""
        return self._outbox.deadline()

    def load(self, messages: Iterable[Message], now: float, wall: datetime) -> None:
        """Take what the store holds unfinished."""
        for message in self._outbox.load(messages, now, wall):
            self._writer.add(SaveMessage(message))

    def missed(self, record: CallRecord, settings: Settings, now: float, wall: datetime) -> Message:
        """Queue the text about a missed call; the caller saves it together with the call."""
        from appliance.core.texts import missed

        text = missed(record, settings.business.language, settings.business.timezone)
        return self._queue("missed", text, settings, now, wall)

    def alarm(self, cause: str, line: str, settings: Settings, now: float, wall: datetime) -> None:
        """Queue an alarm, at most one per cause and day (contract)."""
        from appliance.core.texts import alarm

        last = self._alarms.get((cause, line))
        if last is not None and (wall - last).days == 0:
            return
        self._alarms[cause, line] = wall
        message = self._queue("alarm", alarm(cause, line, settings.business.language), settings, now, wall)
        self._writer.add(SaveMessage(message))

    def work(self, seat: Seat | None, now: float, wall: datetime) -> None:
        """Hand the next text that is due to the line, if that has no call."""
        message = self._outbox.next_due(now)
        if message is None:
            return
        if seat is None:
            if failed := self._outbox.failed(message.uid, NO_LINE, True, message.parts_sent, now, wall):
                self._writer.add(SaveMessage(failed))
        elif seat.takes_texts and self._outbox.hand_over(message.uid):
            log.info("%s: sending a text (%s, try %d)", seat.name, message.kind, message.tries)
            seat.perform([SendText(message.uid, message.to, message.text, message.parts_sent)], now)

    def on_event(self, event: events.TextEvent, now: float, wall: datetime) -> None:
        """What became of a text."""
        changed: Message | None = None
        if isinstance(event, events.TextLeaving):
            if leaving := self._outbox.leaving(event.uid):
                self._writer.add(SaveMessage(leaving))
                self._writer.flush(now, force=True)  # written down before the body leaves
            return
        if isinstance(event, events.TextSent):
            changed = self._outbox.sent(event.uid, wall) or self._outbox.confirmed_late(event.uid, wall)
        elif isinstance(event, events.TextFailed):
            changed = self._outbox.failed(event.uid, event.error, event.final, event.parts_sent, now, wall)
        elif isinstance(event, events.TextUnknown):
            changed = self._outbox.unknown(event.uid)
        elif isinstance(event, events.TextDeferred):
            changed = self._outbox.deferred(event.uid, event.parts_sent)
        if changed:
            log.info("text %s: %s %s", changed.kind, changed.state, changed.error or "")
            self._writer.add(SaveMessage(changed))

    def _queue(self, kind: str, text: str, settings: Settings, now: float, wall: datetime) -> Message:
        message = Message(uuid.uuid4().hex, kind, settings.business.owner_mobile, text, wall)
        return self._outbox.add(message, now)
