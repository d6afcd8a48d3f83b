import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from appliance.core.numbers import DialPlan, as_written, normalise, prefix_as_written, same, shorten

GERMANY = DialPlan("49")
ITALY = DialPlan("39", trunk="", national=(6, 12))
HUNGARY = DialPlan("36", trunk="06", national=(8, 9))
CORPUS = Path(__file__).parents[3] / "shared/corpus/voice_urcs.json"


@pytest.mark.parametrize(
    ("digits", "number_type", "meant"),
    [
        ("+4915112345678", 145, "+4915112345678"),
        ("4915112345678", 145, "+4915112345678"),  # international, the plus left out
        ("+4930123456", 129, "+4930123456"),  # a plus outweighs the type
        ("+15705551234", 161, "+15705551234"),
        ("+4930123456", None, "+4930123456"),
        ("030123456", 129, "+4930123456"),
        ("030123456", None, "+4930123456"),
        ("030123456", 161, "+4930123456"),
        ("30123456", 161, "+4930123456"),
        ("0978779222", 161, "+49978779222"),
        ("004930123456", 129, "+4930123456"),
        ("004930123456", 145, "+4930123456"),
        ("004930123456", 161, "+4930123456"),
        ("+004930123456", 145, "+4930123456"),
        ("00436641234567", 129, "+436641234567"),
        ("+0123456789", 145, "+49123456789"),  # a national number that was marked wrongly
        ("0123456789", 145, "+49123456789"),
        ("4930123456", 129, "+4930123456"),
        ("4915112345678", 129, "+4915112345678"),
        ("494930123456", 161, "+49494930123456"),  # national, by its type
        ("49123", 129, "49123"),  # too short to begin with the country code
        ("13800138000", 129, "13800138000"),
        ("50", 129, "50"),
        ("50", 145, "50"),
        ("+50", 145, "50"),
        ("1234", 161, "1234"),
        ("0123", 129, "0123"),
        ("0", 129, "0"),
        ("00", 129, "00"),
        ("6789", 129, "6789"),
        ("**611", 129, "**611"),
        ("*31#030123456", 129, "*31#030123456"),
        ("030 123-456", 129, "+4930123456"),
        ("\u202a+4915112345678\u202c", 145, "+4915112345678"),
        ("+49891234567890123", 145, "49891234567890123"),  # longer than E.164 allows
        ("", 129, None),
        ("", 128, None),
        ("+", 145, None),
        ("P", 129, None),
        ("Anonymous", 129, None),
        ("030CALLME", 129, None),
        ("49+30123456", 129, None),
        ("٠٣٠١٢٣٤٥٦", 129, None),
        ("0²3", 129, None),
        ("0301234\x00", 129, None),
    ],
)
def test_normalise_in_germany(digits, number_type, meant):
    assert normalise(digits, number_type, GERMANY) == meant


@pytest.mark.parametrize(
    ("plan", "digits", "number_type", "meant"),
    [
        (ITALY, "0612345678", 129, "+390612345678"),  # the zero belongs to the number
        (ITALY, "+0612345678", 145, "+390612345678"),
        (ITALY, "3121234567", 161, "+393121234567"),
        (ITALY, "3121234567", 129, "+393121234567"),
        (ITALY, "0039312123456", 129, "+39312123456"),
        (ITALY, "50", 129, "50"),
        (HUNGARY, "0612345678", 129, "+3612345678"),
        (HUNGARY, "12345678", 161, "+3612345678"),
        (HUNGARY, "003612345678", 129, "+3612345678"),
    ],
)
def test_normalise_elsewhere(plan, digits, number_type, meant):
    assert normalise(digits, number_type, plan) == meant


def test_caller_ids_of_real_modems_where_present():
    for entry in json.loads(CORPUS.read_text()) if CORPUS.is_file() else []:
        expected = entry["expected"]
        if expected["kind"] not in ("clip", "ccwa") or expected["number"] is None:
            continue
        number = normalise(expected["number"], expected["type"], GERMANY)
        assert number, entry
        if expected["number"].startswith("+") and not expected["number"].startswith("+0"):
            assert number == expected["number"]


texts = st.text() | st.text("+0123456789*# -/()", max_size=20)
types = st.none() | st.integers(-1, 300)
plans = st.sampled_from([GERMANY, ITALY, HUNGARY])


@given(texts, types, plans)
def test_normalise_is_total(digits, number_type, plan):
    number = normalise(digits, number_type, plan)
    assert (
        number is None or number.lstrip("+").replace("*", "").replace("#", "").isdecimal() or set(number) <= set("*#")
    )
    assert number is None or not number.startswith("+") or 8 <= len(number) <= 16


@given(texts, plans)
@example("+100000", ITALY)
def test_a_normalised_number_stays_as_it_is(digits, plan):
    number = normalise(digits, None, plan)
    assert number is None or normalise(number, None, plan) == number


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True), types, plans)
def test_a_public_number_is_never_changed(number, number_type, plan):
    assert normalise(number, number_type, plan) == number


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("089 777-12", "+498977712"),
        ("+49 (0) 171 1234567", "+491711234567"),
        ("+49(0)171 1234567", "+491711234567"),
        ("0049 (0)171/1234567", "+491711234567"),
        ("(030) 123456", "+4930123456"),
        ("**50", "**50"),
        ("50", "50"),
        ("anonym", None),
    ],
)
def test_as_written(written, meant):
    assert as_written(written, GERMANY) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("+4989777", "+4989777"),
        ("089 777", "+4989777"),
        ("089", "+4989"),
        ("+49 (0) 89", "+4989"),
        ("0043", "+43"),
        ("0", "+49"),
        ("00", None),
        ("+", None),
        ("", None),
        ("5", "5"),
        ("**6", "**6"),
        ("abc", None),
    ],
)
def test_prefix_as_written(written, meant):
    assert prefix_as_written(written, GERMANY) == meant


@given(st.from_regex(r"0[1-9][0-9]{6,9}", fullmatch=True), st.integers(2, 10))
def test_the_beginning_of_a_number_is_a_prefix_of_it(written, length):
    number, prefix = as_written(written, GERMANY), prefix_as_written(written[:length], GERMANY)
    assert number.startswith(prefix)


@given(texts, plans)
def test_prefix_as_written_is_total(written, plan):
    prefix_as_written(written, plan)
    as_written(written, plan)


def test_same():
    assert same("030 123456", "+4930123456", GERMANY)
    assert same("50", "50", GERMANY)
    assert not same("030123456", "030123457", GERMANY)
    assert not same("", "", GERMANY)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+498912345", "+49891…45"),
        ("+4915112345678", "+49151…78"),
        ("12345678", "12…78"),
        ("50", "50"),
        ("**611", "**611"),
        (None, "withheld"),
    ],
)
def test_shorten(number, shown):
    assert shorten(number) == shown


@given(st.from_regex(r"\+[1-9][0-9]{7,14}", fullmatch=True))
def test_what_is_shortened_cannot_be_called(number):
    assert number not in shorten(number)
    assert len(shorten(number).replace("…", "")) < len(number)
