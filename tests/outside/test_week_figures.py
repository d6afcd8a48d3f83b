"""Statistics of a day made by hand, a call while nobody knows the time, and what a bundle for a helper gives away."""

import datetime as dt
import statistics
import time
import zipfile

import pytest

from .box import BERLIN, OWNER, SECOND, THIRD, settings, until
from .calls import Target
from .week import CALLER, MOBILE, OTHER, next_text

PEST = "+498955599999"


def put_through(modem, target: str, after: float, caller: str = CALLER) -> None:
    """A conference; the target answers so many seconds after it is called."""
    modem.targets[target] = Target(answers=after)
    call = modem.call_in(caller)
    until(lambda: call.mpty, 20, "a conference")
    time.sleep(1.5)
    modem.leaves(call)
    until(lambda: not modem.calls, 12, "the line free")


@pytest.mark.long
def test_a_day_by_hand(up):
    """Three forwarded, one missed, one blocked: counts, share, and how long callers waited for a human."""
    more = f'[[caller]]\nnumber = "{PEST}"\ngroup = "blocked"\n'
    box, modem = up(chain=("second", "third"), forward_by=("conference",), ring_seconds=8, missed="off", more=more)
    put_through(modem, SECOND, 0.3)
    put_through(modem, SECOND, 5.3, MOBILE)
    modem.targets[SECOND] = Target(ends="BUSY", after=0.1, alerts=0.1)
    put_through(modem, THIRD, 2.3, OTHER)
    modem.targets[THIRD] = Target(ends="BUSY", after=0.1, alerts=0.1)
    call = modem.call_in(OTHER)
    until(lambda: call.gone, 15, "nobody reached")
    pest = modem.call_in(PEST)
    until(lambda: len(pest.rings) >= 2, 15, "two rings")
    modem.leaves(pest)
    rows = box.calls(5, within=20)
    moment = dt.datetime.fromisoformat
    waits = [
        (moment(row["answered_at"]) - moment(row["started_at"])).total_seconds() for row in rows if row["answered_at"]
    ]
    stats = box.json("stats")
    total = stats["total"]
    expected = {"calls": 5, "forwarded": 3, "missed": 1, "blocked": 1, "answered_here": 0, "missed_share": 0.25}
    assert {key: total[key] for key in expected} == expected
    assert len(waits) == 3 and total["median_seconds_to_human"] == pytest.approx(statistics.median(waits), abs=1.01)
    by_target = {row["target"]: (row["calls"], row["forwarded"]) for row in stats["by_target"]}
    assert by_target == {"second": (2, 2), "third": (1, 1)}
    for key in ("by_hour", "by_weekday", "by_day", "by_week"):
        assert sum(row["calls"] for row in stats[key]) == 5, key
    box.kill()
    box.start()
    box.ready()
    assert box.json("stats")["total"] == total


@pytest.mark.long
def test_a_call_before_the_time_is_known(stage):
    """The first days of a card: `timetable.otherwise`, forwarded all the same, and marked so in the log."""
    modem = stage.module()
    slot = (
        '[[timetable.slot]]\ndays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\nfrom = "00:00"\nto = "24:00"\n'
    )
    away = '[[plan]]\nname = "shut"\nchain = []\n'
    toml = settings(modem.link, chain=("second",), timetable=f'{slot}plan = "shut"', more=away)
    stage.box.provisioned(toml)
    stage.box.set_clock(dt.datetime(2016, 5, 4, 12, tzinfo=BERLIN))
    stage.box.start()
    stage.box.ready()
    modem.targets[SECOND] = Target(answers=0.2)
    call = modem.call_in(CALLER)
    until(lambda: call.gone, 15, "given away")
    row = stage.box.call()
    assert (row["outcome"], row["plan"], row["decided_by"]) == ("forwarded", "open", "otherwise")
    assert row["rule"] != "timetable.otherwise", "not marked"
    stage.box.kill()
    stage.box.set_clock(dt.datetime(2026, 12, 1, 12, tzinfo=BERLIN))
    stage.box.start()
    stage.box.ready()
    assert stage.box.json("explain", "--caller", CALLER)["plan"] == "shut"


@pytest.mark.long
def test_a_bundle_for_a_helper(up, tmp_path):
    """Settings, log and calls to look at, without a secret or a whole number."""
    more = f"""command_code = "Geheimwort7"
[notify]
webhook = "http://127.0.0.1:9/Geheimpfad"
email = {{ to = "meister@example.de", host = "127.0.0.1", port = 9, user = "u", password = "Geheimnis8" }}
[[caller]]
number = "{MOBILE}"
name = "Frau Grünwald"
"""
    box, modem = up(line='pin = "9753"', chain=("second",), more=more)
    modem.text_in(CALLER, "Ich bin unter 0171 5559876 zu erreichen")
    until(lambda: box.json("inbox"), 10, "the text kept")
    modem.targets[SECOND] = Target(ends="BUSY", after=0.1, alerts=0.1)
    call = modem.call_in(MOBILE)
    until(lambda: call.gone, 15, "missed")
    next_text(modem, OWNER, 0)
    bundle = tmp_path / "bundle.zip"
    box.ok("support", str(bundle))
    with zipfile.ZipFile(bundle) as archive:
        said = "\n".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    assert len(said) > 1000 and "answer_after_rings" in said
    whole = [number[3:] for number in (MOBILE, OWNER, CALLER, SECOND)]
    for secret in (*whole, "5559876", "Geheimwort7", "Geheimpfad", "Geheimnis8", "9753", "meister@", "Grünwald"):
        assert secret not in said, secret
