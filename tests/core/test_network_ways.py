"""Which ways there are over the network."""

from datetime import UTC, datetime

import pytest

from appliance.core import network_ways
from appliance.core.settings import Email, Notify

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MAIL = Email(to="meister@example.de", host="smtp.example.de")


@pytest.mark.parametrize(
    ("ways", "found"),
    [
        (Notify(), []),
        (Notify(email=MAIL), [("email", "meister@example.de")]),
        (Notify(webhook="https://u:p@ntfy.example:8443/secret#text"), [("webhook", "ntfy.example")]),
        (Notify(email=MAIL, webhook="http://[fe80::1]/x"), [("email", "meister@example.de"), ("webhook", "fe80::1")]),
    ],
)
def test_a_message_for_each_way(ways, found):
    messages = network_ways.messages(ways, "alarm", "Text", AT, AT)
    assert [(one.channel, one.to) for one in messages] == found
    assert {(one.kind, one.text, one.created_at, one.not_before) for one in messages} <= {("alarm", "Text", AT, AT)}
    assert len({one.uid for one in messages}) == len(found)
