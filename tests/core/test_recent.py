"""What counts within 24 hours, whatever the wall clock does."""

from datetime import UTC, datetime, timedelta

from appliance.core.recent import DAY, Recent
from appliance.core.records import Message

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def text(uid, at=NOON, **how):
    return Message(uid, how.pop("kind", "missed"), how.pop("to", "+4915112345678"), "x", at, **how)


def test_texts_count_for_a_day_of_running():
    recent = Recent()
    for second in (0, 10, 20):
        recent.note(text(f"u{second}"), second)
    assert recent.count(20) == 3
    assert recent.count(DAY - 1) == 3
    assert recent.count(DAY) == 2
    assert recent.count(DAY + 20) == 0


def test_one_that_failed_does_not_count():
    recent = Recent()
    failing = text("u1")
    recent.note(failing, 0)
    failing.state = "failed"
    assert recent.count(1) == 0
    assert recent.free_at(1, 1) == 1


def test_free_at():
    recent = Recent()
    for second in (0, 10, 20):
        recent.note(text(f"u{second}"), second)
    assert recent.free_at(4, 30) == 30
    assert recent.free_at(3, 30) == DAY
    assert recent.free_at(2, 30) == DAY + 10
    assert recent.free_at(1, 30) == DAY + 20


def test_last():
    recent = Recent()
    recent.note(text("u1", kind="reply", to="+491701"), 5)
    recent.note(text("u2"), 6)
    assert recent.last(lambda one: one.kind == "reply", 10) == 5
    assert recent.last(lambda one: one.kind == "alarm", 10) is None
    assert recent.last(lambda one: one.kind == "reply", DAY + 5) is None


def test_what_the_store_has_is_as_old_as_the_clock_says():
    recent = Recent()
    recent.load([text("new", NOON), text("old", NOON - timedelta(hours=23))], 1000.0, NOON + timedelta(minutes=30))
    assert recent.count(1000) == 2
    assert recent.count(1000 + 1800 + 1) == 1
    assert recent.count(1000 + DAY) == 0


def test_a_clock_that_wakes_up_in_the_past_frees_nothing_and_blocks_for_a_day_at_most():
    recent = Recent()
    stored = [text(f"u{hour}", NOON - timedelta(hours=hour)) for hour in range(40)]
    recent.load(stored, 0.0, datetime(1970, 1, 1, tzinfo=UTC))
    assert recent.count(0) == 24
    assert recent.count(DAY) == 0


def test_a_clock_that_wakes_up_in_the_future_has_forgotten():
    recent = Recent()
    recent.load([text("u1")], 0.0, NOON + timedelta(days=400))
    assert recent.count(0) == 0


def test_loading_twice_counts_once():
    recent = Recent()
    recent.note(text("u1"), 0.0)
    recent.load([text("u1"), text("u2")], 0.0, NOON)
    recent.load([], 0.0, NOON)
    assert recent.count(0) == 2
    assert recent.knows("u2")
    assert not recent.knows("u3")
