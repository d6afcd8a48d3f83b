"""Lines come and go: plugs, hangs, reboots, SIMs, networks, and modems that have to be found."""

import pytest

from appliance.simulator import faults
from appliance.simulator.device import OtherDevice
from appliance.simulator.module import GsmModule

from .conftest import DESK, SETTINGS, changed

PORT = "/dev/ttyUSB0"


def state(box):
    return box.line["state"]


def test_unplugged_and_back_under_the_same_name(box):
    box.world.unplug(PORT)
    box.run(2)
    assert state(box) == "down"
    assert "angesteckt" in box.line["problem"] or "abgezogen" in box.line["problem"]
    box.run(60)
    box.world.plug_in(box.module, PORT)
    box.until(lambda: state(box) == "ready", 15)
    box.call()
    assert box.finish_call().outcome == "forwarded"


def test_back_under_another_name(box):
    box.world.unplug(PORT)
    box.run(20)
    box.world.plug_in(box.module, "/dev/ttyUSB3")
    box.until(lambda: state(box) == "ready", 15)
    assert box.line["port"] == "/dev/ttyUSB3"


def test_another_modem_under_another_name_is_not_taken(box):
    box.world.unplug(PORT)
    other = box.world.add(GsmModule(box.exchange, "other", "+491729999999", imei="490154203237518"), "/dev/ttyUSB3")
    box.run(30)
    assert state(box) == "down"
    assert not [line for line in other.seen if line.startswith(("ATS", "AT+CLIP", "AT+CNMI", "AT+CPIN=", "AT+CCFC"))]


@pytest.mark.parametrize("stage", ["ringing", "calling", "conference"])
def test_unplugged_in_a_call(box, stage):
    faults.apply(box.module, "transfer_refused")
    box.call()
    wait = {
        "ringing": lambda: state(box) == "ringing",
        "calling": lambda: f"ATD{DESK};" in box.said,
        "conference": lambda: "AT+CMUT=1" in box.module.seen,
    }
    box.until(wait[stage])
    box.world.unplug(PORT)
    call = box.finish_call(10)
    if stage == "conference":
        assert call.outcome == "forwarded"
    else:
        assert (call.outcome, call.reason) == ("missed", "line_lost")
    box.world.plug_in(box.module, PORT)
    box.until(lambda: state(box) == "ready", 15)
    if stage != "conference":
        box.until(lambda: box.texts)


def test_hung_and_back(box):
    faults.apply(box.module, "hang", seconds=90)
    box.until(lambda: state(box) == "down", 30)
    assert "antwortet nicht" in box.line["problem"]
    box.run(90 - 30)
    box.until(lambda: state(box) == "ready", 30 + 15)
    box.call()
    assert box.finish_call().outcome == "forwarded"


def test_hung_in_a_call(box):
    box.call(patience=200)
    box.until(lambda: f"ATD{DESK};" in box.said)
    faults.apply(box.module, "hang", seconds=40)
    call = box.finish_call(15)
    assert (call.outcome, call.reason) == ("missed", "line_lost")
    box.until(lambda: state(box) == "ready", 60)


@pytest.mark.parametrize("family", ["generic", "huawei", "simcom", "quectel"])
def test_reboots_by_itself(make_box, family):
    box = make_box(family=family).ready()
    box.call()
    box.until(lambda: f"ATD{DESK};" in box.said)
    faults.apply(box.module, "reboot")
    call = box.finish_call(30)
    assert (call.outcome, call.reason) == ("missed", "line_lost")
    box.until(lambda: state(box) == "ready", 30)
    box.call()
    assert box.finish_call().outcome == "forwarded"


def test_reboots_while_idle(box):
    faults.apply(box.module, "reboot")
    box.run(30)
    box.until(lambda: state(box) == "ready", 15)
    box.call()
    call = box.finish_call()
    assert call.outcome == "forwarded" and call.caller is not None


@pytest.mark.parametrize("fault", ["noise", "nul_flood", "endless_line", "byte_by_byte", "garbage_text"])
def test_noise(box, fault):
    faults.apply(box.module, fault)
    box.run(1)
    box.call()
    call = box.finish_call()
    assert (call.outcome, call.rings) == ("forwarded", 2)


@pytest.mark.parametrize("command", [r"\+CSQ", r"\+CLCC", r"\+CREG\?", r"\+CMGS.*", "A"])
@pytest.mark.parametrize("line", ["RING", '+CLIP: "+491701111111",145', "NO CARRIER", "^RSSI:12"])
def test_urc_inside_a_reply(box, command, line):
    faults.apply(box.module, "urc_inside_reply", command=command, line=line)
    box.run(70)
    box.until(lambda: state(box) == "ready")
    seen = len(box.calls)
    box.call()
    box.until(lambda: any(call.outcome == "forwarded" for call in box.calls[: len(box.calls) - seen]), 60)


