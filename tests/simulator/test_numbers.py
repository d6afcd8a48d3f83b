import pytest

from appliance.simulator.numbers import Number, e164


@pytest.mark.parametrize(
    ("written", "octet", "expected"),
    [
        ("+493012345", None, "+493012345"),
        ("03012345", None, "+493012345"),
        ("0043123456", None, "+43123456"),
        ("3012345", 161, "+493012345"),
        ("03012345", 161, "+493012345"),
        ("493012345", 145, "+493012345"),
        ("22833", None, "22833"),
    ],
)
def test_e164(written, octet, expected):
    assert Number.of(written, octet).e164 == expected


@pytest.mark.parametrize("written", ["+49 30 123-45", "030 / 123 45", "(030) 12345"])
def test_as_people_write_them(written):
    assert e164(written) == "+493012345"


def test_shown_with_and_without_plus():
    assert Number.of("+4930").shown() == "+4930"
    assert Number.of("+4930").shown(plus=False) == "4930"
    assert Number.of("030").shown() == "030"
