"""Which plan applies, and why: a shop's whole week asked of `explain`, call by call, and of `status`."""

import datetime as dt
import json

import pytest

from .box import BERLIN, DESK, SECOND, THIRD, Box, now, settings

SHOP = settings(
    "/dev/ttyNone",
    timetable='away = "away"',
    more="""
[[plan]]
name = "day"
answer_after_rings = 4
chain = ["desk", "on-call"]
[[plan]]
name = "night"
answer_after_rings = 2
chain = ["on-call", "third"]
[[plan]]
name = "closed"
chain = ["third"]
[[plan]]
name = "feast"
chain = ["on-call"]
[[plan]]
name = "vip"
answer_after_rings = 1
chain = ["second"]
[[plan]]
name = "away"
chain = []
[[timetable.slot]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "07:30"
to = "17:00"
plan = "day"
[[timetable.slot]]
days = ["fri"]
from = "22:00"
to = "06:00"
plan = "night"
[[timetable.slot]]
days = ["sat"]
from = "22:00"
to = "02:30"
plan = "night"
[[timetable.slot]]
days = ["sun"]
from = "02:30"
to = "02:45"
plan = "vip"
[[timetable.slot]]
days = ["wed"]
from = "00:00"
to = "00:00"
plan = "night"
[[closure]]
name = "Inventur"
from = 2026-12-28
to = 2026-12-29
plan = "night"
[[closure]]
name = "Betriebsferien"
from = 2026-12-24
to = 2027-01-06
plan = "closed"
[[closure]]
name = "Schalttag"
from = 2028-02-29
to = 2028-02-29
plan = "closed"
[holidays]
plan = "feast"
[[roster]]
target = "second"
from = 2026-11-23T17:00:00
to = 2026-11-30T07:30:00
repeat_weeks = 2
[[roster]]
target = "third"
from = 2026-11-28T12:00:00
to = 2026-12-01T12:00:00
[[roster]]
target = "desk"
from = 2028-02-29T08:00:00
to = 2028-03-01T08:00:00
[[caller]]
number = "+4989777*"
name = "Firma Huber"
group = "blocked"
[[caller]]
number = "089 7771*"
name = "Firma Huber, Lager"
plan = "vip"
[[caller]]
number = "+49 (0) 89 777-123"
name = "Herr Huber"
group = "vip"
[[caller]]
number = "0171 2345678"
name = "Anna"
plan = "closed"
[callers]
withheld = "night"
""".replace('days = ["mon", "tue", "wed", "thu", "fri"]', 'days = ["mon", "tue", "thu", "fri"]'),
)
ANYBODY = "+498955512345"

