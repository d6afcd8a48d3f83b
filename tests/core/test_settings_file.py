import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.settings_check import check, check_file
from appliance.core.settings_file import to_toml

from .settings_sample import FULL, SMALL


@pytest.mark.parametrize("sample", [SMALL, FULL])
def test_written_settings_read_as_the_same(sample):
    settings = check_file(sample.encode()).settings
    checked = check_file(to_toml(settings, with_secrets=True).encode())
    assert checked.mistakes == []
    assert checked.settings == settings


def test_without_secrets_the_file_says_what_is_missing():
    settings = check_file(FULL.encode()).settings
    text = to_toml(settings, with_secrets=False)
    assert not any(secret in text for secret in ("9753", "4711", "geheim", "ntfy", "Hobelbank", "argon2id", "ABCD2345"))
    first = text.splitlines()[0]
    assert first.startswith("# ")
    left_out = ("line[0].pin", "messages.command_code", "notify.email.password", "notify.webhook", "box.wifi.password")
    for place in left_out:
        assert place in first
    again = check_file(text.encode())
    assert again.mistakes == []
    assert to_toml(again.settings, with_secrets=False) == text.split("\n\n", 1)[1]


def test_without_anything_secret_there_is_no_notice():
    settings = check_file(SMALL.encode()).settings
    assert to_toml(settings, with_secrets=False) == to_toml(settings, with_secrets=True)


def test_the_file_is_laid_out_for_people():
    text = to_toml(check_file(FULL.encode()).settings, with_secrets=True)
    assert text.startswith('[business]\nname = "Tischlerei Muster"\n')
    assert '\n\n[[timetable.slot]]\ndays = ["mon", "tue", "wed", "thu", "fri"]\nfrom = "07:30"\nto = "17:00"\n' in text
    assert "\nfrom = 2026-11-23T17:00:00\n" in text
    assert "\nfrom = 2026-12-24\n" in text


def test_a_site_of_standard_values_stays_a_table():
    sample = SMALL.replace('kind = "gsm"', 'kind = "analog"\nsite = {}')
    settings = check_file(sample.encode()).settings
    assert check_file(to_toml(settings, with_secrets=True).encode()).settings == settings


names = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
clocks = st.times().map(lambda time: f"{time:%H:%M}")


@given(
    business=names,
    line=names,
    minutes=st.integers(1, 600),
    pin=st.from_regex("[0-9]{4,8}", fullmatch=True),
    rings=st.integers(1, 20),
    seconds=st.integers(3, 120),
    days=st.lists(st.sampled_from(["mon", "wed", "fri", "sun"]), min_size=1, unique=True),
    times=st.tuples(clocks, clocks),
    closure=st.tuples(st.dates(), st.dates()).map(sorted),
    shift=st.tuples(st.datetimes(), st.datetimes()).filter(lambda pair: pair[0] != pair[1]).map(sorted),
    password=names,
)
def test_any_settings_read_back_as_they_were(
    business, line, minutes, pin, rings, seconds, days, times, closure, shift, password
):
    data = tomllib.loads(SMALL)
    data["business"]["name"] = business
    data["line"][0] |= {"name": line, "max_call_minutes": minutes, "pin": pin}
    data["plan"][0]["answer_after_rings"] = rings
    data["target"][0]["ring_seconds"] = seconds
    data["timetable"]["slot"] = [{"days": days, "from": times[0], "to": times[1], "plan": "open"}]
    data["closure"] = [{"name": business, "from": closure[0], "to": closure[1], "plan": "open"}]
    data["roster"] = [{"target": "desk", "from": shift[0], "to": shift[1]}]
    data["notify"] = {"email": {"to": "a@b.de", "host": "b.de", "user": "u", "password": password}}
    checked = check(data)
    assert checked.mistakes == []
    again = check_file(to_toml(checked.settings, with_secrets=True).encode())
    assert again.mistakes == []
    assert again.settings == checked.settings
