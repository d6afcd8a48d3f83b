"""Each fault of an analog line does what its name says."""

import pytest

from appliance.core.errors import PortLost, UserError
from appliance.simulator import faults
from appliance.simulator.codings import CODINGS
from appliance.simulator.ears import level, tone_level
from appliance.simulator.journal import Connected, Flashed, Hook
from appliance.simulator.phones import Target
from appliance.simulator.sounds import Silence, Tone

from .exchange_hall import CALLER, DESK, DESK_KEYS, LINE, Hall
from .test_analogvoice import listen, more, shielded, wave
from .test_lineport import consulting, flash, keys


def rung(name=None, seconds=4.0, **fault):
    hall = Hall()
    hall.line.names[CALLER] = "Huber"
    if name:
        faults.apply(hall.modem, name, **fault)
    hall.exchange.call(LINE, CALLER)
    hall.world.run_until(hall.world.now() + seconds)
    return hall.raw()


def test_names_belong_to_a_kind_of_modem():
    hall = Hall()
    with pytest.raises(UserError, match="no fault 'texts_only'"):
        faults.apply(hall.modem, "texts_only")
    with pytest.raises(UserError, match="takes no 'colour'"):
        faults.when(hall.modem, "ring 1", "flash_ignored", colour="red")
    for name, wrong in (
        ("caller_id", {"style": "odd"}),
        ("abort_end", {"how": "odd"}),
        ("wedged", {"until": "noon"}),
        ("caller_id_when", {"when": "noon"}),
        ("end_sounds", {"sound": "song"}),
        ("one_way", {"side": "up"}),
    ):
        with pytest.raises(UserError):
            faults.apply(hall.modem, name, **wrong)
    assert all(fault.summary for fault in faults.ANALOG_FAULTS.values())


def test_caller_id_in_all_forms():
    assert b"NMBR" not in rung("caller_id")
    assert b"NMBR" not in rung("caller_id_when", when="none")
    assert rung("caller_id_when", when="before").startswith(b"\r\nDATE")
    assert rung().startswith(b"\r\nRING\r\n\r\nDATE")
    assert rung("caller_id", style="twice").count(b"NMBR = 01701234567") == 2
    assert b"NMBR = P" in rung("caller_id", style="withheld") and b"Huber" not in rung("caller_id", style="withheld")
    dirty = rung("caller_id", style="dirty")
    assert b"NMBR = 01701234567 " in dirty and b"\xff" in dirty and b"\x1b[31m" in dirty


def test_rings_just_stop():
    hall = Hall()
    faults.apply(hall.modem, "rings_just_stop", after_ring=2)
    caller = hall.exchange.call(LINE, CALLER)
    assert hall.sleep(60).count("RING") == 2 and caller.state == "idle"


def test_rings_nobody_sees():
    hall = Hall()
    faults.apply(hall.modem, "rings_unseen", after_ring=2)
    caller = hall.exchange.call(LINE, CALLER)
    assert hall.sleep(30).count("RING") == 2 and caller.state == "calling"


@pytest.mark.parametrize("ring", [1, 3])
def test_a_parallel_phone_lifts_while_it_rings(ring):
    hall = Hall()
    faults.when(hall.modem, f"ring {ring}", "parallel_phone_lifts", after=1.0, talks_for=20)
    hall.exchange.call(LINE, CALLER)
    assert hall.sleep(60).count("RING") == ring
    assert [(entry.off, entry.free) for entry in hall.exchange.journal.of(Hook)] == [(True, False), (False, True)]
    assert len(hall.exchange.journal.of(Connected)) == 1


def test_a_parallel_phone_lifts_during_an_announcement():
    hall = Hall()
    hall.call(command="AT+VTX")
    faults.apply(hall.modem, "parallel_phone_lifts", after=0.5, talks_for=1.0)
    assert more(hall, 2.0)[1] == ["P", "p"]


def test_the_caller_drops_during_an_announcement():
    hall = Hall()
    faults.when(hall.modem, r"command \+VTX", "caller_leaves", after=1.5)
    caller = hall.call(command="AT+VTX")
    hall.sleep(1.4)
    assert caller.state == "talking"
    hall.sleep(0.2)
    assert caller.state == "idle" and hall.line.tone_name == "busy" and hall.line.in_use


def test_the_caller_drops_during_consultation():
    hall = Hall()
    caller = hall.call(command=None)
    faults.when(hall.modem, "flash", "caller_leaves", after=2.0)
    flash(hall)
    assert caller.on_hold
    hall.sleep(2)
    assert caller.state == "idle" and hall.line.held_call is None and hall.line.tone_name == "dial"


def test_the_target_drops():
    hall, caller = consulting()
    faults.apply(hall.modem, "target_leaves")
    hall.sleep(0.1)
    assert hall.desk.state == "idle" and hall.line.tone_name == "busy" and caller.on_hold