# caller, moment, plan, decided_by, whom the chain calls
CASES = [
    # slots and their edges
    (ANYBODY, "2026-11-24T07:29:59", "open", "otherwise", [DESK]),
    (ANYBODY, "2026-11-24T07:30", "day", "slot", [DESK, SECOND]),
    (ANYBODY, "2026-11-24T16:59:59", "day", "slot", [DESK, SECOND]),
    (ANYBODY, "2026-11-24T17:00", "open", "otherwise", [DESK]),
    (ANYBODY, "2026-11-27T21:59:59", "open", "otherwise", [DESK]),
    (ANYBODY, "2026-11-27T22:00", "night", "slot", [SECOND, THIRD]),
    (ANYBODY, "2026-11-28T05:59:59", "night", "slot", [SECOND, THIRD]),
    (ANYBODY, "2026-11-28T06:00", "open", "otherwise", [DESK]),
    (ANYBODY, "2026-11-29T02:29:59", "night", "slot", [SECOND, THIRD]),
    (ANYBODY, "2026-11-29T02:30", "vip", "slot", [SECOND]),
    (ANYBODY, "2026-11-29T02:45", "open", "otherwise", [DESK]),
    # a slot of a whole day
    (ANYBODY, "2026-11-24T23:59:59", "open", "otherwise", [DESK]),
    (ANYBODY, "2026-11-25T00:00", "night", "slot", [SECOND, THIRD]),
    (ANYBODY, "2026-11-25T23:59:59", "night", "slot", [SECOND, THIRD]),
    (ANYBODY, "2026-11-26T00:00", "open", "otherwise", [DESK]),
    # another zone's clock says when, too
    (ANYBODY, "2026-11-24T06:30:00Z", "day", "slot", [DESK, SECOND]),
    (ANYBODY, "2026-11-24T16:29:59+10:00", "open", "otherwise", [DESK]),
    # spring: 02:00 to 03:00 does not exist; a slot within it does not come, one that ends in it ends with it
    (ANYBODY, "2027-03-28T01:59:59", "night", "slot", [THIRD]),
    (ANYBODY, "2027-03-28T00:59:59Z", "night", "slot", [THIRD]),
    (ANYBODY, "2027-03-28T01:00:00Z", "open", "otherwise", [DESK]),
    (ANYBODY, "2027-03-28T03:00", "open", "otherwise", [DESK]),
    (ANYBODY, "2027-03-28T03:30", "open", "otherwise", [DESK]),
    # autumn: 02:00 to 03:00 comes twice, and with it the slot from 02:30
    (ANYBODY, "2026-10-25T02:30+02:00", "vip", "slot", [SECOND]),
    (ANYBODY, "2026-10-25T02:45+02:00", "open", "otherwise", [DESK]),
    (ANYBODY, "2026-10-25T02:30+01:00", "vip", "slot", [SECOND]),
    (ANYBODY, "2026-10-25T02:45+01:00", "open", "otherwise", [DESK]),
    (ANYBODY, "2026-10-25T03:00", "open", "otherwise", [DESK]),
    # closures: the first one counts, the last day with them; before holidays
    (ANYBODY, "2026-12-23T23:59:59", "night", "slot", [SECOND, THIRD]),
    (ANYBODY, "2026-12-24T00:00", "closed", "closure", [THIRD]),
    (ANYBODY, "2026-12-25T12:00", "closed", "closure", [THIRD]),
    (ANYBODY, "2026-12-28T00:00", "night", "closure", [SECOND, THIRD]),
    (ANYBODY, "2026-12-29T23:59:59", "night", "closure", [THIRD]),
    (ANYBODY, "2026-12-30T00:00", "closed", "closure", [THIRD]),
    (ANYBODY, "2027-01-06T23:59:59", "closed", "closure", [THIRD]),
    (ANYBODY, "2027-01-07T07:30", "day", "slot", [DESK, SECOND]),
    (ANYBODY, "2028-02-28T08:00", "day", "slot", [DESK]),
    (ANYBODY, "2028-02-29T08:00", "closed", "closure", [THIRD]),
    (ANYBODY, "2028-03-01T08:00", "night", "slot", [SECOND, THIRD]),
    # public holidays, before slots, by the local day
    (ANYBODY, "2026-10-31T12:00", "open", "otherwise", [DESK]),
    (ANYBODY, "2026-11-01T12:00", "feast", "holiday", []),
    (ANYBODY, "2027-05-05T23:59:59", "night", "slot", [THIRD]),
    (ANYBODY, "2027-05-06T00:00", "feast", "holiday", []),
    (ANYBODY, "2027-05-06T10:00", "feast", "holiday", []),
    (ANYBODY, "2027-05-07T00:00", "open", "otherwise", [DESK]),
    (ANYBODY, "2028-01-06T10:00", "feast", "holiday", [SECOND]),
    # the roster: edges, every other week at the same local time also after the clocks change, the first one counts
    (ANYBODY, "2026-11-30T07:30", "day", "slot", [DESK, THIRD]),
    (ANYBODY, "2026-11-28T12:00", "open", "otherwise", [DESK]),
    (ANYBODY, "2026-12-01T11:59:59", "day", "slot", [DESK, THIRD]),
    (ANYBODY, "2026-12-01T12:00", "day", "slot", [DESK]),
    (ANYBODY, "2026-12-08T12:00", "day", "slot", [DESK, SECOND]),
    (ANYBODY, "2026-12-15T12:00", "day", "slot", [DESK]),
    (ANYBODY, "2027-04-12T16:59:59", "day", "slot", [DESK]),
    (ANYBODY, "2027-04-13T12:00", "day", "slot", [DESK, SECOND]),
    (ANYBODY, "2027-04-19T07:30", "day", "slot", [DESK]),
    # callers: exact before prefix, the longer prefix before the shorter; before closure and holiday
    ("+4989777999", "2026-11-24T12:00", None, "blocked", []),
    ("089 777 999", "2026-11-24T12:00", None, "blocked", []),
    ("+49897771999", "2026-11-24T12:00", "vip", "caller", [SECOND]),
    ("+49897771999", "2026-12-25T12:00", "vip", "caller", [SECOND]),
    ("+4989777123", "2026-11-24T12:00", "day", "slot", [DESK, SECOND]),
    ("+491712345678", "2027-05-06T10:00", "closed", "caller", [THIRD]),
    ("0049 171 2345678", "2027-05-06T10:00", "closed", "caller", [THIRD]),
    ("01712345678", "2027-05-06T10:00", "closed", "caller", [THIRD]),
    ("withheld", "2026-11-24T12:00", "night", "withheld", [SECOND, THIRD]),
    ("withheld", "2026-12-25T12:00", "night", "withheld", [SECOND, THIRD]),
]  # fmt: skip
QUICK = CASES[::3]


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Box:
    box = Box(tmp_path_factory.mktemp("shop"))
    box.provisioned(SHOP)
    return box


