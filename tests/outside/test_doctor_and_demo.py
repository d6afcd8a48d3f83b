"""The two commands that a person starts with."""

import os
import signal
import subprocess
import time

import pytest

from .box import DESK, PROGRAM, environment, settings, until
from .calls import Make, Target


@pytest.mark.long
def test_doctor_names_the_modem(stage):
    modem = stage.module(Make(name="Muster Modems Inc."))
    stage.box.provisioned(settings(modem.link))
    done = stage.box.run("doctor")
    assert done.returncode == 0, done
    assert str(modem.link) in done.stdout or modem.link.name in done.stdout
    assert "Muster Modems Inc." in done.stdout
    assert modem.sent("AT+CPIN=") == modem.sent("ATD") == modem.sent("AT+CHLD=4") == []


@pytest.mark.long
@pytest.mark.parametrize(("state", "word"), [({"sim": "SIM PUK"}, "PUK"), ({"creg": 3}, ""), ({"sim": "NONE"}, "SIM")])
def test_doctor_says_what_is_wrong(stage, state, word):
    modem = stage.module(**state)
    stage.box.provisioned(settings(modem.link))
    done = stage.box.run("doctor")
    assert "Traceback" not in done.stderr
    assert word in done.stdout + done.stderr
    assert (done.stdout + done.stderr).strip()


@pytest.mark.long
def test_doctor_does_not_disturb_the_engine(up):
    box, modem = up(rings=2)
    modem.targets[DESK] = Target(answers=0.5)
    call = modem.call_in()
    done = box.run("doctor")
    assert "Traceback" not in done.stderr
    until(lambda: call.gone, 12, "the call given away")
    assert (call.end, len(call.rings)) == ("transfer", 2)


@pytest.mark.long
def test_demo_plays_a_day_of_calls(box):
    """Line by line, at a visible pace; what happened is in the log as with any line."""
    demo = subprocess.Popen(
        [PROGRAM, "demo", "--state", str(box.state)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=environment() | {"PYTHONUNBUFFERED": "1"}, start_new_session=True,
    )  # fmt: skip
    os.set_blocking(demo.stdout.fileno(), False)
    try:
        time.sleep(3)
        played = until(lambda: len(rows := box.json("calls")) >= 5 and rows, 180, "five calls of the day")
    finally:
        if demo.poll() is None:
            demo.send_signal(signal.SIGINT)
        code = demo.wait(15)
        printed = demo.stdout.read()
        demo.stdout.close()
    outcomes = [(row["outcome"], row["reason"]) for row in played]
    assert "forwarded" in {outcome for outcome, _ in outcomes}
    assert ("missed", "nobody_reached") in outcomes
    assert {"missed"} == {outcome for outcome, reason in outcomes if str(reason).startswith("gave_up")}
    assert None in {row["caller"] for row in played}
    assert any(attempt["result"] == "busy" for row in played for attempt in row["attempts"])
    assert len(printed.splitlines()) >= 5 and "Traceback" not in printed
    assert code in (0, 130), "the end its first line offers, Ctrl-C, is no failure"
