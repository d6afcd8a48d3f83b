"""Wrong settings of the week: each names its place, and what to write instead, in the owner's language."""

import pytest

from .box import settings

WEEK = settings(
    "/dev/ttyNone",
    more="""digest_at = ["12:00", "17:00"]
quiet = { from = "22:00", to = "06:00" }
at_most_per_day = 40
[[timetable.slot]]
days = ["mon", "tue"]
from = "07:30"
to = "17:00"
plan = "open"
[[closure]]
name = "Ferien"
from = 2026-12-24
to = 2027-01-06
plan = "open"
[holidays]
plan = "open"
[[roster]]
target = "desk"
from = 2026-11-23T17:00:00
to = 2026-11-30T07:30:00
repeat_weeks = 2
[[caller]]
number = "+4989777*"
group = "vip"
[callers]
withheld = "open"
[costs]
text_ct = 7
[notify]
email = { to = "a@b.de", host = "smtp.b.de", user = "a", password = "b" }
""",
)
NUMBER = 'number = "+4989777*"'
MISTAKES = [
    # what is written, what it becomes, the place, what helps in German and in English
    ('days = ["mon", "tue"]', 'days = ["Montag"]', "timetable.slot[0].days[0]", "mon, tue, wed", "mon, tue, wed"),
    ('days = ["mon", "tue"]', "days = []", "timetable.slot[0].days", "nicht leer", "not leave this empty"),
    ('days = ["mon", "tue"]', 'days = "mon"', "timetable.slot[0].days", '["mon"]', '["mon"]'),
    ('from = "07:30"', 'from = "7 Uhr"', "timetable.slot[0].from", 'wie "07:30"', 'like "07:30"'),
    ('from = "07:30"', 'from = "24:00"', "timetable.slot[0].from", 'um "00:00"', 'at "00:00"'),
    ('to = "17:00"\n', "", "timetable.slot[0].to", 'to = "07:30"', 'to = "07:30"'),
    ("to = 2027-01-06\n", "", "closure[0].to", "to = 2026-12-24", "to = 2026-12-24"),
    ("from = 2026-12-24", 'from = "24.12.2026"', "closure[0].from", "wie 2026-12-24", "like 2026-12-24"),
    ("to = 2027-01-06", "to = 2026-01-06", "closure[0].to", "Das Ende liegt vor", "The end lies before"),
    ("from = 2026-11-23T17:00:00", "from = 2026-11-23", "roster[0].from", "wie 2026-11-23T17:00:00", "like 2026-11"),
    ("to = 2026-11-30T07:30:00", "to = 2026-12-30T07:30:00", "roster[0].repeat_weeks", "kürzen", "shorten"),
    ("repeat_weeks = 2", "repeat_weeks = 0", "roster[0].repeat_weeks", "von 1 bis 52", "from 1 to 52"),
    ('target = "desk"', 'target = "Desk"', "roster[0].target", "vorhanden: desk", "there are: desk"),
    (NUMBER, 'number = "089*777"', "caller[0].number", "nur am Ende", "at the end only"),
    (NUMBER, 'number = "*"', "caller[0].number", "der Anfang einer Nummer", "the beginning of a number"),
    (NUMBER, 'number = "Huber"', "caller[0].number", 'wie "030 123456"', 'like "030 123456"'),
    (NUMBER, NUMBER + '\n[[caller]]\nnumber = "089 777*"', "caller[1].number", "caller[0].number", "caller[0].number"),
    ('group = "vip"', 'group = "vip"\nplan = "vip"', "caller[0].plan", "vorhanden: open", "there are: open"),
    ('withheld = "open"', 'withheld = "block"', "callers.withheld", "vorhanden: open", "there are: open"),
    ('withheld = "open"', 'blocked = "shout"', "callers.blocked", "ignore, hang-up", "ignore, hang-up"),
    ('missed = "at-once"', 'missed = "sofort"', "messages.missed", "at-once, digest", "at-once, digest"),
    ('["12:00", "17:00"]', '["12 Uhr"]', "messages.digest_at[0]", 'wie "07:30"', 'like "07:30"'),
    ('to = "06:00" }', 'to = "22:00" }', "messages.quiet.to", "Beginn und Ende sind gleich", "are the same"),
    ("at_most_per_day = 40", "at_most_per_day = -1", "messages.at_most_per_day", "von 1 bis 1000", "from 1 to 1000"),
    ("at_most_per_day = 40", "keep_days = 0", "messages.keep_days", "von 1 bis 3650", "from 1 to 3650"),
    ("at_most_per_day = 40", 'command_code = "a b"', "messages.command_code", "ohne Leerzeichen", "without spaces"),
    ("at_most_per_day = 40", "escalate_minutes = 0", "messages.escalate_minutes", "von 1 bis 720", "from 1 to 720"),
    ("text_ct = 7", "text_ct = -7", "costs.text_ct", "von 0 bis 1000", "from 0 to 1000"),
    ("text_ct = 7", 'text_ct = "7 ct"', "costs.text_ct", "ohne Anführungszeichen", "without quotation marks"),
    ("text_ct = 7", "monthly_cap_eur = 20", "costs.cap_plan", "ergänzen Sie", "please add"),
    ("text_ct = 7", 'balance_ussd = "100"', "costs.balance_ussd", "*100#", "*100#"),
    ('"a@b.de"', '"meister"', "notify.email.to", 'wie "name@example.de"', 'like "name@example.de"'),
    (', user = "a"', "", "notify.email.user", "user =", "user ="),
    ("[callers]", "[caller_rules]", "caller_rules", "kennt Rufweiche nicht", "does not know"),
    ('region = "BY"', 'region = "Bayern"', "business.region", "BB, BE, BW, BY", "BB, BE, BW, BY"),
    ('region = "BY"', 'region = "BY"\nlocal_holidays = ["augsburg"]', "business.local_holidays[0]", "peace-festival",
     "peace-festival"),
    ('[[plan]]\nname = "open"', '[plan]\nname = "open"', "plan", "[[plan]]", "[[plan]]"),
    ('otherwise = "open"\n', "", "timetable.otherwise", "ergänzen Sie", "please add"),
    ("to = 2027-01-06", "to = 2027-02-30", "{line} ", "ein Datum, das es nicht gibt", "a date that does not exist"),
    ('name = "Ferien"', "name = Ferien", "{line} ", "Anführungszeichen", "quotation marks"),
]  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("language", ["de", "en"])
def test_each_mistake_names_its_place_and_its_cure(box, language):
    toml = WEEK.replace('language = "de"', f'language = "{language}"')
    box.provisioned(toml)
    before = box.ok("show-settings")
    for old, new, place, german, english in MISTAKES:
        assert toml.count(old) >= 1, old
        done = box.provision(toml.replace(old, new, 1))
        said, cure = done.stderr.strip(), german if language == "de" else english
        assert done.returncode == 2, (new, done.stdout)
        assert said.startswith(place.format(line="Zeile" if language == "de" else "line")), said
        assert cure in said and len(said.splitlines()) == 1, said
    assert box.ok("show-settings") == before
