"""Modems that no line has, found for the page by the running engine."""

import json

import pytest

from appliance.engine import Engine
from appliance.simulator.analog import AnalogModem
from appliance.simulator.device import OtherDevice
from appliance.simulator.fast import FastWorld
from appliance.simulator.module import GsmModule
from appliance.simulator.subscriberline import SubscriberLine
from appliance.store.database import Store
from appliance.store.live import Live
from tests.calls.conftest import SETTINGS, changed


@pytest.fixture
def empty(tmp_path):
    """An engine without settings, and its world."""
    world = FastWorld()
    with Store.open(tmp_path / "state", create=True) as store:
        live = Live(tmp_path / "state", "this boot")
        engine = Engine(store, world, live)

        def run(seconds):
            until = world.now() + seconds
            world.at(until, world.wake)
            while world.now() < until:
                engine.turn()
            return json.loads((tmp_path / "state/run/status.json").read_text())["found"]

        yield world, run
        live.close()


def test_before_there_are_settings_every_modem_is_found(empty):
    world, run = empty
    world.add(GsmModule(world.exchange, "a", "+498912345"), "/dev/ttyUSB0")
    locked = world.add(
        GsmModule(world.exchange, "b", "+498912346", "quectel", pin="4711", imei="866758041234567"), "/b"
    )
    found = run(30)
    assert [(one["port"], one["sim"], one["voice"], one["pin_needed"]) for one in found] == [
        ("/dev/ttyUSB0", "ready", True, False),
        ("/b", "sim pin", False, True),
    ]
    assert found[1] == {
        "port": "/b", "kind": "gsm", "manufacturer": "Quectel", "model": found[1]["model"], "imei": "866758041234567",
        "sim": "sim pin", "pin_needed": True, "pin_tries": 3, "operator": None, "signal_dbm": None, "voice": False,
    }  # fmt: skip
    assert not any(line.startswith("AT+CPIN=") for line in locked.seen)


def test_a_stick_with_two_ports_is_one_modem_and_one_that_is_unplugged_none(empty):
    world, run = empty
    world.add(GsmModule(world.exchange, "a", "+498912345"), "/dev/ttyUSB0")
    world.add(GsmModule(world.exchange, "a2", "+498912346"), "/dev/ttyUSB2")
    assert [one["port"] for one in run(40)] == ["/dev/ttyUSB0"]
    world.unplug("/dev/ttyUSB0")
    world.unplug("/dev/ttyUSB2")
    assert run(3) == []


def test_a_modem_unplugged_while_it_is_asked(empty):
    world, run = empty
    world.add(GsmModule(world.exchange, "a", "+498912345"), "/dev/ttyUSB0")
    world.after(0.35, lambda: world.unplug("/dev/ttyUSB0"))
    assert run(5) == []


def test_a_port_that_is_no_modem_gets_one_question_now_and_then(empty):
    world, run = empty
    mute = world.add(OtherDevice(world.exchange, "meter"), "/dev/ttyUSB0")
    assert run(100) == []
    assert bytes(mute.heard) == b"AT\r"


def test_a_sim_put_in_is_seen_within_half_a_minute(empty):
    world, run = empty
    module = world.add(GsmModule(world.exchange, "a", "+498912345"), "/dev/ttyUSB0")
    module.sim.present = False
    assert [one["sim"] for one in run(30)] == ["missing"]
    module.sim.present = True
    assert [one["sim"] for one in run(50)] == ["ready"]


def test_settings_take_the_port_away_at_once(make_box):
    box = make_box(settings=changed(("line", 0, "port"), "/dev/ttyUSB9"))
    box.run(40)
    assert [one["port"] for one in box.engine._scout.found()] == ["/dev/ttyUSB0"]
    box.run(25)
    box.provision(SETTINGS)
    box.run(8)
    assert box.line["state"] in ("starting", "ready")
    box.ready()
    box.run(1)
    assert box.engine._scout.found() == []


def test_while_every_line_has_its_modem_nothing_is_asked(box):
    other = box.world.add(GsmModule(box.exchange, "spare", "+498912399", imei="866758041234567"), "/dev/ttyUSB7")
    box.run(200)
    assert list(other.seen) == []
    box.engine._scout.look_now(box.world.now())
    box.run(30)
    assert [one["imei"] for one in box.engine._scout.found()] == ["866758041234567"]
    assert box.line["state"] == "ready"


def test_a_line_that_names_its_port_keeps_it_while_unplugged(box):
    box.world.unplug("/dev/ttyUSB0")
    box.run(60)
    seen = len(box.module.seen)
    box.world.plug_in(box.module, "/dev/ttyUSB0")
    box.ready()
    assert list(box.module.seen)[seen:].count("AT+CGMI") == 1  # the line's own question
    assert box.engine._scout.found() == []


@pytest.mark.parametrize(("family", "voice"), [("conexant", True), ("usr", True), ("v253", True), ("novoice", False)])
def test_analog_modems_are_found_too(empty, family, voice):
    world, run = empty
    modem = world.add(AnalogModem(SubscriberLine(world.exchange, "+498912345"), "shop", family), "/dev/ttyACM0")
    (found,) = run(20)
    assert (found["kind"], found["voice"], found["sim"]) == ("analog", voice, None)
    assert found["model"]
    assert not modem.off_hook
