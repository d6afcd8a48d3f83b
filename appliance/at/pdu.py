"""The one door to `gsmmodem.pdu`: texts to PDUs and back. Raises nothing but PduError.

Source: 3GPP TS 23.040 clauses 9.2.2 (SUBMIT, DELIVER), 9.1.2.5 (numbers), 9.2.3.24 (header of user data), 9.2.3.12
(validity); TS 23.038 clause 4 (data coding).

The codec's building blocks are used, its whole-message functions only where they agree with the standard:

- its encoder counts characters where UCS-2 counts UTF-16 units: an emoji raises, or would be cut in half; ÿ goes out
  as a page break and ` as §, while § itself is thought to need UCS-2; a national number becomes TON national with its
  leading 0; every text asks for a status report; a reference over 255 raises. So parts are cut and coded by
  core.alphabet, and the frame is put together here.
- its decoder reads on past the given length, loses an @ that ends a full octet, takes fill bits for a character,
  drops what it does not know in the extension table, leaves surrogates apart, calls coding groups 4 to 15 GSM-7, is
  one octet off where there is no sender, and gives up the text when the time makes no sense. So it is shown number
  and time, each by itself, and the user data is read here.

It is imported when first needed: it brings its modem class along, 4 MB.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from appliance.core import alphabet
from appliance.core.alphabet import Alphabet
from appliance.core.errors import PduError

_NUMBER = re.compile(r"\+?[0-9]{1,20}")  # 20 digits: an address has 10 octets at most
_LONGEST = 2 * 256  # hex digits; a real PDU has at most 12 octets of SMSC and 164 of its own

_SUBMIT = 0x01
_DELIVER = 0x00
_RELATIVE_VALIDITY = 0x10
_STATUS_REPORT = 0x02
_HAS_HEADER = 0x40
_WANTS_REPORT = 0x20
_ONE_DAY = 167  # 12 h and 24 half hours: the network keeps trying as long as we would
_NO_SENDER = b"\0"  # as the codec reads it; in a PDU a type follows even then
_ANY_TIME = bytes.fromhex("62111132000000")
_NOT_DIGITS = str.maketrans("abcde", "*#abc")  # how 23.040 codes what a number has besides digits


class Pdu(Struct, frozen=True):
    """What `AT+CMGS=<length>` sends: `length` counts octets without the SMSC field, `hex` has it (empty: the SIM's)."""

    length: int
    hex: str


class Part(Struct, frozen=True):
    """Which part of a longer text: `number` of `total`, from 1; parts with the same `reference` belong together."""

    reference: int
    total: int
    number: int


class Received(Struct, frozen=True):
    """A text that came. `number` is None without a sender, or a name where the sender gave one; `sent_at` (UTC) is
    the SMS centre's clock, None if it makes no sense; `is_data`: bytes for a program, with no text. What the
    text says is the sender's, control characters included."""

    number: str | None
    text: str
    sent_at: datetime | None
    part: Part | None
    is_data: bool


class Report(Struct, frozen=True):
    """What became of a text: the `reference` +CMGS gave it, to whom, and whether it was delivered; None: not yet."""

    reference: int
    number: str | None
    delivered: bool | None


def encode_submit(number: str, text: str, reference: int) -> list[Pdu]:
    """One SMS-SUBMIT for each part of a text, as `core.alphabet` chooses and splits it.

    `number`: E.164, or digits as the network takes them. `reference` (its low 8 bits) tells the receiver which parts
    belong together: the same again when the rest of a text is sent later. A status report is asked for the last part.
    Raises PduError for a number that is none.
    """
    if not _NUMBER.fullmatch(number):
        raise PduError(f"a text cannot go to {number!r}: that is no phone number")
    coding, chosen = alphabet.choose(text)
    parts = alphabet.split(chosen)
    headers = [b""] if len(parts) == 1 else [_header(reference, len(parts), n) for n in range(1, len(parts) + 1)]
    last = len(parts) - 1
    return [
        _submit(number, coding, header, part, report=index == last)
        for index, (header, part) in enumerate(zip(headers, parts, strict=True))
    ]


def decode_deliver(pdu: str) -> Received:
    """The text of an SMS-DELIVER, as `+CMGR`, `+CMGL` or `+CMT` print it: hex, with its SMSC field. Raises PduError."""
    try:
        return _decode(bytes.fromhex(pdu[:_LONGEST]))
    except PduError:
        raise
    except Exception as error:  # besides its EncodingError the codec lets out ValueError, StopIteration, IndexError …
        raise PduError(f"not a text message ({type(error).__name__}: {error})") from error


def decode_report(pdu: str) -> Report:
    """The content of an SMS-STATUS-REPORT, as `+CDS` prints it (23.040 9.2.2.3). Raises PduError."""
    try:
        return _decode_report(bytes.fromhex(pdu[:_LONGEST]))
    except PduError:
        raise
    except Exception as error:  # as above
        raise PduError(f"not a status report ({type(error).__name__}: {error})") from error


# --- out ---------------------------------------------------------------------------------------


def _submit(number: str, coding: Alphabet, header: bytes, part: str, report: bool) -> Pdu:
    from gsmmodem.pdu import encodeUcs2, packSeptets

    if coding is Alphabet.GSM7:
        codes = alphabet.encode(part)
        fill = -8 * len(header) % 7  # bits: text begins on a septet
        length = (8 * len(header) + fill) // 7 + len(codes)  # septets
        data = bytes(packSeptets(bytearray(codes), padBits=-fill % 7))  # it wants to be told what is left of the seven
    else:
        data = bytes(encodeUcs2(_utf16_units(part)))
        length = len(header) + len(data)
    tpdu = bytes(
        (
            _SUBMIT | _RELATIVE_VALIDITY | (_HAS_HEADER if header else 0) | (_WANTS_REPORT if report else 0),
            0,  # message reference: the module counts it itself
            *_address(number),
            0,  # protocol: a plain text
            0x00 if coding is Alphabet.GSM7 else 0x08,
            _ONE_DAY,
            length,
            *header,
            *data,
        )
    )
    return Pdu(len(tpdu), "00" + tpdu.hex().upper())


def _address(number: str) -> bytes:
    from gsmmodem.pdu import encodeSemiOctets

    digits = number.removeprefix("+")
    kind = 0x91 if number != digits else 0x81  # international | unknown, in the telephone numbering plan
    return bytes((len(digits), kind, *encodeSemiOctets(digits)))


def _header(reference: int, total: int, number: int) -> bytes:
    from gsmmodem.pdu import Concatenation

    element = Concatenation()
    element.reference, element.parts, element.number = reference & 0xFF, total, number
    content = bytes(element.encode())
    return bytes((len(content), *content))


def _utf16_units(text: str) -> str:
    """One character a UTF-16 code unit, since the codec knows no surrogates."""
    octets = text.encode("utf-16-be")
    return "".join(chr(high << 8 | low) for high, low in zip(octets[::2], octets[1::2], strict=True))


# --- in ----------------------------------------------------------------------------------------


def _decode(octets: bytes) -> Received:
    first = octets[0] + 1  # after the SMSC: type, number, protocol, coding, time, length, user data
    if octets[first] & 0x03 != _DELIVER:
        raise PduError("not a received text")
    after_number = first + 3 + (octets[first + 1] + 1) // 2
    coding = octets[after_number + 1]
    time, length, data = octets[after_number + 2 :][:7], octets[after_number + 9], octets[after_number + 10 :]
    header = b""
    if octets[first] & _HAS_HEADER:
        header = data[: data[0] + 1]
        if len(header) <= data[0]:
            raise PduError("its header is longer than the text message")
    kind = _coding(coding)
    return Received(
        number=_sender(octets[first + 1 : after_number]),
        text="" if kind is None else _text(kind, data, len(header), length),
        sent_at=_time(time),
        part=_part(header[1:]),
        is_data=kind is None,
    )


def _decode_report(octets: bytes) -> Report:
    first = octets[0] + 1  # after the SMSC: type, reference, number, time, time of delivery, status
    if octets[first] & 0x03 != _STATUS_REPORT:
        raise PduError("not a status report")
    after_number = first + 4 + (octets[first + 2] + 1) // 2
    status = octets[after_number + 14] & 0x7F
    # 9.2.3.15: below 32 it went through, below 64 the network still tries, else it has given up
    delivered = True if status < 0x20 else None if status < 0x40 else False
    return Report(octets[first + 1], _sender(octets[first + 2 : after_number]), delivered)


def _coding(octet: int) -> Alphabet | None:
    """23.038 clause 4; None is 8-bit data. Reserved codings are read as GSM-7, as it asks."""
    group = octet >> 4
    if group < 0b1000:
        if octet & 0b100000:
            raise PduError("its text is compressed")
        return (Alphabet.GSM7, None, Alphabet.UCS2, Alphabet.GSM7)[octet >> 2 & 0b11]
    if group == 0b1110:
        return Alphabet.UCS2
    return None if group == 0b1111 and octet & 0b100 else Alphabet.GSM7


def _text(coding: Alphabet, data: bytes, header: int, length: int) -> str:
    """`data` begins with the header, and `length` counts it: in octets, or in septets where the text is GSM-7."""
    if coding is Alphabet.UCS2:
        return data[header : length - (length - header) % 2].decode("utf-16-be", "replace")
    bits = int.from_bytes(data, "little")
    here = min(length, len(data) * 8 // 7)
    return alphabet.decode(bits >> 7 * n & 0x7F for n in range((8 * header + 6) // 7, here))


def _part(header: bytes) -> Part | None:
    """What the header says of parts; nothing where it makes no sense, as 23.040 clause 9.2.3.24.1 asks."""
    while len(header) >= 2:
        element, content = header[0], header[2 : 2 + header[1]]
        header = header[2 + header[1] :]
        if (element, len(content)) in ((0x00, 3), (0x08, 4)):
            *reference, total, number = content
            if 1 <= number <= total:
                return Part(int.from_bytes(reference), total, number)
    return None


def _sender(address: bytes) -> str | None:
    if address[0] == 0:
        return None
    number: str = _parsed(address, _ANY_TIME)["number"]
    return number if address[1] & 0x70 == 0x50 else number.translate(_NOT_DIGITS)


def _time(time: bytes) -> datetime | None:
    try:
        at: datetime = _parsed(_NO_SENDER, time)["time"]
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _parsed(address: bytes, time: bytes) -> dict[str, Any]:
    """What the codec makes of an SMS-DELIVER of nothing else."""
    from gsmmodem.pdu import decodeSmsPdu

    parsed: dict[str, Any] = decodeSmsPdu(bytearray((0, _DELIVER, *address, 0, 0, *time, 0)))
    return parsed
