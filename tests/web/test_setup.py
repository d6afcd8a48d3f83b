"""The set-up from the first page to the last, by one browser or several."""

from __future__ import annotations

import re

import msgspec
import pytest

from appliance import doorplate
from appliance.core.records import Attempt, CallRecord, Message
from appliance.core.settings import from_json
from appliance.store.changes import SaveCall, SaveMessage
from tests.web import sample
from web import claim as claiming
from web import machine
from web.pages.setup.whose import pin_field

PASSWORD = "Drei Worte Holz"
PIN = pin_field(sample.FOUND)


def settings_of(store):
    return from_json(store.load_settings()[1])


def claim(browser, password=PASSWORD):
    browser.send("/setup/language", language="de")
    browser.send("/setup/origin", origin="new")
    return browser.send("/setup/password", code=sample.CODE, password=password, again=password)


def up_to_modem(browser):
    claim(browser)
    browser.send("/setup/business", name="Tischlerei Muster", place="DE-BY", mobile="0151 12345678")
    return browser.send("/setup/modem", do="take", **{PIN: "1234"})


def up_to_test(browser):
    up_to_modem(browser)
    browser.send("/setup/modem")
    browser.send("/setup/connection", recipe="mobile", mobile_sim="0171 1234567")
    browser.send("/setup/targets", name_0="Büro Berlin", number_0="030 1111111", name_1="Anna", number_1="0172 1234567",
                 net="1")  # fmt: skip
    return browser.send("/setup/hours", days=["mon", "tue"], **{"from": "08:00", "to": "16:30"}, rings="3",
                        closed="to:Anna", holidays="1")  # fmt: skip


def test_the_whole_way(new_box, store):
    page = claim(new_box)
    assert page.request.path == "/setup/business"
    page = new_box.send("/setup/business", name="Tischlerei Muster", place="DE-BY", mobile="0151 12345678")
    assert page.request.path == "/setup/modem"
    assert "SIM7600E-H" in page.text
    assert "3 Versuche" in page.text
    page = new_box.send("/setup/modem", do="take", **{PIN: "1234"})
    settings = settings_of(store)
    assert (settings.line[0].pin, settings.line[0].port) == ("1234", "/dev/serial/by-id/usb-SimTech")
    assert settings.business.region == "BY"
    page = new_box.send("/setup/modem")
    assert page.request.path == "/setup/connection"
    page = new_box.send("/setup/connection", recipe="mobile", mobile_sim="0171 1234567")
    assert page.request.path == "/setup/targets"
    page = new_box.send(
        "/setup/targets", name_0="Büro Berlin", number_0="030 1111111", name_1="Anna", number_1="0172 1234567", net="1"
    )
    assert page.request.path == "/setup/hours"
    page = new_box.send(
        "/setup/hours", days=["mon", "tue"], **{"from": "08:00", "to": "16:30"}, rings="3", closed="to:Anna",
        holidays="1",
    )  # fmt: skip
    assert page.request.path == "/setup/test"
    settings = settings_of(store)
    assert [(target.name, target.number, target.ring_seconds) for target in settings.target] == [
        ("Büro Berlin", "+49301111111", 25), ("Anna", "+491721234567", 15)
    ]  # fmt: skip
    assert settings.line[0].number == "+491711234567"
    assert settings.line[0].safety_net == "Büro Berlin"
    assert settings.plan[0].answer_after_rings == 3
    assert settings.plan[0].chain == ("Büro Berlin", "Anna")
    assert settings.plan[1].chain == ("Anna",)
    assert settings.timetable.slot[0].days == ("mon", "tue")
    assert settings.timetable.otherwise == settings.timetable.away == settings.plan[1].name == settings.holidays.plan
    page = new_box.send("/setup/test", do="end")
    assert page.request.path == "/"
    assert new_box.get("/setup/").location == "/"