def test_flash_ignored_and_too_long_and_well_again():
    hall = Hall()
    caller = hall.call(command=None)
    faults.apply(hall.modem, "flash_ignored")
    flash(hall)
    assert not caller.on_hold and hall.line.tone_name is None
    faults.apply(hall.modem, "good_again")
    faults.apply(hall.modem, "flash_too_long")
    flash(hall)
    assert caller.state == "idle" and hall.line.tone_name == "dial"
    assert [text.split(", ")[1] for text in hall.of(Flashed)] == ["ignored", "dropped"]


def test_transfer_refused():
    hall, caller = consulting()
    faults.apply(hall.modem, "transfer_refused")
    hall.type("ATH", 1)
    assert caller.speaks_with == LINE and hall.line.state.value == "ringing"


def test_target_busy():
    hall = Hall()
    caller = hall.call(command=None)
    faults.apply(hall.modem, "target_busy", number=DESK)
    flash(hall)
    hall.type(keys(DESK_KEYS), 7)
    assert hall.line.tone_name == "busy" and caller.on_hold


@pytest.mark.parametrize("sound", ["busy", "congestion", "dial", "silence"])
def test_what_the_end_sounds_like(sound):
    hall = Hall()
    faults.apply(hall.modem, "end_sounds", sound=sound)
    caller = hall.call(command=None)
    caller.hang_up()
    assert hall.line.tone_name == sound


def test_an_unreachable_mobile_told_of_by_a_voice():
    hall = Hall()
    hall.exchange.set_target(Target(DESK, "unreachable"))
    faults.apply(hall.modem, "unreachable_spoken")
    hall.call(command=None)
    flash(hall)
    hall.type(keys(DESK_KEYS), 3.5)
    hall.type("AT+VRX")
    sound, _ = listen(hall, 4.0)
    assert hall.line.tone_name == "announcement" and level(CODINGS["u8"].decode(sound)) > -40
    hall.port.write(b"\x10!")
    hall.sleep(8)
    assert hall.line.tone_name == "busy"


def test_codes_ignored():
    hall = Hall()
    faults.apply(hall.modem, "codes_ignored")
    hall.type("ATX3DT*21*0301111111#;", 15)
    assert hall.line.tone_name == "sit" and not hall.line.subscriber.diversions


def test_wires_cut():
    hall = Hall()
    faults.apply(hall.modem, "wires_cut", seconds=20)
    caller = hall.exchange.call(LINE, CALLER)
    assert hall.sleep(10) == [] and caller.state == "calling"


def test_underrun():
    hall = Hall()
    hall.call()
    faults.apply(hall.modem, "underrun", frames=5)
    assert "u" in more(hall, 0.3)[1]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("usual", b"\x10\x03\r\nOK\r\n"),
        ("vcon", b"\x10\x03\r\nVCON\r\n"),
        ("no etx", b"\x80\r\nOK\r\n"),
        ("bare etx", b"\x10\x03"),
        ("straggling", b"OK\r\n" + b"\x80" * 37 + b"\x10\x03"),
    ],
)
def test_ways_an_abort_ends(how, said):
    hall = Hall()
    hall.line.echo = None
    hall.call().says = Silence()
    faults.apply(hall.modem, "abort_end", how=how)
    hall.port.write(b"\x10^")
    hall.world.run_until(hall.world.now() + 0.5)
    assert hall.raw().endswith(said)
    assert hall.type("AT")[-1] == "OK"


def test_an_abort_that_never_ends():
    hall = Hall()
    hall.call()
    faults.apply(hall.modem, "abort_end", how="never")
    hall.port.write(b"\x10^")
    assert len(listen(hall, 2.0)[0]) > 15_000
    hall.port.write(b"ATH\r")
    assert hall.modem.off_hook
    hall.port.close()
    assert not hall.modem.off_hook


@pytest.mark.parametrize("until", ["dtr", "mute dtr"])
def test_wedged_until_dtr_drops(until):
    hall = Hall()
    caller = hall.call()
    faults.apply(hall.modem, "wedged", until=until)
    hall.port.write(b"\x10^AT\r")
    assert bool(listen(hall, 1.0)[0]) is (until == "dtr")
    hall.port.begin_reset()
    hall.raw()
    assert caller.state == "idle" and not hall.line.in_use
    assert hall.type("AT") == ["OK"]


def test_wedged_until_the_port_is_opened_anew():
    hall = Hall()
    faults.apply(hall.modem, "wedged")
    assert hall.type("AT") == []
    hall.port.close()
    hall.port = hall.world.open("/dev/ttyACM0", 115200)
    assert hall.type("AT") == ["OK"]


def test_wedged_until_unplugged():
    hall = Hall()
    hall.call()
    faults.apply(hall.modem, "wedged", until="power")
    hall.port.begin_reset()
    assert hall.type("ATH") == [] or hall.line.in_use
    faults.apply(hall.modem, "unplug", back_after=2.0, back_as="ttyACM1")
    with pytest.raises(PortLost):
        hall.port.read()
    hall.world.run_until(hall.world.now() + 4)
    assert hall.world.candidates() == ["/dev/ttyACM1"] and not hall.line.in_use
    hall.port = hall.world.open("/dev/ttyACM1", 115200)
    assert hall.type("AT")[-1] == "OK"


