"""Every page there is, found by its links: nothing cut off, nothing too small, nothing that keeps people out."""

from __future__ import annotations

import re
from urllib.parse import urldefrag, urlsplit

import pytest
from selenium.webdriver.common.by import By

from appliance.ports import clock
from tests.browser.page import SIZES
from tests.web import sample

MOST = 120
"""Pages that are looked at; of many that differ by a number only, the first two."""


@pytest.fixture
def owner(browser, workshop):
    browser.open(f"{workshop}/login")
    browser.fill("password", sample.PASSWORD)
    browser.press("Anmelden")
    return browser


def pages(page, address) -> list[str]:
    """Paths of all pages that links lead to, from Today on."""
    found, seen, waiting = [], {}, ["/"]
    while waiting and len(found) < MOST:
        path = waiting.pop(0)
        kind = re.sub(r"[0-9]+", "0", path)
        if path in found or seen.get(kind, 0) >= 2:
            continue
        page.open(address + path)
        if page.driver.execute_script("return document.contentType") != "text/html":
            continue
        seen[kind] = seen.get(kind, 0) + 1
        found.append(path)
        for link in page.driver.find_elements(By.CSS_SELECTOR, "a[href]:not([download])"):
            href = urldefrag(link.get_attribute("href"))[0]
            parts = urlsplit(href)
            if f"{parts.scheme}://{parts.netloc}" == address and not parts.path.endswith((".csv", ".zip", ".json")):
                waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return found


def test_every_page(owner, workshop):
    found = pages(owner, workshop)
    assert len(found) > 5
    faults = []
    for path in found:
        name = path.strip("/").replace("/", "-").replace("?", "_").replace("&", "_")[:60] or "today"
        for size in reversed(SIZES):
            owner.size(*size)
            owner.open(workshop + path)
            for theme in ("light", "dark"):
                owner.theme(theme)
                owner.picture(f"page-{name}")
                seen = owner.faults() if size == SIZES[0] else owner.misfits()  # what axe sees is the same on a desk
                faults += [f"{path} {size[0]} {theme}: {fault}" for fault in seen]
        loaded = owner.driver.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
        faults += [f"{path} loads {one}" for one in loaded if not one.startswith((workshop, "data:"))]
    said = [one["message"] for one in owner.driver.get_log("browser") if "Content Security Policy" in one["message"]]
    assert faults + said == [], "\n".join(faults + said)


def test_login(browser, workshop):
    for theme in ("light", "dark"):
        browser.theme(theme)
        browser.open(f"{workshop}/login")
        browser.picture("page-login")
        assert browser.faults() == []
        browser.fill("password", "falsch")
        browser.press("Anmelden")
        browser.picture("page-login-wrong")
        assert browser.faults() == []


def test_a_call_appears_by_itself(owner, workshop, tmp_path):
    call = {"caller": "+498977712345", "rings": 2, "plan": "offen", "state": "ringing"}
    for _ in range(30):
        sample.show_live(tmp_path, clock.monotonic(), [{**sample.LINE, "state": "ringing", "call": call}])
        if "klingelt 2/4" in owner.text:
            break
        owner.driver.implicitly_wait(0)
        owner.driver.execute_async_script("setTimeout(arguments[0], 200)")
    assert "Firma Huber" in owner.text


def test_only_what_is_new_is_touched(owner, workshop, tmp_path):
    """A MutationObserver hears what a screen reader would."""
    owner.driver.execute_script("""
      window.touched = [];
      const where = one => (one.closest ? one : one.parentElement).closest("[id]").id;
      const say = one => window.touched.push(where(one.target));
      new MutationObserver(all => all.forEach(say)).observe(document.querySelector("[data-live]"),
        {subtree: true, childList: true, characterData: true, attributes: true});
      document.getElementById("done-6").focus();
    """)
    ringing = {"caller": "+498977712345", "plan": "offen", "state": "ringing"}
    seen = []
    for rings in (1, 2):
        call = {**ringing, "rings": rings}
        for _ in range(30):
            sample.show_live(tmp_path, clock.monotonic(), [{**sample.LINE, "state": "ringing", "call": call}])
            if f"klingelt {rings}/4" in owner.text:
                break
            owner.driver.execute_async_script("setTimeout(arguments[0], 200)")
        seen.append(set(owner.driver.execute_script("return window.touched.splice(0)")))
        assert owner.driver.execute_script("return document.activeElement.id") == "done-6"
    assert seen[0] <= {"spoken", "main"}  # the part itself has got a new card
    assert seen[1] == {"going-on"}
