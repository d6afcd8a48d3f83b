"""The guide finds out, call by call, what a simulated exchange wants."""

import pytest

from appliance import announcer, status
from appliance import commissioning as guide_module
from appliance.commissioning import Guide
from appliance.core.errors import RufweicheError, UserError
from appliance.core.settings import Site, from_json, to_json
from appliance.core.settings_check import check
from appliance.ports import clock
from appliance.simulator.phones import Target
from appliance.store.database import Store
from tests.calls.conftest import CALLER, DESK, LINE
from tests.calls.voice_box import PEOPLE, VoiceBox, analog

WRONG = {"flash_ms": 300, "complete": "on-hook", "fetch_back": "flash", "prefix": "0"}
PLAN = [{"name": "open", "answer_after_rings": 2, "chain": ["desk"]}]


class Installer:
    """Does what the guide says, and hears what there is to hear."""

    def __init__(self, box):
        self.box, self.said, self.asked, self.phone = box, [], [], None
        self.answers = lambda question: True

    def say(self, text):
        self.said.append(text)
        if "Rufen Sie jetzt" in text:
            self.box.exchange.set_target(Target(DESK, "answers", 3.0, 15.0))
        elif "noch einmal" in text and "NICHT" in text:
            self.box.exchange.set_target(Target(DESK, "busy"))
        else:
            return
        self.phone = self.box.call(CALLER, patience=40.0, talks_for=20.0)

    def ask(self, question):
        self.asked.append(question)
        return self.answers(question)

    def guide(self, line="office"):
        return Guide(self.box.folder, line, self.say, self.ask, self.box.run, clock.monotonic, self.box.world.wall)


@pytest.fixture
def make(tmp_path, monkeypatch):
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    monkeypatch.setattr(status, "boot_id", lambda: "this boot")
    monkeypatch.setattr(announcer, "speaks", lambda settings: False)  # nobody listens to announcements here
    boxes = []

    def make(site, settings, **line):
        office = analog("office", "/dev/ttyACM0", LINE, site=settings, **line)
        box = VoiceBox(tmp_path / "state", {**PEOPLE, "plan": PLAN, "line": [office]}, ("conexant",), site)
        boxes.append(box)
        return Installer(box.ready())

    yield make
    for box in boxes:
        box.kill()


def stored(box):
    return from_json(box.store.load_settings()[1]).line[0].site


def test_a_pbx_that_nobody_knows(make):
    installer = make("pbx-code", WRONG)
    # what ears tell: connected only where R 4 completes, and there again only after R 1
    installer.answers = lambda question: (
        stored(installer.box).complete == "flash 4" if "sprechen" in question else
        stored(installer.box).fetch_back == "flash 1"
    )  # fmt: skip
    assert installer.guide().run()
    found = stored(installer.box)
    assert (found.complete, found.fetch_back, found.prefix) == ("flash 4", "flash 1", "0")
    assert 50 <= found.flash_ms <= 150
    assert 'complete = "flash 4"' in installer.said[-1]


def test_when_nothing_works_the_settings_are_as_before(make):
    installer = make("pbx-code", WRONG)
    installer.answers = lambda question: False
    assert not installer.guide().run()
    assert stored(installer.box) == Site(**WRONG)
    assert "Die Einstellungen sind wie zuvor" in installer.said[-1]


def test_broken_off_the_settings_are_as_before(make):
    installer = make("fritzbox", "fritzbox")

    def gives_up(question):
        raise KeyboardInterrupt

    installer.answers = gives_up
    with pytest.raises(KeyboardInterrupt):
        installer.guide().run()
    assert stored(installer.box) == "fritzbox"


def test_a_preset_that_fits_and_the_safety_net_proved(make):
    installer = make("fritzbox", "fritzbox", safety_net="desk")
    installer.box.until(lambda: len(installer.box.line["diversions"]) == 2, 120)
    assert installer.guide().run()
    installer.box.run(20)
    assert [one["confirmed"] for one in installer.box.line["diversions"]] == [True, True]
    assert [question for question in installer.asked if "Klingelt es bei" in question]


def test_nobody_calls(make, monkeypatch):
    installer = make("fritzbox", "fritzbox")
    monkeypatch.setattr(guide_module, "CALL_WITHIN", 0.0)
    with pytest.raises(RufweicheError, match="showed nothing"):
        installer.guide().run()
    assert sum("Es kam kein Anruf an" in text for text in installer.said) == 3


@pytest.mark.parametrize(
    ("line", "more"),
    [("cellar", {}), ("stick", {}), ("office", {"forward_by": ["bridge"], "bridge_over": "stick"})],
)
def test_lines_that_cannot_be_tried(tmp_path, line, more):
    stick = {"name": "stick", "kind": "gsm", "port": "/dev/ttyUSB9", "number": "+4915199999998"}
    office = analog("office", "/dev/ttyACM0", LINE, **more)
    with Store.open(tmp_path, create=True) as store:
        store.save_settings(to_json(check({**PEOPLE, "plan": PLAN, "line": [office, stick]}).settings))
    with pytest.raises(UserError):
        Guide(tmp_path, line)


def test_without_an_engine(make):
    installer = make("fritzbox", "fritzbox")
    installer.box.live.close()
    with pytest.raises(RufweicheError, match="the engine is not running"):
        installer.guide().run()
