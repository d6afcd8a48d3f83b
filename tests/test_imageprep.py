"""Filling images before they are written: customers from a table, the boot partition of a card."""

import lzma
import subprocess
import tomllib

import pytest

from appliance.cardsheet import sheet
from appliance.core.errors import UserError
from appliance.core.settings import Wifi
from appliance.core.settings_check import check_file
from appliance.imageprep import PreparationError, copy_image, fill, prepare

BASE = b"""
[business]
name = "Muster"
owner_mobile = "+4915112345678"
[[line]]
name = "office"
kind = "gsm"
number = "+498912345"
[[target]]
name = "desk"
number = "+49301111111"
[[plan]]
name = "open"
chain = ["desk"]
[timetable]
otherwise = "open"
"""
START = 2048  # sectors
SECTORS = 40 * 2048


@pytest.fixture
def card(tmp_path):
    """A card with a FAT32 boot partition, as mtools see it."""
    path, fat = tmp_path / "rufweiche.img", tmp_path / "fat"
    with fat.open("wb") as file:
        file.truncate(SECTORS * 512)
    subprocess.run(["/usr/sbin/mkfs.vfat", "-F", "32", fat], check=True, capture_output=True)
    table = bytearray(512)
    table[446 + 4] = 0x0C
    table[446 + 8 : 446 + 12] = START.to_bytes(4, "little")
    table[446 + 12 : 446 + 16] = SECTORS.to_bytes(4, "little")
    table[510:] = b"\x55\xaa"
    path.write_bytes(bytes(table).ljust(START * 512, b"\0") + fat.read_bytes())
    return path


def lies_on(card):
    where = f"{card}@@{START * 512}"
    return subprocess.run(["mtype", "-i", where, "::rufweiche.toml"], check=True, capture_output=True).stdout


def test_one_customer_gets_a_set_up_code(card):
    (one,), mistakes = prepare(BASE, None)
    assert mistakes == []
    fill(card, one.toml)
    written = check_file(lies_on(card)).settings
    assert written == one.settings
    assert written.box.setup_code == one.setup_code
    assert len(one.setup_code) == 8


def test_filled_again_the_new_file_takes_its_place(card):
    for name in (b"Meier", b"Huber, Sohn & Co."):
        (one,), _ = prepare(BASE.replace(b"Muster", name), None)
        fill(card, one.toml)
    assert tomllib.loads(lies_on(card).decode())["business"]["name"] == "Huber, Sohn & Co."


def test_codes_differ_and_a_given_one_stays():
    codes = {prepare(BASE, None)[0][0].setup_code for _ in range(20)}
    assert len(codes) == 20
    (one,), _ = prepare(BASE + b'[box]\nsetup_code = "ABCD2345"', None)
    assert one.setup_code == "ABCD2345"


@pytest.mark.parametrize("table", [
    "business.name,box.hostname,line[0].pin,plan[0].answer_after_rings\nMeier,meier,0123,3\nHuber,huber,,5\n",
    "business.name;box.hostname;line[0].pin;plan[0].answer_after_rings\r\nMeier;meier;0123;3\r\n\r\nHuber;huber;;5\r\n",
])  # fmt: skip
def test_a_table(table):
    found, mistakes = prepare(BASE, table.encode("utf-8-sig"))
    assert mistakes == []
    assert [(one.name, one.settings.business.name) for one in found] == [("meier", "Meier"), ("huber", "Huber")]
    assert [one.settings.line[0].pin for one in found] == ["0123", None]
    assert [one.settings.plan[0].answer_after_rings for one in found] == [3, 5]


def test_umlauts_as_windows_writes_them():
    found, _ = prepare(BASE, "business.name;box.hostname\nMüller;mueller\n".encode("cp1252"))
    assert found[0].settings.business.name == "Müller"


def test_a_second_target_from_the_table():
    found, mistakes = prepare(BASE, b"target[1].name,target[1].number,target[1].confirm\nanna,0171 1234567,ja\n")
    assert mistakes == []
    assert found[0].settings.target[1].number == "+491711234567"
    assert found[0].settings.target[1].confirm is True


def test_each_mistake_names_its_row():
    table = b"box.hostname,business.owner_mobile\nmeier,0171 1234567\nhuber,110\n-x,0171 1234567\n"
    found, mistakes = prepare(BASE, table)
    assert [mistake.place for mistake in mistakes] == ["row 3: business.owner_mobile", "row 4: box.hostname"]
    assert len(found) == 1


def test_two_of_one_name_are_a_mistake():
    for second in (b"laden", b"Laden"):  # the network and Windows' folders tell them not apart
        _, mistakes = prepare(BASE, b"box.hostname,business.name\nladen,A\n\n%s,B\n" % second)
        assert [mistake.place for mistake in mistakes] == ["box.hostname"]
        assert "rows 2, 4" in mistakes[0].text


@pytest.mark.parametrize("table", [
    b"", b"business.name\n", b"business.nam\nMeier\n", b"line.pin[\n1\n", b"dial_plan\nx\n", b"target[5].name\nx\n",
    b"plan[0].answer_after_rings\nmany\n", b"line.pin\n1234\n", b"business[0].name\nx\n",
])  # fmt: skip
def test_a_table_that_cannot_be_meant(table):
    with pytest.raises(UserError):
        prepare(BASE, table)


