"""A page in Chromium, as somebody uses it, and what must hold for every one of them."""

from __future__ import annotations

import base64
import time
from importlib import resources
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select

PICTURES = Path(__file__).parents[2] / ".pictures"
SIZES = ((360, 740), (1280, 800))
AXE = resources.files("axe_core_python").joinpath("axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALLEST = 44
"""CSS pixels of anything to tap that is not a link within text."""

_SMALL = """
return [...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea, summary, label')]
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest('.skip, .hidden'))
  .filter(e => !(e.matches('a') && getComputedStyle(e).display === 'inline'))
  .filter(e => !(e.matches('label') && !document.getElementById(e.htmlFor)?.matches('[type=checkbox],[type=radio]')))
  .filter(e => !e.matches('[type=checkbox],[type=radio]'))
  .map(e => [e.outerHTML.slice(0, 120), e.getBoundingClientRect()])
  .filter(([html, r]) => Math.round(r.height) < arguments[0] || Math.round(r.width) < arguments[0])
  .map(([html, r]) => `${Math.round(r.width)}×${Math.round(r.height)} ${html}`);
"""
_CUT_OFF = """
const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
const cut = [...document.querySelectorAll('main *')].filter(e => {
  const r = e.getBoundingClientRect();
  return e.checkVisibility() && r.width && (r.right > document.documentElement.clientWidth + 1)
    && !e.closest('.scroll, .pages, .hidden, svg');
}).map(e => e.outerHTML.slice(0, 120));
return [wide, ...cut];
"""
_AS_READ = "document.querySelectorAll('noscript').forEach(one => one.replaceWith(...one.childNodes))"
"""What was read without scripts stays to be seen while somebody looks with them."""
_RUN_AXE = """
const [rules, done] = arguments;
axe.run({runOnly: rules}).then(done, problem => done({error: String(problem)}));
"""


class Page:
    """What somebody does with a page."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver
        self.by_keyboard = False
        self._width, self._theme, self._scripts = 0, "light", True

    # --- the browser -----------------------------------------------------------------------------

    def size(self, width: int, height: int) -> None:
        self._width = width
        facts = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", facts)

    def theme(self, name: str) -> None:
        self._theme = name
        features = [{"name": "prefers-color-scheme", "value": name}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def scripts(self, on: bool) -> None:
        self._scripts = on
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not on})

    def speak(self, language: str) -> None:
        self.driver.execute_cdp_cmd("Network.enable", {})
        headers = {"headers": {"Accept-Language": language}}
        self.driver.execute_cdp_cmd("Network.setExtraHTTPHeaders", headers)

    def open(self, address: str) -> None:
        self.driver.get(address)

    @property
    def path(self) -> str:
        return "/" + self.driver.current_url.split("/", 3)[3]

    @property
    def text(self) -> str:
        try:
            return self.driver.find_element(By.TAG_NAME, "main").text
        except StaleElementReferenceException:
            return self.text

    # --- using it --------------------------------------------------------------------------------

    def fill(self, name: str, value: str) -> None:
        """Type into a field, in place of what is there."""
        field = self._find(f"[name='{name}']")
        self._go_to(field)
        if field.get_attribute("type") == "time":
            field.send_keys(value)
            return
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(value)

    def choose(self, name: str, value: str) -> None:
        """Take an entry of a list, or one of several."""
        field = self._find(f"select[name='{name}'], input[name='{name}'][value='{value}']")
        if field.tag_name != "select":
            self._take(name, field)
        elif self.by_keyboard:
            self._go_to(field)
            label = next(one.text for one in Select(field).options if one.get_attribute("value") == value)
            field.send_keys(label)
        else:
            Select(field).select_by_value(value)

    def press(self, words: str) -> None:
        """The button or link that says so; waits for what comes."""
        found = [
            one
            for one in self.driver.find_elements(By.CSS_SELECTOR, "main button, main a")
            if one.is_displayed() and one.text.strip() == words
        ]
        assert found, f"nothing says {words!r} on {self.path}:\n{self.text}"
        before = self.driver.find_element(By.TAG_NAME, "html")
        self._go_to(found[0])
        if self.by_keyboard:
            found[0].send_keys(Keys.ENTER)
        else:
            found[0].click()
        self._until_gone(before)

    def wait_for(self, words: str, seconds: float = 20, reload: bool = False) -> None:
        """Until the page says so."""
        until = time.monotonic() + seconds
        while words not in self.text:
            assert time.monotonic() < until, f"{self.path} does not say {words!r}:\n{self.text}"
            time.sleep(0.3)
            if reload:
                self.driver.refresh()

    def _take(self, name: str, field: WebElement) -> None:
        if not self.by_keyboard:
            self.driver.find_element(By.CSS_SELECTOR, f"label[for='{field.get_attribute('id')}']").click()
            return
        group = self.driver.find_elements(By.CSS_SELECTOR, f"input[name='{name}']")
        self._go_to(next((one for one in group if one.is_selected()), group[0]))
        self.driver.switch_to.active_element.send_keys(Keys.SPACE)
        for _ in group:
            if field.is_selected():
                return
            self.driver.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
        assert field.is_selected(), name

    def _go_to(self, element: WebElement) -> None:
        """By tabulator where only the keyboard counts; what has the focus must be seen to have it."""
        if not self.by_keyboard:
            return
        for _ in range(120):
            active = self.driver.switch_to.active_element
            if active == element:
                outline = active.value_of_css_property("outline-style")
                assert outline != "none", active.get_attribute("outerHTML")
                return
            ActionChains(self.driver).send_keys(Keys.TAB).perform()
        raise AssertionError(f"not reached by tabulator: {element.get_attribute('outerHTML')}")

    def _find(self, selector: str) -> WebElement:
        found = self.driver.find_elements(By.CSS_SELECTOR, selector)
        assert found, f"no {selector} on {self.path}:\n{self.text}"
        return found[0]

    def _until_gone(self, before: WebElement) -> None:
        until = time.monotonic() + 15
        while time.monotonic() < until:
            try:
                before.is_enabled()
            except WebDriverException:
                break  # stale, or, in the moment of change, "does not belong to the document"
            time.sleep(0.02)
        while self.driver.execute_script("return document.readyState") != "complete":
            time.sleep(0.02)

    # --- looking at it ---------------------------------------------------------------------------

    def picture(self, name: str) -> None:
        """Keep a picture of the whole page."""
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 6000), "scale": 1}
        facts = {"captureBeyondViewport": True, "clip": clip}
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", facts)
        PICTURES.mkdir(exist_ok=True)
        (PICTURES / f"{name}-{self._width}-{self._theme}.png").write_bytes(base64.b64decode(shot["data"]))

    def misfits(self) -> list[str]:
        """What is cut off, and what is too small to tap."""
        wide, *cut = self.driver.execute_script(_CUT_OFF)
        found = [f"cut off: {html}" for html in cut] + ([f"{wide} px too wide"] if wide > 0 else [])
        return found + [f"too small: {one}" for one in self.driver.execute_script(_SMALL, SMALLEST)]

    def faults(self) -> list[str]:
        """The same, and what keeps people out; nothing, of a good page."""
        without_scripts = not self._scripts
        self.scripts(True)  # for who looks, not for the page: it was read without
        if without_scripts:
            self.driver.execute_script(_AS_READ)
        try:
            return self._faults()
        finally:
            self.scripts(not without_scripts)

    def _faults(self) -> list[str]:
        found = self.misfits()
        self.driver.execute_script(AXE + "; window.axe = axe;")
        result: dict[str, Any] = self.driver.execute_async_script(
            "const done = arguments[1]; axe.run({runOnly: arguments[0]}).then(done, e => done({error: String(e)}))",
            RULES,
        )
        assert "error" not in result, result
        for violation in result["violations"]:
            for node in violation["nodes"]:
                found.append(f"{violation['id']}: {node['html'][:160]} ({node.get('failureSummary', '')[:200]})")
        return found
