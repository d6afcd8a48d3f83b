"""Minutes and texts into money."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.costs import ASSUMED_MINUTES, Cost, Texts, Use, bill, forecast, month, parts, uses, watch
from appliance.core.records import Message
from appliance.core.stats import Hour

BERLIN = ZoneInfo("Europe/Berlin")
NUMBERS = {"desk": "+49301111111", "anna": "+49302222222"}
OWNER = "+4915112345678"


def test_a_month():
    uses = [Use("desk", calls=12, minutes=24, unmetered=0), Use("anna", calls=2, minutes=0, unmetered=2)]
    texts = [Texts("missed", OWNER, 5), Texts("briefing", NUMBERS["anna"], 2), Texts("missed", "", 1)]
    found = bill(uses, texts, NUMBERS, {"desk": 60.0, "anna": 10.0}, 7.0)
    assert found.targets == (
        Cost("anna", 2, 2 * ASSUMED_MINUTES, 2 * ASSUMED_MINUTES, 2, 2 * ASSUMED_MINUTES * 10 + 14),
        Cost("desk", 12, 24, 0, 0, 1440.0),
    )
    assert found.other_texts == 6
    assert found.ct == 60 + 14 + 1440 + 42


def test_calls_given_away_last_as_long_as_those_that_were_seen():
    (cost,) = bill([Use("desk", calls=14, minutes=50, unmetered=4)], [], {}, {"desk": 1.0}, 7.0).targets
    assert (cost.minutes, cost.estimated, cost.ct) == (70.0, 20.0, 70.0)
    (cost,) = bill([Use("desk", calls=13, minutes=50, unmetered=4)], [], {}, {"desk": 1.0}, 7.0).targets
    assert cost.estimated == 4 * ASSUMED_MINUTES


def test_what_has_no_tariff_costs_nothing_and_is_counted():
    (cost,) = bill([Use("desk", 3, 5, 0)], [], {}, {}, 7.0).targets
    assert (cost.calls, cost.minutes, cost.ct) == (3, 5, 0)


def test_what_was_used():
    one = Hour(0, 4, 0, 4, 0, 0, 0, "desk\x1f9\x1f3\x1edesk\x1f7\x1f0\x1eanna\x1f9\x1f0\x1edesk\x1f9\x1f3\x1e")
    other = Hour(1, 1, 0, 0, 1, 0, 0, "")
    assert uses([one, other]) == [Use("anna", 1, 0, 1), Use("desk", 3, 6, 1)]
    assert uses([other]) == uses([]) == []


def test_nothing():
    assert bill([], [], NUMBERS, {}, 7.0).ct == 0


@pytest.mark.parametrize(
    ("at", "start", "end"),
    [
        ("2026-11-15T12:00+01:00", "2026-11-01T00:00+01:00", "2026-12-01T00:00+01:00"),
        ("2026-10-31T23:30+00:00", "2026-11-01T00:00+01:00", "2026-12-01T00:00+01:00"),
        ("2026-12-31T22:59+00:00", "2026-12-01T00:00+01:00", "2027-01-01T00:00+01:00"),
        ("2026-10-01T00:00+02:00", "2026-10-01T00:00+02:00", "2026-11-01T00:00+01:00"),  # clocks change within it
        ("2028-02-29T12:00+01:00", "2028-02-01T00:00+01:00", "2028-03-01T00:00+01:00"),
    ],
)
def test_the_month(at, start, end):
    found = month(datetime.fromisoformat(at), BERLIN)
    assert found == (datetime.fromisoformat(start), datetime.fromisoformat(end))


@given(st.integers(946_684_800, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_every_time_is_in_its_month(at):
    start, end = month(at, BERLIN)
    assert start <= at < end
    assert month(end, BERLIN)[0] == end
    assert month(end - timedelta(microseconds=1), BERLIN) == (start, end)


@pytest.mark.parametrize(
    ("at", "ct"),
    [
        ("2026-11-01T00:00+01:00", None),
        ("2026-11-03T23:59+01:00", None),
        ("2026-11-04T00:00+01:00", 1000.0),
        ("2026-11-16T00:00+01:00", 200.0),
        ("2026-11-30T23:59:59+01:00", 100.0),
    ],
)
def test_what_the_month_will_cost(at, ct):
    assert forecast(100.0, datetime.fromisoformat(at), BERLIN) == ct


@pytest.mark.parametrize(
    ("spent", "cap", "what"),
    [(0, None, "fine"), (10**9, None, "fine"), (1599, 20, "fine"), (1600, 20, "near"), (1999.9, 20, "near"),
     (2000, 20, "reached"), (5000, 20, "reached"), (0, 0, "reached")],
)  # fmt: skip
def test_the_cap(spent, cap, what):
    assert watch(spent, cap) == what


@pytest.mark.parametrize(
    ("changes", "billed"),
    [
        ({"state": "sent"}, 1),
        ({"state": "delivered"}, 1),
        ({"state": "unknown"}, 1),
        ({"state": "queued"}, 0),
        ({"state": "failed", "parts_sent": 1}, 1),
        ({"state": "sent", "text": "x" * 161}, 2),
        ({"state": "sent", "text": "щ" * 71}, 2),
        ({"state": "sent", "channel": "email"}, 0),
    ],
)
def test_billed_parts(changes, billed):
    given = {"uid": "u", "kind": "missed", "to": OWNER, "text": "x", "created_at": datetime(2026, 11, 1, tzinfo=UTC)}
    assert parts(Message(**{**given, **changes})) == billed
