"""Signs of a machine."""

from datetime import UTC, datetime

import pytest

from appliance.core.mailbox import MailboxSigns
from appliance.core.records import Attempt, CallRecord

ANNA = "+491711111111"


def call(*seconds, number=ANNA, result="answered"):
    record = CallRecord(1, "office", datetime(2026, 11, 23, tzinfo=UTC))
    record.attempts = [Attempt("anna", number, "conference", result, one) for one in seconds]
    return record


@pytest.mark.parametrize(
    ("before", "seconds", "machine"),
    [
        ((), 0.4, True),  # the phone is off
        ((), 5.0, False),
        ((), 20.0, False),  # once is no habit
        ((20.1, 19.8), 20.2, True),
        ((20.1, 15.0), 20.2, False),
        ((4.0, 4.1, 3.9), 4.0, False),  # somebody quick is somebody
    ],
)
def test_answers_like_a_machine(before, seconds, machine):
    signs = MailboxSigns()
    signs.learn(call(*before))
    assert signs.looks_like_one(ANNA, seconds) is machine


def test_of_other_targets_and_unanswered_ones_nothing_is_learnt():
    signs = MailboxSigns()
    signs.learn(call(20.0, 20.0, number="+49301111111"))
    signs.learn(call(20.0, 20.0, result="no_answer"))
    assert not signs.looks_like_one(ANNA, 20.0)
