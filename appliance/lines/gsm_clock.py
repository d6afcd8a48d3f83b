"""What time is it, says the mobile network (NITZ, 22.042)? Asked only while nothing better knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.at import replies
from appliance.at.command import Command
from appliance.core import events
from appliance.lines.scripts import Script

if TYPE_CHECKING:
    from appliance.lines.gsm import GsmLine


def ask(line: GsmLine) -> Script:
    """Have the module keep its clock by the network's (27.007 8.40), read it, and tell it as NetworkTime."""
    clock = line.facts.profile.clock
    yield Command("AT+CTZU=1")
    reply = yield Command(clock.asks, prefixes=(clock.prefix,))
    at = next((at for text in reply.lines if (at := replies.network_time(text, clock.is_utc))), None)
    if at is not None:
        line.emit(events.NetworkTime(line.name, at))
