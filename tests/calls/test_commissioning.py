"""The guide finds out, call by call, what a simulated exchange wants."""

import click
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from appliance import announcer, status
from appliance import commissioning as guide_module
from appliance.commissioning import Guide
from appliance.core.errors import RufweicheError, UserError
from appliance.core.settings import Site, from_json, to_json
from appliance.core.settings_check import check
from appliance.ports import clock
from appliance.simulator.linedevices import ParallelPhone
from appliance.simulator.phones import Target
from appliance.store.database import Store
from tests.calls.conftest import CALLER, DESK, LINE
from tests.calls.voice_box import PEOPLE, STICK, VoiceBox, analog, gsm

WRONG = {"flash_ms": 300, "complete": "on-hook", "fetch_back": "flash", "prefix": "0"}
SEEN = "0" + CALLER.removeprefix("+49")
PLAN = [{"name": "open", "answer_after_rings": 2, "chain": ["desk"]}]


class Installer:
    """Does what the guide says, and hears what there is to hear."""

    def __init__(self, box):
        self.box, self.said, self.asked = box, [], []
        self.answers = lambda question: True
        self.target = Target(DESK, "answers", 3.0, 15.0)
        self.number = CALLER
        self.other_phone = None

    def say(self, text):
        self.said.append(text)
        if "zweimal klingeln" in text:
            self.box.call(self.number, gives_up_after=8.0)
        elif "dieses andere Telefon" in text:
            self.lift_the_other()
        elif "Am Ziel bitte abheben" in text:
            self.box.exchange.set_target(self.target)
            self.box.call(CALLER, patience=60.0, talks_for=20.0)
        elif "NICHT" in text:
            self.box.exchange.set_target(Target(DESK, "busy"))
            self.box.call(CALLER, patience=40.0, talks_for=20.0)

    def lift_the_other(self):
        self.box.call(CALLER, gives_up_after=30.0)
        if self.other_phone:
            self.box.exchange.agenda.after(7.0, self.other_phone.lift)
            self.box.exchange.agenda.after(15.0, self.other_phone.put_down)

    def ask(self, question):
        self.asked.append(question)
        return self.answers(question)

    def heard(self, words):
        """Whether the guide has said so."""
        return any(words in text for text in self.said)

    def guide(self, line="office"):
        return Guide(self.box.folder, line, self.say, self.ask, self.box.run, clock.monotonic, self.box.world.wall)


@pytest.fixture
def make(tmp_path, monkeypatch):
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    monkeypatch.setattr(status, "boot_id", lambda: "this boot")
    monkeypatch.setattr(announcer, "speaks", lambda settings: False)  # nobody listens to announcements here
    boxes = []

    def make(site, settings, rings=2, family="conexant", **line):
        office = analog("office", "/dev/ttyACM0", LINE, site=settings, **line)
        plan = [{"name": "open", "answer_after_rings": rings, "chain": ["desk"]}]
        lines = [office, gsm("stick", "/dev/ttyUSB9", STICK)] if "bridge_over" in line else [office]
        box = VoiceBox(tmp_path / "state", {**PEOPLE, "plan": plan, "line": lines}, (family, "simcom"), site)
        boxes.append(box)
        return Installer(box.ready())

    yield make
    for box in boxes:
        box.kill()


def stored(box):
    return from_json(box.store.load_settings()[1]).line[0].site


def ears(installer, complete="flash 4", fetch_back="flash 1", **others):
    """What ears tell: connected only where these keys complete, and there again only after those."""
    others = {"Hat das Telefon am Ziel geklingelt": True, "Hat dort jemand abgehoben": False, **others}

    def answer(question):
        if "miteinander sprechen" in question:
            return stored(installer.box).complete == complete
        if "noch da" in question:
            return stored(installer.box).fetch_back == fetch_back
        return next((said for words, said in others.items() if words in question), True)

    return answer


def test_a_pbx_that_nobody_knows(make):
    installer = make("pbx-code", WRONG)
    installer.answers = ears(installer)
    assert installer.guide().run()
    found = stored(installer.box)
    assert (found.complete, found.fetch_back, found.prefix) == ("flash 4", "flash 1", "0")
    assert 50 <= found.flash_ms <= 150
    assert installer.heard("300 ms: nichts") and installer.heard(f"{found.flash_ms} ms: Wählton")
    assert any('complete = "flash 4"' in question for question in installer.asked)
    assert installer.said[-1] == "✓ Gespeichert."


def test_the_length_of_the_flash_costs_no_call_of_its_own(make):
    installer = make("pbx", {**WRONG, "fetch_back": "flash"})
    installer.answers = ears(installer, "on-hook", "flash")
    assert installer.guide().run()
    assert len(installer.box.calls) == 2


