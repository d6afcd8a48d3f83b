"""What can sit at a serial port: a simulated module, or something that is no modem at all."""

from __future__ import annotations

from typing import Protocol

from appliance.simulator.network import Exchange


class Socket(Protocol):
    """Where a device is plugged in: a pseudo-terminal, or a name in a `FastWorld`."""

    def unplug(self) -> None:
        """Pull the plug."""

    def plug_in(self, name: str | None = None) -> None:
        """Plug it in again, under the same or another name."""


ROOMY = 1 << 30
"""Octets a device takes that never makes its host wait."""


class Simple:
    """What a device does not care about: flow control, who has its port open, its control lines."""

    def room(self) -> int:
        """How many octets it takes now."""
        return ROOMY

    def opened(self, baudrate: int) -> None:
        """The host has opened the port at this speed."""

    def closed(self) -> None:
        """The host has closed the port: DTR drops."""

    def reset_line(self) -> None:
        """BREAK, and DTR low for a second."""


class Device(Protocol):
    """Bytes in, bytes out, no I/O."""

    name: str
    socket: Socket | None

    def room(self) -> int:
        """How many octets it takes now."""

    def opened(self, baudrate: int) -> None:
        """The host has opened the port at this speed."""

    def closed(self) -> None:
        """The host has closed the port: DTR drops."""

    def reset_line(self) -> None:
        """BREAK, and DTR low for a second."""

    @property
    def has_output(self) -> bool:
        """Whether `take_output` would give anything."""

    def receive(self, data: bytes, now: float) -> None:
        """Bytes from the host, at this time."""

    def take_output(self) -> bytes:
        """What it has said since the last time."""

    def unplug(self) -> None:
        """The power is gone."""

    def plug_in(self) -> None:
        """Power again."""


class OtherDevice(Simple):
    """No modem: it says `says` every so many seconds (b"": nothing ever) and answers nothing. `heard` keeps all."""

    def __init__(self, exchange: Exchange, name: str, says: bytes = b"", every: float = 1.0) -> None:
        self.name = name
        self.socket: Socket | None = None
        self.heard = bytearray()
        self._exchange = exchange
        self._says = says
        self._every = every
        self._out = bytearray()
        self._powered = True
        if says:
            exchange.agenda.after(every, self._speak)

    def _speak(self) -> None:
        if self._powered:
            self._out += self._says
            del self._out[:-65536]
        self._exchange.agenda.after(self._every, self._speak)

    @property
    def has_output(self) -> bool:
        """Whether it has said anything since."""
        return bool(self._out)

    def receive(self, data: bytes, now: float) -> None:
        """Hears, and that is all."""
        self._exchange.advance(now)
        self.heard += data

    def take_output(self) -> bytes:
        """What it said."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def unplug(self) -> None:
        """No power."""
        self._powered = False
        self._out.clear()

    def plug_in(self) -> None:
        """Power again."""
        self._powered = True
