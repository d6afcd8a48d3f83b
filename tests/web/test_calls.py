"""The log: searched, filtered, a page at a time; a call's story; notes, marks and blocks."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from msgspec.structs import replace

from appliance.core.contacts import Contact
from appliance.core.records import Attempt, CallRecord
from appliance.core.settings import from_json
from appliance.store.changes import SaveCall
from appliance.store.page import PageStore
from tests.web import sample
from web.factory import create_app

HOSTILE = [
    "x" * 10_000,
    "\x00",
    "<script>alert(1)</script>",
    "\u202eevil\u2066",
    "\ud800",
    "%",
    "'\"--",
    "1e999",
    "٣٤٥",
]


def ids(page):
    return [int(part.split('"')[0]) for part in page.text.split('href="/calls/')[1:] if part[0].isdigit()]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", [6, 5, 4, 3, 2, 1]),
        ("?q=0171", [6]),
        ("?q=%2B49+171+2222-2222", [6]),
        ("?q=089/777", [2]),
        ("?q=huber", [2]),
        ("?q=SOMMER", [3]),
        ("?q=werbung", [5]),
        ("?outcome=missed", [6, 4, 1]),
        ("?outcome=open", [6, 4, 1]),
        ("?outcome=blocked&q=030", [5]),
        ("?line=office&outcome=forwarded", [2]),
        ("?line=nowhere", []),
        ("?from=2026-11-23", [6, 5, 4, 3, 2]),
        ("?to=2026-11-22", [1]),
        ("?from=2026-11-23&to=2026-11-22", []),
        ("?outcome=nonsense&from=yesterday&before=x&after=-1", [6, 5, 4, 3, 2, 1]),
    ],
)
def test_what_is_found(client, query, shown):
    page = client.get(f"/calls/{query}")
    assert page.status_code == 200
    assert ids(page) == shown
    assert ("Nichts gefunden" in page.text) is not bool(shown)


def test_days_and_words(client):
    page = client.get("/calls/").text
    assert "heute, Mo 23.11." in page
    assert "gestern, So 22.11." in page
    assert "legte nach 2-mal Klingeln auf" in page
    assert 'href="tel:+4917122222222"' in page


def test_a_contact_of_today_names_calls_of_yesterday(client, store):
    store.put_contact(Contact("+4917611111111", "Herr Winter"))
    assert "Herr Winter" in client.get("/calls/").text
    assert ids(client.get("/calls/?q=winter")) == [1]
    assert "Herr Winter" in client.get("/calls/1").text


@pytest.fixture
def many(store):
    store.write(
        *(
            SaveCall(
                CallRecord(number, "office", sample.NOW - timedelta(minutes=200 - number), rings=1, outcome="missed")
            )
            for number in range(10, 150)
        )
    )


def test_pages(client, many):
    first = client.get("/calls/")
    assert ids(first) == list(range(149, 99, -1))
    assert 'rel="prev"' not in first.text
    assert 'href="/calls/?before=100" rel="next"' in first.text
    second = client.get("/calls/?before=100")
    assert ids(second) == list(range(99, 49, -1))
    assert client.get("/calls/?after=99").location == "/calls/"  # the newest page, without a remnant
    assert ids(client.get("/calls/?after=50")) == list(range(100, 50, -1))
    last = client.get("/calls/?before=50")
    assert ids(last) == [*range(49, 9, -1), 6, 5, 4, 3, 2, 1]
    assert 'rel="next"' not in last.text
    newest = client.get("/calls/?after=140")
    assert (newest.status_code, newest.location) == (302, "/calls/")


def test_filters_stay_while_paging(client, many):
    assert 'href="/calls/?outcome=missed&amp;before=100" rel="next"' in client.get("/calls/?outcome=missed").text


def test_table_for_a_spreadsheet(client, store):
    store.write(SaveCall(replace(store.call(6), caller_name="=HYPERLINK(1)", caller="+43512345678")))
    answer = client.get("/calls/calls.csv?outcome=missed")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Anrufe-2026-11-23.csv"'
    text = answer.data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["Uhrzeit"] for row in rows] == ["13:40:00", "12:05:00", "12:05:00"]
    assert rows[0]["Name"] == "'=HYPERLINK(1)"
    assert rows[0]["Nummer"].startswith("'+43")
    assert rows[1]["Nummer"] == "Nummer unterdrückt"
    assert rows[2]["Grund"] == "legte nach 2-mal Klingeln auf"


def test_table_has_all_pages(client, many):
    assert client.get("/calls/calls.csv").text.count("\n") == 147


def test_a_story(client):
    page = client.get("/calls/2").text
    for said in ("Anruf auf der Leitung „office“", "Plan „offen“", "So steht es im Zeitplan.", "4-mal geklingelt",
                 "Büro Berlin war besetzt", "Anna hat abgenommen", "hat 11 Sekunden geklingelt",
                 "Verbunden mit Anna", "Gespräch von 1:00 min"):  # fmt: skip
        assert said in page


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"outcome": None, "ended_at": None}, "Der Anruf läuft noch"),
        ({"outcome": "voicemail", "message": "a.wav", "message_seconds": 32.0}, "Sie dauert 32 s."),
        ({"outcome": "missed", "reason": "restart"}, "Verpasst: das Gerät wurde neu gestartet"),
        ({"outcome": "missed", "reason": "new one"}, "Verpasst"),
        ({"outcome": "answered_here"}, "Hier hat jemand abgenommen"),
        ({"decided_by": "closure", "rule": "closure[0] Betriebsferien"}, "Geschlossen: Betriebsferien."),
        ({"decided_by": "holiday", "rule": "holidays Neujahr"}, "Feiertag: Neujahr."),
        ({"decided_by": "override", "rule": "override"}, "Das war von Hand eingeschaltet."),
        ({"decided_by": "otherwise", "rule": "timetable.otherwise (the time is not known)"}, "noch nicht bekannt"),
        ({"decided_by": "blocked", "plan": None, "rule": "caller[1] <b>W</b>"}, "gesperrt: &lt;b&gt;W&lt;/b&gt;."),
        ({"decided_by": "blocked", "plan": None, "rule": "callers.withheld"}, "Unterdrückte Nummern sind gesperrt."),
        ({"decided_by": "something new", "rule": "x"}, "Plan „offen“"),
        ({"withheld": True, "caller": None}, "Der Anrufer hat seine Nummer unterdrückt."),
        ({"caller": None}, "Es wurde keine Nummer übermittelt."),
        ({"attempts": [Attempt("", "", None, "failed", 0.0)]}, "eine gelöschte Nummer war nicht erreichbar"),
        ({"attempts": [Attempt("Anna", "+4917", "deflect", "answered", 3.0, True)]}, "vielleicht war es eine Mailbox"),
        ({"method": "transfer", "outcome": "forwarded", "target": "Anna"}, "Übergeben; die Leitung war wieder frei"),
    ],
)  # fmt: skip
def test_stories(client, store, changes, says):
    call = CallRecord(9, "office", sample.NOW, "+4989777", plan="offen", decided_by="slot", rule="timetable.slot[0]")
    store.write(SaveCall(replace(call, **{"outcome": "missed", "ended_at": sample.NOW, **changes})))
    page = client.get("/calls/9")
    assert page.status_code == 200
    assert says in page.text


@pytest.mark.parametrize("path", ["/calls/99", "/calls/99999999999999999999", "/calls/-1", "/calls/caller",
                                  "/calls/caller?number=x", "/calls/caller?number=0301"])  # fmt: skip
def test_what_is_not_there(client, path):
    assert client.get(path).status_code == 404


def test_note(client, store):
    page = client.send("/calls/6/note", note="Möchte <b>Angebot</b>\r\nfür Tür\x00")
    assert "Ihre Notiz ist gespeichert." in page.text
    assert store.call(6).note == "Möchte <b>Angebot</b>\nfür Tür"
    assert "&lt;b&gt;Angebot" in client.get("/calls/").text
    client.send("/calls/6/note", note="  ")
    assert store.call(6).note is None
    assert client.send("/calls/77/note", note="x").status_code == 404


def test_done_and_not_after_all(client, store):
    page = client.send("/calls/6/done")
    assert "verpasst, erledigt" in page.text
    assert [call.id for call in store.missed_open()] == [4, 1]
    client.send("/calls/6/done", do="reopen")
    assert [call.id for call in store.missed_open()] == [6, 4, 1]
    assert client.send("/calls/77/done").status_code == 404


def test_one_callers_history(client, store):
    store.write(SaveCall(CallRecord(8, "office", sample.NOW, "+4917122222222", outcome="blocked", ended_at=sample.NOW)))
    page = client.get("/calls/caller?number=0171+22222222").text
    assert "0171 22222222" in page
    assert "<dt>Anrufe</dt><dd>2</dd>" in page
    assert "<dt>verpasst</dt><dd>1</dd>" in page
    assert "/calls/6" in page
    assert "Von dieser Nummer ist kein Anruf verzeichnet" not in page


def test_a_contact_who_never_called(client, store):
    store.put_contact(Contact("+4989123123", "Frau Herbst", note="Mag Eiche"))
    page = client.get("/calls/caller?number=089123123").text
    assert "Frau Herbst" in page
    assert "Mag Eiche" in page
    assert "Von dieser Nummer ist kein Anruf verzeichnet" in page


def test_block_and_unblock_from_the_log(client, store):
    page = client.send("/calls/block", number="+4917122222222", name="Nerver", back="/calls/6")
    assert page.request.path == "/calls/6"
    assert "0171 22222222 ist gesperrt" in page.text
    assert "Dieser Anrufer ist gesperrt" in page.text
    assert store.contact("+4917122222222", "block").group == "blocked"
    page = client.send("/calls/block", number="+4917122222222", do="release", back="//evil.example")
    assert page.request.path == "/calls/"
    assert "0171 22222222 ist nicht mehr gesperrt" in page.text
    assert store.contact("+4917122222222", "block") is None


def test_unblock_what_the_settings_and_the_address_book_block(client, store):
    store.put_contact(Contact("+493012345678", "Werbung", "blocked", source="csv"))
    page = client.send("/calls/block", number="030 12345678", do="release")
    assert "ist nicht mehr gesperrt" in page.text
    assert store.contact("+493012345678", "csv").group == ""
    settings = from_json(store.load_settings()[1])
    assert [(one.number, one.group) for one in settings.caller if one.group] == []
    assert len(settings.caller) == 2  # its name stays


def test_a_range_keeps_a_number_blocked(client, store):
    store.put_contact(Contact("+4930*", "Ganz Berlin", "blocked", source="blocklist"))
    store.put_contact(Contact("+49305", "", "blocked", source="block"))
    page = client.send("/calls/block", number="+49305000000", do="release")
    assert "bleibt gesperrt, durch „Ganz Berlin“" in page.text


def test_settings_that_know_a_caller_beat_a_block(client, store):
    settings = sample.SETTINGS + '[[caller]]\nnumber = "+498955"\ngroup = "vip"\n'
    store.save_settings(sample.settings_json(settings.replace('"+498955"', '"+4989555777"')))
    assert "sagen zu 089 555777 etwas anderes" in client.send("/calls/block", number="089 555777").text


@pytest.mark.parametrize("number", ["", "x", "*", "0*", "+49*", *HOSTILE])
def test_what_cannot_be_blocked(client, store, number):
    before = len(store.contacts())
    assert client.send("/calls/block", number=number.encode("utf-8", "replace")).status_code in (400, 404)
    assert len(store.contacts()) == before


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_input(client, store, text):
    sent = text.encode("utf-8", "replace").decode()
    for path in ("/calls/", "/calls/calls.csv", "/calls/caller"):
        fields = ("q", "outcome", "line", "from", "to", "before", "after", "number")
        answer = client.get(path, query_string=dict.fromkeys(fields, sent[:3000]))
        assert answer.status_code in (200, 404)
        assert "<script>alert" not in answer.text
    page = client.send("/calls/6/note", note=sent, back=sent)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    store.write(SaveCall(replace(store.call(6), caller=text, caller_name=text, target=text, plan=text, rule=text)))
    for path in ("/calls/", "/calls/6", "/calls/calls.csv"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert path.endswith("csv") or "<script>alert" not in answer.text


def test_no_call_yet_teaches(app, watch, tmp_path):
    sample.fill(tmp_path / "empty", with_calls=False)
    page = create_app(tmp_path / "empty", watch.clock())
    page.test_client_class = app.test_client_class
    browser = page.test_client()
    browser.log_in()
    text = browser.get("/calls/").text
    assert "Noch keine Anrufe" in text
    assert 'type="search"' not in text
    page.extensions["rufweiche.stores"].close()


def test_english(client, store):
    store.save_settings(sample.settings_json(sample.SETTINGS.replace('"de"', '"en"')))
    assert "Connected with Anna" in client.get("/calls/2").text


def test_store_has_notes_for_the_export(state, client):
    client.send("/calls/6/note", note="Küche")
    with PageStore.open(state) as store:
        assert store.export("+4917122222222")["calls"][0]["note"] == "Küche"
