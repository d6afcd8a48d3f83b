"""Privacy: how long, and everything about one number."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from appliance.core.records import CallRecord
from appliance.core.settings import from_json
from appliance.store.changes import SaveCall
from appliance.store.file import FILE_NAME
from tests.web import sample
from web import box

NUMBER = "+4917122222222"


def test_a_number_in_any_spelling(client):
    for written in ("0171 2222-2222", "+49 171 22222222", "0049171/22222222"):
        page = client.get("/privacy/", query_string={"number": written}).text
        assert "0171 22222222" in page
        assert "Anrufe</dt><dd>1" in page
    assert "Kontakte</dt><dd>1" in client.get("/privacy/?number=089+555001").text
    assert "Kein Anruf und kein Kontakt" in client.get("/privacy/?number=030+999999").text


@pytest.mark.parametrize("written", ["hallo", "+49*", "0171*", "*", "<b>"])
def test_what_is_no_number(client, written):
    page = client.get("/privacy/", query_string={"number": written}).text
    assert "number-mistake" in page
    assert "<b>" not in page
    assert client.get("/privacy/export.json", query_string={"number": written}).status_code == 404
    assert client.send("/privacy/erase", number=written, sure="1").status_code == 400


def test_export(client):
    answer = client.get("/privacy/export.json", query_string={"number": NUMBER})
    found = json.loads(answer.data)
    assert found["number"] == NUMBER
    assert [call["id"] for call in found["calls"]] == [6]
    assert len(found["messages"]) == 1
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rufweiche-4917122222222.json"'


def test_erase_wants_a_tick(client, store):
    page = client.send("/privacy/erase", number=NUMBER)
    assert "setzen Sie das Häkchen" in page.text
    assert store.export(NUMBER)["calls"] != []
    page = client.send("/privacy/erase", number=NUMBER, sure="1")
    assert "Gelöscht zu 0171 22222222: 1 Anrufe, 1 gesendete Nachrichten." in page.text
    assert not any(store.export(NUMBER).values())
    assert "war nichts gespeichert" in client.send("/privacy/erase", number=NUMBER, sure="1").text


def test_what_is_left_is_said(client, store, watch):
    store.write(SaveCall(CallRecord(77, "office", watch.now, "+49301111111")))
    page = client.send("/privacy/erase", number="030 1111111", sure="1").text
    assert "läuft gerade" in page
    assert "Die Einstellungen nennen sie" in page


def test_how_long(client, store):
    version, _ = store.load_settings()
    assert "Gespeichert." in client.send("/privacy/keep", version=version, keep_days="30").text
    assert from_json(store.load_settings()[1]).messages.keep_days == 30


@pytest.mark.parametrize("days", ["", "0", "-1", "4000", "ein Jahr", "9" * 5000, "1.5"])
def test_how_long_in_days(client, store, days):
    before = store.load_settings()
    page = client.send("/privacy/keep", version=before[0], keep_days=days)
    assert "zwischen 1 und 3650" in page.text
    assert store.load_settings() == before


def test_two_browsers(client, store):
    version, _ = store.load_settings()
    store.save_settings(sample.settings_json())
    page = client.send("/privacy/keep", version=version, keep_days="30")
    assert "Einstellungen wurden inzwischen in einem anderen Browser geändert" in page.text
    assert from_json(store.load_settings()[1]).messages.keep_days == 90


@pytest.mark.parametrize(
    ("other", "status", "remain"),
    [(["BEGIN IMMEDIATE"], 503, 1), (["BEGIN", "SELECT count(*) FROM calls"], 200, 0)],
    ids=["somebody writes", "somebody reads"],
)
def test_deleted_is_said_of_what_is_deleted(client, state, store, monkeypatch, other, status, remain):
    monkeypatch.setattr(box, "WAIT", 0.01)
    client.application.extensions["rufweiche.stores"].close()
    with closing(sqlite3.connect(state / FILE_NAME, isolation_level=None)) as another:
        for sql in other:
            another.execute(sql).fetchall()
        page = client.send("/privacy/erase", number=NUMBER, sure="1")
    assert page.status_code == status
    assert ("Es ist gelöscht, aber vielleicht" in page.text) == (not remain)
    assert sum(one.caller == NUMBER for one in store.calls()) == remain
