"""No line of the log holds a whole number: whoever sends it in for support gives nobody away."""

from __future__ import annotations

import logging
import re

import pytest

from appliance.core.numbers import shorten
from appliance.simulator.phones import Target
from tests.calls.conftest import ANNA, CALLER, DESK, LINE, OWNER, SETTINGS, Box, changed

NUMBERS = (CALLER, DESK, ANNA, OWNER, LINE)
PIN = "4711"


@pytest.fixture
def box(tmp_path):
    boxes = [Box(tmp_path, settings=changed(("line", 0, "pin"), PIN), pin=PIN)]
    yield boxes[0].ready()
    boxes[0].kill()


def give_away(line: str) -> list[str]:
    """Numbers of this line that could be called: ours, in any form, and any other of eight digits or more."""
    digits = [number.removeprefix("+49") for number in NUMBERS]
    return [number for number in digits if number in re.sub(r"[\s/.-]", "", line)] + re.findall(r"\+?\d{8,}", line)


def test_what_gives_a_number_away():
    assert give_away(f"call of {CALLER}")
    assert give_away("ATD0170 1234567;")
    assert not give_away(f"call of {shorten(CALLER)}: forwarded desk")


def test_a_day_of_calls_and_texts(box, caplog):
    caplog.set_level(logging.DEBUG)
    box.call(talks_for=30.0)
    assert box.finish_call().outcome == "forwarded"
    for answers in ("busy", "silent"):
        box.exchange.set_target(Target(DESK, answers, 3.0, 20.0))
        box.exchange.set_target(Target(ANNA, answers, 3.0, 20.0))
        box.call(gives_up_after=90.0)
        box.finish_call()
    box.call(None, gives_up_after=3.0)
    box.finish_call()
    box.until(lambda: box.texts)
    box.provision(changed(("target", 0, "number"), ANNA, SETTINGS))
    box.run(5.0)
    box.engine.stop()
    box.engine.run()
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("appliance.")]
    said = [line for line in lines if not re.match("appliance.simulator", line)]
    assert len(said) > 20
    assert [line for line in said if give_away(line) or PIN in line] == []
