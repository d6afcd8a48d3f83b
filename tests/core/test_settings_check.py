"""Each rule of the settings file: what is accepted, what is refused and at which place."""

import datetime as dt
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.mistakes import _SENTENCES
from appliance.core.settings import Costs, Site, from_json, to_json
from appliance.core.settings_check import check, check_file

from .settings_sample import FULL, SMALL


def places(toml):
    return [mistake.place for mistake in check(tomllib.loads(toml)).mistakes]


def warned(toml):
    checked = check(tomllib.loads(toml))
    assert checked.mistakes == []
    return [warning.place for warning in checked.warnings]


def changed(old, new, sample=SMALL):
    assert sample.count(old) == 1, old
    return sample.replace(old, new)


# --- what is right -----------------------------------------------------------------------------


def test_the_least_there_can_be():
    checked = check_file(SMALL.encode())
    assert checked.mistakes == checked.warnings == []
    settings = checked.settings
    assert settings.business.language == "de"
    assert settings.business.timezone == "Europe/Berlin"
    assert settings.line[0].forward_by == ("transfer", "conference")
    assert settings.line[0].max_call_minutes == 60
    assert settings.plan[0].answer_after_rings == 4
    assert settings.messages.missed == "at-once"
    assert settings.messages.keep_days == 90
    assert settings.dial_plan.country_code == "49"


def test_everything_there_can_be():
    checked = check_file(FULL.encode())
    assert checked.mistakes == checked.warnings == []
    settings = checked.settings
    assert settings.business.owner_mobile == "+4915112345678"
    assert settings.business.numbers == ("+498912345",)
    assert [line.number for line in settings.line] == ["+498912346", "+491711234567", "+498912347", "+498912348"]
    assert settings.line[2].site == Site(flash_ms=100, complete="flash 4", prefix="0")
    assert settings.line[3].forward_by == ("flash",)
    assert [caller.number for caller in settings.caller] == ["+4989777*", "+4930123456", "**50"]
    assert f"{settings.timetable.slot[0].from_:%H:%M}" == "07:30"
    assert [f"{time:%H:%M}" for time in settings.messages.digest_at] == ["12:00", "17:00"]
    assert settings.target[1].tariff_ct == 9.5
    assert settings.costs == Costs(
        text_ct=9.0,
        monthly_cap_eur=30.0,
        cap_plan="closed",
        balance_ussd="*100#",
        balance_warn_eur=5.5,
        card_expires=dt.date(2027, 12, 24),
    )
    assert settings.guard.forwards_per_hour == 4
    assert settings.public_holidays[dt.date(2026, 8, 15)] == "Mariä Himmelfahrt"
    assert from_json(to_json(settings)) == settings


@pytest.mark.parametrize("complete", ["on-hook", "flash", "flash 4", "*98", "#4"])
def test_how_an_analog_site_may_complete_a_transfer(complete):
    toml = changed('kind = "gsm"', f'kind = "analog"\nsite = {{ complete = "{complete}", blind = true }}')
    checked = check_file(toml.encode())
    assert checked.mistakes == []
    assert checked.settings.line[0].site == Site(complete=complete, blind=True)


def test_a_plan_may_have_nobody_to_call():
    assert places(changed('chain = ["desk"]', "")) == []


def test_the_file_may_come_from_windows():
    assert check_file(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode()).mistakes == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('port = "/dev/ttyUSB0"', 'port = "auto"'),
        ('port = "/dev/ttyUSB0"', ""),
        ('port = "/dev/ttyUSB0"', 'port = "/dev/ttyUSB0"\npin = ""'),
        ("[timetable]", '[messages]\ndigest_at = ["24:00"]\n[timetable]'),
        ("[business]", '[business]\ncountry = "de"\nregion = "DE-by"'),
        ("[business]", '[business]\nlanguage = "en"\nname = ""'),
    ],
)
def test_harmless_variations(old, new):
    assert places(changed(old, new)) == []


# --- what is wrong -----------------------------------------------------------------------------

