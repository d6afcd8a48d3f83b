"""Settings from the boot partition: taken in and gone, or left with what is wrong beside them."""

import stat

import pytest

from appliance.core.settings import from_json, to_json
from appliance.core.settings_check import check_file
from appliance.firstboot import ERRORS, FILE, SETUP_CODE, TAKEN_IN, take_in
from appliance.machine import Machine
from appliance.store.database import Store
from appliance.store.page import PageStore

HASH = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$WSPPDtAFxDxDhcfG0TLbI34pHtSVkRbODHPfKz8Nf1E"
SETTINGS = """
[business]
name = "Tischlerei Muster"
owner_mobile = "+4915112345678"
[[line]]
name = "office"
kind = "gsm"
pin = "9753"
[[target]]
name = "desk"
number = "+49301111111"
[[plan]]
name = "open"
chain = ["desk"]
[timetable]
otherwise = "open"
"""
BOX = f"""
[box]
hostname = "laden"
wifi = {{ ssid = "Laden", password = "Hobelbank 7" }}
web_password_hash = "{HASH}"
setup_code = "ABCD2345"
"""
SECRETS = (b"9753", b"Hobelbank", b"argon2", b"ABCD2345")


class Card:
    def __init__(self, folder):
        self.boot, self.root = folder / "boot", folder / "root"
        self.state = self.root / "state"
        self.state.mkdir(parents=True)
        (self.root / "etc").mkdir()
        self.boot.mkdir()
        self.names = []

    def write(self, content, name=FILE):
        data = content if isinstance(content, bytes) else content.encode()
        (self.boot / name).write_bytes(data)

    def start(self):
        return take_in(self.boot, self.state, Machine(self.root), self.names.append)

    def stored(self):
        with Store.open(self.state) as store:
            return from_json(store.load_settings()[1])

    def has_settings(self):
        with Store.open(self.state, create=True) as store:
            return store.load_settings() is not None

    def said(self):
        return (self.boot / ERRORS).read_bytes().decode("utf-8-sig")

    def files(self):
        return sorted(path.name for path in self.boot.iterdir())


@pytest.fixture
def card(tmp_path):
    return Card(tmp_path)


def test_nothing_there(card):
    outcome = card.start()
    assert (outcome.done, outcome.mistakes) == ([], [])
    assert card.files() == []


def test_taken_in(card):
    card.write(SETTINGS + BOX)
    outcome = card.start()
    assert outcome.mistakes == []
    assert card.stored().business.name == "Tischlerei Muster"
    assert card.stored().line[0].pin == "9753"
    assert card.names == ["laden"]
    assert (card.root / "etc/hostname").read_text() == "laden\n"
    assert (card.state / SETUP_CODE).read_text() == "ABCD2345\n"
    assert stat.S_IMODE((card.state / SETUP_CODE).stat().st_mode) == 0o640
    with PageStore.open(card.state) as store:
        assert store.kept("page.password") == HASH


def test_no_secret_stays_on_the_boot_partition(card):
    card.write(SETTINGS + BOX)
    card.start()
    assert card.files() == [TAKEN_IN]
    left = (card.boot / TAKEN_IN).read_bytes()
    assert not any(secret in left for secret in SECRETS)
    assert "http://laden.local" in left.decode("utf-8-sig")


def test_the_file_is_overwritten_before_it_is_removed(card):
    card.write(SETTINGS + BOX)
    (card.boot.parent / "cells").hardlink_to(card.boot / FILE)
    card.start()
    assert (card.boot.parent / "cells").read_bytes().strip(b"\0") == b""


def test_what_belongs_elsewhere_is_not_stored_twice(card):
    card.write(SETTINGS + BOX)
    card.start()
    box = card.stored().box
    assert (box.wifi, box.web_password_hash, box.setup_code) == (None, None, None)
    assert box.hostname == "laden"


