"""The port: consultation by flash, transfer, fetching back, and all that can happen meanwhile."""

from dataclasses import replace

import pytest

from appliance.simulator.journal import Connected, Dialled, Flashed, Held, Hook
from appliance.simulator.phones import Target
from appliance.simulator.sites import SITES

from .exchange_hall import CALLER, DESK, DESK_KEYS, LINE, Hall


def keys(text):
    return "AT+VTS=" + ",".join(f"{{{key},8}}" for key in text)


def flash(hall, hundredths=9, wait=1.0):
    return hall.type(f"AT+VTS={{!,{hundredths}}}", wait)


def consulting(site="fritzbox", behaviour="answers", after=3, wait=7.0, prefix="", **target):
    """A caller on hold and a target called from the port."""
    hall = Hall(site=site)
    hall.exchange.set_target(Target(DESK, behaviour, after, None, **target))
    caller = hall.call(command=None)
    assert flash(hall) == ["OK"]
    assert hall.line.tone_name == "dial" and caller.on_hold
    assert hall.type(keys(prefix + DESK_KEYS), 3.5) == ["OK"]
    hall.sleep(wait)
    return hall, caller


def test_consultation_and_transfer_by_hanging_up():
    hall, caller = consulting()
    assert hall.line.state.value == "talking" and hall.desk.speaks_with == LINE
    hall.type("ATH", 1)
    assert caller.speaks_with == DESK and hall.desk.speaks_with == CALLER and not hall.line.in_use
    assert hall.of(Connected)[-1] == f"{CALLER} speaks with {DESK} (transfer)"
    assert hall.of(Flashed) == [f"{LINE}: flash of 90 ms, consultation"]
    assert hall.of(Dialled) == [f"{LINE} dials {DESK_KEYS}"]
    assert hall.of(Hook)[-1] == f"{LINE}: modem puts down"
    assert hall.exchange.journal.of(Hook)[-1].free


def test_transfer_while_it_still_rings():
    hall, caller = consulting(behaviour="answers", after=12, wait=5)
    assert hall.desk.state == "ringing"
    hall.type("ATH", 12)
    assert caller.speaks_with == DESK


def test_a_router_that_does_not_transfer_unanswered_rings_back():
    hall, caller = consulting(site="speedport", after=30, wait=2)
    assert hall.type("ATH", 1)[:2] == ["OK", "\x10R"]
    assert hall.desk.state == "idle" and caller.state == "talking"
    hall.type("AT+VLS=1")
    assert hall.line.state.value == "talking" and not caller.on_hold


def test_a_recall_nobody_answers_ends():
    hall, caller = consulting(site="speedport", after=30, wait=2)
    hall.type("ATH", 70)
    assert caller.state == "idle" and hall.line.state.value == "idle"


@pytest.mark.parametrize(("behaviour", "tone"), [("busy", "busy"), ("unreachable", "sit"), ("refuses", "busy")])
def test_a_target_that_cannot_be_had_and_the_caller_fetched_back(behaviour, tone):
    hall, caller = consulting(behaviour=behaviour)
    assert hall.line.tone_name == tone and caller.on_hold
    assert flash(hall, 9, 0.5) == ["OK"]
    hall.type(keys("1"), 1)
    assert not caller.on_hold and hall.line.state.value == "talking" and hall.line.tone_name is None
    assert hall.of(Held) == [f"{LINE}: {CALLER} on hold", f"{LINE}: {CALLER} back"]
    assert hall.of(Flashed)[-1].endswith("code") and hall.of(Dialled)[-1].endswith("R1")


def test_fetching_back_while_it_rings_ends_the_other_call():
    hall, caller = consulting(behaviour="silent", wait=5)
    assert hall.desk.state == "ringing"
    flash(hall)
    hall.type(keys("1"), 1)
    assert hall.desk.state == "idle" and not caller.on_hold


def test_a_second_target_after_the_first():
    hall, caller = consulting(behaviour="busy")
    flash(hall)
    hall.type(keys("1"), 1)
    hall.exchange.set_target(Target("+4915112345678", "answers", 2, None))
    flash(hall)
    hall.type(keys("015112345678"), 8)
    hall.type("ATH", 1)
    assert caller.speaks_with == "+4915112345678"


def test_flash_and_a_key_give_the_call_away():
    hall, caller = consulting(site="pbx-code", prefix="0")
    flash(hall)
    hall.type(keys("4"), 1)
    assert caller.speaks_with == DESK and hall.line.tone_name == "busy"


def test_there_hanging_up_does_not_transfer():
    hall, caller = consulting(site="pbx-code", prefix="0")
    hall.type("ATH", 1)
    assert hall.desk.state == "idle" and caller.state == "talking" and caller.speaks_with == LINE


def test_swapping():
    hall, caller = consulting()
    flash(hall)
    hall.type(keys("2"), 1)
    assert not caller.on_hold and hall.desk.on_hold


