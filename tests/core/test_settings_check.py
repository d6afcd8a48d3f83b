"""A whole settings file: what is right in it, how mistakes are said, and that nothing in it raises."""

import datetime as dt
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.mistakes import _SENTENCES
from appliance.core.settings import Costs, Site, from_json, to_json
from appliance.core.settings_check import check, check_file

from .settings_sample import FULL, SMALL, changed, places


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


# --- how it is said -----------------------------------------------------------------------------------


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


# --- whatever comes -----------------------------------------------------------------------------------

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
