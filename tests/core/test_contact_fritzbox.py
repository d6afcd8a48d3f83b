import pytest

from appliance.core.contact_files import Dialling, UnreadableFile
from appliance.core.contact_fritzbox import read
from appliance.core.numbers import DialPlan

MUNICH = Dialling(DialPlan("49"), "+4989")

BOOK = """<?xml version="1.0" encoding="{}"?>
<phonebooks>
<phonebook owner="0" name="Telefonbuch">
  <timestamp>1700000000</timestamp>
  <contact><category>1</category><person><realName>Müller &amp; Söhne</realName></person>
    <telephony nid="3"><number type="home" prio="1" id="0">089 2222222</number>
      <number type="mobile" id="1" quickdial="3">0171 1234567</number>
      <number type="fax_work" id="2">089 1111111</number></telephony>
    <services><email classifier="private">a@b.de</email></services><setup /><uniqueid>12</uniqueid></contact>
  <contact><category>0</category><person><realName>Köhler</realName></person>
    <telephony nid="2"><number type="intern">**610</number><number type="home">234567</number>
    <number type="work"></number></telephony></contact>
  <contact><person><realName>Ohne Nummer</realName></person><telephony/></contact>
</phonebook></phonebooks>"""
EXPECTED = [
    ("+49892222222", "Müller & Söhne", "vip"),
    ("+491711234567", "Müller & Söhne", "vip"),
    ("**610", "Köhler", ""),
    ("+4989234567", "Köhler", ""),
]


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
def test_a_phone_book(encoding):
    found = read(BOOK.format(encoding).encode(encoding), MUNICH)
    assert [(one.number, one.name, one.group) for one in found.contacts] == EXPECTED
    assert found.remarks == []


@pytest.mark.parametrize("said", ["utf-8", "us-ascii"])
def test_a_phone_book_that_was_saved_by_something_else(said):
    """The heading says one encoding, the names have another, or even both."""
    content = BOOK.format(said).encode("cp1252").replace("Köhler".encode("cp1252"), "Köhler".encode())
    assert [(one.number, one.name, one.group) for one in read(content, MUNICH).contacts] == EXPECTED


def test_a_number_that_is_none_names_its_contact():
    found = read(BOOK.replace("0171 1234567", "Büro").format("utf-8").encode(), MUNICH)
    assert [(remark.entry, remark.code) for remark in found.remarks] == [(1, "no_number")]


BOMB = '<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no phone book"),
        (b"<html><body>FRITZ!Box</body></html>", "no phone book"),
        (b"<html><body>", "no phone book"),
        (b"<phonebooks/>", "no phone book"),
        (b'<?xml version="1.0" encoding="klingon"?><phonebooks/>', "no phone book"),
        (f"{BOMB}<phonebooks><phonebook/></phonebooks>".encode(), "no phone book"),
        (f'<?xml version="1.0"?>{BOMB}<phonebooks/>'.encode("utf-16"), "no phone book"),
        (b"<phonebooks>\n<phonebook>\n<contact>\n", "From line 4 on"),
        (b"<phonebooks><phonebook></contact>", "From line 1 on"),
        (b"<phonebooks><phonebook>&nothing;", "From line 1 on"),
        (f"{BOMB}<phonebooks><phonebook/></phonebooks>\xfc".encode("latin-1"), "no phone book"),
        (b" " * 5_000_001, "5 MB"),
    ],
)
def test_what_is_none(content, said):
    with pytest.raises(UnreadableFile, match=said):
        read(content, MUNICH)


def test_depth_and_length_do_no_harm():
    deep = "<a>" * 100_000 + "</a>" * 100_000
    long = f"<contact><realName>{'x' * 1_000_000}</realName><number>0892222222</number></contact>"
    found = read(f"<phonebooks><phonebook>{deep}{long}</phonebook></phonebooks>".encode(), MUNICH)
    assert [len(one.name) for one in found.contacts] == [80]