@pytest.mark.parametrize(
    ("recipe", "fields", "rings", "lines"),
    [
        ("diverted", {"landline": "089 1234567", "sim": "0171 1234567"}, 1, {"gsm": ("conference", "transfer")}),
        ("beside", {"landline": "089 1234567", "site": "speedport"}, 4,
         {"gsm": ("transfer", "conference"), "analog": ("flash",)}),
        ("beside-mobile", {"landline": "089 1234567", "sim": "0171 1234567"}, 4,
         {"gsm": ("transfer", "conference"), "analog": ("bridge",)}),
        ("mobile", {"sim": "0171 1234567"}, 4, {"gsm": ("transfer", "conference")}),
    ],
)  # fmt: skip
def test_recipes(new_box, store, recipe, fields, rings, lines):
    up_to_modem(new_box)
    page = new_box.send(
        "/setup/connection", recipe=recipe, **{f"{recipe}_{name}": value for name, value in fields.items()}
    )
    assert page.request.path == "/setup/targets"
    settings = settings_of(store)
    assert {line.kind: line.forward_by for line in settings.line} == lines
    assert settings.plan[0].answer_after_rings == rings
    assert settings.business.numbers == (("+49891234567",) if recipe == "diverted" else ())
    if recipe == "beside-mobile":
        assert settings.line[1].bridge_over == settings.line[0].name
    again = new_box.get("/setup/connection").text
    assert re.search(rf'id="recipe-{recipe}"[^>]* checked', again)


def test_another_browser_goes_on_where_the_first_stopped(new_box):
    up_to_modem(new_box)
    other = new_box.application.test_client()
    assert other.get("/setup/").location.startswith("/login")
    page = other.log_in(PASSWORD)
    assert page.request.path == "/setup/modem"
    assert 'lang="de"' in page.text
    page = other.send("/setup/modem")
    assert page.request.path == "/setup/connection"
    assert new_box.get("/setup/", follow_redirects=True).request.path == "/setup/connection"


def test_english_is_chosen_once_and_for_all(new_box, store):
    new_box.send("/setup/language", language="en")
    other = new_box.application.test_client()
    assert "Step" in other.get("/setup/origin", headers={"Accept-Language": "de"}).text
    new_box.send("/setup/origin", origin="new")
    new_box.send("/setup/password", code=sample.CODE, password=PASSWORD, again=PASSWORD)
    new_box.send("/setup/business", name="Joinery", place="DE-HH", mobile="0151 12345678")
    new_box.send("/setup/modem", do="take", **{PIN: "1234"})
    settings = settings_of(store)
    assert settings.business.language == "en"
    assert settings.plan[0].name == "open"


# --- presence and password ---------------------------------------------------------------------


@pytest.mark.parametrize("code", ["", "ABCD-2346", "0" * 10_000, "\x00", "ÄÖÜ"])
def test_nobody_claims_the_box_without_its_code(new_box, store, code):
    page = new_box.send("/setup/password", code=code, password=PASSWORD, again=PASSWORD)
    assert "Das ist nicht der Code" in page.text
    assert store.kept("page.password") is None


@pytest.mark.parametrize("path", ["/setup/password", "/restore/"])
@pytest.mark.parametrize(
    ("has_sheet", "has_image", "said"),
    [
        (True, False, ["auf dem Blatt", "Protokoll"]),
        (True, True, ["auf dem Blatt", "Protokoll"]),
        (False, True, ["Bildschirm", "die Datei rufweiche-setup-code.txt", "Protokoll"]),
        (False, False, ["Protokoll"]),
    ],
)
def test_where_the_code_is(new_box, state, tmp_path, monkeypatch, path, has_sheet, has_image, said):
    monkeypatch.setattr(machine, "RUN", tmp_path)
    if has_image:
        (tmp_path / "slot").write_text("A\n")
    if not has_sheet:
        (state / "setup-code").unlink()
    page = new_box.get(path, headers={"Accept-Language": "de"}).text
    places = ("auf dem Blatt", "Bildschirm", "die Datei rufweiche-setup-code.txt", "Protokoll")
    assert [place for place in places if place in page] == said
    assert doorplate.CODE_FILE == claiming.CARD_FILE


@pytest.mark.parametrize("code", ["abcd2345", " ABCD 2345 ", "ABCD–2345"])
def test_code_may_be_typed_in_any_way(new_box, store, code):
    new_box.send("/setup/password", code=code, password=PASSWORD, again=PASSWORD)
    assert store.kept("page.password").startswith("$argon2id$v=19$m=19456,t=2,")


def test_codes_are_not_tried_for_ever(new_box, watch):
    for _ in range(5):
        new_box.send("/setup/password", code="WRONG", password=PASSWORD, again=PASSWORD)
    answer = new_box.send("/setup/password", code=sample.CODE, password=PASSWORD, again=PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) == 2
    watch.forward(3)
    page = new_box.send("/setup/password", code=sample.CODE, password=PASSWORD, again=PASSWORD)
    assert page.request.path == "/setup/business"


