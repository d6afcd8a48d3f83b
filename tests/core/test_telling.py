"""When the owner hears of missed calls."""

from datetime import UTC, datetime, time, timedelta

import pytest

from appliance.core.records import CallRecord
from appliance.core.settings import Messages, Quiet
from appliance.core.telling import COLLECT, MOST_CALLS, News

ZONE = "Europe/Berlin"
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # 12:00 in Berlin
AT_ONCE = Messages(missed="at-once")
DIGEST = Messages(missed="digest", digest_at=(time(12), time(17)))
BOTH = Messages(missed="both", digest_at=(time(12), time(17)))


def call(number, at=NOON, **how):
    return CallRecord(number, "office", at, caller="+4917012345678", outcome="missed", **how)


class Day:
    """A day of calls: seconds since its begin, which is 12:30 in Berlin unless told otherwise."""

    def __init__(self, messages, begin=NOON + timedelta(minutes=30)):
        self.news, self.messages, self.wall, self.now = News(), messages, begin, 0.0
        self.told = []
        self.look()

    def pass_time(self, seconds, step=1.0):
        for _ in range(round(seconds / step)):
            self.now += step
            self.wall += timedelta(seconds=step)
            self.look()

    def look(self):
        if due := self.news.due(self.messages, ZONE, self.now, self.wall):
            self.news.told(due, self.messages, self.now)
            self.told.append((due.kind, [record.id for record in due.calls], round(self.now)))

    def miss(self, number):
        self.news.add(call(number, self.wall), self.messages)
        self.look()


def test_a_text_of_others_to_the_owner_begins_the_collecting():
    day = Day(AT_ONCE)
    day.news.collect(day.now)
    day.miss(1)
    day.pass_time(COLLECT - 1)
    assert day.told == []
    day.pass_time(1)
    assert day.told == [("missed", [1], COLLECT)]


def test_the_first_at_once_more_of_two_minutes_in_one():
    day = Day(AT_ONCE)
    day.miss(1)
    assert day.told == [("missed", [1], 0)]
    day.pass_time(30)
    day.miss(2)
    day.pass_time(30)
    day.miss(3)
    day.pass_time(200)
    assert day.told[1:] == [("missed", [2, 3], COLLECT)]
    day.miss(4)
    day.pass_time(1)
    assert day.told[2:] == [("missed", [4], 260)]


def test_a_collected_text_opens_two_minutes_of_its_own():
    day = Day(AT_ONCE)
    day.miss(1)
    day.pass_time(100)
    day.miss(2)
    day.pass_time(30)
    day.miss(3)
    day.pass_time(300)
    assert day.told == [("missed", [1], 0), ("missed", [2], 120), ("missed", [3], 240)]


def test_off():
    day = Day(Messages(missed="off"))
    day.miss(1)
    day.pass_time(86400, 60)
    assert day.told == []
    assert len(day.news) == 0


def test_digests():
    day = Day(DIGEST)
    day.miss(1)
    day.miss(2)
    day.pass_time(16200 - 1)
    assert day.told == []
    day.pass_time(1)
    assert day.told == [("digest", [1, 2], 16200)]  # at 17:00
    day.pass_time(86400, 30)
    assert len(day.told) == 1, "nothing new, no digest"
    day.miss(3)
    day.pass_time(86400, 30)
    assert day.told[1][:2] == ("digest", [3])


def test_both():
    day = Day(BOTH)
    day.miss(1)
    day.pass_time(60)
    day.miss(2)
    day.pass_time(20000)
    day.miss(3)
    assert [told[:2] for told in day.told] == [("missed", [1]), ("missed", [2]), ("digest", [1, 2]), ("missed", [3])]


def test_what_is_done_is_in_no_digest():
    day = Day(BOTH)
    for number in (1, 2, 3):
        day.miss(number)
    day.pass_time(130)
    day.news.closed([1, 3])
    day.pass_time(16200)
    assert day.told[-1][:2] == ("digest", [2])
    day.miss(4)
    day.news.closed([4])
    day.pass_time(86400, 30)
    assert day.told[-1][1] == [4], "at once"
    assert [told[0] for told in day.told].count("digest") == 1


