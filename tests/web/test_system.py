"""Lines: how each is shown, what the engine is asked to do about it, and a line's settings."""

from __future__ import annotations

import pytest

from appliance.core import requests
from appliance.core.settings import from_json
from appliance.store.requests import AnswerRequest
from tests.web import sample

ANALOG = """
[[line]]
name = "Werkstatt"
kind = "analog"
port = "/dev/ttyACM0"
forward_by = ["flash"]
site = "pbx"
"""
TOLD = [
    {"when": "busy", "to": "+49301111111", "confirmed": False, "ours": True},
    {"when": "always", "to": "+4940999999", "confirmed": True, "ours": False},
]


def newest(store):
    return store.unanswered()[-1]


@pytest.fixture
def two_lines(client, store, state, watch):
    store.save_settings(sample.settings_json(sample.SETTINGS.replace("[[target]]", ANALOG + "[[target]]", 1)))
    analog = {**sample.LINE, "name": "Werkstatt", "kind": "analog", "can": ["flash"], "diversions": TOLD}
    sample.show_live(state, watch.passed, [sample.LINE, analog], found=[sample.FOUND])
    return client


def test_each_line_says_how_it_is(two_lines):
    page = two_lines.get("/system/").text
    assert "office" in page
    assert "SIMCom SIM7600E-H" in page
    assert "Telekom" in page
    assert "sehr gut (−71 dBm)" in page
    assert "Übergabe durch das Netz, Konferenz durch das Netz" in page
    assert "wenn das Gerät aus oder ohne Netz ist" in page
    assert "030 1111111" in page
    assert "nicht von diesem Gerät eingerichtet" in page
    assert "Ein Probeanruf hat es bewiesen" in page
    assert page.count('value="works ') == 1  # only what is not confirmed can be proved
    found = page.split("Außerdem gefunden")[1]
    for said in ("SIMCom SIM7600E-H", "nötig, noch 3 Versuche", "möglich", "/dev/serial/by-id/usb-SimTech"):
        assert said in found


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"sim": None}, "keine – bitte"), ({"sim": "sim puk"}, "PUK"), ({"voice": False}, "noch nicht"),
        ({"kind": "analog", "voice": False}, "kann nicht abnehmen"), ({"kind": "analog"}, "kann abnehmen und sprechen"),
        ({"manufacturer": None, "model": None, "signal_dbm": "x", "pin_tries": "<b>"}, "Modem"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_modem_that_was_found(client, state, watch, facts, said):
    sample.show_live(state, watch.passed, [sample.LINE], found=[{**sample.FOUND, **facts}])
    found = client.get("/system/").text.split("Außerdem gefunden")[1]
    assert said in found
    assert "<b>" not in found


def test_what_is_wrong_comes_with_what_to_do(client, state, watch):
    line = {**sample.LINE, "state": "down", "problem": "Das Modem ist nicht angesteckt. Bitte stecken Sie es an."}
    sample.show_live(state, watch.passed, [line])
    page = client.get("/system/").text
    assert "nicht bereit" in page
    assert "Bitte stecken Sie es an." in page
    watch.forward(60)
    assert "Der Anrufdienst läuft nicht" in client.get("/system/").text


@pytest.mark.parametrize(
    ("do", "kind", "payload"),
    [
        ("look", requests.LOOK_FOR_MODEMS, {}),
        ("probe", requests.PROBE_METHODS, {}),
        ("check office", requests.CHECK_DIVERSIONS, {"line": "office"}),
        ("erase Werkstatt", requests.ERASE_DIVERSIONS, {"line": "Werkstatt"}),
        ("works busy Werkstatt", requests.PROVE_DIVERSION, {"line": "Werkstatt", "when": "busy", "works": True}),
        ("fails always Werkstatt", requests.PROVE_DIVERSION, {"line": "Werkstatt", "when": "always", "works": False}),
    ],
)
def test_what_the_engine_is_asked(two_lines, store, do, kind, payload):
    answer = two_lines.send("/system/ask", do=do)
    assert answer.status_code == 200
    request = newest(store)
    assert (request.kind, dict(request.payload)) == (kind, payload)
    assert f"asked={request.id}" in answer.request.url
    assert "note" in answer.text


@pytest.mark.parametrize("do", ["", "check", "check nowhere", "works never office", "works busy", "explode office"])
def test_nonsense_is_not_asked(two_lines, store, do):
    assert two_lines.send("/system/ask", do=do).status_code == 400
    assert store.unanswered() == []


@pytest.mark.parametrize(
    ("kind", "answer", "said"),
    [
        (requests.LOOK_FOR_MODEMS, {"found": 2}, "2 Modems antworten."),
        (requests.LOOK_FOR_MODEMS, {"found": 0}, "Kein Modem antwortet."),
        (requests.CHECK_DIVERSIONS, {"diversions": {"office": []}}, "Das Netz hat geantwortet."),
        (requests.CHECK_DIVERSIONS, {"diversions": {"office": None}, "problem": "sim_missing"}, "keine SIM-Karte"),
        (requests.ERASE_DIVERSIONS, {"diversions": {"office": []}}, "Alle Rufumleitungen sind gelöscht"),
        (requests.RESTART, {"ok": True}, "Der Anrufdienst endet und startet neu."),
        (requests.PROVE_DIVERSION, {"problem": requests.UNKNOWN_LINE}, "Diese Leitung gibt es nicht mehr."),
        (requests.PROBE_METHODS, {"problem": requests.TOO_LATE}, "Es hat zu lange gedauert"),
    ],
)
def test_the_answer_is_told(client, store, watch, kind, answer, said):
    number = store.ask(kind, {}, watch.now)
    waiting = client.get(f"/system/live?asked={number}")
    assert 'role="status"><svg' in waiting.text
    assert said not in waiting.text
    store.write(AnswerRequest(number, answer, watch.now))
    assert said in client.get(f"/system/live?asked={number}").text
    assert said in client.get(f"/system/?asked={number}").text


def test_nobody_waits_for_ever(client, store, state, watch):
    number = store.ask(requests.CHECK_DIVERSIONS, {"line": "office"}, watch.now)
    watch.forward(121)
    sample.show_live(state, watch.passed, [sample.LINE])
    assert "Es kam keine Antwort." in client.get(f"/system/?asked={number}").text
    assert 'role="status"><svg' not in client.get("/system/?asked=99999").text


def test_a_line_is_changed(client, store):
    page = client.get("/system/line/0").text
    assert "089 12345" in page
    assert "9753" not in page  # the PIN
    version, _ = store.load_settings()
    fields = {"version": version, "number": "089 54321", "safety_net": "Anna", "pin": "", "minutes": "90"}
    client.send("/system/line/0", **fields)
    line = from_json(store.load_settings()[1]).line[0]
    assert (line.number, line.safety_net, line.pin, line.max_call_minutes) == ("+498954321", "Anna", "9753", 90)
    client.send("/system/line/0", **{**fields, "version": version + 1, "safety_net": "", "forget_pin": "1"})
    line = from_json(store.load_settings()[1]).line[0]
    assert (line.safety_net, line.pin) == (None, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [("number", "hallo"), ("pin", "12"), ("safety_net", "niemand")]
    + [("minutes", written) for written in ("0", "1,5", "1.5", "abc", "-1", "", "²", "601", "9" * 30)],
)
def test_a_mistake_is_shown_where_it_is(client, store, field, value):
    before = store.load_settings()
    page = client.send("/system/line/0", **{"version": before[0], "number": "089 12345", "minutes": "60", field: value})
    assert f'id="{field}-mistake"' in page.text
    assert store.load_settings() == before


def test_a_line_is_removed(two_lines, store):
    version, _ = store.load_settings()
    page = two_lines.send("/system/line/1", version=version, do="remove")
    assert "Die Leitung „Werkstatt“ ist entfernt." in page.text
    assert [line.name for line in from_json(store.load_settings()[1]).line] == ["office"]
    assert two_lines.get("/system/line/1").status_code == 404
