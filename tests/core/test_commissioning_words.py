"""What the guide says, in both languages."""

import re

import pytest

from appliance.core import commissioning_words
from appliance.core.commissioning_words import WORDS, heard, result, tried, words, written
from appliance.core.settings import Site

FACTS = {
    "line": "Laden", "target": "Büro", "number": "089 12345", "rings": 2, "caller": "+49151", "result": "busy",
    "site": "site = {}", "code": "*61*", "to": "+4930", "flash_ms": 90, "what": "…", "complete": "R 4",
    "fetch_back": "R", "prefix": "0", "blind": "", "names": "shop", "problem": "…",
}  # fmt: skip


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_tell_the_same_facts(key):
    german, english = WORDS[key]
    assert set(re.findall(r"{(\w+)}", german)) == set(re.findall(r"{(\w+)}", english))
    assert german != english
    for language in ("de", "en"):
        assert "{" not in words(key, language, **FACTS).replace("{}", "")


@pytest.mark.parametrize("one", ["busy", "refused", "no_answer", "failed", "answered", "caller_gone"])
def test_how_it_went_is_said_in_words(one):
    german, english = result(one, "de"), result(one, "en")
    assert german != english and "_" not in german + english


@pytest.mark.parametrize("what", ["dial", "nothing", "busy", "congestion", "sit", "ringback", "cannot", "deaf"])
def test_what_followed_a_flash_is_said_in_words(what):
    german, english = heard(90, what, "de"), heard(90, what, "en")
    assert german.startswith("Rückfragetaste 90 ms: ") and english.startswith("Flash of 90 ms: ")
    assert german.rstrip(".").rpartition(": ")[2] != what, "a word of the program"


@pytest.mark.parametrize(
    ("site", "german", "setting"),
    [
        (
            Site(),
            "Versuch: verbinden mit Auflegen, zurückholen mit R 1, Ziffer nach außen: keine.",
            'site = { flash_ms = 90, complete = "on-hook", fetch_back = "flash 1", prefix = "" }',
        ),
        (
            Site(flash_ms=120, complete="flash 4", fetch_back="flash", prefix="0", blind=True),
            "Versuch: verbinden mit R 4 schon beim Klingeln, zurückholen mit R, Ziffer nach außen: 0.",
            'site = { flash_ms = 120, complete = "flash 4", fetch_back = "flash", prefix = "0", blind = true }',
        ),
    ],
)
def test_a_site_as_people_and_as_files_say_it(site, german, setting):
    assert tried(site, "de") == german
    assert written(site) == setting
    assert commissioning_words.tried(site, "en") != german
