"""Texts that come in: kept, and obeyed where they are commands of somebody who may give them."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from datetime import datetime

from appliance.core import confirmations, textcommands, wording
from appliance.core.confirmations import Situation
from appliance.core.errors import StoreError
from appliance.core.numbers import normalise, shorten
from appliance.core.records import CallRecord, Received
from appliance.core.roster import Handover
from appliance.core.textcommands import ClearOverride, Command, SetOverride
from appliance.postroom import PostRoom
from appliance.store import changes
from appliance.store.database import Store
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

REMEMBER = 50
"""Texts by which one that comes again is known; a SIM card holds fewer."""

Effect = SetOverride | ClearOverride | Handover
"""What the engine has to mind; it is on its way to the store already."""


def _mark(received: Received) -> tuple[str, datetime | None, str]:
    """What no two texts share: the centre stamps each to the second."""
    return received.sender, received.sent_at, received.text


def _kind(command: Command | None) -> str:
    """What a text is kept as (`Received.kind`)."""
    match command:
        case None:
            return "text"
        case textcommands.OptOut():
            return "stop"
        case textcommands.AskHelp(problem):
            return "unclear" if problem else "help"
    return "command"


class Reception:
    """Hand it every text, with `situation`, which is asked only when somebody wants to know."""

    def __init__(self, store: Store, writer: Writer, postroom: PostRoom) -> None:
        self._store = store
        self._writer = writer
        self._postroom = postroom
        self._known = deque((_mark(one) for one in reversed(store.inbox(REMEMBER))), maxlen=REMEMBER)

    def on_received(
        self, received: Received, situation: Callable[[], Situation], now: float, wall: datetime
    ) -> list[Effect]:
        """Keep the text and do what it asks for; returns what the engine has to mind.

        Everything is with the writer then: flush it before the modem is told to delete the text. One that comes again,
        since the power failed in between or the module did not delete it, is neither kept nor obeyed twice.
        """
        if received.sent_at is not None and _mark(received) in self._known:
            log.info("%s: a text came again", received.line)
            return []
        self._known.append(_mark(received))
        settings = self._postroom.settings
        number = normalise(received.sender, None, settings.dial_plan)
        who = textcommands.sender(number, settings)
        command = textcommands.parse(received.text, who, settings, self._postroom.local(wall))
        received.kind = _kind(command)
        self._writer.add(changes.SaveReceived(received))
        log.info("%s: text of %s (%s)", received.line, shorten(number), received.kind)
        if command is None or number is None:
            return []
        return self._obey(command, number, situation, now, wall)

    def _obey(
        self, command: Command, number: str, situation: Callable[[], Situation], now: float, wall: datetime
    ) -> list[Effect]:
        settings = self._postroom.settings
        effects: list[Effect] = []
        answer: str | None = None
        match command:
            case textcommands.OptOut():
                self._writer.add(changes.OptOut(number, wall))
                self._postroom.opted_out(number)
            case SetOverride(plan, until):
                self._writer.add(changes.SetOverride(plan, until, "text", wall))
                effects = [command]
                answer = confirmations.override(plan, until, settings)
            case ClearOverride():
                self._writer.add(changes.ClearOverride())
                effects = [command]
                answer = confirmations.back(settings)
            case textcommands.AskStatus():
                answer = confirmations.status(situation(), len(self._open_calls(now)), settings)
            case textcommands.MarkDone():
                answer = confirmations.done(self._mark_done(now, wall), settings)
            case textcommands.AskHelp(problem):
                answer = confirmations.help_(problem, settings)
            case textcommands.HandOver(people):
                answer, handover = self._hand_over(people, now, wall)
                effects = [handover] if handover else []
            case textcommands.Acknowledge(people):
                answer = self._acknowledge(people, wall)
        if answer is not None:
            self._postroom.answer(number, answer, now, wall)
        return effects

    def _open_calls(self, now: float) -> list[CallRecord]:
        """Missed calls that are not done; what waits for the disk is written first."""
        self._writer.flush(now, force=True)
        try:
            return self._store.missed_open()
        except StoreError as error:
            log.warning("%s", error)
            return []

    def _mark_done(self, now: float, wall: datetime) -> int:
        """Close what the owner has heard of; a call that came in meanwhile stays open.

        Who gets digests alone has looked elsewhere if he says so before one: he means all that are open.
        """
        by_digest = self._postroom.settings.messages.missed == "digest"
        unheard = set() if by_digest else self._postroom.news.unheard()
        ids = tuple(record.id for record in self._open_calls(now) if record.id not in unheard)
        if ids:
            self._writer.add(changes.MarkDone(ids, wall))
            self._postroom.done(ids)
        return len(ids)

    def _hand_over(self, people: tuple[str, ...], now: float, wall: datetime) -> tuple[str, Handover | None]:
        settings, duty = self._postroom.settings, self._postroom.duty
        person = duty.on_duty(settings, wall)
        if person is None or person not in people:
            return confirmations.refused("not_on_duty", settings), None
        handover = duty.hand_over(settings, wall)
        target = settings.target_named(handover.to_target) if handover else None
        if handover is None or target is None:
            return confirmations.refused("nobody", settings), None
        if target.name not in people:
            self._postroom.inform(target.number, confirmations.takes_over(person, settings), now, wall)
        return confirmations.handed_over(target.name, settings), handover

    def _acknowledge(self, people: tuple[str, ...], wall: datetime) -> str:
        settings = self._postroom.settings
        calls = self._postroom.duty.acknowledged(people, wall)
        if not calls:
            return confirmations.refused("nothing_open", settings)
        self._postroom.done([record.id for record in calls])
        language = settings.business.language
        callers = list(dict.fromkeys(wording.who(record, language, 24) for record in reversed(calls)))
        return confirmations.acknowledged(callers, settings)
