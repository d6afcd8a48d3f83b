"""Lines come and go: unplugged, hung, rebooted, locked by a PIN, or no modem at all."""

import time

import pytest

from .box import DESK, always, settings, until
from .calls import ALERTING, Make, Target, terse


def forwarded(box, modem, rings=1):
    """The next call is handled as if nothing had been."""
    modem.targets[DESK] = Target(answers=0.4)
    call = modem.call_in()
    until(lambda: call.gone or call.mpty, 15, "the call forwarded")
    assert len(call.rings) == rings
    if call.mpty:  # this SIM refused a transfer before, and that is remembered
        modem.leaves(call)
        until(lambda: not modem.calls, 3, "the target released")
    else:
        assert call.end == "transfer"
    assert box.calls()[0]["caller"] == call.number


def status_keys(line):
    keys = {"name", "kind", "port", "state", "problem", "operator", "registered", "signal_dbm", "sim", "can",
            "diversions"}  # fmt: skip
    return line.keys() >= keys


@pytest.mark.long
@pytest.mark.parametrize("make", [Make(), terse()], ids=["full", "terse"])
def test_status_of_a_ready_line(up, make):
    box, modem = up(make)
    line = until(lambda: (line := box.line())["operator"] and line, 15, "an operator")
    assert status_keys(line)
    assert (line["name"], line["kind"], line["port"], line["state"]) == ("office", "gsm", str(modem.link), "ready")
    assert line["operator"] == "Muster Mobil"
    assert line["registered"] is True
    assert line["signal_dbm"] == -113 + 2 * 18
    assert not line["problem"]
    assert isinstance(line["can"], list) and set(line["can"]) <= {"deflect", "transfer", "conference", "bridge"}
    whole = box.json("status")
    assert whole.keys() >= {"version", "plan_now", "override", "lines", "messages"}
    assert (whole["plan_now"], whole["override"]) == ("open", None)
    assert whole["messages"].items() >= {"queued": 0, "failed": 0}.items()
    assert "office" in box.ok("status"), "status for people"


@pytest.mark.long
def test_state_follows_the_call(up):
    box, modem = up(rings=3)
    call = modem.call_in(every=2.6)
    until(lambda: box.line()["state"] == "ringing", 4, "ringing")
    until(lambda: len(modem.every_call) == 2, 10, "dialling")
    until(lambda: box.line()["state"] == "in_call", 3, "in a call")
    modem.leaves(call)
    until(lambda: box.line()["state"] == "ready", 8, "ready again")


@pytest.mark.long
@pytest.mark.parametrize("away", [1, 8])
def test_unplugged_and_back_under_the_same_link(up, away):
    box, modem = up(rings=2)
    modem.unplug()
    line = until(lambda: (line := box.line())["state"] == "down" and line, 15, "the line down")
    assert line["problem"], "no word about what is wrong"
    time.sleep(away)
    modem.plug()
    box.ready(15)
    forwarded(box, modem, rings=2)


@pytest.mark.long
def test_unplugged_and_back_at_once(up):
    """Quicker than anyone looks: the old handle is dead all the same."""
    box, modem = up()
    modem.unplug()
    modem.plug()
    time.sleep(15)
    box.ready(1)
    forwarded(box, modem)


@pytest.mark.long
@pytest.mark.parametrize("moment", ["ringing", "dialling", "conference"])
def test_unplugged_in_a_call(up, moment):
    box, modem = up(rings=2)
    modem.targets[DESK] = Target(answers=0.4) if moment == "conference" else Target()
    if moment == "conference":
        modem.when("AT+CHLD=4", ["ERROR"])
    call = modem.call_in()
    reached = {
        "ringing": lambda: len(call.rings) == 1,
        "dialling": lambda: len(modem.every_call) == 2 and modem.every_call[1].stat == ALERTING,
        "conference": lambda: call.mpty,
    }
    until(reached[moment], 12, moment)
    time.sleep(1)
    modem.unplug()
    row = box.calls(within=15)[0]
    if moment == "conference":
        assert row["outcome"] == "forwarded"
    else:
        assert (row["outcome"], row["reason"], row["caller"]) == ("missed", "line_lost", call.number)
    modem.plug()
    box.ready(15)
    if moment != "conference":
        box.message("sent", within=20)
    forwarded(box, modem, rings=2)
    assert len(box.calls(2)) == 2


