"""Who is on call, and whom a missed call wakes: the roster carried out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.core import escalation
from appliance.core.escalation import COLLECT, REMEMBER, Case, Escalation
from appliance.core.records import CallRecord, Message
from appliance.core.roster import Handover, hand_on, next_in_line, on_call_at
from appliance.core.settings import Settings, Target
from appliance.store.changes import MarkDone, SaveHandover
from appliance.store.writer import Writer

log = logging.getLogger(__name__)

Post = Callable[[str, Target, str, float, datetime], bool]
"""(kind, whom, text, now, wall) → whether it was queued."""


class DutyRoom:
    """The handovers that count, and the missed calls nobody has acknowledged yet."""

    def __init__(self, writer: Writer, post: Post, may_be_texted: Callable[[str], bool]) -> None:
        self.handovers: list[Handover] = []
        self.escalation = Escalation()
        self._writer = writer
        self._post = post
        self._may_be_texted = may_be_texted
        self._collect_until: dict[str, float] = {}  # by number

    def take_handovers(self, stored: Iterable[Handover]) -> None:
        """What the store has, and what is still on its way there."""
        saved = list(stored)
        known = {(one.at, one.from_target, one.to_target, one.starts) for one in saved}
        waiting = (one for one in self.handovers if one.id is None)
        saved += [one for one in waiting if (one.at, one.from_target, one.to_target, one.starts) not in known]
        self.handovers = saved

    def on_duty(self, settings: Settings, wall: datetime) -> str | None:
        """The target that is on call."""
        return on_call_at(settings.roster, _local(settings, wall), self.handovers)

    def hand_over(self, settings: Settings, wall: datetime) -> Handover | None:
        """Whoever is on call gives the duty to the next; None: nobody is on call, or nobody is left."""
        handover = hand_on(settings.roster, self.handovers, _local(settings, wall))
        if handover is not None and settings.target_named(handover.to_target):
            self._writer.add(SaveHandover(handover))
            self.handovers.append(handover)
            return handover
        return None

    def acknowledged(self, people: Collection[str], wall: datetime) -> list[CallRecord]:
        """One of these people takes care of what they were told of: the calls, oldest first."""
        calls = self.escalation.acknowledged(people)
        if calls:
            self._writer.add(MarkDone(tuple(record.id for record in calls), wall))
        return calls

    # --- a missed call's way round ---------------------------------------------------------------

    def missed(self, record: CallRecord, settings: Settings, now: float, wall: datetime) -> None:
        """A call was missed: tick() tells whoever is on call."""
        if settings.messages.escalate_minutes and self.on_duty(settings, wall):
            self.escalation.missed(record, now)

    def tick(self, settings: Settings, now: float, wall: datetime) -> list[tuple[CallRecord, Target]]:
        """Tell whoever is due; returns who has now been told of which call."""
        told = []
        business, minutes = settings.business, settings.messages.escalate_minutes
        due: dict[str, list[tuple[Case, Target]]] = {}
        for case in self.escalation.due(now):
            target = self._next_person(case, settings, wall) if minutes else None
            if target is None:
                self.escalation.exhausted(case)
            elif now >= self._collect_until.get(target.number, now):
                due.setdefault(target.number, []).append((case, target))
        for number, pairs in due.items():
            cases, person = [case for case, _ in pairs], pairs[0][1]
            code = settings.messages.command_code if number == business.owner_mobile else None
            text = escalation.text(cases, business.language, business.timezone, wall, code)
            if not self._post("missed", person, text, now, wall):
                continue
            self._collect_until[number] = now + COLLECT
            for case, target in pairs:
                self.escalation.told(case, target.name, (minutes or 0) * 60.0, now)
                told += [(record, target) for record in case.calls]
        return told

    def take_up(
        self, missed: Iterable[CallRecord], sent: Iterable[Message], settings: Settings, now: float, wall: datetime
    ) -> None:
        """After a restart: go on where the texts of the last day say that the last run stopped."""
        minutes = settings.messages.escalate_minutes
        if not minutes:
            return
        people = [text for text in sent if text.kind == "missed"]
        for record in sorted(missed, key=lambda record: record.id):
            if wall - record.started_at > REMEMBER or not self.on_duty(settings, record.started_at):
                continue
            ended = record.ended_at or record.started_at
            heard = {text.to: text.created_at for text in people if text.created_at >= ended}
            told = [target.name for target in settings.target if target.number in heard]
            if not told:  # it was still being collected
                self.escalation.missed(record, now)
            else:
                since = (wall - max(heard.values())).total_seconds()
                self.escalation.missed(record, now + min(max(minutes * 60.0 - since, 0.0), minutes * 60.0), told)

    def _next_person(self, case: Case, settings: Settings, wall: datetime) -> Target | None:
        """Who is to hear of the case: of those not told, whoever is on call, then as the roster goes on."""
        passed = set(case.told)
        person = self.on_duty(settings, wall)
        while person is not None:
            target = settings.target_named(person)
            if person not in passed and target and self._may_be_texted(target.number):
                return target
            passed.add(person)
            person = next_in_line(settings.roster, _local(settings, wall), passed)
        return None


def _local(settings: Settings, wall: datetime) -> datetime:
    return wall.astimezone(ZoneInfo(settings.business.timezone))