@pytest.mark.parametrize("style", ["split", "torn", "doubled", "merged", "bytewise", "clip first"])
def test_ring_framing(box, style):
    faults.apply(box.module, "ring_framing", style=style)
    box.call()
    call = box.finish_call()
    assert (call.rings, call.caller, call.outcome) == (2, "+491701234567", "forwarded")


def test_slow_module(box):
    faults.apply(box.module, "slow_answers", seconds=1.0)
    box.call(patience=200)
    assert box.finish_call().outcome == "forwarded"


@pytest.mark.parametrize("fault", ["stuck_call", "data_call_listed"])
def test_odd_call_lists(box, fault):
    faults.apply(box.module, fault)
    box.run(5)
    box.call()
    assert box.finish_call().outcome == "forwarded"
    box.run(30)
    assert state(box) == "ready"


def test_ends_that_no_line_says(box):
    faults.apply(box.module, "ends_unsaid")
    faults.apply(box.module, "transfer_refused")
    box.call(talks_for=10)
    assert box.finish_call().method == "conference"
    box.until(lambda: state(box) == "ready")


def test_second_caller_gets_busy_and_is_logged(box):
    faults.apply(box.module, "transfer_refused")
    box.call(talks_for=60)
    box.until(lambda: "AT+CMUT=1" in box.module.seen)
    box.module.subscriber.call_waiting = True  # some networks forget that it was switched off
    faults.apply(box.module, "second_caller", caller="+491705555555")
    second = box.finish_call(10)
    assert (second.caller, second.outcome, second.reason) == ("+491705555555", "missed", "nobody_reached")
    assert state(box) == "in_call", "the first call goes on"
    box.until(lambda: len(box.calls) == 2)
    first = box.calls[1]
    assert (first.caller, first.outcome) == ("+491701234567", "forwarded")
    box.until(lambda: box.texts)
    assert "+491705555555" in box.texts[0]


# --- SIM and network -----------------------------------------------------------------------------


def with_pin(make_box, tries=3, pin="1234", family="generic", given="1234"):
    box = make_box(settings=changed(["line", 0, "pin"], given), family=family, pin=pin)
    faults.apply(box.module, "sim_pin", pin=pin, tries=tries)
    return box


def pins_tried(box):
    return [line for line in box.module.seen if line.startswith("AT+CPIN=")]


@pytest.mark.parametrize("family", ["generic", "huawei", "simcom", "quectel"])
def test_the_right_pin(make_box, family):
    box = with_pin(make_box, family=family).ready()
    assert pins_tried(box) == ['AT+CPIN="1234"']


@pytest.mark.parametrize("family", ["generic", "huawei", "simcom", "quectel"])
def test_a_wrong_pin_is_tried_once_also_after_a_restart(make_box, family):
    box = with_pin(make_box, given="9999", family=family)
    box.run(120)
    assert pins_tried(box) == ['AT+CPIN="9999"']
    assert "PIN" in box.line["problem"] and state(box) == "down"
    box.kill()
    box.start()
    box.run(120)
    assert len(pins_tried(box)) == 1
    faults.apply(box.module, "sim_pin", pin="1234", tries=3)  # the card was reset in a phone
    box.provision(changed(["line", 0, "pin"], "1234"))
    box.until(lambda: state(box) == "ready", 60)
    assert pins_tried(box) == ['AT+CPIN="9999"', 'AT+CPIN="1234"']


@pytest.mark.parametrize("family", ["generic", "huawei", "simcom", "quectel"])
@pytest.mark.parametrize("tries", [1, 2])
def test_never_with_fewer_than_three_tries(make_box, family, tries):
    box = with_pin(make_box, tries=tries, family=family)
    box.run(120)
    assert pins_tried(box) == []
    assert "drei" in box.line["problem"]


def test_puk(make_box):
    box = make_box(settings=changed(["line", 0, "pin"], "1234"))
    faults.apply(box.module, "sim_puk")
    box.run(60)
    assert pins_tried(box) == []
    assert "PUK" in box.line["problem"]


def test_pin_missing(make_box):
    box = make_box()
    faults.apply(box.module, "sim_pin")
    box.run(30)
    assert "PIN" in box.line["problem"] and pins_tried(box) == []


