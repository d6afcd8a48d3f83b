import pytest

from appliance.core.obeyed import not_yet
from appliance.core.settings_check import check_file

from .settings_sample import FULL, SMALL


def test_settings_of_the_main_job_are_obeyed():
    assert not_yet(check_file(SMALL.encode()).settings) == []


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('number = "+49301111111"', 'number = "+49301111111"\nconfirm = true', "target[0].confirm"),
        ('name = "open"', 'name = "open"\notherwise = "voicemail"', "plan[0].otherwise"),
        ('kind = "gsm"', 'kind = "analog"', "line[0].kind"),
    ],
)
def test_what_nothing_acts_on_is_named(old, new, place):
    assert not_yet(check_file(SMALL.replace(old, new).encode()).settings) == [place]


@pytest.mark.parametrize(
    "more",
    [
        '[messages]\nmissed = "digest"',
        '[messages]\nquiet = { from = "22:00", to = "06:00" }',
        '[notify]\nwebhook = "https://ntfy.example/abc"',
        "[guard]\nforwards_per_hour = 3",
        "[costs]\ntext_ct = 9",
    ],
)
def test_what_is_obeyed_is_not_named(more):
    assert not_yet(check_file((SMALL + more).encode()).settings) == []


def test_places_are_places_of_the_file():
    settings = check_file(FULL.encode()).settings
    for place in not_yet(settings):
        found = settings
        for part in place.replace("[", ".").replace("]", "").split("."):
            found = found[int(part)] if part.isdigit() else getattr(found, part)
        assert found is not None
