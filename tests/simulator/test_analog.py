"""The analog modem: commands, rings, caller ID, lifting and hanging up."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.simulator import faults
from appliance.simulator.exchange_tones import tone
from appliance.simulator.sounds import Tone

from .exchange_hall import CALLER, LINE, Hall


@pytest.mark.parametrize(
    ("family", "command", "answer"),
    [
        ("conexant", "AT+FCLASS=?", ["0,1,1.0,8", "OK"]),
        ("conexant", "AT-STE=7;-STE?", ["-STE: 7", "OK"]),
        ("usr", "AT-STE=7", ["ERROR"]),
        ("conexant", "AT+GCI=42;+GCI?", ["+GCI: 42", "OK"]),
        ("conexant", "ATS0=3", ["OK"]),
        ("conexant", "AT+VLS=1", ["ERROR"]),  # not in voice mode
        ("conexant", "AT+FCLASS=8;+VSM=1,8000;+VSM?", ["1,8000,0,0", "OK"]),
        ("conexant", "AT+FCLASS=8;+VSM=128,8000", ["ERROR"]),
        ("usr", "AT+FCLASS=8;+VSM=128,8000;+VSM?", ["128,8000,0,0", "OK"]),
        ("usr", "AT+FCLASS=8;+VSM=128,9600", ["ERROR"]),
        ("conexant", "AT+FCLASS=8;+VGT=128;+VGT?;+VTR", ["128", "ERROR"]),  # on-hook
        ("novoice", "AT+FCLASS=?", ["0,1,2", "OK"]),
        ("novoice", "AT+FCLASS=8", ["ERROR"]),
        ("novoice", "AT+VSM=?", ["ERROR"]),
        ("novoice", "AT+VCID=1", ["OK"]),
        ("v253", "AT+FCLASS=8;+VTR=?", ["ERROR"]),
        ("conexant", "AT+NOSUCH", ["ERROR"]),
        ("conexant", "AT+GCI=XY", ["ERROR"]),
    ],
)
def test_commands(family, command, answer):
    assert Hall(family).type(command) == answer


def test_chips_number_the_same_thing_differently():
    conexant, usr = Hall("conexant").type("AT+VSM=?"), Hall("usr").type("AT+VSM=?")
    assert '1,"UNSIGNED PCM",8,0,8000,0,0' in conexant and '128,"8-BIT LINEAR",(7200,8000,11025)' in usr
    assert next(line for line in Hall("v253").type("AT+VLS=?") if '"T"' in line).startswith("+VLS: 2,")


def test_echo_and_reset():
    hall = Hall()
    hall.type("ATE1+VCID=1")
    hall.port.write(b"ATZ\r")
    assert hall.raw() == b"ATZ\r\r\nOK\r\n"
    assert hall.modem.settings.caller_id == 0


@pytest.mark.parametrize(("family", "number"), [("conexant", "NMBR = 01701234567"), ("usr", "NMBR=01701234567")])
def test_rings_and_caller_id_after_the_first(family, number):
    hall = Hall(family)
    hall.line.names[CALLER] = "Firma Huber"
    caller = hall.exchange.call(LINE, CALLER)
    said = hall.sleep(1.5)
    assert said == ["RING"]
    said = hall.sleep(2)
    assert number in said and said[0][-4:] == "1123" and said[-1].endswith("Firma Huber")
    assert hall.sleep(9) == ["RING", "RING"]
    caller.hang_up()
    assert hall.sleep(30) == []


@pytest.mark.parametrize(("validity", "shown"), [(1, "NMBR = P"), (2, "NMBR = O")])
def test_callers_without_a_number(validity, shown):
    hall = Hall()
    hall.exchange.call(LINE, None, validity=validity)
    assert shown in hall.sleep(4)


def test_in_voice_mode_a_ring_is_an_event():
    conexant, usr = Hall("conexant"), Hall("usr")
    for hall in (conexant, usr):
        hall.type("AT+FCLASS=8")
        hall.exchange.call(LINE, CALLER)
        hall.world.run_until(hall.world.now() + 1.5)
    assert (conexant.raw(), usr.raw()) == (b"\x10R", b"\r\nRING\r\n")


def test_lifting_answers_and_hanging_up_frees_the_line():
    hall = Hall()
    caller = hall.exchange.call(LINE, CALLER)
    hall.sleep(6)
    hall.ready(command=None)
    assert caller.speaks_with == LINE and hall.line.in_use
    assert hall.type("ATH") == ["OK"]
    assert caller.state == "idle" and not hall.line.in_use
    hall.exchange.call(LINE, CALLER)
    assert b"\x10R" in hall.port.read() or hall.sleep(2) == ["\x10R"]


def test_a_data_answer_waits_for_a_carrier_in_vain():
    hall = Hall()
    caller = hall.exchange.call(LINE, CALLER, talks_for=None)
    ear = caller.listen()
    hall.sleep(2)
    assert hall.type("ATA", wait=45) == []
    assert hall.sleep(10) == ["NO CARRIER"]
    assert caller.state == "idle" and ear.seconds > 45


def test_a_character_aborts_a_data_answer():
    hall = Hall()
    hall.exchange.call(LINE, CALLER, talks_for=None)
    hall.sleep(2)
    hall.type("ATA", wait=5)
    assert hall.type("") == ["NO CARRIER"] and not hall.line.in_use


def test_it_answers_by_itself_where_s0_says_so():
    hall = Hall()
    hall.type("ATS0=2")
    caller = hall.exchange.call(LINE, CALLER, talks_for=None)
    hall.sleep(8)
    assert caller.state == "talking"


def test_line_in_use():
    hall = Hall()
    hall.phone.lift()
    for command in ("ATDT0301111111;", "ATA"):
        hall.type("AT-STE=1")
        assert hall.type(command) == ["LINE-IN-USE"]
    hall.type("AT-STE=0")
    hall.type("ATX3DT030;", wait=5)
    assert hall.modem.off_hook


@pytest.mark.parametrize(
    ("command", "wait", "said", "dialled"),
    [
        ("ATDT0301111111;", 12, ["OK"], ["+498912345 dials 0301111111"]),
        ("ATX3DT0301111111;", 12, ["OK"], ["+498912345 dials 0301111111"]),
        ("ATX3DT*21*0301111111#;", 12, ["OK"], ["+498912345 dials *21*0301111111#"]),
        ("ATDT030,1111111;", 15, ["OK"], ["+498912345 dials 0301111111"]),
        ("ATDT0309999999", 60, ["BUSY"], ["+498912345 dials 0309999999"]),
    ],
)
def test_dialling(command, wait, said, dialled):
    from appliance.simulator.journal import Dialled
    from appliance.simulator.phones import Target

    hall = Hall()
    hall.exchange.set_target(Target("+49309999999", "busy"))
    assert hall.type(command, wait) == said
    assert hall.of(Dialled) == dialled


def test_star_codes_set_and_erase_diversions():
    hall = Hall()
    hall.type("ATX3DT*61*01701111111*25#;", 12)
    hall.type("ATH")
    assert str(hall.line.subscriber.diversions[2].number.e164) == "+491701111111"
    assert hall.line.subscriber.diversions[2].seconds == 25
    hall.type("ATX3DT#61#;", 12)
    hall.type("ATH")
    assert not hall.line.subscriber.diversions


def test_no_dial_tone_on_a_dead_line():
    hall = Hall()
    hall.line.cut()
    assert hall.type("ATDT030;", wait=10) == ["NO DIALTONE"]


def test_a_port_given_up_hangs_up_where_the_modem_obeys_dtr():
    for obeys in (False, True):
        hall = Hall()
        hall.modem.obeys_dtr = obeys
        hall.call()
        hall.port.close()
        assert hall.line.in_use is not obeys


def test_the_plug_is_pulled_while_off_hook():
    hall = Hall()
    caller = hall.call()
    hall.world.unplug("/dev/ttyACM0")
    assert caller.state == "idle" and not hall.line.in_use


def test_the_line_plays_exchange_tones():
    hall = Hall()
    hall.ready(command=None)
    hall.world.run_until(hall.world.now() + 1)
    heard = hall.line.heard(hall.modem, hall.world.now(), 160)
    assert hall.line.tone_name == "dial" and max(heard) > 5000
    assert isinstance(tone("dial", 0.0), Tone)


def test_two_modems_hear_each_other():
    """An analog modem calls a GSM module: each hears the other by its own clock."""
    from appliance.simulator.codings import CODINGS
    from appliance.simulator.ears import level, tone_level
    from appliance.simulator.module import GsmModule

    hall = Hall(ppm=100.0)
    stick = hall.world.add(GsmModule(hall.exchange, "stick", "+4915100001", "simcom"), "/dev/ttyUSB0")
    stick.audio.ppm = -100.0
    commands, sound = hall.world.open("/dev/ttyUSB0", 115200), hall.world.open("/dev/ttyUSB0-if04", 115200)
    hall.ready(command=None)
    hall.type("ATX3DT015100001;", 8)
    commands.write(b"ATA\rAT+CPCMREG=1\r")
    hall.type("AT+VTR")
    there, here = bytearray(), bytearray()
    send = {rate: CODINGS[rate].encode(Tone((hertz,), -12.0).samples(0.0, 24_000)) for rate, hertz in
            (("u8", 1000.0), ("s16le", 600.0))}  # fmt: skip
    shielded = send["u8"].replace(b"\x10", b"\x10\x10")
    for _ in range(150):
        hall.world.run_until(hall.world.now() + 0.02)
        shielded = shielded[hall.port.write(shielded) :]
        send["s16le"] = send["s16le"][sound.write(send["s16le"]) :]
        there += sound.read()
        here += hall.port.read().replace(b"\x10\x10", b"\x10")
    heard_there = CODINGS["s16le"].decode(bytes(there[-32_000:]))
    heard_here = CODINGS["u8"].decode(bytes(here[-16_000:]))
    assert tone_level(heard_there[:8000], 1000.2) == pytest.approx(-15.0, abs=1.0)
    assert tone_level(heard_here[:8000], 599.9) == pytest.approx(-15.0, abs=1.0)
    assert level(heard_there[:8000]) == pytest.approx(-15.0, abs=1.0)


@given(st.binary(max_size=300))
def test_any_octets(data):
    hall = Hall()
    hall.port.write(data)
    hall.world.run_until(hall.world.now() + 120)
    hall.port.write(b"\rAT\r")
    hall.world.run_until(hall.world.now() + 120)
    hall.port.read()
    hall.port.write(b"AT\r")
    assert hall.lines()[-1] == "OK"


COURSE = st.sampled_from(
    ["ATA", "ATH", "AT+FCLASS=8", "AT+FCLASS=0", "AT+VLS=1", "AT+VLS=0", "AT+VTR", "AT+VTX", "AT+VRX", "\x10^", "\x10!",
     "\x10\x03", "AT+VTS={!,9}", "AT+VTS={!,60}", "AT+VTS=0,3,0,1,1,1,1,1,1,1", "AT+VTS={!,9},1", "ATX3DT0301111111;",
     "ATDT0301111111", "ATZ", "call", "gone", "lift", "put down", "wait", "wait longer"]
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["fritzbox", "exchange", "pbx", "speedport", "pbx-code"]), st.lists(COURSE, max_size=20))
def test_any_course_of_calls(site, steps):
    """Whatever is done in whatever order: when everybody has hung up, nobody is left in a call."""
    hall, callers = Hall(site=site), []
    for step in steps:
        match step:
            case "call":
                callers.append(hall.exchange.call(LINE, CALLER, gives_up_after=30))
            case "gone" if callers:
                callers.pop(0).hang_up()
            case "lift":
                hall.phone.lift()
            case "put down":
                hall.phone.put_down()
            case "wait" | "wait longer":
                hall.sleep(1 if step == "wait" else 5)
            case _ if step.startswith("\x10"):
                hall.port.write(step.encode())
            case _:
                hall.port.write(step.encode() + b"\r")
        line = hall.line
        assert line.call is None or line.call.state != "ended"
        assert line.held_call is None or line.held_call.state != "ended"
        assert bool(line.off) or line.state.value in ("idle", "ringing")
    hall.modem.unplug()
    hall.phone.put_down()
    for caller in callers:
        caller.hang_up()
    hall.desk.hang_up()
    hall.world.run_until(hall.world.now() + 300)
    assert hall.exchange.calls == [] and hall.line.state.value == "idle" and not hall.line.in_use


@given(st.sampled_from(sorted(faults.ANALOG_FAULTS)), st.lists(COURSE, max_size=6))
def test_any_fault_at_any_time(name, steps):
    parameters = {"answers": {"command": "A"}, "target_busy": {"number": "+4930"}}.get(name, {})
    hall = Hall()
    hall.exchange.call(LINE, CALLER)
    hall.sleep(2)
    faults.apply(hall.modem, name, **parameters)
    for step in steps:
        hall.modem.receive(f"{step}\r".encode("latin-1"), hall.world.now())
        hall.world.run_until(hall.world.now() + 2)
    hall.world.run_until(hall.world.now() + 60)
