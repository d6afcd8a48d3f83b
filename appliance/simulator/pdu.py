"""The network's own reading and writing of text message PDUs, strict where phones are forgiving.

23.040 9.2.2.2 SMS-SUBMIT in, 9.2.2.1 SMS-DELIVER and 9.2.2.3 SMS-STATUS-REPORT out; 23.038 for the alphabets.
"""

from __future__ import annotations

from dataclasses import dataclass

from appliance.core.errors import RufweicheError
from appliance.simulator.numbers import Number

GSM7 = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet, 23.038 6.2.1, by septet."""

EXTENSION = {10: "\f", 20: "^", 40: "{", 41: "}", 47: "\\", 60: "[", 61: "~", 62: "]", 64: "|", 101: "€"}
"""After an escape septet, 23.038 6.2.1.1."""

ESCAPE = 27
ALPHANUMERIC = 0xD0
DIGITS = "0123456789*#abc"


class PduRefused(RufweicheError):
    """The network cannot accept this PDU; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a longer text this is (23.040 9.2.3.24.1)."""

    reference: int
    total: int
    number: int


@dataclass(frozen=True, slots=True)
class Submit:
    """One SMS-SUBMIT. `alphabet`: gsm7, ucs2 or octets; `part` is None for a text in one piece."""

    to: Number
    reference: int
    text: str
    alphabet: str
    part: Part | None
    wants_report: bool
    service_centre: str | None


class _Reader:
    """Octets taken from the front, with a clear word where there are too few."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int, what: str) -> bytes:
        if count > len(self._data) - self._at:
            raise PduRefused(f"the PDU ends inside the {what}")
        self._at += count
        return self._data[self._at - count : self._at]

    def octet(self, what: str) -> int:
        return self.take(1, what)[0]

    @property
    def left(self) -> int:
        return len(self._data) - self._at


def _semi_octets(data: bytes, count: int) -> str:
    nibbles = [nibble for octet in data for nibble in (octet & 0x0F, octet >> 4)]
    if count % 2 and nibbles[count] != 0x0F:
        raise PduRefused("an address of odd length is not filled up with F")
    if any(nibble > 14 for nibble in nibbles[:count]):
        raise PduRefused("an address holds a filler among its digits")
    return "".join(DIGITS[nibble] for nibble in nibbles[:count])


def unpack(data: bytes, count: int, skip_bits: int = 0) -> list[int]:
    """Septets from octets, the first `skip_bits` bits left out (23.038 6.1.2.1.1)."""
    value = int.from_bytes(data, "little") >> skip_bits
    return [(value >> (7 * i)) & 0x7F for i in range(count)]


