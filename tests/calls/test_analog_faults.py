"""Analog modems and lines that misbehave: the call ends well, and nobody is left on a dead line."""

import pytest

from appliance.simulator.faults import apply, when
from appliance.simulator.linedevices import ParallelPhone
from appliance.simulator.phones import Target
from tests.calls.conftest import ANNA, CALLER, DESK, LINE
from tests.calls.voice_box import PEOPLE, VoiceBox, analog


@pytest.fixture
def make(tmp_path):
    boxes = []

    def build(family="conexant", site="fritzbox", plan=None, **line):
        settings = {**PEOPLE, "line": [analog("office", "/dev/ttyACM0", LINE, site=site, **line)]}
        if plan:
            settings["plan"] = [{**PEOPLE["plan"][0], **plan}]
        boxes.append(VoiceBox(tmp_path / f"state{len(boxes)}", settings, (family,), site=site))
        return boxes[-1].ready()

    yield build
    for box in boxes:
        box.kill()


HARMLESS = {
    "underrun": {},
    "writes_stall": {},
    "abort_end": {"how": "straggling"},
    "events_missing": {},
    "rings_unseen": {},
    "reads_back": {},
    "echo": {},
    "clock": {"ppm": 200.0},
    "line_noise": {},
    "noise": {},
    "nul_flood": {},
    "endless_line": {},
    "unanswered": {"command": r"\+VLS=1"},
    "answers": {"command": r"\+VTR", "times": None},
}


@pytest.mark.parametrize("moment", ["now", "ring 1", "flash"])
@pytest.mark.parametrize("fault", HARMLESS)
def test_what_a_call_survives(make, fault, moment):
    box = make("usr" if fault == "abort_end" else "conexant")
    if moment == "now":
        apply(box.module, fault, **HARMLESS[fault])
    else:
        when(box.module, moment, fault, **HARMLESS[fault])
    caller = box.call(CALLER, talks_for=30.0)
    call = box.finish_call()
    assert (call.outcome, call.target, call.method) == ("forwarded", "desk", "flash")
    assert caller.speaks_with == DESK
    assert not box.module.off_hook
    assert box.line["state"] == "ready"


@pytest.mark.parametrize("family", ["conexant", "usr", "v253"])
def test_an_exchange_that_does_not_connect_rings_back_and_the_next_way_is_tried(make, family):
    box = make(family)
    apply(box.module, "transfer_refused")
    caller = box.call(CALLER, talks_for=None)
    call = box.finish_call()
    assert (call.outcome, call.reason) == ("missed", "nobody_reached")
    assert [attempt.result for attempt in call.attempts] == ["failed", "failed"]
    assert caller.state == "idle"
    assert box.line["problem"]
    assert box.line["can"] == []


@pytest.mark.parametrize("moment", ["flash", "ring 2"])
def test_a_modem_that_hangs_for_a_while_is_taken_back(make, moment):
    box = make()
    when(box.module, moment, "hang", seconds=15.0)
    caller = box.call(CALLER, talks_for=None)
    call = box.finish_call()
    assert (call.outcome, call.reason) == ("missed", "line_lost")
    caller.hang_up()
    box.until(lambda: box.line["state"] == "ready", 90)
    assert not box.module.off_hook


def test_a_modem_that_is_pulled_out_and_plugged_in_again(make):
    box = make()
    when(box.module, "flash", "unplug", back_after=10.0)
    caller = box.call(CALLER, talks_for=None)
    call = box.finish_call()
    assert (call.outcome, call.reason) == ("missed", "line_lost")
    caller.hang_up()
    box.ready()
    assert not box.module.off_hook
    box.call(CALLER, talks_for=30.0)
    assert box.finish_call().outcome == "forwarded"


def test_no_target_is_called_for_somebody_who_leaves_as_we_lift(make):
    box = make(plan={"answer_after_rings": 3})
    apply(box.module, "rings_just_stop", after_ring=3)
    box.call(CALLER, talks_for=None)
    call = box.finish_call()
    assert (call.outcome, call.attempts[0].result) == ("missed", "caller_gone")
    assert box.phone(DESK).heard == box.phone(ANNA).heard == []


def test_a_second_call_right_after_the_first(make):
    box = make()
    for _ in range(3):
        box.call(CALLER, talks_for=5.0)
        assert box.finish_call().outcome == "forwarded"
        box.until(lambda: box.phone(DESK).state == "idle", 60)


def test_a_target_who_answers_before_his_phone_is_heard_to_ring(make):
    box = make()
    box.exchange.set_target(Target(DESK, "answers", 0.5, None))
    caller = box.call(CALLER, talks_for=30.0)
    call = box.finish_call()
    assert call.outcome == "forwarded"
    assert caller.speaks_with in (DESK, ANNA)


def test_somebody_who_speaks_here_is_left_alone(make):
    """A parallel phone that was lifted as we called for somebody: our hanging up does not end his call."""
    box = make()
    phone = ParallelPhone(box.subscriber)
    box.exchange.set_target(Target(DESK, "busy"))
    box.exchange.set_target(Target(ANNA, "busy"))
    caller = box.call(CALLER, talks_for=None)
    box.until(lambda: box.module.off_hook)
    phone.lift()
    box.finish_call()
    assert not box.module.off_hook
    assert caller.state == "talking"