@pytest.mark.parametrize(
    ("password", "again", "says"),
    [
        ("kurz", "kurz", "mindestens 8"),
        ("x" * 201, "x" * 201, "höchstens 200"),
        ("aaaaaaaaaa", "aaaaaaaaaa", "zuerst probiert"),
        ("Passwort1", "Passwort1", "zuerst probiert"),
        ("Drei Worte Holz", "Drei Worte Stein", "unterscheiden"),
    ],
)
def test_passwords_that_are_none(new_box, store, password, again, says):
    page = new_box.send("/setup/password", code=sample.CODE, password=password, again=again)
    assert says in page.text
    assert password not in page.text
    assert store.kept("page.password") is None


def test_code_is_worth_nothing_once_there_is_an_owner(new_box):
    claim(new_box)
    stranger = new_box.application.test_client()
    answer = stranger.send("/setup/password", code=sample.CODE, password="Meins jetzt!", again="Meins jetzt!")
    assert answer.request.path == "/login"
    assert stranger.log_in("Meins jetzt!").status_code == 403


def test_box_that_was_provisioned_only_needs_a_password(new_box, store):
    store.save_settings(sample.settings_json())
    page = new_box.send("/setup/password", code=sample.CODE, password=PASSWORD, again=PASSWORD)
    assert page.request.path == "/"


# --- what is wrong is said beside its field ----------------------------------------------------


def test_a_wrong_mobile(new_box):
    claim(new_box)
    page = new_box.send("/setup/business", name="Tischlerei", place="DE-BY", mobile="089 1234567")
    assert page.request.path == "/setup/business"
    assert re.search(r'id="mobile-mistake">.*?<span>[^<]*Mobil', page.text, re.DOTALL)
    assert 'value="Tischlerei"' in page.text


def test_a_wrong_pin(new_box, store):
    claim(new_box)
    new_box.send("/setup/business", name="Tischlerei", place="DE-BY", mobile="0151 12345678")
    page = new_box.send("/setup/modem", do="take", **{PIN: "12a4"})
    assert f'id="{PIN}-mistake"' in page.text
    assert store.load_settings() is None


def test_a_pin_is_for_the_modem_it_was_typed_for(new_box, state, store, watch):
    """Another one was plugged in before it was sent, and stands first in the list."""
    claim(new_box)
    page = new_box.send("/setup/business", name="Tischlerei", place="DE-BY", mobile="0151 12345678").text
    field = re.search(r'name="(pin_\w+)"', page)[1]
    other = {**sample.FOUND, "port": "/dev/serial/by-id/usb-Other", "imei": "861234500000002"}
    swapped = {**sample.FOUND, "imei": "861234500000003"}
    sample.show_live(state, watch.passed, [], found=[other, sample.FOUND])
    new_box.send("/setup/modem", do="take", **{field: "1234"})
    assert [(line.port, line.pin) for line in settings_of(store).line] == [
        (other["port"], None), (sample.FOUND["port"], "1234"),
    ]  # fmt: skip
    assert pin_field(swapped) != field


def test_pin_is_not_asked_for_when_few_tries_are_left(new_box, state, watch):
    claim(new_box)
    sample.show_live(state, watch.passed, [], found=[{**sample.FOUND, "pin_tries": 2}])
    page = new_box.send("/setup/business", name="Tischlerei", place="DE-BY", mobile="0151 12345678")
    assert "Weniger als drei Versuche" in page.text
    assert f'name="{PIN}"' not in page.text


def test_a_refused_pin_can_be_corrected(new_box, state, store, watch):
    up_to_modem(new_box)
    from appliance.core.problems import words

    line = {**sample.LINE, "name": settings_of(store).line[0].name, "state": "down",
            "problem": words("pin_refused", "de")}  # fmt: skip
    sample.show_live(state, watch.passed, [line])
    page = new_box.get("/setup/modem")
    assert "Wir haben sie einmal versucht" in page.text
    assert "1234" not in page.text
    new_box.send("/setup/modem", do="pin", line=line["name"], pin="4321")
    assert settings_of(store).line[0].pin == "4321"


def test_no_modem_is_no_dead_end(new_box, state, store, watch):
    claim(new_box)
    sample.show_live(state, watch.passed, [], found=[])
    page = new_box.send("/setup/business", name="Tischlerei", place="DE-BY", mobile="0151 12345678")
    assert "Noch kein Modem gefunden" in page.text
    new_box.send("/setup/modem", do="look")
    assert [one.kind for one in store.unanswered()] == ["look_for_modems"]
    page = new_box.send("/setup/modem", do="without")
    assert page.request.path == "/setup/connection"
    assert settings_of(store).line[0].port == "auto"


