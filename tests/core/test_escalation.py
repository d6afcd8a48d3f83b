"""A missed call's way round the roster."""

from datetime import UTC, datetime

import pytest

from appliance.core.escalation import Escalation, text
from appliance.core.records import CallRecord
from appliance.core.wording import parts

AT = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)


def call(number, caller="+4917012345678"):
    return CallRecord(number, "office", AT, caller=caller, outcome="missed")


def begin(*records):
    escalation = Escalation()
    for record in records:
        escalation.missed(record, 0.0)
    return escalation


def test_one_after_the_other():
    escalation = begin(call(1))
    (case,) = escalation.due(0.0)
    assert (case.told, [record.id for record in case.calls]) == ([], [1])
    escalation.told(case, "anna", 600, 0.0)
    assert escalation.due(599) == []
    assert escalation.due(600) == [case]
    escalation.told(case, "ben", 600, 600)
    assert case.told == ["anna", "ben"]
    escalation.exhausted(case)
    assert len(escalation) == 0
    assert escalation.due(1e9) == []


def test_calls_of_one_number_are_one_case():
    escalation = begin(call(1), call(2, None), call(3))
    assert [[record.id for record in case.calls] for case in escalation.due(0.0)] == [[1, 3], [2]]


def test_whoever_was_told_may_acknowledge():
    escalation = begin(call(1), call(2, "+4930"))
    for case in escalation.due(0.0):
        escalation.told(case, "anna", 600, 0.0)
    escalation.told(escalation.due(600)[0], "ben", 600, 600)
    assert escalation.acknowledged(["carla"]) == []
    assert [record.id for record in escalation.acknowledged(["ben", "x"])] == [1]
    assert [record.id for record in escalation.acknowledged(["anna"])] == [2]
    assert len(escalation) == 0


def test_closed_calls_wake_nobody():
    escalation = begin(call(1), call(2), call(3, "+4930"))
    escalation.closed([2])
    assert len(escalation) == 2
    escalation.keep_only([3])
    assert [case.calls[0].id for case in escalation.due(0.0)] == [3]
    assert escalation.oldest() == [AT]
    escalation.keep_only([])
    assert escalation.oldest() == []


def test_taken_up_again():
    escalation = Escalation()
    escalation.missed(call(1), 300.0, ["anna"])
    assert escalation.due(299) == []
    assert escalation.due(300)[0].told == ["anna"]


def test_several_cases_are_one_text():
    one, many = begin(call(1)), begin(*(call(number, f"+49301234{number:03}") for number in range(100)))
    assert text(one.due(0.0), "de", "Europe/Berlin", AT).startswith("Verpasster Anruf in Ihrer Bereitschaft")
    told = text(many.due(0.0), "de", "Europe/Berlin", AT)
    assert told.startswith("100 verpasste Anrufe:\n+49301234099")
    assert told.endswith("OK antworten.")
    assert parts(told) <= 4


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("language", ["de", "en"])
def test_an_owner_on_duty_is_told_his_code(count, language):
    cases = begin(*(call(number, f"+49301234{number:03}") for number in range(count))).due(0.0)
    told = text(cases, language, "Europe/Berlin", AT, "Biene7")
    assert {"de": "mit Ihrem Codewort und OK antworten", "en": "reply with your code word and OK"}[language] in told
    assert "Biene7" not in told
    assert "code" not in text(cases, language, "Europe/Berlin", AT).lower()
