"""An analog line's safety net: star codes, told once, proved by a test call, and known after a restart."""

import pytest

from appliance.core import requests
from appliance.core.settings import to_json
from appliance.core.settings_check import check
from appliance.store.database import Store
from tests.calls.conftest import LINE
from tests.calls.test_requests import ask
from tests.calls.voice_box import PEOPLE, VoiceBox, analog

ANNA_DIALLED = "0302222222"
NET = {**PEOPLE, "line": [analog("office", "/dev/ttyACM0", LINE, site="fritzbox", safety_net="desk")]}


@pytest.fixture
def box(tmp_path):
    box = VoiceBox(tmp_path / "state", NET, ("conexant",)).ready()
    yield box
    box.kill()


def stars(box):
    return [line for line in box.module.seen if line.startswith("ATX3DT")]


def told(box):
    box.until(lambda: len(box.line["diversions"]) == 2, 120)
    return {one["when"]: one["confirmed"] for one in box.line["diversions"]}


def test_told_by_star_code_and_not_confirmed(box):
    assert told(box) == {"busy": False, "no_reply": False}
    assert stars(box) == ["ATX3DT*67*0301111111#;", "ATX3DT*61*0301111111#;"]


def test_proved_by_a_test_call_and_known_after_a_restart(box):
    told(box)
    answer = ask(box, requests.PROVE_DIVERSION, line="office", when="busy", works=True)
    box.until(answer, 20)
    assert {one["when"]: one["confirmed"] for one in answer()["diversions"]["office"]} == {
        "busy": True,
        "no_reply": False,
    }
    box.run(3)
    dialled = len(stars(box))
    box.stop()
    box.start()
    box.ready()
    box.run(60)
    assert told(box) == {"busy": True, "no_reply": False}
    assert len(stars(box)) == dialled, "what was told is not told again"


def test_one_that_does_not_work_is_told_again(box):
    told(box)
    dialled = len(stars(box))
    answer = ask(box, requests.PROVE_DIVERSION, line="office", when="busy", works=False)
    box.until(answer, 20)
    box.until(lambda: len(stars(box)) > dialled, 60)
    assert stars(box)[-1].startswith("ATX3DT*67*")


def test_settings_that_come_while_a_code_is_dialled_are_taken_after_it(box):
    box.until(lambda: stars(box), 60)
    assert box.engine.seats[0].busy
    checked = check({**NET, "line": [{**NET["line"][0], "safety_net": "anna"}]})
    with Store.open(box.folder) as store:
        store.save_settings(to_json(checked.settings))
    box.until(lambda: any(ANNA_DIALLED in line for line in stars(box)), 120)