def pack(septets: list[int]) -> bytes:
    """Octets from septets."""
    value = sum(septet << (7 * i) for i, septet in enumerate(septets))
    return value.to_bytes((7 * len(septets) + 7) // 8, "little")


def gsm7_text(septets: list[int]) -> str:
    """Septets → text; an escape without a known character after it reads as a space (23.038 6.2.1.1)."""
    text, rest = [], iter(septets)
    for septet in rest:
        text.append(GSM7[septet] if septet != ESCAPE else EXTENSION.get(next(rest, ESCAPE), " "))
    return "".join(text)


def gsm7_septets(text: str) -> list[int] | None:
    """Text → septets, or None if the alphabet lacks a character."""
    extended = {character: code for code, character in EXTENSION.items()}
    septets: list[int] = []
    for character in text:
        if character in extended:
            septets += [ESCAPE, extended[character]]
        elif character != "\x1b" and (code := GSM7.find(character)) >= 0:
            septets.append(code)
        else:
            return None
    return septets


def _alphabet(dcs: int) -> str:
    """23.038 4: general groups and the message class group; others are not for sending."""
    if dcs & 0xC0 == 0x00:
        if dcs & 0x20:
            raise PduRefused(f"compressed text (DCS {dcs:02X})")
        return ("gsm7", "octets", "ucs2", "gsm7")[(dcs >> 2) & 3]
    if dcs & 0xF0 == 0xF0:
        return "octets" if dcs & 4 else "gsm7"
    raise PduRefused(f"data coding scheme {dcs:02X}")


def _concatenation(header: bytes) -> Part | None:
    reader, part = _Reader(header), None
    while reader.left:
        kind = reader.octet("user data header")
        value = reader.take(reader.octet("user data header"), "user data header")
        if kind in (0x00, 0x08):
            if len(value) != (3 if kind == 0x00 else 4):
                raise PduRefused("a concatenation element of a wrong length")
            part = Part(int.from_bytes(value[:-2], "big"), value[-2], value[-1])
            if not 1 <= part.number <= part.total:
                raise PduRefused(f"part {part.number} of {part.total}")
    return part


def _address(reader: _Reader) -> Number:
    count, kind = reader.octet("address"), reader.octet("address")
    if not 1 <= count <= 20:
        raise PduRefused(f"a destination of {count} digits")
    if not kind & 0x80 or kind & 0x70 == 0x50:
        raise PduRefused(f"a destination of type {kind}")
    return Number(_semi_octets(reader.take((count + 1) // 2, "address"), count), kind)


def decode_submit(pdu: str | bytes) -> Submit:
    """Read what follows the prompt of AT+CMGS: service centre address, then the SMS-SUBMIT TPDU.

    Raises PduRefused for anything a network would not carry: wrong lengths, wrong types, octets too many.
    """
    try:
        data = pdu if isinstance(pdu, bytes) else bytes.fromhex(pdu)
    except ValueError:
        raise PduRefused("not hexadecimal") from None
    reader = _Reader(data)
    centre = reader.take(reader.octet("service centre"), "service centre")
    first = reader.octet("first octet")
    if first & 3 != 1:
        raise PduRefused(f"message type {first & 3} is no SMS-SUBMIT")
    reference = reader.octet("message reference")
    to = _address(reader)
    reader.octet("protocol identifier")
    alphabet = _alphabet(reader.octet("data coding scheme"))
    reader.take({0: 0, 1: 7, 2: 1, 3: 7}[(first >> 3) & 3], "validity period")
    length = reader.octet("user data length")
    octets = (7 * length + 7) // 8 if alphabet == "gsm7" else length
    if octets > 140:
        raise PduRefused(f"user data of {octets} octets")
    data = reader.take(octets, "user data")
    if reader.left:
        raise PduRefused(f"{reader.left} octets too many")
    part, header = None, 0
    if first & 0x40:
        header = data[0] + 1 if data else 1
        if header > len(data):
            raise PduRefused("the user data header is longer than the user data")
        part = _concatenation(data[1:header])
    text = _text(data, length, header, alphabet)
    centre_number = None
    if centre:
        centre_number = Number(_semi_octets(centre[1:], 2 * len(centre) - 2 - (centre[-1] >> 4 == 15)), centre[0]).e164
    return Submit(to, reference, text, alphabet, part, bool(first & 0x20), centre_number)


def _text(data: bytes, length: int, header: int, alphabet: str) -> str:
    if alphabet == "gsm7":
        skipped = (8 * header + 6) // 7
        if skipped > length:
            raise PduRefused("the user data header is longer than the user data")
        return gsm7_text(unpack(data, length, 7 * skipped)[: length - skipped])
    body = data[header:]
    if alphabet == "octets":
        return body.decode("latin-1")
    if len(body) % 2:
        raise PduRefused("UCS-2 text of an odd number of octets")
    return body.decode("utf-16-be", errors="replace")


def _encode_address(number: Number) -> bytes:
    digits = number.digits + "F" * (len(number.digits) % 2)
    pairs = bytes(int(digits[i + 1] + digits[i], 16) for i in range(0, len(digits), 2))
    return bytes([len(number.digits), number.type]) + pairs


def _encode_sender(sender: str) -> bytes:
    """A number, or a name as networks put it there (alphanumeric, 23.040 9.1.2.5)."""
    if sender.removeprefix("+").isdigit():
        return _encode_address(Number.of(sender))
    packed = pack(gsm7_septets(sender[:11]) or [])
    return bytes([2 * len(packed), ALPHANUMERIC]) + packed


TIMESTAMP = bytes.fromhex("62113211000040")
"""2026-11-23 11:00:00 +01:00, 23.040 9.2.3.11: the simulated network's only wall time."""

CENTRE = bytes.fromhex("0791947101670000")
"""The service centre +491710760000 as a PDU begins with it."""


def encode_deliver(sender: str, text: str, *, reference: int = 1) -> list[bytes]:
    """PDUs (with service centre) of a text that comes in, in as many parts as it takes."""
    septets = gsm7_septets(text)
    if septets is not None:
        units: list[list[int]] = _cut(septets, 160, 153)
        bodies = [(len(unit), pack(unit)) for unit in units] if len(units) == 1 else []
    else:
        wide = text.encode("utf-16-be")
        octets = [wide] if len(wide) <= 140 else [wide[i : i + 134] for i in range(0, len(wide), 134)]
        units = [list(piece) for piece in octets]
        bodies = [(len(piece), piece) for piece in octets] if len(octets) == 1 else []
    many, dcs = len(units) > 1, 0 if septets is not None else 8
    if many:
        for number, unit in enumerate(units, 1):
            header = bytes([5, 0, 3, reference & 0xFF, len(units), number])
            if septets is not None:
                # 48 bits of header and one of filling are seven septets
                value = int.from_bytes(header, "little") | int.from_bytes(pack(unit), "little") << 49
                bodies.append((len(unit) + 7, value.to_bytes((7 * (len(unit) + 7) + 7) // 8, "little")))
            else:
                bodies.append((len(unit) + 6, header + bytes(unit)))
    first = 0x04 | (0x40 if many else 0)
    head = CENTRE + bytes([first]) + _encode_sender(sender) + bytes([0, dcs]) + TIMESTAMP
    return [head + bytes([length]) + body for length, body in bodies]


def _cut(septets: list[int], whole: int, piece: int) -> list[list[int]]:
    """Pieces that never part an escape from its character."""
    if len(septets) <= whole:
        return [septets]
    pieces = []
    while septets:
        end = min(piece, len(septets))
        if septets[end - 1] == ESCAPE and end < len(septets):
            end -= 1
        pieces.append(septets[:end])
        septets = septets[end:]
    return pieces


def encode_report(reference: int, to: Number, status: int = 0) -> bytes:
    """The PDU of a status report: the text with this reference was delivered (status 0, 23.040 9.2.3.15)."""
    return CENTRE + bytes([0x06, reference]) + _encode_address(to) + TIMESTAMP + TIMESTAMP + bytes([status])


def tpdu_length(pdu: bytes) -> int:
    """Octets without the service centre: what +CMGS, +CMGL and +CDS count."""
    return len(pdu) - 1 - pdu[0]
