import pytest

from appliance.core.blocklist import read
from appliance.core.contact_files import Dialling, UnreadableFile
from appliance.core.numbers import DialPlan

from .test_contact_fritzbox import BOOK
from .test_contact_vcard import FOUR

MUNICH = Dialling(DialPlan("49"), "+4989", ["vip"])

LIST = """# who pesters us: Name;Telefon
+49 30 1234567

0900*               # every one of them
\t0137 999; Gewinnspiel
Umfrage, 040 123456
**610
"""


def test_one_a_line():
    contacts, found = read(LIST.encode(), MUNICH)
    assert [(one.number, one.name) for one in contacts] == [
        ("+49301234567", ""), ("+49900*", ""), ("+49137999", "Gewinnspiel"), ("+4940123456", "Umfrage"), ("**610", ""),
    ]  # fmt: skip
    assert {(one.group, one.plan, one.source) for one in contacts} == {("blocked", None, "blocklist")}
    assert found.remarks == []


@pytest.mark.parametrize(
    ("content", "numbers"),
    [
        (
            b"phone,votes,rating\n+493012345678,12,E_ADVERTISING\n0040123456,3,B_MISSED",
            ["+493012345678", "+40123456"],
        ),
        (b"Nummer;Kommentar;Plan\n030 1234567;Nepp;vip", ["+49301234567"]),
        (FOUR.encode(), ["+49305551234"]),
        (BOOK.format("utf-8").encode(), ["+49892222222", "+491711234567", "**610", "+4989234567"]),
        ("030 1234567 # Gebühren\r\n".encode("cp1252"), ["+49301234567"]),
    ],
)
def test_other_files(content, numbers):
    contacts, _ = read(content, MUNICH)
    assert [one.number for one in contacts] == numbers
    assert {(one.group, one.plan, one.source) for one in contacts} == {("blocked", None, "blocklist")}


def test_remarks_name_their_line():
    _, found = read(b"030 1234567\n\nabc\n+49*\n0*", MUNICH)
    assert [(one.entry, one.code) for one in found.remarks] == [(3, "no_number"), (4, "too_short"), (5, "too_short")]


@pytest.mark.parametrize("content", [b"", b"\n# nothing\n", b"   "])
def test_an_empty_list(content):
    with pytest.raises(UnreadableFile, match="no phone numbers"):
        read(content, MUNICH)
