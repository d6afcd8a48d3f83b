"""The whole set-up in Chromium, to a call that is forwarded: on a phone and a desk, by keyboard, without scripts."""

from __future__ import annotations

import pytest

from appliance.core.settings import from_json
from appliance.store.database import Store
from tests.browser.conftest import started
from tests.browser.page import SIZES, Page
from tests.web import sample

PASSWORD = "Drei Worte Holz"
WORDS = {
    "de": {
        "continue": "Weiter", "use": "Dieses verwenden", "begin": "Probeanruf beginnen", "done": "Fertig",
        "found": "Gefunden", "ready": "bereit", "ended": "Ende erkannt, Leitung wieder frei",
        "connected": "verbunden mit Büro Berlin", "all": "Alles bereit", "login": "Anmelden", "text": "gesendet",
    },
    "en": {
        "continue": "Continue", "use": "Use this", "begin": "Begin the test call", "done": "Done",
        "found": "Found", "ready": "ready", "ended": "end noticed, line free again",
        "connected": "connected with Büro Berlin", "all": "All ready", "login": "Log in", "text": "sent",
    },
}  # fmt: skip


class Walk:
    """One way through the set-up; looks at every page on the way."""

    def __init__(self, page: Page, language: str, name: str, scripts: bool = True) -> None:
        self.page, self.language, self.words, self.name, self.scripts = page, language, WORDS[language], name, scripts

    def look(self, step: str) -> None:
        self.page.picture(f"setup-{self.name}-{step}")
        for theme in ("dark", "light"):
            self.page.theme(theme)
            assert self.page.faults() == [], f"{step}, {theme}"

    def go_on(self) -> None:
        self.page.press(self.words["continue"])

    def to_the_modem(self, address: str) -> None:
        page = self.page
        page.speak(self.language)
        page.open(f"{address}/")
        assert page.path == "/setup/language"
        self.look("1-language")
        page.choose("language", self.language)
        self.go_on()
        self.look("2-origin")
        self.go_on()
        page.fill("code", sample.CODE)
        page.fill("password", PASSWORD)
        page.fill("again", PASSWORD)
        self.look("3-password")
        self.go_on()
        page.fill("name", "Tischlerei Muster")
        page.choose("place", "DE-BY")
        page.fill("mobile", "0151 12345678")
        self.look("4-business")
        self.go_on()
        assert page.path == "/setup/modem"

    def the_modem(self) -> None:
        page, words = self.page, self.words
        page.wait_for(words["found"], 40, reload=not self.scripts)
        self.look("5-modem-found")
        page.press(words["use"])
        page.wait_for(words["ready"], 40, reload=not self.scripts)
        self.look("5-modem")
        self.go_on()

    def to_the_test(self) -> None:
        page = self.page
        page.choose("recipe", "mobile")
        page.fill("mobile_sim", "0171 1234567")
        self.look("6-connection")
        self.go_on()
        page.fill("name_0", "Büro Berlin")
        page.fill("number_0", "030 1111111")
        self.look("7-targets")
        self.go_on()
        page.fill("rings", "2")
        page.choose("closed", "same")
        self.look("8-hours")
        self.go_on()
        assert page.path == "/setup/test"
        self.look("9-test")

    def the_test(self, new_box) -> None:
        page, words = self.page, self.words
        page.press(words["begin"])
        new_box.call()
        page.wait_for(words["connected"], 60, reload=not self.scripts)
        page.wait_for(words["ended"], 60, reload=not self.scripts)
        page.wait_for(words["text"], 60, reload=not self.scripts)
        self.look("9-test-done")
        page.press(words["done"])
        assert page.path == "/"
        page.wait_for(words["all"], reload=not self.scripts)
        self.look("10-today")


def check(new_box) -> None:
    """What the set-up was for: settings, and a call that was forwarded."""
    with Store.open(new_box.state) as store:
        settings = from_json(store.load_settings()[1])
        (call,) = store.calls()
    assert settings.target[0].number == "+49301111111"
    assert settings.plan[0].answer_after_rings == 2
    assert (call.outcome, call.target, call.caller) == ("forwarded", "Büro Berlin", "+4915112345678")


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_whole_way(browser, new_box, language, size):
    browser.size(*size)
    walk = Walk(browser, language, language)
    with new_box.running() as address:
        walk.to_the_modem(address)
        walk.the_modem()
        walk.to_the_test()
        walk.the_test(new_box)
        check(new_box)


def test_by_keyboard_alone(browser, new_box):
    browser.by_keyboard = True
    browser.size(1280, 800)
    walk = Walk(browser, "de", "keyboard")
    with new_box.running() as address:
        walk.to_the_modem(address)
        walk.the_modem()
        walk.to_the_test()
        walk.the_test(new_box)
        check(new_box)


def test_without_scripts(browser, new_box):
    browser.scripts(False)
    walk = Walk(browser, "de", "no-scripts", scripts=False)
    with new_box.running() as address:
        walk.to_the_modem(address)
        walk.the_modem()
        walk.to_the_test()
        walk.the_test(new_box)
        check(new_box)


def test_a_second_browser_goes_on_in_the_middle(browser, new_box, tmp_path):
    walk = Walk(browser, "de", "second")
    with new_box.running() as address:
        walk.to_the_modem(address)
        with started(tmp_path / "second") as driver:
            second = Walk(Page(driver), "de", "second")
            second.page.size(1280, 800)
            second.page.open(f"{address}/")
            assert second.page.path.startswith("/login")
            second.page.fill("password", PASSWORD)
            second.page.press(WORDS["de"]["login"])
            assert second.page.path == "/setup/modem"
            second.the_modem()
            second.to_the_test()
            browser.open(f"{address}/")  # the first one is not stuck where it was
            assert browser.path == "/setup/test"
            walk.the_test(new_box)
            second.page.open(f"{address}/")
            assert second.page.path == "/"
        check(new_box)
