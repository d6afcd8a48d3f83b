"""Loops and bills."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.core.guard import GIVEN_AWAY_UNHEARD, HOUR, MOST_CALLERS, Guard

CALLER, TARGET, OWN, OTHER = "+491701234567", "+49301111111", "+498912345", "+498977777"


@pytest.fixture
def guard():
    forwarding = Guard()
    forwarding.begin("office", CALLER, TARGET)
    return forwarding


@pytest.mark.parametrize(
    ("number", "loop"), [(CALLER, True), (TARGET, True), (OWN, True), (OTHER, False), (None, False)]
)
def test_what_comes_back_while_a_call_is_forwarded(guard, number, loop):
    assert guard.is_loop(number, {OWN}, 1.0) is loop


@pytest.mark.parametrize("number", [CALLER, TARGET, OWN, OTHER, None])
def test_no_call_is_a_loop_while_nothing_is_forwarded(guard, number):
    guard.end("office", 5.0)
    assert not guard.is_loop(number, {OWN}, 5.0)
    assert not Guard().is_loop(number, {OWN}, 5.0)


def test_a_loop_may_come_back_by_another_line(guard):
    guard.begin("stick", OTHER, "+49302222222")
    guard.end("stick", 2.0)
    assert guard.is_loop(CALLER, (), 3.0)
    assert not guard.is_loop(OTHER, (), 3.0)


def test_a_withheld_caller_is_in_no_loop_with_another(guard):
    guard.begin("office", None, TARGET)
    assert not guard.is_loop(None, {OWN}, 1.0)
    assert guard.is_loop(TARGET, {OWN}, 1.0)


def test_a_call_given_away_unheard_may_still_come_back(guard):
    guard.end("office", 100.0, unheard=True)
    assert guard.is_loop(CALLER, (), 100.0 + GIVEN_AWAY_UNHEARD - 0.1)
    assert not guard.is_loop(CALLER, (), 100.0 + GIVEN_AWAY_UNHEARD)
    guard.end("nobody", 0.0, unheard=True)


def test_so_many_calls_an_hour():
    guard = Guard()
    for number in range(6):
        assert guard.may_forward(CALLER, 6, number * 60.0)
        guard.forwarded(CALLER, number * 60.0)
    assert not guard.may_forward(CALLER, 6, 301.0)
    assert not guard.may_forward(CALLER, 6, HOUR - 0.1)
    assert guard.may_forward(OTHER, 6, 301.0)
    assert guard.may_forward(None, 6, 301.0)
    assert guard.may_forward(CALLER, 6, HOUR)
    assert guard.may_forward(CALLER, 7, 301.0)


def test_none_an_hour():
    assert not Guard().may_forward(CALLER, 0, 0.0)


@given(st.lists(st.floats(0, 50_000), max_size=60).map(sorted), st.integers(1, 8))
def test_never_more_than_that_within_any_hour(times, at_most):
    guard = Guard()
    done = []
    for now in times:
        if guard.may_forward(CALLER, at_most, now):
            guard.forwarded(CALLER, now)
            done.append(now)
    for index, end in enumerate(done):
        assert sum(end - HOUR < time <= end for time in done[: index + 1]) <= at_most


def test_what_is_remembered_is_bounded():
    guard = Guard()
    for number in range(MOST_CALLERS * 2):
        guard.forwarded(f"+{number}", float(number))
        guard.forwarded(CALLER, float(number))
    assert len(guard._times) <= MOST_CALLERS
    assert not guard.may_forward(CALLER, 6, MOST_CALLERS * 2.0)


def test_only_the_last_hour_is_remembered():
    guard = Guard()
    for minute in range(600):
        guard.forwarded(CALLER, minute * 60.0)
        guard.forwarded(f"+{minute}", minute * 60.0)
    assert len(guard._times[CALLER]) == 60
    assert len(guard._times) == 61
    guard.forwarded(None, 600 * 60.0 + HOUR)
    assert list(guard._times) == [None]


def test_once_the_target_has_answered_no_loop_can_begin(guard):
    guard.begin("stick", OTHER, "+49302222222")
    guard.connected("office")
    assert not guard.is_loop(CALLER, (), 1.0)
    assert guard.is_loop(OTHER, (), 1.0)
    guard.connected("nobody")