def test_a_bare_flash_fetches_back_at_a_pbx():
    hall, caller = consulting(site="pbx", behaviour="busy", prefix="0")
    flash(hall)
    assert not caller.on_hold and hall.of(Flashed)[-1].endswith("back")


def test_a_pbx_may_give_the_caller_back_by_itself():
    hall, caller = consulting(site=replace(SITES["fritzbox"], busy_returns=4.0), behaviour="busy", wait=8)
    assert not caller.on_hold and hall.line.state.value == "talking"


def test_a_pbx_wants_its_prefix():
    hall, _ = consulting(site="pbx", wait=2)
    assert hall.of(Dialled) == [f"{LINE} dials {DESK_KEYS}"]
    assert hall.desk.state == "idle"  # 0 leads out, what follows is a local number


@pytest.mark.parametrize(
    ("site", "hundredths", "taken"),
    [
        ("fritzbox", 3, "ignored"),
        ("fritzbox", 9, "consultation"),
        ("fritzbox", 45, "ignored"),
        ("fritzbox", 60, "dropped"),
        ("pbx", 25, "ignored"),
        ("exchange", 9, "ignored"),
        ("exchange", 25, "ignored"),
        ("exchange", 70, "dropped"),
    ],
)
def test_flashes_are_taken_by_their_length(site, hundredths, taken):
    hall = Hall(site=site)
    caller = hall.call(command=None)
    flash(hall, hundredths)
    assert hall.of(Flashed) == [f"{LINE}: flash of {hundredths * 10} ms, {taken}"]
    assert (caller.state == "idle") is (taken == "dropped")
    assert (hall.line.tone_name == "dial") is (taken != "ignored")


def test_a_bare_flash_has_the_length_of_the_country():
    hall = Hall()
    hall.call(command=None)
    hall.type("AT+VTS=!", 1)
    assert hall.of(Flashed) == [f"{LINE}: flash of 100 ms, consultation"]


def test_a_flash_is_nothing_while_another_phone_holds_the_loop():
    hall = Hall()
    hall.call(command=None)
    hall.phone.lift()
    flash(hall)
    assert hall.of(Flashed)[-1].endswith("ignored") and hall.line.state.value == "talking"


def test_the_caller_leaves_during_consultation():
    hall, caller = consulting(behaviour="silent", wait=3)
    caller.hang_up()
    assert hall.line.held_call is None and hall.desk.state == "ringing"
    flash(hall)
    assert flash(hall) == ["OK"]
    assert hall.line.held_call is None
    hall.type("ATH", 1)
    assert hall.desk.state == "idle" and not hall.line.in_use


def test_the_target_leaves_during_consultation():
    hall, caller = consulting()
    hall.desk.hang_up()
    assert hall.line.tone_name == "busy" and caller.on_hold
    flash(hall)
    hall.type(keys("1"), 1)
    assert not caller.on_hold


@pytest.mark.parametrize(
    ("at_end", "tone", "event"), [("busy", "busy", b""), ("congestion", "congestion", b""), ("break", "dial", b"\x10l")]
)
def test_what_is_heard_when_the_caller_hangs_up(at_end, tone, event):
    hall = Hall(site=replace(SITES["fritzbox"], at_end=at_end))
    caller = hall.call(command=None)
    hall.world.run_until(hall.world.now() + 1)
    caller.hang_up()
    hall.world.run_until(hall.world.now() + 1.5)
    assert hall.line.tone_name == tone and event in hall.raw()


def test_a_line_that_talks_is_busy_for_others():
    hall = Hall()
    hall.call(command=None)
    other = hall.exchange.call(LINE, "+49891")
    hall.sleep(2)
    assert other.cause == 17


def test_a_parallel_phone_answers_before_the_modem():
    hall = Hall()
    hall.type("AT+FCLASS=8")
    hall.type("AT-STE=7")
    caller = hall.exchange.call(LINE, CALLER, talks_for=None)
    hall.world.run_until(hall.world.now() + 6.5)
    hall.phone.lift()
    hall.world.run_until(hall.world.now() + 10)
    hall.phone.put_down()
    assert hall.raw().replace(b"\x10R", b"").endswith(b"\x10P\x10p")
    assert caller.heard == [LINE] and caller.state == "idle"
    entries = hall.exchange.journal.of(Hook)
    assert [(entry.who, entry.off) for entry in entries] == [("parallel phone", True), ("parallel phone", False)]


def test_a_dial_tone_does_not_last_for_ever():
    hall = Hall()
    hall.ready(command=None)
    hall.sleep(25)
    assert hall.line.tone_name == "congestion"


def test_wires_cut_and_mended():
    hall = Hall()
    caller = hall.call(command=None)
    hall.line.cut(30)
    assert caller.state == "idle"
    hall.sleep(31)
    assert hall.line.tone_name == "dial"
