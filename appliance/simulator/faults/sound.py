"""Faults of a GSM module's sound."""

from __future__ import annotations

from appliance.core.errors import UserError
from appliance.simulator.faults.book import fault
from appliance.simulator.module import GsmModule


@fault
def sound_refused(module: GsmModule, *, times: int = 2) -> None:
    """Switching the sound on gets ERROR so many times."""
    module.audio.faults.refusals = times


@fault
def frames_short(module: GsmModule, *, every: int = 50) -> None:
    """Every so many-th frame lacks its second half and an octet more."""
    module.audio.faults.short_every = every


@fault
def frames_late(module: GsmModule, *, every: int = 10, seconds: float = 0.03) -> None:
    """Every so many-th frame comes late, in a burst with its followers."""
    module.audio.faults.late_every, module.audio.faults.late_seconds = every, seconds


@fault
def frames_lost(module: GsmModule, *, every: int = 100) -> None:
    """Every so many-th frame never comes."""
    module.audio.faults.lost_every = every


@fault
def frames_of_40_ms(module: GsmModule) -> None:
    """Sound comes 640 octets at a time, as on some SIM7600 firmware."""
    module.audio.frame = 320


@fault
def writes_stall(module: GsmModule, *, seconds: float = 0.5) -> None:
    """The sound port takes no octet for a while."""
    module.audio.faults.stalled_until = module.now + seconds


@fault
def one_way(module: GsmModule, *, side: str = "send") -> None:
    """One-way silence: nobody hears the host (send), or the host hears nobody (receive)."""
    if side not in ("send", "receive"):
        raise UserError(f"{side!r} is neither send nor receive")
    module.audio.faults.deaf_side = side


@fault
def clock(module: GsmModule, *, ppm: float = 200.0) -> None:
    """The module's sample clock is so much fast (or slow, below 0)."""
    module.audio.ppm = ppm


@fault
def sound_sticks(module: GsmModule) -> None:
    """Sound that was not switched off before a call ended can't be switched on in the next, until it is."""
    module.audio.faults.sticks = True


@fault
def positions_in_sound(module: GsmModule, *, every: float = 1.0) -> None:
    """A satellite receiver says where it is, over the port of the sound (Quectel, +QGPSCFG="outport")."""

    def say() -> None:
        if module.powered and "+QGPSCFG" not in module.settings.switches:
            module.audio.port.push(b"$GPGGA,,,,,,0,,,,,,,,*66\r\n")
        module.exchange.agenda.after(every, say)

    say()
