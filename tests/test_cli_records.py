"""The commands about what was kept, and how they refuse."""

from __future__ import annotations

import datetime as dt
import json
import sys

import pytest

from appliance import cli
from appliance.core.records import Attempt, CallRecord, Message, Received
from appliance.core.roster import Handover
from appliance.store.changes import SaveCall, SaveMessage, SaveReceived
from appliance.store.database import Store

SETTINGS = """
[business]
name = "Tischlerei Muster"
owner_mobile = "+4915112345678"
[[line]]
name = "office"
kind = "gsm"
port = "/dev/ttyUSB0"
number = "+498912345"
[[target]]
name = "anna"
number = "+49301111111"
[[target]]
name = "bert"
number = "+49302222222"
[[roster]]
target = "anna"
from = 2026-11-23T08:00:00
to = 2026-11-30T08:00:00
repeat_weeks = 1
[[plan]]
name = "open"
chain = ["on-call"]
[timetable]
otherwise = "open"
"""
AT = dt.datetime(2026, 11, 23, 13, 5, tzinfo=dt.UTC)


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def run(tmp_path, state, monkeypatch, capsys):
    """Run `rufweiche …` on settings of two people: exit status, output, errors."""
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    monkeypatch.setenv("RUFWEICHE_STATE", str(state))

    def command(*arguments):
        monkeypatch.setattr(sys, "argv", ["rufweiche", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        printed = capsys.readouterr()
        return end.value.code, printed.out, printed.err

    (tmp_path / "settings.toml").write_text(SETTINGS)
    assert command("provision", str(tmp_path / "settings.toml"))[0] == 0
    monkeypatch.setattr("appliance.cli_records.wall", lambda: AT)
    return command


@pytest.mark.parametrize(
    "arguments",
    [
        *(
            (command, number)
            for command in ("export", "erase")
            for number in ("*", "#", "**", "+4989777*", "Huber", "")
        ),
        ("override", "open", "--until", "9999-12-31T23:59"),
        ("override", "open", "--until", "0001-01-01T00:00+05:00"),
        ("explain", "--caller", "withheld", "--at", "0001-01-01T00:00+05:00"),
        ("explain", "--caller", "withheld", "--at", "9999-12-31T23:59-05:00"),
        ("calls", "--since", "0001-01-01T00:00+05:00"),
        ("stats", "--since", "0001-01-01"),
        ("inbox", "--limit", "0"),
        ("costs", "--month", "2026-13"),
        ("costs", "--month", "Dezember"),
        ("costs", "--month", "0001-01"),
        ("swap", "anna", "bert", "--from", "9999-01-01", "--until", "9999-01-02"),
        ("swap", "anna", "bert", "--from", "2026-11-24T08:00"),
        ("swap", "anna", "carl", "--from", "2026-11-24T08:00", "--until", "2026-11-25T08:00"),
        ("swap", "carl", "anna", "--from", "2026-11-24T08:00", "--until", "2026-11-25T08:00"),
        ("swap", "anna", "anna", "--from", "2026-11-24T08:00", "--until", "2026-11-25T08:00"),
        ("swap", "bert", "anna", "--from", "2026-11-24T08:00", "--until", "2026-11-25T08:00"),
        ("swap", "anna", "bert", "--from", "2026-11-24T08:00", "--until", "2026-11-24T08:00"),
        ("swap", "anna", "bert", "--from", "2026-11-20T08:00", "--until", "2026-11-21T08:00"),
    ],
)
def test_what_is_wrong_is_one_line(run, state, arguments):
    code, out, err = run(*arguments)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    with Store.open(state) as store:
        assert (store.duties(), store.override()) == ([], None)


@pytest.mark.parametrize("number", ["**611", "50", "+4989777", "089 777-0"])
def test_numbers_that_are_some(run, number):
    assert run("export", number)[0] == run("erase", number)[0] == 0


def test_inbox(run, state):
    assert run("inbox") == (0, "No texts.\n", "")
    with Store.open(state) as store:
        for minute, text in enumerate(("alt", "rot\x1b[31m\nneu\x9b")):
            at = AT + dt.timedelta(minutes=minute)
            store.write(SaveReceived(Received("office", "+491701234567", text, AT, at)))
    code, out, _ = run("inbox")
    assert code == 0
    assert out == "2026-11-23 14:06  +491701234567  text  rot [31m neu\n2026-11-23 14:05  +491701234567  text  alt\n"
    (row,) = json.loads(run("inbox", "--json", "--limit", "1")[1])
    assert row == {
        "id": 2, "line": "office", "received_at": "2026-11-23T14:06:00.000+01:00",
        "sent_at": "2026-11-23T14:05:00.000+01:00", "from": "+491701234567", "text": "rot\x1b[31m\nneu\x9b",
        "kind": "text",
    }  # fmt: skip


def forwarded(number, at, seconds=0.0, method="conference"):
    """The `number`th call, put through to anna after 5 s, who spoke for `seconds`."""
    begin = at + dt.timedelta(seconds=5)
    attempts = [Attempt("anna", "+49301111111", method, "answered", 5.0)]
    return CallRecord(
        number, "office", started_at=at, answered_at=begin, ended_at=begin + dt.timedelta(seconds=seconds),
        outcome="forwarded", target="anna", method=method, attempts=attempts,
    )  # fmt: skip


def test_costs_by_target_and_month(run, state, tmp_path):
    """What was given away is estimated, and said so; a month that is over has no forecast."""
    tariffs = SETTINGS.replace('number = "+49301111111"', 'number = "+49301111111"\ntariff_ct = 12.5')
    (tmp_path / "tariffs.toml").write_text(tariffs + "[costs]\ntext_ct = 9\n")
    assert run("provision", str(tmp_path / "tariffs.toml"))[0] == 0
    october = dt.datetime(2026, 10, 31, 22, 30, tzinfo=dt.UTC)  # 23:30 in Berlin
    text = Message("u", "test", "+4915112345678", "ä" * 161, AT, state="sent", sent_at=AT)
    with Store.open(state) as store:
        store.write(SaveCall(forwarded(1, october, 61)))
        store.write(SaveCall(forwarded(2, october + dt.timedelta(hours=1), 60)))
        store.write(SaveCall(forwarded(3, AT, method="transfer")))
        store.write(SaveMessage(text))
    now = json.loads(run("costs", "--json")[1])
    assert now == {
        "month": "2026-11",
        "targets": [{"target": "anna", "calls": 2, "minutes": 4.0, "estimated": 3.0, "texts": 0, "ct": 50.0}],
        "other_texts": 2,
        "ct": 68.0,
        "forecast_ct": pytest.approx(68 * 30 / (22 + 14 / 24 + 5 / 1440), abs=0.01),
    }
    before = json.loads(run("costs", "--json", "--month", "2026-10")[1])
    assert (before["month"], before["ct"], before["forecast_ct"]) == ("2026-10", 25.0, None)
    code, out, _ = run("costs")
    assert code == 0
    assert "anna         2 calls  4 min (3 estimated)  0 texts  0.50 €" in out
    assert "0.68 €" in out and "expected" in out
    assert "0.00 €" in run("costs", "--month", "2027-01")[1]


def test_swap(run, state):
    assert "anna" in run("explain", "--caller", "withheld", "--at", "2026-11-24T10:00")[1]
    code, out, err = run("swap", "anna", "bert", "--from", "2026-11-24T08:00", "--until", "2026-11-25T08:00")
    assert (code, err) == (0, "")
    assert out == "bert takes over from anna: 2026-11-24 08:00 to 2026-11-25 08:00.\n"
    day = dt.datetime(2026, 11, 24, 7, 0, tzinfo=dt.UTC)
    with Store.open(state) as store:
        assert store.duties() == [Handover("anna", "bert", day, day + dt.timedelta(days=1), AT, 1)]
    for at, who in (("2026-11-24T10:00", "bert"), ("2026-11-25T10:00", "anna")):
        decision = json.loads(run("explain", "--json", "--caller", "withheld", "--at", at)[1])
        assert who in json.dumps(decision["chain"])
