"""Several calls in one text."""

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import digest, texts
from appliance.core.alphabet import Alphabet, choose, septets
from appliance.core.records import CallRecord
from appliance.core.wording import parts

AT = datetime(2026, 11, 23, 13, 3, tzinfo=UTC)  # a Monday, 14:03 in Berlin
HUBER = "+498977712345"


def call(number, minutes=0, caller=HUBER, name=None, **how):
    return CallRecord(
        number, "office", AT + timedelta(minutes=minutes), caller=caller, caller_name=name, rings=4, outcome="missed",
        reason="nobody_reached", **how,
    )  # fmt: skip


def text(records, language="de", wall=AT + timedelta(hours=2)):
    return digest.text(records, language, "Europe/Berlin", wall)


def test_grouped_by_caller_the_last_first():
    records = [
        call(1, -60),
        call(2, -40, "+4917012345678", "Anna Berg"),
        call(3, -20, None, withheld=True),
        call(4, -10),
        call(5, -5, None, withheld=True),
        call(6, 0),
    ]
    assert text(records) == (
        "6 verpasste Anrufe:\n"
        "3x +498977712345, zuletzt 14:03\n"
        "2x unterdrückte Nummer, zuletzt 13:58\n"
        "Anna Berg +4917012345678, 13:23"
    )
    assert text(records, "en") == (
        "6 missed calls:\n3x +498977712345, last 14:03\n2x number withheld, last 13:58\nAnna Berg +4917012345678, 13:23"
    )


@pytest.mark.parametrize("language", ["de", "en"])
def test_ordinary_data_needs_one_part(language):
    records = [
        call(1, 0, name="Firma Huber"), call(2, 1, name="Firma Huber"), call(3, 2, name="Firma Huber"),
        call(4, 3, "+4917012345678", "Anna Bäcker"), call(5, 4, "+493022222222"), call(6, 5, None, withheld=True),
    ]  # fmt: skip
    told = text(records, language)
    assert choose(told)[0] is Alphabet.GSM7
    assert septets(told) <= 160


def test_one_call_is_told_in_full():
    assert text([call(1)]) == texts.missed(call(1), "de", "Europe/Berlin")


def test_another_day_is_named():
    told = text([call(1), call(2, 1, "+493022222222")], wall=AT + timedelta(hours=18))
    assert "+493022222222, Mo 23.11. 14:04" in told


def test_a_withheld_number_is_not_an_unknown_one():
    told = text([call(1, 0, None, withheld=True), call(2, 1, None)])
    assert "unterdrückte Nummer, 14:03" in told
    assert "unbekannte Nummer, 14:04" in told


def test_what_does_not_fit_is_counted():
    records = [call(n, n, f"+4989777{n:05}", f"Familie Nummer {n}") for n in range(1, 31)]
    records += [call(n, -n, "+493011111111") for n in range(40, 44)]  # the oldest: four calls of one
    told = text(records)
    shown = told.count("Familie")
    assert told.splitlines()[0] == "34 verpasste Anrufe:"
    assert told.splitlines()[-1] == f"und {34 - shown} weitere"
    assert "Nummer 30 " in told
    assert parts(told) == 3
    assert parts(told.replace("\nund", f"\nFamilie Nummer {30 - shown} +4989777{30 - shown:05}, 14:23\nund")) > 3


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.text(max_size=40)), st.one_of(st.none(), st.text(max_size=80))),
             min_size=2, max_size=120),
    st.sampled_from(["de", "en"]),
)  # fmt: skip
def test_whoever_calls_it_is_three_parts_at_most_and_counts_all(callers, language):
    records = [call(n, n, caller, name) for n, (caller, name) in enumerate(callers)]
    told = text(records, language)
    assert parts(told) <= 3
    assert told.startswith(f"{len(callers)} ")
    assert not any(unicodedata.category(char) == "Cc" for char in told.replace("\n", ""))
    assert told.count("\n") <= len(callers) + 1
