"""The commands about callers: what they store, what they say, how they end."""

import json

import pytest

from .core.test_contact_fritzbox import BOOK
from .core.test_contact_vcard import THREE
from .test_cli import SETTINGS, run  # noqa: F401 - a fixture

CALLERS = """
[[plan]]
name = "vip"
[[caller]]
number = "030 5555555"
name = "Huber"
plan = "vip"
"""


@pytest.fixture
def rufweiche(run, tmp_path):  # noqa: F811
    (tmp_path / "settings.toml").write_text(SETTINGS + CALLERS)
    assert run("provision", "settings.toml")[0] == 0
    return run


def known(rufweiche):
    return [(one["number"], one["name"], one["source"]) for one in json.loads(rufweiche("contacts", "--json")[1])]


def explained(rufweiche, caller):
    said = json.loads(rufweiche("explain", "--caller", caller, "--json")[1])
    return said["decided_by"], said["rule"]


# --- import ------------------------------------------------------------------------------------


def test_import_replaces_the_last_file_of_its_kind(rufweiche, tmp_path):
    (tmp_path / "one.csv").write_text("Name;Telefon;Plan\nAnna;089 2222222;vip\nBert;123456;")
    (tmp_path / "two.csv").write_text("Name;Telefon\nCarl;089 4444444")
    (tmp_path / "book.vcf").write_text(THREE)
    (tmp_path / "book.xml").write_text(BOOK.format("utf-8"))
    said = "2 contacts stored, in place of the last ones of this kind (csv).\n"
    assert rufweiche("import-contacts", "one.csv") == (0, said, "")
    assert known(rufweiche) == [
        ("+49892222222", "Anna", "csv"),
        ("+4989123456", "Bert", "csv"),
    ]  # the line is in Munich
    assert explained(rufweiche, "089 2222222") == ("caller", "contact +49892222222 Anna")
    assert rufweiche("import-contacts", "book.vcf")[0] == rufweiche("import-contacts", "book.xml")[0] == 0
    assert rufweiche("import-contacts", "two.csv")[0] == 0
    found = known(rufweiche)
    assert len(found) == 2 + 4 + 1
    assert [one for one in found if one[2] == "csv"] == [("+49894444444", "Carl", "csv")]
    assert explained(rufweiche, "089 2222222")[0] == "otherwise"


def test_preview_stores_nothing(rufweiche, tmp_path):
    rows = "".join(f"A{index};089 {1000000 + index}\n" for index in range(30))
    (tmp_path / "one.csv").write_text("Name;Telefon\n" + rows)
    code, out, err = rufweiche("import-contacts", "one.csv", "--preview")
    assert (code, err) == (0, "")
    assert out.splitlines()[0].split() == ["+49891000000", "A0", "csv"]
    assert out.splitlines()[-1] == "30 contacts, of which these are the first 20; nothing was stored."
    assert len(out.splitlines()) == 21
    assert known(rufweiche) == []


def test_what_was_left_out_is_said(rufweiche, tmp_path):
    rows = "".join(f"A{index};x{index}\n" for index in range(30))
    (tmp_path / "one.csv").write_text(f"Name;Telefon\n{rows}Anna;089 2222222\n")
    code, out, err = rufweiche("import-contacts", "one.csv")
    assert code == 0
    assert out.startswith("1 contacts stored")
    assert err.splitlines()[0] == "warning: line 2: „x0“ ist keine Rufnummer."
    assert err.splitlines()[-1] == "warning: and 10 more like these"


@pytest.mark.parametrize("command", ["import-contacts", "import-blocklist"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\0", "keine Textdatei"),
        (b"", "Rufnummern"),
        (b" " * 5_000_001, "höchstens 5 MB werden gelesen. Bitte exportieren Sie die Kontakte ohne Fotos"),
        (b"<html>", "FRITZ!Box"),
    ],
)
def test_a_file_that_cannot_be_read(rufweiche, tmp_path, command, content, said):
    (tmp_path / "file").write_bytes(content)
    code, out, err = rufweiche(command, "file")
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_a_csv_of_other_columns(rufweiche, tmp_path):
    (tmp_path / "file").write_text("Name;Ort\nAnna;Berlin")
    code, _, err = rufweiche("import-contacts", "file")
    assert code == 2
    assert "Gefunden: Name, Ort." in err
    (tmp_path / "file").write_text("Name;Telefon\n")  # an empty table must not take away what there is
    assert rufweiche("import-contacts", "file")[0] == 2
    assert rufweiche("import-contacts", "nowhere")[0] == 2


# --- blocking ----------------------------------------------------------------------------------


def test_import_a_block_list(rufweiche, tmp_path):
    (tmp_path / "list").write_text("# pests\n0900*\n040 123456; Umfrage\n+49*\n")
    code, out, err = rufweiche("import-blocklist", "list")
    assert (code, out) == (0, "2 contacts stored, in place of the last ones of this kind (blocklist).\n")
    assert err == "warning: line 4: „+49*“ ist zu kurz, das träfe zu viele.\n"
    assert explained(rufweiche, "0900 1 234567") == ("blocked", "contact +49900*")
    assert explained(rufweiche, "040 123456") == ("blocked", "contact +4940123456 Umfrage")
    assert rufweiche("unblock", "040 123456")[0] == 0
    assert explained(rufweiche, "040 123456")[0] == "otherwise"


def test_block_and_unblock(rufweiche):
    assert rufweiche("block", "040 123456", "--name", " Pest\t") == (0, "+4940123456 is blocked.\n", "")
    assert explained(rufweiche, "040 123456") == ("blocked", "contact +4940123456 Pest")
    assert rufweiche("contacts")[1] == "+4940123456  Pest  blocked  block\n"
    assert rufweiche("block", "040 123457*")[0] == 0
    assert explained(rufweiche, "040 1234579")[0] == "blocked"
    assert rufweiche("unblock", "040 123457*")[1] == "+4940123457* is not blocked any more.\n"
    assert rufweiche("unblock", "+49 40 123456")[0] == 0
    assert rufweiche("contacts")[1] == "No contacts.\n"


def test_the_settings_have_the_last_word(rufweiche):
    code, _, err = rufweiche("block", "030 5555555")
    assert code == 0
    assert err == "warning: the settings decide otherwise: caller[0] Huber\n"
    assert explained(rufweiche, "030 5555555")[0] == "caller"


def test_what_blocks_besides_is_named(rufweiche):
    rufweiche("block", "040 12*")
    rufweiche("block", "040 123456")
    code, _, err = rufweiche("unblock", "040 123456")
    assert code == 2
    assert err == "rufweiche: +4940123456 is still blocked, by contact +494012*\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["block", "Huber"], "'Huber' is no phone number"),
        (["block", "*"], "'*' is no phone number"),
        (["block", "+49*"], "would concern everybody"),
        (["block", "0*"], "would concern everybody"),
        (["block", "040 123456", "--name", "a\x1bb"], "control characters"),
        (["unblock", "040 123456"], "+4940123456 is not blocked"),
    ],
)
def test_what_cannot_be_blocked(rufweiche, arguments, said):
    code, out, err = rufweiche(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert known(rufweiche) == []
