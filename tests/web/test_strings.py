"""Both catalogues say everything, and nothing that nobody says."""

from __future__ import annotations

import re

import pytest

from tests.web import strings
from web import catalogues

PLACEHOLDER = re.compile(r"%\(\w+\)[0-9]*[a-z]")


@pytest.mark.parametrize("language", strings.LANGUAGES)
def test_every_string_has_its_words(language):
    said, written = strings.said(), strings.written(language)
    assert [key for key in said if key not in written] == [], "run make strings"
    assert [key for key in written if key not in said] == [], "run make strings"
    assert [key for key, message in written.items() if not strings.is_complete(message)] == []


@pytest.mark.parametrize("language", strings.LANGUAGES)
def test_words_use_the_same_facts(language):
    for key, message in strings.written(language).items():
        facts = set(PLACEHOLDER.findall(key[1]))
        for words in message.string if isinstance(message.string, tuple) else (message.string,):
            assert set(PLACEHOLDER.findall(words)) <= facts | {"%(num)d"}, key
            assert "%(num)d" in words or "%(num)d" not in key[1] or isinstance(message.string, tuple), key


def test_german_is_formal():
    informal = re.compile(r"\b(du|dein\w*|dich|dir|euch|euer\w*)\b", re.IGNORECASE)
    for key, message in strings.written("de").items():
        words = message.string if isinstance(message.string, str) else " ".join(message.string)
        assert not informal.search(words), key


def test_catalogues_are_read_from_what_is_installed():
    assert catalogues.read("de").gettext("Today") == "Heute"
    assert catalogues.read("en").gettext("Today") == "Today"
    assert catalogues.read("de").ungettext("for %(num)d day", "for %(num)d days", 2) == "seit %(num)d Tagen"
