"""When a text is tried, tried again, or given up. It decides; the engine saves what it answers and has it sent.

A text may be held back (`not_before`, before its first try): until quiet hours end. Held texts and pauses are both
counted in monotonic seconds, so that a wall clock that jumps neither lets all of them go nor keeps them for ever;
only a held one is reckoned anew after a jump (`clock_was_set`), since it waits for a time on the clock.

What makes a second sending impossible: a text is `sending` from before its body leaves until the modem's answer is
known. One that a crash or a lost answer leaves there becomes `unknown`, and nothing sends that again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import Enum

from msgspec import Struct

from appliance.core.records import Message

# Seconds after the first, second, … failure; the last one repeats. They start short, because a full or busy network
# clears in seconds, and end long, because one that doesn't is out for hours and every try costs power and signalling.
PAUSES = (5, 20, 60, 120, 300, 600, 1200, 1800)
GIVE_UP_AFTER = 24 * 3600  # s, as the sum of the pauses: a wall clock that jumps by years must not end a text
LONGEST_PAUSE = PAUSES[-1]
LONGEST_HOLD = 24 * 3600
"""Seconds a text that was never tried may be held back."""

NOT_DELIVERED = "the network could not deliver it"
LOST_ANSWER = "the modem never said whether it was sent"
LOST_REPLY = "the server never said whether it took it"
_REMEMBERED = 1000  # finished texts; as many rows as can wait to be written, see `Outbox.load`
_UNKNOWN_REMEMBERED = 20  # texts whose answer may still come
_SENT_REMEMBERED = 200  # texts whose delivery report may still come without asking the store


class Verdict(Enum):
    """What a refused text needs."""

    RETRY = "retry"  # the network or the modem could not do it now
    MEND_STORAGE = "mend storage"  # delete read texts, then try again
    MEND_CENTRE = "mend centre"  # no SMS centre: read and set it, then try again
    MEND_SIM = "mend sim"  # the SIM is not ready: unlock it, then try again
    FINAL = "final"  # the same text to the same number will be refused again


# +CMS ERROR codes: 27.005 clause 3.2.5; 1 to 127 are 24.011 annex E-2, 128 to 255 are 23.040 TP-FCS.
# Retried without being named here: 38 network out of order, 41 temporary failure, 42 congestion, 47 resources,
# 192 SC busy, 314 SIM busy, 331 no network service, 332 network timeout, 500 unknown, 512 and up (the maker's own).
_VERDICTS: dict[int, Verdict] = {
    **dict.fromkeys((1, 8, 10, 28, 29, 30, 50, 69, 95, 96, 97, 304, 305), Verdict.FINAL),
    **dict.fromkeys((310, 311, 312, 313), Verdict.MEND_SIM),
    322: Verdict.MEND_STORAGE,
    330: Verdict.MEND_CENTRE,
}


def cms_verdict(code: int | None) -> Verdict:
    """What to do about a `+CMS ERROR`; None is an ERROR without a code. A code nobody knows is tried again."""
    return Verdict.RETRY if code is None else _VERDICTS.get(code, Verdict.RETRY)


def pause_after(tries: int) -> int | None:
    """Seconds from the `tries`-th failure (1 is the first) to the next try; None: it was the last one."""
    pauses = [PAUSES[min(done, len(PAUSES) - 1)] for done in range(tries)]
    return pauses[-1] if sum(pauses) <= GIVE_UP_AFTER else None


class _Entry(Struct):
    message: Message
    due: float  # monotonic seconds


class Outbox:
    """The texts that wait. Times called `now` are monotonic seconds; `wall` and `at` are aware datetimes in UTC.

    Every method that changes a text returns it, to be saved before anything else happens; None means that it is not
    one this could happen to (finished meanwhile, not in flight). `parts_sent` counts from the text's first part.
    One text is in flight at a time.
    """

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}  # not finished, by uid, oldest first
        self._in_flight: str | None = None
        self._unknown: dict[str, Message] = {}
        self._finished: dict[str, None] = {}
        self._sent: dict[tuple[int, str], Message] = {}  # by reference and number

    def __len__(self) -> int:
        """How many texts are not finished."""
        return len(self._entries)

    def add(self, message: Message, now: float) -> Message:
        """Take a new text; it is due at once, or once `not_before`, which was reckoned from its `created_at`, comes."""
        self._entries[message.uid] = _Entry(message, now + _wait(message, message.created_at))
        return message

    def load(self, messages: Iterable[Message], now: float, wall: datetime) -> list[Message]:
        """Take texts the store holds as unfinished, oldest first; returns those that changed.

        At start, and again when another process has queued one: texts this outbox has or had are left alone, since
        the store may be behind. Queued ones are due, or when `not_before` says, but within half an hour (a day, if
        never tried): the wall clock may have jumped. One left in `sending` becomes `unknown`.
        """
        changed = []
        for message in messages:
            if message.uid in self._entries or message.uid in self._finished:
                continue
            if message.state == "sending":
                message.state = "unknown"
                message.error = LOST_ANSWER if message.channel == "sms" else LOST_REPLY
                self._remember(message.uid)
                changed.append(message)
            else:
                self._entries[message.uid] = _Entry(message, now + _wait(message, wall))
        return changed

    def knows(self, uid: str) -> bool:
        """Whether this outbox has or had the text."""
        return uid in self._entries or uid in self._finished

    def clock_was_set(self, now: float, wall: datetime) -> None:
        """The wall clock jumped: texts that are held back wait for what it shows now, but never longer than before."""
        for entry in self._entries.values():
            if entry.message.tries == 0 and entry.message.not_before is not None:
                entry.due = min(entry.due, now + _wait(entry.message, wall))

    def next_due(self, now: float, kind: str | None = None) -> Message | None:
        """The oldest text (of one kind) that is due, while none is in flight. One that must wait holds up no other."""
        if self._in_flight is not None:
            return None
        due = (entry.message for entry in self._entries.values() if entry.due <= now)
        return next((message for message in due if kind in (None, message.kind)), None)

    def deadline(self) -> float | None:
        """When `next_due` has one, maybe in the past; None while one is in flight or nothing waits."""
        if self._in_flight is not None:
            return None
        return min((entry.due for entry in self._entries.values()), default=None)

    def hand_over(self, uid: str) -> Message | None:
        """The text goes to the modem, which has not asked for its body yet: in flight, but still `queued`."""
        entry = self._entries.get(uid)
        if entry is None or self._in_flight is not None:
            return None
        self._in_flight = uid
        entry.message.tries += 1
        return entry.message

    def leaving(self, uid: str) -> Message | None:
        """The body is about to leave: to be saved before its first byte does. None for a later part of it."""
        entry = self._entries.get(uid)
        if entry is None or uid != self._in_flight or entry.message.state == "sending":
            return None
        message = entry.message
        message.state, message.not_before = "sending", None
        return message

    def sent(self, uid: str, at: datetime, reference: int | None = None) -> Message | None:
        """The network took every part; `reference` (TP-MR) is what it calls the last one."""
        if uid != self._in_flight:
            return None
        return self._took(self._finish(uid), at, reference)

    def reported(self, reference: int, to: str) -> Message | None:
        """The text a status report is about; None if it isn't remembered here.

        References are numbers from 0 to 255 that come round again, so the text last sent to the number is meant.
        """
        return self._sent.pop((reference, to), None)

    def failed(self, uid: str, error: str, final: bool, parts_sent: int, now: float, wall: datetime) -> Message | None:
        """The text was refused: it waits for its next try, or is given up (`final`, or 24 h of tries).

        Also for one that was not in flight, because no line can send it.
        """
        entry = self._entries.get(uid)
        if entry is None:
            return None
        message = entry.message
        message.error = error
        message.parts_sent = max(message.parts_sent, parts_sent)
        pause = None if final else pause_after(max(message.tries, 1))
        if pause is None:
            self._finish(uid)
            message.state, message.not_before = "failed", None
        else:
            self._land(uid)
            entry.due = now + pause
            message.state, message.not_before = "queued", wall + timedelta(seconds=pause)
        return message

    def cancel(self, to: str, error: str) -> list[Message]:
        """Give up every text to this number that has not left."""
        waiting = [uid for uid, entry in self._entries.items() if entry.message.to == to and uid != self._in_flight]
        cancelled = [self._finish(uid) for uid in waiting]
        for message in cancelled:
            message.state, message.not_before, message.error = "failed", None, error
        return cancelled

    def deferred(self, uid: str, parts_sent: int) -> Message | None:
        """A call came first: that costs no try, and the text is still due: ask `next_due` once the line is free."""
        if uid != self._in_flight:
            return None
        self._land(uid)
        message = self._entries[uid].message
        message.state, message.tries = "queued", message.tries - 1
        message.parts_sent = max(message.parts_sent, parts_sent)
        return message

    def unknown(self, uid: str, error: str = LOST_ANSWER) -> Message | None:
        """Whoever took the text did not answer: it is never sent again."""
        if uid != self._in_flight:
            return None
        message = self._finish(uid)
        message.state, message.error = "unknown", error
        self._unknown[uid] = message
        while len(self._unknown) > _UNKNOWN_REMEMBERED:
            del self._unknown[next(iter(self._unknown))]
        return message

    def confirmed_late(self, uid: str, at: datetime, reference: int | None = None) -> Message | None:
        """The answer to an `unknown` text did come: it was sent."""
        message = self._unknown.pop(uid, None)
        return None if message is None else self._took(message, at, reference)

    def _took(self, message: Message, at: datetime, reference: int | None) -> Message:
        message.state, message.sent_at, message.error, message.reference = "sent", at, None, reference
        if reference is not None:
            self._sent.pop((reference, message.to), None)
            self._sent[reference, message.to] = message
            while len(self._sent) > _SENT_REMEMBERED:
                del self._sent[next(iter(self._sent))]
        return message

    def _land(self, uid: str) -> None:
        if uid == self._in_flight:
            self._in_flight = None

    def _finish(self, uid: str) -> Message:
        self._land(uid)
        self._remember(uid)
        return self._entries.pop(uid).message

    def _remember(self, uid: str) -> None:
        self._finished[uid] = None
        while len(self._finished) > _REMEMBERED:
            del self._finished[next(iter(self._finished))]


def note_report(message: Message, delivered: bool, at: datetime) -> bool:
    """A status report: the text has reached the phone, or the network has given up. Says whether that is news."""
    if message.state not in ("sent", "unknown"):
        return False
    if delivered:
        message.state, message.delivered_at, message.error = "delivered", at, None
    else:
        message.state, message.error = "failed", NOT_DELIVERED
    return True


def _wait(message: Message, wall: datetime) -> float:
    """Seconds until `not_before`, within what can be: the wall clock may have jumped since it was reckoned."""
    if message.not_before is None:
        return 0.0
    longest = LONGEST_PAUSE if message.tries else LONGEST_HOLD
    return min(max((message.not_before - wall).total_seconds(), 0.0), longest)
