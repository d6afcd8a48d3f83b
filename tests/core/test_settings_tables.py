"""What each table of the settings file may hold, and where a mistake in it is found."""

import tomllib

import pytest

from appliance.core.settings_check import check
from appliance.core.settings_file import to_toml

from .settings_sample import SMALL, changed, places

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


def test_an_empty_file_says_all_that_is_missing():
    assert sorted(places("")) == sorted(REQUIRED[""])


MISTAKES = [
    # business
    ("[business]", '[business]\nlanguage = "fr"', "business.language"),
    ("[business]", "[business]\nlanguage = 3", "business.language"),
    ("[business]", '[business]\ntimezone = "Europe/Berlln"', "business.timezone"),
    ("[business]", '[business]\ntimezone = "Europe"', "business.timezone"),
    ("[business]", '[business]\ntimezone = "localtime"', "business.timezone"),
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


def test_a_single_table_where_a_list_belongs():
    assert places(SMALL.replace("[[plan]]", "[plan]")) == ["plan"]
    assert places(SMALL.replace("[business]\n", "[[business]]\n")) == ["business"]


@pytest.mark.parametrize("password", ["geheim", " zwei  Worte ", "   "])
def test_the_password_of_a_mailbox_is_as_written_also_when_shown_and_read_again(password):
    email = f'email = {{ to = "a@b.de", host = "h.de", user = "u", password = "{password}" }}'
    checked = check(tomllib.loads(SMALL + f"\n[notify]\n{email}\n"))
    assert checked.settings.notify.email.password == password
    assert [warning.place for warning in checked.warnings if "notify" in warning.place] == (
        ["notify.email.password"] if password != "geheim" else []
    )
    assert check(tomllib.loads(to_toml(checked.settings, with_secrets=True))).settings == checked.settings
