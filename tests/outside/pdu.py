"""Reads an SMS-SUBMIT PDU (3GPP TS 23.040 9.2.2.2) by hand, so that what went out is judged by nobody's codec but this,
and makes the PDUs that come in: SMS-DELIVER (9.2.2.1) and SMS-STATUS-REPORT (9.2.2.3).

`submitted(pdu, length)` checks the frame as well as it reads it: every field must be where the standard puts it.
"""

import datetime as dt
from dataclasses import dataclass

# 3GPP TS 23.038 6.2.1, in the order of the codes; 1B is the escape.
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# 23.038 6.2.1.1
EXTENSION = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|",
             0x65: "€"}  # fmt: skip
GSM7_CHARACTERS = frozenset(BASIC) - {"\x1b"} | frozenset(EXTENSION.values())


@dataclass(frozen=True)
class Text:
    """One part: `to` as dialled with its plus, `alphabet` "gsm7" or "ucs2", `part` (reference, of, number) or None.
    `report`: whether a status report was asked for (TP-SRR)."""

    to: str
    text: str
    alphabet: str
    part: tuple[int, int, int] | None
    report: bool = False


def submitted(pdu: str, length: int) -> Text:
    """The text in a hex PDU; `length` is what AT+CMGS announced: octets without the service centre's address."""
    octets = bytes.fromhex(pdu)
    centre = octets[0]
    tpdu = octets[1 + centre :]
    assert len(tpdu) == length, f"AT+CMGS={length}, but the TPDU has {len(tpdu)} octets"
    first = tpdu[0]
    assert first & 0b11 == 0b01, "not an SMS-SUBMIT"
    digits, kind = tpdu[2], tpdu[3]
    at = 4 + (digits + 1) // 2
    swapped = "".join(f"{octet & 15:x}{octet >> 4:x}" for octet in tpdu[4:at])
    assert swapped[digits:] in ("", "f"), "the address is not filled up with F"
    to = ("+" if kind == 0x91 else "") + swapped[:digits]
    protocol, scheme = tpdu[at], tpdu[at + 1]
    assert protocol == 0, "protocol identifier of something other than a plain text"
    at += 2 + {0: 0, 2: 1, 1: 7, 3: 7}[first >> 3 & 3]
    announced, data = tpdu[at], tpdu[at + 1 :]
    header = 1 + data[0] if first & 0x40 else 0
    assert len(data) <= 140, "user data longer than 140 octets"
    if scheme == 0:
        assert len(data) == (announced * 7 + 7) // 8, "length and user data disagree"
        text, alphabet = gsm7(septets(data, announced)[(header * 8 + 6) // 7 :]), "gsm7"
    else:
        assert scheme == 8, f"data coding scheme {scheme:02X} is neither GSM-7 nor UCS-2"
        assert len(data) == announced, "length and user data disagree"
        text, alphabet = data[header:].decode("utf-16-be"), "ucs2"
    return Text(to, text, alphabet, concatenation(data[1:header]) if header else None, bool(first & 0x20))


def septets(data: bytes, count: int) -> list[int]:
    """Septets of 23.038 6.1.2.1.1: packed from the low end."""
    whole = int.from_bytes(data, "little")
    return [whole >> 7 * n & 0x7F for n in range(count)]


def gsm7(codes: list[int]) -> str:
    text, escaped = "", False
    for code in codes:
        if escaped:
            text, escaped = text + EXTENSION[code], False
        elif code == 0x1B:
            escaped = True
        else:
            text += BASIC[code]
    assert not escaped, "an escape without a character after it"
    return text


def concatenation(header: bytes) -> tuple[int, int, int]:
    """The information element 00 or 08 of 23.040 9.2.3.24; a header without one is not expected of anyone here."""
    while header:
        element, size = header[0], header[1]
        if element == 0x00 and size == 3:
            return header[2], header[3], header[4]
        if element == 0x08 and size == 4:
            return header[2] << 8 | header[3], header[4], header[5]
        header = header[2 + size :]
    raise AssertionError("a user data header without concatenation")


def whole(parts: list[Text]) -> str:
    """The text of all parts, which must belong together, be complete and be in order."""
    if len(parts) == 1 and parts[0].part is None:
        return parts[0].text
    marks = [part.part for part in parts if part.part]
    assert len(marks) == len(parts), "parts with and without a concatenation header"
    assert len({(reference, of) for reference, of, _ in marks}) == 1, f"parts of different texts: {marks}"
    assert [number for _, _, number in marks] == list(range(1, marks[0][1] + 1)), f"parts missing or twice: {marks}"
    return "".join(part.text for part in parts)


# --- what comes in ---


def delivered(sender: str, text: str, sent: dt.datetime, part: tuple[int, int, int] | None = None) -> tuple[int, str]:
    """An SMS-DELIVER from `sender` ("+49…", digits, or a name as shops use it): octets of the TPDU, and hex."""
    header = bytes([5, 0, 3, *part]) if part else b""
    if set(text) <= GSM7_CHARACTERS:
        fill = -(-len(header) * 8 // 7)
        codes = [0] * fill + gsm7_codes(text)
        data = bytearray(packed(codes))
        data[: len(header)] = header  # the septets under it are 0, and so are the fill bits behind it
        scheme, count = 0, len(codes)
    else:
        data = bytearray(header + text.encode("utf-16-be"))
        scheme, count = 8, len(data)
    assert len(data) <= 140, "too long for one part"
    first = 0x04 | (0x40 if header else 0)
    tpdu = bytes([first]) + address(sender) + bytes([0, scheme]) + stamp(sent) + bytes([count]) + bytes(data)
    return len(tpdu), (bytes.fromhex("07919471016700F0") + tpdu).hex().upper()


def status_report(reference: int, to: str, status: int, sent: dt.datetime) -> tuple[int, str]:
    """An SMS-STATUS-REPORT about the text the centre numbered so; `status` as 9.2.3.15: 0 received, 0x45 SM gone."""
    tpdu = bytes([0x06, reference]) + address(to) + stamp(sent) + stamp(sent) + bytes([status])
    return len(tpdu), (bytes.fromhex("07919471016700F0") + tpdu).hex().upper()


def address(number: str) -> bytes:
    """9.1.2.5: digits swapped, or a name in septets."""
    if not number.lstrip("+").isdigit():
        codes = gsm7_codes(number)
        return bytes([-(-len(codes) * 7 // 4), 0xD0]) + packed(codes)
    digits = number.lstrip("+")
    filled = digits + "F" * (len(digits) % 2)
    swapped = bytes.fromhex("".join(filled[n + 1] + filled[n] for n in range(0, len(filled), 2)))
    return bytes([len(digits), 0x91 if number[0] == "+" else 0x81]) + swapped


def stamp(moment: dt.datetime) -> bytes:
    """9.2.3.11, with the zone in quarters of an hour."""
    offset = moment.utcoffset()
    quarters = int(offset.total_seconds() // 900) if offset else 0
    fields = [moment.year % 100, moment.month, moment.day, moment.hour, moment.minute, moment.second, abs(quarters)]
    octets = [field % 10 << 4 | field // 10 for field in fields]
    if quarters < 0:
        octets[-1] |= 0x08
    return bytes(octets)


def gsm7_codes(text: str) -> list[int]:
    back = {character: code for code, character in EXTENSION.items()}
    codes: list[int] = []
    for character in text:
        codes += [0x1B, back[character]] if character in back else [BASIC.index(character)]
    return codes


def packed(codes: list[int]) -> bytes:
    whole = sum(code << 7 * n for n, code in enumerate(codes))
    return whole.to_bytes(-(-len(codes) * 7 // 8), "little")
