"""What an owner meets in a week, end to end: overrides by text, collected texts, contacts, guards, balance."""

from datetime import timedelta

import pytest

from appliance.core.contacts import Contact
from appliance.core.records import Message
from appliance.simulator import faults
from appliance.simulator.module import GsmModule
from appliance.simulator.phones import Target
from appliance.store.changes import SetOverride
from appliance.store.database import Store

from .conftest import ANNA, CALLER, DESK, LINE, OWNER, SETTINGS, changed

AWAY = changed(
    ["timetable", "away"],
    "away",
    changed(["plan"], [*SETTINGS["plan"], {"name": "away", "answer_after_rings": 1, "chain": ["anna"]}]),
)


def missed(box, caller=CALLER):
    before = len(box.calls)
    box.call(caller, gives_up_after=4.0)
    box.until(lambda: len(box.calls) > before)


def test_away_by_text_and_back(make_box):
    box = make_box(settings=AWAY).ready()
    box.run(10)
    box.exchange.sms.text(LINE, OWNER, "Weg")
    box.until(lambda: box.texts)
    assert "away" in box.texts[0]
    box.call()
    call = box.finish_call()
    assert (call.plan, call.decided_by, call.target, call.rings) == ("away", "override", "anna", 1)
    box.run(30)  # Anna has finished talking
    box.kill()
    box.start()
    box.ready()
    box.call()
    assert box.finish_call().decided_by == "override", "it survives a restart"
    box.run(30)
    box.exchange.sms.text(LINE, OWNER, "da")
    box.until(lambda: len(box.texts) == 2)
    box.call()
    assert box.finish_call().decided_by == "otherwise"


def test_a_stranger_commands_nothing(make_box):
    box = make_box(settings=AWAY).ready()
    box.run(10)
    box.exchange.sms.text(LINE, "+491701111111", "weg")
    box.until(lambda: box.store.inbox())
    box.run(30)
    assert box.texts == []
    box.call()
    assert box.finish_call().decided_by == "otherwise"


def test_an_override_from_the_command_line(make_box):
    box = make_box(settings=AWAY).ready()
    with Store.open(box.folder) as store:
        store.write(SetOverride("away", None, "command line", box.world.wall()))
    box.run(2)
    box.call()
    assert box.finish_call().plan == "away"


def test_several_missed_calls_become_one_text(box):
    missed(box)
    box.until(lambda: len(box.texts) == 1)
    missed(box, "+491702222222")
    missed(box, "+491703333333")
    box.run(130)
    assert len(box.texts) == 2
    assert "+491702222222" in box.texts[1] and "+491703333333" in box.texts[1]


def test_done_closes_the_list(box):
    missed(box)
    box.until(lambda: box.texts)
    box.run(5)
    box.exchange.sms.text(LINE, OWNER, "erledigt")
    box.until(lambda: box.store.calls()[0].done_at is not None)


def test_names_from_contacts(box):
    with Store.open(box.folder) as store:
        store.put_contact(Contact(CALLER, "Frau Huber", "", None, "", "test"))
    box.run(2)
    missed(box)
    assert box.calls[0].caller_name == "Frau Huber"
    box.until(lambda: box.texts)
    assert "Frau Huber" in box.texts[0]


def test_a_blocked_caller_is_answered_and_released_where_the_net_would_take_him(make_box):
    settings = changed(["caller"], [{"number": CALLER, "group": "blocked"}], changed(["line", 0, "safety_net"], "desk"))
    box = make_box(settings=settings).ready()
    box.call()
    call = box.finish_call()
    assert (call.outcome, call.plan) == ("blocked", None)
    assert box.said[0] == "ATA" and f"ATD{DESK};" not in box.said
    box.run(60)
    assert box.texts == []


