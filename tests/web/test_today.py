"""Today: what it says in every state the box may be in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from appliance.core import alarms
from appliance.core.plan import Override
from appliance.core.problems import PROBLEMS
from appliance.store.changes import SaveCall, SetOverride
from tests.web import sample
from web.factory import create_app


def show(folder, watch, **changes):
    sample.show_live(folder, watch.passed, [{**sample.LINE, **changes}])


def test_all_is_well(client):
    page = client.get("/").text
    assert "Alles bereit" in page
    assert "Anrufe klingeln 4-mal, dann gehen sie an Büro Berlin." in page
    assert "Ab 17:00: Anrufe werden sofort angenommen und gehen an Anna (Bereitschaft)." in page
    assert "Mo 23.11., 14:05" in page


def test_the_day_in_figures(client):
    page = client.get("/").text
    assert "Heute 5 Anrufe" in page
    assert "1 selbst angenommen" in page
    assert "<strong>2 verpasst</strong>" in page
    assert "üblich: 27\N{NO-BREAK SPACE}%" in page
    assert 'href="tel:+4917122222222"' in page
    assert "0171 22222222" in page


def test_no_engine(client, state):
    (state / "run" / "status.json").unlink()
    page = client.get("/").text
    assert "Zurzeit wird kein Anruf angenommen" in page
    assert "Der Anrufdienst läuft nicht" in page


def test_an_engine_that_is_silent_counts_as_none(client, watch):
    watch.forward(11)
    assert "Der Anrufdienst läuft nicht" in client.get("/").text


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"state": "down", "problem": "Das Modem antwortet nicht."}, "Zurzeit wird kein Anruf angenommen"),
        ({"state": "starting"}, "Startet gerade"),
        ({"state": "ready", "problem": "Nicht bestätigt."}, "Braucht Ihre Aufmerksamkeit"),
        ({"state": "ready", "problem": "Nicht bestätigt."}, "Bereit, mit einer Einschränkung"),
        ({"state": "ready", "problem": PROBLEMS["diverted_always"][0]}, "Zurzeit wird kein Anruf angenommen"),
        ({"state": "ready", "problem": PROBLEMS["no_voice"][0]}, "Zurzeit wird kein Anruf angenommen"),
        ({"name": "another"}, "Startet gerade"),
    ],
)
def test_lines_in_trouble(client, state, watch, changes, says):
    show(state, watch, **changes)
    page = client.get("/").text
    assert says in page
    assert (changes.get("problem") or "") in page


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ({"caller": "+498977712345", "rings": 2, "plan": "offen", "state": "ringing"}, "klingelt 2/4"),
        ({"caller": "+498977712345", "rings": 2, "plan": "offen", "state": "ringing"}, "Firma Huber"),
        ({"caller": None, "rings": 1, "plan": None, "state": "ringing"}, "Nummer noch nicht bekannt"),
        ({"caller": "+4989555001", "rings": 4, "plan": "offen", "state": "calling", "target": "Anna"}, "Frau Sommer"),
        ({"caller": "+4989555001", "rings": 4, "plan": "offen", "state": "calling", "target": "Anna"},
         '<li aria-current="step">Anna</li>'),
        ({"caller": "+4989555001", "rings": 4, "plan": "offen", "state": "connected"},
         '<li aria-current="step">verbunden</li>'),
        ({"caller": "+4989555001", "rings": 4, "plan": "offen", "state": "recording"}, "hinterlässt eine Nachricht"),
        ({"caller": "<b>", "rings": "x", "plan": 7, "state": []}, "&lt;b&gt;"),
    ],
)  # fmt: skip
def test_a_call_as_it_happens(client, state, watch, call, says):
    show(state, watch, state="in_call", call=call)
    assert says in client.get("/today/live").text


def test_fragment_is_asked_again_without_effort(client, state, store, watch):
    first = client.get("/today/live")
    tag = {"If-None-Match": first.headers["ETag"]}
    again = client.get("/today/live", headers=tag)
    assert (again.status_code, again.data) == (304, b"")
    watch.forward(2)
    show(state, watch)
    assert client.get("/today/live", headers=tag).status_code == 304  # a sign of life is no news
    show(state, watch, state="ringing", call={"caller": None, "rings": 1, "plan": None, "state": "ringing"})
    assert client.get("/today/live", headers=tag).status_code == 200
    show(state, watch)
    assert client.get("/today/live", headers=tag).status_code == 304
    store.write(SetOverride("Feierabend", None, "text", watch.now))
    assert client.get("/today/live", headers=tag).status_code == 200


def test_fragment_tells_a_stranger_to_log_in(guest):
    assert guest.get("/today/live", headers={"X-Live": "1"}).status_code == 401


@pytest.mark.parametrize(
    ("fields", "until"),
    [
        ({"until": "open"}, None),
        ({"until": "today"}, datetime(2026, 11, 23, 23, 0, tzinfo=UTC)),
        ({"until": "time", "time": "15:00"}, datetime(2026, 11, 23, 14, 0, tzinfo=UTC)),
        ({"until": "time", "time": "09:00"}, datetime(2026, 11, 24, 8, 0, tzinfo=UTC)),
    ],
)
def test_away_and_back(client, store, fields, until):
    page = client.send("/today/away", **fields)
    assert store.override() == Override("Feierabend", until)
    assert "Ich bin wieder da" in page.text
    assert "Anrufe klingeln und werden nicht angenommen" in page.text  # by day nobody is on call
    page = client.send("/today/away", do="back")
    assert store.override() is None
    assert "Der Zeitplan gilt wieder." in page.text


@pytest.mark.parametrize("time", ["", "25:00", "gestern", "2020-01-01T10:00", "1" * 9999, "\x00"])
def test_away_until_a_time_that_is_none(client, store, time):
    page = client.send("/today/away", until="time", time=time)
    assert "Bitte geben Sie eine Uhrzeit an" in page.text
    assert store.override() is None


def test_done(client, store):
    assert "done-6" in client.get("/").text
    page = client.send("/today/done", call="6")
    assert "done-6" not in page.text
    assert "verpasst, erledigt" in page.text
    assert [call.id for call in store.missed_open()] == [4, 1]


@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 30, "²"])
def test_done_with_what_is_no_call(client, number):
    assert client.send("/today/done", call=number).status_code == 400


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("database", "beschädigte Daten"),
        ("backup,copy", "Speicherkarte ist voll"),
        ("copy", "andere Karte"),
        ("records", "nicht gelöscht"),
    ],
)
def test_a_night_that_went_wrong_needs_attention(client, store, wrong, said):
    assert said not in client.get("/").text
    store.keep(**{alarms.NIGHT_WRONG: wrong})
    assert said in client.get("/").text
    store.keep(**{alarms.NIGHT_WRONG: ""})
    assert said not in client.get("/").text


def test_failed_texts_and_gaps_need_attention(client, watch):
    page = client.get("/").text
    assert "1 SMS konnte nicht gesendet werden." in page
    assert "hat niemand Bereitschaft" in page


def test_clock_that_is_not_set(client, state, watch):
    watch.now = datetime(2024, 1, 1, tzinfo=UTC)
    page = client.application.test_client()
    page.log_in()
    assert "Die Uhrzeit ist noch nicht bekannt" in page.get("/").text


def test_clock_the_engine_doubts(client, state, watch):
    sample.show_live(state, watch.passed, [sample.LINE], clock={"known": False, "by": None})
    page = client.get("/").text
    assert "Die Uhrzeit ist noch nicht bekannt" in page
    assert "Alles bereit" not in page
    assert "Anrufe werden sofort angenommen" in page  # as at all other times: no timetable without a time


def test_no_call_yet_teaches(app, state, watch, tmp_path):
    empty = tmp_path / "empty"
    sample.fill(empty, with_calls=False)
    page = create_app(empty, watch.clock())
    page.test_client_class = app.test_client_class
    browser = page.test_client()
    browser.log_in()
    assert "Noch keine Anrufe" in browser.get("/").text
    page.extensions["rufweiche.stores"].close()


def test_pages_speak_the_language_of_the_settings(client, store):
    store.save_settings(sample.settings_json(sample.SETTINGS.replace('"de"', '"en"')))
    page = client.get("/").text
    assert 'lang="en"' in page
    assert "All ready" in page
    assert "usual: 27%" in page


def test_times_as_people_say_them(client, watch):
    watch.forward(timedelta(days=1).total_seconds())
    assert "gestern 13:40" in client.get("/").text


def test_whatever_has_the_focus_is_found_again(client):
    """live.js finds it by its id in what comes next."""
    part = client.get("/today/live").text
    reached = re.findall(r"<(?:a|button)\b[^>]*>", part)
    named = [found[1] for one in reached if (found := re.search(r' id="([^"]+)"', one))]
    assert len(reached) > 2
    assert len(set(named)) == len(reached)


def test_screen_readers_are_told_how_things_stand_but_not_the_time(client):
    part = client.get("/today/live").text
    spoken = re.findall(r'<(\w+)[^>]* aria-live="polite".*?</\1>', part, re.DOTALL)
    assert spoken == ["strong", "div"]
    said = "".join(found[0] for found in re.finditer(r'<(\w+)[^>]* aria-live="polite".*?</\1>', part, re.DOTALL))
    assert "Alles bereit" in said
    assert "Anrufe klingeln 4-mal" in said
    assert "14:05" not in said


@pytest.mark.parametrize(
    ("state_of_call", "target", "says"),
    [
        ("ringing", None, "Firma Huber 089 77712345: klingelt."),
        ("answering", None, "Firma Huber 089 77712345: angenommen."),
        ("calling", "Anna", "Firma Huber 089 77712345: Anna wird angerufen."),
        ("connected", "Anna", "Firma Huber 089 77712345: verbunden."),
    ],
)
def test_screen_readers_are_told_a_step_of_a_call_once(client, state, watch, state_of_call, target, says):
    call = {"caller": "+498977712345", "plan": "offen", "state": state_of_call, "target": target}
    show(state, watch, state="ringing", call={**call, "rings": 1})
    assert spoken(client) == says
    show(state, watch, state="ringing", call={**call, "rings": 2})
    assert spoken(client) == says


def test_screen_readers_are_told_what_became_of_a_call(client, store, watch):
    assert spoken(client) == ""
    call = sample.calls()[5]
    call.ended_at = watch.now
    store.write(SaveCall(call))
    assert spoken(client) == "0171 22222222: verpasst."
    watch.forward(61)
    assert spoken(client) == ""


def spoken(client):
    """The line that is there for screen readers alone."""
    found = re.search(r'<p class="hidden" role="status"[^>]*>(.*?)</p>', client.get("/today/live").text, re.DOTALL)
    return " ".join(found[1].split())


NOBODY = sample.SETTINGS.replace('chain = ["Büro Berlin", "on-call"]', 'chain = []\notherwise = "voicemail"')
DESK = '[[line]]\nname = "desk"\nkind = "analog"\nport = "/dev/ttyACM0"\nsite = "fritzbox"\n[[target]]'


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (NOBODY, "Anrufe klingeln und werden nicht angenommen. Sie bekommen zu jedem eine SMS."),
        (NOBODY.replace('kind = "gsm"', 'kind = "analog"\nsite = "fritzbox"').replace('pin = "9753"\n', ""),
         "Niemand wird angerufen. Anrufer können nach 4-mal Klingeln eine Nachricht hinterlassen."),
        (NOBODY.replace("[[target]]", DESK, 1),
         "eine Nachricht hinterlassen. Nicht auf office: Dort gibt es keine Stimme, und es wird nicht abgenommen."),
    ],
)  # fmt: skip
def test_nothing_is_promised_where_there_is_no_voice(client, store, state, watch, settings, says):
    store.save_settings(sample.settings_json(settings))
    sample.show_live(state, watch.passed, [sample.LINE, {**sample.LINE, "name": "desk", "kind": "analog"}])
    assert says in client.get("/").text
