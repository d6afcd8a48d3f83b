"""A whole box on the fast clock: simulated exchange and modules, the real engine, real SQLite."""

import pytest

from appliance.core.settings import to_json
from appliance.core.settings_check import check
from appliance.engine import Engine
from appliance.simulator.fast import FastWorld
from appliance.simulator.module import GsmModule
from appliance.simulator.phones import Target
from appliance.store.database import Store
from appliance.store.live import Live

LINE = "+498912345"
OWNER = "+4915112345678"
DESK = "+49301111111"
ANNA = "+49302222222"
CALLER = "+491701234567"

SETTINGS = {
    "business": {"name": "Tischlerei Muster", "owner_mobile": OWNER},
    "line": [
        {
            "name": "office",
            "kind": "gsm",
            "port": "/dev/ttyUSB0",
            "number": LINE,
            "forward_by": ["transfer", "conference"],
        }
    ],
    "target": [
        {"name": "desk", "number": DESK, "ring_seconds": 15},
        {"name": "anna", "number": ANNA, "ring_seconds": 15},
    ],
    "plan": [{"name": "open", "answer_after_rings": 2, "chain": ["desk", "anna"]}],
    "timetable": {"otherwise": "open"},
}


def changed(path, value, settings=SETTINGS):
    """The settings with one value changed, e.g. ("line", 0, "pin")."""
    if not path:
        return value
    head, *rest = path
    copy = list(settings) if isinstance(settings, list) else dict(settings)
    old = copy[head] if isinstance(copy, list) or head in copy else {}
    copy[head] = changed(rest, value, old)
    return copy


class Box:
    """The box and its world. `run(seconds)` lets virtual time pass."""

    def __init__(self, folder, family="generic", settings=SETTINGS, pin=None):
        self.folder = folder
        self.world = FastWorld()
        self.exchange = self.world.exchange
        self.module = self.world.add(GsmModule(self.exchange, "stick", LINE, family, pin=pin))
        self.exchange.set_target(Target(DESK, "answers", 3.0, 20.0))
        self.exchange.set_target(Target(ANNA, "answers", 3.0, 20.0))
        Store.open(folder, create=True).close()
        self.provision(settings)
        self.store = self.live = self.engine = None
        self.start()

    def provision(self, settings):
        checked = check(settings)
        assert not checked.mistakes, checked.mistakes
        with Store.open(self.folder) as store:
            store.save_settings(to_json(checked.settings))

    def start(self):
        self.store = Store.open(self.folder, wait=0.02)
        self.live = Live(self.folder, "this boot")
        self.engine = Engine(self.store, self.world, self.live)

    def kill(self):
        """As kill -9: nothing is said, nothing is closed in order."""
        for seat in self.engine.seats:
            if seat.open_port:
                seat.open_port.close()
        self.live.close()
        self.store.close()

    def stop(self):
        """SIGTERM, carried out."""
        self.engine.stop()
        self.engine.run()
        self.kill()

    def run(self, seconds):
        until = self.world.now() + seconds
        self.world.at(until, self.world.wake)
        while self.world.now() < until and not self.engine.stopped:
            self.engine.turn()

    def run_world(self, seconds):
        """Time passes while no engine runs."""
        self.world.run_until(self.world.now() + seconds)

    def until(self, condition, seconds=120.0):
        limit = self.world.now() + seconds
        while not condition():
            assert self.world.now() < limit, "it did not happen in time"
            self.run(0.25)

    def ready(self):
        self.until(lambda: self.line["state"] == "ready")
        return self

    def call(self, caller=CALLER, **how):
        return self.exchange.call(LINE, caller, **how)

    def finish_call(self, seconds=200.0):
        """Until the next call is in the log; gives it."""
        before = len(self.calls)
        self.until(lambda: len(self.calls) > before, seconds)
        return self.calls[0]

    @property
    def line(self):
        return self.engine.lines()[0]

    @property
    def calls(self):
        return self.store.calls()

    @property
    def messages(self):
        return self.store.messages()

    @property
    def texts(self):
        """What the SMS centre has for the owner."""
        return [sms.text for sms in self.exchange.sms.texts if sms.to == OWNER]

    @property
    def said(self):
        """What the module was told about calls."""
        kinds = ("ATA", "ATD", "AT+CHLD", "AT+CHUP", "ATH", "AT+CTFR")
        return [line for line in self.module.seen if line.startswith(kinds) and line != "AT+CHLD=?"]


@pytest.fixture
def make_box(tmp_path):
    boxes = []

    def make(**how):
        boxes.append(Box(tmp_path / f"state{len(boxes)}", **how))
        return boxes[-1]

    yield make
    for box in boxes:
        box.kill()


@pytest.fixture
def box(make_box):
    return make_box().ready()
