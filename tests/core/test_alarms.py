"""What the owner must know of."""

import pytest

from appliance.core import alarms
from appliance.core.alphabet import Alphabet, choose, septets
from appliance.core.wording import parts

ORDINARY = {
    "line_down": "Büro", "safety_net": "Büro", "roster_gap": "Di 24.11. 17:00 bis Mi 25.11. 07:30", "texts_cap": "40",
    "credit": "3,20 EUR", "card": "24.12.2026", "restored": "23.11.2026 03:20",
    "night": "Datenbank, Sicherung",
    "costs_near": "5000,00 € (12/2026)", "costs_cap": "5000,00 € (12/2026)",
}  # fmt: skip


@pytest.mark.parametrize("language", ["de", "en"])
def test_one_part_each(language):
    assert ORDINARY.keys() == alarms.CAUSES
    assert alarms.CAUSES > alarms.URGENT
    for cause, what in ORDINARY.items():
        text = alarms.text(cause, what, language)
        assert what in text
        assert choose(text)[0] is Alphabet.GSM7
        assert septets(text) <= 160
        assert parts(alarms.text(cause, "Leitung im alten Schuppen hinter dem Haus" * 3, language)) == 1


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_text_is_about_one_cause(language):
    for cause, what in ORDINARY.items():
        said = alarms.text(cause, what, language)
        assert [other for other in alarms.CAUSES if alarms.is_about(said, other, what, language)] == [cause]


def test_an_amount_makes_no_other_alarm_but_a_line_does():
    assert alarms.key("credit", "3.20 €") == alarms.key("credit", "3.10 €")
    assert alarms.is_about(alarms.text("credit", "3.20 €", "de"), "credit", "3.10 €", "de")
    assert alarms.key("line_down", "a") != alarms.key("line_down", "b")
    assert not alarms.is_about(alarms.text("line_down", "a", "de"), "line_down", "b", "de")
    caps = ["0,50 € (12/2026)", "0,50 € (01/2027)", "1,00 € (12/2026)"]
    assert len({alarms.key("costs_cap", cap) for cap in caps}) == 3
    assert alarms.EACH < alarms.CAUSES
