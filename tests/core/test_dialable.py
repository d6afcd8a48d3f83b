import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.dialable import COUNTRIES, Refusal, dial_plan, parse_written, refusal, target_number, text_number
from appliance.core.errors import UserError
from appliance.core.numbers import DialPlan

CORPUS = Path(__file__).parents[3] / "shared/corpus/phone_numbers.json"
OWN = ("+498912345", "+4915112345678")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("030 123456", "+4930123456"),
        ("030/123456", "+4930123456"),
        ("(030) 123456", "+4930123456"),
        ("+49 (0)30 123456", "+4930123456"),
        ("+49 (0) 171 1234567", "+491711234567"),
        ("+49 030 123456", "+4930123456"),
        ("0049 30 123456", "+4930123456"),
        ("49 30 123456", "+4930123456"),
        ("089 1234-5", "+498912345"),
        ("030 123456-12", "+493012345612"),
        ("tel:+49-30-123456", "+4930123456"),
        ("\u202a+4915112345678\u202c", "+4915112345678"),
        ("030\u00a0123456", "+4930123456"),
        ("00 43 664 123456", "+43664123456"),
        ("030 123456 ext. 5", None),
        ("030 123456;ext=7", None),
        ("030 CALL ME", None),
        ("123456", None),  # no area code: the library would call Berlin for 301234
        ("301234", None),
        ("*21*030123456#", None),
        ("+49", None),
        ("+", None),
        ("0", None),
        ("abc", None),
        ("", None),
    ],
)
def test_parse_written(written, number):
    assert parse_written(written, "DE") == number


def test_where_there_is_no_trunk_prefix_the_bare_number_is_complete():
    assert parse_written("06 1234 5678", "IT") == "+390612345678"
    assert parse_written("912 345 678", "ES") == "+34912345678"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("110", Refusal.EMERGENCY),
        ("112", Refusal.EMERGENCY),
        ("1 1 2", Refusal.EMERGENCY),
        ("+49 110", Refusal.EMERGENCY),
        ("0049112", Refusal.EMERGENCY),
        ("030 110", Refusal.EMERGENCY),
        ("+49 4421 112", Refusal.EMERGENCY),
        ("089/19222", Refusal.EMERGENCY),
        ("911", Refusal.EMERGENCY),
        ("115", Refusal.SHORT_CODE),
        ("116117", Refusal.SHORT_CODE),
        ("11833", Refusal.SHORT_CODE),
        ("0118 33", Refusal.PREMIUM),
        ("+4911833", Refusal.PREMIUM),
        ("+49116117", Refusal.SPECIAL),
        ("0900 1 123456", Refusal.PREMIUM),
        ("0900 9 123456", Refusal.PREMIUM),
        ("0190 123456", Refusal.PREMIUM),
        ("0191 123456", Refusal.PREMIUM),
        ("0137 7 123456", Refusal.PREMIUM),
        ("0138 1 123456", Refusal.PREMIUM),
        ("0180 5 123456", Refusal.SHARED_COST),
        ("01805123456", Refusal.SHARED_COST),
        ("01033", Refusal.CALL_BY_CALL),
        ("010 33 030 123456", Refusal.CALL_BY_CALL),
        ("032 12345678", Refusal.SPECIAL),
        ("0700 12345678", Refusal.SPECIAL),
        ("0800 1234567", Refusal.SPECIAL),
        ("0185 00123456", Refusal.SPECIAL),
        ("0164 12345", Refusal.SPECIAL),
        ("0177 99 1234567", Refusal.SPECIAL),  # a mailbox
        ("+8816 12345678", Refusal.SATELLITE),
        ("+870 773 12345", Refusal.SATELLITE),
        ("+882 16 1234567", Refusal.SATELLITE),
        ("+883 5100 12345", Refusal.SATELLITE),
        ("00881612345678", Refusal.SATELLITE),
        ("+979 123456789", Refusal.COUNTRY),
        ("+800 12345678", Refusal.COUNTRY),
        ("+1 201 555 0123", Refusal.COUNTRY),
        ("+1 900 234 5678", Refusal.COUNTRY),
        ("+90 501 234 56 78", Refusal.COUNTRY),
        ("+44 7624 123456", Refusal.COUNTRY),  # Isle of Man, under Britain's code
        ("+43 720 123456", Refusal.SPECIAL),
        ("+43 900 123456", Refusal.PREMIUM),
        ("+43 810 123456", Refusal.SHARED_COST),
        ("+41 900 123 456", Refusal.PREMIUM),
        ("+44 70 1234 5678", Refusal.SPECIAL),
        ("*21*030123456#", Refusal.SERVICE_CODE),
        ("##002#", Refusal.SERVICE_CODE),
        ("030 12345*", Refusal.SERVICE_CODE),
        ("089 12345", Refusal.OWN_NUMBER),
        ("+49 (0) 151 12345678", Refusal.OWN_NUMBER),
        ("0176 123", Refusal.UNASSIGNED),
        ("030 1", Refusal.UNASSIGNED),
        ("301234567", Refusal.AREA_CODE),
        ("desk", Refusal.NOT_A_NUMBER),
        ("", Refusal.NOT_A_NUMBER),
        ("030 123456 p 12", Refusal.NOT_A_NUMBER),
    ],
)
def test_refused_targets(written, reason):
    assert target_number(written, "DE", OWN) is reason


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("030 1111111", "+49301111111"),
        ("030 5110", "+49305110"),  # a subscriber in Berlin, no emergency
        ("04421 1112", "+4944211112"),
        ("0171 2345678", "+491712345678"),
        ("+43 664 1234567", "+436641234567"),
        ("+41 79 123 45 67", "+41791234567"),
        ("+44 7400 123456", "+447400123456"),
        ("+39 06 1234 5678", "+390612345678"),
        ("+33 6 12 34 56 78", "+33612345678"),
    ],
)
def test_allowed_targets(written, number):
    assert target_number(written, "DE", OWN) == number


