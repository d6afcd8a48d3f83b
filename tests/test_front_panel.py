"""The front panel's process: what it shows of a box, and what its button does to it."""

import json
import sys
from datetime import UTC, datetime, timedelta

import pytest

from appliance import cli, front_panel
from appliance.core.errors import RufweicheError, StoreError
from appliance.core.panel import Lights
from appliance.core.plan import Override
from appliance.core.settings import FrontPanel, to_json
from appliance.core.settings_check import check_file
from appliance.front_panel import ANNOUNCE, Service
from appliance.ports.clock import boot_id
from appliance.store import factory_reset
from appliance.store.changes import Keep, SetOverride
from appliance.store.database import FILE_NAME, Store
from appliance.store.live import AlreadyRunning, Live
from appliance.store.page import PageStore
from tests.core.settings_sample import SMALL

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
AWAY = SMALL + 'away = "open"\n'


class Pins:
    """Stands for the hardware."""

    def __init__(self, layout, on_button):
        if layout.button == 0:
            raise RufweicheError("there is no GPIO here")
        self.layout, self.on_button, self.shown, self.is_open = layout, on_button, [], True

    def show(self, lights):
        self.shown.append(lights)

    def close(self):
        self.is_open = False


class Box:
    def __init__(self, state):
        self.state, self.now, self.pins = state, 1000.0, []
        self.service = Service(state, self.open, lambda: self.now, lambda: NOON + timedelta(seconds=self.now - 1000))

    def open(self, layout, on_button):
        self.pins.append(Pins(layout, on_button))
        return self.pins[-1]

    def settings(self, text=AWAY):
        checked = check_file(text.encode())
        assert checked.settings, checked.mistakes
        with Store.open(self.state, create=True) as store:
            store.save_settings(to_json(checked.settings))

    def lines(self, *lines):
        (self.state / "run").mkdir(parents=True, exist_ok=True)
        beat = {"boot_id": boot_id(), "monotonic": self.now, "lines": list(lines)}
        (self.state / "run/status.json").write_text(json.dumps(beat))

    def run(self, seconds=1.0):
        until = self.now + seconds
        while self.now < until:
            self.service.turn(wait=False)
            self.now += 0.05
        return self.pins[-1].shown[-1] if self.pins else None

    def press(self, held):
        self.pins[-1].on_button(True)
        self.run(held)
        self.pins[-1].on_button(False)
        self.run(1.0)

    def ask_for_a_factory_reset(self):
        for _ in range(3):
            self.pins[-1].on_button(True)
            self.run(0.2)
            self.pins[-1].on_button(False)
            self.run(0.2)
        self.press(16)

    def blinks(self, seconds=3.0):
        """How often both lights go on in this time."""
        before = len(self.pins[-1].shown)
        self.run(seconds)
        both = [one.ready and one.call for one in self.pins[-1].shown[before:]]
        return sum(now and not last for last, now in zip([False, *both], both, strict=False))

    def override(self):
        with Store.open(self.state) as store:
            return store.override()


@pytest.fixture
def box(tmp_path, monkeypatch):
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    return Box(tmp_path / "state")


READY = {"name": "office", "state": "ready", "problem": None, "diversions": [{"ours": True, "confirmed": True}]}


def test_lights_follow_the_engine(box):
    box.settings()
    box.lines(READY)
    assert box.run() == Lights(ready=True)
    box.lines({**READY, "state": "in_call"})
    assert box.run() == Lights(ready=True, call=True)
    box.run(11)  # no sign of life any more
    shown = box.pins[0].shown[-20:]
    assert {one.ready for one in shown} == {True, False}
    assert not any(one.call for one in shown)


def test_away_on_and_off(box):
    box.settings()
    box.lines(READY)
    box.run()
    box.press(0.2)
    assert box.override() == Override("open")
    box.press(0.2)
    assert box.override() is None


def test_what_is_answered(box):
    box.settings()
    box.lines(READY)
    box.run()
    for times in (1, 2, 1):  # on, off, on
        box.pins[-1].on_button(True)
        box.run(0.1)
        box.pins[-1].on_button(False)
        assert box.blinks() == times


