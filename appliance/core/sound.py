"""What a line asks of the studio, where sound is dealt with, and what it hears from there.

The studio has a process of its own, so that a slow card never makes a gap in a call. It holds a line's *stream*: the
sound an analog modem sends and takes between CONNECT and the end of voice mode, over the port of its commands, or the
sound of a GSM module over a port of its own. While it does, nobody else reads or writes that port.

Frames are 20 ms, 8000 samples a second. Sounds to play are named by a path to a WAV (8 kHz, mono, 16 bit), or are one
of BUILT_IN.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Coding = Literal["u8", "ulaw", "alaw", "s16le"]
"""How a sample is written: 8-bit unsigned linear, G.711 either way, 16-bit signed little-endian."""

BUILT_IN = ("hold", "beep")
"""A calm tone for a caller who waits; the tone after which a message is recorded."""


class Stream(Struct, frozen=True):
    """How a line's sound comes and goes.

    `shielded`: DLE codes mark events and the end (V.253 9.1.3); else it is bare samples. `end`: the bytes that ask
    the modem to end it (DLE 5E duplex, DLE 03 sending, DLE 21 receiving). `apart`: the sound has a port of its own.
    `two_wire`: what is sent comes back as an echo. `country`: whose tones the line has (ISO 3166, as settings have it).
    """

    coding: Coding
    sends: bool = True
    receives: bool = True
    shielded: bool = False
    end: bytes = b""
    apart: bool = False
    two_wire: bool = False
    country: str = "DE"


# --- what a line asks for ------------------------------------------------------------------------


class SoundWish(Struct, frozen=True):
    """Anything a line asks of the studio."""


class Open(SoundWish, frozen=True):
    """The stream begins: take the port. `early`: what had come of it already. → StreamEnded, some day"""

    stream: Stream
    early: bytes = b""


class Close(SoundWish, frozen=True):
    """End the stream and give the port back. → StreamEnded"""


class Play(SoundWish, frozen=True):
    """Play this, in place of what is being played. → Played, unless `loop` | SoundFailed"""

    sound: str
    loop: bool = False


class Quiet(SoundWish, frozen=True):
    """Stop playing, with no more said about it."""


class Record(SoundWish, frozen=True):
    """Keep what is heard as a WAV, written under another name until it is whole. → Recorded | SoundFailed

    `silence`: seconds without a voice that end it. It ends at `most` seconds, at `#`, and with the stream, too; then
    Recorded comes before StreamEnded. Where nobody spoke nothing is kept: Recorded says 0 seconds.
    """

    path: str
    most: float = 120.0
    silence: float = 8.0


class Bridge(SoundWish, frozen=True):
    """Carry sound both ways between this line's stream and another's, both being open. → BridgeUp | SoundFailed"""

    other: str


class Unbridge(SoundWish, frozen=True):
    """Part them again; both streams stay open."""


# --- what it hears -------------------------------------------------------------------------------


class SoundEvent(Struct, frozen=True):
    """Anything the studio says of a line."""


class StreamOpened(SoundEvent, frozen=True):
    """The studio has the port; said by whoever lent it."""


class Heard(SoundEvent, frozen=True):
    """The line sounds so. Said once it is sure, then at every further cycle (cadenced tones) or second (others).

    `sound`: dial, busy, congestion, ringback, sit, voice, silence, or digit. `count`: cycles so far. `seconds`: for
    how long so far. `digit`: 0-9 A-D * #, once a press.

    Sure are: busy and congestion at the end of the second burst (and each further one), ringback 0.7 s after a burst,
    dial after 1.3 s where ringback has the same frequency, and a PBX's own at the end of its second burst, voice after
    a quarter of a second, silence after one second without voice, key or tone. What goes on as it is counts as silence,
    as a line's noise does, but where it is loud and lines are bridged: then a silence of 0 seconds says that there is
    none any more.
    """

    sound: str
    count: int = 0
    seconds: float = 0.0
    digit: str = ""


class ModemSays(SoundEvent, frozen=True):
    """An event the modem put into its stream (V.253 table 8), by its character: R ring, b busy, l no loop current …"""

    code: str


class Played(SoundEvent, frozen=True):
    """The sound was played to its end, and what the modem buffers has had its time."""

    sound: str


class Recorded(SoundEvent, frozen=True):
    """A message is kept. `seconds` of it; `ended_by`: silence, digit, limit, end (the stream's)."""

    path: str
    seconds: float
    ended_by: str


class BridgeUp(SoundEvent, frozen=True):
    """Sound flows between this line and the other one."""

    other: str


class StreamEnded(SoundEvent, frozen=True):
    """The port is free again. `rest`: what the modem said after the end.

    `reason`: asked, modem (it ended by itself, or the studio had it end as it brought no sound for 3 s), wedged (it did
    not end when asked), lost (the port is gone), crash (of the studio) or failed (a sound or a file could not be used).
    """

    reason: str
    rest: bytes = b""


class SoundFailed(SoundEvent, frozen=True):
    """A wish could not be carried out; the stream is as it was."""

    reason: str


# --- what a caller may be told -------------------------------------------------------------------


class Sounds(Struct, frozen=True):
    """What a line with a voice plays (see the module's head). `message`: where one of `most` seconds is kept."""

    announcement: str
    voicemail: str
    hold: str
    confirm: str
    message: str
    most: float = 120.0
