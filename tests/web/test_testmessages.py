"""The test message: by every way there is, and what came of each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from appliance.core.records import Message
from appliance.store.changes import SaveMessage
from tests.web import sample

NETWORK = """
[notify]
webhook = "https://ntfy.example/abc-geheim"
[notify.email]
to = "meister@example.de"
host = "smtp.example.de"
"""
ANALOG = sample.SETTINGS.replace('kind = "gsm"', 'kind = "analog"').replace('pin = "9753"\n', "")
TEXT, EMAIL, WEBHOOK = ("sms", "+4915112345678"), ("email", "meister@example.de"), ("webhook", "ntfy.example")


def card(page):
    return page.text.split('id="test"')[1].split("</section>")[0]


def waiting(store):
    return [one for one in store.unfinished() if one.kind == "test"]


@pytest.mark.parametrize(
    ("settings", "ways"),
    [
        (sample.SETTINGS, [TEXT]),
        (sample.SETTINGS + NETWORK, [TEXT, EMAIL, WEBHOOK]),
        (ANALOG + NETWORK, [EMAIL, WEBHOOK]),
        (ANALOG + '[notify]\nwebhook = "https://ntfy.example/abc-geheim"\n', [WEBHOOK]),
    ],
)
def test_by_every_way_there_is(client, store, settings, ways):
    store.save_settings(sample.settings_json(settings))
    before = card(client.get("/texts/"))
    assert "Testnachricht senden" in before
    after = card(client.send("/texts/test"))
    assert [(one.channel, one.to) for one in waiting(store)] == ways
    assert {one.text for one in waiting(store)} == {
        "Testnachricht von Rufweiche (Tischlerei Muster): Nachrichten kommen an."
    }
    words = {TEXT: "SMS an 0151", EMAIL: "E-Mail an meister@example.de", WEBHOOK: "Webhook bei ntfy.example"}
    for way, word in words.items():
        assert (word in before) == (way in ways)
        assert (after.count(word) == 2) == (way in ways)  # that there is, and that it was tried
    assert after.count("wartet") == len(ways)
    assert ("Dafür braucht es eine Leitung mit SIM-Karte" in before) == (TEXT not in ways)
    assert "geheim" not in before + after


def test_no_way_at_all(client, store):
    store.save_settings(sample.settings_json(ANALOG))
    page = card(client.get("/texts/"))
    assert "Noch führt kein Weg zu Ihnen" in page
    assert 'href="/settings/messages#notify"' in page
    assert "<form" not in page
    assert "deshalb wurde nichts gesendet" in client.send("/texts/test").text
    assert waiting(store) == []


@pytest.mark.parametrize(
    ("became", "error", "said", "why", "goes_on"),
    [
        ("queued", None, "wartet", "", True),
        ("queued", "the mail server refuses user or password (454)", "wird wieder versucht",
         "lehnt Benutzername oder Kennwort ab; bitte tragen Sie beides neu ein (454)", True),
        ("sending", None, "wird gesendet", "", True),
        ("sent", None, "dem Mailserver übergeben", "", False),
        ("delivered", None, "zugestellt", "", False),
        ("failed", "the server cannot be reached: Name or service not known", "nicht gesendet",
         "nicht zu erreichen; bitte prüfen Sie seinen Namen und das Netzwerk des Geräts (Name or service not known)",
         False),
        ("unknown", "the server never said whether it took it", "vielleicht gesendet", "", False),
    ],
)  # fmt: skip
def test_what_came_of_it(client, store, watch, became, error, said, why, goes_on):
    at = watch.now - timedelta(seconds=40)
    done = Message("a", "test", TEXT[1], "Test", at, state="sent", channel="sms")
    one = Message("b", "test", EMAIL[1], "Test", at, state=became, channel="email", error=error)
    older = Message("c", "test", "alt@example.de", "Test", at - timedelta(minutes=9), state="sent", channel="email")
    store.write(*map(SaveMessage, (older, done, one)))
    page = card(client.get("/texts/"))
    assert "alt@example.de" not in page
    last = page.split("Der letzte Test")[1].split("</li>")[1]
    assert "E-Mail an meister@example.de" in last
    assert said in last
    assert why in last
    assert ('data-live="/texts/test/live"' in page) == goes_on
    live = client.get("/texts/test/live")
    assert said in live.text
    assert client.get("/texts/test/live", headers={"If-None-Match": live.headers["ETag"]}).status_code == 304


def test_nobody_sends(client, store, state):
    (state / "run/status.json").unlink()
    client.send("/texts/test")
    assert "Der Anrufdienst läuft nicht" in card(client.get("/texts/"))


def test_one_of_the_day_before_is_of_no_interest(client, store, watch):
    store.write(SaveMessage(Message("a", "test", TEXT[1], "Test", watch.now - timedelta(hours=25), state="sent")))
    assert "Der letzte Test" not in client.get("/texts/").text
    assert client.get("/texts/test/live").text.strip() == ""


def test_settings_lead_to_it(client, store):
    assert 'action="/texts/test"' not in client.get("/settings/messages").text
    store.save_settings(sample.settings_json(sample.SETTINGS + NETWORK))
    assert 'action="/texts/test"' in client.get("/settings/messages").text


def test_strangers(guest, store):
    guest.send("/texts/test")
    assert waiting(store) == []
    assert guest.get("/texts/test/live").status_code in (302, 401)
