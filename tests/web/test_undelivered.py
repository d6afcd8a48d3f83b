"""Why a message did not get out: each reason the engine's sources name has German words of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from appliance import courier
from appliance.core import outbox
from web import undelivered

ROOT = Path(undelivered.__file__).parents[1] / "appliance"


def raised():
    """What the sender may say, with something in place of what it puts in."""
    source = (ROOT / "notify_sender.py").read_text()
    told = re.findall(r'Refused\(\s*f?"([^"]+)"', source)
    assert len(told) > 8
    return [re.sub(r"\{[^}]*\}", "550 <b>% %(what)s", one) for one in told]


@pytest.mark.parametrize(
    "error",
    [
        *raised(), courier.NO_LINE, courier.NO_ROOM, courier.TOO_LATE, outbox.NOT_DELIVERED, outbox.LOST_REPLY,
        "the server does not answer", "the server took too long", "the number wants no texts", "no email is set up",
        "no webhook is set up", "cannot be sent now: Cannot allocate memory", "the sender failed (status -9)",
        "the modem did not ask for the text", "+CMS ERROR: 38", "+CME ERROR: 10", "ERROR",
    ],
)  # fmt: skip
def test_in_german(app, error):
    with app.test_request_context():
        said = undelivered.in_words(error)
    assert said != error
    assert not re.search(r"\b(the|server's|refuses|sent)\b", said)
    if "550" in error:
        assert "550 <b>% %(what)s" in said


@pytest.mark.parametrize("error", ["", None, "NO CARRIER", "%s %(what)s", "a" * 5000])
def test_what_nobody_knows_stays(app, error):
    with app.test_request_context():
        assert undelivered.in_words(error) == (error or "")