REQUIRED = {
    "": ["business", "line", "plan", "timetable"],
    "[business]": ["business.owner_mobile"],
    "[[line]]": ["line[0].kind", "line[0].name"],
    "[[target]]": ["target[0].number", "target[0].name"],
    "[[plan]]": ["plan[0].name"],
    "[timetable]": ["timetable.otherwise"],
    "[[timetable.slot]]": [f"timetable.slot[0].{key}" for key in ("days", "from", "to", "plan")],
    "[[closure]]": [f"closure[0].{key}" for key in ("from", "to", "plan")],
    "[holidays]": ["holidays.plan"],
    "[[roster]]": [f"roster[0].{key}" for key in ("from", "to", "target")],
    "[[caller]]": ["caller[0].number"],
    "[messages]\nquiet = {}": ["messages.quiet.from", "messages.quiet.to"],
    "[notify]\nemail = {}": ["notify.email.to", "notify.email.host"],
}


@pytest.mark.parametrize(("toml", "missing"), REQUIRED.items())
def test_what_must_be_there(toml, missing):
    assert set(missing) <= set(places(toml))


MISTAKES = [
    # business
    ("[business]", '[business]\nlanguage = "fr"', "business.language"),
    ("[business]", "[business]\nlanguage = 3", "business.language"),
    ("[business]", '[business]\ntimezone = "Europe/Berlln"', "business.timezone"),
    ("[business]", '[business]\ntimezone = "Europe"', "business.timezone"),
    ("[business]", '[business]\ntimezone = "../../etc/passwd"', "business.timezone"),
    ("[business]", '[business]\ncountry = "US"', "business.country"),
    ("[business]", '[business]\ncountry = "Deutschland"', "business.country"),
    ("[business]", '[business]\nregion = "Bayern"', "business.region"),
    ("[business]", '[business]\nlocal_holidays = ["assumption"]', "business.local_holidays"),
    ("[business]", '[business]\nregion = "NW"\nlocal_holidays = ["assumption"]', "business.local_holidays"),
    ("[business]", '[business]\nregion = "BY"\nlocal_holidays = ["corpus-christi"]', "business.local_holidays[0]"),
    ("[business]", '[business]\nregion = "SN"\nlocal_holidays = "corpus-christi"', "business.local_holidays"),
    ("[business]", "[business]\nregion = 3\nlocal_holidays = []", "business.region"),
    ("[business]", '[business]\nname = "a\\u001bb"', "business.name"),
    ("[business]", f'[business]\nname = "{"a" * 81}"', "business.name"),
    ("[business]", '[business]\nnumbers = "+498912346"', "business.numbers"),
    ("[business]", '[business]\nnumbers = ["+498912346", "12"]', "business.numbers[1]"),
    ("[business]", "[business]\nnumbers = [498912346]", "business.numbers[0]"),
    ('"+4915112345678"', '"+4930123456"', "business.owner_mobile"),
    ('"+4915112345678"', '"110"', "business.owner_mobile"),
    ('"+4915112345678"', '"+498912345"', "business.owner_mobile"),
    ('"+4915112345678"', "4915112345678", "business.owner_mobile"),
    ('"+4915112345678"', '""', "business.owner_mobile"),
    # lines
    ('kind = "gsm"', 'kind = "isdn"', "line[0].kind"),
    ('port = "/dev/ttyUSB0"', 'port = "COM3"', "line[0].port"),
    ('kind = "gsm"', 'kind = "gsm"\nbaudrate = 115201', "line[0].baudrate"),
    ('kind = "gsm"', 'kind = "gsm"\nbaudrate = "115200"', "line[0].baudrate"),
    ('kind = "gsm"', 'kind = "gsm"\nbaudrate = 0', "line[0].baudrate"),
    ('"+498912345"', '"nummer"', "line[0].number"),
    ('kind = "gsm"', 'kind = "gsm"\npin = "123"', "line[0].pin"),
    ('kind = "gsm"', 'kind = "gsm"\npin = "123456789"', "line[0].pin"),
    ('kind = "gsm"', 'kind = "gsm"\npin = 1234', "line[0].pin"),
    ('kind = "gsm"', 'kind = "gsm"\npin = "12a4"', "line[0].pin"),
    ('kind = "gsm"', 'kind = "gsm"\nforward_by = []', "line[0].forward_by"),
    ('kind = "gsm"', 'kind = "gsm"\nforward_by = ["flash"]', "line[0].forward_by"),
    ('kind = "gsm"', 'kind = "gsm"\nforward_by = ["transfer", "fax"]', "line[0].forward_by[1]"),
    ('kind = "gsm"', 'kind = "gsm"\nforward_by = ["transfer", "transfer"]', "line[0].forward_by"),
    ('kind = "gsm"', 'kind = "analog"\nforward_by = ["transfer"]', "line[0].forward_by"),
    ('kind = "gsm"', 'kind = "gsm"\nforward_by = ["bridge"]', "line[0].bridge_over"),
    ('kind = "gsm"', 'kind = "gsm"\nforward_by = ["bridge"]\nbridge_over = "x"', "line[0].bridge_over"),
    ('kind = "gsm"', 'kind = "gsm"\nforward_by = ["bridge"]\nbridge_over = "office"', "line[0].bridge_over"),
    ('kind = "gsm"', 'kind = "gsm"\nsafety_net = "nobody"', "line[0].safety_net"),
    ('kind = "gsm"', 'kind = "gsm"\nsafety_net = "on-call"', "line[0].safety_net"),
    ('kind = "gsm"', 'kind = "gsm"\nmax_call_minutes = 0', "line[0].max_call_minutes"),
    ('kind = "gsm"', 'kind = "gsm"\nmax_call_minutes = 601', "line[0].max_call_minutes"),
    ('kind = "gsm"', 'kind = "analog"\nsite = "telekom"', "line[0].site"),
    ('kind = "gsm"', 'kind = "analog"\nsite = { flash_ms = 700 }', "line[0].site.flash_ms"),
    ('kind = "gsm"', 'kind = "analog"\nsite = { complete = "flash four" }', "line[0].site.complete"),
    ('kind = "gsm"', 'kind = "analog"\nsite = { fetch_back = "on-hook" }', "line[0].site.fetch_back"),
    ('kind = "gsm"', 'kind = "analog"\nsite = { prefix = "0w" }', "line[0].site.prefix"),
    ('kind = "gsm"', 'kind = "analog"\nsite = { flash = 90 }', "line[0].site.flash"),
    # targets
    ('"+49301111111"', '"112"', "target[0].number"),
    ('"+49301111111"', '"+49 89 12345"', "target[0].number"),
    ('"+49301111111"', '"0900 1 123456"', "target[0].number"),
    ('"+49301111111"', '"*21*030123456#"', "target[0].number"),
    ('"+49301111111"', "49301111111", "target[0].number"),
    ('name = "desk"', 'name = "on-call"', "target[0].name"),
    ('name = "desk"', 'name = "desk"\nring_seconds = 2', "target[0].ring_seconds"),
    ('name = "desk"', 'name = "desk"\nring_seconds = 121', "target[0].ring_seconds"),
    ('name = "desk"', 'name = "desk"\nring_seconds = 25.0', "target[0].ring_seconds"),
    ('name = "desk"', 'name = "desk"\nring_seconds = true', "target[0].ring_seconds"),
    ('name = "desk"', 'name = "desk"\nconfirm = "yes"', "target[0].confirm"),
    ('name = "desk"', 'name = "desk"\nbrief = 1', "target[0].brief"),
    ('name = "desk"', 'name = "desk"\ntariff_ct = "9"', "target[0].tariff_ct"),
    ('name = "desk"', 'name = "desk"\ntariff_ct = -0.1', "target[0].tariff_ct"),
    ('name = "desk"', 'name = "desk"\ntariff_ct = nan', "target[0].tariff_ct"),
    ('name = "desk"', 'name = "desk"\ntariff_ct = true', "target[0].tariff_ct"),
    # plans
    ('name = "open"', 'name = "open"\nanswer_after_rings = 0', "plan[0].answer_after_rings"),
    ('name = "open"', 'name = "open"\nanswer_after_rings = 21', "plan[0].answer_after_rings"),
    ('name = "open"', 'name = "open"\nanswer_after_rings = "4"', "plan[0].answer_after_rings"),
    ('name = "open"', 'name = "open"\nanswer_after_rings = true', "plan[0].answer_after_rings"),
    ('name = "open"', 'name = "open"\notherwise = "fax"', "plan[0].otherwise"),
    ('chain = ["desk"]', 'chain = ["desk", "nobody"]', "plan[0].chain[1]"),
    ('chain = ["desk"]', 'chain = [4, "desk"]', "plan[0].chain[0]"),
    ('chain = ["desk"]', 'chain = "desk"', "plan[0].chain"),
    ('name = "open"', 'name = "off"', "plan[0].name"),
    ('name = "open"', 'name = "blocked"', "plan[0].name"),
    # times
    ('otherwise = "open"', 'otherwise = "shut"', "timetable.otherwise"),
    ('otherwise = "open"', 'otherwise = "open"\naway = "shut"', "timetable.away"),
]


