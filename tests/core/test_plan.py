"""Which plan applies, by which rule, at every boundary."""

import datetime as dt
import itertools
import tomllib
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.callers import CallerBook
from appliance.core.contacts import Contact
from appliance.core.plan import Override, caller_name, decide, plan_at
from appliance.core.roster import Handover
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


# --- holidays, closures, the calendar -----------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "at", "decided_by", "rule"),
    [
        ("BY", "2026-01-06T00:00:00", "holiday", "holidays Heilige Drei Könige"),
        ("BY", "2026-01-06T23:59:59", "holiday", "holidays Heilige Drei Könige"),
        ("BY", "2026-01-07T00:00:00", "otherwise", "timetable.otherwise"),
        ("BY", "2026-01-05T23:59:59", "otherwise", "timetable.otherwise"),
        ("BE", "2026-01-06T12:00", "slot", "timetable.slot[0]"),
        ("BE", "2027-03-08T12:00", "holiday", "holidays Frauentag"),
        ("BW", "2027-03-08T12:00", "slot", "timetable.slot[0]"),
        ("SN", "2026-11-18T12:00", "holiday", "holidays Buß- und Bettag"),
        ("TH", "2028-09-20T12:00", "holiday", "holidays Weltkindertag"),
        ("NW", "2026-06-04T12:00", "holiday", "holidays Fronleichnam"),
        ("BY", "2028-08-15T12:00", "slot", "timetable.slot[0]"),  # only where it is asked for
        ("BY", "2026-12-24T12:00", "slot", "timetable.slot[0]"),
        ("BY", "2026-12-31T12:00", "slot", "timetable.slot[0]"),
        ("BY", "2033-04-18T12:00", "holiday", "holidays Ostermontag"),
        (None, "2026-06-04T12:00", "slot", "timetable.slot[0]"),
        (None, "2026-05-14T12:00", "holiday", "holidays Christi Himmelfahrt"),
    ],
)
def test_public_holidays_of_a_land(region, at, decided_by, rule):
    business = tomllib.loads(FULL)["business"] | {"region": region, "local_holidays": None}
    changed = settings(closure=[], business={key: value for key, value in business.items() if value is not None})
    decision = decide(changed, STRANGER, False, dt.datetime.fromisoformat(at).replace(tzinfo=BERLIN))
    assert (decision.decided_by, decision.rule) == (decided_by, rule)


def test_local_holidays_and_a_holiday_that_is_open():
    business = tomllib.loads(FULL)["business"] | {"local_holidays": ["assumption", "peace-festival"]}
    changed = settings(closure=[], business=business, holidays={"plan": "vip"})
    for day in (8, 15):
        assert decide(changed, STRANGER, False, dt.datetime(2028, 8, day, 12, tzinfo=BERLIN)).plan == "vip"


def test_a_closure_beats_a_holiday_and_the_first_of_several_counts():
    closures = [
        {"name": "b", "from": dt.date(2026, 12, 25), "to": dt.date(2026, 12, 27), "plan": "vip"},
        {"name": "a", "from": dt.date(2026, 12, 1), "to": dt.date(2026, 12, 31), "plan": "open"},
    ]
    changed = settings(closure=closures)
    for day, rule in ((24, "closure[1] a"), (25, "closure[0] b"), (27, "closure[0] b"), (28, "closure[1] a")):
        assert decide(changed, STRANGER, False, dt.datetime(2026, 12, day, 23, 59, 59, tzinfo=BERLIN)).rule == rule


def test_the_29th_of_february_is_a_day():
    closure = [{"from": dt.date(2028, 2, 29), "to": dt.date(2028, 2, 29), "plan": "vip"}]
    changed = settings(closure=closure)
    for at, plan in (("2028-02-28T23:59:59", "closed"), ("2028-02-29T00:00:00", "vip"), ("2028-02-29T23:59:59", "vip"),
                     ("2028-03-01T00:00:00", "closed"), ("2028-03-01T08:00:00", "open")):  # fmt: skip
        assert decide(changed, STRANGER, False, dt.datetime.fromisoformat(at).replace(tzinfo=BERLIN)).plan == plan


@pytest.mark.parametrize(
    ("slot", "utc", "plan"),
    [
        # 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC
        (("02:30", "05:00"), "2026-03-29T00:59:59", "closed"),
        (("02:30", "05:00"), "2026-03-29T01:00:00", "vip"),
        (("02:30", "05:00"), "2026-03-29T02:59:59", "vip"),
        (("02:30", "05:00"), "2026-03-29T03:00:00", "closed"),
        (("01:00", "02:30"), "2026-03-29T00:59:59", "vip"),
        (("01:00", "02:30"), "2026-03-29T01:00:00", "closed"),
        # 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC
        (("02:30", "05:00"), "2026-10-25T00:29:59", "closed"),
        (("02:30", "05:00"), "2026-10-25T00:30:00", "vip"),
        (("02:30", "05:00"), "2026-10-25T00:59:59", "vip"),
        (("02:30", "05:00"), "2026-10-25T01:00:00", "closed"),
        (("02:30", "05:00"), "2026-10-25T01:29:59", "closed"),
        (("02:30", "05:00"), "2026-10-25T01:30:00", "vip"),
        (("02:30", "05:00"), "2026-10-25T03:59:59", "vip"),
        (("02:30", "05:00"), "2026-10-25T04:00:00", "closed"),
        (("01:00", "03:30"), "2026-10-25T01:00:00", "vip"),
    ],
)
def test_a_slot_where_the_clock_changes(slot, utc, plan):
    night = {"days": ["sun"], "from": slot[0], "to": slot[1], "plan": "vip"}
    changed = settings(timetable={"otherwise": "closed", "slot": [night]})
    assert decide(changed, STRANGER, False, dt.datetime.fromisoformat(utc + "+00:00")).plan == plan


