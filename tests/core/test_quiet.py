"""Quiet hours."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core import quiet
from appliance.core.settings import Quiet

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Quiet(from_=time(22), to=time(6))
NOON = Quiet(from_=time(12), to=time(14, 30))


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("hours", "at", "end"),
    [
        (None, "2026-11-23T03:00", None),
        (NIGHT, "2026-11-23T21:59:59", None),
        (NIGHT, "2026-11-23T22:00", "2026-11-24T06:00"),
        (NIGHT, "2026-12-31T23:59:59", "2027-01-01T06:00"),
        (NIGHT, "2026-11-24T00:00", "2026-11-24T06:00"),
        (NIGHT, "2026-11-24T05:59:59", "2026-11-24T06:00"),
        (NIGHT, "2026-11-24T06:00", None),
        (NOON, "2026-11-24T11:59:59", None),
        (NOON, "2026-11-24T12:00", "2026-11-24T14:30"),
        (NOON, "2026-11-24T14:30", None),
        (NIGHT, "2026-03-28T23:00", "2026-03-29T06:00"),  # the clock is put forward
        (NIGHT, "2026-10-24T23:00", "2026-10-25T06:00"),  # and back
    ],
)
def test_end(hours, at, end):
    found = quiet.end(hours, local(at))
    assert found == (local(end) if end else None)


def test_the_night_of_a_clock_change_is_an_hour_shorter_or_longer():
    for day, hours in (("2026-03-28", 7), ("2026-10-24", 9)):
        begin = local(f"{day}T22:00").astimezone(UTC)
        assert quiet.end(NIGHT, begin.astimezone(BERLIN)).astimezone(UTC) - begin == timedelta(hours=hours)


clock = st.times(timezones=st.none())


@given(clock, clock, st.datetimes(datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2040-01-01")))
def test_they_end_within_a_day_and_are_over_then(begin, to, at):
    hours = Quiet(from_=begin, to=to)
    now = at.replace(tzinfo=UTC).astimezone(BERLIN)
    end = quiet.end(hours, now)
    if end is not None:
        assert timedelta(0) < end.astimezone(UTC) - now.astimezone(UTC) <= timedelta(hours=25)
        assert quiet.end(hours, end) is None
