"""Signs of a machine."""

import pytest

from appliance.core.mailbox import MailboxSigns

ANNA = "+491711111111"


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
    for earlier in before:
        signs.answered(ANNA, earlier)
    assert signs.answered(ANNA, seconds) is machine


def test_of_other_targets_nothing_is_learnt():
    signs = MailboxSigns()
    for _ in range(3):
        signs.answered("+49301111111", 20.0)
    assert not signs.answered(ANNA, 20.0)
