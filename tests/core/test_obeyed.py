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
        ("[timetable]", '[messages]\nquiet = { from = "22:00", to = "06:00" }\n[timetable]', "messages.quiet"),
        ("[timetable]", '[messages]\nmissed = "digest"\n[timetable]', "messages.missed"),
        ("[timetable]", '[notify]\nwebhook = "https://ntfy.example/abc"\n[timetable]', "notify.webhook"),
        ("[timetable]", "[guard]\nforwards_per_hour = 3\n[timetable]", "guard.forwards_per_hour"),
        ("[timetable]", "[costs]\ntext_ct = 9\n[timetable]", "costs.text_ct"),
        ('number = "+49301111111"', 'number = "+49301111111"\nbrief = true', "target[0].brief"),
    ],
)
def test_what_nothing_acts_on_is_named(old, new, place):
    assert not_yet(check_file(SMALL.replace(old, new).encode()).settings) == [place]


def test_missed_off_is_obeyed():
    assert not_yet(check_file((SMALL + '[messages]\nmissed = "off"').encode()).settings) == []


def test_places_are_places_of_the_file():
    settings = check_file(FULL.encode()).settings
    for place in not_yet(settings):
        found = settings
        for part in place.replace("[", ".").replace("]", "").split("."):
            found = found[int(part)] if part.isdigit() else getattr(found, part)
        assert found is not None
