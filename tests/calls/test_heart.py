"""The sign of life goes on through whole calls, unplugged and hung modems: none of them is a reason to restart."""

import pytest

from appliance import announcer
from appliance.heart import Heart
from appliance.simulator import faults
from tests.calls.conftest import CALLER
from tests.calls.voice_box import ANALOG_TO_GSM, GSM_TO_GSM, PEOPLE, VoiceBox, analog


class Silent:
    watchdog = 15.0

    def say(self, *assignments):
        pass


class Watched:
    """Runs a box, and looks at its heart all the time."""

    def __init__(self, box):
        self.box, self.heart = box, Heart(Silent(), lambda: box.engine.seats)

    def run(self, seconds):
        until = self.box.world.now() + seconds
        while self.box.world.now() < until:
            self.box.run(0.5)
            self.heart.beat(self.box.world.now())
            assert self.heart.stuck(self.box.world.now()) == []


@pytest.fixture
def watched(tmp_path, monkeypatch):
    monkeypatch.setattr(announcer, "speaks", lambda settings: False)
    boxes = []

    def make(settings, families):
        boxes.append(VoiceBox(tmp_path / f"state{len(boxes)}", settings, families).ready())
        return Watched(boxes[-1])

    yield make
    for box in boxes:
        box.kill()


FLASH = {**PEOPLE, "line": [analog("office", "/dev/ttyACM0", "+498912345", site="fritzbox")]}
KINDS = {
    "bridge": (GSM_TO_GSM, ("simcom", "simcom")),
    "analog bridge": (ANALOG_TO_GSM, ("conexant", "simcom")),
    "flash": (FLASH, ("conexant",)),
}


@pytest.mark.parametrize(
    "kind",
    [pytest.param("bridge", marks=pytest.mark.long), pytest.param("analog bridge", marks=pytest.mark.long), "flash"],
)
def test_a_long_call(watched, kind):
    watched = watched(*KINDS[kind])
    watched.box.call(CALLER, talks_for=None)
    watched.run(400)
    assert watched.box.calls or watched.box.engine.seats[0].call


def test_a_long_conference(make_box):
    box = make_box().ready()
    watched = Watched(box)
    box.call(CALLER, talks_for=None)
    watched.run(400)


@pytest.mark.parametrize("fault", ["unplug", "hang", "noise", "nul_flood"])
def test_a_modem_in_trouble(make_box, fault):
    box = make_box().ready()
    watched = Watched(box)
    if fault == "unplug":
        box.world.unplug("/dev/ttyUSB0")
    else:
        faults.apply(box.module, fault, **({"seconds": 300} if fault == "hang" else {}))
    watched.run(400)
