"""Who hears about a call, with a real store: at once, collected, in digests, on the roster, within the day's limit."""

from datetime import UTC, datetime, time, timedelta

import msgspec
import pytest

from appliance.core.records import CallRecord
from appliance.core.settings import Quiet
from appliance.store.changes import MarkDone, OptOut
from tests.postal_world import ANNA, BEN, CALLER, OWNER, SETTINGS, House, with_messages, with_roster

NOON = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)  # a Monday, 12:30 in Berlin
NIGHT = Quiet(from_=time(22), to=time(6))


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


# --- missed calls ------------------------------------------------------------------------------


def test_at_once_then_collected(make):
    house = make()
    for _ in range(3):
        house.miss()
        house.run(10)
    assert len(house.to(OWNER)) == 1
    house.run(120)
    first, second = house.to(OWNER)
    assert first.startswith("Verpasster Anruf: +491701234567")
    assert second == "2 verpasste Anrufe:\n2x +491701234567, zuletzt 12:30"
    assert all(record.told_at for record in house.store.calls())


def test_the_call_and_the_text_are_written_together(make):
    house = make()
    record = CallRecord(1, "office", house.wall, caller=CALLER, outcome="missed", ended_at=house.wall)
    from appliance.store.changes import SaveCall

    house.writer.add(SaveCall(record))
    house.postroom.call_ended(record, house.now, house.wall)
    assert house.store.calls() == [] == house.store.messages()
    house.writer.flush(house.now)
    assert house.store.calls()[0].told_at is not None
    assert house.store.messages()[0].state == "queued"


def test_only_missed_ones(make):
    house = make()
    for outcome in ("forwarded", "blocked", "answered_here"):
        house.miss(outcome=outcome)
    house.run(300)
    assert house.line.texts == []


def test_a_message_on_the_voicemail(make):
    house = make()
    house.miss(outcome="voicemail", message="7.wav", message_seconds=72.4)
    house.run(1)
    (text,) = house.to(OWNER)
    assert text.startswith("Nachricht auf dem Anrufbeantworter: +491701234567, Mo 23.11. 12:30, 1:12.")
    assert house.store.calls()[0].told_at


def test_killed_while_calls_are_collected(make):
    house = make()
    house.miss()
    house.miss("+498912345678")
    house.restart(timedelta(seconds=30))
    house.run(1)
    assert len(house.to(OWNER)) == 2
    assert "+498912345678" in house.to(OWNER)[1]
    house.restart(timedelta(seconds=30))
    house.run(600)
    assert len(house.to(OWNER)) == 2


def test_a_digest_over_a_restart(make):
    house = make(with_messages(missed="digest"))
    house.miss()
    house.miss()
    house.restart(timedelta(hours=1))
    house.run(3600 * 4, 30)
    (text,) = house.to(OWNER)
    assert text.startswith("2 verpasste Anrufe:")
    assert house.store.messages()[0].kind == "digest"


def test_done_by_another_process(make):
    house = make(with_messages(missed="digest"))
    one, two = house.miss(), house.miss("+498912345678")
    house.store.write(MarkDone((one.id,), house.wall))
    house.postroom.store_changed()
    house.run(3600 * 5, 30)
    assert house.to(OWNER)[0].startswith("Verpasster Anruf: +498912345678")
    assert two.id not in house.postroom.news.unheard()


def test_new_settings(make):
    house = make(with_messages(missed="off"))
    house.miss()
    house.change(SETTINGS)
    house.miss("+498912345678")
    house.run(300)
    assert len(house.to(OWNER)) == 1


# --- quiet hours -------------------------------------------------------------------------------


def test_quiet_hours(make):
    house = make(with_messages(quiet=NIGHT), NOON + timedelta(hours=10))
    for _ in range(3):
        house.miss()
        house.run(1200, 30)
    house.postroom.alarm("safety_net", "office", house.now, house.wall)
    house.run(1200, 30)
    assert house.line.texts == []
    house.postroom.alarm("line_down", "stick", house.now, house.wall)
    house.run(1)
    assert len(house.to(OWNER)) == 1, "calls are being lost: that is told at night"
    house.run(3600 * 7, 30)
    told = house.to(OWNER)[1:]
    assert len(told) == 2
    assert any(text.startswith("3 verpasste Anrufe") for text in told)
    assert any("Rufumleitung für den Notfall" in text for text in told)


