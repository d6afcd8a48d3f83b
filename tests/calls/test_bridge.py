"""A caller on one line, his target on another, and sound between them."""

import pytest

from appliance.audio.stream import SOUNDLESS
from appliance.simulator.analog import AnalogModem
from appliance.simulator.ears import tone_level
from appliance.simulator.faults import apply
from appliance.simulator.misbehaviour import Rule
from appliance.simulator.phones import Target
from appliance.simulator.sounds import Silence, Tone
from tests.calls.conftest import ANNA, CALLER, DESK
from tests.calls.voice_box import ANALOG_TO_GSM, GSM_TO_GSM, STICK, VoiceBox, sentence

KINDS = {
    "simcom-simcom": (GSM_TO_GSM, ("simcom", "simcom")),
    "huawei-quectel": (GSM_TO_GSM, ("huawei", "quectel")),
    "conexant-simcom": (ANALOG_TO_GSM, ("conexant", "simcom")),
    "usr-quectel": (ANALOG_TO_GSM, ("usr", "quectel")),
}


@pytest.fixture
def make(tmp_path):
    boxes = []

    def build(settings, families, **how):
        boxes.append(VoiceBox(tmp_path / f"state{len(boxes)}", settings, families, **how))
        return boxes[-1].ready()

    yield build
    for box in boxes:
        box.kill()


@pytest.fixture(params=KINDS)
def box(make, request):
    return make(*KINDS[request.param])


def bridged(box):
    """Somebody has called, and speaks with the desk."""
    caller = box.call(CALLER, talks_for=None)
    box.until(lambda: box.engine.seats[0].call and box.engine.seats[0].call.state.value == "connected", 60)
    return caller, box.phone(DESK)


def test_caller_and_target_hear_each_other(box):
    caller, desk = bridged(box)
    caller.says, desk.says = Tone((1000,), -15), Tone((1500,), -15)
    there, here = desk.listen(), caller.listen()
    box.run(3)
    for ear, own, other in ((there, 1000, 1500), (here, 1500, 1000)):
        late = ear.last(1.0)
        assert tone_level(late, own) > -25 and tone_level(late, own) > tone_level(late, other) + 20
    caller.hang_up()
    call = box.finish_call()
    assert (call.outcome, call.method, call.target) == ("forwarded", "bridge", "desk")


@pytest.mark.parametrize("who", ["caller", "target"])
def test_either_hangs_up_and_both_lines_are_free_within_a_second(box, who):
    caller, desk = bridged(box)
    box.run(2)
    (caller if who == "caller" else desk).hang_up()
    other = desk if who == "caller" else caller
    left = box.world.now()
    box.until(lambda: other.state == "idle", 20)
    heard_by_tone = who == "caller" and isinstance(box.module, AnalogModem)  # three cycles of busy tone
    assert box.world.now() - left <= (4.0 if heard_by_tone else 1.0)
    box.until(lambda: all(line["state"] == "ready" for line in box.engine.lines()), 20)
    assert box.calls[0].outcome == "forwarded"


def test_keys_reach_the_other_side(box):
    caller, desk = bridged(box)
    there, here = desk.listen(), caller.listen()
    caller.press("1470369")
    desk.press("2580")
    box.run(6)
    assert there.digits == "1470369" and here.digits == "2580"


def test_the_next_target_after_a_busy_one(box):
    box.exchange.set_target(Target(DESK, "busy"))
    box.call(CALLER, talks_for=None)
    box.until(lambda: box.engine.seats[0].call and box.engine.seats[0].call.state.value == "connected", 60)
    box.phone(ANNA).hang_up()
    call = box.finish_call()
    assert [(one.target, one.result, one.method) for one in call.attempts] == [
        ("desk", "busy", None),
        ("anna", "answered", "bridge"),
    ]


def test_a_caller_who_waits_hears_a_tone(box):
    box.exchange.set_target(Target(DESK, "silent"))
    caller = box.call(CALLER, talks_for=None)
    box.until(lambda: caller.state == "talking", 30)
    ear = caller.listen()
    box.run(8)
    assert max(abs(sample) for sample in ear.samples) > 500


def test_the_other_line_is_unplugged_in_the_middle(box):
    caller, _ = bridged(box)
    box.world.unplug("/dev/ttyUSB9")
    box.until(lambda: caller.state == "idle" and box.calls, 10)
    assert box.calls[0].outcome == "forwarded"


def test_a_call_that_has_gone_silent_ends(make):
    """Some exchanges say nothing when a caller hangs up, and a target may be a machine that waits."""
    box = make(*KINDS["conexant-simcom"])
    caller, desk = bridged(box)
    caller.says = Silence()
    box.run(70)
    assert desk.state != "idle", "one of them speaks"
    desk.says = Silence()
    box.run(45)
    assert desk.state != "idle", "people look things up"
    box.until(lambda: caller.state == desk.state == "idle", 25)
    assert box.calls[0].outcome == "forwarded"


def test_the_studio_crashes_and_both_lines_are_released(box):
    caller, desk = bridged(box)
    box.studio.crash()
    box.until(lambda: caller.state == desk.state == "idle", 15)
    box.until(lambda: all(line["state"] == "ready" for line in box.engine.lines()), 60)
    assert box.calls[0].outcome == "forwarded"


