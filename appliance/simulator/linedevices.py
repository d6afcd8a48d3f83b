"""What hangs on an analog line: a modem, or a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from appliance.simulator.ears import Ear
from appliance.simulator.sounds import Samples, Sound, Speech

if TYPE_CHECKING:
    from appliance.simulator.subscriberline import SubscriberLine


class LineDevice(Protocol):
    """A modem or a phone on the wires."""

    name: str

    def ring(self, on: bool, count: int) -> None:
        """Ringing current begins or ends; `count` bursts so far."""

    def caller_id(self, number: str | None, reason: str, name: str | None) -> None:
        """The port sends who calls; None for the `reason` P (withheld) or O (unavailable)."""

    def rings_over(self) -> None:
        """It will not ring again: the caller is gone, or somebody has lifted."""

    def neighbour(self, lifted: bool) -> None:
        """Another device on the wires has lifted or put down."""

    def loop_break(self, seconds: float) -> None:
        """The port cuts the loop for so long."""

    def sound(self, start: float, count: int, step: float) -> Samples:
        """What the device puts on the wires."""

    def hears(self, start: float, samples: Samples, step: float) -> None:
        """What a modem on the wires hears; for phones."""


class ParallelPhone:
    """A phone on the same wires: it rings, too; somebody can lift it at any time."""

    def __init__(self, line: SubscriberLine, name: str = "parallel phone") -> None:
        self.name = name
        self.line = line
        self.voice: Sound = Speech(77, -10.0)
        self.rings = 0
        self.ear: Ear | None = None
        line.attach(self)

    def lift(self) -> None:
        """Somebody answers, or is about to dial, or listens in."""
        self.line.lift(self)

    def put_down(self) -> None:
        """And puts it down."""
        self.line.put_down(self)

    def ring(self, on: bool, count: int) -> None:
        """Its bell."""
        self.rings = count

    def caller_id(self, number: str | None, reason: str, name: str | None) -> None:
        """No display."""

    def rings_over(self) -> None:
        """Quiet again."""

    def neighbour(self, lifted: bool) -> None:
        """Nothing a phone would notice."""

    def loop_break(self, seconds: float) -> None:
        """A click."""

    def sound(self, start: float, count: int, step: float) -> Samples:
        """Whoever holds it speaks."""
        return self.voice.samples(start, count, step)

    def hears(self, start: float, samples: Samples, step: float) -> None:
        """Listens."""
        if self.ear is not None:
            self.ear.hear(start, samples, step)