@pytest.mark.parametrize("number", ["110", "0900 123456", "**21*", "0171 1234567", "abc", "1" * 10_000])
def test_targets_that_are_never_dialled(new_box, store, number):
    up_to_modem(new_box)
    new_box.send("/setup/connection", recipe="mobile", mobile_sim="0171 1234567")
    page = new_box.send("/setup/targets", name_0="Falsch", number_0=number)
    assert page.request.path == "/setup/targets"
    assert 'id="number_0-mistake"' in page.text
    assert settings_of(store).target == ()


def test_hours_that_are_none(new_box):
    up_to_test(new_box)
    page = new_box.send("/setup/hours", days=[], **{"from": "25:00", "to": ""}, rings="99", closed="nobody")
    assert page.request.path == "/setup/hours"
    for field in ("days", "from", "to", "rings"):
        assert f'id="{field}-mistake"' in page.text, field


def test_renaming_a_target_keeps_what_refers_to_him(new_box, store):
    up_to_test(new_box)
    new_box.send("/setup/targets", name_0="Desk", number_0="030 1111111", old_0="Büro Berlin",
                 name_1="Berta", number_1="0172 1234567", old_1="Anna", net="1")  # fmt: skip
    settings = settings_of(store)
    assert settings.plan[0].chain == ("Desk", "Berta")
    assert settings.plan[1].chain == ("Berta",)
    assert settings.line[0].safety_net == "Desk"


def test_a_richer_week_is_left_alone(new_box, store):
    up_to_test(new_box)
    richer = sample.settings_json()
    store.save_settings(richer)
    assert "schon eingetragen" in new_box.get("/setup/hours").text
    new_box.send("/setup/hours")
    assert store.load_settings()[1] == richer


# --- the test call -----------------------------------------------------------------------------


def test_the_test_call_as_it_happens(new_box, state, store, watch):
    up_to_test(new_box)
    new_box.send("/setup/test", do="begin")
    (text,) = store.messages()
    assert (text.kind, text.to) == ("test", "+4915112345678")
    line = {**sample.LINE, "name": settings_of(store).line[0].name}

    def live(**call):
        sample.show_live(state, watch.passed, [{**line, "state": "in_call", "call": call}])
        return new_box.get("/setup/test/live").text

    assert "Klingeln 2 von 3" in live(caller="+4915112345678", rings=2, plan="offen", state="ringing")
    assert "0151\N{NO-BREAK SPACE}12345678" in live(caller="+4915112345678", rings=2, plan="offen", state="ringing")
    assert "Büro Berlin wird angerufen" in live(caller="+4915112345678", rings=3, plan="offen", state="calling")
    page = live(caller="+4915112345678", rings=3, plan="offen", state="connected")
    assert "es hat jemand abgenommen" in page
    assert "wird angerufen" not in page
    watch.forward(60)
    sample.show_live(state, watch.passed, [line])
    tried = [Attempt("Büro Berlin", "+49301111111", "conference", "busy", 0.0),
             Attempt("Anna", "+491721234567", "conference", "answered", 7.4)]  # fmt: skip
    store.write(
        SaveCall(CallRecord(1, line["name"], watch.now, "+4915112345678", rings=3, outcome="forwarded", target="Anna",
                            ended_at=watch.now, answered_at=watch.now, attempts=tried)),
    )  # fmt: skip
    text.state, text.sent_at = "delivered", watch.now
    store.write(SaveMessage(text))
    page = new_box.get("/setup/test/live").text
    for words in ("3-mal geklingelt, angenommen", "Büro Berlin besetzt, Anna nimmt nach 7 s ab", "verbunden mit Anna",
                  "Ende erkannt", "zugestellt"):  # fmt: skip
        assert words in page
    assert page.count("is-good") == 6


@pytest.mark.parametrize(
    ("changes", "says", "kind"),
    [
        ({"caller": None, "withheld": True, "outcome": "missed", "reason": "gave_up_ringing"}, "ohne Ihre Nummer",
         "careful"),
        ({"outcome": "missed", "reason": "gave_up_ringing", "rings": 1}, "nicht angenommen", "careful"),
        ({"outcome": "missed", "reason": "nobody_reached",
          "attempts": [Attempt("Anna", "+491721234567", "transfer", "refused", 0.0)]}, "das Netz lehnt Anna ab", "bad"),
        ({"outcome": "missed", "reason": "nobody_reached",
          "attempts": [Attempt("Anna", "+491721234567", "transfer", "no_answer", 15.2)]},
         "kam zu Ihnen zurück", "good"),
        ({"outcome": "missed", "reason": "line_lost"}, "Leitung ging während", "bad"),
    ],
)  # fmt: skip
def test_what_can_go_wrong_has_its_verdict(new_box, store, watch, changes, says, kind):
    up_to_test(new_box)
    new_box.send("/setup/test", do="begin")
    record = CallRecord(1, "x", watch.now, "+4915112345678", rings=3, ended_at=watch.now)
    for name, value in changes.items():
        setattr(record, name, value)
    store.write(SaveCall(record))
    page = new_box.get("/setup/test/live").text
    item = next(item for item in page.split("<li") if says in item)
    assert f"is-{kind}" in item