def test_not_stored_without_a_yes(make):
    installer = make("fritzbox", {"flash_ms": 300, "fetch_back": "flash 1"})
    installer.answers = ears(installer, "on-hook", speichern=False)
    assert installer.guide().run()
    assert stored(installer.box) == Site(flash_ms=300)
    assert installer.said[-1] == "Die Einstellungen sind wie zuvor."


def test_a_line_without_a_flash(make):
    installer = make("exchange", {"flash_ms": 90})
    assert not installer.guide().run()
    assert stored(installer.box) == Site(flash_ms=90)
    assert len(installer.box.calls) == 1, "all lengths in one call"
    assert [text for text in installer.said if "ms: nichts" in text]
    assert installer.heard("Die Einstellungen sind wie zuvor")
    installer.box.run(5)
    assert not installer.box.module.off_hook


def test_the_digit_that_leads_outside_is_found(make):
    installer = make("pbx", {"fetch_back": "flash", "prefix": ""})
    installer.answers = ears(
        installer, "on-hook", "flash", **{"Hat das Telefon am Ziel geklingelt": False}
    )  # fmt: skip
    assert installer.guide().run()
    assert stored(installer.box).prefix == "0"


def test_when_nothing_works_the_settings_are_as_before(make):
    installer = make("pbx-code", WRONG)
    installer.answers = lambda question: False
    assert not installer.guide().run()
    assert stored(installer.box) == Site(**WRONG)
    assert "Die Einstellungen sind wie zuvor" in installer.said[-1]


def test_what_does_not_work_is_not_offered_to_be_stored(make):
    installer = make("fritzbox", WRONG)
    installer.answers = lambda question: "miteinander sprechen" not in question
    assert not installer.guide().run()
    assert not [question for question in installer.asked if "speichern" in question]
    assert stored(installer.box) == Site(**WRONG)


def test_another_way_to_forward_does_not_hide_that_the_flash_fails(make):
    installer = make("exchange", "exchange", forward_by=["bridge", "flash"], bridge_over="stick")
    assert not installer.guide().run()
    assert installer.heard("90 ms: nichts")
    with Store.open(installer.box.folder) as store:
        line = from_json(store.load_settings()[1]).line[0]
    assert (line.forward_by, line.site) == (("bridge", "flash"), "exchange")


def test_broken_off_while_a_call_is_awaited_nothing_is_tried_any_more(make):
    installer = make("fritzbox", WRONG)
    said = installer.say

    def gives_up(text):
        said(text)
        if "2. Weiterleiten" in text:
            installer.box.run(3)
            assert installer.box.engine.seats[0].driver.trial is not None
            raise KeyboardInterrupt

    installer.say = gives_up
    with pytest.raises(KeyboardInterrupt):
        installer.guide().run()
    installer.box.until(lambda: installer.box.line["state"] == "ready", 200)
    installer.box.run(5)
    assert installer.box.engine.seats[0].driver.trial is None
    assert stored(installer.box) == Site(**WRONG)


def test_what_the_page_stores_in_the_same_moment_is_not_lost(make, monkeypatch):
    installer = make("pbx-code", WRONG)
    installer.answers = lambda question: False
    turns = []

    def meanwhile(settings):
        turns.append(1)
        if len(turns) == 1:
            now = from_json(installer.box.store.load_settings()[1])
            business = replace(now.business, name="Schreinerei Neu")
            installer.box.store.save_settings(to_json(replace(now, business=business)))
        return to_json(settings)

    monkeypatch.setattr(guide_module, "to_json", meanwhile)
    assert not installer.guide().run()
    assert from_json(installer.box.store.load_settings()[1]).business.name == "Schreinerei Neu"
    assert stored(installer.box) == Site(**WRONG)


def test_broken_off_the_settings_are_as_before(make):
    installer = make("fritzbox", WRONG)

    def gives_up(question):
        raise KeyboardInterrupt

    installer.answers = gives_up
    with pytest.raises(KeyboardInterrupt):
        installer.guide().run()
    assert stored(installer.box) == Site(**WRONG)


def test_a_preset_that_fits_keeps_its_name_and_the_safety_net_is_proved(make):
    installer = make("fritzbox", "fritzbox", safety_net="desk")
    installer.box.until(lambda: len(installer.box.line["diversions"]) == 2, 120)
    assert installer.guide().run()
    assert stored(installer.box) == "fritzbox"
    assert installer.heard("Gewählt wurde *67*")
    assert installer.heard("Gewählt wurde *61*")
    assert [one["confirmed"] for one in installer.box.line["diversions"]] == [True, True]
    assert len([question for question in installer.asked if "Klingelt es bei" in question]) == 2


