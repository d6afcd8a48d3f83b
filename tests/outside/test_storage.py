"""Settings that change, a database that is locked, a disk that is full: calls go on."""

import time
from datetime import UTC, datetime

import pytest

from .box import DESK, SECOND, always, settings, until
from .calls import Target


def given_away(modem, rings=1, within=15):
    call = modem.call_in()
    until(lambda: call.gone, within, "the call given away")
    assert (call.end, len(call.rings)) == ("transfer", rings)
    return call


@pytest.mark.long
def test_new_settings_work_within_two_seconds(up):
    box, modem = up(rings=1)
    modem.targets |= {DESK: Target(answers=0.4), SECOND: Target(answers=0.4)}
    box.provisioned(settings(modem.link, rings=3, chain=("second",)))
    time.sleep(2)
    given_away(modem, rings=3)
    assert modem.every_call[-1].number == SECOND
    assert box.call()["target"] == "second"
    assert box.line()["state"] == "ready", "the line was restarted"


@pytest.mark.long
def test_new_settings_leave_the_call_alone(up):
    box, modem = up(rings=3, chain=("desk", "second"))
    modem.targets |= {DESK: Target(ends="BUSY", after=3.5), SECOND: Target(answers=0.4)}
    call = modem.call_in()
    until(lambda: call.rings, 3, "the first ring")
    box.provisioned(settings(modem.link, rings=1, chain=("third",)))
    until(lambda: modem.sent("ATA"), 8, "ATA")
    assert len(call.rings) == 3, "the call in progress was answered by the new settings"
    until(lambda: len(modem.every_call) == 2, 6, "desk dialled")
    assert modem.every_call[1].number == DESK
    until(lambda: call.gone, 15, "given away")
    assert modem.every_call[2].number == SECOND
    assert (box.call()["target"], box.call()["rings"]) == ("second", 3)


@pytest.mark.long
@pytest.mark.parametrize("outcome", ["forwarded", "missed"])
def test_locked_database(up, outcome):
    box, modem = up(rings=2)
    modem.targets[DESK] = Target(answers=0.5) if outcome == "forwarded" else Target(ends="BUSY", after=0.2)
    lock = box.database()
    lock.execute("BEGIN IMMEDIATE")
    call = modem.call_in()
    answered = until(lambda: modem.sent("ATA"), 6, "ATA")[0]
    assert answered - call.rings[1] < 0.5 and len(call.rings) == 2
    until(lambda: call.gone, 8, "the call ended")
    assert call.end == ("transfer" if outcome == "forwarded" else "local")
    if outcome == "forwarded":
        assert call.gone - modem.every_call[1].when(0) < 1.0, "the lock held up the transfer"
    time.sleep(8)
    assert box.engine.poll() is None
    second = modem.call_in("+498955567890")
    until(lambda: second.gone, 12, "the second call ended too")
    lock.execute("ROLLBACK")
    lock.close()
    rows = box.calls(2, within=35)
    assert [row["outcome"] for row in rows] == [outcome, outcome]
    assert [row["caller"] for row in rows] == ["+498955567890", "+498955512345"]
    if outcome == "missed":
        until(lambda: len(modem.pdus) == 2, 150, "both callers told of; the second may wait two minutes for company")


@pytest.mark.long
@pytest.mark.parametrize("outcome", ["forwarded", "missed"])
def test_full_disk(up, outcome):
    box, modem = up(rings=2)
    modem.targets[DESK] = Target(answers=0.5) if outcome == "forwarded" else Target(ends="BUSY", after=0.2)
    box.fill_disk()
    time.sleep(3)
    call = modem.call_in()
    answered = until(lambda: modem.sent("ATA"), 6, "ATA")[0]
    assert answered - call.rings[1] < 0.5 and len(call.rings) == 2
    until(lambda: call.gone, 8, "the call ended")
    assert call.end == ("transfer" if outcome == "forwarded" else "local")
    time.sleep(5)
    assert box.engine.poll() is None, "the engine gave up"
    box.fill_disk(False)
    row = box.calls(within=35)[0]
    assert (row["outcome"], row["caller"], row["rings"]) == (outcome, call.number, 2)
    if outcome == "missed":
        box.message("sent", within=30)
        assert len(modem.pdus) == 1
    until(lambda: box.line()["state"] == "ready", 15, "ready")


@pytest.mark.long
def test_calls_since_and_limit(up):
    box, modem = up()
    modem.targets[DESK] = Target(answers=0.2)
    for _ in range(3):
        given_away(modem)
        box.ready(5)
    rows = box.calls(3)
    assert [row["started_at"] for row in rows] == sorted((row["started_at"] for row in rows), reverse=True)
    assert box.json("calls", "--limit", "2") == rows[:2]
    assert box.json("calls", "--since", rows[1]["started_at"]) in (rows[:2], rows[:1])
    later = datetime.fromtimestamp(time.time_ns() / 1e9 + 60, tz=UTC).isoformat()
    assert box.json("calls", "--since", later) == []
    assert box.json("calls", "--since", "2020-01-01") == rows
    assert rows[0]["caller"] in box.ok("calls").replace(" ", "")


@pytest.mark.long
def test_commands_at_any_time(up):
    """Reading never disturbs: ten statuses while a call is led."""
    box, modem = up(rings=2)
    modem.targets[DESK] = Target(answers=1.5)
    call = modem.call_in()
    while not call.gone:
        box.json("status"), box.json("calls"), box.json("messages")
        assert time.monotonic() - call.began < 15
    assert (call.end, len(call.rings)) == ("transfer", 2)


@pytest.mark.long
def test_one_engine_only(up):
    """A second one on the same folder says so and ends; the first goes on."""
    box, modem = up()
    done = box.run("run")
    assert done.returncode in (1, 2)
    assert done.stderr.strip() and "Traceback" not in done.stderr
    modem.targets[DESK] = Target(answers=0.3)
    given_away(modem)
    always(lambda: box.engine.poll() is None, 0.5, "the first engine ended")
