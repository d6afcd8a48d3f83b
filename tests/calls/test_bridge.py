"""A caller on one line, his target on another, and sound between them."""

import pytest

from appliance.simulator.analog import AnalogModem
from appliance.simulator.ears import tone_level
from appliance.simulator.phones import Target
from appliance.simulator.sounds import Tone
from tests.calls.conftest import ANNA, CALLER, DESK
from tests.calls.voice_box import ANALOG_TO_GSM, GSM_TO_GSM, STICK, VoiceBox

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


def test_the_studio_crashes_and_both_lines_are_released(box):
    caller, desk = bridged(box)
    box.studio.crash()
    box.until(lambda: caller.state == desk.state == "idle", 15)
    box.until(lambda: all(line["state"] == "ready" for line in box.engine.lines()), 60)
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