@pytest.mark.parametrize(
    ("country", "number"), [("FR", "15"), ("GB", "999"), ("CH", "144"), ("AT", "133"), ("PL", "997")]
)
def test_emergency_numbers_of_other_countries(country, number):
    assert target_number(number, country, ()) is Refusal.EMERGENCY


def test_numbers_of_the_corpus_where_it_is_present():
    short = {"110", "115", "123", "16412345"}  # written without an area code: the library guesses, we don't
    for entry in json.loads(CORPUS.read_text()) if CORPUS.is_file() else []:
        if entry["region"] in COUNTRIES and entry["input"] not in short:
            assert parse_written(entry["input"], entry["region"]) == entry["e164"], entry
        if entry["e164"]:
            allowed = refusal(entry["e164"], "DE", ()) is None
            home = any(
                entry["e164"].startswith(code) for code in ("+49", "+43", "+41", "+33", "+44", "+31", "+48", "+39")
            )
            assert allowed == (entry["type"] in ("FIXED_LINE", "MOBILE") and home), entry


@given(st.text() | st.text("+0123456789*# -/()", max_size=20), st.sampled_from(sorted(COUNTRIES)))
def test_what_is_accepted_is_dialable_and_never_special(written, country):
    number = target_number(written, country, OWN)
    if isinstance(number, str):
        assert number.startswith("+")
        assert number not in OWN
        assert refusal(number, country, OWN) is None
        assert target_number(number, country, OWN) == number


@given(
    st.sampled_from(["900", "190", "137", "138", "180", "118", "10", "32", "700", "12", "19"]),
    st.from_regex("[0-9]{0,9}", fullmatch=True),
)
def test_no_german_special_number_gets_through(beginning, rest):
    assert isinstance(target_number(f"0{beginning}{rest}", "DE", ()), Refusal)
    assert isinstance(target_number(f"+49{beginning}{rest}", "DE", ()), Refusal)


@pytest.mark.parametrize(
    ("written", "result"),
    [
        ("0151 2345678", Refusal.UNASSIGNED),
        ("0171 2345678", "+491712345678"),
        ("+1 201 555 0123", "+12015550123"),
        ("030 123456", Refusal.NOT_MOBILE),
        ("0900 1 123456", Refusal.NOT_MOBILE),
        ("110", Refusal.NOT_MOBILE),
        ("+8816 12345678", Refusal.NOT_MOBILE),
        ("0151 12345678", Refusal.OWN_NUMBER),
        ("x", Refusal.NOT_A_NUMBER),
    ],
)
def test_numbers_for_texts(written, result):
    assert text_number(written, "DE", OWN) == result


def test_dial_plans():
    assert dial_plan("DE") == DialPlan("49", "0", "00", (5, 15))
    assert dial_plan("IT").trunk == ""
    assert dial_plan("HU").trunk == "06"
    assert {dial_plan(country).international for country in COUNTRIES} == {"00"}
    with pytest.raises(UserError):
        dial_plan("XX")


def test_the_number_library_is_not_loaded_by_the_import():
    """The engine must not pay for it."""
    modules = "appliance.cli, appliance.core.dialable, appliance.core.settings, appliance.core.plan"
    code = f"import sys, {modules}; print([name for name in sys.modules if name.startswith('phonenumbers')])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
