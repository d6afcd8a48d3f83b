"""What is said of the address."""

import pytest

from appliance.core import addresses
from appliance.core.wording import parts


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_text_is_one_part_and_has_the_number_first(language):
    text = addresses.text(["192.168.178.20"], "rufweiche", language)
    assert text.endswith("http://192.168.178.20, http://rufweiche.local")
    many = [f"192.168.178.{number}" for number in range(100, 130)]
    long = addresses.text(many, "a" * 63, language)
    assert parts(text) == parts(long) == 1
    assert many[0] in long


def test_a_file_for_any_editor():
    text = addresses.file_text(["10.0.0.7", "192.168.1.5"], "werkstatt", "de")
    assert text.split("\r\n")[2:5] == ["http://10.0.0.7", "http://werkstatt.local", "http://192.168.1.5"]
    assert "\n" not in text.replace("\r\n", "")


@pytest.mark.parametrize("language", ["de", "en"])
def test_what_a_screen_shows_has_nothing_it_would_take_for_a_command(language):
    without = addresses.screen_text("ABCD-2345", [], "werkstatt", language)
    assert "ABCD-2345" in without and "Rufweiche" in without
    with_address = addresses.screen_text(None, ["192.168.1.5"], "werkstatt", language)
    assert [line.strip() for line in with_address.split("\n") if "http" in line] == [
        "http://192.168.1.5",
        "http://werkstatt.local",
    ]
    assert "\\" not in without + with_address
