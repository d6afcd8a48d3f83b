"""Contacts and block lists as owners have them, files that are none, and what becomes of them in log and decision."""

import csv
import io
import re
import time

import pytest

from .box import OWNER, settings, until
from .week import CALLER, digits, missed, next_text

SHOP = settings("/dev/ttyNone")

VCARD = """BEGIN:VCARD
VERSION:3.0
N:Grün;Anna;;;
FN:Anna Grün
TEL;TYPE=CELL:+49 (0) 171 555-12345
TEL;TYPE=HOME:089/5551 2345
END:VCARD
BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg
TEL;HOME:030 1234567
END:VCARD
BEGIN:VCARD
VERSION:4.0
FN:Ohne Nummer
EMAIL:x@example.de
END:VCARD
BEGIN:VCARD
VERSION:4.0
FN:Uri Urlaub
TEL;VALUE=uri;TYPE="voice,cell":tel:+49-171-555-99999
END:VCARD
"""
FRITZBOX = """<?xml version="1.0" encoding="utf-8"?>
<phonebooks><phonebook owner="0" name="Telefonbuch">
<contact><category>1</category><person><realName>Anna Grün</realName></person>
<telephony nid="2"><number type="mobile" prio="1" id="0">0171 55512345</number>
<number type="home" prio="0" id="1">08955512345</number></telephony><uniqueid>1</uniqueid></contact>
<contact><category>0</category><person><realName>Jörg &lt;b&gt; &amp; Söhne</realName></person>
<telephony nid="1"><number type="work" prio="1" id="0">030 1234567</number></telephony></contact>
<contact><person><realName>Leer</realName></person><telephony nid="0"/></contact>
<contact><person><realName>Intern</realName></person><telephony><number>**610</number></telephony></contact>
</phonebook></phonebooks>
"""
CSV = {
    "semicolons": "Name;Telefon;Mobil\nAnna Grün;089 55512345;0171 55512345\nJörg Müller;030/1234567;\n",
    "commas and quotes": 'Name,Telefon,Mobil\n"Anna Grün",089-55512345,+4917155512345\n"Müller, Jörg",030 1234567,\n',
    "tabs": "Name\tTelefon\tMobil\nAnna Grün\t089 55512345\t0171 55512345\nJörg Müller\t030 1234567\t\n",
    "English": "First Name,Last Name,Phone,Mobile\nAnna,Grün,089 55512345,0171 55512345\nJörg,Müller,030 1234567,\n",
}
ENCODINGS = ["utf-8", "utf-8-sig", "latin-1", "utf-16"]


def imported(box, name: str, data: bytes, command: str = "import-contacts", within: float = 60):
    file = box.folder / name
    file.write_bytes(data)
    return box.run(command, str(file), within=within)


def names(box) -> dict[str, str]:
    return {row["number"]: row["name"] for row in box.json("contacts")}


def asked(box, caller: str) -> str:
    return box.json("explain", "--caller", caller)["decided_by"]


def known(box) -> None:
    people = names(box)
    assert people["+4917155512345"] == people["+498955512345"] == "Anna Grün"
    assert "Jörg" in people["+49301234567"]


@pytest.fixture
def shop(box):
    box.provisioned(SHOP)
    return box


@pytest.mark.parametrize("form", [next(iter(CSV)), *(pytest.param(f, marks=pytest.mark.long) for f in [*CSV][1:])])
@pytest.mark.parametrize("encoding", [pytest.param(e, marks=pytest.mark.long) for e in ENCODINGS[1:]] + ["utf-8"])
def test_csv(shop, form, encoding):
    done = imported(shop, "contacts.csv", CSV[form].encode(encoding))
    assert done.returncode == 0, done.stderr
    known(shop)


def test_vcards(shop):
    """Versions 2.1 to 4.0 in one file; a card without a number is none, and said."""
    done = imported(shop, "contacts.vcf", VCARD.replace("\n", "\r\n").encode())
    assert done.returncode == 0, done.stderr
    known(shop)
    assert names(shop)["+4917155599999"] == "Uri Urlaub"
    assert "Ohne Nummer" not in names(shop).values()


def test_a_fritzbox_phone_book(shop):
    done = imported(shop, "Telefonbuch.xml", FRITZBOX.encode())
    assert done.returncode == 0, done.stderr
    known(shop)
    assert names(shop)["+49301234567"] == "Jörg <b> & Söhne"
    assert asked(shop, CALLER) == asked(shop, "**6101") == "otherwise", "an internal number taken for a beginning"


