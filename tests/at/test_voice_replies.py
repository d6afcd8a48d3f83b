"""What a voice modem can do, by text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.at import voice_replies
from appliance.at.voice_profiles import voice_profile_of
from appliance.at.voice_replies import Format, Ways


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0,1,1.0,2,8", True),
        ("0,1,1.0,2,2.0,8", True),
        ("(0,1,8)", True),
        ("+FCLASS: (0,1,8,80)", True),
        ("8", True),
        ("0,1,2", False),
        ("0,1,1.8,2", False),
        ("0,1,80", False),
        ("0,1,8.0", False),
        ("+FCLASS: (0,1,2.0)", False),
        ("", False),
    ],
)
def test_voice_class(line, expected):
    assert voice_replies.has_voice([line]) is expected


@pytest.mark.parametrize(
    ("row", "coding"),
    [
        ('1,"UNSIGNED PCM",8,0,8000,0,0', "u8"),
        ('128,"8-BIT LINEAR",(7200,8000,11025)', "u8"),
        ('128,"8-BIT LINEAR",8,0,(8000),(0),(0)', "u8"),
        ('+VSM: 128,"8-BIT LINEAR",(7200,8000,11025)', "u8"),
        ('1;"UNSIGNED PCM";8;0;(7200-11025)', "u8"),
        ('131,"Mu-Law",8,0,8000,0,0', "ulaw"),
        ('131,"G.711 ULAW",8,0,(8000),(0),(0)', "ulaw"),
        ('131,"8-BIT ULAW",(8000)', "ulaw"),
        ('132,"A-Law",8,0,8000,0,0', "alaw"),
        ('5,"A-Law Companded PCM",8,0,(8000),(127-129),(0-255)', "alaw"),
        ('130,"8-BIT ALAW",(8000)', "alaw"),
        ('0,"SIGNED PCM",16,0,(8000),(127-129),(0-255)', "s16le"),
        ('129,"16-BIT LINEAR",(7200,8000,11025)', "s16le"),
        ('0,"SIGNED PCM",8,0,8000,0,0', None),
        ('133,"14 bit PCM",14,0,8000,0,0', None),
        ('129,"IMA ADPCM",4,0,8000,0,0', None),
        ('141,"3-bit ADPCM",3,0,(8000)', None),
        ('140,"CL1",8,0,(8000)', None),
        ('1,"LIN8"', "u8"),
        ('1,"LIN8",8,0,8000,0,0', "u8"),
        ('+VSM: 128,"PCM8",(7200,8000)', "u8"),
        ('1,"Linear PCM 8",(8000)', "u8"),
        ('2,"PCM",8,0,(8000)', "u8"),
        ('1,"PCM8",16,0,(8000)', None),  # 8 kHz
        ('1,"LIN16",(8000)', None),
        ('1,"PCM",(8000)', None),
        ('0,"PCM8",(8000)', None),
        ('0,"PCM",8,0,(8000)', None),
        ('9,"ADPCM8",8,0,(8000)', None),
        ('1,"LIN8",(7200)', None),
        ('1,"UNSIGNED PCM",8,0,(7200)', None),
        ("OK", None),
        ("", None),
    ],
)
def test_formats(row, coding):
    assert [one.coding for one in voice_replies.formats([row])] == ([coding] if coding else [])


def test_eight_bits_unsigned_come_first_and_sixteen_last():
    rows = ['129,"16-BIT LINEAR",(8000)', '131,"8-BIT ULAW",(8000)', '128,"8-BIT LINEAR",(8000)']
    assert voice_replies.formats(rows) == (Format(128, "u8"), Format(131, "ulaw"), Format(129, "s16le"))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (['0,"",B0000000,B0000000,B0000000', '1,"T",0BC01800,0BC01800,0BC01800', '5,"ST",0B'], Ways(1, 0)),
        (['+VLS: 0,""', '+VLS: 9,"T"'], Ways(9, 0)),
        (['4,"t"', '3,""'], Ways(4, 3)),
        (['0,""', '2,"L"', '4,"S"', '7,"MST"'], None),
        (["OK"], None),
        ([], None),
    ],
)
def test_ways(rows, expected):
    assert voice_replies.ways(rows) == expected


@pytest.mark.parametrize(
    ("line", "value"),
    [("1", 1), ("1,8000,0,0", 1), ("+VSM: 128,8000", 128), ("-STE: 7", 7), ("+VCID: 0", 0), ("T", None), ("", None)],
)
def test_what_a_setting_reads_back_as(line, value):
    assert voice_replies.first_value([line]) == value


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("CONEXANT V90 56000 CX93001-EIS_V0.2013-V92", "Conexant CX930xx"),
        ("U.S. Robotics 56K FAX USB V1.2.23", "USR5637"),
        (" 5601", "USR5637"),
        ("CL-MD56xx CD08.55", "V.253"),
        ("", "V.253"),
    ],
)
def test_families(said, name):
    assert voice_profile_of(said).name == name


@given(st.lists(st.text(max_size=60)))
def test_total(lines):
    voice_replies.has_voice(lines)
    voice_replies.formats(lines)
    voice_replies.ways(lines)
    voice_replies.first_value(lines)