@pytest.mark.parametrize(("written", "meant"), [
    ("WAHR", True), ("Ja", True), ("x", True), (" on ", True), ("1", True), ("TRUE", True),
    ("FALSCH", False), ("nein", False), ("0", False), ("Off", False), ("", False),
])  # fmt: skip
def test_yes_and_no_as_people_and_spreadsheets_write_them(written, meant):
    (one,), mistakes = prepare(BASE, f"box.hostname;messages.reply_to_caller\na;{written}\n".encode())
    assert (one.settings.messages.reply_to_caller, mistakes) == (meant, [])


@pytest.mark.parametrize(("table", "said"), [
    ("box.hostname;messages.reply_to_caller\na;ja\n\nb;treu\n", ["row 4", "messages.reply_to_caller", "treu"]),
    ("box.hostname;plan[0].answer_after_rings\na;3\nb;drei\n", ["row 3", "answer_after_rings", "drei"]),
    ("box.hostname;line[1].name\na;\nb;x\nc;y;9\n", ["row 4", "cell 3", "'9'"]),
    ("box.hostname;\na;x\n", ["row 2", "cell 2", "'x'"]),
    ("box.hostname;line[0].pin; line[0].pin\na;1;2\n", ["line[0].pin", "twice"]),
    ("box.hostname;target[5].name\na;\nb;x\n", ["row 3", "target"]),
    ('box.hostname;business.name\na;"Meier\nb;Huber\n', ["cannot be read"]),
])  # fmt: skip
def test_what_cannot_be_meant_is_named_with_its_place(table, said):
    with pytest.raises(UserError) as error:
        prepare(BASE, table.encode())
    assert all(word in str(error.value) for word in said), str(error.value)


@pytest.mark.parametrize("table", [
    "\n\nbox.hostname;business.owner_mobile\na;110\n".encode("utf-8-sig"),
    b"sep=;\r\n\r\nbox.hostname;business.owner_mobile\r\na;110\r\n",
    b'"sep=,"\n\nbox.hostname,business.owner_mobile\na,110\n',
    b"SEP=\t\n\t\t\nbox.hostname\tbusiness.owner_mobile\na\t110\n",
    "\n\nbox.hostname\tbusiness.owner_mobile\na\t110\n".encode("utf-16"),
    b"\r\rbox.hostname;business.owner_mobile\ra;110\r",
    b'box.hostname,business.name,business.owner_mobile\nb,"two\nlines",\n,,\na,x,110\n',
])  # fmt: skip
def test_rows_are_counted_as_a_spreadsheet_does(table):
    assert "row 4: business.owner_mobile" in [mistake.place for mistake in prepare(BASE, table)[1]]


def test_a_password_keeps_its_blanks():
    (one,), _ = prepare(BASE, b"box.wifi.ssid,box.wifi.password,business.name\nLaden , zwei Worte , Meier \n")
    assert one.settings.box.wifi == Wifi(ssid="Laden ", password=" zwei Worte ")
    assert one.settings.business.name == "Meier"
    assert check_file(one.toml).settings == one.settings


@pytest.mark.parametrize("content", [b"[business", b"\xff\xfe", b"a = 1\na = 2"])
def test_settings_that_are_no_toml(content):
    with pytest.raises(UserError):
        prepare(content, None)


def test_a_packed_image_is_unpacked_with_its_holes(card, tmp_path):
    packed = tmp_path / "rufweiche.img.xz"
    packed.write_bytes(lzma.compress(card.read_bytes()))
    copy_image(packed, tmp_path / "out.img")
    assert (tmp_path / "out.img").read_bytes() == card.read_bytes()
    assert (tmp_path / "out.img").stat().st_blocks * 512 < card.stat().st_size / 4


def test_a_damaged_package_leaves_nothing(card, tmp_path):
    packed = tmp_path / "rufweiche.img.xz"
    packed.write_bytes(lzma.compress(card.read_bytes())[:-100])
    with pytest.raises(PreparationError):
        copy_image(packed, tmp_path / "out.img")
    assert sorted(path.name for path in tmp_path.glob("out*")) == []


@pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"PK\x03\x04" + bytes(600)])
def test_what_is_no_image(content, tmp_path):
    (tmp_path / "x.img").write_bytes(content)
    with pytest.raises(PreparationError, match="no Rufweiche image"):
        fill(tmp_path / "x.img", b"")


def test_a_full_boot_partition_is_said(card):
    with pytest.raises(PreparationError):
        fill(card, b"x" * (SECTORS * 512))


@pytest.mark.parametrize(("language", "word"), [("de", "Einrichtungs-Code"), ("en", "set-up code")])
def test_a_sheet(language, word):
    base = BASE.replace(b'"Muster"', f'"Muster & <Söhne>"\nlanguage = "{language}"'.encode())
    (one,), _ = prepare(base + b'[box]\nhostname = "laden"\nsetup_code = "ABCD2345"', None)
    page = sheet(one.settings, one.setup_code)
    assert "Muster &amp; &lt;Söhne&gt;" in page
    for expected in (word, "http://laden.local", "ABCD 2345", "+498912345", "desk", "<svg"):
        assert expected in page
    assert "9753" not in page


def test_a_sheet_without_code():
    (one,), _ = prepare(BASE, None)
    assert "Einrichtungs-Code" not in sheet(one.settings, None)
