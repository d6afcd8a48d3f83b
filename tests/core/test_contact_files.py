import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import blocklist, contact_import
from appliance.core.contact_files import (
    _SENTENCES,
    LONGEST,
    MOST_BYTES,
    MOST_CONTACTS,
    Dialling,
    Gathered,
    UnreadableFile,
    decode,
    one_line,
    sentence,
)
from appliance.core.contacts import Contact
from appliance.core.numbers import DialPlan

MUNICH = Dialling(DialPlan("49"), "+4989", ["vip"])
NOWHERE = Dialling(DialPlan("49"))


def gathered(*numbers, dialling=MUNICH, **what):
    found = Gathered("csv", dialling)
    found.add(1, numbers, **what)
    return found


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("089 777-12", "+498977712"),
        ("+49 (0) 171 1234567", "+491711234567"),
        ("0049/30/123456", "+4930123456"),
        ("tel:+49-30-123456", "+4930123456"),
        ("Tel.: 030 123456", "+4930123456"),
        ("030 123456 (Büro)", "+4930123456"),
        ("030 123456 privat", "+4930123456"),
        ("030 123456 / privat", "+4930123456"),
        ("123456", "+4989123456"),  # of the place
        ("50", "50"),
        ("**610", "**610"),
        ("0900*", "+49900*"),
        ("+43 1 *", "+431*"),
        ("5*", "5*"),
    ],
)
def test_numbers_as_people_write_them(written, number):
    assert [contact.number for contact in gathered(written).contacts] == [number]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Büro", "no_number"),
        ("4,98912E+11", "shortened"),
        ("+49*", "too_short"),
        ("0*", "too_short"),
        ("+4*", "too_short"),
        ("*", "no_number"),
        ("a\x1b[2Jb", "no_number"),
        ("1" * 500 + "x", "no_number"),
    ],
)
def test_what_is_no_number_is_said(written, code):
    found = gathered(written)
    if found.contacts:
        assert len(written) > 100
    else:
        assert [(remark.entry, remark.code) for remark in found.remarks] == [(1, code)]
        assert found.remarks[0].value.isprintable()


def test_a_number_without_area_code_where_the_place_is_not_known():
    found = gathered("123456", dialling=NOWHERE)
    assert found.contacts == []
    assert found.remarks[0].in_language("de") == "„123456“ hat keine Vorwahl."
    assert found.remarks[0].in_language("en") == '"123456" has no area code.'


def test_what_a_contact_keeps():
    found = gathered("089 1", " ", "", "089 1234567", name=" Anna\tMüller\r\n", group="Kunden", plan="vip", note="a\nb")
    assert found.contacts[-1] == Contact("+49891234567", "Anna Müller", "Kunden", "vip", "a b", "csv")


def test_strangers_names_are_data():
    evil = "=cmd|' /C calc'!A0\x00\x1b[31m\u202e<script>';DROP TABLE"
    (contact,) = gathered("089 1234567", name=evil + "x" * 500).contacts
    assert contact.name.isprintable()
    assert contact.name.startswith("=cmd|' /C calc'!A0[31m<script>';DROP TABLE")
    assert len(contact.name) == LONGEST


@pytest.mark.parametrize("group", ["blocked", "Gesperrt", "BLOCKIERT", "Spam"])
def test_groups_that_mean_blocked(group):
    assert gathered("089 1234567", group=group).contacts[0].group == "blocked"


def test_a_plan_that_does_not_exist_is_left_out():
    found = gathered("089 1234567", plan="gold")
    assert found.contacts[0].plan is None
    assert found.remarks[0].in_language("en") == 'There is no plan "gold".'


def test_of_a_number_that_comes_twice_the_first_counts():
    found = gathered("089 1234567", "+49 89 1234567", name="Anna")
    found.add(2, ["0891234567"], "Bert")
    assert [(one.number, one.name) for one in found.contacts] == [("+49891234567", "Anna")]


def test_too_many():
    found = Gathered("csv", MUNICH)
    for index in range(MOST_CONTACTS):
        found.add(index, [f"+4989{index:06}"])
    with pytest.raises(UnreadableFile, match="20000"):
        found.add(0, ["+49301234567"])


# --- encodings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "Müller\nKöhler\r\nGroß".encode(),
        b"\xef\xbb\xbf" + "Müller\nKöhler\r\nGroß".encode(),
        "Müller\nKöhler\r\nGroß".encode("cp1252"),
        "Müller\nKöhler\r\nGroß".encode("utf-16"),
        b"\xfe\xff" + "Müller\nKöhler\r\nGroß".encode("utf-16-be"),
        "Müller\n".encode("cp1252") + "Köhler\r\n".encode() + "Groß".encode("cp1252"),  # put together
    ],
)
def test_encodings(content):
    assert decode(content).removeprefix("\ufeff") == "Müller\nKöhler\r\nGroß"


def test_what_is_no_text():
    with pytest.raises(UnreadableFile, match="no text"):
        decode(b"\x89PNG\r\n\x1a\n\0\0\0")
    with pytest.raises(UnreadableFile, match="5 MB"):
        decode(b" " * (MOST_BYTES + 1))


def test_sentences_are_in_both_languages():
    error = UnreadableFile("no_columns", found="a, b")
    assert str(error) == error.in_language("en")
    assert "a, b" in error.in_language("de") != error.in_language("en")
    for german, english in _SENTENCES.values():
        assert german != english
    assert sentence("too_many", "de", most=5).startswith("Das sind mehr als 5")


@given(st.text() | st.binary().map(lambda content: content.decode("latin-1")))
def test_one_line_is_one(text):
    line = one_line(text)
    assert line.isprintable()
    assert len(line) <= LONGEST
    assert one_line(line) == line


BEGINNINGS = [b"", b"Name;Telefon\n", b"BEGIN:VCARD\n", b"<?xml version='1.0'?><phonebooks><phonebook>", b"\xff\xfe"]
PIECES = [
    b"TEL:089 1234567\n", b"FN;ENCODING=QUOTED-PRINTABLE:=C3=\n", b"END:VCARD\n", b"BEGIN:VCARD\n", b"N:a;b;c\n",
    b"ORG:\n", b"NOTE;CHARSET=x;ENCODING=b:%%\n", b"TEL;TYPE=\n", b"TEL;FAX:1\n", b"a;089 1234567\n", b'"', b"*\n",
    b"<contact>", b"</contact>", b"<number type='fax'>", b"</number>", b"<!DOCTYPE x>", b"&lt;&#0;", b"089123", b"\r",
    b"\0", b"\xfc", b"0900*\n", b"# x\n",
]  # fmt: skip


@given(st.sampled_from(BEGINNINGS), st.lists(st.sampled_from(PIECES) | st.binary(max_size=8), max_size=30))
def test_no_file_raises_anything_but_our_own(beginning, pieces):
    content = beginning + b"".join(pieces)
    for read in (contact_import.read, lambda *of: blocklist.read(*of)[1]):
        try:
            found = read(content, MUNICH)
        except UnreadableFile as error:
            assert "\n" not in str(error)
        else:
            assert all(contact.number and contact.name.isprintable() for contact in found.contacts)
