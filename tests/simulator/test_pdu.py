import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.simulator.pdu import (
    EXTENSION,
    GSM7,
    Part,
    PduRefused,
    decode_submit,
    encode_deliver,
    encode_report,
    gsm7_septets,
    gsm7_text,
    pack,
    tpdu_length,
    unpack,
)

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "sms_pdus.json"
ALPHABET = GSM7.replace("\x1b", "") + "".join(EXTENSION.values())


def submit(text, *, to="0C919451113254", first=0x01, reference=0, dcs=0x00, header=b"", validity=""):
    """An SMS-SUBMIT put together by hand."""
    septets = gsm7_septets(text) if dcs == 0 else None
    if septets is not None:
        fill = (7 - len(header) * 8 % 7) % 7
        skipped = (8 * len(header) + 6) // 7
        value = int.from_bytes(header, "little") | int.from_bytes(pack(septets), "little") << (8 * len(header) + fill)
        length = skipped + len(septets)
        data = value.to_bytes((7 * length + 7) // 8, "little")
    else:
        data = header + text.encode("utf-16-be")
        length = len(data)
    if header:
        first |= 0x40
    return f"00{first:02X}{reference:02X}{to}00{dcs:02X}{validity}{length:02X}{data.hex()}".upper()


TO = "0D91945111325476F8"


@pytest.mark.parametrize("text", ["Hallo", "äöüß ÄÖÜ", "[€] {~}^|\\", "", "@" * 160, "Zeile\nzwei"])
def test_gsm7(text):
    found = decode_submit(submit(text, to=TO))
    assert (found.text, found.alphabet, found.part) == (text, "gsm7", None)
    assert found.to.e164 == "+4915112345678"


@pytest.mark.parametrize("text", ["„Anführung“", "日本", "x" * 70, "😀"])
def test_ucs2(text):
    assert decode_submit(submit(text, to=TO, dcs=8)).text == text


def test_a_pdu_of_the_books():
    """`hellohello` as it stands in every description of the packing."""
    found = decode_submit("0011000B916407281553F80000AA0AE8329BFD4697D9EC37")
    assert (found.text, found.to.e164, found.reference) == ("hellohello", "+46708251358", 0)


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("050003420302", Part(0x42, 3, 2)),
        ("060804ABCD0201", Part(0xABCD, 2, 1)),
        ("0B05040B8400000003070201", Part(7, 2, 1)),
    ],
)
def test_concatenation(header, part):
    for text, dcs in (("Teil [2]", 0), ("Teil „2“", 8)):
        found = decode_submit(submit(text, to=TO, dcs=dcs, header=bytes.fromhex(header)))
        assert (found.part, found.text) == (part, text)


@pytest.mark.parametrize(
    ("first", "validity"), [(0x01, ""), (0x11, "AA"), (0x19, "62113211000040"), (0x09, "62113211000040")]
)
def test_validity_periods(first, validity):
    assert decode_submit(submit("x", to=TO, first=first, validity=validity)).text == "x"


def test_status_report_is_asked_for():
    assert decode_submit(submit("x", to=TO, first=0x21)).wants_report
    assert not decode_submit(submit("x", to=TO)).wants_report


def test_the_service_centre_is_read():
    assert decode_submit("0791947101670000" + submit("x", to=TO)[2:]).service_centre == "+491710760000"


@pytest.mark.parametrize(
    "pdu",
    [
        "",
        "00",
        "zz",
        "0001000",
        submit("Hallo", to=TO)[:-2],
        submit("Hallo", to=TO) + "00",
        submit("Hallo", to=TO, first=0x00),
        submit("Hallo", to="0091"),
        submit("Hallo", to="0D91945111325476A8"),
        submit("Hallo", to="0D11945111325476F8"),
        submit("Hallo", to=TO).replace("0000", "0020", 1),
        submit("x", to=TO, header=bytes.fromhex("050003420304")),
        submit("x", to=TO, header=bytes.fromhex("050003420300")),
        submit("x" * 71, to=TO, dcs=8),
    ],
)
def test_what_a_network_refuses(pdu):
    with pytest.raises(PduRefused):
        decode_submit(pdu)


@given(st.binary(max_size=180))
def test_octets_decode_or_are_refused(data):
    with contextlib.suppress(PduRefused):
        decode_submit(data)


@given(st.text(ALPHABET, max_size=80))
def test_septets_there_and_back(text):
    septets = gsm7_septets(text)
    assert septets is not None
    assert unpack(pack(septets), len(septets)) == septets
    assert gsm7_text(septets) == text


def deliver_text(pdu):
    """The text of an SMS-DELIVER of ours, read the slow way."""
    body = pdu[1 + pdu[0] :]
    first, digits = body[0], body[1]
    at = 3 + (digits + 1) // 2
    dcs, length, data = body[at + 1], body[at + 9], body[at + 10 :]
    header = data[0] + 1 if first & 0x40 else 0
    if dcs == 8:
        return data[header:length].decode("utf-16-be", errors="surrogatepass")
    return gsm7_text(unpack(data, length)[(8 * header + 6) // 7 :])


@given(st.text(ALPHABET, max_size=400) | st.text("a„“ä", max_size=200))
def test_what_is_delivered_can_be_read(text):
    pdus = encode_deliver("+491701234567", text)
    assert "".join(deliver_text(pdu) for pdu in pdus) == text
    assert all(tpdu_length(pdu) <= 164 for pdu in pdus)


def test_a_name_as_sender_and_a_report():
    assert encode_deliver("Telekom", "x")[0][9:].hex().upper().startswith("0ED0")
    report = encode_report(7, decode_submit(submit("x", to=TO)).to)
    assert report[8:10] == bytes([0x06, 7])


def test_pdus_of_real_modems():
    """Every SMS-SUBMIT of the corpus, where it is at hand, on which other decoders agree."""
    records, read = json.loads(CORPUS.read_text()) if CORPUS.exists() else [], 0
    for record in records:
        try:
            found = decode_submit(record["pdu"])
        except PduRefused:
            continue
        read += 1
        assert found.text.rstrip("@") == record["consensus_text"].rstrip("@"), record
    assert read > 10 or not records