def test_settings_that_read_back_differently():
    hall = Hall()
    faults.apply(hall.modem, "reads_back", command="+VSM", says="129,8000,0,0")
    assert hall.type("AT+FCLASS=8;+VSM=1,8000;+VSM?") == ["129,8000,0,0", "OK"]


def test_ok_without_effect():
    hall = Hall()
    hall.type("AT+FCLASS=8")
    faults.apply(hall.modem, "without_effect", command=r"\+VLS=1")
    assert hall.type("AT+VLS=1") == ["OK"] and not hall.modem.off_hook


def test_at_the_wrong_speed_there_is_only_noise():
    hall = Hall()
    faults.apply(hall.modem, "wrong_speed", works_at=57600)
    hall.port.write(b"AT\r")
    assert b"OK" not in hall.raw()
    hall.exchange.call(LINE, CALLER)
    hall.world.run_until(hall.world.now() + 2)
    noise = hall.raw()
    assert noise and b"RING" not in noise
    hall.port.close()
    hall.port = hall.world.open("/dev/ttyACM0", 57600)
    hall.type("")
    assert hall.type("AT")[-1] == "OK"


def test_writes_stall_and_one_way_silence():
    hall = Hall()
    caller = hall.call()
    caller.says, ear = Tone((1000.0,)), caller.listen()
    faults.apply(hall.modem, "writes_stall", seconds=0.5)
    assert hall.port.write(b"\x80" * 100) == 0
    hall.world.run_until(hall.world.now() + 0.6)
    assert hall.port.write(b"\x80" * 100) == 100
    faults.apply(hall.modem, "one_way", side="send")
    hall.send(shielded(wave(Tone((600.0,)), 0.5)))
    assert level(ear.last(0.3)) < -100
    faults.apply(hall.modem, "one_way", side="receive")
    hall.line.echo = None
    sound, _ = listen(hall, 0.5)
    assert level(CODINGS["u8"].decode(sound)) < -100


def test_louder_echo_no_events_and_another_clock():
    hall = Hall()
    caller = hall.call()
    caller.says = Silence()
    faults.apply(hall.modem, "echo", level=-3.0, delay=0.01)
    faults.apply(hall.modem, "events_missing")
    faults.apply(hall.modem, "clock", ppm=-200.0)
    caller.press("5")
    assert listen(hall, 1.0)[1] == [] and hall.modem.ppm == -200.0
    hall.raw()
    hall.send(shielded(wave(Tone((1000.0,), -9.0), 1.0)))
    assert tone_level(CODINGS["u8"].decode(more(hall, 0.02)[0][4000:6000]), 1000.0) == pytest.approx(-12.0, abs=1.0)


def test_common_faults_work_here_too():
    hall = Hall()
    faults.apply(hall.modem, "urc_inside_reply", command=r"\+GMI", line="RING")
    assert hall.type("AT+GMI") == ["CONEXANT", "RING", "OK"]
    faults.apply(hall.modem, "unanswered", command=r"\+GMI")
    assert hall.type("AT+GMI") == []
    assert hall.type("AT+GMI") == ["CONEXANT", "OK"]
    faults.apply(hall.modem, "noise", octets=50)
    assert len(hall.raw()) == 50
    faults.apply(hall.modem, "hang", seconds=5)
    assert hall.type("AT") == [] and hall.sleep(6) == []


def test_a_second_target_can_be_tried_after_any_fault():
    hall = Hall()
    hall.exchange.set_target(Target(DESK, "answers", 2, None))
    for name, fault in sorted(faults.ANALOG_FAULTS.items()):
        needed = {"number": DESK} if name == "target_busy" else {"command": "A"} if name == "answers" else {}
        if "wire" not in name and name != "unplug":
            faults.apply(hall.modem, name, **needed)
            assert fault.name == name
    hall.world.run_until(hall.world.now() + 100)
    hall.modem.reset_line()
    faults.apply(hall.modem, "good_again")
    hall.exchange.set_target(Target(DESK, "answers", 2, None))
    hall.world.run_until(hall.world.now() + 100)
    hall.raw()
    hall.type("ATZ")
    assert hall.type("ATX3DT" + DESK_KEYS + ";", 12)[-1] == "OK" and hall.desk.speaks_with == LINE


def test_a_hissing_line():
    hall = Hall()
    hall.call().says = Silence()
    faults.apply(hall.modem, "line_noise", level=-35.0)
    hall.line.echo = None
    assert level(CODINGS["u8"].decode(listen(hall, 1.0)[0])) == pytest.approx(-35.0, abs=1.0)


def test_a_call_handed_on_in_vain_comes_back():
    hall, caller = consulting(behaviour="silent", wait=4)
    faults.apply(hall.modem, "unanswered_returns", seconds=10)
    hall.type("ATH", 9)
    assert hall.desk.state == "ringing" and hall.line.state.value == "idle"
    hall.sleep(3)
    assert hall.desk.state == "idle" and hall.line.state.value == "ringing"
    hall.type("AT+VLS=1", 1)
    assert caller.speaks_with == LINE