def asked(box, caller, at):
    return box.json("explain", "--caller", caller, "--at", at)


def check(box, caller, at, plan, decided_by, numbers):
    said = asked(box, caller, at)
    got = (said["plan"], said["decided_by"], [step["number"] for step in said["chain"]])
    assert got == (plan, decided_by, numbers), said
    assert said["rule"], "no rule is named"


@pytest.mark.parametrize("case", QUICK, ids=lambda case: f"{case[0]} {case[1]}")
def test_explain(shop, case):
    check(shop, *case)


@pytest.mark.long
@pytest.mark.parametrize("case", [case for case in CASES if case not in QUICK], ids=lambda case: f"{case[0]} {case[1]}")
def test_explain_more(shop, case):
    check(shop, *case)


@pytest.mark.long
def test_one_plan_at_every_minute_of_both_clock_changes(shop):
    """What `explain` says by the minute, in real time: the slots of both nights, and nothing else."""
    for night, changes in (
        (dt.datetime(2027, 3, 27, 23, 0, tzinfo=dt.UTC), {"01:59": "night", "03:00": "open"}),
        (dt.datetime(2026, 10, 24, 23, 0, tzinfo=dt.UTC), {"02:29": "night", "02:30": "vip", "02:44": "vip",
                                                          "02:45": "open", "03:00": "open"}),
    ):  # fmt: skip
        for minute in range(0, 180, 5):
            for second in (0, 299):
                moment = night + dt.timedelta(minutes=minute, seconds=second)
                local = moment.astimezone(BERLIN)
                said = asked(shop, ANYBODY, moment.isoformat())["plan"]
                wall = local.strftime("%H:%M")
                expected = "night" if wall < "02:30" else "vip" if wall < "02:45" else "open"
                assert said == expected, f"{local}: {said}"
                assert changes.get(wall, said) == said


# 2026 and 2027, by the laws of the Länder: one day each that is theirs, and one that is not
HOLIDAYS = {
    "BW": (["2027-01-06", "2026-06-04", "2026-11-01"], ["2026-10-31", "2026-11-18"]),
    "BY": (["2027-01-06", "2026-06-04", "2026-11-01"], ["2026-10-31", "2026-08-08"]),
    "BE": (["2027-03-08", "2026-10-03"], ["2026-10-31", "2027-01-06"]),
    "BB": (["2026-10-31", "2026-04-05", "2026-05-24"], ["2026-11-01", "2027-03-08"]),
    "HB": (["2026-10-31", "2026-12-26"], ["2026-06-04", "2026-11-01"]),
    "HH": (["2026-10-31", "2026-04-03"], ["2026-06-04", "2026-11-01"]),
    "HE": (["2026-06-04", "2026-05-25"], ["2026-10-31", "2026-11-01"]),
    "MV": (["2027-03-08", "2026-10-31"], ["2026-06-04", "2026-11-01"]),
    "NI": (["2026-10-31", "2026-05-14"], ["2026-06-04", "2026-11-01"]),
    "NW": (["2026-06-04", "2026-11-01"], ["2026-10-31", "2027-01-06"]),
    "RP": (["2026-06-04", "2026-11-01"], ["2026-10-31", "2027-01-06"]),
    "SL": (["2026-08-15", "2026-11-01", "2026-06-04"], ["2026-10-31", "2027-01-06"]),
    "SN": (["2026-11-18", "2026-10-31"], ["2026-11-01", "2026-06-04"]),
    "ST": (["2027-01-06", "2026-10-31"], ["2026-11-01", "2026-06-04"]),
    "SH": (["2026-10-31", "2026-05-01"], ["2026-11-01", "2026-06-04"]),
    "TH": (["2026-09-20", "2026-10-31"], ["2026-11-01", "2026-06-04"]),
}


