"""The owner's daily business by keyboard alone and without scripts: the week, the chain of a plan, a call."""

from __future__ import annotations

import pytest
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By

from tests.browser.page import SIZES
from tests.web import sample


@pytest.fixture(params=SIZES, ids=["phone", "desk"])
def owner(request, browser, workshop):
    browser.size(*request.param)
    browser.scripts(False)
    browser.by_keyboard = True
    browser.open(f"{workshop}/login")
    browser.fill("password", sample.PASSWORD)
    browser.press("Anmelden")
    return browser


def enter(page, selector):
    """Go to something by tabulator, and press Enter."""
    element = next(one for one in page.driver.find_elements(By.CSS_SELECTOR, selector) if one.is_displayed())
    before = page.driver.find_element(By.TAG_NAME, "html")
    page._go_to(element)
    ActionChains(page.driver).send_keys(Keys.ENTER).perform()
    page._until_gone(before)


def test_free_time_of_the_picture_is_filled(owner, workshop):
    owner.open(f"{workshop}/week/")
    enter(owner, ".weekpicture a[aria-label^='Sa 28.11.']")
    assert owner.path.startswith("/week/slot/new?day=sat")
    owner.press("Speichern")
    assert "Gespeichert." in owner.text
    assert "Sa ganztägig" in owner.text.replace("\n", " ")
    label = owner.driver.find_element(By.CSS_SELECTOR, ".weekpicture a[aria-label^='Sa 28.11.']")
    assert label.get_attribute("aria-label") == "Sa 28.11. 00:00–24:00: offen"


def test_the_chain_of_a_plan_is_put_in_order(owner, workshop):
    owner.open(f"{workshop}/targets/plan/0")
    enter(owner, "button[name='move'][value='1']")
    chosen = [one.get_attribute("value") for one in owner.driver.find_elements(By.CSS_SELECTOR, ".place select")]
    assert chosen[:2] == ["on-call", "Büro Berlin"]
    owner.press("Speichern")
    assert "Gespeichert." in owner.text


def test_a_call_is_found_noted_and_done(owner, workshop):
    owner.open(f"{workshop}/calls/")
    owner.fill("q", "0171 / 222")
    enter(owner, ".find button")
    enter(owner, ".calllog .who a")
    assert owner.path == "/calls/6"
    owner.fill("note", "Will eine Tür")
    owner.press("Notiz speichern")
    assert "Ihre Notiz ist gespeichert." in owner.text
    owner.press("Erledigt")
    assert "verpasst, erledigt" in owner.text