def test_mistakes_are_written_beside_it_and_nothing_is_stored(card):
    card.write(SETTINGS.replace('chain = ["desk"]', 'chain = ["dsek"]').replace('kind = "gsm"', 'kind = "lte"') + BOX)
    outcome = card.start()
    assert [mistake.place for mistake in outcome.mistakes] == ["line[0].kind", "plan[0].chain[0]"]
    assert card.files() == sorted([ERRORS, FILE])
    for mistake in outcome.mistakes:
        assert str(mistake) in card.said()
    assert not card.has_settings()
    assert card.names == []
    assert not (card.root / "etc/hostname").exists()


@pytest.mark.parametrize(("language", "word"), [("de", "Bitte ändern Sie"), ("en", "Please change")])
def test_in_the_language_of_the_settings(card, language, word):
    card.write(SETTINGS.replace("[business]", f'[business]\nlanguage = "{language}"').replace('"gsm"', '"lte"'))
    card.start()
    assert word in card.said()


@pytest.mark.parametrize(
    "content",
    [
        b"[business\nlanguage = 'en'\n",
        b"\xff\xfe[\0b\0u\0s\0",  # UTF-16, as Windows' editor can write it
        SETTINGS.encode("cp1252").replace(b"Muster", b"M\xfcller"),
        b"",
        bytes(300),
        b"x" * 1_000_001,
        b"\x7fELF\x01\x02",
        b"[business]\n" * 2,
        b"a = " + b"[" * 5000,
    ],
)
def test_what_is_no_settings_file(card, content):
    card.write(content)
    outcome = card.start()
    assert len(outcome.mistakes) >= 1
    assert str(outcome.mistakes[0]) in card.said()
    assert (card.boot / FILE).read_bytes() == content
    assert not card.has_settings()


def test_mended_it_is_taken_in_and_the_mistakes_are_gone(card):
    card.write(SETTINGS.replace('"gsm"', '"lte"'))
    card.start()
    assert ERRORS in card.files()
    card.write(SETTINGS)
    card.start()
    assert card.files() == [TAKEN_IN]


@pytest.mark.parametrize("name", ["Rufweiche.TOML", "rufweiche.toml.txt", "RUFWEICHE.TOML"])
def test_names_as_windows_makes_them(card, name):
    card.write(SETTINGS, name)
    card.start()
    assert card.has_settings()
    assert card.files() == [TAKEN_IN]


def test_a_mark_and_line_ends_of_windows(card):
    card.write(b"\xef\xbb\xbf" + SETTINGS.replace("\n", "\r\n").encode())
    card.start()
    assert card.has_settings()


def test_cut_off_while_it_was_overwritten(card):
    card.write(SETTINGS)
    card.start()
    card.write(bytes(300))
    card.start()
    assert card.files() == [TAKEN_IN]
    assert card.stored().business.name == "Tischlerei Muster"


def test_cut_off_when_half_of_it_was_overwritten(card):
    """What is left of it may hold PINs; the next start has no use for it."""
    card.write(SETTINGS + BOX)
    card.start()
    card.write(bytes(512) + ("# " + "x" * 500 + SETTINGS + BOX).encode()[512:])
    (card.boot.parent / "cells").hardlink_to(card.boot / FILE)
    assert card.start().mistakes == []
    assert card.files() == [TAKEN_IN]
    assert (card.boot.parent / "cells").read_bytes().strip(b"\0") == b""


@pytest.mark.parametrize("content", [SETTINGS.encode()[:100] + bytes(400), bytes(512) + SETTINGS.encode()])
def test_a_file_with_a_hole_is_to_be_copied_once_more(card, content):
    card.write(content)
    card.start()
    assert "kopieren Sie sie noch einmal" in card.said()
    assert (card.boot / FILE).read_bytes() == content


def test_what_it_left_takes_the_mistakes_of_an_earlier_try_along(card):
    card.write(SETTINGS.replace('"gsm"', '"lte"'))
    card.start()
    with Store.open(card.state, create=True) as store:
        store.save_settings(to_json(check_file(SETTINGS.encode()).settings))
    card.write(bytes(300))
    assert card.start().mistakes == []
    assert card.files() == [TAKEN_IN]