@pytest.mark.parametrize(("old", "new", "place"), MISTAKES)
def test_a_mistake_is_found_where_it_is(old, new, place):
    assert place in places(changed(old, new))


APPENDED = [
    ('[[timetable.slot]]\ndays = []\nfrom = "8:00"\nto = "9:00"\nplan = "open"', "timetable.slot[0].days"),
    ('[[timetable.slot]]\ndays = ["mo"]\nfrom = "8:00"\nto = "9:00"\nplan = "open"', "timetable.slot[0].days[0]"),
    ('[[timetable.slot]]\ndays = ["mon", "mon"]\nfrom = "8:00"\nto = "9:00"\nplan = "open"', "timetable.slot[0].days"),
    ('[[timetable.slot]]\ndays = ["mon"]\nfrom = "8 Uhr"\nto = "9:00"\nplan = "open"', "timetable.slot[0].from"),
    ('[[timetable.slot]]\ndays = ["mon"]\nfrom = "8:00"\nto = "24:30"\nplan = "open"', "timetable.slot[0].to"),
    ('[[timetable.slot]]\ndays = ["mon"]\nfrom = "24:00"\nto = "6:00"\nplan = "open"', "timetable.slot[0].from"),
    ('[[timetable.slot]]\ndays = ["mon"]\nfrom = "8:00"\nto = "9:00"\nplan = "shut"', "timetable.slot[0].plan"),
    ('[[closure]]\nfrom = 2026-12-24\nto = 2026-12-23\nplan = "open"', "closure[0].to"),
    ('[[closure]]\nfrom = "24.12.2026"\nto = 2026-12-25\nplan = "open"', "closure[0].from"),
    ('[[closure]]\nfrom = 2026-12-24T10:00:00\nto = 2026-12-25\nplan = "open"', "closure[0].from"),
    ('[[closure]]\nfrom = 2026-12-24\nto = 2026-12-25\nplan = "shut"', "closure[0].plan"),
    ('[holidays]\nplan = "shut"', "holidays.plan"),
    ('[[roster]]\ntarget = "on-call"\nfrom = 2026-12-24T10:00:00\nto = 2026-12-25T10:00:00', "roster[0].target"),
    ('[[roster]]\ntarget = "desk"\nfrom = 2026-12-24T10:00:00Z\nto = 2026-12-25T10:00:00', "roster[0].from"),
    ('[[roster]]\ntarget = "desk"\nfrom = 2026-12-24\nto = 2026-12-25T10:00:00', "roster[0].from"),
    ('[[roster]]\ntarget = "desk"\nfrom = "2026-12-24"\nto = 2026-12-25T10:00:00', "roster[0].from"),
    ('[[roster]]\ntarget = "desk"\nfrom = 2026-12-26T10:00:00\nto = 2026-12-25T10:00:00', "roster[0].to"),
    ('[[roster]]\ntarget = "desk"\nfrom = 2026-12-25T10:00:00\nto = 2026-12-25T10:00:00', "roster[0].to"),
    (
        '[[roster]]\ntarget = "desk"\nfrom = 2026-12-01T10:00:00\nto = 2026-12-25T10:00:00\nrepeat_weeks = 2',
        "roster[0].repeat_weeks",
    ),
    (
        '[[roster]]\ntarget = "desk"\nfrom = 2026-12-01T10:00:00\nto = 2026-12-02T10:00:00\nrepeat_weeks = 0',
        "roster[0].repeat_weeks",
    ),
    ('[[caller]]\nnumber = "Huber"', "caller[0].number"),
    ('[[caller]]\nnumber = "*"', "caller[0].number"),
    ('[[caller]]\nnumber = "+*"', "caller[0].number"),
    ('[[caller]]\nnumber = "089*777"', "caller[0].number"),
    ('[[caller]]\nnumber = "+4989*777*"', "caller[0].number"),
    ("[[caller]]\nnumber = 89777", "caller[0].number"),
    ('[[caller]]\nnumber = "089777"\nplan = "shut"', "caller[0].plan"),
    ('[[caller]]\nnumber = "08977712"\n[[caller]]\nnumber = "+49 89 777-12"', "caller[1].number"),
    ('[callers]\nwithheld = "shut"', "callers.withheld"),
    ('[callers]\nblocked = "shout"', "callers.blocked"),
    ('[messages]\nmissed = "never"', "messages.missed"),
    ('[messages]\nover = "stick"', "messages.over"),
    ('[messages]\ncommand_code = "a b"', "messages.command_code"),
    ('[messages]\ncommand_code = "ab"', "messages.command_code"),
    ('[messages]\ncommand_code = "!?!"', "messages.command_code"),
    ('[messages]\ncommand_code = "…„“…"', "messages.command_code"),
    ("[messages]\ndigest_at = []", "messages.digest_at"),
    ('[messages]\ndigest_at = "12:00"', "messages.digest_at"),
    ('[messages]\ndigest_at = ["12:00", "25:00"]', "messages.digest_at[1]"),
    ('[messages]\ndigest_at = ["12:00", "12:00"]', "messages.digest_at"),
    ('[messages]\nquiet = "22:00"', "messages.quiet"),
    ('[messages]\nquiet = { from = "22:00", to = "22:00" }', "messages.quiet.to"),
    ('[messages]\nquiet = { from = "0:00", to = "24:00" }', "messages.quiet.to"),
    ('[messages]\nquiet = { from = "0:00" }', "messages.quiet.to"),
    ("[messages]\nat_most_per_day = -1", "messages.at_most_per_day"),
    ("[messages]\nkeep_days = 0", "messages.keep_days"),
    ("[messages]\nreply_to_caller = 1", "messages.reply_to_caller"),
    ('[messages]\nreply_text = "a\\nb"', "messages.reply_text"),
    ("[messages]\nescalate_minutes = 0", "messages.escalate_minutes"),
    ("[panel]\nbutton = 28", "panel.button"),
    ('[panel]\nbutton = "GPIO22"', "panel.button"),
    ("[panel]\nbutton = 17", "panel.button"),
    ("[panel]\nbuzzer = 22", "panel.buzzer"),
    ("[panel]\nready_led = 27", "panel.call_led"),
    ("[panel]\nenabled = 1", "panel.enabled"),
    ("[panel]\nled = 4", "panel.led"),
    ('[costs]\nbalance_ussd = "100"', "costs.balance_ussd"),
    ('[costs]\ncard_expires = "Weihnachten"', "costs.card_expires"),
    ("[costs]\ncard_expires = 2027-02-28T10:00:00", "costs.card_expires"),
    ('[costs]\nbalance_ussd = "*10a#"', "costs.balance_ussd"),
    ("[costs]\ntext_ct = inf", "costs.text_ct"),
    ("[costs]\ntext_ct = -7", "costs.text_ct"),
    ("[costs]\nmonthly_cap_eur = 30", "costs.cap_plan"),
    ('[costs]\nmonthly_cap_eur = "30"\ncap_plan = "open"', "costs.monthly_cap_eur"),
    ('[costs]\nmonthly_cap_eur = 30\ncap_plan = "shut"', "costs.cap_plan"),
    ("[costs]\ncap = 30", "costs.cap"),
    ("[guard]\nforwards_per_hour = 0", "guard.forwards_per_hour"),
    ('[notify]\nwebhook = "ntfy.example"', "notify.webhook"),
    ('[notify]\nemail = { to = "meister", host = "a.b" }', "notify.email.to"),
    ('[notify]\nemail = { to = "m@a.de", host = "a b" }', "notify.email.host"),
    ('[notify]\nemail = { to = "m@a.de", host = "a.b", port = 0 }', "notify.email.port"),
    ('[notify]\nemail = { to = "m@a.de", host = "a.b", password = "geheim" }', "notify.email.user"),
    ('[box]\nhostname = "-x"', "box.hostname"),
    ('[box]\nhostname = "a.b"', "box.hostname"),
    ("[colour]\nred = 1", "colour"),
    ("[plan2]", "plan2"),
]


