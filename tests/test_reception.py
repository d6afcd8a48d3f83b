"""Texts that come in: kept, and obeyed where somebody may give commands."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.core.plan import Override
from appliance.core.roster import Handover
from appliance.core.settings import Quiet
from appliance.core.textcommands import ClearOverride, SetOverride
from appliance.postroom import RESERVE
from appliance.reception import Reception
from appliance.store.changes import SaveHandover
from tests.postal_world import ANNA, BEN, CALLER, OWNER, SETTINGS, House, with_messages, with_roster

NOON = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def make(tmp_path):
    houses = []

    def build(settings=SETTINGS, wall=NOON):
        houses.append(House(tmp_path / str(len(houses)), wall, settings))
        return houses[-1]

    yield build
    for house in houses:
        house.store.close()


def at(day, hour):
    return datetime.fromisoformat(f"2026-11-{day:02}T{hour:02}:00")


@pytest.mark.parametrize("sender", [CALLER, "Telekom", "12345", "", "+49301111111", "\x00", "=cmd"])
@pytest.mark.parametrize(
    "text", ["weg", "da", "erledigt", "status", "ok", "frei", "Guten Tag", "", "\ud800{x}", "x" * 2000]
)
def test_what_strangers_send_is_kept_and_not_answered(make, sender, text):
    house = make()
    assert house.receive(sender, text) == []
    house.run(10)
    (kept,) = house.store.inbox()
    assert kept.kind == ("command" if (sender, text) in [("+49301111111", "ok"), ("+49301111111", "frei")] else "text")
    assert house.store.override() is None
    if kept.kind == "text":
        assert house.line.texts == []


def test_away_and_back(make):
    house = make()
    until = datetime(2026, 11, 23, 14, 0, tzinfo=BERLIN)
    assert house.receive(OWNER, "Weg bis 14:00.") == [SetOverride("closed", until)]
    assert house.store.override() == Override("closed", until)
    assert house.to(OWNER) == ["Rufweiche: Ab jetzt gilt der Plan closed bis Mo 23.11. 14:00. Zurück zum Zeitplan: da"]
    assert house.receive(OWNER, "da") == [ClearOverride()]
    assert house.store.override() is None
    assert len(house.to(OWNER)) == 2
    assert [(one.sender, one.kind) for one in house.store.inbox()] == [(OWNER, "command")] * 2


def test_the_sender_may_be_written_nationally(make):
    house = make()
    assert house.receive("015112345678", "weg") == [SetOverride("closed", None)]


def test_the_code_is_obeyed(make):
    house = make(with_messages(command_code="4711"))
    assert house.receive(OWNER, "weg") == []
    assert house.line.texts == []
    assert house.receive(OWNER, "4711 weg") == [SetOverride("closed", None)]


def test_commands_are_answered_within_quiet_hours(make):
    house = make(with_messages(quiet=Quiet(from_=at(1, 0).time(), to=at(1, 23).time())))
    house.receive(OWNER, "weg")
    assert len(house.to(OWNER)) == 1


def test_status_and_help(make):
    house = make()
    house.receive(OWNER, "Status")
    house.receive(OWNER, "hilfe")
    house.receive(OWNER, "weg bis bald")
    told = house.to(OWNER)
    assert told[0] == "Rufweiche: Plan open. Alle Leitungen bereit. Keine offenen Anrufe."
    assert "status" in told[1]
    assert "nicht verstanden" in told[2]
    assert house.store.override() is None


@pytest.mark.parametrize(("text", "kind"), [("weg bis quatsch", "unclear"), ("hilfe", "help"), ("status", "command")])
def test_what_a_text_was_made_of(make, text, kind):
    house = make()
    house.receive(OWNER, text)
    assert [one.kind for one in house.store.inbox()] == [kind]


def test_done_closes_what_the_owner_has_heard_of(make):
    house = make()
    house.miss()
    house.run(5)
    late = house.miss("+4989777000")  # collected, not told yet
    house.receive(OWNER, "Erledigt")
    assert house.to(OWNER)[1] == "Rufweiche: 1 Anruf ist als erledigt vermerkt."
    assert [record.id for record in house.store.missed_open()] == [late.id]
    house.run(200)
    assert "+4989777000" in house.to(OWNER)[2]
    house.receive(OWNER, "done")
    house.receive(OWNER, "done")
    assert house.to(OWNER)[4] == "Rufweiche: Es waren keine Anrufe offen."
    assert house.store.missed_open() == []


def test_done_before_the_digest_closes_all(make):
    house = make(with_messages(missed="digest"))
    house.miss()
    house.miss("+4989777000")
    house.run(5)
    house.receive(OWNER, "erledigt")
    assert house.to(OWNER) == ["Rufweiche: 2 Anrufe sind als erledigt vermerkt."]
    assert house.store.missed_open() == []
    house.run(86400, 60)
    assert len(house.to(OWNER)) == 1


def test_done_is_in_no_digest(make):
    house = make(with_messages(missed="both"))
    house.miss()
    house.run(5)
    house.receive(OWNER, "erledigt")
    house.run(86400, 60)
    assert len(house.to(OWNER)) == 2


# --- people on call ----------------------------------------------------------------------------


def on_call():
    return with_roster(("anna", at(23, 7), at(24, 7)), ("ben", at(24, 7), at(25, 7)))


def test_handing_over(make):
    house = make(on_call())
    assert house.on_duty() == "anna"
    (handover,) = house.receive(ANNA, "frei")
    assert (handover.from_target, handover.to_target) == ("anna", "ben")
    assert house.on_duty() == "ben"
    assert house.to(ANNA) == ["Rufweiche: Die Bereitschaft hat jetzt ben."]
    assert house.to(BEN) == ["Rufweiche: Sie haben jetzt die Bereitschaft, anna hat sie abgegeben."]
    house.restart(timedelta(minutes=1))
    assert house.on_duty() == "ben"


def test_a_handover_on_its_way_to_the_disk_counts_whatever_others_write(make):
    house = make(on_call())
    house.writer.add(SaveHandover(Handover("ben", "anna", house.wall, None, house.wall)))
    house.run(1)
    house.postroom.store_changed()
    house.receive(ANNA, "frei")
    house.postroom.store_changed()
    house.run(1)
    assert house.on_duty() == "ben"
    assert len(house.postroom.duty.handovers) == 2
    assert all(one.id for one in house.postroom.duty.handovers)


def test_only_who_is_on_duty_hands_over(make):
    house = make(on_call())
    assert house.receive(BEN, "frei") == []
    assert house.to(BEN) == ["Rufweiche: Sie haben gerade keine Bereitschaft."]
    assert house.on_duty() == "anna"


def test_nobody_to_hand_over_to(make):
    house = make(with_roster(("anna", at(23, 7), at(24, 7))))
    assert house.receive(ANNA, "off") == []
    assert house.to(ANNA) == ["Rufweiche: Es gibt niemanden, der übernehmen kann. Sie behalten die Bereitschaft."]


# --- odd things --------------------------------------------------------------------------------


def test_stop_is_not_answered(make):
    house = make()
    for sender in (CALLER, ANNA, OWNER):
        house.receive(sender, "STOP")
    house.run(10)
    assert house.line.texts == []
    assert all(number in house.store.optouts() for number in (CALLER, ANNA, OWNER))


def test_an_owner_who_said_stop_still_hears_of_calls(make):
    house = make()
    house.line.takes_texts = False
    house.miss()
    house.receive(OWNER, "STOP")
    house.miss("+4989777000")
    house.line.takes_texts = True
    house.run(130)
    assert len(house.to(OWNER)) == 2


def test_the_days_limit_holds_for_answers(make):
    house = make(with_messages(at_most_per_day=5))
    for _ in range(20):
        house.receive(OWNER, "status")
    house.receive(ANNA, "ok")
    house.run(10)
    assert len(house.to(OWNER)) == len(house.line.texts) == 5 + RESERVE
    assert house.to(OWNER)[4].startswith("Rufweiche: Das Tageslimit von 5 SMS")


def test_the_owners_commands_are_confirmed_beyond_the_limit(make):
    house = make(with_messages(at_most_per_day=2))
    for _ in range(3):
        house.miss()
        house.run(130)
    assert len(house.to(OWNER)) == 2
    house.receive(OWNER, "weg")
    assert house.to(OWNER)[2].startswith("Rufweiche: Ab jetzt gilt der Plan closed")
    house.run(130)
    assert len(house.line.texts) == 3


def test_english(make):
    import msgspec

    business = msgspec.structs.replace(SETTINGS.business, language="en")
    house = make(msgspec.structs.replace(SETTINGS, business=business))
    house.receive(OWNER, "away until 14:00")
    assert house.to(OWNER) == [
        "Rufweiche: from now on the plan closed applies until Mon 23 Nov 14:00. Back to the timetable: back"
    ]


def test_a_text_that_comes_again_is_kept_and_obeyed_once(make):
    """The power failed before the module deleted it, or it lists it twice; after a restart, too."""
    house = make()
    assert house.receive(OWNER, "weg", sent_at=NOON) != []
    assert house.receive(OWNER, "weg", sent_at=NOON) == []
    house.reception = Reception(house.store, house.writer, house.postroom)
    assert house.receive(OWNER, "weg", sent_at=NOON) == []
    assert len(house.store.inbox()) == len(house.to(OWNER)) == 1
    assert house.receive(OWNER, "weg", sent_at=NOON + timedelta(seconds=1)) != []
