"""What the parts of the settings demand of each other, and what is doubtful but possible."""

import tomllib

import pytest

from appliance.core.settings_check import check, check_file

from .settings_sample import SMALL, changed, places, warned


def test_names_are_not_given_twice():
    again = '[[line]]\nname = "office"\nkind = "gsm"\nport = "/dev/ttyUSB0"\nnumber = "0171 1234567"\n'
    again += '[[target]]\nname = "desk"\nnumber = "030 2222222"\n[[plan]]\nname = "open"\n'
    assert places(SMALL + again) == ["line[1].name", "line[1].port", "target[1].name", "plan[1].name"]


def test_texts_go_over_gsm_only():
    analog = '[[line]]\nname = "shop"\nkind = "analog"\nport = "/dev/ttyACM0"\nnumber = "089 12346"\nsite = "pbx"\n'
    assert places(SMALL + analog + '[messages]\nover = "shop"') == ["messages.over"]
    assert places(SMALL + analog + '[messages]\nover = "office"') == []


def test_bridge_goes_over_another_gsm_line():
    other = '[[line]]\nname = "other"\nkind = "{}"\nport = "/dev/ttyACM0"\nnumber = "0171 1234567"\nsite = "pbx"\n'
    bridged = changed('kind = "gsm"', 'kind = "gsm"\nforward_by = ["bridge"]\nbridge_over = "other"')
    assert places(bridged + other.format("analog")) == ["line[0].bridge_over"]
    assert places(bridged + other.format("gsm")) == []


# --- slots --------------------------------------------------------------------------------------------


def slots(*slots):
    return SMALL + "".join(
        f'[[timetable.slot]]\ndays = {days}\nfrom = "{start}"\nto = "{end}"\nplan = "open"\n'
        for days, start, end in slots
    )


@pytest.mark.parametrize(
    ("first", "second", "where"),
    [
        ((["mon"], "08:00", "12:00"), (["mon"], "11:59", "13:00"), "Montag 11:59 bis 12:00"),
        ((["mon"], "08:00", "12:00"), (["mon"], "12:00", "13:00"), None),
        ((["mon"], "08:00", "12:00"), (["tue"], "08:00", "12:00"), None),
        ((["mon"], "22:00", "06:00"), (["tue"], "05:00", "07:00"), "Dienstag 05:00 bis 06:00"),
        ((["mon"], "22:00", "06:00"), (["tue"], "06:00", "07:00"), None),
        ((["sun"], "22:00", "06:00"), (["mon"], "05:00", "07:00"), "Montag 05:00 bis 06:00"),
        ((["mon"], "05:00", "07:00"), (["sun"], "22:00", "06:00"), "Montag 05:00 bis 06:00"),
        ((["mon"], "08:00", "08:00"), (["tue"], "07:59", "09:00"), "Dienstag 07:59 bis 08:00"),
        ((["mon"], "00:00", "24:00"), (["tue"], "00:00", "24:00"), None),
        ((["mon", "tue"], "08:00", "08:00"), (["wed"], "08:00", "08:00"), None),
    ],
)
def test_overlapping_slots(first, second, where):
    mistakes = check(tomllib.loads(slots(first, second))).mistakes
    if where is None:
        assert mistakes == []
    else:
        assert [mistake.place for mistake in mistakes] == ["timetable.slot[1]"]
        assert "timetable.slot[0]" in mistakes[0].text
        assert where in mistakes[0].text


# --- doubts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('"+49301111111"', '"0171 2345678"', "target[0].ring_seconds"),
        ('"+49301111111"', '"030 1111111"\nconfirm = true', "target[0].confirm"),
        ('number = "+498912345"', "", "line[0]"),
        ('kind = "gsm"', 'kind = "gsm"\nsite = "pbx"', "line[0].site"),
        ('chain = ["desk"]', 'chain = ["desk", "on-call"]', "plan[0].chain"),
        ("[timetable]", '[holidays]\nplan = "open"\n[timetable]', "holidays"),
        ("[business]", '[business]\nregion = "BY"\nlocal_holidays = ["assumption"]', "business.local_holidays"),
        ("[timetable]", '[costs]\ncap_plan = "open"\n[timetable]', "costs.cap_plan"),
        ("[timetable]", "[costs]\nbalance_warn_eur = 5\n[timetable]", "costs.balance_warn_eur"),
        (
            "[timetable]",
            '[[line]]\nname = "b"\nkind = "gsm"\nnumber = "0171 1234567"\nbridge_over = "office"\n[timetable]',
            "line[1].bridge_over",
        ),
    ],
)
def test_doubtful_but_possible(old, new, place):
    assert warned(changed(old, new)) == [place]


@pytest.mark.parametrize(
    ("number", "methods", "says"),
    [
        ("030 1111111", '["transfer"]', "An eine Festnetznummer geht keine SMS"),
        ("0171 2345678", '["conference", "transfer"]', "die SMS kommt erst danach"),
        ("0171 2345678", '["transfer", "conference"]', None),
    ],
)
def test_who_cannot_be_told_before_the_call(number, methods, says):
    toml = changed('number = "+49301111111"', f'number = "{number}"\nbrief = true\nring_seconds = 15')
    checked = check_file(changed('kind = "gsm"', f'kind = "gsm"\nforward_by = {methods}', toml).encode())
    assert checked.mistakes == []
    found = [str(one) for one in checked.warnings if one.place == "target[0].brief"]
    assert len(found) == (says is not None) and all(says in one for one in found)


def test_holidays_of_a_region_nobody_knows():
    dutch = changed("[business]", '[business]\ncountry = "AT"\nregion = "{}"') + '[holidays]\nplan = "open"'
    assert warned(dutch.format("W")) == ["business.region"]
    assert warned(dutch.format("at-9")) == []
    assert warned(dutch.replace("AT", "DK").format("84")) == []  # all of Denmark has the same


def test_without_a_gsm_line_no_texts_can_be_sent():
    assert warned(changed('kind = "gsm"', 'kind = "analog"\nsite = "pbx"')) == ["messages.over"]
    assert warned(changed('kind = "gsm"', 'kind = "analog"')) == ["line[0]", "messages.over"]
    analog = changed('kind = "gsm"', 'kind = "analog"\nsite = "pbx"').encode()
    hook = b'[notify]\nwebhook = "https://a.de"\n'
    for more, says in ((b"", "schlagen fehl"), (hook, "nur per E-Mail oder Webhook")):
        (warning,) = check_file(analog + more).warnings
        assert says in warning.text


def test_two_lines_that_look_for_their_modem():
    both = changed('port = "/dev/ttyUSB0"', "") + '[[line]]\nname = "b"\nkind = "gsm"\nnumber = "0171 1234567"\n'
    assert warned(both) == ["line"]
