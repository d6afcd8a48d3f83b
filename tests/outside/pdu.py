"""Reads an SMS-SUBMIT PDU (3GPP TS 23.040 9.2.2.2) by hand, so that what went out is judged by nobody's codec but this.

`submitted(pdu, length)` checks the frame as well as it reads it: every field must be where the standard puts it.
"""

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
    """One part: `to` as dialled with its plus, `alphabet` "gsm7" or "ucs2", `part` (reference, of, number) or None."""

    to: str
    text: str
    alphabet: str
    part: tuple[int, int, int] | None


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
    return Text(to, text, alphabet, concatenation(data[1:header]) if header else None)


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
