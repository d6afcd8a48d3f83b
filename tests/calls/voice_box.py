"""A box with ears on the fast clock: two modems, a studio, and phones that speak."""

import math
import struct
import wave

from appliance.core.settings import to_json
from appliance.core.settings_check import check
from appliance.engine import Engine
from appliance.simulator.analog import AnalogModem
from appliance.simulator.fast import FastWorld
from appliance.simulator.module import GsmModule
from appliance.simulator.phones import Target
from appliance.simulator.subscriberline import SubscriberLine
from appliance.store.database import Store
from appliance.store.live import Live
from tests.calls.conftest import ANNA, DESK, LINE, OWNER, Box
from tests.fast_studio import FastStudio

STICK = "+4915199999998"

PEOPLE = {
    "business": {"name": "Tischlerei Muster", "owner_mobile": OWNER},
    "target": [
        {"name": "desk", "number": DESK, "ring_seconds": 15},
        {"name": "anna", "number": ANNA, "ring_seconds": 15},
    ],
    "plan": [{"name": "open", "answer_after_rings": 2, "chain": ["desk", "anna"]}],
    "timetable": {"otherwise": "open"},
}


def gsm(name, port, number, **more):
    return {"name": name, "kind": "gsm", "port": port, "number": number, **more}


def analog(name, port, number, **more):
    return {"name": name, "kind": "analog", "port": port, "number": number, **more}


BRIDGE = {"forward_by": ["bridge"], "bridge_over": "stick"}
GSM_TO_GSM = {**PEOPLE, "line": [gsm("office", "/dev/ttyUSB0", LINE, **BRIDGE), gsm("stick", "/dev/ttyUSB9", STICK)]}
ANALOG_TO_GSM = {
    **PEOPLE,
    "line": [analog("office", "/dev/ttyACM0", LINE, site="fritzbox", **BRIDGE), gsm("stick", "/dev/ttyUSB9", STICK)],
}


SENTENCE = 3.0


def sentence(path, seconds=SENTENCE):
    path.parent.mkdir(exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        samples = (round(8000 * math.sin(2 * math.pi * 620 * n / 8000)) for n in range(round(8000 * seconds)))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))


class VoiceBox(Box):
    """As Box, with the line of the shop being what the settings say, and a stick for the other leg."""

    def __init__(self, folder, settings, families=("simcom", "simcom"), site="fritzbox", ppm=0.0):
        self.folder = folder
        self.world = FastWorld()
        self.world.studio = self.studio = FastStudio()
        self.exchange = self.world.exchange
        first = settings["line"][0]
        if first["kind"] == "gsm":
            self.module = self.world.add(GsmModule(self.exchange, "office", LINE, families[0]), first["port"])
        else:
            self.subscriber = SubscriberLine(self.exchange, LINE, site)
            modem = AnalogModem(self.subscriber, "office", families[0], ppm=ppm)
            self.module = self.world.add(modem, "/dev/ttyACM0" if first["port"] == "auto" else first["port"])
        self.stick = None
        if len(settings["line"]) > 1:
            self.stick = self.world.add(GsmModule(self.exchange, "stick", STICK, families[1]), "/dev/ttyUSB9")
        self.exchange.set_target(Target(DESK, "answers", 3.0, None))
        self.exchange.set_target(Target(ANNA, "answers", 3.0, None))
        Store.open(folder, create=True).close()
        checked = check(settings)
        assert not checked.mistakes, checked.mistakes
        with Store.open(folder) as store:
            store.save_settings(to_json(checked.settings))
        self.store = Store.open(self.folder, wait=0.02)
        self.live = Live(self.folder, "this boot")
        self.engine = Engine(self.store, self.world, self.live)

    def ready(self):
        self.until(lambda: all(line["state"] == "ready" for line in self.engine.lines()))
        return self

    def phone(self, number):
        return self.exchange.phones[number]
