"""Whom the clock is believed for."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from appliance.core.clock_trust import LONGEST_AHEAD, TOLERANCE, Evidence, better, is_plausible, judge
from appliance.core.plan import CLOCK_KNOWN_FROM

NOW = datetime(2026, 12, 24, 10, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("evidence", "by"),
    [
        (Evidence(NOW, 10, synchronised=True), "network"),
        (Evidence(NOW, 10, synchronised=True, mobile=NOW + DAY), "network"),
        (Evidence(NOW, 10, synchronised=True, last=NOW + DAY), "network"),
        (Evidence(NOW, 10, hardware_agrees=True), "hardware"),
        (Evidence(NOW, 10, hardware_agrees=True, mobile=NOW + DAY), "hardware"),
        (Evidence(NOW, 10, hardware_agrees=True, last=NOW + DAY), None),
        (Evidence(NOW, 10, mobile=NOW + MINUTE), "mobile"),
        (Evidence(NOW, 10, mobile=NOW - MINUTE), "mobile"),
        (Evidence(NOW, 999, mobile=NOW + DAY), None),  # behind, and nobody sets it
        (Evidence(NOW, 10, mobile=NOW - DAY), None),  # a module's own idea
        (Evidence(NOW, 999, mobile=NOW - DAY), "last"),
        (Evidence(NOW, 10), None),
        (Evidence(NOW, 299), None),
        (Evidence(NOW, 300), "last"),
        (Evidence(NOW, 300, last=NOW), "last"),
        (Evidence(NOW, 300, last=NOW - DAY), "last"),
        (Evidence(NOW, 300, last=NOW + DAY), None),
        (Evidence(NOW, 1e9), "last"),  # a server that was never switched off
        (Evidence(datetime(1970, 1, 1, 0, 1, tzinfo=UTC), 1e9, synchronised=True), None),
        (Evidence(CLOCK_KNOWN_FROM - MINUTE, 300), None),
    ],
)
def test_judge(evidence, by):
    assert judge(evidence) == by


@pytest.mark.parametrize(
    ("evidence", "to"),
    [
        (Evidence(NOW, 10, mobile=NOW + DAY), NOW + DAY),
        (Evidence(NOW, 10, last=NOW + DAY), NOW + DAY),
        (Evidence(NOW, 10, last=NOW + DAY, mobile=NOW + 2 * DAY), NOW + 2 * DAY),
        (Evidence(NOW, 10, last=NOW + 2 * DAY, mobile=NOW + DAY), NOW + 2 * DAY),
        (Evidence(NOW, 10, mobile=NOW + MINUTE), None),
        (Evidence(NOW, 10, mobile=NOW - DAY), None),
        (Evidence(NOW, 10, synchronised=True, mobile=NOW + DAY), None),
        (Evidence(NOW, 10, hardware_agrees=True, mobile=NOW + DAY), None),
        (Evidence(NOW, 10, mobile=NOW + LONGEST_AHEAD), None),
        (Evidence(NOW, 10), None),
        (Evidence(datetime(1970, 1, 1, tzinfo=UTC), 10, last=NOW), NOW),
    ],
)
def test_what_it_is_set_to(evidence, to):
    assert better(evidence) == to


def test_plausible():
    assert is_plausible(NOW)
    assert not any(is_plausible(datetime(year, 1, 6, tzinfo=UTC)) for year in (1980, 2000, 2004, 2070, 2080))


moments = st.integers(0, 10**9).map(lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))


@given(moments, st.floats(0, 1e6), st.booleans(), st.booleans(), st.none() | moments, st.none() | moments)
def test_it_is_never_set_back_and_setting_it_settles_it(wall, up, synchronised, hardware, mobile, last):
    evidence = Evidence(wall, up, synchronised, hardware, mobile, last)
    to = better(evidence)
    if to is not None:
        assert to > wall + TOLERANCE
        assert better(replace(evidence, wall=to)) is None