def test_sim_busy_for_a_minute(make_box):
    box = make_box()
    faults.apply(box.module, "sim_busy", seconds=60)
    box.until(lambda: state(box) == "ready", 75)


def test_sim_removed_and_back(make_box):
    box = make_box()
    faults.apply(box.module, "sim_removed", back_after=60)
    box.run(30)
    assert "SIM" in box.line["problem"]
    box.run(40)
    faults.apply(box.module, "reboot")
    box.until(lambda: state(box) == "ready", 60)


def test_no_network_is_said_after_a_while(box):
    faults.apply(box.module, "registration", stat=2)
    box.until(lambda: state(box) == "down", 90)
    assert "Netz" in box.line["problem"]
    assert box.line["registered"] is False
    faults.apply(box.module, "good_again")
    box.until(lambda: state(box) == "ready", 90)


def test_texts_only(box):
    faults.apply(box.module, "texts_only")
    box.until(lambda: state(box) == "down", 90)
    assert "Nachrichten" in box.line["problem"]


def test_flapping_network(box):
    faults.apply(box.module, "registration_flapping")
    box.run(90)
    box.call()
    assert box.finish_call().outcome == "forwarded"


def test_unknown_signal(box):
    faults.apply(box.module, "signal", rssi=99)
    box.run(70)
    assert box.line["signal_dbm"] is None and state(box) == "ready"


# --- finding modems ------------------------------------------------------------------------------


def test_auto_finds_the_modem_and_leaves_the_rest_alone(make_box):
    box = make_box(settings=changed(["line", 0, "port"], "auto"))
    gps = box.world.add(OtherDevice(box.exchange, "gps", b"$GPRMC,1,2*33\r\n", 0.05), "/dev/ttyACM0")
    mute = box.world.add(OtherDevice(box.exchange, "mute"), "/dev/ttyACM1")
    box.world.ports = dict(sorted(box.world.ports.items()))  # the strangers come first
    box.until(lambda: state(box) == "ready", 30)
    assert box.line["port"] == PORT
    assert bytes(gps.heard) == b""
    box.run(600)
    assert bytes(mute.heard) in (b"AT\r" * n for n in range(1, 6))


def test_auto_finds_it_again_under_another_name(make_box):
    box = make_box(settings=changed(["line", 0, "port"], "auto")).ready()
    box.world.unplug(PORT)
    box.run(10)
    assert state(box) == "down"
    box.world.plug_in(box.module, "/dev/ttyUSB7")
    box.until(lambda: state(box) == "ready", 15)


def test_two_lines_on_auto_take_a_modem_each(make_box):
    second = {**SETTINGS["line"][0], "name": "second", "port": "auto", "number": "+491729999999"}
    settings = changed(["line"], [{**SETTINGS["line"][0], "port": "auto"}, second])
    box = make_box(settings=settings)
    box.world.add(GsmModule(box.exchange, "other", "+491729999999", imei="490154203237518"), "/dev/ttyUSB1")
    box.until(lambda: all(line["state"] == "ready" for line in box.engine.lines()), 30)
    assert len({line["port"] for line in box.engine.lines()}) == 2


def test_a_line_that_stays_down_is_told_of_over_another(make_box):
    second = {**SETTINGS["line"][0], "name": "second", "port": "/dev/ttyUSB1", "number": "+491729999999"}
    box = make_box(settings=changed(["line"], [SETTINGS["line"][0], second]))
    box.world.add(GsmModule(box.exchange, "other", "+491729999999", imei="490154203237518"), "/dev/ttyUSB1")
    box.until(lambda: all(line["state"] == "ready" for line in box.engine.lines()), 30)
    box.world.unplug("/dev/ttyUSB1")
    box.run(590)
    assert box.messages == []
    box.run(7200)
    assert [message.kind for message in box.messages] == ["alarm"]
    assert "second" in box.texts[0]


def test_a_hung_modem_on_auto_is_not_forgotten(make_box):
    box = make_box(settings=changed(["line", 0, "port"], "auto")).ready()
    faults.apply(box.module, "hang", seconds=400)
    box.run(400)
    box.until(lambda: state(box) == "ready", 15)


def test_crashed_in_the_moment_the_pin_is_tried(make_box):
    box = with_pin(make_box, given="9999")

    def crash():
        raise KeyboardInterrupt

    box.module.faults.once(r"command \+CPIN=.*", crash)
    with pytest.raises(KeyboardInterrupt):
        box.run(60)
    box.kill()
    faults.apply(box.module, "sim_pin", pin="1234", tries=3)
    box.start()
    box.run(120)
    assert len(pins_tried(box)) == 1
