"""What the wiring needs of a line, of whichever kind. Sans-I/O: bytes, actions, sound and the time in; the same out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from msgspec import Struct

from appliance.core import actions, events
from appliance.core.sound import SoundEvent, SoundWish


class Diversion(Protocol):
    """One diversion as `status` shows it. `when`: always, busy, no_reply or unreachable; `to`: E.164."""

    @property
    def when(self) -> str: ...
    @property
    def to(self) -> str | None: ...
    @property
    def confirmed(self) -> bool: ...
    @property
    def ours(self) -> bool: ...


class Shown(Struct, frozen=True):
    """What `status` shows of a line besides its state. `notes`: codes of core/problems for what is worth knowing."""

    operator: str | None = None
    registered: bool = False
    signal_dbm: int | None = None
    sim: str = "none"
    can: Sequence[str] = ()
    diversions: Sequence[Diversion] = ()
    notes: Sequence[str] = ()
    model: str | None = None


class Driver(Protocol):
    """One modem, from an open port to calls taken."""

    kind: str
    name: str
    lost: str | None
    """Why the port must be opened anew (a code of core/problems); None while it serves."""

    @property
    def imei(self) -> str | None:
        """What names this very modem, where it has said so."""

    @property
    def sound_interface(self) -> int | None:
        """The USB interface on which this modem gives its sound, where that is not the port of its commands."""

    def port_opened(self, now: float) -> None:
        """The port is open: begin from nothing."""

    def port_lost(self, now: float, reason: str) -> None:
        """The port is gone (reason: a code of core/problems)."""

    def receive(self, data: bytes, now: float) -> None:
        """Bytes came."""

    def hear(self, event: SoundEvent, now: float) -> None:
        """The studio says something of this line's stream."""

    def data_to_send(self) -> bytes:
        """Bytes for the port."""

    def take_events(self) -> list[events.LineEvent]:
        """What has happened since last asked."""

    def take_wishes(self) -> list[SoundWish]:
        """What the studio should do, since last asked."""

    @property
    def must_be_kept_first(self) -> bool:
        """Something has to be written down before the next bytes leave."""

    def deadline(self) -> float | None:
        """When tick() wants to be called, if nothing comes before."""

    def tick(self, now: float) -> None:
        """Let time pass."""

    def perform(self, action: actions.Action, now: float) -> None:
        """Do what the core asks; events tell how it went."""

    def methods(self) -> tuple[str, ...]:
        """The ways to forward in the order they are to be tried."""

    def recall(self, sim: str, methods: Collection[str]) -> None:
        """What the network refused this SIM earlier."""

    def shut_down(self, now: float) -> None:
        """Release whatever is held."""

    @property
    def at_rest(self) -> bool:
        """Nothing is under way that a stop would cut off."""

    @property
    def idle(self) -> bool:
        """No call rings or is up."""

    @property
    def takes_texts(self) -> bool:
        """A text could leave over this line now."""

    @property
    def set_up_seconds(self) -> float:
        """What this line needs from Dial until the target's phone rings, at most."""

    @property
    def hears(self) -> bool:
        """The line has ears: sound can be played and heard on it, so it can announce, record and be bridged."""

    def state(self) -> str:
        """The contract's word for the line's state."""

    def problem(self) -> str | None:
        """A code of core/problems for what is wrong, or None."""

    def shown(self) -> Shown:
        """What else there is to show."""
