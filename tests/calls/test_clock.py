"""A box that does not know the time, and a mobile network that does."""

from datetime import timedelta

import pytest

from appliance.engine import Engine
from appliance.simulator.misbehaviour import Rule
from appliance.store.database import Store
from appliance.store.live import Live
from appliance.timekeeper import Timekeeper
from tests.calls.conftest import CALLER, SETTINGS, changed


class Machine:
    """No NTP, no hardware clock; it has just been switched on."""

    def __init__(self, box):
        self.box, self.ntp, self.began = box, False, box.world.now()

    def up(self):
        return self.box.world.now() - self.began

    def synchronised(self):
        return self.ntp

    def hardware_agrees(self, wall):
        return False


@pytest.fixture
def machine(make_machine):
    return make_machine("generic")


@pytest.fixture
def make_machine(make_box):
    return lambda family: started(make_box, family)


def started(make_box, family):
    """A box whose engine believes this machine."""
    plans = [{"name": "open", "answer_after_rings": 2, "chain": ["desk"]}, {"name": "shut", "answer_after_rings": 3}]
    timetable = {
        "otherwise": "shut",
        "slot": [
            {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "to": "24:00", "plan": "open"}
        ],
    }
    box = make_box(family=family, settings=changed(("timetable",), timetable, changed(("plan",), plans, SETTINGS)))
    box.kill()
    box.store = Store.open(box.folder, wait=0.02)
    machine = Machine(box)

    def set_clock(at):
        box.world.jump_wall(at - box.world.wall())
        return True

    box.live = Live(box.folder, "this boot")
    box.engine = Engine(
        box.store, box.world, box.live, lambda *kept: Timekeeper(*kept, machine, set_clock, "this boot")
    )
    return machine


def ring(box):
    """A call that gives up after the third ring; the rule that decided about it."""
    box.call(CALLER, gives_up_after=16)
    return box.finish_call().rule


def test_before_the_time_is_known_calls_go_by_the_plan_outside_all_slots(machine):
    box = machine.box.ready()
    assert ring(box) == "timetable.otherwise (the time is not known)"
    machine.ntp = True
    box.run(10)
    assert ring(box) == "timetable.slot[0]"


@pytest.mark.parametrize(
    ("family", "question", "answer"),
    [
        ("generic", r"\+CCLK\?", '+CCLK: "{local:%y/%m/%d,%H:%M:%S}+04"'),
        ("quectel", r"\+QLTS=1", '+QLTS: "{utc:%Y/%m/%d,%H:%M:%S}+04,0"'),
    ],
)
def test_the_mobile_network_is_asked_and_believed(make_machine, family, question, answer):
    machine = make_machine(family)
    box = machine.box
    true = box.world.wall() + timedelta(days=3)
    said = answer.format(utc=true, local=true + timedelta(hours=1))
    box.module.faults.rules.append(Rule(question, final="OK", lines=(said,)))
    box.ready()
    box.run(70)
    assert abs(box.world.wall() - true) < timedelta(minutes=3)
    assert ring(box) == "timetable.slot[0]"
    assert sum(line.startswith("AT+CTZU") for line in box.module.seen) == 1


def test_a_module_that_knows_no_time_is_no_trouble(machine):
    box = machine.box.ready()
    box.run(400)
    assert ring(box) == "timetable.slot[0]"  # the last time known will do by now
    assert box.line["state"] == "ready"
