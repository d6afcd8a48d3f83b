import pytest

from appliance.core.contact_files import Dialling, UnreadableFile
from appliance.core.contact_vcard import read
from appliance.core.numbers import DialPlan

MUNICH = Dialling(DialPlan("49"), "+4989")

THREE = """BEGIN:VCARD
VERSION:3.0
PRODID:-//Apple Inc.//iOS 17.0//EN
N:Müller;Anna;;;
FN:Anna Müller
ORG:Berg GmbH;Einkauf
item1.TEL;type=CELL;type=VOICE;type=pref:+49 171 1234567
item1.X-ABLabel:_$!<HomePage>!$_
TEL;TYPE=WORK,FAX:089 1111111
TEL;TYPE=home:089 22
 22222
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRg
 ABACAD
NOTE:Ruft immer\\, wirklich\\nimmer an
CATEGORIES:Kunden,Privat
END:VCARD
"""
TWO = """BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:K=C3=B6hler;J=C3=BCrgen;;;
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=BCrgen=20=
K=C3=B6hler
TEL;CELL;PREF:0172-7654321
TEL;WORK;FAX:089 1111111
PHOTO;JPEG;ENCODING=BASE64:/9j/4AAQSkZJRg==

END:VCARD
"""
FOUR = """BEGIN:VCARD
VERSION:4.0
FN:Viktor
TEL;VALUE=uri;TYPE="voice,home":tel:+49-30-555-1234;ext=5
END:VCARD
"""
ANNA = [("+491711234567", "Anna Müller", "Kunden", "Ruft immer, wirklich immer an")]
ANNA += [("+49892222222", *ANNA[0][1:])]
JUERGEN = [("+491727654321", "Jürgen Köhler", "", "")]
VIKTOR = [("+49305551234", "Viktor", "", "")]


def contacts(content):
    found = read(content, MUNICH)
    return [(one.number, one.name, one.group, one.note) for one in found.contacts]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [(THREE, ANNA), (TWO, JUERGEN), (FOUR, VIKTOR), (THREE + TWO + "\n" + FOUR, ANNA + JUERGEN + VIKTOR)],
)
def test_versions(text, expected, end):
    assert contacts(text.replace("\n", end).encode()) == expected


def test_encodings():
    assert contacts(THREE.encode("cp1252")) == contacts(b"\xef\xbb\xbf" + THREE.encode()) == ANNA
    assert contacts(THREE.encode("utf-16")) == ANNA


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ("FN:Anna", "Anna"),
        ("N:Berg;Anna;;;", "Anna Berg"),
        ("FN:\nN:Berg;Anna;;;", "Anna Berg"),
        ("FN:\nORG:Berg GmbH;Einkauf", "Berg GmbH"),
        ("FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller", "Müller"),
        ("X-FN:Anna", ""),
    ],
)
def test_names(lines, name):
    assert contacts(f"BEGIN:VCARD\nVERSION:3.0\n{lines}\nTEL:0892222222\nEND:VCARD\n".encode())[0][1] == name


@pytest.mark.parametrize(
    "broken",
    ["TEL 089 1111111", "FN;ENCODING=QUOTED-PRINTABLE;CHARSET=klingon:=C3", "FN;ENCODING=b:%%%", "N;;;:\nTEL:", ":"],
)
def test_a_broken_card_takes_nothing_away_from_the_others(broken):
    text = f"BEGIN:VCARD\n{broken}\nEND:VCARD\n{FOUR}"
    found = read(text.encode(), MUNICH)
    assert [one.name for one in found.contacts if one.name == "Viktor"] == ["Viktor"]
    assert all(remark.entry == 1 for remark in found.remarks)


def test_a_quoted_line_may_look_like_a_property():
    text = TWO.replace("TEL;WORK", "ADR;ENCODING=QUOTED-PRINTABLE:;;Weg 1=0D=0A=\nTEL:089 1111111=\n;;;\nTEL;WORK")
    assert contacts(text.encode()) == JUERGEN


def test_a_card_that_never_ends_is_none():
    assert contacts(("BEGIN:VCARD\nTEL:0891111111\n" + FOUR).encode()) == VIKTOR
    for text in ("BEGIN:VCARD\nTEL:0891111111\n", "END:VCARD\n", "x", ""):
        with pytest.raises(UnreadableFile, match="no complete vCard"):
            read(text.encode(), MUNICH)


def test_fifty_megabytes_are_refused_unread():
    with pytest.raises(UnreadableFile, match="5 MB"):
        read(THREE.encode() * 80_000, MUNICH)


def test_many_beginnings_take_no_time():
    with pytest.raises(UnreadableFile):
        read(b"BEGIN:VCARD\n" * 300_000, MUNICH)