@pytest.mark.parametrize(("more", "place"), APPENDED)
def test_a_mistake_in_what_may_follow(more, place):
    assert places(SMALL + more) == [place]


@pytest.mark.parametrize(
    ("more", "cure"),
    [
        ('[[timetable.slot]]\ndays = ["mon"]\nfrom = "8:00"\nplan = "open"', 'to = "07:30"'),
        ('[[closure]]\nfrom = 2026-12-24\nplan = "open"', "to = 2026-12-24"),
        ('[[roster]]\ntarget = "desk"\nfrom = 2026-12-24T10:00:00', "to = 2026-11-23T17:00:00"),
        ("[costs]\ntext_ct = -7", "-7 geht hier nicht; bitte geben Sie eine Zahl von 0 bis 1000 an."),
    ],
)
def test_the_cure_is_written_as_the_file_wants_it(more, cure):
    (mistake,) = check(tomllib.loads(SMALL + more)).mistakes
    assert cure in mistake.text


@pytest.mark.parametrize("number", ["**611", "*121#", "**7*", "089777*"])
def test_a_star_may_begin_a_routers_code(number):
    assert places(SMALL + f'[[caller]]\nnumber = "{number}"') == []


def test_a_plan_without_a_name_is_one_mistake():
    assert places(changed('name = "open"', 'name = ""')) == ["plan[0].name"]


