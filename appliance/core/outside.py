"""The seam between the engine and the world: serial ports and clocks, real (`ports`) or simulated (`simulator`)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from appliance.core.sound import SoundEvent, SoundWish


class Port(Protocol):
    """An open serial port; neither call blocks."""

    path: str

    def read(self) -> bytes:
        """Bytes that have come, b"" if none. Raises PortLost."""

    def write(self, data: bytes) -> int:
        """Hand bytes over; returns how many were taken (fewer when the modem is not reading). Raises PortLost."""

    def begin_reset(self) -> None:
        """DTR low and BREAK on, for what wakes no other way; never raises."""

    def end_reset(self) -> None:
        """The end of that; never raises."""

    def close(self) -> None:
        """Give the port back; never raises."""


class UsbPower(Protocol):
    """Switches a USB port off and on: a wedged modem is unplugged without hands. One at a time."""

    def cycle(self, path: str, now: float) -> bool:
        """Begin with the port of this serial port; False where that is not possible."""

    def tick(self, now: float) -> bool:
        """Let time pass; True once it is over, or there was nothing to do."""


class Studio(Protocol):
    """Where sound is dealt with; see core/sound."""

    def wish(self, line: str, wish: SoundWish, port: Port | None = None) -> None:
        """A line's wish; `port`: with Open, the one the sound goes over. Never raises, never blocks."""

    def take_events(self) -> list[tuple[str, SoundEvent]]:
        """What was heard since last asked, with the line's name."""


class Outside(Protocol):
    """Clock, ports, sound and waiting."""

    @property
    def studio(self) -> Studio:
        """Where sound is dealt with; it begins when first asked for. `wait` returns when it has something to say."""

    @property
    def usb_power(self) -> UsbPower:
        """The switch of USB ports."""

    def now(self) -> float:
        """Monotonic seconds: the only time that decides anything."""

    def wall(self) -> datetime:
        """Aware UTC time, for naming things; it may jump by years."""

    def open(self, path: str, baudrate: int) -> Port:
        """Open a port for us alone. Raises PortLost with the reason."""

    def sibling(self, path: str, interface: int) -> str | None:
        """Another port of the same USB device: the one of this interface; None if there is none."""

    def candidates(self) -> list[str]:
        """Ports on which a modem might be, the likeliest first."""

    def wait(self, ports: Collection[Port], until: float | None) -> None:
        """Return once a port has something to read, `until` (monotonic) has come, or somebody called for us."""
