"""A call log of years: how quickly it answers, and what a call writes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance.core.records import Attempt, CallRecord, Message
from appliance.statistics_report import stats_report
from appliance.store.changes import MarkTold, SaveCall, SaveMessage
from appliance.store.database import Store
from tests.bench.box import state_folder
from tests.bench.figures import Figure, one

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SPAN = timedelta(days=365)
CALLERS = 20_000
AT_ONCE = 5_000
WRITTEN = 200  # calls, of each outcome


def measure(calls: int, times: int) -> list[Figure]:
    """On a log of so many calls in a year, each question so many times."""
    chance = random.Random(4)
    with state_folder() as folder, Store.open(Path(folder), create=True) as store:
        fill(store, calls, chance)
        newest = store.calls(limit=50)
        number = next(call.caller for call in newest if call.caller)
        berlin = ZoneInfo("Europe/Berlin")
        questions: list[tuple[str, float, Callable[[], object]]] = [
            ("statistics of a year", 200.0, lambda: stats_report(store, None, NOW, berlin)),
            ("newest page", 20.0, lambda: store.calls(limit=50)),
            ("page in the middle", 20.0, lambda: store.calls(limit=50, before=calls // 2)),
            ("search for a number", 50.0, lambda: store.calls(caller=number)),
        ]
        found = [
            Figure(f"log of {calls:,} calls: {what}", "ms", tuple(_took(ask) for _ in range(times)), limit)
            for what, limit, ask in questions
        ]
        for outcome in ("missed", "forwarded"):
            before = octets_written()
            write(store, outcome, WRITTEN, chance)
            written = (octets_written() - before) / WRITTEN / 1000
            found.append(one(f"a {outcome} call writes", "kB", written, compared="synced, with its text if it has one"))
    return found


def fill(store: Store, calls: int, chance: random.Random, span: timedelta = SPAN, end: datetime = NOW) -> None:
    """With so many calls, in this time before `end`."""
    times = sorted(end - span * chance.random() for _ in range(calls))
    callers = [f"+4915{chance.randrange(10**8, 10**9)}" for _ in range(CALLERS)]
    for start in range(0, calls, AT_ONCE):
        store.write(*(SaveCall(_call(store, at, callers, chance)) for at in times[start : start + AT_ONCE]))


def _call(store: Store, at: datetime, callers: list[str], chance: random.Random) -> CallRecord:
    (outcome,) = chance.choices(("forwarded", "missed", "answered_here", "blocked"), (55, 25, 15, 5))
    caller = chance.choice(callers) if chance.random() < 0.9 else None
    call = CallRecord(store.next_call_id(), "office", at, caller, outcome=outcome, ended_at=at, rings=4)
    if outcome == "forwarded":
        call.answered_at = at + timedelta(seconds=chance.randrange(8, 70))
        call.target, call.method = chance.choice(("desk", "anna", "bert")), "transfer"
        call.attempts = [Attempt(call.target, "+49301111111", "transfer", "answered", 7.5)]
    return call


def _took(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000


def write(store: Store, outcome: str, count: int, chance: random.Random) -> None:
    """So many calls in as many commits as the engine makes, a missed one with its text."""
    for number in range(count):
        call = CallRecord(store.next_call_id(), "office", NOW + timedelta(minutes=20 * number))
        store.write(SaveCall(call))
        call.caller, call.rings = f"+4917{chance.randrange(10**8, 10**9)}", 4
        if outcome == "forwarded":
            call.answered_at, call.target, call.method = call.started_at, "desk", "transfer"
            store.write(SaveCall(call))
        call.outcome, call.ended_at = outcome, call.started_at
        call.attempts = [Attempt("desk", "+49301111111", None, "no_answer", 20.0)]
        if outcome == "forwarded":
            store.write(SaveCall(call))
            continue
        said = f"Verpasster Anruf: {call.caller}, Mo 23.11. 12:00. Niemand erreicht: desk nahm nicht ab."
        text = Message(f"{chance.getrandbits(128):032x}", "missed", "+4915112345678", said, call.started_at)
        store.write(SaveCall(call), SaveMessage(text), MarkTold((call.id,), call.started_at))
        for text.state in ("sending", "sent"):
            store.write(SaveMessage(text))


def octets_written() -> int:
    """proc(5), /proc/self/io: what write calls of this process were given."""
    fields = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(fields["wchar"])
