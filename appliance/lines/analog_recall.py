"""Who rings as soon as we have hung up on two whom the exchange should have connected: the same caller, or the next.

An exchange that has connected nobody gives the held party back by ringing (ETSI TS 183 029, recall), with his number,
the target's, or none.
"""

from __future__ import annotations

from msgspec import Struct, field

from appliance.at import callerid
from appliance.at.callerid import Caller, Said
from appliance.lines.analog_facts import AnalogConfig

RECALL_WITHIN = 4.0
"""Seconds after hanging up in which such an exchange has rung, and the modem told of it, as many do at a ring's end."""
NUMBER_WITHIN = 2.5
"""Seconds after that ring in which a caller ID has come (EN 300 659-1: within 2 s)."""


class RungAgain(Struct):
    """What has come since we hung up. `at`: when it rang first."""

    at: float | None = None
    said: list[Said] = field(default_factory=list)

    def who(self, config: AnalogConfig) -> Caller:
        """What is known of whoever rings."""
        caller = Caller()
        for one in self.said:
            caller = callerid.add(caller, one, config.dial_plan, config.our_numbers)
        return caller

    def is_recall(self, had: Caller, is_known: bool, config: AnalogConfig) -> bool:
        """It rang, and nothing speaks for another caller than the one we had.

        is_known: all has come that the network says of him; else a number may well be his.
        """
        ours = {None, had.number, *config.our_numbers}
        return self.at is not None and (not is_known or self.who(config).number in ours)
