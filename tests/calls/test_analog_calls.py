"""Whole calls on an analog line: real rings, tones and voices, heard through a real modem's voice data."""

import pytest

from appliance.simulator.faults import apply, when
from appliance.simulator.journal import Hook
from appliance.simulator.linedevices import ParallelPhone
from appliance.simulator.phones import Target
from appliance.store.database import Store
from tests.calls.conftest import ANNA, CALLER, DESK, LINE
from tests.calls.voice_box import PEOPLE, VoiceBox, analog
from tests.fast_studio import FastStudio

FAMILIES = ("conexant", "usr", "v253")


def settings(**line):
    return {**PEOPLE, "line": [{**analog("office", "/dev/ttyACM0", LINE), **line}]}


@pytest.fixture
def make(tmp_path):
    boxes = []

    def build(family="conexant", site="fritzbox", at=None, **line):
        """`site`: what the settings say; `at`: how the port really is, the same if not given."""
        toml = settings(site=site, **line)
        boxes.append(VoiceBox(tmp_path / f"state{len(boxes)}", toml, (family,), site=at or site))
        return boxes[-1].ready()

    yield build
    for box in boxes:
        box.kill()


def summary(call):
    return call.outcome, call.reason, call.target, call.method


def hooks(box):
    """What the modem did to the hook: True lifted, False hung up."""
    return [entry.lifted for entry in box.exchange.journal.of(Hook) if entry.device == "office"]


# --- handing on ----------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("site", ["fritzbox", "speedport", "pbx"])
def test_a_call_is_handed_on(make, family, site):
    box = make(family, site)
    caller = box.call(CALLER, talks_for=30.0)
    call = box.finish_call()
    assert summary(call) == ("forwarded", None, "desk", "flash")
    assert call.rings == 2
    assert caller.speaks_with == DESK
    assert not box.module.off_hook
    assert box.line["state"] == "ready"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("behaviour", ["busy", "unreachable", "refuses", "silent"])
def test_the_next_target_is_tried(make, family, behaviour):
    box = make(family)
    box.exchange.set_target(Target(DESK, behaviour))
    caller = box.call(CALLER, talks_for=None)
    call = box.finish_call()
    assert summary(call) == ("forwarded", None, "anna", "flash")
    expected = {"busy": "busy", "unreachable": "failed", "refuses": "refused", "silent": "no_answer"}[behaviour]
    assert [attempt.result for attempt in call.attempts] == [expected, "answered"]
    assert caller.speaks_with == ANNA


def test_nobody_can_come(make):
    box = make()
    for number in (DESK, ANNA):
        box.exchange.set_target(Target(number, "busy"))
    caller = box.call(CALLER, talks_for=None)
    call = box.finish_call()
    assert summary(call)[:2] == ("missed", "nobody_reached")
    assert caller.state == "idle"
    assert not box.module.off_hook


def test_a_flash_the_port_ignores(make):
    box = make()
    apply(box.module, "flash_ignored")
    caller = box.call(CALLER, talks_for=None)
    call = box.finish_call()
    assert summary(call)[:2] == ("missed", "nobody_reached")
    assert [attempt.result for attempt in call.attempts] == ["failed", "failed"]
    assert caller.state == "idle", "not left in a dead call"
    assert "flash" not in box.line["can"]
    assert box.line["problem"]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("sound", ["busy", "congestion", "dial"])
def test_a_caller_who_leaves_during_the_consultation(make, family, sound):
    box = make(family)
    apply(box.module, "end_sounds", sound=sound)
    box.exchange.set_target(Target(DESK, "silent"))
    caller = box.call(CALLER, talks_for=None)
    box.until(lambda: box.phone(DESK).state == "ringing")
    caller.hang_up()
    call = box.finish_call()
    assert summary(call)[:2] == ("missed", "gave_up_forwarding")
    assert box.phone(ANNA).heard == []
    assert not box.module.off_hook


# --- ringing -------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", [*FAMILIES, "novoice"])
def test_a_caller_who_gives_up(make, family):
    box = make(family)
    box.call(CALLER, gives_up_after=4.0)
    call = box.finish_call()
    assert summary(call)[:2] == ("missed", "gave_up_ringing")
    assert call.caller == CALLER
    assert call.perhaps_answered is (family in ("usr", "v253", "novoice"))
    assert not box.module.off_hook


def taken_here(box):
    """A call that somebody here has taken at a telephone beside us."""
    phone = ParallelPhone(box.subscriber)
    box.call(CALLER, talks_for=None)
    box.until(lambda: box.line["state"] == "ringing")
    box.run(3.0)
    phone.lift()
    return phone