@pytest.mark.parametrize("whose", ["caller's", "target's"])
def test_a_line_that_brings_no_sound_any_more_ends_the_call(box, whose):
    """Its modem hangs, or the port of its sound is dead: nobody would hear that one of them hangs up."""
    caller, desk = bridged(box)
    box.run(2)
    modem = box.module if whose == "caller's" else box.stick
    if isinstance(modem, AnalogModem):
        apply(modem, "wedged", until="mute dtr")
    else:
        apply(modem, "frames_lost", every=1)
    began = box.world.now()
    box.until(lambda: desk.state == "idle" and (caller.state == "idle" or modem is box.module), 20)
    assert SOUNDLESS <= box.world.now() - began <= SOUNDLESS + 3
    box.until(lambda: caller.state == desk.state == "idle" and box.calls, 60)
    assert box.calls[0].outcome == "forwarded"


def test_the_other_line_is_busy_with_a_call_of_its_own(make):
    office, stick = GSM_TO_GSM["line"]
    box = make({**GSM_TO_GSM, "line": [{**office, "forward_by": ["bridge", "transfer"]}, stick]}, ("simcom", "simcom"))
    box.exchange.call(STICK, "+491709999999", gives_up_after=60)
    box.until(lambda: box.engine.seats[1].busy, 10)
    box.call(CALLER)
    box.until(lambda: any(call.line == "office" for call in box.calls), 60)
    call = next(call for call in box.calls if call.line == "office")
    assert (call.outcome, call.method) == ("forwarded", "transfer")


def test_the_other_line_rings_as_a_target_is_called_over_it(make, monkeypatch):
    """Its own caller goes first, and nothing more is dialled for the other's."""
    box = make(GSM_TO_GSM, ("simcom", "simcom"))
    engine, rung = box.engine, []

    def somebody_rings(record, number, now, tell=engine.before_dialling):
        tell(record, number, now)
        if not rung:
            rung.append(box.exchange.call(STICK, "+491709999999"))
            box.run_world(2)

    monkeypatch.setattr(engine, "before_dialling", somebody_rings)
    box.call(CALLER, talks_for=None)
    box.until(lambda: len(box.calls) == 2, 90)
    calls = {call.line: call for call in box.calls}
    assert [(one.target, one.result) for one in calls["office"].attempts] == [("desk", "failed"), ("anna", "failed")]
    assert (calls["stick"].outcome, calls["stick"].method) == ("forwarded", "transfer")
    assert (calls["office"].ended_at - calls["office"].started_at).total_seconds() < 15


def test_a_line_that_was_lost_is_not_asked_for_the_next_target(make):
    box = make(GSM_TO_GSM, ("simcom", "simcom"))
    box.exchange.set_target(Target(DESK, "silent"))
    caller = box.call(CALLER, talks_for=None)
    box.until(lambda: box.engine.seats[0].call and box.engine.seats[0].call.state.value == "calling", 60)
    box.run(2)
    box.world.unplug("/dev/ttyUSB9")
    box.until(lambda: caller.state == "idle" and box.calls, 12)
    call = box.calls[0]
    assert [(one.target, one.result) for one in call.attempts] == [("desk", "failed"), ("anna", "failed")]
    assert (call.outcome, call.reason) == ("missed", "nobody_reached")


def test_a_line_that_was_lost_serves_others_while_its_caller_is_spoken_to(make):
    """The texts leave on it, and an announcement may be long."""
    plan = {**GSM_TO_GSM["plan"][0], "chain": ["desk"], "otherwise": "announce"}
    box = make({**ANALOG_TO_GSM, "plan": [plan]}, ("conexant", "simcom"))
    sentence(box.folder / "prompts" / "announcement.wav", 60)
    box.call(CALLER, talks_for=None)
    box.until(lambda: box.engine.seats[0].call and box.engine.seats[0].call.state.value == "calling", 60)
    box.world.unplug("/dev/ttyUSB9")
    box.until(lambda: box.engine.seats[0].call.state.value == "announcing", 60)
    box.world.plug_in(box.stick, "/dev/ttyUSB9")
    box.until(lambda: box.engine.seats[1].takes_texts, 40)
    assert box.engine.seats[0].call.state.value == "announcing"


def test_sigterm_while_two_talk_over_both_lines(make):
    """Each line is released, and the one with a safety net leaves the network, so that it diverts at once."""
    office, stick = GSM_TO_GSM["line"]
    box = make({**GSM_TO_GSM, "line": [office, {**stick, "safety_net": "anna"}]}, ("simcom", "simcom"))
    box.until(lambda: any(one["confirmed"] for one in box.engine.lines()[1]["diversions"]), 60)
    caller, desk = bridged(box)
    box.stick.faults.rules.append(Rule(r"\+CHUP", effect=True, delay=1.0))
    began = box.world.now()
    box.engine.stop()
    box.engine.run()
    assert box.world.now() - began < 10
    assert caller.state == desk.state == "idle"
    assert "AT+CFUN=0" in box.stick.seen
    assert box.calls[0].outcome == "forwarded"


def test_who_rings_during_a_stop_is_not_answered_and_left(make):
    box = make({**GSM_TO_GSM, "plan": [{**GSM_TO_GSM["plan"][0], "answer_after_rings": 1}]}, ("simcom", "simcom"))
    bridged(box)
    box.stick.faults.rules.append(Rule(r"\+CHUP|H|\+CHLD=0", silent=True))
    box.engine.stop()
    box.run(1)
    answered = box.said.count("ATA")
    other = box.call("+491709999999", talks_for=None, gives_up_after=60)
    box.engine.run()
    assert box.module.calls.entries and other.state == "calling", "the stop took long enough for it to ring"
    assert box.said.count("ATA") == answered
