"""What the simulated module does for each AT command, by subject. Importing this fills the table."""

from __future__ import annotations

from appliance.simulator.commands import calling, card, general, radio, services, sound, texting

__all__ = ["calling", "card", "general", "radio", "services", "sound", "texting"]
