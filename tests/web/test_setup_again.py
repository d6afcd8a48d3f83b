"""The steps of the set-up on a box in use: what nobody changed stays, whatever their forms cannot show."""

from __future__ import annotations

import html
import re

import pytest

from appliance.core.settings import from_json
from tests.web import sample
from web import wizard
from web.pages.setup.whose import pin_field

PIN = pin_field(sample.FOUND)

MANY = "".join(
    f'[[target]]\nname = "P{nth}"\nnumber = "+49891111100{nth}"\nring_seconds = {30 + nth}\n' for nth in range(7)
)
RICH = (
    sample.SETTINGS.replace("[[target]]", MANY + "[[target]]", 1)
    .replace('target = "Anna"', 'target = "P6"')
    .replace('chain = ["Büro Berlin", "on-call"]', 'chain = ["P6", "Büro Berlin", "on-call"]')
)
ANALOG = """
[[line]]
name = "Nebenstelle"
kind = "analog"
port = "/dev/ttyACM0"
number = "+498912346"
forward_by = ["flash"]
site = "speedport"
safety_net = "Anna"
"""
SIMPLE = (
    sample.SETTINGS[: sample.SETTINGS.index("[[closure]]")] + sample.SETTINGS[sample.SETTINGS.index("[holidays]") :]
)
DUTY = 'answer_after_rings = 1\nchain = ["on-call"]'


def settings_of(store):
    return from_json(store.load_settings()[1])


def put(store, text):
    store.save_settings(sample.settings_json(text))
    return settings_of(store)


def unchanged(browser, path):
    """What a browser sends of the page's form if nobody touches it."""
    page = browser.get(path).text
    forms = re.findall(r"<form[^>]*>.*?</form>", page, re.DOTALL)
    form = next(one for one in forms if "<fieldset" in one or 'name="name_0"' in one)
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        known = {key: html.unescape(value) for key, value in re.findall(r'([a-z-]+)="([^"]*)"', tag)}
        if known.get("type") in ("radio", "checkbox") and " checked" not in tag:
            continue
        if name := known.get("name"):
            fields.setdefault(name, []).append(known.get("value", "on"))
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        fields[name] = [html.unescape(chosen[1])]
    del fields["csrf_token"]
    return fields


# --- modems ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["office", "Mobilfunk"])
def test_a_second_modem_gets_a_line_of_its_own(client, store, state, watch, name):
    before = put(store, sample.SETTINGS.replace('"office"', f'"{name}"'))
    sample.show_live(state, watch.passed, [{**sample.LINE, "name": name}], found=[sample.FOUND])
    page = client.get("/setup/modem").text
    assert f'name="{PIN}"' in page
    page = client.send("/setup/modem", do="take", **{PIN: "12a4"}).text
    assert f'id="{PIN}-mistake"' in page
    client.send("/setup/modem", do="take", **{PIN: "1234"})
    old, new = settings_of(store).line
    assert old == before.line[0]
    assert (new.name, new.pin, new.port) == (
        "Mobilfunk" if name == "office" else "Mobilfunk 2", "1234", sample.FOUND["port"],
    )  # fmt: skip


def test_names_are_counted_on(client):
    modem = {"port": "/dev/ttyUSB9", "kind": "gsm"}
    with client.application.test_request_context():
        first = wizard.lines_for([modem], {}, [])
        third = wizard.lines_for([modem], {}, [*first, {"name": f"{first[0]['name']} 2", "kind": "gsm"}])
    assert (first[0]["port"], third[2]["port"]) == ("auto", "/dev/ttyUSB9")
    assert third[2]["name"] == f"{first[0]['name']} 3"


# --- what leads where --------------------------------------------------------------------------


@pytest.mark.parametrize("is_finished", [False, True])
@pytest.mark.parametrize(
    ("path", "fields", "home"),
    [
        ("/setup/modem", {}, "/system/"),
        ("/setup/targets", {"name_0": "Anna", "number_0": "0171 23456789", "old_0": "Anna"}, "/targets/"),
        ("/setup/hours", {}, "/week/"),
        ("/setup/connection", {"recipe": "mobile", "mobile_sim": "0171 1234567"}, "/system/"),
        ("/setup/test", {"do": "end"}, "/"),
    ],
)
def test_a_step_does_not_begin_a_set_up(client, is_finished, path, fields, home):
    if is_finished:
        client.send("/setup/later")
    page = client.get(path).text
    assert "Schritt" not in page
    assert client.send(path, **fields).request.path == home
    assert client.get("/").status_code == 200


def test_today_and_the_lines_lead_to_their_own_pages(client, store):
    text = re.sub(r"\[\[roster\]\].*?(?=\[\[caller)", "", sample.SETTINGS, flags=re.DOTALL)
    text = re.sub(r"\[\[target\]\].*?(?=\[\[plan)", "", text, flags=re.DOTALL).replace('safety_net = "Büro Berlin"', "")
    put(store, re.sub(r"chain = .*", "chain = []", text))
    page = client.get("/").text
    assert "Es ist niemand eingetragen" in page
    assert "/setup/" not in page


# --- forms that nobody touched -----------------------------------------------------------------


