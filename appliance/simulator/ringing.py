"""How RING and the caller's number come out of a module: together, or as badly as was seen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.simulator.module import GsmModule

SPLIT_SECONDS = 0.2
TORN_SECONDS = 0.05
DOUBLED_SECONDS = 0.3
BYTE_SECONDS = 0.002


def print_ring(module: GsmModule, clip: str) -> None:
    """One ring, in the manner the module's faults say."""
    word = "+CRING: VOICE" if module.settings.crc else "RING"
    pair = [word, clip] if module.settings.clip and not module.faults.clip_missing else [word]
    whole = "".join(f"\r\n{line}\r\n" for line in pair).encode()
    match module.faults.ring_style:
        case "split":
            module.say(word)
            if len(pair) > 1:
                module.later(SPLIT_SECONDS, partial(module.say, clip))
        case "torn":
            cut = len(whole) // 2
            module.emit_pieces([whole[:cut], whole[cut:]], TORN_SECONDS)
        case "doubled":
            module.say(*pair)
            module.later(DOUBLED_SECONDS, partial(module.say, *pair))
        case "clip first":
            module.say(*reversed(pair))
        case "merged":
            module.emit(("\r\n" + "\r\n".join(pair) + "\r\n").encode())
        case "bytewise":
            module.emit_pieces([bytes([octet]) for octet in whole], BYTE_SECONDS)
        case _:
            module.say(*pair)