def test_a_shift_may_last_until_its_repetition():
    shift = '[[roster]]\ntarget = "desk"\nfrom = 2026-12-01T10:00:00\nto = 2026-12-15T10:00:00\nrepeat_weeks = 2'
    assert places(SMALL + shift) == []


def test_all_mistakes_are_reported_at_once():
    toml = changed("[business]", '[business]\nlanguage = "fr"')
    toml = changed('port = "/dev/ttyUSB0"', 'port = "COM3"\nbaudrate = 1', toml)
    toml = changed('name = "open"', 'name = "open"\nanswer_after_rings = 21', toml)
    assert places(toml) == ["business.language", "line[0].port", "line[0].baudrate", "plan[0].answer_after_rings"]


def test_unknown_keys_come_with_a_guess():
    mistakes = check(tomllib.loads(changed('name = "open"', 'name = "open"\nanswer_after_ring = 4'))).mistakes
    assert [str(mistake) for mistake in mistakes] == [
        "plan[0].answer_after_ring: Diese Angabe kennt Rufweiche nicht; meinten Sie „answer_after_rings“?"
    ]


def test_a_misspelt_key_is_not_reported_missing_as_well():
    assert places(changed("owner_mobile", "owner_mobil")) == ["business.owner_mobil"]


def test_names_are_not_given_twice():
    again = '[[line]]\nname = "office"\nkind = "gsm"\nport = "/dev/ttyUSB0"\nnumber = "0171 1234567"\n'
    again += '[[target]]\nname = "desk"\nnumber = "030 2222222"\n[[plan]]\nname = "open"\n'
    assert places(SMALL + again) == ["line[1].name", "line[1].port", "target[1].name", "plan[1].name"]


