"""Forms about settings that somebody else changes meanwhile: nothing typed is lost, and nothing else is changed."""

from __future__ import annotations

import html
import re

import pytest
from msgspec.structs import replace

from appliance.core.settings import from_json, to_json
from tests.web import sample
from web import changes

MEANWHILE = "inzwischen in einem anderen Browser geändert"
SLOTS = sample.SETTINGS.replace(
    "[[closure]]",
    '[[timetable.slot]]\ndays = ["sat"]\nfrom = "08:00"\nto = "12:00"\nplan = "offen"\n'
    '[[closure]]\nname = "Brückentag"\nfrom = 2026-11-27\nto = 2026-11-27\nplan = "Feierabend"\n[[closure]]',
    1,
)

TWO_LINES = SLOTS.replace("[[target]]", '[[line]]\nname = "second"\nkind = "gsm"\nport = "/dev/ttyUSB9"\n[[target]]', 1)


def settings(store):
    return from_json(store.load_settings()[1])


def put(store, old, **changes):
    store.save_settings(to_json(replace(old, **changes)))


def renamed(store):
    """Another browser changes something else."""
    old = settings(store)
    put(store, old, business=replace(old.business, name="Schreinerei Neu"))


def form(page, action):
    """The fields of the form that is sent to `action`, as a browser would send them again."""
    text = re.search(rf'<form [^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', page, re.DOTALL)[1]
    fields = {}
    for tag in re.findall(r"<input [^>]*>", text):
        name, value = (re.search(rf' {one}="([^"]*)"', tag) for one in ("name", "value"))
        if not re.search(r'type="(checkbox|radio)"', tag) or " checked" in tag:
            fields.setdefault(name[1], []).append(html.unescape(value[1]) if value else "")
    for name, options in re.findall(r'<select [^>]*name="([^"]+)".*?>(.*?)</select>', text, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        fields[name] = html.unescape(chosen[1])
    for name, value in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', text, re.DOTALL):
        fields[name] = html.unescape(value)
    return fields


FORMS = [
    ("/week/slot/0", "/week/slot/0", {"days": ["mon"], "from": "06:15", "to": "11:45"},
     lambda found: f"{found.timetable.slot[0].from_:%H:%M}" == "06:15"),
    ("/week/slot/new", "/week/slot/new", {"days": ["sun"], "from": "06:15", "to": "11:45"},
     lambda found: len(found.timetable.slot) == 3),
    ("/week/closure/1", "/week/closure/1", {"name": "Inventur"}, lambda found: found.closure[1].name == "Inventur"),
    ("/week/", "/week/rest", {"otherwise": "offen", "away": ""}, lambda found: found.timetable.otherwise == "offen"),
    ("/week/", "/week/holidays", {"plan": "offen", "local": ["assumption"]},
     lambda found: found.holidays.plan == "offen" and found.business.local_holidays == ("assumption",)),
    ("/targets/1", "/targets/1", {"ring_seconds": "13"}, lambda found: found.target[1].ring_seconds == 13),
    ("/targets/plan/0", "/targets/plan/0", {"rings": "6"}, lambda found: found.plan[0].answer_after_rings == 6),
    ("/roster/0", "/roster/0", {"to": "2026-11-28T12:00"}, lambda found: found.roster[0].to.day == 28),
    ("/callers/rule/1", "/callers/rule/1", {"name": "Zeitungswerber"},
     lambda found: found.caller[1].name == "Zeitungswerber"),
    ("/callers/", "/callers/rules", {"withheld": "blocked", "blocked": "hang-up"},
     lambda found: found.callers.withheld == "blocked" and found.callers.blocked == "hang-up"),
    ("/system/line/0", "/system/line/0", {"minutes": "77"}, lambda found: found.line[0].max_call_minutes == 77),
    ("/settings/messages", "/settings/messages", {"at_most_per_day": "17"},
     lambda found: found.messages.at_most_per_day == 17),
    ("/settings/messages", "/settings/notify", {"email_to": "meister@example.de", "host": "smtp.example.de"},
     lambda found: found.notify.email.host == "smtp.example.de"),
    ("/settings/costs", "/settings/costs", {"text_ct": "8,5"}, lambda found: found.costs.text_ct == 8.5),
    ("/texts/wording", "/texts/wording/reply", {"reply_text": "Wir rufen zurück."},
     lambda found: found.messages.reply_text == "Wir rufen zurück."),
    ("/texts/wording", "/texts/wording/voice", {"hold": "Einen Moment."},
     lambda found: found.voice.hold == "Einen Moment."),
    ("/privacy/", "/privacy/keep", {"keep_days": "33"}, lambda found: found.messages.keep_days == 33),
]  # fmt: skip


@pytest.mark.parametrize(("path", "action", "typed", "is_done"), FORMS, ids=[one[1] for one in FORMS])
def test_what_was_typed_is_still_there(client, store, path, action, typed, is_done):
    store.save_settings(sample.settings_json(SLOTS))
    first = client.get(path).text
    fields = {**form(first, action), **typed}
    renamed(store)
    before = store.load_settings()
    page = client.send(action, **fields).text
    assert MEANWHILE in page
    assert page.count("aria-current=") == first.count("aria-current=")
    assert store.load_settings() == before
    again = form(page, action)
    for name, value in typed.items():
        assert again.get(name, "") in (value, [value]), name
    assert "Gespeichert." in client.send(action, **again).text
    assert is_done(settings(store))
    assert settings(store).business.name == "Schreinerei Neu"


ABOUT_ONE = [
    ("/week/slot/1", lambda found: {"timetable": replace(found.timetable, slot=found.timetable.slot[1:])},
     {"from": "09:30"}, "/week/slot/0", lambda found: f"{found.timetable.slot[0].from_:%H:%M}" == "09:30"),
    ("/week/closure/1", lambda found: {"closure": found.closure[1:]},
     {"name": "Inventur"}, "/week/closure/0", lambda found: found.closure[0].name == "Inventur"),
    ("/targets/1", lambda found: {"target": found.target[::-1]},
     {"ring_seconds": "13"}, "/targets/0", lambda found: found.target[0].ring_seconds == 13),
    ("/targets/plan/1", lambda found: {"plan": found.plan[::-1]},
     {"rings": "7"}, "/targets/plan/0", lambda found: found.plan[0].answer_after_rings == 7),
    ("/callers/rule/1", lambda found: {"caller": found.caller[1:]},
     {"name": "Zeitungswerber"}, "/callers/rule/0", lambda found: found.caller[0].name == "Zeitungswerber"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "other", "typed", "moved_to", "is_done"), ABOUT_ONE, ids=[one[0] for one in ABOUT_ONE]
)
def test_a_form_goes_on_being_about_the_same_thing(client, store, path, other, typed, moved_to, is_done):
    store.save_settings(sample.settings_json(SLOTS))
    fields = {**form(client.get(path).text, path), **typed}
    old = settings(store)
    put(store, old, **other(old))
    page = client.send(path, **fields).text
    assert MEANWHILE in page
    assert "Gespeichert." in client.send(moved_to, **form(page, moved_to)).text
    assert is_done(settings(store))


@pytest.mark.parametrize(
    ("path", "table", "typed", "new"),
    [
        ("/week/closure/1", "closure", {"name": "Inventur"}, "/week/closure/new"),
        ("/roster/0", "roster", {"to": "2026-11-28T12:00"}, "/roster/new"),
    ],
)
def test_what_was_removed_meanwhile_is_added_anew(client, store, path, table, typed, new):
    store.save_settings(sample.settings_json(SLOTS))
    fields = {**form(client.get(path).text, path), **typed}
    old = settings(store)
    put(store, old, **{table: ()})
    page = client.send(path, **fields).text
    assert "nicht mehr so da, wie es war" in page
    assert "Gespeichert." in client.send(new, **form(page, new)).text
    assert len(getattr(settings(store), table)) == 1


@pytest.mark.parametrize(
    ("path", "table", "said"),
    [
        ("/system/line/1", "line", "Diese Leitung wurde inzwischen"),
        ("/callers/rule/1", "caller", "Diese Regel wurde inzwischen"),
    ],
)
def test_what_cannot_be_added_anew(client, store, path, table, said):
    store.save_settings(sample.settings_json(TWO_LINES))
    fields = form(client.get(path).text, path)
    old = settings(store)
    put(store, old, **{table: getattr(old, table)[:1]})
    before = store.load_settings()
    assert said in client.send(path, **fields).text
    assert store.load_settings() == before


@pytest.mark.parametrize("path", ["/week/slot/1", "/targets/1", "/targets/plan/1", "/roster/0", "/callers/rule/1"])
def test_nothing_else_is_removed(client, store, path):
    old = settings(store)
    version = store.load_settings()[0]
    renamed(store)
    assert "noch einmal" in client.send(path, do="remove", version=version).text
    assert replace(settings(store), business=old.business) == old


def test_a_mistake_in_an_old_form_does_not_make_it_a_new_one(client, store):
    fields = {**form(client.get("/roster/0").text, "/roster/0"), "to": "2020-01-01T00:00"}
    renamed(store)
    page = client.send("/roster/0", **fields).text
    assert "Das Ende muss nach dem Beginn liegen." in page
    page = client.send("/roster/0", **{**form(page, "/roster/0"), "to": "2026-11-28T12:00"}).text
    assert MEANWHILE in page


def test_secrets_are_asked_for_again(client, store):
    fields = {**form(client.get("/system/line/0").text, "/system/line/0"), "pin": "4711"}
    renamed(store)
    page = client.send("/system/line/0", **fields).text
    assert "Kennwörter, PINs, Codewort und Webadresse geben Sie bitte noch einmal ein." in page
    assert "4711" not in page


GONE = [
    ("/week/slot/0", "/week/slot/0", "plan"), ("/week/closure/1", "/week/closure/1", "plan"),
    ("/week/", "/week/rest", "otherwise"), ("/week/", "/week/rest", "away"), ("/week/", "/week/holidays", "plan"),
    ("/callers/rule/1", "/callers/rule/1", "plan"), ("/callers/", "/callers/rules", "withheld"),
    ("/settings/costs", "/settings/costs", "cap_plan"), ("/roster/0", "/roster/0", "target"),
    ("/system/line/0", "/system/line/0", "safety_net"), ("/targets/plan/1", "/targets/plan/1", "chain_0"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "action", "field"), GONE, ids=[f"{one[1]} {one[2]}" for one in GONE])
def test_a_choice_that_is_gone_is_not_another_one(client, store, path, action, field):
    """What was chosen has another name by now: it stays chosen, and is refused."""
    store.save_settings(sample.settings_json(SLOTS))
    fields = {**form(client.get(path).text, action), field: "Winter"}
    renamed(store)
    before = store.load_settings()
    page = client.send(action, **fields).text
    assert MEANWHILE in page
    assert form(page, action)[field] == "Winter"
    page = client.send(action, **form(page, action)).text
    assert 'class="mistake"' in page
    assert form(page, action)[field] == "Winter"
    assert store.load_settings() == before


RACED = [
    ("/callers/rule/1", "caller", {"name": "Zeitungswerber"}, "/callers/rule/0",
     lambda found: [one.name for one in found.caller] == ["Zeitungswerber"], "Diese Regel wurde inzwischen"),
    ("/system/line/1", "line", {"minutes": "77"}, "/system/line/0",
     lambda found: [one.max_call_minutes for one in found.line] == [77], "Diese Leitung wurde inzwischen"),
]  # fmt: skip


@pytest.fixture
def meanwhile(monkeypatch):
    """What another browser does while the settings of this one are being checked, once."""
    waiting = []
    check = changes.check

    def checking(data):
        while waiting:
            waiting.pop()()
        return check(data)

    monkeypatch.setattr(changes, "check", checking)
    return waiting.append


@pytest.mark.parametrize(("path", "table", "typed", "moved_to", "is_done", "gone"), RACED, ids=["rule", "line"])
def test_another_browser_saves_during_the_check(client, store, meanwhile, path, table, typed, moved_to, is_done, gone):
    store.save_settings(sample.settings_json(TWO_LINES))
    fields = {**form(client.get(path).text, path), **typed}
    old = settings(store)
    meanwhile(lambda: put(store, old, **{table: getattr(old, table)[1:]}))
    page = client.send(path, **fields).text
    assert MEANWHILE in page
    assert "Gespeichert." in client.send(moved_to, **form(page, moved_to)).text
    assert is_done(settings(store))


@pytest.mark.parametrize(("path", "table", "typed", "moved_to", "is_done", "gone"), RACED, ids=["rule", "line"])
def test_another_browser_removes_it_during_the_check(
    client, store, meanwhile, path, table, typed, moved_to, is_done, gone
):
    store.save_settings(sample.settings_json(TWO_LINES))
    fields = {**form(client.get(path).text, path), **typed}
    old = settings(store)
    meanwhile(lambda: put(store, old, **{table: getattr(old, table)[:1]}))
    assert gone in client.send(path, **fields).text
    assert getattr(settings(store), table) == getattr(old, table)[:1]


def test_a_name_with_more_than_one_blank_is_found_again(client, store):
    """The mark of a thing is compared as it was sent."""
    store.save_settings(sample.settings_json(SLOTS))
    old = settings(store)
    put(store, old, line=(replace(old.line[0], name="zwei  Blanks"),))
    fields = {**form(client.get("/system/line/0").text, "/system/line/0"), "minutes": "77"}
    renamed(store)
    page = client.send("/system/line/0", **fields).text
    assert MEANWHILE in page
    assert "inzwischen in einem anderen Browser entfernt" not in page
    assert form(page, "/system/line/0")["minutes"] == ["77"]


def test_ticks_to_forget_are_still_there(client, store):
    old = from_json(sample.settings_json(SLOTS))  # with a PIN
    put(store, old, messages=replace(old.messages, command_code="hobel"))
    for path, action, tick in (
        ("/system/line/0", "/system/line/0", "forget_pin"),
        ("/settings/messages", "/settings/messages", "forget_command_code"),
    ):
        fields = {**form(client.get(path).text, action), tick: "1"}
        renamed(store)
        page = client.send(action, **fields).text
        assert MEANWHILE in page
        assert form(page, action)[tick] == ["1"]
        assert "Gespeichert." in client.send(action, **form(page, action)).text
    assert settings(store).messages.command_code is None
    assert settings(store).line[0].pin is None
