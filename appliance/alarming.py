"""An alarm from somebody who is not the engine: into the outbox by every way there is, for the engine to send."""

from __future__ import annotations

import uuid
from datetime import datetime

from appliance.core import network_ways
from appliance.core.records import Message
from appliance.core.settings import Settings
from appliance.store.database import Store


def alarm(store: Store, settings: Settings, text: str, at: datetime) -> None:
    """Queue it for the owner. `at`: aware, now. Raises StoreError."""
    by_text = Message(uuid.uuid4().hex, "alarm", settings.business.owner_mobile, text, at)
    for message in (by_text, *network_ways.messages(settings.notify, "alarm", text, at)):
        store.queue_message(message)
