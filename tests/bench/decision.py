"""What a call costs in thought: who is tried, by settings larger than anybody's and a full address book."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta

from appliance.core.callers import CallerBook
from appliance.core.contacts import Contact
from appliance.core.plan import decide
from appliance.core.settings import Settings
from appliance.core.settings_check import check
from tests.bench.figures import Figure

CONTACTS, RULES, CLOSURES, SHIFTS = 10_000, 5_000, 200, 50
START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
WARM_UP = 20


def measure(times: int) -> list[Figure]:
    """Calls of contacts, of those with a rule and of strangers in turn, each at another hour of a year."""
    chance = random.Random(7)
    settings = _settings()
    book = CallerBook(settings.caller, (_contact(index) for index in range(CONTACTS)))
    values = []
    for number in range(times + WARM_UP):
        index = chance.randrange(RULES)
        caller = (f"+49171{index:07d}", f"+49160{index:07d}", f"+49152{index:07d}", None)[number % 4]
        at = START + timedelta(hours=chance.randrange(365 * 24))
        began = time.perf_counter()
        decide(settings, caller, caller is None, at, book=book)
        values.append((time.perf_counter() - began) * 1000)
    what = f"decision with {CONTACTS:,} contacts, {RULES:,} rules, {CLOSURES} closures, {SHIFTS} shifts"
    return [Figure(what, "ms", tuple(values[WARM_UP:]), 1.0)]


def _settings() -> Settings:
    day = START.date()
    checked = check(
        {
            "business": {"name": "Tischlerei Muster", "owner_mobile": "+4915112345678"},
            "line": [{"name": "office", "kind": "gsm", "port": "/dev/ttyUSB0", "number": "+498912345"}],
            "target": [{"name": f"person{index}", "number": f"+4930{index + 1111111}"} for index in range(SHIFTS)],
            "plan": [{"name": name, "chain": ["on-call"]} for name in ("open", "closed")],
            "timetable": {"otherwise": "open"},
            "closure": [
                {"from": at, "to": at, "plan": "closed"}
                for at in (day + timedelta(days=2 * index) for index in range(CLOSURES))
            ],
            "roster": [
                {"target": f"person{index}", "from": begin, "to": begin + timedelta(weeks=1), "repeat_weeks": SHIFTS}
                for index, begin in enumerate(
                    START.replace(tzinfo=None) + timedelta(weeks=index) for index in range(SHIFTS)
                )
            ],
            "caller": [{"number": f"+49160{index:07d}", "plan": "closed"} for index in range(RULES)],
        }
    )
    if checked.settings is None:
        raise RuntimeError(f"the settings to measure with are wrong: {checked.mistakes[:3]}")
    return checked.settings


def _contact(index: int) -> Contact:
    return Contact(f"+49171{index:07d}", f"Kunde {index}")
