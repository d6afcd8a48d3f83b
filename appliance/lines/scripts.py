"""A procedure with a modem, written as a generator: it yields what it waits for and is resumed with the answer.

    reply = yield Command("AT+CHLD=2")          → Reply
    yield Pause(2.0)                            → None
    held = yield Until(caller_is_held, 3.0)     → True, False once the time is over, None if no list of calls came
    tone = yield Hear(is_dial_tone, 2.0)        → the sound event, None once the time is over

So a sequence with its decisions reads from top to bottom, without I/O, clock or threads: whoever runs it
hands in replies, call lists and the time.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from appliance.at.command import Command, End, Reply
from appliance.at.replies import Leg
from appliance.core.sound import SoundEvent

Legs = tuple[Leg, ...]


class Pause(Struct, frozen=True):
    """Wait so many seconds."""

    seconds: float


class Until(Struct, frozen=True):
    """Wait until a call list asked for after this satisfies `holds`, at most `within` seconds."""

    holds: Callable[[Legs], bool]
    within: float


class LateAnswer(Struct, frozen=True):
    """Wait for the answer to a text that was given up, at most `within` seconds: True sent, False refused, None."""

    command: Command
    within: float


class Hear(Struct, frozen=True):
    """Wait until the studio says something of the stream that satisfies `holds`, at most `within` seconds."""

    holds: Callable[[SoundEvent], bool]
    within: float


Wait = Command | Pause | Until | LateAnswer | Hear
Script = Generator[Wait, Any, None]
Part = Generator[Wait, Any, Any]
"""A piece of a script, for `yield from`; its docstring says what it gives."""


def insist(command: Command) -> Part:
    """The reply to this, said again where a call pushed it aside."""
    for _ in range(3):
        reply: Reply = yield command
        if reply.result != End.GIVEN_UP:
            break
        command = replace(command)
    return reply
