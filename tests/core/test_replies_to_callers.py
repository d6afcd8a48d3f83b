"""Who gets a text back, and what it says."""

from datetime import UTC, datetime

import msgspec
import pytest

from appliance.core import replies_to_callers
from appliance.core.alphabet import Alphabet, choose, septets
from appliance.core.numbers import DialPlan
from appliance.core.records import CallRecord
from appliance.core.settings import Business, Line, Messages, Plan, Settings, Target, Timetable
from appliance.core.wording import parts

MOBILE = "+491701234567"
ON = Settings(
    business=Business(owner_mobile="+4915112345678", name="Tischlerei Muster", numbers=("+4915100000000",)),
    line=(Line(name="office", kind="gsm", number="+4915111111111", forward_by=("transfer",)),),
    target=(Target(name="anna", number="+4917012345678"),),
    plan=(Plan(name="open"),),
    timetable=Timetable(otherwise="open"),
    messages=Messages(reply_to_caller=True),
    dial_plan=DialPlan("49"),
)


def changed(**how):
    return msgspec.structs.replace(ON, **how)


def call(caller=MOBILE, outcome="missed"):
    return CallRecord(1, "office", datetime(2026, 11, 23, 13, tzinfo=UTC), caller=caller, outcome=outcome)


@pytest.mark.parametrize(
    ("record", "wanted"),
    [
        (call(), True),
        (call("+498912345678"), False),
        (call(None), False),
        (call("50"), False),
        (call(outcome="forwarded"), False),
        (call(outcome="blocked"), False),
        (call(outcome="answered_here"), False),
        (call("+4915112345678"), False),  # the owner
        (call("+4917012345678"), False),  # a target
        (call("+4915111111111"), False),  # the line
        (call("+4915100000000"), False),  # the business
    ],
)
def test_is_wanted(record, wanted):
    assert replies_to_callers.is_wanted(record, ON) is wanted
    assert not replies_to_callers.is_wanted(record, changed(messages=Messages()))


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", ["Tischlerei Muster", "", "Sanitär und Heizungsbau Gebrüder Hinterhuber GmbH & Co"])
def test_one_part_without_advertising(language, name):
    business = Business(owner_mobile="+4915112345678", name=name, language=language)
    text = replies_to_callers.text(changed(business=business))
    assert choose(text)[0] is Alphabet.GSM7
    assert septets(text) <= 160
    assert "STOP" in text
    assert "Rufweiche" not in text
    assert name[:20] in text


def test_the_owners_own_words():
    own = "Servus, wir rufen zurück! {name} STOP"
    assert replies_to_callers.text(changed(messages=Messages(reply_to_caller=True, reply_text=own))) == own
    assert parts(own) == 1
