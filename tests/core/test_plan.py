"""Which plan applies, by which rule, at every boundary."""

import datetime as dt
import itertools
import tomllib
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.plan import Override, caller_name, decide
from appliance.core.settings_check import check, check_file

from .settings_sample import FULL, SMALL

BERLIN = ZoneInfo("Europe/Berlin")
WEDNESDAY = dt.datetime(2026, 11, 25, 12, 0, tzinfo=BERLIN)
NIGHT = dt.datetime(2026, 11, 25, 3, 0, tzinfo=BERLIN)
CHRISTMAS = dt.datetime(2026, 12, 24, 10, 0, tzinfo=BERLIN)
HUBER, SPAMMER, STRANGER = "+498977712345", "+4930123456", "+49301234567"


@pytest.fixture(scope="module")
def small():
    return check_file(SMALL.encode()).settings


@pytest.fixture(scope="module")
def full():
    """Open on weekdays, closed otherwise and over Christmas; Anna on call every other week; withheld ones blocked."""
    return check_file(FULL.encode()).settings


def settings(**tables):
    """The full settings with some tables replaced."""
    checked = check(tomllib.loads(FULL) | tables)
    assert checked.mistakes == []
    return checked.settings


def test_a_decision_says_all_a_call_needs(small):
    decision = decide(small, "+4930123456", False, WEDNESDAY)
    assert decision.plan == "open"
    assert decision.decided_by == "otherwise"
    assert decision.rule == "timetable.otherwise"
    assert decision.answer_after_rings == 4
    assert [(target.name, target.number, target.ring_seconds) for target in decision.chain] == [
        ("desk", "+49301111111", 25)
    ]
    assert decision.otherwise == "hang-up"
    assert decision.when_blocked is None


@pytest.mark.parametrize(
    ("caller", "withheld", "at", "override", "plan", "decided_by", "rule"),
    [
        (STRANGER, False, WEDNESDAY, None, "open", "slot", "timetable.slot[0]"),
        (STRANGER, False, NIGHT, None, "closed", "otherwise", "timetable.otherwise"),
        (STRANGER, False, CHRISTMAS, None, "closed", "closure", "closure[0] Betriebsferien"),
        (HUBER, False, WEDNESDAY, None, "vip", "caller", "caller[0] Firma Huber"),
        (HUBER, False, CHRISTMAS, None, "vip", "caller", "caller[0] Firma Huber"),
        (HUBER, False, CHRISTMAS, Override("open"), "open", "override", "override"),
        (STRANGER, False, CHRISTMAS, Override("open"), "open", "override", "override"),
        (SPAMMER, False, WEDNESDAY, Override("open"), None, "blocked", "caller[1]"),
        (None, True, WEDNESDAY, Override("open"), None, "blocked", "callers.withheld"),
        (None, True, WEDNESDAY, None, None, "blocked", "callers.withheld"),
        (None, False, WEDNESDAY, None, "open", "slot", "timetable.slot[0]"),  # no caller ID at all
        ("**50", False, WEDNESDAY, None, "open", "slot", "timetable.slot[0]"),
        (STRANGER, False, WEDNESDAY, Override("gone"), "open", "slot", "timetable.slot[0]"),
    ],
)
def test_the_first_rule_that_applies_decides(full, caller, withheld, at, override, plan, decided_by, rule):
    decision = decide(full, caller, withheld, at, override)
    assert (decision.plan, decision.decided_by, decision.rule) == (plan, decided_by, rule)


def test_withheld_callers_may_have_a_plan():
    changed = settings(callers={"withheld": "vip"})
    assert decide(changed, None, True, CHRISTMAS).decided_by == "withheld"
    assert decide(changed, None, True, CHRISTMAS).plan == "vip"
    assert decide(changed, None, True, CHRISTMAS, Override("open")).decided_by == "override"
    assert decide(settings(callers={}), None, True, CHRISTMAS).decided_by == "closure"


def test_an_override_ends_at_its_time(full):
    override = Override("vip", until=WEDNESDAY)
    assert decide(full, STRANGER, False, WEDNESDAY - dt.timedelta(microseconds=1), override).decided_by == "override"
    assert decide(full, STRANGER, False, WEDNESDAY, override).decided_by == "slot"
    utc = Override("vip", until=WEDNESDAY.astimezone(dt.UTC))
    assert decide(full, STRANGER, False, WEDNESDAY - dt.timedelta(seconds=1), utc).decided_by == "override"


@pytest.mark.parametrize(
    ("at", "chain"),
    [
        ("2026-11-23T16:59:59", ["desk", "desk"]),  # nobody on call: left out
        ("2026-11-25T12:00", ["desk", "anna", "desk"]),
        ("2026-12-01T12:00", ["desk", "desk", "desk"]),  # the desk is on call that week
    ],
)
def test_on_call_is_whom_the_roster_names(full, at, chain):
    decision = decide(full, STRANGER, False, dt.datetime.fromisoformat(at).replace(tzinfo=BERLIN), Override("open"))
    assert [target.name for target in decision.chain] == chain


