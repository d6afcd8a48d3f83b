"""How far a message got: every state of the outbox has its word, and none says more than is known."""

from __future__ import annotations

import pytest

from appliance.core.outbox import LOST_ANSWER, NOT_DELIVERED
from appliance.core.records import Message
from appliance.store.changes import SaveMessage
from tests.web import sample
from web.delivery import fate

TO = "+4915112345678"


@pytest.mark.parametrize(
    ("became", "channel", "error", "kind", "word"),
    [
        ("queued", "sms", None, "busy", "wartet"),
        ("queued", "sms", "+CMS ERROR: 38", "careful", "wird wieder versucht"),
        ("sending", "sms", "+CMS ERROR: 38", "busy", "wird gesendet"),
        ("sent", "sms", None, "good", "dem Netz übergeben"),
        ("sent", "email", None, "good", "dem Mailserver übergeben"),
        ("sent", "webhook", None, "good", "dem Server übergeben"),
        ("delivered", "sms", None, "good", "zugestellt"),
        ("failed", "sms", NOT_DELIVERED, "bad", "nicht zugestellt"),
        ("failed", "sms", "+CMS ERROR: 38", "bad", "abgelehnt"),
        ("failed", "sms", "ERROR", "bad", "abgelehnt"),
        ("failed", "sms", "ERROR of our own", "bad", "nicht gesendet"),
        ("failed", "email", "the mail server refuses the recipient (550 no)", "bad", "abgelehnt"),
        ("failed", "webhook", "the webhook's server answers 403", "bad", "abgelehnt"),
        ("failed", "sms", "no line can send texts", "bad", "nicht gesendet"),
        ("failed", "sms", None, "bad", "nicht gesendet"),
        ("unknown", "sms", LOST_ANSWER, "careful", "vielleicht gesendet"),
        ("of a newer version", "sms", None, "careful", "nicht bekannt"),
    ],
)
def test_a_word_each(app, became, channel, error, kind, word):
    message = Message("a", "test", TO, "Test", sample.NOW, state=became, channel=channel, error=error)
    with app.test_request_context():
        found = fate(message)
    assert (found.kind, found.word) == (kind, word)


def test_nothing_goes_out_while_nobody_sends(client, store, state):
    store.write(SaveMessage(Message("a", "test", TO, "Test", sample.NOW)))
    assert "Der Anrufdienst läuft nicht" not in client.get("/texts/").text
    (state / "run" / "status.json").unlink()
    assert "Der Anrufdienst läuft nicht" in client.get("/texts/").text