def test_a_single_table_where_a_list_belongs():
    assert places(SMALL.replace("[[plan]]", "[plan]")) == ["plan"]
    assert places(SMALL.replace("[business]\n", "[[business]]\n")) == ["business"]


def test_texts_go_over_gsm_only():
    analog = '[[line]]\nname = "shop"\nkind = "analog"\nport = "/dev/ttyACM0"\nnumber = "089 12346"\nsite = "pbx"\n'
    assert places(SMALL + analog + '[messages]\nover = "shop"') == ["messages.over"]
    assert places(SMALL + analog + '[messages]\nover = "office"') == []


def test_bridge_goes_over_another_gsm_line():
    other = '[[line]]\nname = "other"\nkind = "{}"\nport = "/dev/ttyACM0"\nnumber = "0171 1234567"\nsite = "pbx"\n'
    bridged = changed('kind = "gsm"', 'kind = "gsm"\nforward_by = ["bridge"]\nbridge_over = "other"')
    assert places(bridged + other.format("analog")) == ["line[0].bridge_over"]
    assert places(bridged + other.format("gsm")) == []


# --- slots -------------------------------------------------------------------------------------


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


# --- doubts ------------------------------------------------------------------------------------


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


# --- how it is said ----------------------------------------------------------------------------


def test_mistakes_are_in_the_language_of_the_settings():
    english = changed("[business]", '[business]\nlanguage = "en"')
    mistakes = check(tomllib.loads(changed('name = "desk"', 'name = "desk"\nring_seconds = 2', english))).mistakes
    assert str(mistakes[0]) == "target[0].ring_seconds: 2 is not possible here; please give a number from 3 to 120."


