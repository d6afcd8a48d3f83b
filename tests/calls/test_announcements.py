"""What a caller hears and leaves where nobody can come, and what proves a target to be human."""

import wave
from pathlib import Path

import pytest

from appliance.simulator.ears import level
from appliance.simulator.phones import Target
from tests.calls.conftest import ANNA, CALLER, DESK, LINE
from tests.calls.voice_box import ANALOG_TO_GSM, GSM_TO_GSM, PEOPLE, VoiceBox, analog, gsm, sentence

ALONE = {
    "gsm": ({**PEOPLE, "line": [gsm("office", "/dev/ttyUSB0", LINE)]}, ("quectel",)),
    "analog": ({**PEOPLE, "line": [analog("office", "/dev/ttyACM0", LINE, site="fritzbox")]}, ("conexant",)),
}


def plan(settings, **changes):
    return {**settings, "plan": [{**settings["plan"][0], **changes}]}


@pytest.fixture
def make(tmp_path):
    boxes = []

    def build(settings, families):
        boxes.append(VoiceBox(tmp_path / f"state{len(boxes)}", settings, families))
        for name in ("announcement", "voicemail", "confirm"):
            sentence(boxes[-1].folder / "prompts" / f"{name}.wav")
        return boxes[-1].ready()

    yield build
    for box in boxes:
        box.kill()


def calls_and_listens(box, **how):
    caller = box.call(CALLER, **how)
    ear = caller.listen()
    return caller, ear


def in_call(box, state):
    box.until(lambda: (call := box.engine.seats[0].call) and call.state.value == state, 90)


@pytest.mark.parametrize("kind", ALONE)
def test_nobody_can_come_and_the_caller_hears_why(make, kind):
    settings, families = ALONE[kind]
    box = make(plan(settings, chain=[], otherwise="announce"), families)
    _, ear = calls_and_listens(box)
    call = box.finish_call()
    assert (call.outcome, call.reason) == ("missed", "nobody_reached")
    assert level(ear.last(4.0)[4000:20000]) > -25, "the sentence was heard"
    box.until(lambda: box.line["state"] == "ready", 10)


@pytest.mark.parametrize("kind", ALONE)
def test_a_message_is_taken(make, kind):
    settings, families = ALONE[kind]
    box = make(plan(settings, chain=[], otherwise="voicemail"), families)
    caller, _ = calls_and_listens(box, talks_for=None)
    in_call(box, "recording")
    box.run(6)
    caller.hang_up()
    call = box.finish_call()
    assert (call.outcome, call.reason) == ("voicemail", None)
    assert 3.0 <= call.message_seconds <= 9.0
    with wave.open(call.message) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert abs(file.getnframes() / 8000 - call.message_seconds) < 1
    if kind == "gsm":
        box.until(lambda: box.texts, 60)
        assert box.texts[0].startswith("Nachricht auf dem Anrufbeantworter: +491701234567")


@pytest.mark.parametrize("kind", ALONE)
def test_a_message_ended_by_the_hash_key(make, kind):
    settings, families = ALONE[kind]
    box = make(plan(settings, chain=[], otherwise="voicemail"), families)
    caller, _ = calls_and_listens(box, talks_for=None)
    in_call(box, "recording")
    box.run(5)
    caller.press("#")
    assert box.finish_call(20).outcome == "voicemail"
    assert caller.state == "idle"


@pytest.mark.parametrize("kind", ALONE)
def test_nothing_is_recorded_of_who_leaves_during_the_announcement(make, kind):
    settings, families = ALONE[kind]
    box = make(plan(settings, chain=[], otherwise="voicemail"), families)
    caller, _ = calls_and_listens(box, talks_for=None)
    in_call(box, "announcing")
    box.run(1)
    caller.hang_up()
    call = box.finish_call()
    assert (call.outcome, call.reason, call.message) == ("missed", "nobody_reached", None)
    assert not list((box.folder / "voicemail").glob("*"))


def test_without_the_sentence_nothing_is_recorded(make):
    settings, families = ALONE["gsm"]
    box = make(plan(settings, chain=[], otherwise="voicemail"), families)
    (box.folder / "prompts" / "voicemail.wav").unlink()
    box.call(CALLER, talks_for=None)
    call = box.finish_call()
    assert (call.outcome, call.reason) == ("missed", "nobody_reached")