@pytest.mark.parametrize(
    ("blocked", "line", "outcome"),
    [
        (None, "office", "hang-up"),  # its safety net would carry the caller to the desk
        (None, "stick", "ignore"),
        (None, None, "ignore"),
        ("ignore", "office", "ignore"),
        ("hang-up", "stick", "hang-up"),
    ],
)
def test_what_a_blocked_caller_gets(blocked, line, outcome):
    changed = settings(callers={"blocked": blocked} if blocked else {})
    decision = decide(changed, SPAMMER, False, WEDNESDAY, line=line)
    assert decision.plan is decision.answer_after_rings is decision.otherwise is None
    assert decision.chain == ()
    assert decision.when_blocked == outcome


def test_an_exact_number_may_be_let_through_a_blocked_prefix():
    changed = settings(caller=[{"number": "0900*", "group": "blocked"}, {"number": "0900 1 123456", "plan": "vip"}])
    assert decide(changed, "+499001123456", False, WEDNESDAY).decided_by == "caller"
    assert decide(changed, "+499001123457", False, WEDNESDAY).decided_by == "blocked"


def test_times_are_local_to_the_business():
    utc = dt.datetime(2026, 7, 1, 5, 30, tzinfo=dt.UTC)  # 07:30 in Berlin's summer
    for moment in (utc, utc.astimezone(ZoneInfo("America/New_York"))):
        assert decide(settings(), STRANGER, False, moment).decided_by == "slot"
        assert decide(settings(), STRANGER, False, moment - dt.timedelta(seconds=1)).decided_by == "otherwise"


@pytest.mark.parametrize(
    "midnight", [dt.datetime(2026, 3, 29, tzinfo=BERLIN), dt.datetime(2026, 10, 25, tzinfo=BERLIN)]
)
def test_when_the_clock_changes_what_it_shows_decides(midnight):
    """Over both changes: the same clock time gives the same plan, and there is always one."""
    night = {"days": ["sun"], "from": "02:30", "to": "03:15", "plan": "vip"}
    timetable = {"otherwise": "closed", "slot": [night]}
    changed = settings(timetable=timetable, closure=[])
    for minute in range(6 * 60):
        at = midnight.astimezone(dt.UTC) + dt.timedelta(minutes=minute)
        clock = f"{at.astimezone(BERLIN):%H:%M}"
        assert decide(changed, STRANGER, False, at).plan == ("vip" if "02:30" <= clock < "03:15" else "closed")


def boundaries(of):
    """Every local time at which something in the settings begins or ends, and the moments around it."""
    days = [dt.date(2026, 11, 22) + dt.timedelta(days=day) for day in range(50)]
    times = {time for slot in of.timetable.slot for time in (slot.from_, slot.to)} | {dt.time(0)}
    moments = [dt.datetime.combine(day, time) for day, time in itertools.product(days, times)]
    for shift in of.roster:
        moments += [shift.from_, shift.to]
    for moment in moments:
        for around in (-1, 0, 1):
            yield (moment + dt.timedelta(microseconds=around)).replace(tzinfo=BERLIN)


def test_at_every_boundary_there_is_exactly_one_plan(full):
    for at in boundaries(full):
        decision = decide(full, STRANGER, False, at)
        assert decision.plan in {"open", "closed", "vip"}
        assert decision.decided_by in {"closure", "slot", "otherwise"}
        assert len(decision.chain) <= 3


@given(
    caller=st.sampled_from([HUBER, SPAMMER, STRANGER, "**50", None]),
    withheld=st.booleans(),
    at=st.integers(0, 2**31).map(lambda seconds: dt.datetime.fromtimestamp(seconds, dt.UTC)),
    override=st.none() | st.builds(Override, st.sampled_from(["open", "vip", "gone"])),
)
def test_whatever_comes_something_is_decided(caller, withheld, at, override):
    full = check_file(FULL.encode()).settings
    decision = decide(full, caller, withheld, at, override)
    if decision.decided_by == "blocked":
        assert decision.plan is None
        assert decision.chain == ()
    else:
        assert full.plan_named(decision.plan)
        assert decision.when_blocked is None
        assert 1 <= decision.answer_after_rings <= 20


def test_caller_names(full):
    assert caller_name(full, "**50") == "Werkstatt"
    assert caller_name(full, HUBER) == "Firma Huber"
    assert caller_name(full, SPAMMER) is None  # blocked, without a name
    assert caller_name(full, STRANGER) is None
    assert caller_name(full, None) is None