def test_an_alarm_held_back_survives_a_restart_and_a_clock_that_was_set(make):
    house = make(with_messages(quiet=NIGHT), NOON + timedelta(hours=10))
    house.postroom.alarm("safety_net", "office", house.now, house.wall)
    house.run(1)
    house.restart(timedelta(minutes=2))
    house.run(60)
    assert house.line.texts == []
    house.wall += timedelta(days=1000)
    house.run(1)
    assert len(house.to(OWNER)) == 1
    house.postroom.alarm("safety_net", "office", house.now, house.wall)
    house.run(3600 * 12, 60)
    assert len(house.to(OWNER)) == 1


@pytest.mark.parametrize("days", [-1000, 1000])
def test_a_clock_that_was_set_keeps_nothing_back_for_ever(make, days):
    house = make(with_messages(quiet=NIGHT), NOON + timedelta(hours=10))
    house.miss()
    house.postroom.alarm("safety_net", "office", house.now, house.wall)
    house.run(60)
    house.wall += timedelta(days=days)
    house.run(86400, 60)
    assert len(house.to(OWNER)) == 2


# --- the day's limit ---------------------------------------------------------------------------


def test_the_limit(make):
    house = make(with_messages(at_most_per_day=4))
    for number in range(8):
        house.miss(f"+4989777000{number}")
        house.run(130)
    told = house.to(OWNER)
    assert len(told) == 4
    assert told[3].startswith("Rufweiche: Das Tageslimit von 4 SMS ist erreicht.")
    assert [message.kind for message in house.store.messages()] == ["alarm", "missed", "missed", "missed"]
    house.run(86400, 60)
    assert house.to(OWNER)[4].startswith("5 verpasste Anrufe:")


def test_the_limit_over_a_restart_and_a_jump(make):
    house = make(with_messages(at_most_per_day=3))
    for number in range(5):
        house.miss(f"+4989777000{number}")
        house.run(130)
    assert len(house.line.texts) == 3
    house.restart(timedelta(hours=1))
    house.miss("+4989777000")
    house.run(300)
    assert len(house.line.texts) == 3
    house.wall -= timedelta(days=3000)
    house.restart()
    house.miss("+4989777001")
    house.run(300)
    assert len(house.line.texts) == 3
    house.run(86400, 60)
    assert len(house.line.texts) > 3


def test_a_limit_of_one_is_not_spent_on_saying_so(make):
    house = make(with_messages(at_most_per_day=1))
    house.miss()
    house.run(200)
    house.miss()
    house.run(200)
    assert len(house.to(OWNER)) == 1
    assert house.to(OWNER)[0].startswith("Verpasster Anruf")


def test_a_higher_limit_counts_at_once(make):
    house = make(with_messages(at_most_per_day=2))
    house.miss()
    house.run(130)
    house.miss()
    house.run(130)
    assert len(house.line.texts) == 2  # the second says that this is all
    house.change(with_messages(at_most_per_day=40))
    house.run(1)
    assert len(house.line.texts) == 3


# --- alarms ------------------------------------------------------------------------------------


def test_an_alarm_once_a_day_and_cause(make):
    house = make()
    for _ in range(100):
        house.postroom.alarm("line_down", "stick", house.now, house.wall)
        house.run(1)
    house.postroom.alarm("line_down", "other", house.now, house.wall)
    house.run(1)
    assert len(house.to(OWNER)) == 2
    house.restart(timedelta(minutes=1))
    house.postroom.alarm("line_down", "stick", house.now, house.wall)
    house.run(86400, 60)
    assert len(house.to(OWNER)) == 2
    house.postroom.alarm("line_down", "stick", house.now, house.wall)
    house.run(1)
    assert len(house.to(OWNER)) == 3


def test_an_alarm_is_once_a_day_whatever_the_amount(make):
    house = make()
    for cents in range(20, 10, -1):
        house.postroom.alarm("credit", f"3.{cents} €", house.now, house.wall)
        house.run(60)
    house.restart(timedelta(hours=1))
    house.postroom.alarm("credit", "2.90 €", house.now, house.wall)
    house.postroom.alarm("card", "24.12.2026", house.now, house.wall)
    house.run(60)
    assert [text.split(" ")[2] for text in house.to(OWNER)] == ["Guthaben", "SIM-Karte"]
    house.run(86400, 60)
    house.postroom.alarm("credit", "2.80 €", house.now, house.wall)
    house.run(1)
    assert "2.80" in house.to(OWNER)[2]