@pytest.mark.long
def test_a_preview_stores_nothing_and_a_second_import_replaces(shop):
    file = shop.folder / "contacts.vcf"
    file.write_text(VCARD, encoding="utf-8")
    assert "Anna Grün" in shop.ok("import-contacts", str(file), "--preview")
    assert names(shop) == {}
    shop.ok("import-contacts", str(file))
    assert len(names(shop)) == 4
    file.write_text(VCARD.partition("END:VCARD\n")[0] + "END:VCARD\n", encoding="utf-8")
    shop.ok("import-contacts", str(file))
    assert set(names(shop).values()) == {"Anna Grün"}


ENTITIES = "".join(f'<!ENTITY {big} "{f"&{small};" * 10}">' for small, big in zip("abcdefgh", "bcdefghi", strict=True))
BOMB = f"""<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a "aaaaaaaaaa">{ENTITIES}]>
<phonebooks><phonebook><contact><person><realName>&i;</realName></person><telephony><number>030 1234567</number>
</telephony></contact></phonebook></phonebooks>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE z [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<phonebooks><phonebook><contact><person><realName>x&a;</realName></person><telephony><number>030 1234567</number>
</telephony></contact></phonebook></phonebooks>"""
NOT_CONTACTS = {
    "binary": bytes(range(256)) * 40,
    "empty": b"",
    "zeros": b"\0" * 100_000,
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10,
    "wrong columns": b"Artikel;Preis\nSchraube;3,20\n",
    "html": b"<html><body>404</body></html>",
    "half an xml": FRITZBOX[:300].encode(),
    "half a card": b"BEGIN:VCARD\nVERSION:3.0\nFN:Anna",
    "an entity bomb": BOMB.encode(),
    "an entity from outside": OUTSIDE.encode(),
    "nested": b"<phonebooks>" + b"<contact>" * 100_000,
    "one endless line": b"Name;Telefon\n" + b"x" * 3_000_000,
}


QUICK = ("binary", "wrong columns", "an entity bomb", "an entity from outside")


