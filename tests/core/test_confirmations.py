"""What is texted back: each in one part for ordinary data."""

from datetime import UTC, datetime

import msgspec
import pytest

from appliance.core import confirmations
from appliance.core.alphabet import Alphabet, choose, septets
from appliance.core.confirmations import Situation
from appliance.core.numbers import DialPlan
from appliance.core.settings import Business, Line, Messages, Plan, Settings, Timetable
from appliance.core.wording import parts

UNTIL = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
GERMAN = Settings(
    business=Business(owner_mobile="+4915112345678"),
    line=(Line(name="Büro", kind="gsm", forward_by=("transfer",)),),
    plan=(Plan(name="geöffnet"), Plan(name="geschlossen"), Plan(name="Bereitschaft")),
    timetable=Timetable(otherwise="geöffnet"),
    messages=Messages(command_code="4711"),
    dial_plan=DialPlan("49"),
)
ENGLISH = msgspec.structs.replace(GERMAN, business=Business(owner_mobile="+4915112345678", language="en"))
QUIET = Situation("geöffnet", None, ())
BUSY = Situation("geschlossen", UNTIL, ("Büro", "Stick"))


def every_text(settings):
    yield confirmations.override("geschlossen", UNTIL, settings)
    yield confirmations.override("geschlossen", None, settings)
    yield confirmations.back(settings)
    yield from (confirmations.done(count, settings) for count in (0, 1, 2, 40))
    yield from (confirmations.help_(problem, settings) for problem in (None, "no_away", "plan", "until"))
    yield from (confirmations.status(situation, count, settings) for situation in (QUIET, BUSY) for count in (0, 1, 12))
    yield confirmations.handed_over("Anna Bäcker", settings)
    yield confirmations.takes_over("Anna Bäcker", settings)
    yield from (confirmations.refused(reason, settings) for reason in ("nobody", "not_on_duty", "nothing_open"))
    yield confirmations.acknowledged(["Firma Huber +498977712345"], settings)
    yield confirmations.acknowledged(["Firma Huber +498977712345", "+498977712346", "x", "y"], settings)


@pytest.mark.parametrize("settings", [GERMAN, ENGLISH], ids=["de", "en"])
def test_one_part_each(settings):
    told = list(every_text(settings))
    assert len(set(told)) == len(told) == 24
    for text in told:
        assert choose(text)[0] is Alphabet.GSM7, text
        assert septets(text) <= 160, text
        assert "{" not in text


def test_what_they_say():
    assert confirmations.override("geschlossen", UNTIL, GERMAN) == (
        "Rufweiche: Ab jetzt gilt der Plan geschlossen bis Mo 23.11. 14:00. Zurück zum Zeitplan: (Code) da"
    )
    assert confirmations.status(BUSY, 2, GERMAN) == (
        "Rufweiche: Plan geschlossen bis Mo 23.11. 14:00. Gestört: Büro, Stick. 2 offene Anrufe."
    )
    assert confirmations.status(QUIET, 0, ENGLISH) == "Rufweiche: plan geöffnet. All lines ready. No open calls."
    assert confirmations.acknowledged(["A", "B", "C", "D"], GERMAN).endswith("um: A, B und 2 weitere.")


@pytest.mark.parametrize("settings", [GERMAN, ENGLISH], ids=["de", "en"])
def test_long_names_are_cut(settings):
    plans = tuple(Plan(name=f"Plan mit einem ziemlich langen Namen {n}") for n in range(9))
    settings = msgspec.structs.replace(settings, plan=plans)
    long = "Ein außerordentlich langer Name, den sich jemand ausgedacht hat, um uns zu ärgern" * 3
    for text in (
        confirmations.help_("plan", settings),
        confirmations.override(long, UNTIL, settings),
        confirmations.takes_over(long, settings),
        confirmations.status(Situation(long, UNTIL, (long, long)), 999, settings),
        confirmations.acknowledged([long] * 9, settings),
    ):
        assert parts(text) == 1, text
