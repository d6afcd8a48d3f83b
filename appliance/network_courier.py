"""Messages on their way over the network: alarms and summaries by e-mail and webhook, through the same outbox."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from appliance.core import network_ways
from appliance.core.outbox import Outbox
from appliance.core.recent import Recent
from appliance.core.records import Message
from appliance.core.settings import Notify
from appliance.store.changes import SaveMessage
from appliance.store.writer import Writer

if TYPE_CHECKING:
    from appliance.notify import Notifier, Outcome, Words

log = logging.getLogger(__name__)

LAST_WORD = 2.0
"""Seconds a message that has left may keep the engine from stopping."""
LAST_WORD_WITHIN = 90.0
"""Seconds after a start in which the sender of an engine that was killed may still say what became of its message."""


class NetworkCourier:
    """Between outbox, writer and notifier; what is sent, and when, others decide."""

    def __init__(self, writer: Writer, words: Words, notifier: Notifier | None = None) -> None:
        """words: where the senders of an engine that was killed have left what became of their messages."""
        self.recent = Recent()
        self.ways = Notify()
        """Where messages go (settings)."""
        self._writer = writer
        self._notifier = notifier
        self._words = words
        self._outbox = Outbox()
        self._left: dict[str, tuple[float, Message]] = {}
        """Messages that left under an engine that was killed, by uid, and until when a word about them may come."""
        self._settled: set[str] = set()
        """Those of them about which the word came."""
        self._began = False

    @property
    def is_set_up(self) -> bool:
        """Whether there is any way."""
        return self.ways.email is not None or self.ways.webhook is not None

    def load(self, messages: Iterable[Message], now: float, wall: datetime) -> None:
        """Take what the store holds unfinished of these channels. One that has left may still be under way: a word
        about it is waited for."""
        ours = [one for one in messages if one.channel in network_ways.CHANNELS]
        if not self._began:
            self._left = {one.uid: (now + LAST_WORD_WITHIN, one) for one in ours if one.state == "sending"}
            self._words.keep_only(self._left)
            self._began = True
        self._take([one for one in ours if one.uid not in self._left and one.uid not in self._settled], now, wall)

    def _take(self, messages: Iterable[Message], now: float, wall: datetime) -> None:
        for message in self._outbox.load(messages, now, wall):
            self._save(message)

    def queue(self, kind: str, text: str, now: float, wall: datetime, not_before: datetime | None = None) -> bool:
        """Take a message on, once for each way; says whether there is any."""
        for message in network_ways.messages(self.ways, kind, text, wall, not_before):
            self._outbox.add(message, now)
            self.recent.note(message, now)
            self._writer.add(SaveMessage(message))
        return self.is_set_up

    def clock_was_set(self, now: float, wall: datetime) -> None:
        """The wall clock jumped."""
        self._outbox.clock_was_set(now, wall)

    def work(self, now: float, wall: datetime) -> None:
        """Note what became of the message under way, and start the next one. Never waits."""
        if self._notifier is not None:
            if uid := self._notifier.leaving():
                self._save(self._outbox.leaving(uid))
                self._writer.flush(now, force=True)  # written down before it leaves
                self._notifier.go(now)
            self._note(self._notifier.poll(now), now, wall)
        self._hear_of_left(now, wall)
        message = self._outbox.next_due(now)
        if message is None:
            return
        if self._notifier is None:
            from appliance.notify import Notifier  # megabytes that a box without a network way never needs

            self._notifier = Notifier(self._words)
        if not self._notifier.busy and self._outbox.hand_over(message.uid):
            self._notifier.start(message, self.ways, now)

    def stop(self, now: float, wall: datetime) -> None:
        """End what is under way; a server that has the message gets a moment to say so."""
        if self._notifier is not None:
            self._note(self._notifier.stop(LAST_WORD), now, wall)

    def _note(self, outcome: Outcome | None, now: float, wall: datetime) -> None:
        if outcome is None:
            return
        if outcome.ok:
            self._save(self._outbox.sent(outcome.uid, wall))
        elif outcome.unknown:
            self._save(self._outbox.unknown(outcome.uid, outcome.error))
        else:
            self._save(self._outbox.failed(outcome.uid, outcome.error, outcome.final, 0, now, wall))
        self._forget(outcome.uid, now)

    def _hear_of_left(self, now: float, wall: datetime) -> None:
        for uid, (until, message) in list(self._left.items()):
            outcome = self._words.read(uid)
            if outcome is None and now < until:
                continue
            del self._left[uid]
            self._settled.add(uid)
            if outcome is None or outcome.unknown:
                self._take([message], now, wall)  # as unknown
            elif outcome.ok:
                message.state, message.sent_at, message.error = "sent", wall, None
                self._save(message)
            else:
                message.state, message.error = ("failed" if outcome.final else "queued"), outcome.error
                self._save(message)
                if message.state == "queued":
                    self._take([message], now, wall)
            self._forget(uid, now)

    def _forget(self, uid: str, now: float) -> None:
        if self._writer.flush(now, force=True):  # else the file goes at the next start
            self._words.forget(uid)

    def _save(self, message: Message | None) -> None:
        if message is not None:
            log.info("%s %s: %s %s", message.channel, message.kind, message.state, message.error or "")
            self._writer.add(SaveMessage(message))