@pytest.mark.parametrize("land", ["SN", pytest.param("BY", marks=pytest.mark.long)])
def test_local_holidays_are_offered(box, land):
    """The Bavarian (Augsburg, Catholic municipalities) and Saxon (Catholic municipalities) ones, where chosen."""
    day = {"BY": "2026-08-15", "SN": "2026-06-04"}[land]
    toml = settings("/dev/ttyNone", more='[holidays]\nplan = "feast"\n[[plan]]\nname = "feast"\nchain = []\n')
    toml = toml.replace('region = "BY"', f'region = "{land}"')
    box.provisioned(toml)
    assert asked(box, ANYBODY, f"{day}T12:00")["decided_by"] == "otherwise"
    refused = box.provision(toml.replace(f'region = "{land}"', f'region = "{land}"\nlocal_holidays = ["x"]'))
    assert refused.returncode == 2 and "business.local_holidays" in refused.stderr
    offered = [word.strip(" \"',.:") for word in refused.stderr.replace("(", " ").replace(")", " ").split()]
    for word in offered:
        chosen = box.provision(toml.replace(f'region = "{land}"', f'region = "{land}"\nlocal_holidays = ["{word}"]'))
        if chosen.returncode == 0 and asked(box, ANYBODY, f"{day}T12:00")["decided_by"] == "holiday":
            return
    raise AssertionError(f"none of the words offered makes {day} a holiday: {refused.stderr}")


@pytest.mark.long
@pytest.mark.parametrize("land", HOLIDAYS)
def test_public_holidays_of_each_land(box, land):
    toml = settings("/dev/ttyNone", more='[holidays]\nplan = "feast"\n[[plan]]\nname = "feast"\nchain = []\n')
    box.provisioned(toml.replace('region = "BY"', f'region = "{land}"'))
    theirs, others = HOLIDAYS[land]
    for day in (*theirs, "2026-12-25", "2027-01-01", "2027-03-26", "2027-03-29"):
        assert asked(box, ANYBODY, f"{day}T12:00")["decided_by"] == "holiday", day
    for day in (*others, "2026-12-24", "2026-12-31"):
        assert asked(box, ANYBODY, f"{day}T12:00")["decided_by"] == "otherwise", day


@pytest.mark.long
def test_holidays_are_ignored_without_their_table(box):
    box.provisioned(settings("/dev/ttyNone"))
    assert asked(box, ANYBODY, "2026-12-25T12:00")["decided_by"] == "otherwise"


@pytest.mark.parametrize("at", ["2026-13-01T10:00", "gestern", "2026-12-24 25:00", ""])
def test_a_moment_that_is_none(shop, at):
    done = shop.run("explain", "--caller", ANYBODY, "--at", at)
    assert done.returncode == 2 and done.stderr.strip() and "Traceback" not in done.stderr


HOSTILE = ["'; DROP TABLE calls; --", "<script>", "=cmd|' /C calc'!A0", "\x1b[2J", "9" * 400, "+", "", "*31#", "🔧"]


@pytest.mark.parametrize("caller", HOSTILE[::2])
def test_a_caller_who_is_none(shop, caller):
    """What has no digits at all is a mistake of the one who asks; the rest is like anybody."""
    done = shop.run("explain", "--caller", caller, "--at", "2026-11-24T12:00", "--json")
    if done.returncode == 2:
        assert len(done.stderr.splitlines()) == 1 and "\x1b" not in done.stderr
        return
    said = json.loads(done.stdout)
    assert (said["plan"], said["decided_by"]) == ("day", "slot")


@pytest.mark.long
@pytest.mark.parametrize("withheld", [None, "vip", "blocked"])
def test_the_rule_for_withheld_numbers(box, withheld):
    toml = SHOP.replace('withheld = "night"', f'withheld = "{withheld}"' if withheld else "")
    box.provisioned(toml)
    said = asked(box, "withheld", "2026-11-24T12:00")
    assert (said["plan"], said["decided_by"]) == {
        None: ("day", "slot"), "vip": ("vip", "withheld"), "blocked": (None, "blocked")
    }[withheld]  # fmt: skip
    if withheld == "blocked":
        assert said["chain"] == []


# --- status, and the clock that is not set ---


@pytest.mark.parametrize(
    ("moment", "plan", "changes", "following"),
    [
        ("2026-11-24T12:00", "day", "2026-11-24T17:00:00+01:00", "open"),
        ("2026-11-27T23:00", "night", "2026-11-28T06:00:00+01:00", "open"),
        ("2026-12-29T23:00", "night", "2026-12-30T00:00:00+01:00", "closed"),
        ("2027-03-28T01:30", "night", "2027-03-28T03:00:00+02:00", "open"),
    ],
)
def test_status_says_which_plan_and_until_when(shop, moment, plan, changes, following):
    shop.set_clock(dt.datetime.fromisoformat(moment).replace(tzinfo=BERLIN))
    status = shop.json("status")
    shop.clock = {}
    at = dt.datetime.fromisoformat(status["plan_changes_at"]).astimezone(BERLIN).isoformat()
    assert (status["plan_now"], at, status["plan_next"]) == (plan, changes, following)


