"""The diversions in the network: set, read back, shown, re-armed, and left alone where they are not ours."""

import pytest

from appliance.simulator import faults

from .conftest import ANNA, DESK, SETTINGS, changed

NET = changed(["line", 0, "safety_net"], "desk")


def diversions(box):
    return {one["when"]: (one["to"], one["confirmed"], one["ours"]) for one in box.line["diversions"]}


def checked(box):
    box.until(lambda: box.line["diversions"], 30)
    return diversions(box)


@pytest.mark.parametrize("family", ["generic", "huawei", "simcom", "quectel"])
def test_set_and_read_back(make_box, family):
    box = make_box(settings=NET, family=family).ready()
    ours = (DESK, True, True)
    assert checked(box) == {"busy": ours, "no_reply": ours, "unreachable": ours}
    assert f'AT+CCFC=2,3,"{DESK}",145,1,,,30' in box.module.seen
    assert box.line["problem"] is None


def test_none_without_a_safety_net(box):
    box.run(20)
    assert box.line["diversions"] == []
    assert not [line for line in box.module.seen if line.startswith("AT+CCFC=") and ",3," in line]


def test_no_reply_stays_off_where_a_plan_answers_late(make_box):
    box = make_box(settings=changed(["plan", 0, "answer_after_rings"], 5, NET)).ready()
    assert set(checked(box)) == {"busy", "unreachable"}
    assert "Nichtmelden" in box.line["notes"][0]


def test_an_ok_without_effect_is_not_believed(make_box):
    box = make_box(settings=NET)
    faults.apply(box.module, "diversion_without_effect")
    box.ready()
    assert checked(box)["busy"] == (DESK, False, True)
    assert "nicht bestätigt" in box.line["problem"]
    assert box.line["state"] == "ready", "calls are taken all the same"
    faults.apply(box.module, "good_again")
    box.until(lambda: diversions(box)["busy"] == (DESK, True, True), 200)
    assert box.line["problem"] is None


def test_a_slow_network_holds_up_no_call(make_box):
    box = make_box(settings=NET)
    faults.apply(box.module, "diversion_slow", seconds=25)
    box.ready()
    box.until(lambda: any(line.startswith("AT+CCFC") for line in box.module.seen))
    rang_at = box.world.now()
    box.call()
    assert box.finish_call().outcome == "forwarded"
    # this module does one thing after the other: it answers the moment CCFC lets it
    assert box.world.now() - rang_at < 32
    box.until(lambda: all(one[1] for one in diversions(box).values()) and len(diversions(box)) == 3, 400)


def test_re_armed_when_the_target_changes(make_box):
    box = make_box(settings=NET).ready()
    checked(box)
    box.provision(changed(["line", 0, "safety_net"], "anna", NET))
    box.until(lambda: diversions(box).get("busy") == (ANNA, True, True), 30)


def test_erased_when_it_is_taken_out(make_box):
    box = make_box(settings=NET).ready()
    checked(box)
    box.provision(SETTINGS)
    box.until(lambda: diversions(box) == {}, 30)
    assert box.module.subscriber.diverts(1) is None


def test_a_foreign_diversion_is_shown_and_left_alone(make_box):
    box = make_box()
    box.module.receive(b'AT+CCFC=2,3,"+491771234567",145,1,,,20\r', box.world.now())
    box.run(3)
    box.ready()
    assert checked(box) == {"no_reply": ("+491771234567", True, False)}
    assert box.module.subscriber.diverts(2) is not None


def test_a_diversion_of_all_calls_is_a_problem(make_box):
    box = make_box()
    box.module.receive(b'AT+CCFC=0,3,"+491771234567",145,1\r', box.world.now())
    box.run(3)
    box.until(lambda: box.line["diversions"], 30)
    assert "##21#" in box.line["problem"]


@pytest.mark.long  # a whole day, second by second
def test_checked_daily_and_an_alarm_when_it_has_lapsed(make_box):
    box = make_box(settings=NET).ready()
    checked(box)
    asked = len([line for line in box.module.seen if line == "AT+CCFC=1,2"])
    box.module.subscriber.diversions.clear()
    faults.apply(box.module, "diversion_without_effect")
    box.run(25 * 3600)
    assert len([line for line in box.module.seen if line == "AT+CCFC=1,2"]) > asked
    alarms = [message for message in box.messages if message.kind == "alarm"]
    assert 1 <= len(alarms) <= 2


def test_a_clean_stop_makes_the_network_divert_at_once(make_box):
    box = make_box(settings=NET).ready()
    checked(box)
    box.engine.stop()
    box.engine.run()
    assert "AT+CFUN=0" in box.module.seen
    box.kill()
    box.start()
    box.ready()
    assert "AT+CFUN=1" in box.module.seen


def test_a_diversion_of_data_calls_is_no_diversion_of_voice(make_box, monkeypatch):
    monkeypatch.setattr("appliance.simulator.commands.services.VOICE", 2)  # every diversion is read back for data
    box = make_box(settings=NET).ready()
    assert checked(box)["busy"] == (DESK, False, True)