# --- contacts, handovers, no clock --------------------------------------------------------------


def test_contacts_decide_like_callers(full):
    contacts = [
        Contact("+4940123456", "Meyer", plan="vip"), Contact("+4940123457", "Pest", "blocked"),
        Contact("+4940123458", "Gone", plan="removed"), Contact("+4930123456", "Friend", plan="vip"),
    ]  # fmt: skip
    book = CallerBook(full.caller, contacts)
    said = [
        (decision.decided_by, decision.rule)
        for contact in contacts
        if (decision := decide(full, contact.number, False, WEDNESDAY, book=book))
    ]
    assert said == [
        ("caller", "contact +4940123456 Meyer"), ("blocked", "contact +4940123457 Pest"),
        ("slot", "timetable.slot[0]"), ("blocked", "caller[1]"),  # the settings first
    ]  # fmt: skip
    assert caller_name(full, "+4940123456", book) == "Meyer"


def test_a_duty_that_was_handed_over(full):
    at, until = WEDNESDAY - dt.timedelta(hours=1), WEDNESDAY + dt.timedelta(hours=1)

    def chain(to, at=WEDNESDAY):
        decision = decide(full, STRANGER, False, at, handovers=[Handover("anna", to, at, until, at)])
        return [target.name for target in decision.chain]

    assert chain("desk") == ["desk", "desk", "desk"]
    assert chain("emil") == ["desk", "anna", "desk"]  # removed since from the settings: hers again
    assert [one.name for one in decide(full, STRANGER, False, until, handovers=[]).chain] == ["desk", "anna", "desk"]
    assert chain("desk", at)[1] == "desk"


def test_before_the_time_is_known(full):
    def said(caller, withheld=False, override=None, at=CHRISTMAS):
        decision = decide(full, caller, withheld, at, override, clock_known=False)
        return decision.plan, decision.decided_by, decision.rule

    nobody_knows = ("closed", "otherwise", "timetable.otherwise (the time is not known)")
    assert said(STRANGER) == said(STRANGER, at=WEDNESDAY) == nobody_knows
    assert said(STRANGER, at=dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) == nobody_knows
    assert said(HUBER)[:2] == ("vip", "caller")
    assert said(SPAMMER)[1] == said(None, True)[1] == "blocked"
    over = Override("vip", until=WEDNESDAY)
    assert said(STRANGER, override=over)[:2] == ("vip", "override")
    chain = decide(full, STRANGER, False, CHRISTMAS, clock_known=False).chain
    assert [target.name for target in chain] == ["anna", "desk"]  # everybody of the roster


# --- exactly one plan, for ten years ------------------------------------------------------------

SLOTS = [({0, 1, 2, 3, 4}, 450, 1020, "open"), ({6}, 1320, 1890, "vip")]
"""The slots of FULL: days, minutes from and to after their midnight, plan."""


def expected(at, holidays):
    """What a person with a calendar would say, minute by minute, for a stranger."""
    local = at.astimezone(BERLIN)
    if dt.date(2026, 12, 24) <= local.date() <= dt.date(2027, 1, 6):
        return "closed", "closure"
    if local.date() in holidays:
        return "closed", "holiday"
    minute = local.hour * 60 + local.minute
    for days, start, end, plan in SLOTS:
        if (local.weekday() in days and start <= minute < end) or (
            (local.weekday() - 1) % 7 in days and start <= minute + 1440 < end
        ):
            return plan, "slot"
    return "closed", "otherwise"


DECADE = dt.datetime(2025, 1, 1, tzinfo=BERLIN)


@given(st.integers(0, 10 * 365 * 86400 - 1))
def test_at_any_second_of_ten_years_the_plan_is_the_calendars(second):
    full = check_file(FULL.encode()).settings
    at = DECADE.astimezone(dt.UTC) + dt.timedelta(seconds=second)
    decision = decide(full, STRANGER, False, at)
    assert (decision.plan, decision.decided_by) == expected(at, full.public_holidays)


@pytest.mark.parametrize("year", range(2025, 2035))
def test_at_every_boundary_of_ten_years_and_a_second_either_side(full, year):
    """Every quarter of an hour is a superset of the boundaries, also where the clock changes."""
    begin = dt.datetime(year, 1, 1, tzinfo=BERLIN).astimezone(dt.UTC)
    ends = [begin + dt.timedelta(minutes=minutes) for minutes in range(0, 365 * 1440, 15)]
    of_interest = {(0, 0), (7, 30), (17, 0), (22, 0)} | {(hour, minute) for hour in (1, 2, 3) for minute in (0, 30)}
    for end in ends:
        local = end.astimezone(BERLIN)
        if (local.hour, local.minute) in of_interest:
            for shift in (-1, 0, 1):
                at = end + dt.timedelta(seconds=shift)
                assert plan_at(full, at.astimezone(BERLIN)) == expected(at, full.public_holidays)[0]