@pytest.mark.parametrize("moment", ["1970-01-01T00:01", "2016-05-04T12:00"])
def test_before_the_time_is_known(shop, moment):
    """A Pi has no clock of its own: `timetable.otherwise`, marked so, and no time is told as if it were known."""
    shop.set_clock(dt.datetime.fromisoformat(moment).replace(tzinfo=BERLIN))
    status, said = shop.json("status"), shop.json("explain", "--caller", ANYBODY)
    vip = shop.json("explain", "--caller", "+49897771999")
    shop.clock = {}
    assert (said["plan"], said["decided_by"]) == ("open", "otherwise")
    assert said["rule"] != "timetable.otherwise", "not marked"
    assert (vip["plan"], vip["decided_by"]) == ("vip", "caller"), "a caller is known without a clock"
    assert status["plan_now"] == "open"
    assert status["plan_changes_at"] is None, "the time of a clock that was never set"


def test_an_override_does_not_need_the_time(tmp_path):
    box = Box(tmp_path)
    box.provisioned(SHOP)
    box.ok("override", "away")
    box.set_clock(dt.datetime(2016, 5, 4, 12, tzinfo=BERLIN))
    status = box.json("status")
    assert box.json("explain", "--caller", ANYBODY)["decided_by"] == "override"
    assert (status["plan_now"], status["override"]) == ("away", {"plan": "away", "until": None})


# --- the override, by command ---


def test_override_by_command(tmp_path):
    box = Box(tmp_path)
    box.provisioned(SHOP)
    for plan in ("nope", "", "on-call"):
        refused = box.run("override", plan)
        assert refused.returncode == 2 and refused.stderr.strip(), plan
    box.ok("override", "away")
    check(box, ANYBODY, "2026-12-25T12:00", "away", "override", [])
    check(box, "+4989777999", "2026-12-25T12:00", None, "blocked", [])
    check(box, "+491712345678", "2026-11-24T12:00", "away", "override", [])
    check(box, "withheld", "2026-11-24T12:00", "away", "override", [])
    assert box.json("status")["override"] == {"plan": "away", "until": None}
    end = (now() + dt.timedelta(days=3)).replace(microsecond=0)
    box.ok("override", "vip", "--until", end.isoformat())
    status = box.json("status")
    assert status["override"]["plan"] == status["plan_now"] == "vip"
    assert dt.datetime.fromisoformat(status["override"]["until"]) == end
    assert dt.datetime.fromisoformat(status["plan_changes_at"]) == end
    second = dt.timedelta(seconds=1)
    assert asked(box, ANYBODY, (end - second).isoformat())["decided_by"] == "override"
    assert asked(box, ANYBODY, end.isoformat())["decided_by"] != "override"
    box.ok("override", "all")
    assert asked(box, ANYBODY, "2026-12-25T12:00")["chain"], "nobody to forward to"
    assert asked(box, ANYBODY, "2026-12-25T12:00")["decided_by"] == "override"
    box.ok("override", "off")
    assert box.json("status")["override"] is None
    past = box.run("override", "vip", "--until", "2020-01-01T00:00")
    assert past.returncode == 2 and past.stderr.strip()
    assert box.json("status")["override"] is None
    box.ok("override", "vip", "--until", (end + second).strftime("%H:%M"))
    until = dt.datetime.fromisoformat(box.json("status")["override"]["until"])
    assert dt.timedelta() < until - now() <= dt.timedelta(hours=24)


@pytest.mark.long
def test_an_override_whose_plan_was_taken_away(tmp_path):
    """New settings without the plan: something must still decide, and say so."""
    box = Box(tmp_path)
    box.provisioned(SHOP)
    box.ok("override", "feast")
    gone = SHOP.replace('[[plan]]\nname = "feast"\nchain = ["on-call"]\n', "")
    gone = gone.replace('plan = "feast"', 'plan = "closed"')
    box.provisioned(gone)
    said = asked(box, ANYBODY, "2026-11-24T12:00")
    assert (said["plan"], said["decided_by"]) == ("day", "slot")
    status = box.json("status")
    assert status["plan_now"] and status["override"] is None
