"""What the page asks of the engine, answered through the store."""

from datetime import timedelta

import pytest

from appliance.core import requests
from appliance.store.database import Store
from tests.calls.conftest import CALLER, changed

OTHER = "+491799999999"


def ask(box, kind, ago=timedelta(), **payload):
    """Leave a request as the page would, from another connection; gives a function that says its answer."""
    with Store.open(box.folder) as store:
        number = store.ask(kind, payload, box.world.wall() - ago)
    return lambda: (box.store.request(number) or pytest.fail("the request is gone")).answer


def test_methods_are_taken_for_possible_again(box):
    box.engine.seats[0].driver.facts.refusals["262"] = {"transfer"}
    answer = ask(box, requests.PROBE_METHODS)
    box.until(answer, 10)
    assert answer() == {"can": {"office": ["transfer", "conference"]}}
    assert not box.engine.seats[0].driver.facts.refusals


def test_diversions_are_asked_of_the_network(box):
    box.module.receive(b'AT+CCFC=1,3,"+491799999999",145,1\r', box.world.now())
    answer = ask(box, requests.CHECK_DIVERSIONS, line="office")
    box.until(answer, 120)
    assert answer() == {"diversions": {"office": [{"when": "busy", "to": OTHER, "confirmed": True, "ours": False}]}}


def test_diversions_are_taken_back_and_ours_set_again(make_box):
    box = make_box(settings=changed(("line", 0, "safety_net"), "desk")).ready()
    box.run(30)
    box.module.receive(b'AT+CCFC=0,3,"+491799999999",145,1\r', box.world.now())
    answer = ask(box, requests.ERASE_DIVERSIONS, line="office")
    box.until(answer, 200)
    found = answer()["diversions"]["office"]
    assert {one["when"] for one in found} >= {"busy", "unreachable"}
    assert all(one["ours"] and one["confirmed"] for one in found)


def test_a_line_that_is_down_cannot_be_asked(box):
    box.world.unplug("/dev/ttyUSB0")
    box.run(3)
    answer = ask(box, requests.CHECK_DIVERSIONS)
    box.until(answer, 10)
    assert answer()["diversions"] == {"office": None} and answer()["problem"]


@pytest.mark.parametrize(
    ("kind", "how", "problem"),
    [
        (requests.PROBE_METHODS, {"line": "cellar"}, requests.UNKNOWN_LINE),
        (requests.PROBE_METHODS, {"ago": timedelta(minutes=5)}, requests.TOO_LATE),
        ("dance", {}, "unknown"),
    ],
)
def test_what_cannot_be_done(box, kind, how, problem):
    answer = ask(box, kind, **how)
    box.until(answer, 10)
    assert answer() == {"problem": problem}


def test_modems_are_looked_for(box):
    answer = ask(box, requests.LOOK_FOR_MODEMS)
    box.until(answer, 60)
    assert answer() == {"found": 1}


def test_nothing_is_done_while_a_call_is_on(box):
    call = box.call(CALLER)
    box.until(lambda: box.line["state"] != "ready", 20)
    answer = ask(box, requests.PROBE_METHODS)
    box.run(4)
    assert answer() is None
    box.finish_call()
    box.until(answer, 20)
    assert call is not None


def test_a_restart_is_answered_and_carried_out(box):
    answer = ask(box, requests.RESTART)
    box.until(lambda: box.engine.stopped, 20)
    assert answer() == {"ok": True}


def test_a_restart_that_a_backup_waits_for_is_not_forgotten(box):
    (box.folder / "restore.zip").write_bytes(b"")
    answer = ask(box, requests.RESTART, ago=timedelta(minutes=20))
    box.until(lambda: box.engine.stopped, 20)
    assert answer() == {"ok": True}


def test_a_mobile_line_has_no_flash_to_try(box):
    answer = ask(box, requests.TRY_FLASHES, line="office", flashes=[90, "long", None, 5000])
    box.until(answer, 10)
    assert answer() == {"heard": []}
