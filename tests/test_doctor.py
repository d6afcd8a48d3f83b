"""What the doctor says of modems on the fast clock: a GSM module, analog ones, and what is none."""

import pytest

from appliance import doctor
from appliance.core.errors import PortLost
from appliance.core.problems import words
from appliance.core.settings_check import check, check_file
from appliance.doctor import Doctor
from appliance.simulator.analog import AnalogModem
from appliance.simulator.device import OtherDevice
from appliance.simulator.fast import FastWorld
from appliance.simulator.module import GsmModule
from appliance.simulator.subscriberline import SubscriberLine
from tests.calls.voice_box import PEOPLE

LINE = "+498912345"


@pytest.fixture
def world():
    return FastWorld()


def examine(world, capsys, settings=None, language="en", served=None):
    """Its exit status and what it says."""
    status = Doctor(world, settings, served or {}, language).examine_all()
    return status, capsys.readouterr().out


def analog(world, family, path="/dev/ttyACM0"):
    return world.add(AnalogModem(SubscriberLine(world.exchange, LINE), "shop", family), path)


@pytest.mark.parametrize("family", ["conexant", "usr", "v253"])
def test_an_analog_modem_with_a_voice(world, capsys, family):
    modem = analog(world, family)
    status, said = examine(world, capsys)
    assert status == 0
    assert "hears and speaks" in said
    assert "--try" in said
    assert "all is well" in said
    assert not any(line.startswith(("ATD", "ATX3D")) for line in modem.seen)
    assert not modem.off_hook


def test_one_without_a_voice(world, capsys):
    analog(world, "novoice")
    status, said = examine(world, capsys)
    assert status == 1
    assert "none: the modem hears rings" in said
    assert "--try" not in said


def test_one_that_is_named_in_the_settings_is_not_asked_whether_it_is_one(world, capsys):
    modem = analog(world, "conexant")
    settings = check_file(
        f"""
[business]
owner_mobile = "+4915112345678"
[[line]]
name = "shop"
kind = "analog"
port = "/dev/ttyACM0"
number = "{LINE}"
site = "fritzbox"
safety_net = "desk"
[[target]]
name = "desk"
number = "+49301111111"
[[plan]]
name = "open"
[timetable]
otherwise = "open"
""".encode()
    ).settings
    status, said = examine(world, capsys, settings, "de")
    assert (status, "hört und spricht" in said) == (0, True)
    assert "AT+CGMI" not in modem.seen
    assert not any("*67*" in line or "*61*" in line for line in modem.seen)


def test_both_kinds_and_neither(world, capsys):
    world.add(GsmModule(world.exchange, "stick", "+498912346"), "/dev/ttyUSB0")
    analog(world, "conexant")
    meter = world.add(OtherDevice(world.exchange, "meter"), "/dev/ttyUSB9")
    status, said = examine(world, capsys)
    assert status == 0
    assert said.count("all is well") == 2
    assert "does not answer like a modem" in said
    assert bytes(meter.heard) == b"AT\r"


def test_nothing_there(world, capsys):
    status, said = examine(world, capsys)
    assert (status, "No modem found" in said) == (1, True)


def test_what_the_engine_has_is_left_to_it(world, capsys):
    modem = analog(world, "conexant")
    served = {"/dev/ttyACM0": {"name": "shop", "state": "ready", "problem": None}}
    status, said = examine(world, capsys, served=served)
    assert (status, "shop: ready" in said) == (0, True)
    assert list(modem.seen) == []


BUSY = PortLost("in use", "port_busy")
ASLEEP = "Das Modem antwortet nicht. Wir versuchen es weiter"


@pytest.mark.parametrize(
    ("state", "lost", "says", "never"),
    [
        ("ready", None, ["bedient shop: bereit", "alles in Ordnung"], []),
        ("down", BUSY, ["bedient shop: gestört", ASLEEP], ["anderes Programm", "alles in Ordnung"]),
        ("down", PortLost("gone"), ["nicht angesteckt"], ["bedient"]),  # the engine looks for it, too
    ],
)
def test_a_modem_of_the_engine_and_how_it_is(world, capsys, monkeypatch, state, lost, says, never):
    analog(world, "conexant")
    refuse_ports(world, monkeypatch, lost)
    served = {"/dev/ttyACM0": {"name": "shop", "state": state, "problem": None}}
    status, said = examine(world, capsys, language="de", served=served)
    assert status == (0 if state == "ready" else 1)
    assert all(one in said for one in says) and not any(one in said for one in never)


@pytest.mark.parametrize(
    ("served", "says"),
    [
        ({}, "Ein anderes Programm benutzt das Modem"),
        ({"auto": {"name": "shop", "state": "down", "problem": "…"}}, "vielleicht vom laufenden Dienst"),
    ],
)
def test_a_port_in_use_that_no_line_of_the_engine_names(world, capsys, monkeypatch, served, says):
    analog(world, "conexant")
    refuse_ports(world, monkeypatch, BUSY)
    status, said = examine(world, capsys, language="de", served=served)
    assert status == 1 and says in said and "auto" not in said


def test_no_test_calls_for_a_modem_without_a_voice(world, capsys):
    line = {"name": "shop", "kind": "analog", "port": "/dev/ttyACM0", "forward_by": ["flash"]}
    settings = check({**PEOPLE, "line": [line]}).settings
    served = {"/dev/ttyACM0": {"name": "shop", "state": "ready", "problem": words("no_voice", "de")}}
    _, said = examine(world, capsys, settings, language="de", served=served)
    assert "keine Sprachfunktion" in said and "--try" not in said


def refuse_ports(world, monkeypatch, lost):
    def refuse(path, baudrate):
        raise lost

    if lost:
        monkeypatch.setattr(world, "open", refuse)


@pytest.mark.parametrize(
    ("forward_by", "problem", "offered"),
    [(["flash"], None, True), (["flash", "bridge"], "flash_ignored", True), (["bridge"], None, False)],
)
def test_test_calls_are_offered_for_a_line_that_is_to_forward_by_flash(world, capsys, forward_by, problem, offered):
    line = {"name": "Laden & Büro", "kind": "analog", "port": "/dev/ttyACM0", "forward_by": forward_by}
    stick = {"name": "stick", "kind": "gsm", "port": "/dev/ttyUSB9", "forward_by": ["transfer"]}
    if "bridge" in forward_by:
        line["bridge_over"] = "stick"
    settings = check({**PEOPLE, "line": [line, stick]}).settings
    served = {
        "/dev/ttyACM0": {"name": "Laden & Büro", "state": "ready", "problem": problem},
        "/dev/ttyUSB9": {"name": "stick", "state": "ready", "problem": None},
    }
    _, said = examine(world, capsys, settings, served=served)
    assert ("rufweiche doctor --try 'Laden & Büro'" in said) is offered


def test_every_word_is_there_twice():
    assert all(german and english for german, english in doctor.WORDS.values())
