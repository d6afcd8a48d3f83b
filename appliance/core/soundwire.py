"""Wishes and events as bytes, between the engine and the studio's process (msgpack)."""

from __future__ import annotations

from typing import Final

import msgspec

from appliance.core import sound
from appliance.core.errors import RufweicheError


class WireError(RufweicheError):
    """Bytes that are no wish and no event."""


Message = tuple[str, sound.SoundWish] | tuple[str, sound.SoundEvent]

_TYPES: Final[dict[str, type[sound.SoundWish] | type[sound.SoundEvent]]] = {
    each.__name__: each for base in (sound.SoundWish, sound.SoundEvent) for each in base.__subclasses__()
}


def to_bytes(line: str, what: sound.SoundWish | sound.SoundEvent) -> bytes:
    """A line's name and what is said of it."""
    return msgspec.msgpack.encode((line, type(what).__name__, what))


def from_bytes(data: bytes) -> tuple[str, sound.SoundWish | sound.SoundEvent]:
    """The same back. Raises WireError."""
    try:
        line, name, content = msgspec.msgpack.decode(data, type=tuple[str, str, msgspec.Raw])
        return line, msgspec.msgpack.decode(content, type=_TYPES[name])
    except (msgspec.MsgspecError, KeyError) as error:
        raise WireError(f"the studio and the engine do not understand each other: {error}") from error
