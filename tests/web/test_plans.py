"""Plans: their chain put in order without dragging, renamed everywhere, and only removed when nothing needs them."""

from __future__ import annotations

import json
import re

import pytest

from appliance.core.contacts import Contact
from appliance.core.settings import from_json
from appliance.store.changes import SetOverride
from tests.web import sample
from tests.web.test_calls import HOSTILE


def settings(store):
    return from_json(store.load_settings()[1])


def send(client, store, path="/targets/plan/new", **fields):
    values = {"name": "Nacht", "rings": "2", "chain_0": "Anna", "chain_1": "", "chain_2": "Büro Berlin",
              "otherwise": "hang-up", "version": store.load_settings()[0], **fields}  # fmt: skip
    return client.send(path, **values)


def test_a_plan_is_added(client, store):
    assert "Gespeichert." in send(client, store).text
    one = settings(store).plan_named("Nacht")
    assert (one.answer_after_rings, one.chain, one.otherwise) == (2, ("Anna", "Büro Berlin"), "hang-up")


def test_the_chain_is_put_in_order(client, store):
    before = store.load_settings()
    chain = {"chain_0": "Büro Berlin", "chain_1": "on-call", "chain_2": "Anna"}
    page = send(client, store, "/targets/plan/0", **chain, move="2").text
    assert re.findall(r'<option value="([^"]*)" selected', page) == ["Büro Berlin", "Anna", "on-call", ""]
    assert store.load_settings() == before  # only looked at yet
    send(client, store, "/targets/plan/0", name="offen", chain_0="on-call", chain_1="Büro Berlin", chain_2="")
    assert settings(store).plan[0].chain == ("on-call", "Büro Berlin")


def test_long_chain_stays_whole(client, store):
    chain = ("Anna", "Büro Berlin") * 7
    text = sample.SETTINGS.replace(
        'chain = ["Büro Berlin", "on-call"]', f"chain = {json.dumps(chain, ensure_ascii=False)}"
    )
    store.save_settings(sample.settings_json(text))
    page = client.get("/targets/plan/0").text
    places = re.findall(r'<option value="([^"]*)" selected', page.partition("chain_0")[2])[:15]
    assert places == [*chain, ""]  # one more can be added
    fields = {f"chain_{nth}": name for nth, name in enumerate(places)}
    moved = send(client, store, "/targets/plan/0", **fields, move="13").text
    assert 'name="chain_14"' in moved
    assert (
        "Gespeichert." in send(client, store, "/targets/plan/0", name="offen", **{**fields, "chain_14": "on-call"}).text
    )
    assert settings(store).plan[0].chain == (*chain, "on-call")


def test_enter_saves_and_does_not_move(client):
    form = client.get("/targets/plan/0").text.partition('action="/targets/plan/0"')[2]
    first = re.search(r"<button[^>]*>", form)[0]
    assert "name=" not in first


def test_a_plan_is_renamed_everywhere(client, store, watch):
    text = sample.SETTINGS.replace('group = "blocked"', 'plan = "Feierabend"')
    text += '[callers]\nwithheld = "Feierabend"\n[costs]\nmonthly_cap_eur = 5\ncap_plan = "Feierabend"\n'
    store.save_settings(sample.settings_json(text))
    store.put_contact(Contact("+49891", "A", plan="Feierabend"))
    store.write(SetOverride("Feierabend", None, "page", watch.now))
    send(client, store, "/targets/plan/1", name="Zu")
    found = settings(store)
    assert "Feierabend" not in repr(found)
    assert (found.timetable.otherwise, found.timetable.away, found.closure[0].plan) == ("Zu", "Zu", "Zu")
    assert (found.holidays.plan, found.caller[1].plan, found.callers.withheld, found.costs.cap_plan) == ("Zu",) * 4
    assert store.contact("+49891", "manual").plan == "Zu"
    assert store.override().plan == "Zu"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": ""}, "nicht leer"),
        ({"name": "offen"}, "Einen Plan mit diesem Namen gibt es schon."),
        ({"name": "off"}, "feste Bedeutung"),
        ({"rings": "0"}, "von 1 bis 20"),
        ({"rings": "²"}, "von 1 bis 20"),
        ({"chain_0": "Niemand"}, "Ein Ziel „Niemand“ gibt es nicht"),
        ({"otherwise": "explode"}, "mistake"),
    ],
)
def test_what_is_wrong_stands_at_its_field(client, store, fields, says):
    before = store.load_settings()
    page = send(client, store, **fields).text
    assert says in page
    assert 'class="mistake"' in page
    assert store.load_settings() == before


def test_what_is_used_stays(client, store):
    page = client.send("/targets/plan/1", do="remove", version=store.load_settings()[0]).text
    assert "„Feierabend“ wird noch gebraucht: in der Woche, in der übrigen Zeit, für „Ich bin weg“" in page
    assert len(settings(store).plan) == 2
    send(client, store)
    client.send("/targets/plan/2", do="remove", version=store.load_settings()[0])
    assert len(settings(store).plan) == 2


def test_a_plan_of_contacts_stays(client, store):
    send(client, store)
    store.put_contact(Contact("+49891", "A", plan="Nacht"))
    page = client.send("/targets/plan/2", do="remove", version=store.load_settings()[0]).text
    assert "„Nacht“ wird noch gebraucht: für 1 Kontakt." in page
    assert len(settings(store).plan) == 3


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_input(client, store, text):
    sent = text.encode("utf-8", "replace").decode()
    for path in ("/targets/plan/new", "/targets/plan/0"):
        fields = ("name", "rings", "chain_0", "chain_1", "otherwise", "version", "do", "move")
        for left_out in ("move", "version"):
            answer = client.send(path, **dict.fromkeys([one for one in fields if one != left_out], sent))
            assert answer.status_code == 200
            assert "<script>alert" not in answer.text
    assert client.get("/targets/plan/99").status_code == 404