@pytest.mark.parametrize("name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.long) for n in NOT_CONTACTS])
def test_files_that_are_none(shop, name):
    """Exit 2, one line that names no line of code; what was known before stays known; quickly, in little memory."""
    imported(shop, "contacts.csv", CSV["semicolons"].encode())
    before = names(shop)
    begun = time.monotonic()
    for ending in (".csv", ".vcf", ".xml"):
        done = imported(shop, "wrong" + ending, NOT_CONTACTS[name], within=30)
        assert done.returncode == 2, (ending, done.stdout, done.stderr)
        assert len(done.stderr.splitlines()) == 1 and "Traceback" not in done.stderr, done.stderr
        assert "root:" not in done.stderr
    assert names(shop) == before
    assert time.monotonic() - begun < 15


@pytest.mark.long
@pytest.mark.parametrize("ending", [".csv", ".vcf", ".xml"])
def test_a_file_of_a_hundred_megabytes(shop, ending):
    """Refused before it fills the memory of a small box."""
    file = shop.folder / ("huge" + ending)
    unit = {".csv": b"Anna;089 55512345\n", ".vcf": VCARD.encode(), ".xml": FRITZBOX.encode()}[ending]
    with file.open("wb") as out:
        out.write(b"Name;Telefon\n" if ending == ".csv" else b"")
        while out.tell() < 100_000_000:
            out.write(unit * 1000)
    begun = time.monotonic()
    done = shop.run("import-contacts", str(file), within=60)
    file.unlink()
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done.stderr
    assert time.monotonic() - begun < 10
    assert names(shop) == {}


@pytest.mark.long
def test_ten_thousand_contacts_and_five_thousand_blocks(shop):
    """Imported in seconds, and the decision is not felt."""
    rows = "".join(f"Kunde {n};089 5{n:06}\n" for n in range(10_000))
    begun = time.monotonic()
    done = imported(shop, "many.csv", ("Name;Telefon\n" + rows).encode())
    assert done.returncode == 0, done.stderr
    blocks = "".join(f"030 7{n:05}*\n" for n in range(5000))
    done = imported(shop, "blocks.txt", blocks.encode(), "import-blocklist")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - begun < 25
    assert len(names(shop)) >= 10_000
    begun = time.monotonic()
    said = shop.json("explain", "--caller", "+493070499912", "--at", "2026-11-24T12:00")
    assert said["decided_by"] == "blocked"
    assert time.monotonic() - begun < 3


@pytest.mark.long
def test_block_lists(shop):
    """Numbers and beginnings, comments as lists have them; `unblock` also takes back one of a list."""
    data = "# Liste von gestern\n030 7654321\n\n+49407654*  ; Gewinnspiel\n00441234567890\n"
    done = imported(shop, "list.txt", data.encode(), "import-blocklist")
    assert done.returncode == 0, done.stderr

    def blocked(number):
        return shop.json("explain", "--caller", number)["decided_by"] == "blocked"

    for number in ("+49307654321", "+49407654999", "+441234567890"):
        assert blocked(number), number
    assert not blocked("+493076543219") and not blocked("+4940765")
    shop.ok("unblock", "030 7654321")
    assert not blocked("+49307654321")
    shop.ok("block", "089 999*", "--name", "Werbung")
    assert blocked("+4989999123")
    shop.ok("unblock", "089 999*")
    assert not blocked("+4989999123")
    for wrong in ("abc", "", "*"):
        assert shop.run("block", wrong).returncode == 2, wrong


@pytest.mark.long
def test_hostile_names(up):
    """Control characters, formulas, markup: in the text, the log and the export they are only characters."""
    box, modem = up()
    name = "=cmd|' /C calc'!A0 <script>alert(1)</script>\x1b[2J\u202e\"; DROP TABLE calls;--"
    table = io.StringIO()
    csv.writer(table, delimiter=";").writerows([["Name", "Telefon"], [name, CALLER]])
    done = imported(box, "contacts.csv", table.getvalue().encode())
    assert done.returncode == 0, done.stderr
    time.sleep(3)  # settings and contacts are taken within 2 s
    missed(modem)
    text = next_text(modem, OWNER, 0)
    assert CALLER[3:] in digits(text) and not any(ord(character) < 32 and character != "\n" for character in text)
    row = box.call()
    assert "script" in row["caller_name"] and "\x1b" not in row["caller_name"]
    assert "\x1b" not in box.ok("calls") + box.ok("contacts") + box.ok("messages") + "".join(box.output)
    exported = box.ok("export", CALLER, "--csv")
    cells = [cell for line in csv.reader(io.StringIO(exported)) for cell in line]
    assert cells and not any(re.match(r"[=@\t\r]|[+-](?!\d+$)", cell) for cell in cells), exported


@pytest.mark.long
def test_a_name_in_text_and_log(up):
    """New contacts count for a running engine, in the text in one part."""
    box, modem = up()
    done = imported(box, "contacts.vcf", VCARD.encode())
    assert done.returncode == 0
    time.sleep(3)
    missed(modem)
    text = next_text(modem, OWNER, 0)
    assert "Anna Grün" in text and CALLER[3:] in digits(text)
    assert len(modem.pdus) == 1
    assert box.call()["caller_name"] == "Anna Grün"


def test_a_blocked_caller_is_released_also_on_the_first_ring(up):
    """Where the router diverts, the box answers on ring 1: the number that comes with it must count already."""
    box, modem = up(more=f'[callers]\nblocked = "hang-up"\n[[caller]]\nnumber = "{CALLER}"\ngroup = "blocked"\n')
    call = modem.call_in(CALLER)
    until(lambda: call.gone, 10, "answered and released")
    assert call.end == "local" and len(call.rings) <= 2
    assert box.call()["outcome"] == "blocked"
    assert modem.sent("ATD") == []


@pytest.mark.long
@pytest.mark.parametrize("safety_net", [True, False])
def test_what_a_blocked_caller_gets_where_nothing_is_said_about_it(up, safety_net):
    """Left ringing, he would reach the desk by the network's diversion; where there is none, he may ring."""
    line = 'safety_net = "desk"' if safety_net else ""
    box, modem = up(line=line, rings=4, more=f'[[caller]]\nnumber = "{CALLER[:-2]}*"\ngroup = "blocked"\n')
    call = modem.call_in(CALLER)
    if safety_net:
        until(lambda: call.gone, 10, "answered and released")
        assert call.end == "local" and modem.sent("ATD") == []
    else:
        until(lambda: len(call.rings) == 5, 35, "five rings")
        assert modem.sent("ATA") == []
        modem.leaves(call)
    row = box.calls(within=20)[0]
    assert (row["outcome"], row["decided_by"], row["plan"], row["attempts"]) == ("blocked", "blocked", None, [])
    assert box.messages("missed") == []
