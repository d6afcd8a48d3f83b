"""What the page asks of the engine, and what it answers, through the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from appliance.core.requests import CHECK_DIVERSIONS, FORGOTTEN_AFTER, LOOK_FOR_MODEMS, RESTART
from appliance.store.database import Store
from appliance.store.requests import KEPT, AnswerRequest

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path / "state", create=True) as opened:
        yield opened


def test_a_request_waits_until_it_is_answered(store, tmp_path):
    number = store.ask(CHECK_DIVERSIONS, {"line": "Büro"}, NOON)
    with Store.open(tmp_path / "state") as engine:
        (asked,) = engine.unanswered()
        assert (asked.kind, asked.payload, asked.asked_at, asked.answer) == (
            CHECK_DIVERSIONS, {"line": "Büro"}, NOON, None,
        )  # fmt: skip
        engine.write(AnswerRequest(asked.id, {"diversions": {}}, NOON + timedelta(seconds=3)))
        assert engine.unanswered() == []
    found = store.request(number)
    assert (found.answer, found.answered_at) == ({"diversions": {}}, NOON + timedelta(seconds=3))


def test_the_first_answer_counts(store):
    number = store.ask(RESTART, {}, NOON)
    for answer in ({"ok": True}, {"ok": False}):
        store.write(AnswerRequest(number, answer, NOON))
    assert store.request(number).answer == {"ok": True}


def test_requests_come_oldest_first_and_old_ones_are_forgotten(store):
    numbers = [store.ask(LOOK_FOR_MODEMS, {"n": n}, NOON) for n in range(KEPT + 5)]
    assert [one.id for one in store.unanswered()] == numbers[5:]
    assert store.request(numbers[0]) is None


@pytest.mark.parametrize(
    ("passed", "forgotten"),
    [
        (timedelta(0), False),
        (FORGOTTEN_AFTER, False),
        (FORGOTTEN_AFTER + timedelta(seconds=1), True),
        (timedelta(seconds=-1), True),  # the clock was put back: it may be years old
    ],
)
def test_nobody_waits_for_ever(store, passed, forgotten):
    store.ask(RESTART, {}, NOON)
    assert store.unanswered()[0].is_forgotten(NOON + passed) is forgotten
