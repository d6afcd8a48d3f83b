"""Texts on their way, with a real store and lines that only take down what they are given."""

from datetime import UTC, datetime, timedelta

import pytest

from appliance.core import events
from appliance.core.records import Message
from tests.postal_world import ANNA, OWNER, FakeLine, House, with_messages

NOON = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)


@pytest.fixture
def house(tmp_path):
    house = House(tmp_path / "state", NOON)
    yield house
    house.store.close()


def queued_by_another_process(house, uid="u1", kind="test"):
    house.store.queue_message(Message(uid, kind, OWNER, f"text {uid}", house.wall))
    house.courier.load(house.store.unfinished(), house.now, house.wall)


def test_a_text_of_another_process(house):
    queued_by_another_process(house)
    house.run(1)
    assert house.line.texts == [(OWNER, "text u1")]
    assert house.store.messages()[0].state == "sent"


def test_texts_of_another_process_count_and_say_when_there_is_no_room(house):
    house.change(with_messages(at_most_per_day=3))
    for number in range(5):
        queued_by_another_process(house, f"u{number}")
    house.run(1)
    assert [message.state for message in reversed(house.store.messages())] == ["sent", "sent", *["failed"] * 3]
    assert house.store.messages()[0].error == "the day's limit of texts is reached"
    house.miss()
    house.run(1)
    assert "Tageslimit" in house.to(OWNER)[2]


def test_other_channels_are_left_alone(house):
    house.store.queue_message(Message("u1", "alarm", "a@example.de", "x", house.wall, channel="email"))
    house.courier.load(house.store.unfinished(), house.now, house.wall)
    house.run(5)
    assert house.line.texts == []
    assert house.store.messages()[0].state == "queued"


def test_a_briefing_goes_over_another_line_while_the_first_has_the_call(house):
    other = FakeLine("stick")
    house.line.takes_texts = False
    house.postroom.post("missed", OWNER, "later", house.now, house.wall)
    house.postroom.inform(ANNA, "Firma Huber ruft an", house.now, house.wall)
    house.courier.work(house.line, house.now, house.wall, [house.line, other])
    assert other.texts == [(ANNA, "Firma Huber ruft an")]
    house.courier.work(house.line, house.now, house.wall, [house.line, other])
    assert len(other.sent) == 1, "one at a time"
    house.courier.on_event(events.TextSent("stick", other.sent[0].uid), house.now, house.wall)
    house.run(30)
    assert house.line.texts == []
    house.line.takes_texts = True
    house.run(1)
    assert house.line.texts == [(OWNER, "later")]


def test_without_another_line_it_goes_after_the_call_if_that_is_soon(house):
    house.line.takes_texts = False
    house.postroom.inform(ANNA, "soon", house.now, house.wall)
    house.run(300)
    house.line.takes_texts = True
    house.run(1)
    assert house.to(ANNA) == ["soon"]
    house.line.takes_texts = False
    house.postroom.inform(ANNA, "too late", house.now, house.wall)
    house.run(700)
    house.line.takes_texts = True
    house.run(1)
    assert house.to(ANNA) == ["soon"]
    assert house.store.messages()[0].error == "too late to be of use"


def test_nobody_can_send(house):
    house.postroom.post("missed", OWNER, "x", house.now, house.wall)
    house.courier.work(None, house.now, house.wall)
    house.writer.flush(house.now)
    assert house.store.messages()[0].error == "no line can send texts"


# --- delivery reports --------------------------------------------------------------------------


def sent(house, reference, to=OWNER):
    house.reference = reference
    house.postroom.post("missed", to, "x", house.now, house.wall)
    house.run(1)


def report(house, reference, to=OWNER, delivered=True):
    house.courier.on_report(events.TextReport("office", reference, to, delivered), house.wall + timedelta(seconds=5))
    house.writer.flush(house.now)


def test_delivered(house):
    sent(house, 17)
    report(house, 18)
    report(house, 17, ANNA)
    assert house.store.messages()[0].state == "sent"
    report(house, 17)
    (message,) = house.store.messages()
    assert (message.state, message.delivered_at) == ("delivered", house.wall + timedelta(seconds=5))


def test_given_up_by_the_network(house):
    sent(house, 17)
    report(house, 17, delivered=False)
    (message,) = house.store.messages()
    assert (message.state, message.error) == ("failed", "the network could not deliver it")
    assert house.courier.recent.count(house.now) == 1, "it cost as much"
    report(house, 17)
    assert house.store.messages()[0].state == "failed"


def test_delivered_after_a_restart(house):
    sent(house, 17)
    house.restart(timedelta(hours=1))
    report(house, 17)
    assert house.store.messages()[0].state == "delivered"


def test_a_reference_that_came_round_again_means_the_last(house):
    sent(house, 17)
    sent(house, 17)
    report(house, 17)
    assert [message.state for message in house.store.messages()] == ["delivered", "sent"]


def test_a_report_about_nothing(house):
    report(house, 3)
    report(house, 3, None)
    house.postroom.post("missed", OWNER, "x", house.now, house.wall)
    report(house, 0)
    assert house.store.messages()[0].state == "queued"
