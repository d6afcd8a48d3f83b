"""What must not leave the house does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.redaction import HIDDEN, Redactor
from appliance.core.settings_check import check_file
from appliance.core.settings_file import to_toml
from tests.core.settings_sample import FULL

SETTINGS = check_file(FULL.encode()).settings
redact = Redactor(SETTINGS)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("call of +4917012345678 ended", "call of +49170…78 ended"),
        ("0170 / 123 45 67-8", "017012…78"),
        ("+49 (0) 170 1234567", "+49017…67"),
        ("0170\u200b123\u00a04567", "017012…67"),
        ("0170_1234567", "017012…67"),
        ("٠١٧٠١٢٣٤٥٦٧", "٠١٧٠١٢…٦٧"),
        ("356938035643809", "356938…09"),
        ("the PIN 9753 was refused", f"the PIN {HIDDEN} was refused"),
        ("pin=9753&pin=9753", f"pin={HIDDEN}&pin={HIDDEN}"),
        ("auth GEHEIM", f"auth {HIDDEN}"),
        ("to https://ntfy.example/abc", f"to {HIDDEN}"),
        ("mail to hans.huber@example.de failed", f"mail to {HIDDEN} failed"),
        ("line 3 is down for 600 s", "line 3 is down for 600 s"),
        ("+CME ERROR: 10", "+CME ERROR: 10"),
        ("", ""),
    ],
)
def test_texts(text, left):
    assert redact(text) == left


def test_json_keeps_its_shape_and_its_times():
    value = {"at": "2026-11-23T14:05:00.123+00:00", "+4917012345678": [1, None, True, "+4917012345678"]}
    assert redact.json(value) == {"at": value["at"], "+49170…78": [1, None, True, "+49170…78"]}


def test_settings_keep_their_shape():
    text = to_toml(redact.settings(SETTINGS), with_secrets=True)
    for planted in ("9753", "geheim", "ntfy.example", "meister@example.de", "15112345678", "30111111", "Huber"):
        assert planted not in text
    assert 'owner_mobile = "+49151…78"' in text
    assert "from = 2026-12-24" in text
    assert redact.settings(SETTINGS).timetable == SETTINGS.timetable


@given(st.text(max_size=20), st.integers(6, 15), st.text(max_size=20))
def test_no_run_of_six_digits_is_left(before, count, after):
    left = Redactor(None)(before + "4917012345678"[:count] + after)
    longest = run = 0
    for character in left:
        run = run + 1 if character.isdecimal() else 0
        longest = max(longest, run)
    assert longest <= 6
    assert "491701234" not in left


@given(st.text(min_size=3, max_size=40))
def test_never_raises(text):
    redact(text)
    redact.json({text: [text]})
