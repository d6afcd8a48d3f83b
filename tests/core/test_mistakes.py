import string

import pytest

from appliance.core.dialable import Refusal
from appliance.core.mistakes import _SENTENCES, Mistake, sentence, weekday


@pytest.mark.parametrize("code", _SENTENCES)
def test_both_languages_say_the_same_in_one_line(code):
    german, english = _SENTENCES[code]
    facts = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (german, english)]
    assert facts[0] == facts[1]
    for text in (german, english):
        assert text[0].isupper() or text[0] in '„"{'
        assert text[-1] in ".?)" or text.endswith(("]", "}"))
        assert "\n" not in text
    assert german != english


def test_every_refusal_has_its_sentence():
    for reason in Refusal:
        assert sentence(reason.value, "de")


def test_what_stands_in_a_sentence():
    assert sentence("out_of_range", "en", value=2, lowest=3, highest=120).startswith("2 is not possible")
    assert weekday(0, "de") == "Montag"
    assert weekday(6, "en") == "Sunday"
    assert str(Mistake("plan[0].name", "X.")) == "plan[0].name: X."
