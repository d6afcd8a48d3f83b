"""What commands set in an analog modem and ATZ forgets."""

from __future__ import annotations

from dataclasses import dataclass, field

from appliance.simulator.analogfamilies import AnalogFamily


def _registers() -> dict[int, int]:
    """V.250 and Conexant: S6 wait before dialling, S7 for a carrier, S8 comma, S11 digit in ms, S29 flash in 10 ms."""
    return {0: 0, 1: 0, 2: 43, 3: 13, 4: 10, 5: 8, 6: 2, 7: 50, 8: 2, 9: 6, 10: 14, 11: 95, 12: 50, 29: 10, 30: 0}


@dataclass(slots=True)
class AnalogSettings:
    """`tone_time` in 10 ms, `inactivity` in tenths of a second, `silence` in seconds; gains: 128 is nominal."""

    echo: bool = True
    result_level: int = 4
    """ATX: 4 waits for dial tone and tells busy, 3 dials blind and tells busy, 2 the reverse, 0 and 1 neither."""
    fclass: int = 0
    source: int = 0
    """+VLS"""
    caller_id: int = 0
    country: str = "B5"
    extension: int = 0
    coding: int = 0
    """+VSM; 0 where none was chosen yet."""
    rate: int = 8000
    transmit_gain: int = 128
    receive_gain: int = 128
    silence: float = 5.0
    sensitivity: int = 128
    inactivity: int = 0
    tone_time: int = 100
    ringback_gone: int = 50
    ringback_never: int = 100
    values: dict[str, str] = field(default_factory=dict)
    """Of commands that are only remembered."""
    registers: dict[int, int] = field(default_factory=_registers)

    @classmethod
    def of(cls, family: AnalogFamily) -> AnalogSettings:
        """As a family comes out of its reset."""
        made = cls(inactivity=family.inactivity, tone_time=family.tone_time)
        made.coding = min(family.codings, default=0)
        return made