def test_a_secret_is_never_repeated():
    mistakes = check(tomllib.loads(changed('kind = "gsm"', 'kind = "gsm"\npin = "98765432199"'))).mistakes
    assert "987" not in mistakes[0].text


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"[business]\nname = \n", "Zeile 2"),
        (b'[business]\nname = "a"\nname = "b"\n', "Zeile 3"),
        (b'[business]\nlanguage = "en"\nx = [1,\n', "line 4"),
        (b'[business]\nname = "M\xfcller"\n', "Zeile 2"),
        (b'[business]\nname = "M\xfcller"\nlanguage = "en"\n', "line 2"),
        (b"\x00", "Zeile 1"),
        (b"x = " + b"[" * 5000, "Zeile 1"),
    ],
)
def test_what_is_no_toml(content, place):
    checked = check_file(content)
    assert checked.settings is None
    assert [mistake.place for mistake in checked.mistakes] == [place]
    assert "\n" not in checked.mistakes[0].text


@pytest.mark.parametrize(
    ("line", "german", "english"),
    [
        ("to = 2027-02-30", "ein Datum, das es nicht gibt", "a date that does not exist"),
        ('name = "Muster', "ein Anführungszeichen fehlt", "a quotation mark is missing"),
        ("name = Muster", "ein Text ohne Anführungszeichen?", "a text without quotation marks?"),
        ('name = "a"\nname = "b"', "etwas steht zweimal da", "something is there twice"),
        ("[x]\n[x]", "etwas steht zweimal da", "something is there twice"),
        ('name "Muster"', "hinter dem Namen fehlt ein =", "after the name a = is missing"),
        ('days = ["mon"', "eine Klammer ist offen", "a bracket is not closed"),
        ("[[plan]", "eine Klammer ist offen", "a bracket is not closed"),
        ("from = 07:30 Uhr", "hinter dem Wert steht noch etwas", "there is something after the value"),
        ('name = "C:\\x"', "ein \\ muss doppelt stehen", "must be doubled"),
    ],
)
def test_what_has_mostly_happened(line, german, english):
    for language, says in (("de", german), ("en", english)):
        (mistake,) = check_file(f'[business]\nlanguage = "{language}"\n{line}\n'.encode()).mistakes
        assert says in mistake.text


def test_an_empty_file_says_all_that_is_missing():
    assert sorted(places("")) == sorted(REQUIRED[""])


# --- whatever comes ----------------------------------------------------------------------------

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates() | st.times()
values = st.recursive(
    scalars | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def paths(data, path=()):
    """The way to every value of a settings file."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from paths(value, (*path, key))


@given(st.data())
def test_nothing_in_a_file_raises(data):
    """One or several values replaced by anything: mistakes or settings, never an exception."""
    parsed = tomllib.loads(FULL)
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(list(paths(parsed))))
        table = parsed
        for key in way:
            table = table[key]
        table[last] = data.draw(values)
    checked = check(parsed)
    assert (checked.settings is None) == bool(checked.mistakes)
    if checked.settings:
        assert from_json(to_json(checked.settings)) == checked.settings
    for mistake in (*checked.mistakes, *checked.warnings):
        assert str(mistake).isprintable()


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_file_raises(content):
    assert check_file(content).settings is None


def test_every_sentence_is_used():
    """What can be said is said by some rule: sentences without one are left-overs."""
    from pathlib import Path

    import appliance.core.settings_check as module
    from appliance.core.dialable import Refusal

    sources = "".join(path.read_text() for path in Path(module.__file__).parent.glob("settings_*.py"))
    unused = [
        code for code in _SENTENCES if f'"{code}"' not in sources and code not in {item.value for item in Refusal}
    ]
    assert unused == []
