"""PDUs judged by a decoder of their own, since a codec that agrees with itself may be wrong twice."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.at.pdu import Part, PduError, Received, Report, decode_deliver, decode_report, encode_submit
from appliance.core.alphabet import choose, clean, fits

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "sms_pdus.json"
OWNER = "+4915112345678"

# 23.038 6.2.1, a column of the table a line; written down apart from the one under test
COLUMNS = (
    "@£$¥èéùìòÇ\nØø\rÅå",
    "Δ_ΦΓΛΩΠΨΣΘΞ\0ÆæßÉ",
    " !\"#¤%&'()*+,-./",
    "0123456789:;<=>?",
    "¡ABCDEFGHIJKLMNO",
    "PQRSTUVWXYZÄÖÑÜ§",
    "¿abcdefghijklmno",
    "pqrstuvwxyzäöñüà",
)
EXTENDED = {10: "\f", 20: "^", 40: "{", 41: "}", 47: "\\", 60: "[", 61: "~", 62: "]", 64: "|", 101: "€"}


@dataclass
class Submitted:
    """An SMS-SUBMIT, field by field."""

    first: int
    kind: int
    digits: str
    protocol: int
    coding: int
    validity: int
    header: bytes
    text: str


def read_submit(pdu: str, length: int) -> Submitted:
    """Bit by bit, by 23.040 9.2.2.2; asserts that the lengths are right to the last bit."""
    octets = bytes.fromhex(pdu)
    assert octets[0] == 0, "the SMSC is the SIM's"
    octets = octets[1:]
    assert len(octets) == length
    first, digits, kind = octets[0], octets[2], octets[3]
    rest = octets[4 + (digits + 1) // 2 :]
    number = "".join(f"{octet % 16:X}{octet // 16:X}" for octet in octets[4 : 4 + (digits + 1) // 2])
    assert set(number[digits:]) <= {"F"}
    protocol, coding, validity, size, data = rest[0], rest[1], rest[2], rest[3], rest[4:]
    header = data[: data[0] + 1] if first & 64 else b""
    if coding == 8:
        assert len(data) == size <= 140
        text = data[len(header) :].decode("utf-16-be")
    else:
        assert coding == 0
        assert size <= 160
        assert len(data) == -(-size * 7 // 8)
        bits = [octet >> bit & 1 for octet in data for bit in range(8)]
        start = -(-len(header) * 8 // 7) * 7
        assert not any(bits[len(header) * 8 : start]), "fill bits"
        assert not any(bits[size * 7 :])
        codes = [sum(bits[at + bit] << bit for bit in range(7)) for at in range(start, size * 7, 7)]
        text, escape = "", False
        for code in codes:
            assert not (escape and code not in EXTENDED)
            text += EXTENDED[code] if escape else "" if code == 27 else COLUMNS[code // 16][code % 16]
            escape = code == 27 and not escape
        assert not escape, "an escape pair was split"
    return Submitted(first, kind, number[:digits], protocol, coding, validity, header, text)


def submitted(text: str, number: str = OWNER, reference: int = 7) -> list[Submitted]:
    return [read_submit(pdu.hex, pdu.length) for pdu in encode_submit(number, text, reference)]


def test_a_plain_text_octet_by_octet():
    (pdu,) = encode_submit("+4915112345678", "hellohello", 1)
    assert pdu.hex == "00" + "3100" + "0D91945111325476F8" + "0000A7" + "0A" + "E8329BFD4697D9EC37"
    assert pdu.length == 24


def test_a_status_report_is_asked_for_and_a_day_is_enough():
    (text,) = submitted("Hallo")
    assert (text.first, text.protocol, text.validity, text.header) == (0x31, 0, 167, b"")


@pytest.mark.parametrize(
    ("number", "kind", "digits"),
    [
        ("+4915112345678", 0x91, "4915112345678"),
        ("+491511234567", 0x91, "491511234567"),
        ("015112345678", 0x81, "015112345678"),
        ("0015112345678", 0x81, "0015112345678"),
        ("22911", 0x81, "22911"),
        ("+" + "9" * 20, 0x91, "9" * 20),
        ("7", 0x81, "7"),
    ],
)
def test_numbers(number, kind, digits):
    for text in submitted("x" * 200, number):
        assert (text.kind, text.digits) == (kind, digits)


@pytest.mark.parametrize(
    "number", ["", "+", "Huber", "+49 151", "0151-1", "*100#", "++49", "٣٤٥", "²", "+49\n1", "1\n", "1" * 21, "\ud800"]
)
def test_what_is_no_number(number):
    with pytest.raises(PduError, match="no phone number"):
        encode_submit(number, "x", 1)


@pytest.mark.parametrize(
    ("text", "coding", "lengths"),
    [
        ("", 0, [0]),
        ("@", 0, [1]),
        ("1234567@", 0, [8]),
        ("@" * 160, 0, [160]),
        ("ä" * 161, 0, [153, 8]),
        ("x" * 152 + "€" + "x" * 20, 0, [152, 21]),
        ("x" * 151 + "€" + "x" * 20, 0, [152, 20]),
        ("[" * 80, 0, [80]),
        ("[" * 81, 0, [76, 5]),
        ("§ 5", 0, [3]),
        ("ÿ", 8, [1]),
        ("`", 8, [1]),
        ("я" * 70, 8, [70]),
        ("я" * 71, 8, [67, 4]),
        ("👍" * 35, 8, [35]),
        ("👍" * 36, 8, [33, 3]),
        ("я" * 66 + "👍👍👍", 8, [66, 3]),
    ],
)
def test_alphabets_and_borders(text, coding, lengths):
    parts = submitted(text)
    assert {part.coding for part in parts} == {coding}
    assert [len(part.text) for part in parts] == lengths
    assert "".join(part.text for part in parts) == text


@pytest.mark.parametrize("reference", [0, 7, 255, 256, 65535, -1])
def test_parts_belong_together(reference):
    parts = submitted("x" * 400, reference=reference)
    assert [part.header for part in parts] == [bytes((5, 0, 3, reference % 256, 3, number)) for number in (1, 2, 3)]
    assert [part.first for part in parts] == [0x51, 0x51, 0x71], "only the last part asks for a report"


def test_a_text_too_long_is_cut():
    parts = submitted("x" * 5000)
    assert len(parts) == 10
    assert parts[-1].text == "x" * 150 + "..."


def test_every_character_of_the_alphabet():
    everything = "".join(COLUMNS).replace("\0", "").replace("\r", "") + "".join(EXTENDED.values()).replace("\f", "")
    for char in everything:
        (part,) = submitted(char)
        assert (part.coding, part.text) == (0, char)
    assert "".join(part.text for part in submitted(everything * 3)) == everything * 3


@given(st.text(max_size=400), st.integers())
def test_any_text_comes_out_as_it_was_chosen(text, reference):
    coding, chosen = choose(text)
    parts = submitted(text, reference=reference)
    assert "".join(part.text for part in parts) == chosen
    assert {part.coding for part in parts} == {0 if coding.name == "GSM7" else 8}
    if fits(clean(text)):
        assert chosen == clean(text)


gsm_texts = st.text(st.sampled_from("@§ÄÖÜäöüß€[]{}~^|\\ \nabcX1"), max_size=500)


@given(gsm_texts)
def test_any_text_of_the_alphabet_comes_out_as_it_went_in(text):
    assert "".join(part.text for part in submitted(text)) == text


# --- received ----------------------------------------------------------------------------------

HELLO = Received("+491702222222", "Grüße 5 €", datetime(2026, 11, 23, 13, 3, tzinfo=UTC), None, False)


def pack(codes: list[int], header: bytes = b"") -> bytes:
    """User data of septets after a header, with its length in front."""
    fill = -len(header) * 8 % 7
    bits = sum(code << 7 * at for at, code in enumerate(codes)) << fill
    size = -(-len(header) * 8 // 7) + len(codes)
    data = header + bits.to_bytes(-(-(fill + 7 * len(codes)) // 8), "little")
    return bytes((size, *data))


def deliver(
    data: bytes, coding: int = 0, first: int = 0x04, sender: str = "0C91947120222222", time: str = "62113241300040"
) -> str:
    return "07919471070000F0" + f"{first:02X}" + sender + f"00{coding:02X}" + time + data.hex()


def gsm(text: str) -> list[int]:
    table = {char: code for code, char in enumerate("".join(COLUMNS))}
    extended = {char: code for code, char in EXTENDED.items()}
    return [code for char in text for code in ([table[char]] if char in table else [27, extended[char]])]


@pytest.mark.parametrize(
    ("pdu", "expected"),
    [
        (deliver(pack(gsm("Grüße 5 €"))), HELLO.text),
        (deliver(pack(gsm("Grüße 5 €"))).lower(), HELLO.text),
        (deliver(pack(gsm("1234567@"))), "1234567@"),
        (deliver(pack(gsm("@" * 16))), "@" * 16),
        (deliver(bytes((7, *pack(gsm("1234567?"))[1:]))), "1234567"),  # fill bits that are not 0
        (deliver(pack(gsm("12345678"))) + "FFFF", "12345678"),  # octets after the end
        (deliver(pack([27, 0x0A])), "\f"),
        (deliver(pack([27, 0x41, 0x42])), "AB"),  # no such character in the extension table
        (deliver(pack([0x41, 27])), "A "),
        (deliver(pack([27, 27, 0x41])), " A"),
        (deliver(bytes((160,)) + pack(gsm("cut short"))[1:]), "cut short"),
        (deliver(b"\x06" + "Жук".encode("utf-16-be"), 8), "Жук"),
        (deliver(b"\x04" + "👍".encode("utf-16-be"), 8), "👍"),
        (deliver(b"\x02\xd8\x00", 8), "\ufffd"),
        (deliver(b"\x03\x00A\x00", 8), "A"),
        (deliver(b"\x02" + "Ж".encode("utf-16-be"), 0xE0), "Ж"),
        (deliver(b"\x02" + "Ж".encode("utf-16-be"), 0x48), "Ж"),
        (deliver(pack(gsm("Mailbox")), 0xC8), "Mailbox"),
        (deliver(pack(gsm("flash")), 0x10), "flash"),
        (deliver(pack(gsm("class 1")), 0xF1), "class 1"),
        (deliver(pack(gsm("reserved")), 0x8C), "reserved"),
        (deliver(b"\x00"), ""),
    ],
)
def test_received_texts(pdu, expected):
    received = decode_deliver(pdu)
    assert received == Received(HELLO.number, expected, HELLO.sent_at, None, False)


@pytest.mark.parametrize("coding", [0x04, 0x14, 0xF4, 0xF5])
def test_bytes_for_a_program_are_no_text(coding):
    received = decode_deliver(deliver(b"\x03\x01\x02\x03", coding))
    assert (received.text, received.is_data) == ("", True)


@pytest.mark.parametrize(
    ("sender", "number"),
    [
        ("0C91947120222222", "+491702222222"),
        ("0B811007222222F2", "01702222222"),
        ("0AA11707222222", "7170222222"),
        ("05812219F1", "22911"),
        ("05811A00FB", "*100#"),
        ("0ED0" + pack(gsm("Vodafone"))[1:].hex(), "Vodafone"),
        ("0BD0" + pack(gsm("1&1 DE"))[1:].hex(), "1&1 DE"),
        ("06D0" + pack(gsm("abc"))[1:].hex(), "abc"),
        ("0080", None),
        ("0091", None),
    ],
)
def test_senders(sender, number):
    received = decode_deliver(deliver(pack(gsm("x")), sender=sender))
    assert (received.number, received.text, received.sent_at) == (number, "x", HELLO.sent_at)


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (bytes((5, 0, 3, 200, 3, 2)), Part(200, 3, 2)),
        (bytes((6, 8, 4, 1, 2, 3, 3)), Part(258, 3, 3)),
        (bytes((9, 4, 2, 9, 9, 0, 3, 1, 2, 1)), Part(1, 2, 1)),
        (bytes((5, 0, 3, 200, 0, 0)), None),
        (bytes((5, 0, 3, 200, 2, 3)), None),
        (bytes((4, 0, 2, 1, 1)), None),
        (bytes((3, 0, 9, 1)), None),
        (bytes((1, 0)), None),
        (b"\x00", None),
    ],
)
def test_received_parts(header, part):
    received = decode_deliver(deliver(pack(gsm("Teil €"), header), first=0x44))
    assert (received.text, received.part) == ("Teil €", part)
    wide = "Жук".encode("utf-16-be")
    received = decode_deliver(deliver(bytes((len(header) + 6,)) + header + wide, 8, first=0x44))
    assert (received.text, received.part) == ("Жук", part)


@pytest.mark.parametrize(
    ("time", "sent_at"),
    [
        ("62113241300040", HELLO.sent_at),
        ("62113241300080", datetime(2026, 11, 23, 12, 3, tzinfo=UTC)),
        ("6211324130004A", datetime(2026, 11, 23, 20, 3, tzinfo=UTC)),
        ("00000000000000", None),
        ("62119941300040", None),
        ("FFFFFFFFFFFFFF", None),
    ],
)
def test_times(time, sent_at):
    received = decode_deliver(deliver(pack(gsm("x")), time=time))
    assert (received.text, received.sent_at) == ("x", sent_at)


@pytest.mark.parametrize(
    "pdu",
    [
        "", "0", "00", "zz", "ä", "\ud800", "F" * 9000,
        deliver(b"")[:-2],
        deliver(b"\x02\x05\x00", first=0x44),
        deliver(pack(gsm("x")), coding=0x20),
        deliver(pack(gsm("x")), first=0x02),
        "00" + "11000C91947120222222" + "0000A70141",
    ],
)  # fmt: skip
def test_what_is_no_received_text(pdu):
    with pytest.raises(PduError):
        decode_deliver(pdu)


@given(st.one_of(st.text(), st.binary(max_size=300).map(bytes.hex)))
def test_nothing_but_our_error_comes_out(pdu):
    with suppress(PduError):
        decode_deliver(pdu)


@given(st.data())
def test_mutated_texts(data):
    octets = bytearray.fromhex(
        data.draw(
            st.sampled_from([deliver(pack(gsm("Grüße 5 €"), b"\5\0\3\7\2\1"), first=0x44), deliver(b"\2\4\x16", 8)])
        )
    )
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    try:
        received = decode_deliver(octets[: data.draw(st.integers(0, len(octets)))].hex())
    except PduError:
        return
    received.text.encode()
    assert received.sent_at is None or received.sent_at.utcoffset() == timedelta(0)


def test_real_pdus():
    """Every received text of the corpus where it is there, and a few of the same kind in any case."""
    table = [
        {"pdu": deliver(pack(gsm("Zkouska sirén"))), "consensus_text": "Zkouska sirén", "number": HELLO.number},
        {"pdu": deliver(b"\x08" + "Abc…".encode("utf-16-be"), 8), "consensus_text": "Abc…", "number": HELLO.number},
    ]
    if CORPUS.exists():
        table += json.loads(CORPUS.read_text())
    received = 0
    for entry in table:
        if bytes.fromhex(entry["pdu"])[bytes.fromhex(entry["pdu"])[0] + 1] & 3 == 0:
            text = decode_deliver(entry["pdu"])
            assert text.text == entry["consensus_text"]
            assert entry["number"] in (None, text.number)
            received += 1
        else:
            chosen = choose(entry["consensus_text"])[1]
            assert "".join(part.text for part in submitted(entry["consensus_text"])) == chosen
    assert received >= (49 if CORPUS.exists() else 2)


def test_the_codec_is_imported_when_it_is_needed():
    code = "import sys, appliance.at.pdu; sys.exit('gsmmodem' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=30).returncode == 0


# --- status reports ------------------------------------------------------------------------------

REPORT = "0791947101670000" + "062A" + "0D91945111325476F8" + "62113211000040" + "62113211000040"
"""By the hand of 23.040 9.2.2.3: SMSC, type, reference, recipient, two times; the status follows."""


@pytest.mark.parametrize(
    ("status", "delivered"),
    [("00", True), ("01", True), ("1F", True), ("20", None), ("30", None), ("40", False), ("46", False), ("7F", False)],
)
def test_status_reports(status, delivered):
    assert decode_report(REPORT + status) == Report(0x2A, "+4915112345678", delivered)


@pytest.mark.parametrize("pdu", ["", "00", "zz", REPORT, REPORT[:-10], "0791947101670000" + "04" + "0B91"])
def test_what_is_no_status_report(pdu):
    with pytest.raises(PduError):
        decode_report(pdu)


@given(st.binary(max_size=60))
def test_no_octets_make_it_raise_anything_else(octets):
    try:
        decode_report(octets.hex())
    except PduError:
        return
