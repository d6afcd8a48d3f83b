"""The text to whoever the call comes to."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import briefing
from appliance.core.alphabet import Alphabet, choose, septets
from appliance.core.records import CallRecord
from appliance.core.wording import parts

AT = datetime(2026, 11, 23, 13, 3, tzinfo=UTC)


def call(caller="+498977712345", name="Firma Huber", plan="vip", **how):
    return CallRecord(1, "office", AT, caller=caller, caller_name=name, plan=plan, **how)


def test_what_it_says():
    assert briefing.text(call(), AT, "Küche Lieferung 2. Dezember", "de") == (
        "Rufweiche: Anruf 13:03 von Firma Huber +498977712345, Plan vip. Notiz: Küche Lieferung 2. Dezember"
    )
    withheld = briefing.text(call(None, None, withheld=True), AT, "", "en")
    assert withheld == "Rufweiche: call 13:03 from number withheld, plan vip."


@pytest.mark.parametrize("language", ["de", "en"])
def test_one_part(language):
    text = briefing.text(call(), AT, "Zahlt bar, Hund im Hof, bitte am Tor klingeln. " * 5, language)
    assert choose(text)[0] is Alphabet.GSM7
    assert septets(text) <= 160
    assert "Hund im Hof" in text


@given(st.text(max_size=99), st.text(max_size=300), st.one_of(st.none(), st.text(max_size=99)))
def test_two_parts_at_most_whatever_they_are_called(name, note, plan):
    assert parts(briefing.text(call(name=name, plan=plan), AT, note, "de")) <= 2
