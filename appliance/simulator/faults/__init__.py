"""Faults on demand, by name: what real modules and networks were seen to do wrong.

A fault is a function of a module; `apply` begins one at once, `when` at a moment such as `ring 2` or `command A`.
The names and their keyword parameters are what scenario files use; `FAULTS` lists them.
"""

from __future__ import annotations

from appliance.simulator.faults import calls, card, network, texts, wire
from appliance.simulator.faults.book import FAULTS, Fault, apply, check, when

__all__ = ["FAULTS", "Fault", "apply", "calls", "card", "check", "network", "texts", "when", "wire"]