@pytest.mark.parametrize(
    "text", [sample.SETTINGS, RICH, sample.SETTINGS.replace("[[target]]", ANALOG + "[[target]]", 1)]
)
def test_targets_stay(client, store, text):
    before = put(store, text)
    client.send("/setup/targets", **unchanged(client, "/setup/targets"))
    assert settings_of(store) == before


def test_one_is_renamed_one_removed_one_added(client, store):
    put(store, RICH)
    fields = unchanged(client, "/setup/targets")
    fields |= {"name_0": "Desk", "name_1": "", "number_1": "", "name_2": "Neu", "number_2": "0171 1234567", "old_2": ""}
    client.send("/setup/targets", **fields)
    now = settings_of(store)
    names = [target.name for target in now.target]
    assert names == ["Desk", "P2", "P3", "P4", "P5", "P6", "Büro Berlin", "Anna", "Neu"]
    assert now.target[0].ring_seconds == 30
    assert now.plan[0].chain == ("P6", "Büro Berlin", "on-call", "Neu")
    assert now.roster[0].target == "P6"


def test_two_of_one_name_are_refused(client, store):
    before = put(store, sample.SETTINGS)
    fields = unchanged(client, "/setup/targets") | {"name_2": "Anna", "number_2": "0171 1234567"}
    assert client.send("/setup/targets", **fields).request.path == "/setup/targets"
    assert settings_of(store) == before


@pytest.mark.parametrize(
    "text",
    [
        sample.SETTINGS,
        sample.SETTINGS.replace('owner_mobile', 'numbers = ["+4989555000", "+4989555001"]\nowner_mobile', 1)
        .replace('pin = "9753"', 'pin = "9753"\nforward_by = ["deflect", "transfer"]'),
        sample.SETTINGS.replace("[[line]]", ANALOG + "[[line]]", 1),
        sample.SETTINGS.replace("[[line]]", ANALOG.replace('"speedport"', "{ flash_ms = 250 }") + "[[line]]", 1),
    ],
)  # fmt: skip
def test_the_connection_stays(client, store, text):
    before = put(store, text)
    client.send("/setup/connection", **unchanged(client, "/setup/connection"))
    assert settings_of(store) == before


SHOWN = [
    SIMPLE.replace(DUTY, 'answer_after_rings = 2\nchain = ["Anna"]\notherwise = "hang-up"'),
    SIMPLE.replace(DUTY, "answer_after_rings = 3\nchain = []"),
]
NOT_SHOWN = [
    SIMPLE,
    SIMPLE.replace(DUTY, 'answer_after_rings = 1\nchain = ["Anna", "Büro Berlin"]'),
    SIMPLE.replace('[holidays]\nplan = "Feierabend"', '[holidays]\nplan = "offen"'),
    SIMPLE.replace('otherwise = "Feierabend"', 'otherwise = "offen"'),
]


@pytest.mark.parametrize("text", [*SHOWN, *NOT_SHOWN])
def test_the_week_stays(client, store, text):
    before = put(store, text)
    fields = unchanged(client, "/setup/hours") if text in SHOWN else {}
    assert client.send("/setup/hours", **fields).status_code == 200
    assert settings_of(store) == before


@pytest.mark.parametrize("text", NOT_SHOWN)
def test_a_week_that_the_form_cannot_show(client, store, text):
    put(store, text)
    assert "schon eingetragen" in client.get("/setup/hours").text


def test_hours_leave_what_away_means(client, store):
    """Its form says nothing of it where the owner has taken it back."""
    simple = sample.SETTINGS.replace('away = "Feierabend"\n', "").replace('chain = ["on-call"]', 'chain = ["Anna"]')
    simple = re.sub(r"\[\[closure\]\].*?(?=\[holidays\])", "", simple, flags=re.DOTALL)
    hours = {"days": ["mon"], "rings": "4", "closed": "to:Anna", "holidays": "1", "to": "17:00"}
    said = "wenn Sie auf der Seite „Heute“ „Ich bin weg“ einschalten"
    store.save_settings(sample.settings_json(simple))
    assert said not in client.get("/setup/hours").text
    client.send("/setup/hours", **hours, **{"from": "08:00"})
    table = from_json(store.load_settings()[1]).timetable
    assert (f"{table.slot[0].from_:%H:%M}", table.away) == ("08:00", None)
    client.send("/setup/hours", **{**hours, "closed": "same"}, **{"from": "08:00"})
    assert said in client.get("/setup/hours").text
    client.send("/setup/hours", **hours, **{"from": "09:00"})
    table = from_json(store.load_settings()[1]).timetable
    assert table.away == table.otherwise
    assert said in client.get("/setup/hours").text
    client.send("/setup/hours", **hours, **{"from": "10:00"})
    assert from_json(store.load_settings()[1]).timetable.away == table.away


def test_no_text_is_promised_where_none_is_sent(client, store):
    simple = re.sub(r"\[\[closure\]\].*?(?=\[holidays\])", "", sample.SETTINGS, flags=re.DOTALL)
    simple = simple.replace('chain = ["on-call"]', 'chain = ["Anna"]')
    store.save_settings(sample.settings_json(simple))
    assert "Sie bekommen eine" in client.get("/setup/hours").text
    store.save_settings(sample.settings_json(simple + '[messages]\nmissed = "off"\n'))
    assert "Sie bekommen eine" not in client.get("/setup/hours").text