def test_away_takes_the_place_of_another_plan_and_of_one_that_is_over(box):
    box.settings(AWAY + '[[plan]]\nname = "all"\nchain = ["desk"]\n')
    box.run()
    for plan, until in (("all", None), ("open", NOON)):
        with Store.open(box.state) as store:
            store.write(SetOverride(plan, until, "page", NOON))
        box.press(0.2)
        assert box.override() == Override("open")


@pytest.mark.parametrize("settings", [None, SMALL])
def test_away_that_nobody_has_defined_is_refused(box, settings):
    if settings:
        box.settings(settings)
    box.lines(READY)
    box.run()
    box.pins[-1].on_button(True)
    box.run(0.1)
    box.pins[-1].on_button(False)
    assert box.blinks() == 5


def test_five_seconds_announce(box):
    box.settings()
    box.run()
    box.press(6)
    with Store.open(box.state) as store:
        assert NOON < datetime.fromisoformat(store.kept(ANNOUNCE)) < NOON + timedelta(seconds=20)
        assert store.override() is None


def test_fifteen_seconds_reset_the_password_and_nothing_else(box):
    box.settings()
    with PageStore.open(box.state) as store:
        store.write(Keep("page.password", "$argon2id$"), Keep("page.code", "CODE"), Keep("other", "stays"))
        store.open_session("digest", NOON, "10.0.0.1", "Firefox")
    box.run()
    box.press(16)
    with PageStore.open(box.state) as store:
        assert (store.kept("page.password"), store.kept("page.code"), store.kept("other")) == (None, "CODE", "stays")
        assert store.sessions() == []
        assert store.load_settings()


def test_leaning_on_it_does_nothing(box):
    box.settings()
    with Store.open(box.state) as store:
        store.write(Keep("page.password", "$argon2id$"))
    box.run()
    box.press(40)
    with Store.open(box.state) as store:
        assert store.kept("page.password")
        assert store.kept(ANNOUNCE) is None


def test_factory_reset(box):
    box.settings()
    (box.state / "setup-code").write_text("ABCD2345")
    (box.state / "voicemail").mkdir()
    (box.state / "voicemail/1.wav").write_bytes(b"RIFF")
    box.run()
    box.ask_for_a_factory_reset()
    with Store.open(box.state) as store:
        assert [one.kind for one in store.unanswered()] == ["restart"]
        assert store.load_settings()  # nothing is deleted under a living engine
    live = Live(box.state, "boot")
    with pytest.raises(AlreadyRunning):
        factory_reset.carry_out(box.state)
    live.close()
    assert factory_reset.carry_out(box.state)
    assert sorted(path.name for path in box.state.iterdir()) == ["run", "setup-code"]
    assert not factory_reset.carry_out(box.state)
    assert not (box.state / FILE_NAME).exists()


def test_other_pins_are_taken_when_the_settings_name_them(box):
    box.run()
    assert box.pins[-1].layout == FrontPanel()
    box.settings(AWAY + "[panel]\nbutton = 5\n")
    box.run()
    assert [(one.layout.button, one.is_open) for one in box.pins] == [(22, False), (5, True)]
    box.settings(AWAY + "[panel]\nbutton = 5\nenabled = false\n")
    box.run()
    assert not box.pins[-1].is_open
    assert len(box.pins) == 2


def test_without_gpio_it_says_so_once_and_ends(box, monkeypatch, caplog, capsys):
    box.settings(AWAY + "[panel]\nbutton = 0\n")
    monkeypatch.setattr("appliance.ports.panel.GpioPanel", Pins)
    monkeypatch.setattr(front_panel.signal, "signal", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["rufweiche", "panel", "--state", str(box.state)])
    with caplog.at_level("INFO"), pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 0
    assert [record.message for record in caplog.records] == ["no front panel: there is no GPIO here"]


def test_stopping_ends_it_and_gives_the_pins_back(box):
    box.run()
    box.service.stop()
    box.service.run()
    assert not box.pins[-1].is_open


def test_a_factory_reset_that_cannot_be_told_the_engine_is_none(box, monkeypatch):
    """Weeks later it would come over an owner who has seen that it failed."""
    box.settings()
    box.run()

    def full(*_):
        raise StoreError("the disk is full")

    monkeypatch.setattr(Store, "ask", full)
    box.ask_for_a_factory_reset()
    assert not (box.state / factory_reset.ASKED).exists()
