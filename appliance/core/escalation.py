"""A missed call that nobody takes care of goes round the roster: to the person on duty, then to the next, and so on.

It ends when one of them acknowledges it, when it is marked done, or when everybody has been told. Calls of one number
are one case: a caller who tries again does not wake the same person twice. Cases that come up within two minutes of a
text to somebody are collected into the next one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from msgspec import Struct, field

from appliance.core import digest, texts
from appliance.core.records import CallRecord

REMEMBER = dt.timedelta(hours=6)
"""How old a call may be whose case is taken up again after a restart."""

COLLECT = 120.0
"""Seconds after a text to a person within which further cases are collected into the next one."""

_ASK = {
    "de": "In Ihrer Bereitschaft. Kümmern Sie sich? Dann bitte mit {ok} antworten.",
    "en": "You are on call. If you take care of them, please reply {ok}.",
}


class Case(Struct):
    """Calls of one caller. `told`: targets by name, in order; `due`: monotonic seconds, when the next one hears."""

    calls: list[CallRecord]
    due: float
    told: list[str] = field(default_factory=list)


class Escalation:
    """The cases that are open. It says who is due; whoever carries it out answers with `told` or `exhausted`."""

    def __init__(self) -> None:
        self._cases: dict[str | None, Case] = {}

    def __len__(self) -> int:
        """How many cases are open."""
        return len(self._cases)

    def missed(self, record: CallRecord, now: float, told: Sequence[str] = ()) -> None:
        """A call was missed while somebody was on duty; `told`: who has heard of it already (after a restart)."""
        case = self._cases.get(record.caller)
        if case is None:
            self._cases[record.caller] = Case([record], now, list(told))
        else:
            case.calls.append(record)

    def due(self, now: float) -> list[Case]:
        """Cases somebody is to hear of now; nobody in `told`: the person on duty, else the next after those."""
        return [case for case in self._cases.values() if case.due <= now]

    def told(self, case: Case, person: str, after: float, now: float) -> None:
        """This person hears of it; `after` seconds without an answer the next one does."""
        case.told.append(person)
        case.due = now + after

    def exhausted(self, case: Case) -> None:
        """Nobody is left to be told."""
        self._cases = {caller: other for caller, other in self._cases.items() if other is not case}

    def acknowledged(self, people: Collection[str]) -> list[CallRecord]:
        """One of the people told takes care of it: the calls of every case they know of."""
        known = [case for case in self._cases.values() if set(people).intersection(case.told)]
        for case in known:
            self.exhausted(case)
        return [record for case in known for record in case.calls]

    def oldest(self) -> list[dt.datetime]:
        """When the first call of the open cases began; empty if there is none."""
        begins = [record.started_at for case in self._cases.values() for record in case.calls]
        return [min(begins)] if begins else []

    def closed(self, ids: Collection[int]) -> None:
        """These calls are done."""
        for case in list(self._cases.values()):
            case.calls = [record for record in case.calls if record.id not in ids]
            if not case.calls:
                self.exhausted(case)

    def keep_only(self, ids: Collection[int]) -> None:
        """All other calls have been closed by another process."""
        self.closed({record.id for case in self._cases.values() for record in case.calls} - set(ids))


def text(cases: Sequence[Case], language: str, timezone: str, wall: dt.datetime, code: str | None = None) -> str:
    """What the person is told of these cases (at least one). `wall`: aware, now.

    `code`: the word that person's commands must begin with, if they must.
    """
    if len(cases) == 1:
        return texts.on_duty(cases[0].calls[-1], language, timezone, code)
    calls = [record for case in cases for record in case.calls]
    return f"{digest.text(calls, language, timezone, wall)}\n{_ASK[language].format(ok=texts.ok(code, language))}"
