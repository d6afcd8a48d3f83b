"""DLE shielding both ways: voice data with the modem's events and its end in the midst of it (V.253 clauses 9 and 10).

A Decoder takes bytes in pieces of any size and gives what they mean; the same bytes in other pieces give the same.
It never raises: a code it does not know is an event like any other, and the byte after it is sound again.
"""

from __future__ import annotations

from dataclasses import dataclass

DLE = 0x10
SHIELDED_DLE = b"\x10\x10"

END_SENDING = b"\x10\x03"
END_RECEIVING = b"\x10!"
END_DUPLEX = b"\x10^"
"""DLE ETX ends +VTX, DLE ! ends +VRX, DLE ^ ends +VTR (V.253 table 7)."""
ENDINGS = (END_SENDING, END_RECEIVING, END_DUPLEX)
"""All of them, in the order in which a modem that does not listen is asked."""

_DLE = b"\x10"
_ETX, _SUB, _START, _STOP = 0x03, 0x1A, ord("/"), ord("~")
_DIGITS = frozenset(b"0123456789ABCD*#")
_REPORT, _REPORT_ENDS = ord("X"), ord(".")
_LONGEST_REPORT = 512
"""Bytes of a complex event report (V.253 9.1.4: DLE X … DLE .) before it is taken for lost and sound goes on."""
_SAME_PRESS = 1200
"""A digit told again within so many bytes of sound (150 ms) without its key having been let go is the same press."""
_MODEM_ENDS = (b"\r\nNO CARRIER\r\n",)
_ASKED_ENDS = (b"\r\nOK\r\n", b"\r\nVCON\r\n", b"\r\nNO CARRIER\r\n", b"\r\nERROR\r\n")
_LONGEST_ENDING = max(map(len, _ASKED_ENDS))


@dataclass(frozen=True, slots=True)
class Sound:
    """Samples as the modem coded them, unshielded."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """The modem reports something, by its character (V.253 table 8)."""

    code: str


@dataclass(frozen=True, slots=True)
class Digit:
    """A key was pressed, once."""

    digit: str


@dataclass(frozen=True, slots=True)
class End:
    """Voice mode is over. `rest`: what came after it, the result code included where that alone told of the end."""

    rest: bytes


Piece = Sound | Event | Digit | End


class Decoder:
    """What a modem sends between CONNECT and the end of voice mode.

    Set `asked` once the modem was told to end: some say nothing but OK then, without DLE ETX, and only then is an OK
    amidst the bytes more than sound. NO CARRIER is always believed: 14 such bytes do not occur in sound.
    """

    def __init__(self, *, asked: bool = False) -> None:
        self.asked = asked
        self.ended = False
        self._held = b""
        """Bytes that may be the beginning of something."""
        self._report: int | None = None
        """How many bytes of a report have come."""
        self._pressed: int | None = None
        """The digit of the key that is down or was just now."""
        self._shielded = False
        """Between DLE / and DLE ~."""
        self._since_digit = 0

    def feed(self, data: bytes) -> list[Piece]:
        """What these bytes mean, in order. After an End every byte belongs to its `rest`."""
        if self.ended:
            return [End(data)] if data else []
        if self._report is None and not self._held and _DLE not in data and b"\r" not in data:
            self._since_digit += len(data)  # sound and nothing else, as nearly always
            return [Sound(data)] if data else []
        pieces: list[Piece] = []
        sound = bytearray()
        data = self._held + data
        self._held = b""
        at = 0
        while at < len(data) and not self.ended:
            found = data.find(_DLE, at)
            stop = len(data) if found < 0 else found
            end = self._plain(data, at, stop, sound)
            if end is not None:
                self._finish(pieces, sound, data[end:])
                break
            if found < 0:
                break
            if found + 1 == len(data):
                self._held = _DLE
                break
            at = found + 2
            self._code(data[found + 1], data[at:], pieces, sound)
        _flush(pieces, sound)
        return pieces

    def flush(self) -> bytes:
        """Bytes held back because they may begin something: sound after all, when nothing more is to come."""
        held, self._held = self._held, b""
        return held

    def _plain(self, data: bytes, at: int, stop: int, sound: bytearray) -> int | None:
        """Bytes without a DLE. Returns where a result code begins that ends voice mode."""
        if self._report is not None:
            self._report += stop - at
            if self._report <= _LONGEST_REPORT:
                return None
            at = max(at, stop - (self._report - _LONGEST_REPORT))
            self._report = None
        endings = _ASKED_ENDS if self.asked else _MODEM_ENDS
        places = [place for ending in endings if (place := data.find(ending, at, stop)) >= 0]
        if places:
            end = min(places)
            self._hear(data[at:end], sound)
            return end
        if stop == len(data):
            held = _unfinished(data[at:stop], endings)
            stop -= held
            self._held = data[stop:]
        self._hear(data[at:stop], sound)
        return None

    def _code(self, code: int, rest: bytes, pieces: list[Piece], sound: bytearray) -> None:
        if self._report is not None:
            self._report = None if code == _REPORT_ENDS else self._report + 2
            if code != _ETX:
                return
        if code == DLE:
            self._hear(_DLE, sound)
        elif code == _SUB:
            self._hear(SHIELDED_DLE, sound)
        elif code == _ETX:
            self._finish(pieces, sound, rest)
        elif code == _START:
            self._shielded, self._pressed = True, None
        elif code == _STOP:
            self._shielded, self._pressed = False, None
        elif code in _DIGITS:
            again = code == self._pressed and (self._shielded or self._since_digit < _SAME_PRESS)
            self._pressed, self._since_digit = code, 0
            if not again:
                _flush(pieces, sound)
                pieces.append(Digit(chr(code)))
        elif code == _REPORT:
            self._report = 0
        else:
            _flush(pieces, sound)
            pieces.append(Event(chr(code)))

    def _hear(self, data: bytes, sound: bytearray) -> None:
        sound += data
        self._since_digit += len(data)

    def _finish(self, pieces: list[Piece], sound: bytearray, rest: bytes) -> None:
        _flush(pieces, sound)
        self.ended, self._held = True, b""
        pieces.append(End(rest))


def encode(sound: bytes) -> bytes:
    """Shield samples for the modem. A 10h byte that went unshielded would be taken for the start of a command."""
    return sound.replace(_DLE, SHIELDED_DLE)


def _flush(pieces: list[Piece], sound: bytearray) -> None:
    if sound:
        pieces.append(Sound(bytes(sound)))
        sound.clear()


def _unfinished(data: bytes, endings: tuple[bytes, ...]) -> int:
    """How many bytes at the end may be the beginning of one of these."""
    most = min(len(data), _LONGEST_ENDING - 1)
    if data.find(b"\r", len(data) - most) < 0:
        return 0
    for length in range(most, 0, -1):
        tail = data[-length:]
        if any(ending.startswith(tail) for ending in endings):
            return length
    return 0
