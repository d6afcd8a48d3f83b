"""How an analog modem prints who calls (V.253 10.2.3, +VCID=1), well or badly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.simulator.analog import AnalogModem

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
"""When the modem was made, by the clock of the port that sends date and time."""


def print_caller_id(modem: AnalogModem, number: str | None, reason: str, name: str | None) -> None:
    """As the port has sent it; `reason` P or O where there is no number."""
    style = modem.faults.caller_id
    if style == "withheld":
        number, reason, name = None, "P", None
    when = MONDAY + timedelta(seconds=modem.now - modem.made_at)
    fields = [("DATE", f"{when:%m%d}"), ("TIME", f"{when:%H%M}"), ("NMBR", number or reason)]
    if name is not None:
        fields.append(("NAME", name))
    equals = " = " if modem.family.spaced else "="
    lines = [f"{key}{equals}{value}" for key, value in fields]
    if style == "dirty":
        modem.emit(b"\r\nDATE = 11\xff3\r\n\x00\x7f\r\nTI\x90E=2015\r\nDDN_NMBR=\xe9\xe9\xe9\r\n")
        lines = [f"NMBR{equals}{number or reason} ", f"NAME = \xdc\x1b[31mM\xe4x\x07{name or ''}"]
    for _ in range(2 if style == "twice" else 1):
        modem.say(*lines)
