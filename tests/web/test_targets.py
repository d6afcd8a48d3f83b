"""Targets: added, changed, renamed everywhere, and only removed when nothing needs them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from appliance.core.roster import Handover
from appliance.core.settings import from_json
from appliance.store.changes import SaveHandover
from tests.web.test_calls import HOSTILE


def settings(store):
    return from_json(store.load_settings()[1])


def send(client, store, path="/targets/new", **fields):
    version = store.load_settings()[0]
    values = {"name": "Bernd", "number": "0171 / 333 33 33", "ring_seconds": "12", "version": version, **fields}
    return client.send(path, **values)


def test_the_list(client):
    page = client.get("/targets/").text
    assert "<strong>Anna</strong>" in page
    assert "0171 23456789" in page
    assert "nach 4-mal Klingeln annehmen" in page
    assert "sofort annehmen" in page


def test_a_target_is_added(client, store):
    page = send(client, store, confirm="1", tariff_ct="2,5")
    assert "Noch nicht verwendet" in page.text
    one = settings(store).target_named("Bernd")
    assert (one.number, one.ring_seconds, one.confirm, one.brief, one.tariff_ct) == (
        "+491713333333",
        12,
        True,
        False,
        2.5,
    )


def test_a_target_is_renamed_everywhere(client, store):
    at = datetime(2026, 11, 24, tzinfo=UTC)
    store.write(SaveHandover(Handover("Anna", "Büro Berlin", at, None, at)))
    send(client, store, "/targets/1", name="Anna Berger", number="0171 23456789")
    send(client, store, "/targets/0", name="Berlin", number="030 1111111")
    found = settings(store)
    assert [one.name for one in found.target] == ["Berlin", "Anna Berger"]
    assert found.plan[0].chain == ("Berlin", "on-call")
    assert found.roster[0].target == "Anna Berger"
    assert found.line[0].safety_net == "Berlin"
    assert [(one.from_target, one.to_target) for one in store.duties()] == [("Anna Berger", "Berlin")]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": ""}, "nicht leer"),
        ({"name": "Anna"}, "Ein Ziel mit diesem Namen gibt es schon."),
        ({"name": "on-call"}, "feste Bedeutung"),
        ({"number": "110"}, "Notruf"),
        ({"number": "0900 123456"}, "mistake"),
        ({"number": "089 12345"}, "mistake"),  # the line itself
        ({"number": ""}, "nicht leer"),
        ({"ring_seconds": "2"}, "von 3 bis 120"),
        ({"ring_seconds": "many"}, "von 3 bis 120"),
        ({"tariff_ct": "cheap"}, "Bitte geben Sie einen Betrag an"),
        ({"tariff_ct": "-1"}, "Bitte geben Sie einen Betrag an"),
        ({"tariff_ct": "9999"}, "mistake"),
    ],
)
def test_what_is_wrong_stands_at_its_field(client, store, fields, says):
    before = store.load_settings()
    page = send(client, store, **fields).text
    assert says in page
    assert 'class="mistake"' in page
    assert "target[" not in page
    assert store.load_settings() == before


def test_a_mobile_that_rings_long_is_warned_of(client, store):
    assert "Mailbox" in send(client, store, ring_seconds="25").text
    assert settings(store).target_named("Bernd").ring_seconds == 25


def test_what_is_used_stays(client, store):
    version = store.load_settings()[0]
    page = client.send("/targets/0", do="remove", version=version).text
    assert "„Büro Berlin“ wird noch gebraucht: im Plan „offen“, als Sicherheitsnetz der Leitung „office“." in page
    assert "in der Bereitschaft" in client.get("/targets/1").text
    assert len(settings(store).target) == 2
    send(client, store)
    client.send("/targets/2", do="remove", version=store.load_settings()[0])
    assert len(settings(store).target) == 2


@pytest.mark.parametrize("path", ["/targets/9", "/targets/99999999999999"])
def test_what_is_not_there(client, path):
    assert client.get(path).status_code == 404
    assert client.send(path, do="remove").status_code == 404


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_input(client, store, text):
    sent = text.encode("utf-8", "replace").decode()
    for path in ("/targets/new", "/targets/0"):
        fields = ("name", "number", "ring_seconds", "confirm", "brief", "tariff_ct", "version", "do")
        answer = client.send(path, **dict.fromkeys(fields, sent))
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
    send(client, store, name=sent)
    assert "<script>alert" not in client.get("/targets/").text
    assert "<script>alert" not in client.get("/targets/2").text
