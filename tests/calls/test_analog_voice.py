"""Whole calls on an analog line in which something is said: announcements, messages, and questions to a target."""

import math
import struct
import wave

import pytest

from appliance.simulator.ears import tone_level
from appliance.simulator.faults import apply
from appliance.simulator.phones import Target
from tests.calls.conftest import ANNA, CALLER, DESK, LINE
from tests.calls.voice_box import PEOPLE, VoiceBox, analog

FAMILIES = ("conexant", "usr", "v253")
PITCH = {"announcement": 600, "voicemail": 700, "hold": 800, "confirm": 900}
"""A tone in place of each sentence."""


def settings(otherwise="hang-up", confirm=False, message_seconds=20, chain=("desk", "anna"), **line):
    plan = [{"name": "open", "answer_after_rings": 2, "chain": list(chain), "otherwise": otherwise}]
    people = [{**target, "confirm": confirm} for target in PEOPLE["target"]]
    return {
        **PEOPLE,
        "line": [analog("office", "/dev/ttyACM0", LINE, site="fritzbox", **line)],
        "plan": plan,
        "target": people,
        "voice": {"message_seconds": message_seconds},
    }


def sentences(folder, seconds=3.0):
    folder.mkdir()
    for name, pitch in PITCH.items():
        with wave.open(str(folder / f"{name}.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            samples = (round(6000 * math.sin(2 * math.pi * pitch * i / 8000)) for i in range(round(8000 * seconds)))
            file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))


@pytest.fixture
def make(tmp_path):
    boxes = []

    def build(family="conexant", **how):
        box = VoiceBox(tmp_path / f"state{len(boxes)}", settings(**how), (family,))
        sentences(box.folder / "prompts")
        boxes.append(box)
        return box.ready()

    yield build
    for box in boxes:
        box.kill()


def nobody(box):
    for number in (DESK, ANNA):
        box.exchange.set_target(Target(number, "busy"))


def state(box):
    call = box.engine.seats[0].call
    return call.state.value if call else None


@pytest.mark.parametrize("family", FAMILIES)
def test_an_announcement_is_heard_to_its_end(make, family):
    box = make(family, otherwise="announce")
    nobody(box)
    caller = box.call(CALLER, talks_for=None)
    ear = caller.listen()
    box.until(lambda: state(box) == "announcing")
    box.run(2.0)
    assert tone_level(ear.samples[-4000:], PITCH["announcement"]) > -30
    call = box.finish_call()
    assert (call.outcome, call.reason) == ("missed", "nobody_reached")
    assert caller.state == "idle"
    assert not box.module.off_hook


def test_who_rings_while_the_box_starts_up_is_told_all_the_same(make):
    box = make(otherwise="announce", chain=())
    box.call(CALLER, talks_for=None, patience=60)
    box.until(lambda: box.line["state"] == "ringing")
    box.kill()
    box.run_world(4.9)  # the next ring comes before the modem has been asked what it can do
    box.start()
    box.until(lambda: state(box) == "ringing")
    assert not box.engine.seats[0].driver.hears
    box.until(lambda: state(box) == "announcing", 30)
    call = box.finish_call()
    assert (call.outcome, call.reason) == ("missed", "nobody_reached")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_message_is_taken_after_the_announcement(make, family):
    box = make(family, otherwise="voicemail")
    nobody(box)
    box.call(CALLER, talks_for=None)
    box.until(lambda: state(box) == "recording")
    call = box.finish_call()
    assert call.outcome == "voicemail"
    assert call.message_seconds == pytest.approx(20.0, abs=1.0)
    with wave.open(call.message) as file:
        assert file.getframerate() == 8000
        assert file.getnframes() / 8000 == pytest.approx(call.message_seconds, abs=0.5)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("sound", ["busy", "congestion", "dial"])
def test_a_caller_who_hangs_up_ends_his_message(make, family, sound):
    box = make(family, otherwise="voicemail", message_seconds=120)
    apply(box.module, "end_sounds", sound=sound)
    nobody(box)
    caller = box.call(CALLER, talks_for=None)
    box.until(lambda: state(box) == "recording")
    box.run(15.0)
    caller.hang_up()
    left = box.world.now()
    call = box.finish_call()
    assert call.outcome == "voicemail"
    assert 5.0 < call.message_seconds < 19.0
    assert box.world.now() - left < 6.0
    assert not box.module.off_hook


def test_a_caller_who_hangs_up_during_the_announcement_leaves_no_message(make):
    box = make(otherwise="voicemail")
    nobody(box)
    caller = box.call(CALLER, talks_for=None)
    box.until(lambda: state(box) == "announcing")
    box.run(0.5)
    caller.hang_up()
    call = box.finish_call()
    assert (call.outcome, call.reason, call.message) == ("missed", "nobody_reached", None)
    assert not box.module.off_hook


@pytest.mark.parametrize("family", ["conexant", "usr"])
def test_a_human_presses_one(make, family):
    box = make(family, confirm=True)
    box.exchange.set_target(Target(DESK, "answers", 3.0, None, presses="1", presses_after=3.0))
    caller = box.call(CALLER, talks_for=30.0)
    call = box.finish_call()
    assert (call.outcome, call.target, call.method) == ("forwarded", "desk", "flash")
    assert caller.speaks_with == DESK


@pytest.mark.parametrize("family", ["conexant", "usr"])
def test_a_mailbox_does_not(make, family):
    box = make(family, confirm=True)
    box.exchange.set_target(Target(DESK, "mailbox", 3.0, None))
    box.exchange.set_target(Target(ANNA, "answers", 3.0, None, presses="1", presses_after=3.0))
    caller = box.call(CALLER, talks_for=60.0)
    call = box.finish_call()
    assert (call.outcome, call.target) == ("forwarded", "anna")
    assert [attempt.result for attempt in call.attempts] == ["no_answer", "answered"]
    assert caller.speaks_with == ANNA
