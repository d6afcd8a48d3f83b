"""Ringing current and caller ID on an analog line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from appliance.simulator.agenda import Due
from appliance.simulator.exchange_tones import RING_OFF, RING_ON
from appliance.simulator.network import Call
from appliance.simulator.numbers import COUNTRY

if TYPE_CHECKING:
    from appliance.simulator.subscriberline import SubscriberLine

BEFORE_FIRST_RING = 0.6
"""Seconds from a caller ID that comes before the first ring to that ring."""
AFTER_FIRST_RING = 0.8
"""Seconds from the end of the first ring to the caller ID (EN 300 659-1 wants 0.5 to 1.5)."""


class Bell:
    """Rings every device of a line, one second in five, until it is told to stop."""

    def __init__(self, line: SubscriberLine) -> None:
        self._line = line
        self._due: list[Due] = []
        self._rings = 0

    def begin(self, call: Call) -> None:
        """It rings for this call."""
        agenda, when = self._line.exchange.agenda, self._line.site.caller_id
        self._rings = 0
        delay = 0.0
        if when == "before":
            self._send_caller_id(call)
            delay = BEFORE_FIRST_RING
        self._due = [agenda.after(delay, self._ring)]
        if when == "after":
            self._due.append(agenda.after(RING_ON + AFTER_FIRST_RING, lambda: self._send_caller_id(call)))

    def _ring(self) -> None:
        self._rings += 1
        agenda = self._line.exchange.agenda
        self._due += [agenda.after(RING_ON + RING_OFF, self._ring), agenda.after(RING_ON, self._pause)]
        for device in list(self._line.devices):
            device.ring(True, self._rings)

    def _pause(self) -> None:
        self._due = [due for due in self._due if due.action is not None]
        for device in list(self._line.devices):
            device.ring(False, self._rings)

    def stop(self) -> None:
        """Somebody has lifted, or the caller is gone."""
        was = bool(self._due)
        for due in self._due:
            due.cancel()
        self._due = []
        if was:
            for device in list(self._line.devices):
                device.rings_over()

    def _send_caller_id(self, call: Call) -> None:
        shown = call.shown.e164 if call.shown is not None else None
        reason = "" if shown else ("P" if call.validity == 1 else "O")
        for device in self._line.devices:
            device.caller_id(_as_dialled(shown), reason, self._line.names.get(shown or ""))


def _as_dialled(shown: str | None) -> str | None:
    """As an exchange presents it on an analog line: what one would dial to call back."""
    if shown is None or not shown.startswith("+"):
        return shown
    home = f"+{COUNTRY}"
    return "0" + shown.removeprefix(home) if shown.startswith(home) else "00" + shown[1:]