@pytest.mark.long
def test_starts_without_the_modem(stage):
    modem = stage.module()
    modem.unplug()
    stage.box.provisioned(settings(modem.link))
    stage.box.start()
    line = until(lambda: (line := stage.box.line())["problem"] not in ("engine not running", None) and line, 15, "down")
    assert line["state"] == "down"
    modem.plug()
    stage.box.ready(15)
    forwarded(stage.box, modem)


@pytest.mark.long
def test_a_hung_module_is_noticed_and_found_again(up):
    box, modem = up()
    modem.hung = True
    line = until(lambda: (line := box.line())["state"] == "down" and line, 150, "three unanswered AT noticed")
    assert line["problem"]
    modem.hung = False
    box.ready(15)
    forwarded(box, modem)


@pytest.mark.long
def test_a_module_that_hangs_in_a_call(up):
    box, modem = up()
    call = modem.call_in()
    until(lambda: len(modem.every_call) == 2, 10, "dialling")
    time.sleep(1)
    modem.hung = True
    row = box.calls(within=60)[0]
    assert (row["outcome"], row["reason"]) == ("missed", "line_lost")
    modem.hung = False
    until(lambda: not modem.calls, 30, "what the module still held was released")
    assert call.end == "local"
    box.ready(15)
    box.message("sent")


@pytest.mark.long
@pytest.mark.parametrize("lines", [("RDY", "+CFUN: 1", "+CPIN: READY", "Call Ready"), ("^SYSSTART",), ()])
def test_a_spontaneous_reboot_is_set_up_again(up, lines):
    """Echo is on again, CLIP and text mode as from the factory."""
    box, modem = up(rings=2)
    modem.reboot(*lines)
    # with no word about it the program can learn of it from its next echoed command only
    until(lambda: modem.clip and not modem.echo and modem.cmgf == 0, 30 if lines else 150, "set up again")
    box.ready(5)
    forwarded(box, modem, rings=2)


@pytest.mark.long
def test_a_reboot_in_a_call(up):
    box, modem = up()
    call = modem.call_in()
    until(lambda: len(modem.every_call) == 2 and modem.every_call[1].stat == ALERTING, 10, "the target rings")
    modem.reboot("RDY", "+CFUN: 1", "+CPIN: READY")
    row = box.calls(within=15)[0]
    assert (row["outcome"], row["caller"]) == ("missed", call.number)
    assert row["reason"] in ("line_lost", "gave_up_forwarding")
    until(lambda: modem.clip, 15, "set up again")
    box.ready(15)
    forwarded(box, modem)


# --- PIN ---


def unlock(stage, modem, pin):
    stage.box.provisioned(settings(modem.link, line=f'pin = "{pin}"' if pin else ""))
    stage.box.start()


def settled(stage, modem):
    """Down for a reason the program gives, and not just because it is still starting."""
    return until(
        lambda: (line := stage.box.line())["state"] == "down" and line["problem"] != "engine not running" and line,
        20,
        "a line that says it is down",
    )


def test_a_wrong_pin_is_tried_once(stage):
    modem = stage.module(sim="SIM PIN", pin="4321")
    unlock(stage, modem, "1234")
    line = settled(stage, modem)
    assert "PIN" in line["problem"]
    assert len(modem.sent("AT+CPIN=")) == 1
    stage.box.kill()
    stage.box.start()
    time.sleep(1)
    settled(stage, modem)
    always(lambda: len(modem.sent("AT+CPIN=")) == 1, 5, "a refused PIN was tried again")