def test_the_test_call_goes_by_the_plan_that_applies(new_box, state, store, watch):
    up_to_test(new_box)
    new_box.send("/setup/hours", days=["mon"], **{"from": "08:00", "to": "16:30"}, rings="4", closed="nobody")
    open_, closed = settings_of(store).plan
    assert (open_.chain, closed.chain) == (("Büro Berlin", "Anna"), ())
    new_box.send("/setup/test", do="begin")
    live = "/setup/test/live"
    assert "4-mal klingeln, dann angenommen" in new_box.get(live).text
    watch.forward(6 * 3600)  # 20:05
    new_box.send("/setup/test", do="begin")
    page = new_box.get(live).text
    assert f"Jetzt gilt der Plan „{closed.name}“: Niemand wird angerufen" in page
    assert "Es klingelt, und das Gerät nimmt nicht ab" in page
    for promise in ("4-mal klingeln", "Büro Berlin wird angerufen", "verbunden"):
        assert promise not in page
    line = {**sample.LINE, "name": settings_of(store).line[0].name}
    call = {"caller": "+4915112345678", "rings": 5, "plan": closed.name, "state": "ringing"}
    sample.show_live(state, watch.passed, [{**line, "state": "ringing", "call": call}])
    page = new_box.get(live).text
    assert "5-mal geklingelt, nicht angenommen" in page
    assert f"Jetzt gilt der Plan „{closed.name}“" in page
    sample.show_live(state, watch.passed, [line])
    over = CallRecord(1, line["name"], watch.now, "+4915112345678", rings=12, plan=closed.name, outcome="missed",
                      reason="nobody_reached", ended_at=watch.now)  # fmt: skip
    store.write(SaveCall(over))
    watch.forward(12 * 3600)  # the other plan applies again
    page = new_box.get(live).text
    assert "12-mal geklingelt, nicht angenommen" in page
    assert f"Es galt der Plan „{closed.name}“: Niemand wurde angerufen" in page
    assert "Sie haben vor dem Klingeln" not in page
    assert "verbunden" not in page


@pytest.mark.parametrize(
    ("voice", "rings", "says", "says_not"),
    [
        (True, 2, "2-mal geklingelt, angenommen", "nicht angenommen"),
        (True, 1, "Sie haben vor dem Klingeln Nr. 2 aufgelegt", ", angenommen"),
        (False, 2, "2-mal geklingelt, nicht angenommen", "Sie haben vor"),
    ],
)
def test_the_test_call_that_hears_an_announcement(new_box, store, watch, voice, rings, says, says_not):
    up_to_test(new_box)
    data = msgspec.json.decode(sample.settings_json())
    data["plan"][0] |= {"chain": [], "otherwise": "announce", "answer_after_rings": 2}
    data["line"][0]["forward_by"] = ["bridge"] if voice else ["transfer"]
    store.save_settings(msgspec.json.encode(data))
    new_box.send("/setup/test", do="begin")
    record = CallRecord(1, "office", watch.now, "+4915112345678", rings=rings, plan="offen", outcome="missed",
                        reason="nobody_reached", ended_at=watch.now)  # fmt: skip
    store.write(SaveCall(record))
    page = new_box.get("/setup/test/live").text
    assert says in page
    assert says_not not in page
    assert "Es galt der Plan „offen“: Niemand wurde angerufen" in page


def test_fragments_say_only_what_is_new(new_box):
    up_to_test(new_box)
    new_box.send("/setup/test", do="begin")
    first = new_box.get("/setup/test/live")
    again = new_box.get("/setup/test/live", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_failed_text_is_shown(new_box, store):
    up_to_test(new_box)
    new_box.send("/setup/test", do="begin")
    (text,) = store.messages()
    assert isinstance(text, Message)
    reasons = {"kein Guthaben": "kein Guthaben", "no line can send texts": "keine Leitung kann SMS senden"}
    for error, said in reasons.items():
        text.state, text.error = "failed", error
        store.write(SaveMessage(text))
        assert said in new_box.get("/setup/test/live").text
