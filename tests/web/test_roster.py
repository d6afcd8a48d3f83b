"""Who is on call: the strip, the gaps, shifts, substitutes and swaps."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from appliance.core.roster import Handover
from appliance.core.settings import from_json
from appliance.store.changes import SaveHandover
from tests.web import sample
from tests.web.test_calls import HOSTILE
from web import dutyview

BERLIN = ZoneInfo("Europe/Berlin")
WEEKEND = '[[roster]]\ntarget = "Büro Berlin"\nfrom = 2026-11-27T17:00:00\nto = 2026-11-30T07:30:00\nrepeat_weeks = 1\n'


def settings(store):
    return from_json(store.load_settings()[1])


def at(day, hour=0, minute=0):
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=BERLIN)


@pytest.fixture
def two(store):
    """Anna by the week, the office at weekends."""
    store.save_settings(sample.settings_json(sample.SETTINGS + WEEKEND))


def test_stretches(store, app, two):
    handovers = [Handover("Anna", "Büro Berlin", at(24, 8), at(25, 8), sample.NOW)]
    found = dutyview.duties(settings(store), handovers, at(23), at(30))
    assert [(one.who, one.start, one.end) for one in found] == [
        (None, at(23), at(23, 17)),
        ("Anna", at(23, 17), at(24, 8)),
        ("Büro Berlin", at(24, 8), at(25, 8)),
        ("Anna", at(25, 8), at(27, 17)),
        ("Büro Berlin", at(27, 17), at(30)),
    ]


def test_places_on_the_strip_are_those_of_the_clock_on_the_wall():
    first = dt.datetime(2026, 10, 19, tzinfo=BERLIN)  # the clock is put back on the 25th
    duty = dutyview.Duty("Anna", dt.datetime(2026, 10, 26, tzinfo=BERLIN), dt.datetime(2026, 10, 27, tzinfo=BERLIN))
    assert duty.place(first, 140) == (70.0, 10.0)


def test_the_page(client, two):
    page = client.get("/roster/").text
    assert "Zurzeit hat niemand Bereitschaft" in page
    assert "Ab heute 17:00: Anna" in page
    assert "Zu diesen Zeiten hat niemand Bereitschaft" in page
    assert "heute 14:05 bis heute 17:00" in page
    assert 'href="/roster/new?from=2026-11-30T07:30&amp;to=2026-12-04T17:00"' in page
    assert "jede Woche" in page
    assert "Mo 7.12. bis So 20.12." in client.get("/roster/?from=2026-12-09").text


def test_who_is_on_now(client, two, watch):
    watch.forward(4 * 3600)
    assert "Jetzt: Anna" in client.get("/roster/").text


def send(client, store, path="/roster/new", **fields):
    values = {"target": "Anna", "from": "2026-12-01T17:00", "to": "2026-12-02T07:30", "repeat_weeks": "",
              "version": store.load_settings()[0], **fields}  # fmt: skip
    return client.send(path, **values)


def test_a_shift_is_added_changed_and_removed(client, store):
    assert "Gespeichert." in send(client, store, repeat_weeks="2").text
    one = settings(store).roster[1]
    assert (one.target, one.from_.isoformat(), one.to.isoformat(), one.repeat_weeks) == (
        "Anna", "2026-12-01T17:00:00", "2026-12-02T07:30:00", 2
    )  # fmt: skip
    send(client, store, "/roster/1", target="Büro Berlin")
    assert (settings(store).roster[1].target, settings(store).roster[1].repeat_weeks) == ("Büro Berlin", None)
    client.send("/roster/0", do="remove", version=store.load_settings()[0])
    assert [shift.target for shift in settings(store).roster] == ["Büro Berlin"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"from": ""}, "Bitte geben Sie Tag und Uhrzeit an"),
        ({"from": "2026-12-01"}, "Bitte geben Sie Tag und Uhrzeit an"),
        ({"from": "2026-12-01T10:00+01:00"}, "Bitte geben Sie Tag und Uhrzeit an"),
        ({"to": "0001-01-01T00:00"}, "Bitte geben Sie Tag und Uhrzeit an"),
        ({"to": "2026-12-01T17:00"}, "Das Ende muss nach dem Beginn liegen."),
        ({"target": "Niemand"}, "Ein Ziel „Niemand“ gibt es nicht"),
        ({"to": "2026-12-30T17:00", "repeat_weeks": "1"}, "überholt ihre eigene Wiederholung"),
        ({"repeat_weeks": "99"}, "von 1 bis 52"),
        ({"repeat_weeks": "x"}, "von 1 bis 52"),
    ],
)
def test_what_is_wrong_stands_at_its_field(client, store, fields, says):
    before = store.load_settings()
    page = send(client, store, **fields).text
    assert says in page
    assert 'class="mistake"' in page
    assert store.load_settings() == before


def hand_over(client, **fields):
    values = {
        "giver": "Anna",
        "taker": "Büro Berlin",
        "starts": "2026-11-24T08:00",
        "ends": "2026-11-25T08:00",
        **fields,
    }
    return client.send("/roster/handover", **values)


def test_a_substitute_and_back(client, store, two):
    page = hand_over(client).text
    assert "Büro Berlin übernimmt für Anna." in page
    (one,) = store.duties()
    assert (one.from_target, one.to_target, one.starts, one.ends) == ("Anna", "Büro Berlin", at(24, 8), at(25, 8))
    page = client.send(f"/roster/handover/{one.id}/remove").text
    assert "Die Vertretung ist zurückgenommen." in page
    assert store.duties() == []
    assert client.send(f"/roster/handover/{one.id}/remove").status_code == 404


def test_a_swap_is_two(client, store, two):
    page = hand_over(client, starts_back="2026-11-28T08:00", ends_back="2026-11-29T08:00").text
    assert "Büro Berlin und Anna tauschen." in page
    assert [(one.from_target, one.to_target) for one in store.duties()] == [
        ("Anna", "Büro Berlin"), ("Büro Berlin", "Anna")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"giver": "Niemand"}, "Bitte wählen Sie jemanden, der eine Schicht hat."),
        ({"taker": ""}, "Bitte wählen Sie jemanden."),
        ({"taker": "Anna"}, "Bitte wählen Sie jemand anderen."),
        ({"ends": "2026-11-24T07:00"}, "Das Ende muss nach dem Beginn liegen."),
        ({"starts": "2026-11-20T07:00", "ends": "2026-11-21T07:00"}, "Das ist schon vorbei."),
        ({"starts": "soon"}, "Bitte geben Sie Tag und Uhrzeit an"),
        ({"starts_back": "2026-11-28T08:00"}, "hat keine Schicht, die getauscht werden könnte"),
    ],
)
def test_handovers_that_are_none(client, store, fields, says):
    page = hand_over(client, **fields).text
    assert says in page
    assert "<details open>" in page
    assert store.duties() == []


def test_half_a_swap_is_none(client, store, two):
    assert "Bitte geben Sie Tag und Uhrzeit an" in hand_over(client, starts_back="2026-11-28T08:00").text
    assert store.duties() == []


def test_past_handovers_are_not_listed(client, store, watch):
    old = Handover("Anna", "Büro Berlin", at(20), at(21), sample.NOW)
    store.write(SaveHandover(old))
    assert "Zurücknehmen" not in client.get("/roster/").text


def test_without_shifts_the_page_teaches(client, store):
    text = sample.SETTINGS.partition("[[roster]]")[0] + "[[caller]]" + sample.SETTINGS.partition("[[caller]]")[2]
    store.save_settings(sample.settings_json(text))
    page = client.get("/roster/").text
    assert "Noch keine Schichten" in page
    assert 'href="/roster/new"' in page


def test_a_roster_nobody_asks_for_is_said(client, store):
    store.save_settings(sample.settings_json(sample.SETTINGS.replace('"on-call"', '"Anna"')))
    assert "Noch fragt kein Plan danach" in client.get("/roster/").text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_input(client, store, text):
    sent = text.encode("utf-8", "replace").decode()
    assert client.get("/roster/", query_string={"from": sent[:3000]}).status_code == 200
    assert client.get("/roster/new", query_string={"from": sent[:3000], "to": sent[:3000]}).status_code == 200
    fields = (
        "target",
        "from",
        "to",
        "repeat_weeks",
        "version",
        "do",
        "giver",
        "taker",
        "starts",
        "ends",
        "starts_back",
    )
    for path in ("/roster/new", "/roster/0", "/roster/handover"):
        answer = client.send(path, **dict.fromkeys(fields, sent))
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
    assert client.get("/roster/77").status_code == 404
