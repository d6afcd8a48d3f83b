"""What would happen to a call, in a sentence, and why."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from appliance.core.contacts import Contact
from appliance.store.changes import SetOverride
from tests.web import sample
from tests.web.test_calls import HOSTILE


def ask(client, **fields):
    query = {"who": "number", "number": "0171 5555555", "at": "2026-11-24T10:00", **fields}
    page = client.get("/explain/", query_string=query)
    assert page.status_code == 200
    return page.text


@pytest.mark.parametrize(
    ("fields", "says", "why"),
    [
        ({}, "Es klingelt 4-mal, dann geht der Anruf an Büro Berlin, danach an Anna (Bereitschaft).",
         "So steht es im Zeitplan: Mo–Fr 07:30–17:00."),
        ({"at": "2026-11-24T20:00"}, "Der Anruf wird sofort angenommen und geht an Anna (Bereitschaft).",
         "Das ist außerhalb aller Zeiten im Zeitplan."),
        ({"at": "2026-11-28T10:00"}, "Es klingelt, und das Gerät nimmt nicht ab. Sie bekommen eine SMS darüber.",
         "Das ist außerhalb aller Zeiten im Zeitplan."),
        ({"at": "2026-12-24T10:00"}, "Es klingelt, und das Gerät nimmt nicht ab.",
         "Betriebsferien: Do 24.12. – Mi 6.1.2027."),
        ({"at": "2027-05-06T10:00"}, "Es klingelt", "Es ist Feiertag: Christi Himmelfahrt."),
        ({"number": "030 12345678"}, "Der Anruf wird angenommen und sofort beendet.",
         "Diese Nummer ist gesperrt: Werbung Klingelton."),
        ({"number": "+49 89 777 1"}, "Firma Huber ruft an: morgen 10:00", "So steht es im Zeitplan"),
        ({"who": "withheld"}, "Jemand ruft mit unterdrückter Nummer an: morgen 10:00", "So steht es im Zeitplan"),
        ({"who": "stranger"}, "Jemand ruft an: morgen 10:00", "So steht es im Zeitplan"),
        ({"at": "2026-01-01T10:00"}, "0171 5555555 ruft an", "Es ist Feiertag: Neujahr."),
    ],
)  # fmt: skip
def test_answers(client, fields, says, why):
    page = ask(client, **fields)
    assert says in page
    assert why in page


def test_what_is_switched_on_by_hand_decides(client, store, watch):
    store.write(SetOverride("Feierabend", watch.now + dt.timedelta(hours=2), "page", watch.now))
    page = ask(client, at="2026-11-23T15:00")
    assert "Das ist von Hand eingeschaltet bis heute 16:05." in page
    assert "So steht es im Zeitplan" in ask(client, at="2026-11-23T16:30")
    store.write(SetOverride("Feierabend", None, "page", watch.now))
    assert "bis Sie es beenden" in ask(client)


def test_a_contacts_own_plan_decides(client, store):
    store.put_contact(Contact("+491715555555", "Herr März", "vip", "Feierabend"))
    page = ask(client)
    assert "Herr März ruft an" in page
    assert "Für diesen Anrufer gilt ein eigener Plan." in page


@pytest.mark.parametrize(
    ("otherwise", "says"),
    [
        ("voicemail", "Nimmt keiner davon ab, kann der Anrufer eine Nachricht hinterlassen."),
        ("announce", "Nimmt keiner davon ab, hört der Anrufer eine Ansage."),
        ("hang-up", "Nimmt keiner davon ab, gilt der Anruf als verpasst."),
    ],
)
def test_when_nobody_picks_up(client, store, otherwise, says):
    change_plan(store, ["bridge"], otherwise=otherwise)
    page = ask(client)
    assert says in page
    assert "Leitung" not in answer(page)


@pytest.mark.parametrize("chain", [["Anna"], ["Büro Berlin", "Anna"], []])
@pytest.mark.parametrize(
    ("otherwise", "says"),
    [
        ("voicemail", "Eine Nachricht, wie der Plan sie vorsieht, kann niemand hinterlassen: "
                      "Diese Leitung kann nicht sprechen."),
        ("announce", "Die Ansage, die der Plan vorsieht, hört niemand: Diese Leitung kann nicht sprechen."),
    ],
)  # fmt: skip
def test_line_without_a_voice_promises_none(client, store, otherwise, says, chain):
    change_plan(store, ["transfer"], otherwise=otherwise, chain=chain)
    page = answer(ask(client))
    assert says in page
    assert ("gilt der Anruf als verpasst." if chain else "Es klingelt, und das Gerät nimmt nicht ab.") in page
    for promise in ("kann der Anrufer", "hört der Anrufer"):
        assert promise not in page


def change_plan(store, forward_by, **fields):
    data = msgspec.json.decode(sample.settings_json())
    data["plan"][0] |= fields
    data["line"][0]["forward_by"] = forward_by
    store.save_settings(msgspec.json.encode(data))


def answer(page):
    return page.partition('class="card answer"')[2].partition("</section>")[0]


def test_withheld_rule_decides(client, store):
    store.save_settings(sample.settings_json(sample.SETTINGS + '[callers]\nwithheld = "blocked"\nblocked = "ignore"\n'))
    page = ask(client, who="withheld")
    assert "Es klingelt, und das Gerät nimmt nicht ab. Niemand wird angerufen." in page
    assert "Unterdrückte Nummern sind gesperrt." in page


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"at": ""}, "Bitte geben Sie Tag und Uhrzeit an"),
        ({"at": "9999-12-31T23:59"}, "Bitte geben Sie Tag und Uhrzeit an"),
        ({"number": ""}, "Bitte geben Sie die Nummer eines Anrufers an"),
        ({"number": "089*"}, "Bitte geben Sie die Nummer eines Anrufers an"),
    ],
)
def test_what_is_no_question(client, fields, says):
    page = ask(client, **fields)
    assert says in page
    assert 'class="card answer"' not in page


def test_before_anything_is_asked(client):
    page = client.get("/explain/").text
    assert 'value="2026-11-23T14:05"' in page
    assert 'class="mistake"' not in page


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_input(client, text):
    sent = text.encode("utf-8", "replace").decode()[:3000]
    for fields in (
        {"number": sent},
        {"at": sent},
        {"who": sent},
        {"line": sent},
        {"who": sent, "number": sent, "at": sent},
    ):
        assert "<script>alert" not in ask(client, **fields)