def test_zeros_may_also_be_a_new_file_that_was_badly_copied_which_is_said(card):
    card.write(SETTINGS + BOX)
    card.start()
    card.write(bytes(300))
    card.start()
    said = (card.boot / TAKEN_IN).read_text(encoding="utf-8-sig")
    assert "kopieren Sie sie noch einmal" in said
    assert "http://laden.local" in said


@pytest.mark.parametrize(("language", "words"), [(b"", "kopieren Sie sie noch einmal"), (b"en", "copy it")])
def test_a_card_pulled_too_early_leaves_an_empty_file_which_is_said(card, language, words):
    """Also on a box in use: what overwriting leaves is as long as the file was."""
    card.write(SETTINGS.replace("[business]", '[business]\nlanguage = "en"') if language else SETTINGS)
    card.start()
    card.write(b"")
    assert [mistake.place for mistake in card.start().mistakes] == [FILE]
    assert words in card.said()
    assert card.files() == sorted([ERRORS, FILE, TAKEN_IN])


def test_two_of_them_the_second_does_not_come_back_at_a_later_start(card):
    card.write(SETTINGS.replace("Muster", "Alt"), FILE + ".txt")
    card.write(SETTINGS)
    assert "rufweiche.toml.txt" in " ".join(card.start().done)
    assert card.files() == [TAKEN_IN]
    assert "rufweiche.toml.txt" in (card.boot / TAKEN_IN).read_text(encoding="utf-8-sig")
    assert (card.start().done, card.stored().business.name) == ([], "Tischlerei Muster")


def test_of_two_the_one_that_counts_goes_last(card, monkeypatch):
    """A power cut between them: the next start has the right one still."""
    gone = []
    monkeypatch.setattr("appliance.firstboot.shred", lambda path: gone.append(path.name))
    for name in (FILE, FILE + ".txt"):
        card.write(SETTINGS, name)
    card.start()
    assert gone == [FILE + ".txt", FILE]


def test_of_two_none_is_removed_where_the_first_cannot_be_read(card):
    card.write(SETTINGS)
    card.start()
    for first in (b"", bytes(300), b"[business"):
        card.write(first)
        card.write(SETTINGS, FILE + ".txt")
        assert card.start().mistakes
        assert card.files() == sorted([ERRORS, FILE, FILE + ".txt", TAKEN_IN])


def test_cut_off_before_it_was_removed_it_is_taken_in_again(card):
    for _ in range(2):
        card.write(SETTINGS + BOX)
        card.start()
    assert card.files() == [TAKEN_IN]
    assert card.names == ["laden", "laden"]


def test_a_link_is_not_followed(card, tmp_path):
    (tmp_path / "elsewhere").write_text(SETTINGS)
    (card.boot / FILE).symlink_to(tmp_path / "elsewhere")
    card.start()
    assert (tmp_path / "elsewhere").read_text() == SETTINGS
    assert not card.has_settings()


def test_a_kernel_that_lets_nobody_rename_it(card):
    def refuse(name):
        raise PermissionError(1, "not permitted")

    card.write(SETTINGS + BOX)
    take_in(card.boot, card.state, Machine(card.root), refuse)
    assert (card.root / "etc/hostname").read_text() == "laden\n"


def test_warnings_are_said(card):
    card.write(SETTINGS + "\n[holidays]\nplan = 'open'\n")
    card.start()
    text = (card.boot / TAKEN_IN).read_text(encoding="utf-8-sig")
    assert "business.region" in text


def test_it_stays_where_data_are_kept_in_memory_only(card, tmp_path):
    lost = tmp_path / "data-lost"
    for what, stays in [("memory", True), ("empty", False)]:
        lost.write_text(f"{what}\n")
        card.write(SETTINGS)
        assert "settings" in take_in(card.boot, card.state, Machine(card.root), card.names.append, lost).done
        assert (FILE in card.files()) is stays