@pytest.mark.long
@pytest.mark.parametrize("make", [Make(), terse()], ids=["full", "terse"])
def test_a_wrong_pin_stays_refused_until_it_is_changed(stage, make):
    modem = stage.module(make, sim="SIM PIN", pin="4321")
    unlock(stage, modem, "1234")
    settled(stage, modem)
    for again in (stage.box.kill, stage.box.terminate):
        again()
        stage.box.start()
        time.sleep(2)
        settled(stage, modem)
    modem.unplug()
    time.sleep(2)
    modem.plug()
    time.sleep(15)
    stage.box.provisioned(settings(modem.link, line='pin = "1234"', rings=2))
    time.sleep(5)
    assert len(modem.sent("AT+CPIN=")) == 1, "a refused PIN was tried again"
    modem.pin_left = 3  # somebody typed it right in a phone
    stage.box.provisioned(settings(modem.link, line='pin = "4321"', rings=2))
    stage.box.ready(25)
    assert len(modem.sent("AT+CPIN=")) == 2
    forwarded(stage.box, modem, rings=2)


@pytest.mark.long
@pytest.mark.parametrize("make", [Make(), terse()], ids=["full", "terse"])
def test_the_right_pin_opens(stage, make):
    modem = stage.module(make, sim="SIM PIN", pin="4321")
    unlock(stage, modem, "4321")
    stage.box.ready()
    assert len(modem.sent("AT+CPIN=")) == 1
    forwarded(stage.box, modem)


@pytest.mark.long
@pytest.mark.parametrize("left", [1, 2])
def test_a_pin_is_not_tried_with_few_tries_left(stage, left):
    modem = stage.module(sim="SIM PIN", pin="4321", pin_left=left)
    unlock(stage, modem, "4321")
    line = settled(stage, modem)
    assert "PIN" in line["problem"]
    always(lambda: modem.sent("AT+CPIN=") == [], 5, "tried with fewer than three tries left")


@pytest.mark.long
@pytest.mark.parametrize(("sim", "word"), [("SIM PUK", "PUK"), ("NONE", "SIM"), ("SIM PIN", "PIN")])
def test_a_sim_that_needs_a_human(stage, sim, word):
    modem = stage.module(sim=sim)
    unlock(stage, modem, None if sim == "SIM PIN" else "1234")
    assert word in settled(stage, modem)["problem"]
    always(lambda: modem.sent("AT+CPIN=") == [], 5, "a PIN was tried")


@pytest.mark.long
def test_a_sim_busy_at_first(stage):
    """+CME ERROR 14 is not forever."""
    modem = stage.module()
    modem.when("AT+CPIN?", ["+CME ERROR: 14"], times=6)
    unlock(stage, modem, None)
    stage.box.ready(60)


@pytest.mark.long
def test_not_registered_is_said(stage):
    modem = stage.module(creg=2)
    unlock(stage, modem, None)
    line = until(lambda: (line := stage.box.line())["problem"] not in ("engine not running", None) and line, 60, "said")
    assert line["registered"] is False
    modem.creg = 5
    until(lambda: stage.box.line()["registered"], 60, "registered, roaming")
    forwarded(stage.box, modem)


# --- no modem ---

NMEA = b"$GPGGA,092750.000,5321.6802,N,00630.3372,W,1,8,1.03,61.7,M,55.2,M,,*76\r\n"


@pytest.mark.long
@pytest.mark.parametrize("chatter", [b"", NMEA, b"OKAY\r\n", b"\x00\xff\x10"], ids=["mute", "GPS", "OKAY", "binary"])
def test_what_is_no_modem_is_left_alone(stage, chatter):
    """It is asked AT, politely and seldom; nothing else is ever written to it."""
    modem = stage.module(chatter=chatter)
    unlock(stage, modem, "1234")
    line = settled(stage, modem)
    assert line["problem"]
    time.sleep(20)
    written = b"".join(data for _, who, data in modem.log if who == "program")
    lines = {line.strip(b"\x1b\x1a\n") for line in written.split(b"\r")}
    assert lines <= {b"AT", b"", b"ATE0"}, lines
    assert len(written) < 400, "it was not asked seldom"
