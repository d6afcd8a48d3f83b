import datetime as dt
import json
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from appliance import reports
from appliance.core.plan import Decision
from appliance.core.records import Attempt, CallRecord, Message
from appliance.core.settings import Target

BERLIN = ZoneInfo("Europe/Berlin")
AT = dt.datetime(2026, 11, 23, 13, 5, 0, 250_000, tzinfo=dt.UTC)
CALL = CallRecord(
    id=7, line="office", started_at=AT, caller="+498977712345", caller_name="Firma Huber", answered_at=AT,
    ended_at=AT, rings=4, plan="open", decided_by="otherwise", outcome="forwarded", target="desk", method="transfer",
    attempts=[Attempt("desk", "+49301111111", "transfer", "answered", 7.1234)],
)  # fmt: skip
MESSAGE = Message(uid="u", kind="missed", to="+4915112345678", text="Verpasst:\nHuber", created_at=AT, id=3)


def test_a_call_has_the_contracts_keys():
    row = reports.call_row(CALL, BERLIN)
    assert list(row) == [
        "id", "line", "caller", "caller_name", "started_at", "answered_at", "ended_at", "rings", "plan", "decided_by",
        "outcome", "reason", "target", "method", "attempts", "rule", "perhaps_answered",
        "message", "message_seconds",
    ]  # fmt: skip
    assert row["started_at"] == "2026-11-23T14:05:00.250+01:00"
    assert row["attempts"] == [
        {"target": "desk", "number": "+49301111111", "method": "transfer", "result": "answered", "seconds": 7.1,
         "mailbox_like": False}
    ]  # fmt: skip
    assert json.loads(reports.as_json(row)) == row


def test_a_message_has_the_contracts_keys():
    row = reports.message_row(MESSAGE, BERLIN)
    assert list(row) == ["id", "kind", "to", "text", "state", "tries", "created_at", "sent_at", "error"]
    assert row["sent_at"] is None
    assert row["text"] == "Verpasst:\nHuber"


def test_tables_for_eyes():
    answered = "2026-11-23 14:05:00  office  +498977712345  Firma Huber  4 rings  forwarded  to desk by transfer"
    missed = CallRecord(id=8, line="office", started_at=AT, rings=1, outcome="missed", reason="gave_up_ringing")
    text = reports.calls_text([missed, CALL], BERLIN)
    assert text.splitlines() == [
        "2026-11-23 14:05:00  office  withheld                    1 ring   missed     gave up ringing",
        f"{answered}  desk answered",
    ]
    assert reports.calls_text([], BERLIN) == "No calls."
    assert reports.calls_text([replace(missed, perhaps_answered=True)], BERLIN).endswith(
        "missed  gave up ringing, possibly answered"
    )
    mailbox = Attempt("desk", "+49301111111", None, "no_answer", 0.5, mailbox_like=True)
    assert reports.calls_text([replace(missed, attempts=[mailbox])], BERLIN).endswith(
        "desk no answer (perhaps a mailbox)"
    )
    assert reports.messages_text([], BERLIN) == "No texts."
    assert reports.messages_text([MESSAGE], BERLIN).endswith("queued  0 tries  Verpasst: Huber")


def test_what_a_caller_controls_cannot_command_the_terminal():
    evil = CallRecord(id=8, line="office", started_at=AT, caller="+49\x1b[2J", caller_name="a\r\nb\u202ec\x9b")
    assert reports.calls_text([evil], BERLIN).isprintable()


DESK = Target(name="desk", number="+49301111111", ring_seconds=25)


def test_explain():
    decision = Decision("open", "otherwise", "timetable.otherwise", 4, (DESK,), "hang-up")
    assert reports.explain_row(decision) == {
        "plan": "open",
        "decided_by": "otherwise",
        "rule": "timetable.otherwise",
        "answer_after_rings": 4,
        "chain": [{"target": "desk", "number": "+49301111111"}],
        "otherwise": "hang-up",
    }
    text = reports.explain_text(decision)
    assert "after 4 rings" in text
    assert "desk (+49301111111), up to 25 s" in text


@pytest.mark.parametrize(
    ("decision", "says"),
    [
        (Decision("shut", "otherwise", "timetable.otherwise", 1, (), "hang-up"), "answered    never"),
        (Decision("shut", "otherwise", "timetable.otherwise", 1, (), "announce"), "after 1 ring"),
        (Decision(None, "blocked", "caller[0]", None, (), None), "none: blocked"),
    ],
)
def test_explain_says_when_nobody_is_called(decision, says):
    assert says in reports.explain_text(decision)


def test_status_for_eyes():
    line = {
        "name": "office", "kind": "gsm", "port": "/dev/ttyUSB0", "state": "in_call", "problem": None,
        "operator": "Telekom", "registered": True, "signal_dbm": -79, "sim": "ok", "can": ["transfer", "conference"],
        "diversions": [{"when": "no_reply", "to": "+49301111111", "confirmed": True, "ours": False}],
        "model": "SIMCom SIM7600", "notes": ["CFNRy is off"],
    }  # fmt: skip
    said = {"version": "0.1.0", "plan_now": "open", "override": None, "lines": [line],
            "messages": {"queued": 2, "failed": 1}}  # fmt: skip
    assert reports.status_text(said).splitlines() == [
        "Rufweiche    0.1.0",
        "plan now     open",
        "texts        2 waiting, 1 failed",
        "",
        "line office  in call",
        "  port       /dev/ttyUSB0 (gsm)",
        "  modem      SIMCom SIM7600",
        "  network    Telekom",
        "  signal     -79 dBm",
        "  SIM        ok",
        "  can        transfer, conference",
        "  diverts    no reply to +49301111111 (confirmed, not ours)",
        "  note       CFNRy is off",
    ]
