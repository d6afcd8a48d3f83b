"""Alarms and summaries by e-mail and webhook, with a real store and a way that only takes down what it is given."""

import json
from datetime import UTC, datetime, time, timedelta

import msgspec
import pytest

from appliance.core.settings import Email, Line, Notify, Quiet
from appliance.notify import Words
from tests.postal_world import OWNER, SETTINGS, FakeNotifier, House, with_messages

NOON = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
MAIL = Email(to="meister@example.de", host="smtp.example.de")
BOTH = msgspec.structs.replace(SETTINGS, notify=Notify(email=MAIL, webhook="https://ntfy.example/secret"))
WAYS = [("email", "meister@example.de"), ("webhook", "ntfy.example")]


@pytest.fixture
def make(tmp_path):
    houses = []

    def build(settings=BOTH, wall=NOON):
        houses.append(House(tmp_path / str(len(houses)), wall, settings))
        return houses[-1]

    yield build
    for house in houses:
        house.store.close()


def alarm(house, cause="line_down", **how):
    house.postroom.alarm(cause, "office", house.now, house.wall, **how)
    house.run(3)


def test_an_alarm_goes_every_way(make):
    house = make()
    for _ in range(5):
        alarm(house)
    assert [(channel, to) for channel, to, _ in house.notifier.sent] == WAYS
    assert len(house.to(OWNER)) == 1
    assert {(one.channel, one.state) for one in house.store.messages()} == {
        ("sms", "sent"), ("email", "sent"), ("webhook", "sent"),
    }  # fmt: skip
    house.restart(timedelta(minutes=1))
    alarm(house)
    assert len(house.notifier.sent) == 2


def test_where_no_line_can_text_the_network_still_can(make):
    house = make()
    for _ in range(5):
        alarm(house, by_text=False)
    assert len(house.notifier.sent) == 2
    assert house.line.texts == []


def test_no_way_is_set_up(make):
    house = make(SETTINGS)
    alarm(house, by_text=False)
    alarm(house)
    assert house.notifier.sent == []
    assert len(house.to(OWNER)) == 1


def test_summaries_go_too_single_calls_do_not(make):
    house = make(with_messages(BOTH, missed="both"))
    house.miss()
    house.run(3)
    assert house.notifier.sent == []
    house.run(3600 * 5, 60)
    assert len(house.notifier.sent) == 2
    assert house.notifier.sent[0][2] == house.to(OWNER)[1]


def test_without_a_gsm_line_missed_calls_go_over_the_network(make):
    line = Line(name="office", kind="analog", forward_by=("flash",))
    house = make(msgspec.structs.replace(BOTH, line=(line,)))
    house.miss()
    house.run(3)
    assert len(house.notifier.sent) == 2
    assert "+491701234567" in house.notifier.sent[0][2]


def test_beyond_the_days_limit_calls_are_told_over_the_network(make):
    house = make(with_messages(BOTH, at_most_per_day=2))
    for number in range(4):
        house.miss(f"+4989777000{number}")
        house.run(130)
    assert len(house.line.texts) == 2
    mails = [text for channel, _, text in house.notifier.sent if channel == "email"]
    assert "Tageslimit" in mails[0]
    assert [f"+4989777000{number}" in mails[number] for number in (1, 2, 3)] == [True] * 3
    assert house.postroom.news.unheard() == set()


def test_quiet_hours_hold_for_these_too(make):
    night = Quiet(from_=time(12), to=time(14))
    house = make(with_messages(BOTH, quiet=night))
    alarm(house, "safety_net")
    assert house.notifier.sent == []
    house.run(5460, 10)
    assert len(house.notifier.sent) == 2


def test_tried_again(make):
    house = make(msgspec.structs.replace(SETTINGS, notify=Notify(email=MAIL)))
    house.notifier.answers = [(False, False, "the server does not answer"), (False, True, "refused")]
    alarm(house)
    (mail,) = (one for one in house.store.messages() if one.channel == "email")
    assert (mail.state, mail.error) == ("queued", "the server does not answer")
    house.run(10)
    (mail,) = (one for one in house.store.messages() if one.channel == "email")
    assert (mail.state, mail.error, mail.tries) == ("failed", "refused", 2)