# --- the caller --------------------------------------------------------------------------------


def test_reply_to_the_caller(make):
    house = make(with_messages(reply_to_caller=True))
    house.miss()
    house.run(60)
    house.miss()
    house.miss("+498912345678")
    house.miss(None, withheld=True)
    house.miss(outcome="blocked")
    house.run(200)
    (reply,) = house.to(CALLER)
    assert reply.startswith("Tischlerei Muster: ")
    house.restart(timedelta(hours=2))
    house.miss()
    house.run(86400, 60)
    assert len(house.to(CALLER)) == 1
    house.miss()
    house.run(1)
    assert len(house.to(CALLER)) == 2
    assert {to for to, _ in house.line.texts} == {OWNER, CALLER}


def test_callers_are_answered_from_one_half_of_the_day(make):
    house = make(with_messages(reply_to_caller=True, at_most_per_day=10))
    callers = [f"+4917012300{number:02}" for number in range(30)]
    for caller in callers:
        house.miss(caller)
    house.run(1)
    assert sum(len(house.to(caller)) for caller in callers) == 4  # the owner's text is one of the half
    house.run(130)
    assert house.to(OWNER)[1].startswith("29 verpasste Anrufe:")


def test_no_reply_unless_wanted(make):
    house = make()
    house.miss()
    house.run(60)
    assert house.to(CALLER) == []


def test_stop_is_honoured_for_good(make):
    house = make(with_messages(reply_to_caller=True))
    house.receive(CALLER, "STOP")
    house.miss()
    house.run(60)
    house.restart(timedelta(days=400))
    house.miss()
    house.run(60)
    assert house.to(CALLER) == []
    assert CALLER in house.store.optouts()


def test_stop_by_another_process(make):
    house = make(with_messages(reply_to_caller=True))
    house.store.write(OptOut(CALLER, house.wall))
    house.postroom.store_changed()
    house.run(1)
    house.miss()
    house.run(60)
    assert house.to(CALLER) == []


def test_stop_before_a_reply_held_back_has_left(make):
    house = make(with_messages(reply_to_caller=True, quiet=NIGHT), NOON + timedelta(hours=10))
    house.miss()
    house.receive(CALLER, "Stopp")
    house.run(3600 * 9, 60)
    assert house.to(CALLER) == []
    assert [m.state for m in house.store.messages() if m.kind == "reply"] == ["failed"]


# --- the target --------------------------------------------------------------------------------


def test_briefing(make):
    house = make()
    desk, anna, ben = house.settings.target
    record = CallRecord(1, "office", house.wall, caller=CALLER, caller_name="Firma Huber", plan="open")
    for target in (desk, anna, ben):
        house.postroom.dialled(record, target, "Hund im Hof", house.now, house.wall)
    house.run(1)
    assert house.line.texts == [
        (ANNA, "Rufweiche: Anruf 12:30 von Firma Huber +491701234567, Plan open. Notiz: Hund im Hof")
    ]
    assert house.store.messages()[0].kind == "briefing"


# --- the roster --------------------------------------------------------------------------------


def roster(**how):
    shifts = ("anna", at(23, 7), at(24, 7)), ("ben", at(24, 7), at(25, 7))
    return with_messages(with_roster(*shifts), escalate_minutes=10, **how)


def test_an_unacknowledged_call_goes_to_the_next(make):
    house = make(roster(quiet=NIGHT), NOON + timedelta(hours=12))
    house.miss()
    house.run(1)
    assert [to for to, _ in house.line.texts] == [ANNA]
    assert house.to(ANNA)[0].startswith("Verpasster Anruf in Ihrer Bereitschaft: +491701234567")
    house.run(598)
    assert house.to(BEN) == []
    house.run(3)
    assert len(house.to(BEN)) == 1
    house.run(3600, 10)
    assert [to for to, _ in house.line.texts] == [ANNA, BEN]


