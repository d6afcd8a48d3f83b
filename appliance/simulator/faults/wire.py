"""Faults of the serial line and of the module itself."""

from __future__ import annotations

import random

from appliance.core.errors import UserError
from appliance.simulator.faults.book import Faulty, common_fault, fault
from appliance.simulator.misbehaviour import RING_STYLES, Rule
from appliance.simulator.module import GsmModule


@common_fault
def urc_inside_reply(module: Faulty, *, command: str = r"\+CSQ", line: str = "RING") -> None:
    """A line of its own stands inside the next reply to a command."""
    module.faults.inside.append((command, line))


@fault
def ring_framing(module: GsmModule, *, style: str = "split") -> None:
    """RING and +CLIP come split, torn, doubled, merged, byte by byte or in the wrong order."""
    if style not in RING_STYLES:
        raise UserError(f"ring style {style!r} is none of {', '.join(RING_STYLES)}")
    module.faults.ring_style = style


@fault
def byte_by_byte(module: GsmModule, *, seconds: float = 0.001) -> None:
    """Everything the module says comes byte by byte."""
    module.faults.pace = seconds or None


@common_fault
def slow_answers(module: Faulty, *, seconds: float = 2.0) -> None:
    """Every command is answered late."""
    module.answer_seconds = seconds


@common_fault
def unanswered(module: Faulty, *, command: str = ".*", times: int | None = 1) -> None:
    """A command is never answered."""
    module.faults.rules.append(Rule(command, silent=True, times=times))


@common_fault
def answers(module: Faulty, *, command: str, result: str = "ERROR", times: int | None = 1) -> None:
    """A command is answered with this result and has no effect."""
    module.faults.rules.append(Rule(command, final=result, times=times))


@common_fault
def noise(module: Faulty, *, octets: int = 200, seed: int = 1) -> None:
    """Random octets."""
    module.emit(random.Random(seed).randbytes(octets))


@common_fault
def nul_flood(module: Faulty, *, octets: int = 4096) -> None:
    """Nothing but NUL."""
    module.emit(b"\0" * octets)


@common_fault
def endless_line(module: Faulty, *, octets: int = 65536) -> None:
    """A line that does not end."""
    module.emit(b"A" * octets)


@fault
def clip_missing(module: GsmModule) -> None:
    """No +CLIP, as on firmware that forgets it: the number is in +CLCC only."""
    module.faults.clip_missing = True


@common_fault
def unplug(module: Faulty, *, back_after: float | None = None, back_as: str | None = None) -> None:
    """The plug is pulled, and put back after so many seconds, perhaps under another name."""
    socket = module.socket
    if socket is None:
        raise UserError(f"{module.name} is not plugged in anywhere")
    socket.unplug()
    if back_after is not None:
        module.exchange.agenda.after(back_after, lambda: socket.plug_in(back_as))


@fault
def reboot(module: GsmModule) -> None:
    """It starts anew by itself: banner, echo on, settings and calls lost."""
    module.reboot()


@common_fault
def hang(module: Faulty, *, seconds: float = 60.0) -> None:
    """It answers nothing for a while."""
    module.hang(seconds)


@common_fault
def good_again(module: Faulty) -> None:
    """Everything that is wrong with the modem ends."""
    module.get_well()
