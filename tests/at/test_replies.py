"""Information lines of real modules → values."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.at import replies
from appliance.at.framing import Framer, Line
from appliance.at.replies import Caller, Forwarding, Leg, Stat

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('+X: a,"b,c",,d', ["a", "b,c", None, "d"]),
        ('+X: "a" ,b , c', ["a", "b", "c"]),
        ('+COPS: 0,0,"TELE2,0', ["0", "0", "TELE2", "0"]),
        ("+CCFC: 0,2,", ["0", "2", None]),
        ("+CREG: 2,,", ["2", None, None]),
        ("+CPIN:", []),
        ("+CLIP", ["+CLIP"]),
    ],
)
def test_fields(line, expected):
    assert replies.fields(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('+CLIP: "+496912345678",145,,,,0', Caller("+496912345678", 145, False)),
        ('+CLIP: "030123456",129', Caller("030123456", 129, False)),
        ('+CLIP: "0545919886",129,"",,"Derek",0', Caller("0545919886", 129, False, "Derek")),
        ('+CLIP: "",128,,,,1', Caller(None, 128, True)),
        ('+CLIP: "",128', Caller(None, 128, True)),
        ('+CLIP: "",128,,,,2', Caller(None, 128, False)),
        ('+CLIP: "0301",129,,,,1', Caller(None, 129, True)),
        ("+CLIP: ", None),
        ("+CLIP: ,,,,,", None),
        ('+CLIP: "+49', None),
    ],
)
def test_clip(line, expected):
    assert replies.clip(line) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], ()),
        (['+CLCC: 1,1,4,0,0,"030123456",129'], (Leg(1, True, Stat.INCOMING, False, "030123456", 129),)),
        (["+CLCC: 1,1,0,0,1"], (Leg(1, True, Stat.ACTIVE, True, None, None),)),
        (['+CLCC: 1,0,0,1,0,"",128', "+CLCC: 2,0,3,0,0"], (Leg(2, False, Stat.ALERTING, False, None, None),)),
        (['+CLCC: 1,1,4,0,0,"",145'], (Leg(1, True, Stat.INCOMING, False, None, 145),)),
        (
            ['+CLCC: 2,0,2,0,0,"6789",129', "+CLCC: 1,1,1,0,0"],
            (Leg(1, True, Stat.HELD, False, None, None), Leg(2, False, Stat.DIALLING, False, "6789", 129)),
        ),
        (["+CLCC: 1,1,9,0,0", "+CLCC: 1,1", "+CLCC: a,b,c,d,e", "+CLCC:", "+CLCC: 99999999999,1,0,0,0"], ()),
    ],
)
def test_clcc(lines, expected):
    assert replies.clcc(lines) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("+CREG: 1,3", 3),
        ("+CREG: 3", 3),
        ('+CREG: 11,"33FE","a3fb477"', 11),
        ("+CREG: 2,0,00,0", 0),
        ('+CREG:002,001,"18d8","ffff"', 1),
        ("+CREG: 2,,", 2),
        ("+CEREG: 1, 2, 0001, 00000100, 7", 2),
        ("+CREG: 1,84CD,00D30156", 1),
        ("+CREG: 1,0001,0010,0", 1),
        ("+CREG: 2,1,000B,2816, B, C2816", 1),
        ('+CREG: 2,6,"8B37","0A265185",7', 6),
        ("+CREG: 1,99", None),
        ("+CREG:", None),
    ],
)
def test_registration(line, expected):
    assert replies.registration(line) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("+CPINR: SIM PIN,3,3", 3),
        ("+CPINR: SIM PIN,2", 2),
        ("+CPINR: SIM PUK,10,10", None),
        ("+SPIC: 2,10,3,10", 2),
        ('+QPINC: "SC",3,10', 3),
        ('+QPINC: "P2",3,10', None),
        ("+ZPINPUK: 1,10", 1),
        ("^CPIN: SIM PIN,3,10,3,10,3", 3),
        ("^CPIN: SIM PIN,,10,2,10,3", 2),
        ("^CPIN: READY,,10,3,10,3", 3),
        ("^CPIN: SIM PUK,9,9,0,10,3", 0),
        ("+CPIN: READY", None),
        ("+SPIC:", None),
    ],
)
def test_pin_tries(line, expected):
    assert replies.pin_tries(line) == expected


@pytest.mark.parametrize(
    ("line", "dbm"),
    [
        ("+CSQ: 12,99", -89),
        ("+CSQ: 0,0", -113),
        ("+CSQ: 31,99", -51),
        ("+CSQ: 99,99", None),
        ("+CSQ: 199,99", None),
        ("+CSQ:12,99", -89),
        ("+CSQ: 191,99", -25),
        ("+CSQ: x", None),
        ("+CSQ: 50,0", None),
    ],
)
def test_signal(line, dbm):
    assert replies.signal_dbm(line) == dbm


def test_ccfc_takes_rows_as_they_are():
    rows = replies.ccfc(['+CCFC: 1,1,"+4930123456",145,,,20', "+CCFC: 0,2,", "+CCFC:0,7", "+CCFC: junk"])
    assert rows == (
        Forwarding(True, 1, "+4930123456", 145, 20),
        Forwarding(False, 2, None, None, None),
        Forwarding(False, 7, None, None, None),
    )


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('+CUSD: 0,"Guthaben: 12,34 EUR",15', "Guthaben: 12,34 EUR"),
        ('+CUSD: 2,"00480061006C006C006F",72', "Hallo"),
        ("+CUSD: 4", None),
        ('+CUSD: 0,"",15', None),
    ],
)
def test_ussd(line, text):
    assert replies.ussd_text(line) == text


@pytest.mark.parametrize(
    ("line", "cause"), [("^CEND:1,5,29,16", 16), ("^CEND:1,0,17", None), ("^CEND:1,0,104,17", 17), ("BUSY", None)]
)
def test_end_cause(line, cause):
    assert replies.end_cause(line) == cause


PARSERS = [
    replies.fields,
    replies.clip,
    replies.ccwa,
    replies.signal_dbm,
    replies.operator,
    replies.access_technology,
    replies.sim_state,
    replies.first_number,
    replies.index_and_stat,
    replies.ussd_text,
    replies.pin_tries,
    replies.end_cause,
    lambda line: replies.clcc([line]),
    lambda line: replies.ccfc([line]),
    replies.registration,
]
names = st.sampled_from(["+CLCC", "+CLIP", "+CCFC", "+CSQ", "+CREG", "+COPS", "^CPIN", "+QPINC", "^CEND", ""])
field = st.sampled_from(['"', ",", '"+49301"', "145", "-1", " ", "0", "1", "4", "²", "٣"]) | st.text(max_size=6)


@given(names, st.lists(field, max_size=14))
def test_no_line_makes_a_parser_raise(name, parts):
    line = f"{name}: {','.join(parts)}"
    for parse in PARSERS:
        parse(line)
        parse("".join(parts))


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not part of the project; the tables above are")
def test_strings_of_real_modules():
    for record in json.loads((CORPUS / "voice_urcs.json").read_text()):
        expected = record["expected"]
        lines = [frame.text for frame in Framer().feed(record["string"].encode() + b"\r\n") if isinstance(frame, Line)]
        if expected["kind"] == "clip":
            caller = replies.clip(lines[0])
            assert (caller.number, caller.withheld) == (expected["number"], expected["withheld"]), record
        elif expected["kind"] == "clcc":
            legs = [(leg.id, int(leg.incoming), leg.stat) for leg in replies.clcc(lines)]
            assert legs == [(call["id"], call["dir"], call["stat"]) for call in expected["calls"]], record
        elif expected["kind"] == "ccfc":
            rows = [(int(row.active), row.classes, row.number) for row in replies.ccfc(lines)]
            assert rows == [(row["status"], row["class"], row.get("number")) for row in expected["rows"]], record
        elif expected["kind"] == "csq":
            assert replies.signal_dbm(lines[0]) == expected["dbm"], record
    for record in json.loads((CORPUS / "at_responses.json").read_text()):
        expected = record.get("expected")
        if record.get("command") in ("+CREG", "+CEREG") and isinstance(expected, dict) and "flags" in record:
            line = next(f.text for f in Framer().feed(record["string"].encode() + b"\r\n") if isinstance(f, Line))
            state = expected["result"]["state"].removeprefix("MM_MODEM_3GPP_REGISTRATION_STATE_")
            assert replies.registration(line) == _MM_STATES[state], record


_MM_STATES = {
    "IDLE": 0,
    "HOME": 1,
    "SEARCHING": 2,
    "DENIED": 3,
    "UNKNOWN": 4,
    "ROAMING": 5,
    "HOME_SMS_ONLY": 6,
    "ROAMING_SMS_ONLY": 7,
    "ROAMING_CSFB_NOT_PREFERRED": 10,
    "ATTACHED_RLOS": 11,
}


@pytest.mark.parametrize(
    ("line", "is_utc", "at"),
    [
        ('+CCLK: "26/11/24,10:05:12+04"', False, "2026-11-24T09:05:12"),
        ('+CCLK: "26/07/01,00:05:12+08"', False, "2026-06-30T22:05:12"),
        ('+CCLK: "26/11/24,10:05:12-16"', False, "2026-11-24T14:05:12"),
        ("+CCLK: 2026/11/24,10:05:12+4", False, "2026-11-24T09:05:12"),
        ('+CCLK:"26/11/24,10:05:12+00"', False, "2026-11-24T10:05:12"),
        ('+CCLK: "26/11/24,10:05:12"', False, None),  # local, or not
        ('+CCLK: "80/01/06,00:00:04+00"', False, "2080-01-06T00:00:04"),
        ('+QLTS: "2026/11/24,09:05:12+04,0"', True, "2026-11-24T09:05:12"),
        ('+QLTS: "2026/11/24,09:05:12"', True, "2026-11-24T09:05:12"),
        ('+QLTS: ""', True, None),
        ('+CCLK: "26/13/24,10:05:12+04"', False, None),
        ('+CCLK: "26/02/29,10:05:12+04"', False, None),
        ('+CCLK: "26/11/24,24:60:60+04"', False, None),
        ('+CCLK: ",+04"', False, None),
        ("+CCLK:", False, None),
        ("", False, None),
    ],
)
def test_network_time(line, is_utc, at):
    found = replies.network_time(line, is_utc)
    assert found == (datetime.fromisoformat(f"{at}+00:00") if at else None)