def test_ok_ends_it(make):
    house = make(roster(), NOON)
    house.miss()
    house.run(125)
    house.miss("+4989777000")
    house.run(5)
    assert len(house.to(ANNA)) == 2
    assert house.receive(ANNA, "Ok") == []
    assert house.to(ANNA)[2] == "Rufweiche: Danke, Sie kümmern sich um: +4989777000, +491701234567."
    assert house.store.missed_open() == []
    house.run(3600, 10)
    assert house.to(BEN) == []
    house.receive(ANNA, "ok")
    assert house.to(ANNA)[3] == "Rufweiche: Es ist kein Anruf offen."


def test_the_same_caller_again_wakes_nobody_twice(make):
    house = make(roster(), NOON)
    for _ in range(5):
        house.miss()
        house.run(20)
    assert len(house.to(ANNA)) == 1


def test_cases_within_two_minutes_are_one_text(make):
    house = make(roster(), NOON)
    for number in range(4):
        house.miss(f"+4989777000{number}")
        house.run(10)
    assert len(house.to(ANNA)) == 1
    house.run(85)
    assert len(house.to(ANNA)) == 2
    assert house.to(ANNA)[1].startswith("3 verpasste Anrufe:")
    house.run(600 - 130)
    assert house.to(BEN) == []
    house.run(140)
    assert [text.split(":")[0] for text in house.to(BEN)] == ["Verpasster Anruf in Ihrer Bereitschaft",
                                                              "3 verpasste Anrufe"]  # fmt: skip
    house.receive(ANNA, "ok danke")
    assert house.store.missed_open() == []


def test_a_collected_case_survives_a_restart(make):
    house = make(roster(), NOON)
    house.miss()
    house.run(20)
    house.miss("+4989777000")
    house.restart(timedelta(seconds=30))
    house.run(1)
    assert len(house.to(ANNA)) == 2
    assert "+4989777000" in house.to(ANNA)[1]


def test_nobody_on_duty(make):
    house = make(roster(), NOON + timedelta(days=5))
    house.miss()
    house.run(3600, 10)
    assert {to for to, _ in house.line.texts} == {OWNER}


def test_without_escalation_the_owner_alone_hears(make):
    house = make(with_roster(("anna", at(23, 7), at(24, 7))))
    house.miss()
    house.run(3600, 10)
    assert {to for to, _ in house.line.texts} == {OWNER}


def test_escalation_goes_on_after_a_restart(make):
    house = make(roster(), NOON)
    house.miss()
    house.run(60)
    house.restart(timedelta(minutes=4))
    house.run(240)
    assert house.to(BEN) == []
    house.run(70)
    assert (len(house.to(ANNA)), len(house.to(BEN))) == (1, 1)
    house.run(3600, 10)
    assert (len(house.to(ANNA)), len(house.to(BEN))) == (1, 1)


def test_whoever_cannot_be_texted_is_passed_over(make):
    shifts = ("desk", at(23, 7), at(24, 7)), ("ben", at(24, 7), at(25, 7))
    house = make(with_messages(with_roster(*shifts), escalate_minutes=10))
    house.miss()
    house.run(1)
    assert len(house.to(BEN)) == 1


def test_an_owner_on_duty_hears_once(make):
    settings = with_messages(with_roster(("me", at(23, 7), at(24, 7))), escalate_minutes=10, command_code="Biene7")
    me = msgspec.structs.replace(settings.target[0], name="me", number=OWNER)
    house = make(msgspec.structs.replace(settings, target=(me,)))
    house.miss()
    house.run(3600, 10)
    assert len(house.line.texts) == 1
    assert "Bereitschaft" in house.to(OWNER)[0]
    assert house.to(OWNER)[0].endswith("mit Ihrem Codewort und OK antworten.")
    for number in range(3):
        house.miss(f"+4989777000{number}")
        house.run(10)
    house.run(3600, 10)
    assert len(house.line.texts) == 3
    assert house.to(OWNER)[2].startswith("2 verpasste Anrufe:")


def test_a_full_disk_is_survived(make, monkeypatch):
    from appliance.core.errors import StoreError

    house = make()

    def broken(*_):
        raise StoreError("the disk is full")

    monkeypatch.setattr(house.store, "write", broken)
    house.miss()
    house.run(10)
    assert len(house.to(OWNER)) == 1
    monkeypatch.undo()
    house.run(10)
    assert house.store.calls()[0].told_at is not None
    assert house.store.messages()[0].state == "sent"
