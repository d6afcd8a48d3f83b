"""Texts: sent, received, and what they say."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from appliance.core.outbox import NOT_DELIVERED
from appliance.core.records import Message, Received
from appliance.core.settings import from_json
from appliance.store.changes import SaveMessage, SaveReceived
from tests.web import sample
from web import wording

ANNA = "+4917123456789"


def settings(store):
    return from_json(store.load_settings()[1])


def shown(page):
    return page.split('class="list messages"')[1].split("</ul>")[0].split("<li>")[1:]


@pytest.mark.parametrize(
    ("became", "said"),
    [
        ("queued", "wartet"), ("sending", "wird gesendet"), ("sent", "dem Netz übergeben"), ("delivered", "zugestellt"),
        ("failed", "nicht gesendet"), ("unknown", "vielleicht gesendet"), ("something new", "nicht bekannt"),
    ],
)  # fmt: skip
def test_states_in_words(client, store, watch, became, said):
    store.write(SaveMessage(Message("a", "alarm", ANNA, "Bitte prüfen", watch.now, state=became)))
    newest = shown(client.get("/texts/").text)[0]
    assert f"<span>{said}</span>" in newest
    assert "Warnung" in newest
    assert "Anna" in newest
    assert "Bitte prüfen" in newest
    assert ("Noch einmal senden" in newest) == (became in ("failed", "unknown"))


def test_why(client, store, watch):
    for uid, error in (("a", NOT_DELIVERED), ("b", "no line can send texts"), ("c", "+CMS ERROR: 38")):
        store.write(SaveMessage(Message(uid, "missed", ANNA, "Text", watch.now, state="failed", error=error, tries=2)))
    page = client.get("/texts/?state=failed").text
    for said in ("das Netz konnte sie nicht zustellen", "keine Leitung kann SMS senden", "+CMS ERROR: 38"):
        assert said in page
    assert "2 Versuche" in page


def test_only_some(client):
    assert len(shown(client.get("/texts/").text)) == 3
    assert len(shown(client.get("/texts/?state=failed").text)) == 1
    assert len(shown(client.get("/texts/?state=waiting").text)) == 1
    assert len(shown(client.get("/texts/?state=<b>").text)) == 3


def test_a_page_at_a_time(client, store, watch):
    store.write(*(SaveMessage(Message(f"n{n}", "test", ANNA, f"Nr. {n}", watch.now, state="sent")) for n in range(40)))
    page = client.get("/texts/").text
    assert len(shown(page)) == 30
    (older,) = re.findall(r'href="([^"]+)" rel="next"', page)
    assert len(shown(client.get(html.unescape(older)).text)) == 13
    assert "Noch keine Nachrichten" in client.get("/texts/?before=1").text


def test_once_more(client, store):
    failed = next(one for one in store.messages() if one.state == "failed")
    page = client.send("/texts/again", id=failed.id)
    assert "Die Nachricht wird noch einmal gesendet." in page.text
    again = store.messages(limit=1)[0]
    assert (again.state, again.kind, again.to, again.text) == ("queued", failed.kind, failed.to, failed.text)
    assert store.message_counts()["failed"] == 0
    assert "konnte nicht gesendet werden" not in client.get("/").text
    assert "list messages" not in client.get("/texts/?state=failed").text
    client.send("/texts/again", id=failed.id)
    assert [one.text for one in store.unfinished()].count(failed.text) == 1
    again.state = "failed"
    store.write(SaveMessage(again))
    assert store.message_counts()["failed"] == 1
    client.send("/texts/again", id=again.id)
    assert store.message_counts()["failed"] == 0
    delivered = next(one for one in store.messages() if one.state == "delivered")
    for number in (delivered.id, 99_999, "", "x", "9" * 400):
        assert client.send("/texts/again", id=number).status_code == 400


def test_a_test_text(client, store):
    client.send("/texts/test")
    text = store.unfinished()[-1]
    assert (text.kind, text.to, text.state) == ("test", "+4915112345678", "queued")
    assert text.text == "Testnachricht von Rufweiche (Tischlerei Muster): Nachrichten kommen an."


def test_received(client, store, watch):
    later = watch.now + timedelta(seconds=5)
    store.write(SaveReceived(Received("office", ANNA, "weg bis 14:00", later, later, "command")))
    store.write(SaveReceived(Received("office", "+491700000001", "STOP", later, later, "stop")))
    store.write(SaveReceived(Received("office", "Telekom", "<b>Guthaben</b>", later, later)))
    store.write(SaveReceived(Received("office", ANNA, "weg bis quatsch", later, later, "unclear")))
    unclear, letters, stop, command, first = shown(client.get("/texts/received").text)
    assert "nicht verstanden" in unclear
    assert "ausgeführt" not in unclear
    assert "&lt;b&gt;Guthaben&lt;/b&gt;" in letters
    assert "tel:" not in letters
    assert "will keine SMS mehr" in stop
    assert "ausgeführt" in command
    assert "Anna" in first


def test_the_code_word_is_in_no_page(client, store, watch):
    store.save_settings(sample.settings_json(sample.SETTINGS + '[messages]\ncommand_code = "Zeder"\n'))
    later = watch.now + timedelta(seconds=5)
    store.write(SaveReceived(Received("office", ANNA, "ZEDER weg", later, later, "command")))
    store.write(SaveMessage(Message("old", "reply", ANNA, "Zurück: Zeder da, Zedernholz", watch.now)))
    page = client.get("/texts/received").text
    assert "••• weg" in page
    assert "•••" in client.get("/texts/").text
    assert "Zedernholz" in client.get("/texts/").text
    for path in ("/texts/", "/texts/received", "/texts/wording"):
        assert not re.search(r"zeder\b", client.get(path).text, re.IGNORECASE), path


def test_without_a_line_that_can_text(client, store):
    analog = sample.SETTINGS.replace('kind = "gsm"', 'kind = "analog"').replace('pin = "9753"\n', "")
    store.save_settings(sample.settings_json(analog))
    assert "Keine Leitung kann SMS senden" in client.get("/texts/").text


# --- what they say -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "parts", "room", "odd"),
    [
        ("", 1, 160, ""), ("a" * 160, 1, 0, ""), ("a" * 161, 2, 145, ""), ("€" * 80, 1, 0, ""), ("ä" * 160, 1, 0, ""),
        ("Привет", 1, 64, "Приве"), ("😀" * 35, 1, 0, "😀"), ("😀" * 36, 2, 61, "😀"), ("a" * 306, 2, 0, ""),
    ],
)  # fmt: skip
def test_how_long_a_text_is(text, parts, room, odd):
    measured = wording.measure(text)
    assert (measured.parts, measured.room, measured.odd) == (parts, room, odd)


def test_quotes_are_replaced_by_plain_ones():
    measured = wording.measure("„Guten Tag“ " + "x" * 100)
    assert (measured.parts, measured.is_changed, measured.odd) == (1, True, "")


def test_counting_with_scripts_and_without(client, store):
    assert (
        client.get("/texts/count", query_string={"text": "x" * 170}).text.strip()
        == "2 SMS, noch Platz für 136 Zeichen."
    )
    before = store.load_settings()
    page = client.send("/texts/wording/reply", do="count", reply_text="Привет <b>", reply_to_caller="1")
    assert "1 SMS, noch Platz für 60 Zeichen. „Приве“ macht sie länger" in page.text
    assert "Привет &lt;b&gt;</textarea>" in page.text
    assert store.load_settings() == before


def test_the_reply_is_kept(client, store):
    version, _ = store.load_settings()
    text = "Wir melden uns. STOP beendet."
    client.send("/texts/wording/reply", version=version, reply_text=text, reply_to_caller="1")
    assert (settings(store).messages.reply_text, settings(store).messages.reply_to_caller) == (text, True)
    page = client.get("/texts/wording").text
    assert f"{text}</textarea>" in page
    client.send("/texts/wording/reply", version=version + 1, reply_text="")
    assert (settings(store).messages.reply_text, settings(store).messages.reply_to_caller) == (None, False)


def test_recording_must_be_said(client, store):
    version, _ = store.load_settings()
    sent = {"version": version, "announcement": "Geschlossen.", "hold": "Moment bitte.", "message_seconds": "60"}
    page = client.send("/texts/wording/voice", **sent, voicemail="Bitte sprechen Sie.")
    assert 'id="voicemail-mistake"' in page.text
    assert "Bitte sprechen Sie.</textarea>" in page.text
    client.send("/texts/wording/voice", **sent, voicemail="Das wird aufgezeichnet. Bitte sprechen Sie.")
    voice = settings(store).voice
    assert (voice.announcement, voice.hold, voice.message_seconds) == ("Geschlossen.", "Moment bitte.", 60)
    client.send("/texts/wording/voice", version=version + 1, message_seconds="")
    assert (settings(store).voice.announcement, settings(store).voice.hold) == (None, "tone")


def test_examples_are_what_is_sent(client):
    page = client.get("/texts/wording").text
    assert "Verpasster Anruf: Firma Huber +4917612345678" in page
    assert "2 verpasste Anrufe:" in page
    assert "Die Leitung office ist seit 10 Minuten gestört." in page