def test_a_diversion_that_does_not_stand_is_set_again(make):
    installer = make("fritzbox", "fritzbox", safety_net="desk")
    installer.box.until(lambda: len(installer.box.line["diversions"]) == 2, 120)
    installer.answers = lambda question: "Klingelt es bei" not in question
    assert installer.guide().run()
    assert installer.heard("Die Umleitung besteht nicht")
    installer.box.until(lambda: len(installer.box.line["diversions"]) == 2, 120)
    assert [one["confirmed"] for one in installer.box.line["diversions"]] == [False, False]


# --- rings, numbers, other phones --------------------------------------------------------------------


def test_rings_and_number_are_seen_before_anything_is_forwarded(make):
    installer = make("fritzbox", "fritzbox", rings=4)
    installer.answers = lambda question: "anderes Telefon" not in question
    assert installer.guide().run()
    assert installer.said[2:4] == ["✓ 2-mal Klingeln gezählt.", f"✓ Rufnummer erkannt: {SEEN}."]
    assert not installer.heard("dieses andere Telefon")


def test_another_phone_that_is_lifted_first(make):
    installer = make("fritzbox", "fritzbox", rings=4)
    installer.other_phone = ParallelPhone(installer.box.subscriber)
    assert installer.guide().run()
    assert installer.heard("merkt, wenn hier jemand abnimmt")
    assert [call.outcome for call in installer.box.calls][-2:] == ["answered_here", "missed"]


def test_another_phone_that_is_not_noticed(make):
    installer = make("fritzbox", "fritzbox", rings=4)
    installer.answers = lambda question: True  # but nobody lifts it
    installer.lift_the_other = lambda: installer.box.call(CALLER, gives_up_after=8.0)
    assert installer.guide().run()
    assert installer.heard("nicht sicher bemerkt")


def test_where_the_box_answers_soon_the_next_call_shows_the_number(make):
    installer = make("fritzbox", "fritzbox", rings=2)
    assert installer.guide().run()
    assert installer.said[1].startswith("1. Klingeln und Rufnummer zeigen sich")
    assert installer.heard(f"✓ Rufnummer erkannt: {SEEN}.")


def test_a_number_that_comes_after_the_box_has_answered(make):
    installer = make("fritzbox", "fritzbox", rings=1)
    assert installer.guide().run()
    assert installer.heard("die Rufnummer kommt meist erst danach")


def test_a_line_that_brings_no_numbers(make):
    installer = make("fritzbox", "fritzbox", rings=4)
    installer.number = None
    assert installer.guide().run()
    assert installer.heard("Ihre Rufnummer war unterdrückt")


# --- when it cannot be done --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "answer"), [("j", True), ("Ja", True), ("y", True), ("n", False), ("nein", False), ("was?\n\nno", False)]
)
@pytest.mark.parametrize("language", ["de", "en"])
def test_yes_and_no_are_understood_in_both_languages(language, typed, answer):
    with CliRunner().isolation(input=f"{typed}\n"):
        assert guide_module.ask_at_the_terminal(language, "Konnten Sie sprechen?") is answer


def test_nobody_there_to_answer():
    with CliRunner().isolation(input=""), pytest.raises(click.Abort):
        guide_module.ask_at_the_terminal("de", "Konnten Sie sprechen?")


def test_nobody_calls(make, monkeypatch):
    installer = make("fritzbox", "fritzbox")
    monkeypatch.setattr(guide_module, "CALL_WITHIN", 0.0)
    with pytest.raises(RufweicheError, match="Dreimal kam kein Anruf an"):
        installer.guide().run()
    assert sum("Es kam kein Anruf an" in text for text in installer.said) == 3


@pytest.mark.parametrize(
    ("line", "more"),
    [("cellar", {}), ("stick", {}), ("office", {"forward_by": ["bridge"], "bridge_over": "stick"})],
)
def test_lines_that_cannot_be_tried(tmp_path, line, more):
    stick = {"name": "stick", "kind": "gsm", "port": "/dev/ttyUSB9", "number": "+4915199999998"}
    office = analog("office", "/dev/ttyACM0", LINE, **more)
    with Store.open(tmp_path, create=True) as store:
        store.save_settings(to_json(check({**PEOPLE, "plan": PLAN, "line": [office, stick]}).settings))
    with pytest.raises(UserError):
        Guide(tmp_path, line)


def test_without_an_engine(make):
    installer = make("fritzbox", "fritzbox")
    installer.box.live.close()
    with pytest.raises(RufweicheError, match="Der Dienst läuft nicht"):
        installer.guide().run()
