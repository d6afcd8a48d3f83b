"""What an exchange says without words, in Germany (ITU-T E.180 supplement 2; TR 110-1)."""

from __future__ import annotations

from appliance.simulator.sounds import Cadence, Sound, Tone

HERTZ = 425.0
LEVEL = -13.0

CADENCES: dict[str, tuple[tuple[float, float], ...]] = {
    "busy": ((HERTZ, 0.48), (0.0, 0.48)),
    "congestion": ((HERTZ, 0.24), (0.0, 0.24)),
    "ringback": ((HERTZ, 1.0), (0.0, 4.0)),
    "sit": ((950.0, 0.33), (1400.0, 0.33), (1800.0, 0.33), (0.0, 1.0)),
    "waiting": ((HERTZ, 0.2), (0.0, 0.2), (HERTZ, 0.2), (0.0, 5.0)),
}
"""(Hz, seconds) in turn; 0 Hz is a pause. `waiting`: somebody else calls."""

RING_ON, RING_OFF = 1.0, 4.0
"""Seconds of the ringing current."""


def tone(name: str, begin: float, level: float = LEVEL) -> Sound:
    """`dial`, or one of CADENCES, from a moment on."""
    if name == "dial":
        return Tone((HERTZ,), level, begin)
    return Cadence(CADENCES[name], level, begin)
