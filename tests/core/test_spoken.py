"""What is said by voice."""

import tomllib

import pytest

from appliance.core.settings_check import check
from appliance.core.spoken import NAMES, sentence
from tests.core.settings_sample import SMALL


def settings(language, **voice):
    content = tomllib.loads(SMALL)
    content["business"]["language"] = language
    if voice:
        content["voice"] = voice
    checked = check(content)
    assert checked.settings is not None, checked.mistakes
    return checked.settings


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_the_standard_sentences_are_complete(name, language):
    words = sentence(name, settings(language))
    assert words.endswith(".")
    assert "{" not in words
    if name != "hold":
        assert settings(language).business.name in words


def test_a_recording_is_announced():
    """§ 201 StGB: nobody is recorded without having been told."""
    assert "beginnt eine Aufnahme" in sentence("voicemail", settings("de"))
    assert "A recording starts" in sentence("voicemail", settings("en"))


def test_which_key_to_press():
    assert "die Eins" in sentence("confirm", settings("de"))
    assert "press one" in sentence("confirm", settings("en"))


def test_the_owners_words_go_first():
    own = settings("de", announcement="Wir sind im Urlaub.", hold="Bitte warten.")
    assert sentence("announcement", own) == "Wir sind im Urlaub."
    assert sentence("hold", own) == "Bitte warten."
    assert "Aufnahme" in sentence("voicemail", own)


def test_braces_in_a_name_are_only_braces():
    content = tomllib.loads(SMALL)
    content["business"]["name"] = "{0} & {name}"
    checked = check(content)
    assert "{0} & {name}" in sentence("announcement", checked.settings)
