"""The ways to the owner over the network: which there are, and a message for each."""

from __future__ import annotations

import uuid
from datetime import datetime
from urllib.parse import urlsplit

from appliance.core.records import Message
from appliance.core.settings import Notify

CHANNELS = frozenset({"email", "webhook"})


def messages(
    ways: Notify, kind: str, text: str, at: datetime, not_before: datetime | None = None
) -> tuple[Message, ...]:
    """This text once for each way, to be queued; () where there is none. `at`: now, aware."""
    return tuple(
        Message(uuid.uuid4().hex, kind, to, text, at, not_before=not_before, channel=channel)
        for channel, to in addresses(ways)
    )


def addresses(ways: Notify) -> tuple[tuple[str, str], ...]:
    """(channel, to); of a webhook only the host is shown, since its path may be a secret."""
    email = (("email", ways.email.to),) if ways.email else ()
    return email + ((("webhook", urlsplit(ways.webhook).hostname or ""),) if ways.webhook else ())