def killed_after_it_left(make):
    """A house whose engine was killed while the server had the message, and the message."""
    house = make(msgspec.structs.replace(SETTINGS, notify=Notify(email=MAIL)))
    under_way(house)
    house.notifier.poll = lambda now: None
    house.turn()
    assert len(house.notifier.sent) == 1
    house.notifier = FakeNotifier()
    house.restart(timedelta(seconds=5))
    (message,) = (one for one in house.store.messages() if one.channel == "email")
    return house, message


def leave_word(house, message, **answer):
    word = {"ok": False, "final": False, "unknown": False, "error": "the server answers 503"} | answer
    Words(house.folder).path(message.uid).write_text(json.dumps(word))


def test_killed_while_one_is_under_way_it_is_not_sent_twice(make):
    """Nothing comes of it any more: its sender was killed, too."""
    house, _ = killed_after_it_left(make)
    house.run(80)
    assert mail_states(house) == ["sending"]
    house.run(30)
    assert house.notifier.sent == []
    assert mail_states(house) == ["unknown"]
    (mail,) = (one for one in house.store.messages() if one.channel == "email")
    assert mail.error == "the server never said whether it took it"


@pytest.mark.parametrize(
    ("answer", "state", "again"),
    [
        ({"ok": True}, "sent", 0),
        ({}, "sent", 1),
        ({"final": True}, "failed", 0),
        ({"unknown": True}, "unknown", 0),
    ],
)
def test_a_sender_outlives_its_engine_and_leaves_word(make, answer, state, again):
    house, message = killed_after_it_left(make)
    house.run(20)
    leave_word(house, message, **answer)
    house.run(60)
    assert (mail_states(house), len(house.notifier.sent)) == ([state], again)
    assert list(house.folder.glob("notified-*")) == []
    house.network.load(house.store.unfinished(), house.now, house.wall)
    house.restart(timedelta(seconds=5))
    house.run(100)
    assert (mail_states(house), len(house.notifier.sent)) == ([state], again)


def test_words_that_nobody_waits_for_and_those_that_are_none(make):
    house, message = killed_after_it_left(make)
    Words(house.folder).path(message.uid).write_text("{")
    (house.folder / "notified-0123.json").write_text("{}")
    (house.folder / "notified-0124.json.new").write_text("{}")
    house.restart(timedelta(seconds=5))
    assert [path.name for path in house.folder.glob("notified-*")] == [f"notified-{message.uid}.json"]
    house.run(100)
    assert mail_states(house) == ["unknown"]


def test_killed_before_it_could_leave_it_is_sent_afterwards(make):
    house = make(msgspec.structs.replace(SETTINGS, notify=Notify(email=MAIL)))
    house.notifier.server_there = False
    under_way(house)
    house.run(10)
    assert (house.notifier.sent, mail_states(house)) == ([], ["queued"])
    house.notifier = FakeNotifier()
    house.restart(timedelta(seconds=5))
    house.run(3)
    assert (len(house.notifier.sent), mail_states(house)) == (1, ["sent"])


def test_a_server_that_keeps_silent_is_not_asked_again(make):
    house = make(msgspec.structs.replace(SETTINGS, notify=Notify(email=MAIL)))
    house.notifier.answers = [(False, False, "the server never said whether it took it", True)]
    alarm(house)
    house.run(4000, 5)
    assert (len(house.notifier.sent), mail_states(house)) == (1, ["unknown"])
    (mail,) = (one for one in house.store.messages() if one.channel == "email")
    assert mail.error == "the server never said whether it took it"


def test_stopped_while_the_server_has_it(make):
    house = make(msgspec.structs.replace(SETTINGS, notify=Notify(email=MAIL)))
    under_way(house)
    house.notifier.go(house.now)
    house.network.stop(house.now, house.wall)
    house.writer.flush(house.now, force=True)
    assert mail_states(house) == ["sent"]


def under_way(house):
    house.postroom.alarm("line_down", "office", house.now, house.wall)
    house.turn()
    assert house.notifier.busy


def mail_states(house):
    return [one.state for one in house.store.messages() if one.channel == "email"]


def test_a_way_that_was_taken_out_of_the_settings(make):
    house = make()
    house.change(SETTINGS)
    alarm(house)
    assert house.notifier.sent == []
    house.network.stop(house.now, house.wall)
    assert house.notifier.stopped