def test_a_caller_is_forwarded_so_often_in_an_hour_and_no_more(make_box):
    box = make_box(settings=changed(["guard"], {"forwards_per_hour": 2})).ready()
    outcomes = []
    for _ in range(3):
        box.call(gives_up_after=30.0, talks_for=3.0)
        outcomes.append(box.finish_call().outcome)
        box.until(lambda: box.line["state"] == "ready")
    assert outcomes == ["forwarded", "forwarded", "missed"]


def test_a_dry_card_is_told_of(make_box):
    box = make_box(settings=changed(["costs"], {"balance_ussd": "*100#", "balance_warn_eur": 5.0})).ready()
    box.run(70)
    box.module.say('+CUSD: 0,"Ihr Guthaben: 3,20 EUR",15')
    box.until(lambda: box.texts, 30)
    assert "3,20 €" in box.texts[0]
    assert any(line.startswith("AT+CUSD=1") for line in box.module.seen)


@pytest.mark.parametrize("hour", [22])
def test_quiet_hours_hold_texts_until_they_end(make_box, hour):
    settings = changed(["messages", "quiet"], {"from": "11:00", "to": "11:30"})
    box = make_box(settings=settings).ready()
    missed(box)  # the world's clock says 11:00
    box.run(20 * 60)
    assert box.texts == [] and hour
    box.run(12 * 60)
    assert len(box.texts) == 1
    assert ANNA


def two_lines(make_box, **more):
    second = {**SETTINGS["line"][0], "name": "second", "port": "/dev/ttyUSB1", "number": "+491729999999"}
    settings = changed(["line"], [SETTINGS["line"][0], second])
    for path, value in more.items():
        settings = changed([path], value, settings)
    box = make_box(settings=settings)
    box.world.add(GsmModule(box.exchange, "other", "+491729999999", imei="490154203237518"), "/dev/ttyUSB1")
    box.until(lambda: all(line["state"] == "ready" for line in box.engine.lines()), 30)
    return box


def test_a_text_that_must_wait_costs_no_turns(make_box):
    box = two_lines(make_box)
    faults.apply(box.module, "transfer_refused")
    box.call(talks_for=None)
    box.until(lambda: "AT+CMUT=1" in box.module.seen)
    box.store.queue_message(Message("u1", "test", OWNER, "Test", box.world.wall()))
    box.engine._courier.load(box.store.unfinished(), box.world.now(), box.world.wall())
    turns = 0
    turn = box.engine.turn

    def counted():
        nonlocal turns
        turns += 1
        turn()

    box.engine.turn = counted
    box.run(15)
    assert turns < 200
    assert box.texts == []


def test_another_line_sends_while_the_texting_one_is_down(make_box):
    box = two_lines(make_box)
    box.world.unplug("/dev/ttyUSB0")
    box.run(660)
    box.until(lambda: any("office" in text for text in box.texts), 60)


def test_a_briefing_names_the_caller(make_box):
    target = {**SETTINGS["target"][0], "number": "+491733333333", "brief": True}
    box = two_lines(make_box, target=[target, SETTINGS["target"][1]])
    box.exchange.set_target(Target("+491733333333", "answers", 6.0, 5.0))
    with Store.open(box.folder) as store:
        store.put_contact(Contact(CALLER, "Frau Huber", "", None, "Aufzug", "test"))
    box.run(3)
    box.call()
    box.finish_call()
    box.until(lambda: any(sms.to == "+491733333333" for sms in box.exchange.sms.texts))
    text = next(sms.text for sms in box.exchange.sms.texts if sms.to == "+491733333333")
    assert "Frau Huber" in text and "Aufzug" in text


def test_a_call_before_the_clock_is_set_is_marked_so(make_box):
    slot = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "to": "00:00", "plan": "away"}
    box = make_box(settings=changed(["timetable", "slot"], [slot], AWAY)).ready()
    box.world.jump_wall(timedelta(days=-400))
    box.call()
    call = box.finish_call()
    assert (call.plan, call.decided_by) == ("open", "otherwise")
    assert "not known" in call.rule
    box.run(30)
    box.world.jump_wall(timedelta(days=400))
    box.call()
    assert box.finish_call().decided_by == "slot"
