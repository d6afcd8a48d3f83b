"""Faults on demand, by name: what real modules and networks were seen to do wrong.

A fault is a function of a modem; `apply` begins one at once, `when` at a moment such as `ring 2` or `command A`.
The names and their keyword parameters are what scenario files use; `FAULTS` lists those of GSM modules,
`ANALOG_FAULTS` those of analog modems and their lines.
"""

from __future__ import annotations

from appliance.simulator.faults import analog, calls, card, network, sound, texts, wire
from appliance.simulator.faults.book import ANALOG_FAULTS, FAULTS, Fault, Faulty, apply, check, when

__all__ = ["ANALOG_FAULTS", "FAULTS", "Fault", "Faulty", "analog", "apply", "calls", "card", "check", "network"]
__all__ += ["sound", "texts", "when", "wire"]
