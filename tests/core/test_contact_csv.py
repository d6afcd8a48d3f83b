import pytest

from appliance.core.contact_csv import read
from appliance.core.contact_files import Dialling, UnreadableFile
from appliance.core.numbers import DialPlan

MUNICH = Dialling(DialPlan("49"), "+4989", ["vip"])


def contacts(text, encoding="utf-8"):
    found = read(text.encode(encoding), MUNICH)
    assert found.remarks == []
    return [(one.number, one.name, one.group, one.plan, one.note) for one in found.contacts]


HUBER = ("+498977712", "Müller", "Kunde", "vip", "Hund")


@pytest.mark.parametrize(
    ("heading", "row"),
    [
        ("Name;Nummer;Gruppe;Plan;Notiz", "Müller;089 777-12;Kunde;vip;Hund"),
        ("Name,Telefon,Kategorie,Plan,Bemerkung", "Müller,089 777-12,Kunde,vip,Hund"),
        ("Name\tPhone\tGroup\tPlan\tNotes", "Müller\t089 777-12\tKunde\tvip\tHund"),
        ("name|phone number|category|plan|comment", "Müller|089 777-12|Kunde|vip|Hund"),
        ('"Plan";"Notiz";"Rufnummer";"Gruppe";"Name"', '"vip";"Hund";"089 777-12";"Kunde";"Müller"'),
        ("sep=;\nName;Handy;Gruppe;Plan;Notiz", "Müller;089 777-12;Kunde;vip;Hund"),
        ("\n\n NAME ; Tel. ;GRUPPE;PLAN;NOTIZ\n\n", "Müller;089 777-12;Kunde;vip;Hund\n\n"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_columns_are_known_by_their_heading(heading, row, encoding):
    assert contacts(f"{heading}\n{row}", encoding) == [HUBER]
    assert contacts(f"{heading}\r\n{row}\r\n", encoding) == [HUBER]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (  # Outlook
            '"First Name","Last Name","Company","Business Fax","Business Phone","Home Phone","Mobile Phone"\n'
            '"Anna","Berg","Berg GmbH","089 1111111","089 2222222","","0171 3333333"',
            [("+49892222222", "Anna Berg"), ("+491713333333", "Anna Berg")],
        ),
        (
            "Anrede;Vorname;Nachname;Firma;Telefon (geschäftlich);Mobiltelefon;Fon (Telefax);Kundennummer;Hausnr\n"
            "Frau;;;Berg GmbH;089 2222222;;089 1111111;0815;12",
            [("+49892222222", "Berg GmbH")],
        ),
        (  # Google
            "Name,Given Name,Labels,Phone 1 - Type,Phone 1 - Value,Phone 2 - Label,Phone 2 - Value\n"
            "Anna Berg,Anna,* myContacts ::: Kunden,Mobile,+49 171 3333333 ::: 089 2222222,Work,089 4444444",
            [("+491713333333", "Anna Berg"), ("+49892222222", "Anna Berg"), ("+49894444444", "Anna Berg")],
        ),
        (
            'Name;Telefon\n"Berg\nAnna";"089 2222222\n089 4444444"',
            [("+49892222222", "Berg Anna"), ("+49894444444", "Berg Anna")],
        ),
        ("Telefon\n089 2222222\n089 4444444", [("+49892222222", ""), ("+49894444444", "")]),
        ("Name;Telefon\nAnna\n;;;;\nBert;089 2222222;x;y", [("+49892222222", "Bert")]),
    ],
)
def test_tables_of_other_programs(text, expected):
    assert [one[:2] for one in contacts(text)] == expected


def test_googles_own_groups_are_none():
    assert contacts("Name,Labels,Phone 1 - Value\nA,* myContacts ::: Kunden,089 2222222")[0][2] == "Kunden"
    assert contacts("Name,Labels,Phone 1 - Value\nA,* myContacts,089 2222222")[0][2] == ""


def test_remarks_name_their_line():
    found = read(b"Name;Telefon\nA;x\n\nB;089 2222222\nC;\nD;4,9E+11", MUNICH)
    assert [(remark.entry, remark.code) for remark in found.remarks] == [(2, "no_number"), (6, "shortened")]
    assert found.source == found.contacts[0].source == "csv"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Found: –"),
        (b"\n\n", "Found: –"),
        (b"Name;Ort\nAnna;Berlin", "Found: Name, Ort. Expected"),
        (b"Fax;Phone 1 - Type\n089 1;x", "Found: Fax, Phone 1 - Type"),
        (b"Anna;089 2222222", "Found: Anna, 089 2222222"),
        (b"a\x1b[2J;" + b"b" * 100_000, "Found: a[2J, " + "b" * 30),
        (b"Telefon\n" + b"1" * 200_000, "line 2"),
    ],
)
def test_wrong_columns(content, said):
    with pytest.raises(UnreadableFile) as error:
        read(content, MUNICH)
    assert said in str(error.value)


def test_a_long_heading_takes_no_time():
    """Its patterns look at the beginning only."""
    with pytest.raises(UnreadableFile):
        read((b"telefo " * 10_000 + b";") * 5, MUNICH)
