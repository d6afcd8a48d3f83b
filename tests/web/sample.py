"""A workshop in full swing: settings, a day's calls and texts, and an engine that shows its lines."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance.core.contacts import Contact
from appliance.core.records import Attempt, CallRecord, Message, Received
from appliance.core.settings import to_json
from appliance.core.settings_check import check
from appliance.store.changes import SaveCall, SaveMessage, SaveReceived
from appliance.store.page import PageStore
from web import claim
from web.clock import Clock

NOW = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
"""Monday, 14:05 in Berlin."""
PASSWORD = "Kiefer und Eiche"
CODE = "ABCD-2345"

SETTINGS = """
[business]
name = "Tischlerei Muster"
language = "de"
region = "BY"
owner_mobile = "+4915112345678"
[[line]]
name = "office"
kind = "gsm"
port = "/dev/ttyUSB0"
number = "+498912345"
pin = "9753"
safety_net = "Büro Berlin"
[[target]]
name = "Büro Berlin"
number = "+49301111111"
ring_seconds = 25
[[target]]
name = "Anna"
number = "+4917123456789"
ring_seconds = 15
[[plan]]
name = "offen"
answer_after_rings = 4
chain = ["Büro Berlin", "on-call"]
[[plan]]
name = "Feierabend"
answer_after_rings = 1
chain = ["on-call"]
[timetable]
otherwise = "Feierabend"
away = "Feierabend"
[[timetable.slot]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "07:30"
to = "17:00"
plan = "offen"
[[closure]]
name = "Betriebsferien"
from = 2026-12-24
to = 2027-01-06
plan = "Feierabend"
[holidays]
plan = "Feierabend"
[[roster]]
target = "Anna"
from = 2026-11-23T17:00:00
to = 2026-11-27T17:00:00
[[caller]]
number = "+4989777*"
name = "Firma Huber"
[[caller]]
number = "+493012345678"
name = "Werbung Klingelton"
group = "blocked"
"""

LINE = {
    "name": "office", "kind": "gsm", "port": "/dev/ttyUSB0", "state": "ready", "problem": None,
    "operator": "Telekom", "registered": True, "signal_dbm": -71, "sim": "8949020000000000001",
    "can": ["transfer", "conference"], "notes": [], "model": "SIMCom SIM7600E-H", "call": None,
    "diversions": [{"when": "unreachable", "to": "+49301111111", "confirmed": True, "ours": True}],
}  # fmt: skip
FOUND = {
    "port": "/dev/serial/by-id/usb-SimTech", "kind": "gsm", "manufacturer": "SIMCom", "model": "SIM7600E-H",
    "imei": "861234500000001", "sim": "sim pin", "pin_needed": True, "pin_tries": 3, "operator": "Telekom",
    "signal_dbm": -71, "voice": True,
}  # fmt: skip


class FixedClock:
    """A clock that stands until it is set."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now
        self.passed = 1000.0

    def clock(self) -> Clock:
        return Clock(lambda: self.now, lambda: self.passed, lambda: "boot")

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.passed += seconds


def settings_json(text: str = SETTINGS) -> bytes:
    checked = check(tomllib.loads(text))
    assert checked.settings is not None, [str(one) for one in checked.mistakes]
    return to_json(checked.settings)


def fill(state: Path, settings: str = SETTINGS, with_calls: bool = True) -> None:
    """A day at the Tischlerei, with an owner."""
    with PageStore.open(state, create=True) as store:
        store.save_settings(settings_json(settings))
        claim.set_password(store, PASSWORD)
        if not with_calls:
            return
        store.write(*(SaveCall(call) for call in calls()), *(SaveMessage(text) for text in texts()))
        store.write(SaveReceived(Received("office", "+4917123456789", "Bin dran. Gruß Anna", NOW, NOW)))
        store.put_contact(Contact("+4989555001", "Frau Sommer", "Kunden", None, "", "manual"))


def calls() -> list[CallRecord]:
    def call(number: int, minutes: int, caller: str | None, outcome: str, **more: object) -> CallRecord:
        start = NOW - timedelta(minutes=minutes)
        record = CallRecord(
            id=number, line="office", started_at=start, ended_at=start + timedelta(minutes=2), caller=caller,
            withheld=caller is None, rings=4, plan="offen", decided_by="slot", outcome=outcome,
            rule="timetable.slot[0]",
        )  # fmt: skip
        for name, value in more.items():
            setattr(record, name, value)
        return record

    busy = Attempt("Büro Berlin", "+49301111111", "conference", "busy", 0.0)
    reached = Attempt("Anna", "+4917123456789", "conference", "answered", 11.0)
    return [
        call(1, 26 * 60, "+4917611111111", "missed", reason="gave_up_ringing", rings=2),
        call(2, 300, "+498977712345", "forwarded", caller_name="Firma Huber", target="Anna", method="conference",
             attempts=[busy, reached], answered_at=NOW - timedelta(minutes=299)),
        call(3, 250, "+4989555001", "answered_here", caller_name="Frau Sommer", rings=2),
        call(4, 120, None, "missed", reason="nobody_reached",
             attempts=[Attempt("Büro Berlin", "+49301111111", "conference", "no_answer", 25.0)]),
        call(5, 90, "+493012345678", "blocked", caller_name="Werbung Klingelton", plan=None, decided_by="blocked",
             rings=1, rule="caller[1]"),
        call(6, 25, "+4917122222222", "missed", reason="gave_up_ringing", rings=2),
    ]  # fmt: skip


def texts() -> list[Message]:
    owner = "+4915112345678"
    return [
        Message("m1", "missed", owner, "Verpasster Anruf 0171 22222222, Mo 23.11. 13:40", NOW - timedelta(minutes=24),
                state="delivered", tries=1, sent_at=NOW - timedelta(minutes=24)),
        Message("m2", "digest", owner, "Heute 1 verpasster Anruf.", NOW - timedelta(minutes=65), state="failed",
                tries=3, error="kein Netz"),
        Message("m3", "missed", owner, "Verpasster Anruf, Nummer unterdrückt", NOW - timedelta(seconds=30)),
    ]  # fmt: skip


def show_live(state: Path, at: float, lines: list[dict[str, object]], **more: object) -> None:
    """What an engine that is alive at this monotonic time shows."""
    folder = state / "run"
    folder.mkdir(parents=True, exist_ok=True)
    said = {"boot_id": "boot", "monotonic": at, "lines": lines, **more}
    (folder / "status.json").write_text(json.dumps(said))