def test_a_module_that_starts_anew_in_an_announcement_speaks_again_afterwards(make):
    """The port of its sound may outlive that: who held on to it would be deaf and dumb from then on."""
    settings, families = ALONE["gsm"]
    box = make(plan(settings, chain=[], otherwise="announce"), families)
    calls_and_listens(box, talks_for=None)
    in_call(box, "announcing")
    box.module.reboot()
    assert box.finish_call().reason == "line_lost"
    box.ready()
    assert not box.studio.desk.is_open("office")
    _, ear = calls_and_listens(box)
    assert box.finish_call().reason == "nobody_reached"
    assert level(ear.last(4.0)[4000:20000]) > -25, "the sentence was heard"


# --- is it a human? ------------------------------------------------------------------------------

HUMANS = [
    {"name": "desk", "number": DESK, "ring_seconds": 15, "confirm": True},
    {"name": "anna", "number": ANNA, "ring_seconds": 15},
]
WAYS = {
    "flash": ALONE["analog"],
    "hold": ALONE["gsm"],
    "bridge": (GSM_TO_GSM, ("simcom", "huawei")),
    "landline bridge": (ANALOG_TO_GSM, ("conexant", "simcom")),
}


@pytest.mark.parametrize("way", WAYS)
def test_who_presses_1_gets_the_caller(make, way):
    settings, families = WAYS[way]
    box = make({**settings, "target": HUMANS}, families)
    box.exchange.set_target(Target(DESK, "answers", 3.0, 20.0, presses="1", presses_after=4.0))
    box.call(CALLER, talks_for=15.0)
    call = box.finish_call()
    assert (call.outcome, call.target) == ("forwarded", "desk")
    assert 2.0 <= call.attempts[0].seconds <= 5.0, "how long it rang, not how long it took to press"


def test_a_huawei_is_told_to_give_its_sound_after_every_dialling(make):
    settings, _ = WAYS["hold"]
    everybody = [{**one, "confirm": True} for one in HUMANS]
    box = make({**settings, "target": everybody}, ("huawei",))
    box.exchange.set_target(Target(DESK, "mailbox", 0.4, 60.0))
    box.exchange.set_target(Target(ANNA, "answers", 3.0, 20.0, presses="1", presses_after=4.0))
    box.call(CALLER, talks_for=15.0)
    assert box.finish_call().target == "anna"
    assert list(box.module.seen).count("AT^DDSETEX=2") == 2


@pytest.mark.parametrize("way", WAYS)
def test_a_mailbox_presses_nothing_and_the_next_one_is_tried(make, way):
    settings, families = WAYS[way]
    box = make({**settings, "target": HUMANS}, families)
    box.exchange.set_target(Target(DESK, "mailbox", 0.4, 60.0))
    box.call(CALLER, talks_for=15.0)
    call = box.finish_call()
    assert (call.outcome, call.target) == ("forwarded", "anna")
    assert call.attempts[0].result == "no_answer"


@pytest.mark.parametrize("kind", ALONE)
def test_a_stop_while_a_message_is_left_keeps_what_was_said(make, kind):
    settings, families = ALONE[kind]
    box = make(plan(settings, chain=[], otherwise="voicemail"), families)
    caller, _ = calls_and_listens(box, talks_for=None)
    in_call(box, "recording")
    box.run(6)
    began = box.world.now()
    box.engine.stop()
    box.engine.run()
    assert box.world.now() - began < 8
    (call,) = box.calls
    assert (call.outcome, call.reason) == ("voicemail", None)
    assert 3.0 <= call.message_seconds <= 7.0
    assert Path(call.message).is_file()
    box.run_world(3)
    assert caller.state == "idle"


@pytest.mark.parametrize("kind", ALONE)
def test_a_crash_while_a_message_is_left_keeps_what_was_said(make, kind):
    settings, families = ALONE[kind]
    box = make(plan(settings, chain=[], otherwise="voicemail"), families)
    calls_and_listens(box, talks_for=None)
    in_call(box, "recording")
    box.run(6)
    box.kill()
    box.studio.leave()
    box.start()
    call = box.finish_call()
    assert (call.outcome, call.reason) == ("voicemail", None)
    assert 3.0 <= call.message_seconds <= 7.0
    with wave.open(call.message) as file:
        assert abs(file.getnframes() / 8000 - call.message_seconds) < 0.1
    box.until(lambda: box.line["state"] == "ready", 60)
