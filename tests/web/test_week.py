"""The week as a picture, and the forms that change it."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from appliance.core.settings import from_json
from tests.web import sample
from tests.web.test_calls import HOSTILE
from web import weekview

MONDAY = dt.date(2026, 11, 23)


def settings(store):
    return from_json(store.load_settings()[1])


def version(store):
    return store.load_settings()[0]


def spans(store, monday=MONDAY, day=0):
    return [
        (one.times, one.plan, one.decided_by, one.name) for one in weekview.week(settings(store), monday)[day].spans
    ]


def with_slot(text):
    return sample.SETTINGS.replace("[[closure]]", text + "\n[[closure]]", 1)


def test_an_ordinary_day(store, app):
    assert spans(store) == [
        ("00:00–07:30", "Feierabend", "otherwise", ""),
        ("07:30–17:00", "offen", "slot", ""),
        ("17:00–24:00", "Feierabend", "otherwise", ""),
    ]
    assert spans(store, day=6) == [("00:00–24:00", "Feierabend", "otherwise", "")]


def test_closures_and_holidays_have_their_day(store, app):
    monday = dt.date(2026, 12, 21)
    assert spans(store, monday, 3) == [("00:00–24:00", "Feierabend", "closure", "Betriebsferien")]
    assert spans(store, dt.date(2026, 10, 26), 6) == [("00:00–24:00", "Feierabend", "holiday", "Allerheiligen")]


def test_a_slot_over_midnight_is_in_both_days(store, app):
    night = '[[timetable.slot]]\ndays = ["fri", "sun"]\nfrom = "22:00"\nto = "06:00"\nplan = "offen"'
    store.save_settings(sample.settings_json(with_slot(night)))
    assert spans(store, day=5)[0] == ("00:00–06:00", "offen", "slot", "")
    assert spans(store, day=4)[-1] == ("22:00–24:00", "offen", "slot", "")
    assert spans(store, day=0)[0] == ("00:00–06:00", "offen", "slot", "")  # from Sunday


@pytest.mark.parametrize("monday", [dt.date(2027, 3, 22), dt.date(2026, 10, 19)])
def test_the_clock_on_the_wall_has_24_hours_when_it_is_put_forward_or_back(store, app, monday):
    early = '[[timetable.slot]]\ndays = ["sun"]\nfrom = "02:00"\nto = "03:00"\nplan = "offen"'
    store.save_settings(sample.settings_json(with_slot(early)))
    assert [span[:2] for span in spans(store, monday, 6)] == [
        ("00:00–02:00", "Feierabend"), ("02:00–03:00", "offen"), ("03:00–24:00", "Feierabend")
    ]  # fmt: skip


def test_picture_leads_to_what_it_shows(client):
    page = client.get("/week/").text
    assert "Woche 48" in page
    assert 'href="/week/slot/0" aria-label="Mo 23.11. 07:30–17:00: offen"' in page
    assert 'href="/week/slot/new?day=mon&amp;from=17:00&amp;to=00:00"' in page
    page = client.get("/week/?week=2026-12-24").text
    assert 'href="/week/closure/0" aria-label="Do 24.12. 00:00–24:00: Feierabend, Betriebsferien"' in page
    assert "Diese Woche" in page


def test_holidays_of_the_year(client, store):
    page = client.get("/week/").text
    assert "Feiertage 2026" in page
    assert "Allerheiligen" in page
    assert "Mo 5.4.2027</span> Ostermontag" not in page
    assert "Ostermontag" in client.get("/week/?year=2027").text
    assert "Feiertage 2026" in client.get("/week/?year=9999").text
    client.send("/week/holidays", plan="", version=version(store))
    assert settings(store).holidays is None
    assert "Allerheiligen" not in client.get("/week/").text
    client.send("/week/holidays", plan="offen", local="assumption", version=version(store))
    assert settings(store).holidays.plan == "offen"
    assert settings(store).business.local_holidays == ("assumption",)
    assert "Mariä Himmelfahrt" in re.search(r'<ul class="plain">.*?</ul>', client.get("/week/").text, re.DOTALL)[0]


def test_rest_of_the_week(client, store):
    client.send("/week/rest", otherwise="offen", away="", version=version(store))
    assert (settings(store).timetable.otherwise, settings(store).timetable.away) == ("offen", None)
    page = client.send("/week/rest", otherwise="nope", away="Feierabend", version=version(store)).text
    assert "Einen Plan „nope“ gibt es nicht" in page
    assert settings(store).timetable.otherwise == "offen"


def send_slot(client, store, path="/week/slot/new", **fields):
    values = {"days": ["sat"], "from": "09:00", "to": "12:00", "plan": "offen", "version": version(store), **fields}
    return client.send(path, **values)


def test_a_slot_is_added_changed_and_removed(client, store):
    page = send_slot(client, store)
    assert "Gespeichert." in page.text
    assert "<strong>Sa</strong> 09:00–12:00" in page.text
    send_slot(client, store, "/week/slot/1", days=["sat", "sun"], to="12:30")
    one = settings(store).timetable.slot[1]
    assert (one.days, one.to) == (("sat", "sun"), dt.time(12, 30))
    assert len(settings(store).timetable.slot) == 2
    client.send("/week/slot/1", do="remove", version=version(store))
    assert len(settings(store).timetable.slot) == 1


@pytest.mark.parametrize(
    ("hours", "shown"),
    [
        ({"from": "22:00", "to": "06:00"}, "<strong>Sa</strong> 22:00–06:00 (bis zum nächsten Tag)"),
        ({"from": "00:00", "to": "00:00"}, "<strong>Sa</strong> ganztägig"),
        ({"from": "12:00", "to": "00:00"}, "<strong>Sa</strong> 12:00–24:00"),
    ],
)
def test_hours_as_people_say_them(client, store, hours, shown):
    assert shown in send_slot(client, store, **hours).text


@pytest.mark.parametrize(
    ("path", "fields", "says"),
    [
        ("/week/slot/new", {"days": ["fri"], "from": "16:00", "to": "18:00"}, "sich mit Mo–Fr 07:30–17:00"),
        ("/week/slot/new", {"days": ["thu"], "from": "22:00", "to": "08:00"}, "sich mit Mo–Fr 07:30–17:00"),
        ("/week/slot/0", {"days": ["sat"], "from": "08:00", "to": "10:00"}, "überschneidet sich mit Sa 09:00–12:00"),
        ("/week/slot/new", {"days": []}, "Bitte"),
        ("/week/slot/new", {"from": "25:00"}, "keine Uhrzeit"),
        ("/week/slot/new", {"to": ""}, "keine Uhrzeit"),
        ("/week/slot/new", {"plan": "nope"}, "Einen Plan „nope“ gibt es nicht"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field(client, store, path, fields, says):
    send_slot(client, store)
    before = store.load_settings()
    page = send_slot(client, store, path, **fields).text
    assert says in page
    assert 'class="mistake"' in page
    assert "timetable.slot" not in page
    assert store.load_settings() == before


def test_somebody_else_was_quicker(client, store):
    old = version(store)
    send_slot(client, store)
    page = client.send("/week/slot/0", do="remove", version=old)
    assert "Die Einstellungen wurden inzwischen in einem anderen Browser geändert." in page.text
    assert len(settings(store).timetable.slot) == 2


def test_free_time_is_filled_as_it_was_tapped(client):
    page = client.get("/week/slot/new?day=sat&from=17:00&to=00:00").text
    assert re.search(r'value="sat" checked', page)
    assert not re.search(r'value="mon" checked', page)
    assert 'type="time" value="17:00"' in page


def send_closure(client, store, path="/week/closure/new", **fields):
    values = {"name": "Inventur", "from": "2027-01-11", "to": "2027-01-12", "plan": "Feierabend",
              "version": version(store), **fields}  # fmt: skip
    return client.send(path, **values)


def test_a_closure_is_added_changed_and_removed(client, store):
    page = send_closure(client, store)
    assert "Woche 2" in page.text
    assert "Mo 11.1.2027 – Di 12.1.2027" in page.text
    send_closure(client, store, "/week/closure/1", to="2027-01-11", name="")
    assert settings(store).closure[1].to == dt.date(2027, 1, 11)
    client.send("/week/closure/0", do="remove", version=version(store))
    assert [one.name for one in settings(store).closure] == [""]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"to": "2027-01-01"}, "Der letzte Tag liegt vor dem ersten."),
        ({"from": ""}, "Bitte geben Sie einen Tag an"),
        ({"from": "0001-01-01"}, "Bitte geben Sie einen Tag an"),
        ({"to": "31.12.2027"}, "Bitte geben Sie einen Tag an"),
        ({"plan": ""}, "Plan"),
    ],
)
def test_closures_that_are_none(client, store, fields, says):
    before = store.load_settings()
    page = send_closure(client, store, **fields).text
    assert says in page
    assert 'class="mistake"' in page
    assert store.load_settings() == before


@pytest.mark.parametrize("path", ["/week/slot/7", "/week/closure/7", "/week/slot/99999999999", "/week/closure/-1"])
def test_what_is_not_there(client, path):
    assert client.get(path).status_code == 404
    assert client.send(path).status_code == 404


def test_without_times_the_page_teaches(client, store):
    text = sample.SETTINGS.replace("[[timetable.slot]]", "[[nope]]")
    text = re.sub(r"\[\[nope\]\].*?\[\[closure\]\].*?\[holidays\]", "[holidays]", text, flags=re.DOTALL)
    store.save_settings(sample.settings_json(text))
    page = client.get("/week/").text
    assert "Noch keine Zeiten" in page
    assert "Keine Schließtage eingetragen" in page


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_input(client, store, text):
    sent = text.encode("utf-8", "replace").decode()
    assert client.get("/week/", query_string={"week": sent[:3000], "year": sent[:3000]}).status_code == 200
    assert (
        client.get("/week/slot/new", query_string=dict.fromkeys(("day", "from", "to"), sent[:3000])).status_code == 200
    )
    before = settings(store)
    for path in ("/week/slot/new", "/week/slot/0", "/week/closure/0", "/week/rest", "/week/holidays"):
        fields = ("days", "from", "to", "plan", "name", "otherwise", "away", "local", "version")
        answer = client.send(path, **dict.fromkeys(fields, sent))
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
    assert settings(store).timetable == before.timetable
    send_closure(client, store, name=sent)
    assert "<script>alert" not in client.get("/week/?week=2027-01-11").text
