"""When a prepaid card's end is told of."""

import datetime as dt

import pytest

from appliance.core import card

END = dt.date(2026, 12, 24)


@pytest.mark.parametrize(
    ("left", "due"),
    [(400, None), (31, None), (30, 30), (29, 30), (8, 30), (7, 7), (2, 7), (1, 1), (0, 0), (-1, 0), (-400, 0)],
)
def test_which_reminder_is_due(left, due):
    assert card.due(END, END - dt.timedelta(days=left)) == due


def test_in_words():
    assert card.in_words(END, "de") == "24.12.2026"
    assert card.in_words(END, "en") == "2026-12-24"
