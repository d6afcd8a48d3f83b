"""When texts are tried, and that none is ever sent twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from appliance.core.outbox import GIVE_UP_AFTER, LONGEST_PAUSE, Outbox, Verdict, cms_verdict, note_report, pause_after
from appliance.core.records import Message

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def send(box, uid):
    """Hand it over, and let the modem ask for the body."""
    return box.hand_over(uid) and box.leaving(uid)


def text(uid: str, to: str = "+4915112345678", **changes) -> Message:
    return Message(uid=uid, kind="missed", to=to, text="x", created_at=NOON, **changes)


def outbox(*uids: str) -> Outbox:
    box = Outbox()
    for uid in uids:
        box.add(text(uid), 0.0)
    return box


@pytest.mark.parametrize(
    ("codes", "verdict"),
    [
        ((38, 41, 42, 47, 192, 314, 331, 332, 500, 512, 513, 615, 65535), Verdict.RETRY),
        ((None, 0, -1, 17, 21, 27, 111, 127, 300, 302, 320, 321, 340, 9999999), Verdict.RETRY),
        ((322,), Verdict.MEND_STORAGE),
        ((330,), Verdict.MEND_CENTRE),
        ((310, 311, 312, 313), Verdict.MEND_SIM),
        ((1, 8, 10, 28, 29, 30, 50, 69, 95, 96, 97, 304, 305), Verdict.FINAL),
    ],
)
def test_verdicts(codes, verdict):
    assert {cms_verdict(code) for code in codes} == {verdict}


def test_pauses():
    assert [pause_after(tries) for tries in range(1, 12)] == [5, 20, 60, 120, 300, 600, 1200, *[1800] * 4]
    pauses = []
    while (pause := pause_after(len(pauses) + 1)) is not None:
        pauses.append(pause)
    assert GIVE_UP_AFTER - LONGEST_PAUSE < sum(pauses) <= GIVE_UP_AFTER


def test_sent_at_once():
    box = outbox("a")
    due = box.next_due(0.0)
    assert due is not None
    leaving = send(box, due.uid)
    assert leaving is not None
    assert (leaving.state, leaving.tries, leaving.not_before) == ("sending", 1, None)
    sent = box.sent("a", NOON)
    assert sent is not None
    assert (sent.state, sent.sent_at, sent.error) == ("sent", NOON, None)
    assert (len(box), box.next_due(9e9), box.deadline()) == (0, None, None)


def test_one_at_a_time_oldest_first():
    box = outbox("a", "b")
    assert send(box, "a") is not None
    assert box.next_due(0.0) is None
    assert box.deadline() is None
    assert send(box, "b") is None
    box.sent("a", NOON)
    assert box.next_due(0.0) == text("b")


def test_a_refused_text_waits_and_lets_others_pass():
    box = outbox("a", "b")
    send(box, "a")
    refused = box.failed("a", "network out of order (38)", False, 0, 10.0, NOON)
    assert refused is not None
    assert (refused.state, refused.error, refused.tries) == ("queued", "network out of order (38)", 1)
    assert refused.not_before == NOON + timedelta(seconds=5)
    assert box.next_due(10.0) == text("b")
    send(box, "b")
    box.sent("b", NOON)
    assert box.next_due(14.9) is None
    assert box.deadline() == 15.0
    assert box.next_due(15.0) is refused


def test_the_older_one_goes_first_once_it_is_due_again():
    box = outbox("a", "b")
    send(box, "a")
    box.failed("a", "x", False, 0, 0.0, NOON)
    due = box.next_due(100.0)
    assert due is not None
    assert due.uid == "a"


def test_given_up_after_a_day_of_tries():
    box, now, tries = outbox("a"), 0.0, 0
    message = None
    while len(box):
        send(box, "a")
        message = box.failed("a", "congestion (42)", False, 0, now, NOON)
        now, tries = box.deadline() or now, tries + 1
    assert message is not None
    assert (message.state, message.error, message.not_before) == ("failed", "congestion (42)", None)
    assert tries == message.tries == 54
    assert 23 * 3600 < now <= 24 * 3600


def test_final_is_final():
    box = outbox("a", "b")
    send(box, "a")
    failed = box.failed("a", "number barred", True, 0, 0.0, NOON)
    assert failed is not None
    assert failed.state == "failed"
    assert box.load([text("a")], 0.0, NOON) == []
    assert len(box) == 1
    unsendable = box.failed("b", "no line can send texts", True, 0, 0.0, NOON)
    assert unsendable is not None
    assert (unsendable.state, unsendable.tries, len(box)) == ("failed", 0, 0)


def test_a_call_comes_first_and_costs_no_try():
    box = outbox("a")
    send(box, "a")
    message = box.deferred("a", 1)
    assert message is not None
    assert (message.state, message.tries, message.parts_sent) == ("queued", 0, 1)
    assert box.next_due(0.0) is message
    send(box, "a")
    again = box.failed("a", "x", False, 0, 0.0, NOON)
    assert again is not None
    assert again.parts_sent == 1, "a part that left is not sent again"
    assert box.deadline() == 5.0


def test_a_lost_answer_is_never_sent_again_but_may_come_late():
    box = outbox("a")
    send(box, "a")
    message = box.unknown("a")
    assert message is not None
    assert (message.state, len(box)) == ("unknown", 0)
    assert box.load([text("a")], 0.0, NOON) == []
    assert box.next_due(9e9) is None
    late = box.confirmed_late("a", NOON)
    assert late is not None
    assert (late.state, late.sent_at, late.error) == ("sent", NOON, None)
    assert box.confirmed_late("a", NOON) is None


@pytest.mark.parametrize(
    ("not_before", "due"),
    [
        (None, 100.0),
        (NOON - timedelta(days=9000), 100.0),
        (NOON, 100.0),
        (NOON + timedelta(seconds=90), 190.0),
        (NOON + timedelta(days=9000), 1900.0),
    ],
)
def test_after_a_restart(not_before, due):
    box = Outbox()
    stuck = text("stuck", state="sending", tries=1)
    changed = box.load([stuck, text("a", not_before=not_before, tries=3)], 100.0, NOON)
    assert [(message.uid, message.state) for message in changed] == [("stuck", "unknown")]
    assert box.deadline() == due
    assert box.next_due(due - 0.1) is None
    message = box.next_due(due)
    assert message is not None
    assert (message.uid, message.tries) == ("a", 3)


def test_what_another_process_queued_is_taken_once():
    box = outbox("a")
    send(box, "a")
    assert box.load([text("a", state="sending"), text("b")], 5.0, NOON) == []
    assert len(box) == 2
    box.sent("a", NOON)
    box.load([text("a"), text("b")], 5.0, NOON)
    assert len(box) == 1


@pytest.mark.parametrize(
    "step",
    [
        lambda box: send(box, "gone"),
        lambda box: box.sent("gone", NOON),
        lambda box: box.sent("waiting", NOON),
        lambda box: box.failed("gone", "x", False, 0, 0.0, NOON),
        lambda box: box.deferred("waiting", 0),
        lambda box: box.unknown("waiting"),
        lambda box: box.confirmed_late("waiting", NOON),
    ],
)
def test_events_that_come_too_late_change_nothing(step):
    box = outbox("waiting")
    assert step(box) is None
    assert box.next_due(0.0) == text("waiting")


def test_memory_does_not_grow():
    box = Outbox()
    for number in range(3000):
        box.add(text(str(number)), 0.0)
        send(box, str(number))
        box.unknown(str(number))
    assert len(box) == 0
    assert len(box._finished) <= 1000
    assert len(box._unknown) <= 20


class Sending(RuleBasedStateMachine):
    """Crashes and every answer in any order: no text leaves again after it was sent, failed or unknown."""

    def __init__(self) -> None:
        super().__init__()
        self.box, self.now, self.count = Outbox(), 0.0, 0
        self.saved: dict[str, Message] = {}
        self.flying: str | None = None

    def save(self, message: Message | None) -> None:
        assert message is not None
        self.saved[message.uid] = replace(message)

    @rule()
    def queue(self) -> None:
        self.count += 1
        self.save(self.box.add(text(str(self.count)), self.now))

    @rule(seconds=st.integers(0, 3600))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    @rule()
    def send(self) -> None:
        message = self.box.next_due(self.now)
        if message is not None:
            assert self.saved[message.uid].state == "queued"
            self.save(send(self.box, message.uid))
            self.flying = message.uid

    @precondition(lambda self: self.flying)
    @rule(answer=st.sampled_from(["sent", "refused", "final", "deferred", "unknown"]))
    def answer(self, answer: str) -> None:
        uid, self.flying = self.flying, None
        assert uid is not None
        if answer == "sent":
            self.save(self.box.sent(uid, NOON))
        elif answer == "deferred":
            self.save(self.box.deferred(uid, 0))
        elif answer == "unknown":
            self.save(self.box.unknown(uid))
        else:
            self.save(self.box.failed(uid, "x", answer == "final", 0, self.now, NOON))

    @rule(jump=st.integers(-20000, 20000))
    def crash(self, jump: int) -> None:
        self.box, self.now, self.flying = Outbox(), 0.0, None
        unfinished = [replace(m) for m in self.saved.values() if m.state in ("queued", "sending")]
        for message in self.box.load(unfinished, self.now, NOON + timedelta(days=jump)):
            self.save(message)

    @rule()
    def look_into_the_store(self) -> None:
        unfinished = [replace(m) for m in self.saved.values() if m.state in ("queued", "sending")]
        assert self.box.load(unfinished, self.now, NOON) == []

    @invariant()
    def every_waiting_text_comes_up(self) -> None:
        waiting = [m for m in self.saved.values() if m.state == "queued"]
        if waiting and self.flying is None:
            deadline = self.box.deadline()
            assert deadline is not None
            assert deadline <= self.now + LONGEST_PAUSE
            assert self.box.next_due(deadline) is not None


TestSending = Sending.TestCase


# --- held back ---------------------------------------------------------------------------------


def held(uid, hours):
    return text(uid, not_before=NOON + timedelta(hours=hours))


def test_a_text_held_back_is_due_when_its_time_comes():
    box = Outbox()
    box.add(held("u1", 7), 100.0)
    box.add(text("u2"), 100.0)
    assert box.next_due(100.0).uid == "u2"
    send(box, "u2")
    box.sent("u2", NOON)
    assert box.deadline() == 100.0 + 7 * 3600
    assert box.next_due(100.0 + 7 * 3600 - 1) is None
    assert box.next_due(100.0 + 7 * 3600).uid == "u1"


def test_held_back_over_a_restart():
    box = Outbox()
    box.load([held("u1", 7), held("u2", 9999), held("u3", -9999)], 0.0, NOON + timedelta(hours=6))
    assert box.next_due(0.0).uid == "u3"
    assert box.next_due(0.0, "alarm") is None
    box.failed("u3", "x", True, 0, 0.0, NOON)
    assert box.deadline() == 3600
    box.failed("u1", "x", True, 0, 0.0, NOON)
    assert box.deadline() == 24 * 3600, "at the most"


@pytest.mark.parametrize(("hours", "due"), [(-99999, 7 * 3600), (-1, 7 * 3600), (1, 6 * 3600), (99999, 10.0)])
def test_the_clock_was_set(hours, due):
    box = Outbox()
    box.add(held("u1", 7), 0.0)
    box.add(text("u2"), 0.0)
    send(box, "u2")
    box.failed("u2", "CMS 38", False, 0, 0.0, NOON)
    box.clock_was_set(10.0, NOON + timedelta(hours=hours, seconds=10))
    assert box.next_due(9.9, "missed").uid == "u2" if due > 10 else True
    box.failed("u2", "x", True, 0, 0.0, NOON)
    assert box.deadline() == pytest.approx(due, abs=11)


def test_a_kind_is_asked_for():
    box = outbox("u1")
    box.add(Message("u2", "briefing", "+4917012345678", "x", NOON), 0.0)
    assert box.next_due(0.0).uid == "u1"
    assert box.next_due(0.0, "briefing").uid == "u2"
    assert box.next_due(0.0, "alarm") is None


def test_cancelled_by_number():
    box = Outbox()
    for uid, to in (("u1", "+491"), ("u2", "+492"), ("u3", "+491")):
        box.add(text(uid, to), 0.0)
    send(box, "u3")
    (message,) = box.cancel("+491", "wants none")
    assert (message.uid, message.state, message.error) == ("u1", "failed", "wants none")
    assert box.sent("u3", NOON).state == "sent", "it had left"
    assert box.next_due(0.0).uid == "u2"
    assert box.knows("u1")
    assert not box.knows("u9")


# --- status reports ----------------------------------------------------------------------------


def test_a_report_finds_its_text():
    box = outbox("u1", "u2")
    for uid in ("u1", "u2"):
        send(box, uid)
        box.sent(uid, NOON, 7)
    assert box.reported(8, "+4915112345678") is None
    assert box.reported(7, "+49") is None
    message = box.reported(7, "+4915112345678")
    assert message.uid == "u2", "the last one"
    assert box.reported(7, "+4915112345678") is None


def test_a_report_about_one_confirmed_late():
    box = outbox("u1")
    send(box, "u1")
    box.unknown("u1")
    box.confirmed_late("u1", NOON, 9)
    assert box.reported(9, "+4915112345678").uid == "u1"


@pytest.mark.parametrize("state", ["queued", "sending", "failed", "delivered"])
def test_a_report_changes_only_what_was_sent(state):
    message = text("u1", state=state)
    assert not note_report(message, True, NOON)
    assert (message.state, message.delivered_at) == (state, None)


@pytest.mark.parametrize("state", ["sent", "unknown"])
def test_a_report_is_noted(state):
    message = text("u1", state=state, error="x")
    assert note_report(message, True, NOON)
    assert (message.state, message.delivered_at, message.error) == ("delivered", NOON, None)
    message = text("u2", state=state)
    assert note_report(message, False, NOON)
    assert (message.state, message.delivered_at) == ("failed", None)
