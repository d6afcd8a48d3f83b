"""Who calls, as analog modems print it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.at.callerid import LONGEST_NAME, Caller, Said, add, parse
from appliance.core.numbers import DialPlan

GERMANY = DialPlan(country_code="49")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("NMBR=03012345678", [Said("number", "03012345678")]),
        ("NMBR = 03012345678", [Said("number", "03012345678")]),
        ("nmbr: 030 123 456-78", [Said("number", "03012345678")]),
        ("NMBR=+4930/1234567", [Said("number", "+49301234567")]),
        ("NMBR=**620", [Said("number", "**620")]),
        ("MBR=0301234567", [Said("number", "0301234567")]),  # its first letter torn off
        ("\xffNMBR=0301234567", [Said("number", "0301234567")]),
        ("NMBR=0301\xff34567", [Said("unavailable")]),  # a digit is missing: whose number that is nobody knows
        ("NMBR=P", [Said("withheld")]),
        ("NMBR = p", [Said("withheld")]),
        ("NMBR=PRIVATE", [Said("withheld")]),
        ("NMBR=O", [Said("unavailable")]),
        ("NMBR=Out of Area", [Said("unavailable")]),
        ("NMBR=", [Said("unavailable")]),
        ("NMBR=-", [Said("unavailable")]),
        ("DDN_NMBR=0301234567", [Said("ddn", "0301234567")]),
        ("DDN_NMBR=P", [Said("withheld")]),
        ("NAME=Praxis M\xfcller", [Said("name", "Praxis Müller")]),
        ("NAME = O", [Said("name", "")]),
        ("NAME=\x1b[31mred\x07\t'; DROP TABLE", [Said("name", "[31mred '; DROP TABLE")]),
        ("NAME=" + "x" * 500, [Said("name", "x" * LONGEST_NAME)]),
        ("MESG = 110101", []),
        ("MESG=040150", [Said("withheld")]),
        ("MESG=04014F", [Said("unavailable")]),
        ("MESG=xyz", []),
        ("MESG=04015", []),
        ("DATE=1123", []),
        ("TIME=2015", []),
        ("RING", []),
        ("", []),
        ("NUMBER=030", []),
        ("801801083131323331343035020C303135313132333435363738", [Said("number", "015112345678")]),
        ("800D01083131323331343035040150", [Said("withheld")]),
        ("8011070541204B4F5402083033303132333437", [Said("name", "A KOT"), Said("number", "03012347")]),
        ("0412313132333134303530333031323334353637", [Said("number", "0301234567")]),
        ("80FF01", []),
        ("80FF010831313233", []),
    ],
)
def test_lines(line, said):
    assert parse(line) == said


DATE, NUMBER, NAME = (1, b"04012030"), (2, b"0301234"), (7, b"F. Webster")
A_NUMBER, A_NAME = Said("number", "0301234"), Said("name", "F. Webster")


def message(*fields, length=None, after=b"\x5a"):
    """In hex, as a modem prints it. `after`: the checksum, and what follows it."""
    body = b"".join(bytes([tag, len(content)]) + content for tag, content in fields)
    return (bytes([0x80, len(body) if length is None else length]) + body + after).hex().upper()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (message(DATE, NUMBER, NAME, length=21), [A_NUMBER, A_NAME]),
        (message(NAME, NUMBER, length=16), [A_NAME, A_NUMBER]),
        (message(NAME, NUMBER, length=14, after=b""), [A_NAME, A_NUMBER]),
        (message(DATE, NUMBER, length=48), [A_NUMBER]),
        (message(DATE, NUMBER, length=20), [A_NUMBER]),  # the checksum counted in
        (message(DATE, NUMBER, after=b""), [A_NUMBER]),
        (message(DATE, NUMBER, after=b"\x22\x02\x070309999"), [A_NUMBER]),
        (message(DATE, NUMBER, length=12, after=b"\x22\x02\x070309999"), []),
        # a field's length is wrong: no part of a number is one
        (message(DATE, NUMBER).replace("02073033", "02053033"), []),
        (message(DATE, NUMBER).replace("02073033", "02083033"), [Said("unavailable")]),
        # a byte is missing, or the end
        (message(DATE, NUMBER).replace("31323334", "313234"), [Said("unavailable")]),
        (message(DATE, NUMBER).replace("30343031", "303431"), []),
        (message(DATE, NUMBER)[:-4], []),
        (message(NUMBER, NAME)[:-8], [A_NUMBER]),
        ("MESG=0207303330313233", []),
        ("0412313132333134303530333031323334353637", [Said("number", "0301234567")]),
        ("04123131323331343035303330313233343536375A", [Said("number", "0301234567")]),
        ("0411313132333134303530333031323334353637", []),
        ("0410313132333134303530333031323334353637", []),
        ("04123131323331343035303330313233343536", []),
    ],
)
def test_messages_with_wrong_lengths(line, said):
    assert parse(line) == said


@given(st.permutations([DATE, NUMBER, NAME]), st.data())
def test_a_damaged_length_or_a_missing_end_gives_no_other_number(fields, data):
    line = bytearray.fromhex(message(*fields))
    lengths = [1] + [place for place in range(2, 30) if line[place - 1 : place + 1] in (b"\1\x08", b"\2\7", b"\7\x0a")]
    if data.draw(st.booleans()):
        line[data.draw(st.sampled_from(lengths))] = data.draw(st.integers(0, 255))
    else:
        del line[data.draw(st.integers(4, len(line))) :]
    assert {said.text for said in parse(line.hex()) if said.kind == "number"} <= {"0301234"}


def known(*lines, ours=frozenset()):
    caller = Caller()
    for line in lines:
        for said in parse(line):
            caller = add(caller, said, GERMANY, ours)
    return caller


def test_parts_add_up():
    caller = known("DATE=1123", "NMBR=0301234567", "NAME=Huber")
    assert (caller.number, caller.name, caller.withheld, caller.told) == ("+49301234567", "Huber", False, True)


def test_the_first_number_stays():
    assert known("NMBR=0301234567", "NMBR=03012345", "NMBR=P").number == "+49301234567"


def test_a_number_after_none():
    assert known("NMBR=O", "NMBR=0301234567").number == "+49301234567"
    assert known("NMBR=P").withheld
    assert not known("NMBR=P", "NMBR=0301234567").withheld
    assert known("NMBR=O").told


def test_a_dialable_directory_number_counts_where_there_is_no_other():
    assert known("DDN_NMBR=0301234567").number == "+49301234567"
    assert known("DDN_NMBR=0301234567", "NMBR=0891234567").number == "+49891234567"
    assert known("NMBR=0891234567", "DDN_NMBR=0301234567").number == "+49891234567"
    assert known("NMBR=P", "DDN_NMBR=0301234567").number is None, "who withholds his number is not looked up"
    assert known("DDN_NMBR=0301234567", "NMBR=O").number is None
    assert known("DDN_NMBR=0301234567", "NAME=Huber", "DDN_NMBR=0301234567").number == "+49301234567"
    assert known("DDN_NMBR=0301234567", ours=frozenset(["+49301234567"])).number is None, "the called one"


@pytest.mark.parametrize(
    "lines",
    [
        ("DDN_NMBR=0891234567", "NMBR=P"),
        ("NMBR=P", "DDN_NMBR=0891234567"),
        ("DDN_NMBR=0891234567", "NAME=P", "NMBR=PRIVATE", "DDN_NMBR=0891234567"),
        ("DDN_NMBR=0891234567", "MESG=040150"),
        ("800F030A30383931323334353637040150",),
        ("800F040150030A30383931323334353637",),
    ],
)
def test_who_withholds_his_number_has_no_other(lines):
    caller = known(*lines)
    assert (caller.number, caller.withheld, caller.told) == (None, True, True)


@given(st.text(max_size=80))
def test_total(text):
    parse(text)
    for prefix in ("NMBR=", "NAME=", "MESG=", "DDN_NMBR = "):
        for said in parse(prefix + text):
            assert said.text.isprintable()
            assert len(said.text) <= max(LONGEST_NAME, len(text))
            add(Caller(), said, GERMANY, frozenset())


@given(st.binary(max_size=60))
def test_messages_in_hex_are_total(data):
    for first in (b"\x80", b"\x04"):
        parse((first + data).hex())
    parse("MESG=" + data.hex())
