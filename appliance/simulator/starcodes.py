"""Diversions by keys: `*21*number#` sets one, `#21#` erases it, `*#21#` asks (ETS 300 738; 22.030 6.5.2)."""

from __future__ import annotations

import re

from appliance.simulator.network import IF_BUSY, NO_REPLY, UNCONDITIONAL, Diversion, Subscriber
from appliance.simulator.numbers import Number

REASONS = {"21": UNCONDITIONAL, "61": NO_REPLY, "67": IF_BUSY}
_CODE = re.compile(r"(\*#|\*|##|#)(\d\d)(?:\*([0-9]+)(?:\*(\d+))?)?#")


def begun(digits: str) -> bool:
    """It is a code, whole or not."""
    return digits[:1] in ("*", "#")


def complete(digits: str) -> bool:
    """Nothing more is to come."""
    return _CODE.fullmatch(digits) is not None


def obey(digits: str, subscriber: Subscriber) -> bool:
    """Set, erase or ask; False where the code is not understood, or asks for what is not active."""
    found = _CODE.fullmatch(digits)
    if found is None or found[2] not in REASONS:
        return False
    reason = REASONS[found[2]]
    match found[1]:
        case "*" if found[3]:
            seconds = min(30, max(5, int(found[4]))) if found[4] else 20
            subscriber.diversions[reason] = Diversion(Number.of(found[3]), seconds=seconds)
        case "*":
            if reason not in subscriber.diversions:
                return False
            subscriber.diversions[reason].active = True
        case "*#":
            return subscriber.diverts(reason) is not None
        case _:
            subscriber.diversions.pop(reason, None)
    return True