@pytest.mark.parametrize("family", ["conexant", "usr"])
def test_somebody_here_lifts(make, family):
    box = make(family)
    phone = taken_here(box)
    box.until(lambda: box.line["state"] == "in_call")
    box.run(60.0)
    assert box.line["state"] == "in_call", "as long as it lasts"
    assert not box.module.off_hook
    phone.put_down()
    box.until(lambda: box.line["state"] == "ready", 60.0)
    assert summary(box.calls[0])[0] == "answered_here"
    assert not box.module.off_hook


@pytest.mark.parametrize("family", ["conexant", "usr"])
def test_killed_while_somebody_here_has_the_call(make, family):
    box = make(family)
    taken_here(box)
    box.until(lambda: box.line["state"] == "in_call")
    box.run(1.0)
    (call,) = box.calls
    assert (call.outcome, call.caller) == ("answered_here", CALLER), "in the log while it lasts"
    box.kill()
    box.run_world(5.0)
    box.start()
    box.run(60.0)
    assert box.calls == [call]
    assert box.messages == [] and not box.module.off_hook


def test_a_call_erased_while_somebody_here_has_it_stays_erased(make):
    box = make("usr")
    phone = taken_here(box)
    box.until(lambda: box.calls)
    with Store.open(box.folder) as page:
        assert page.erase(CALLER)["calls"] == 1
    phone.put_down()
    box.until(lambda: box.line["state"] == "ready")
    box.run(5.0)
    assert box.calls == [] and [hour.calls for hour in box.store.hours()] == [1]


def test_a_call_taken_here_does_not_end_with_the_next_callers_ring(make):
    box = make("usr")
    phone = taken_here(box)
    box.until(lambda: box.line["state"] == "in_call")
    box.run(1.0)
    (lifted,) = (call.ended_at for call in box.calls)
    box.module.neighbour = lambda lifted: None  # it does not notice how they hang up
    phone.put_down()
    box.run(600.0)
    box.call(CALLER)
    box.until(lambda: box.line["state"] == "ringing")
    box.run(2.0)
    assert (box.calls[-1].outcome, box.calls[-1].ended_at) == ("answered_here", lifted)


@pytest.mark.parametrize("when_", ["before", "after"])
@pytest.mark.parametrize("style", ["", "twice", "dirty", "withheld", "none"])
@pytest.mark.parametrize("family", [*FAMILIES, "novoice"])
def test_who_calls(make, family, style, when_):
    box = make(family)
    apply(box.module, "caller_id_when", when=when_)
    if style:
        apply(box.module, "caller_id", style=style)
    box.call(CALLER, gives_up_after=12.0)
    call = box.finish_call()
    assert call.caller == (None if style in ("withheld", "none") else CALLER)
    assert call.withheld is (style == "withheld")


# --- trouble -------------------------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["ringing", "answering", "calling"])
def test_no_line_stays_off_the_hook_across_a_kill(make, moment):
    box = make()
    box.exchange.set_target(Target(DESK, "silent"))
    box.call(CALLER, talks_for=None)
    box.until(lambda: box.engine.seats[0].call and box.engine.seats[0].call.state.value == moment)
    box.run(0.7)
    box.kill()
    box.world.studio = box.studio = FastStudio()
    box.run_world(20.0)
    box.start()
    box.ready()
    assert not box.module.off_hook


@pytest.mark.parametrize("how", ["no etx", "vcon", "bare etx", "straggling"])
@pytest.mark.parametrize("family", FAMILIES)
def test_however_voice_mode_ends(make, family, how):
    box = make(family)
    apply(box.module, "abort_end", how=how)
    box.call(CALLER, talks_for=None)
    assert summary(box.finish_call()) == ("forwarded", None, "desk", "flash")
    assert not box.module.off_hook


def test_a_modem_that_wedges_in_its_voice_data_is_brought_back(make):
    box = make()
    when(box.module, "flash", "wedged", until="dtr")
    box.call(CALLER, talks_for=None)
    call = box.finish_call()
    assert summary(call)[:2] == ("missed", "line_lost")
    box.ready()
    assert not box.module.off_hook


# --- where the modem is --------------------------------------------------------------------------


def test_a_modem_is_found_by_itself(make):
    assert make(port="auto").line["port"] == "/dev/ttyACM0"


def test_a_modem_that_comes_back_under_another_name_is_found_again(make):
    box = make()
    modem = box.world.unplug("/dev/ttyACM0")
    box.until(lambda: box.line["state"] == "down", 10)
    box.world.plug_in(modem, "/dev/ttyACM1")
    box.until(lambda: box.line["state"] == "ready", 60)
    assert box.line["port"] == "/dev/ttyACM1"
    box.call(CALLER, talks_for=30.0)
    assert box.finish_call().outcome == "forwarded"
