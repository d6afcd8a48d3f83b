"""What is done to the hook and dialled, by what the modem is plugged into."""

import pytest

from appliance.core.settings import Site
from appliance.lines.sites import PRESETS, dialled, flash_string, keys, site_of
from tests.lines.analog_bench import GERMANY


def test_sites():
    assert site_of(None) == Site()
    assert site_of("pbx").prefix == "0"
    assert site_of(Site(prefix="9")).prefix == "9"
    assert {flash_string(site.flash_ms) for site in PRESETS.values()} == {"{!,9}", "{!,24}"}
    for site in PRESETS.values():
        assert keys(site.fetch_back).flash
        keys(site.complete)


@pytest.mark.parametrize(
    ("number", "prefix", "digits"),
    [("+493012345", "", "03012345"), ("+493012345", "0", "003012345"), ("+41443334444", "", "0041443334444")],
)
def test_what_is_dialled(number, prefix, digits):
    assert dialled(number, GERMANY, prefix) == digits