def test_another_process_closes():
    day = Day(DIGEST)
    for number in (1, 2, 3):
        day.miss(number)
    day.news.keep_only([2])
    day.pass_time(16200)
    assert day.told == [("digest", [2], 16200)]


def test_quiet_hours_end_in_one_text():
    night = Messages(quiet=Quiet(from_=time(22), to=time(6)))
    day = Day(night, NOON + timedelta(hours=10, minutes=30))  # 22:30
    for number in range(1, 6):
        day.miss(number)
        day.pass_time(600)
    assert day.told == []
    assert day.news.unheard() == {1, 2, 3, 4, 5}
    day.pass_time(27000)
    assert day.told == [("missed", [1, 2, 3, 4, 5], 27000)]  # at 06:00


def test_a_digest_time_within_quiet_hours_waits_for_their_end():
    night = Messages(missed="both", digest_at=(time(23), time(5)), quiet=Quiet(from_=time(22), to=time(6)))
    day = Day(night, NOON + timedelta(hours=9, minutes=50))  # 21:50
    day.miss(1)
    day.pass_time(1200)
    day.miss(2)
    day.pass_time(40000)
    assert day.told == [("missed", [1], 0), ("digest", [1, 2], 29400)]


# --- a clock that jumps ------------------------------------------------------------------------


@pytest.mark.parametrize("years", [-30, -1, 1, 30])
def test_a_jump_sends_one_digest_at_most_and_blocks_none(years):
    day = Day(DIGEST)
    day.miss(1)
    day.miss(2)
    day.wall += timedelta(days=365 * years)
    day.pass_time(1)
    assert len(day.told) == (years > 0)
    day.miss(3)
    day.pass_time(86400, 10)
    assert [number for _, calls, _ in day.told for number in calls] == [1, 2, 3]
    assert len(day.told) <= 2


@pytest.mark.parametrize("years", [-30, -1, 1, 30])
def test_a_jump_within_quiet_hours_keeps_nothing_for_ever(years):
    night = Messages(quiet=Quiet(from_=time(22), to=time(6)))
    day = Day(night, NOON + timedelta(hours=10, minutes=30))
    day.miss(1)
    day.wall += timedelta(days=365 * years, hours=-3)
    day.miss(2)
    day.pass_time(86400, 10)
    assert [number for _, calls, _ in day.told for number in calls] == [1, 2]
    assert len(day.told) <= 2


def test_two_minutes_are_not_the_wall_clocks():
    day = Day(AT_ONCE)
    day.miss(1)
    day.wall += timedelta(hours=1)
    day.miss(2)
    day.pass_time(119)
    assert len(day.told) == 1
    day.pass_time(1)
    assert len(day.told) == 2


# --- after a restart ---------------------------------------------------------------------------


def loaded(messages, records, wall):
    news = News()
    news.load(records, messages, ZONE, wall)
    return news


def test_what_was_not_told_is_told():
    news = loaded(AT_ONCE, [call(2), call(1), call(3, told_at=NOON)], NOON)
    assert [record.id for record in news.due(AT_ONCE, ZONE, 0.0, NOON).calls] == [1, 2]


def test_a_digest_whose_time_came_while_the_box_was_off_is_made_up_for():
    eleven, one = NOON - timedelta(hours=1), NOON + timedelta(hours=1)
    assert loaded(DIGEST, [call(1, eleven)], one).due(DIGEST, ZONE, 0.0, one).kind == "digest"
    assert loaded(DIGEST, [call(1, one)], one + timedelta(minutes=1)).due(DIGEST, ZONE, 0.0, one) is None


def test_in_both_the_next_digest_has_what_was_told_since_the_last():
    one = NOON + timedelta(hours=1)
    records = [call(1, NOON - timedelta(hours=2), told_at=NOON), call(2, one, told_at=one)]
    news = loaded(BOTH, records, one)
    assert news.due(BOTH, ZONE, 0.0, one) is None
    assert [r.id for r in news.due(BOTH, ZONE, 9.0, one + timedelta(hours=5)).calls] == [2]


def test_more_than_anybody_reads_is_not_remembered():
    news = News()
    for number in range(MOST_CALLS + 10):
        news.add(call(number), DIGEST)
    assert len(news) == MOST_CALLS
    assert min(news.unheard()) == 10
