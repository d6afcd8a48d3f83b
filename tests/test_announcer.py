"""What callers hear is made when it is wanted, in a process of its own."""

import shutil
import time

import pytest

from appliance.announcer import Announcer, speaks
from appliance.audio import prompts
from appliance.core.settings_check import check
from appliance.core.spoken import NAMES
from tests.calls.conftest import LINE, SETTINGS, changed

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="no espeak-ng here: .ci/run installs it")


def settings(**changes):
    checked = check({**SETTINGS, **changes})
    assert checked.settings, checked.mistakes
    return checked.settings


ANNOUNCES = settings(plan=[{**SETTINGS["plan"][0], "otherwise": "announce"}])


@pytest.mark.parametrize(
    ("which", "wanted"),
    [
        (settings(), False),
        (ANNOUNCES, True),
        (settings(line=[{"name": "shop", "kind": "analog", "port": "/dev/ttyACM0", "number": LINE}]), True),
        (settings(target=changed([0, "confirm"], True, SETTINGS["target"])), True),
    ],
)
def test_who_may_ever_speak(which, wanted):
    assert speaks(which) is wanted


def until_made(announcer, folder, which, now=0.0):
    limit = time.monotonic() + 60
    while prompts.stale(folder, which) or announcer.busy:
        assert time.monotonic() < limit, "not made"
        announcer.tick(now)
        time.sleep(0.05)  # a process of its own, in real time


@needs_espeak
def test_they_are_made_and_made_anew_for_other_words(tmp_path):
    announcer, folder = Announcer(tmp_path), tmp_path / "prompts"
    announcer.settings_changed(ANNOUNCES, 0.0)
    until_made(announcer, folder, ANNOUNCES)
    assert {file.stem for file in folder.iterdir()} == set(NAMES)
    before = (folder / "announcement.wav").read_bytes()
    other = settings(
        plan=[{**SETTINGS["plan"][0], "otherwise": "announce"}], voice={"announcement": "Wir sind im Urlaub."}
    )
    announcer.settings_changed(other, 1.0)
    until_made(announcer, folder, other, 1.0)
    assert (folder / "announcement.wav").read_bytes() != before


def test_nothing_is_made_for_a_box_that_never_speaks(tmp_path):
    announcer = Announcer(tmp_path)
    announcer.settings_changed(settings(), 0.0)
    announcer.tick(10.0)
    assert not list(tmp_path.iterdir())


def test_without_a_voice_it_is_tried_again_later(tmp_path, monkeypatch):
    began = []

    class Failed:
        def poll(self):
            return 1

    monkeypatch.setattr(prompts, "begin", lambda *_: began.append(1) or Failed())
    announcer = Announcer(tmp_path)
    announcer.settings_changed(ANNOUNCES, 0.0)
    for now in (0.0, 1.0, 2.0, 300.0):
        announcer.tick(now)
    assert len(began) == 1
    announcer.tick(700.0)
    assert len(began) == 2
