"""What is learnt of a port, and that nothing else is said to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.lines.examination import Examination, Found, service_classes

OK = b"\r\nOK\r\n"
GSM = {
    b"AT": OK,
    b"ATE0": b"ATE0\r" + OK,
    b"ATV1": OK,
    b"AT+CMEE=1": OK,
    b"AT+CGMI": b"\r\nQuectel\r\n" + OK,
    b"AT+CGMM": b"\r\nEC25\r\n" + OK,
    b"AT+CGSN": b"\r\n866758041234567\r\n" + OK,
    b"AT+CFUN?": b"\r\n+CFUN: 1\r\n" + OK,
    b"AT+CPIN?": b"\r\n+CPIN: READY\r\n" + OK,
    b'AT+QPINC="SC"': b'\r\n+QPINC: "SC",3,10\r\n' + OK,
    b"AT+COPS=3,0": OK,
    b"AT+COPS?": b'\r\n+COPS: 0,0,"Telekom.de",7\r\n' + OK,
    b"AT+CREG?": b"\r\n+CREG: 0,1\r\n" + OK,
    b"AT+CSQ": b"\r\n+CSQ: 21,99\r\n" + OK,
}
ANALOG = {
    b"AT": OK,
    b"ATE0": OK,
    b"ATV1": OK,
    b"AT+GMI": b"\r\nCONEXANT\r\n" + OK,
    b"AT+GMM": b"\r\n+GMM: CX93001-EIS_V0.2002-V92\r\n" + OK,
    b"AT+FCLASS=?": b"\r\n0,1,1.0,2,8\r\n" + OK,
}
HARMLESS = {
    "AT", "ATE0", "ATV1", "AT+CMEE=1", "AT+CGMI", "AT+CGMM", "AT+CGSN", "AT+CFUN?", "AT+CPIN?", "AT+CPINR",
    'AT+QPINC="SC"', "AT+COPS=3,0", "AT+COPS?", "AT+CREG?", "AT+CEREG?", "AT+CIREG?", "AT+CSQ", "AT+GMI",
    "AT+GMM", "ATI3", "AT+FCLASS=?", "ATQ0V1",
}  # fmt: skip


def examine(answers, unknown=b"\r\nERROR\r\n"):
    """Play a device; gives the examination and all that was said to it. A list of answers is given in turn."""
    examination, now, said = Examination("/dev/ttyUSB0", 0.0), 0.0, []
    answers = {question: list(answer) if isinstance(answer, list) else answer for question, answer in answers.items()}
    while not examination.is_done:
        assert now < 100
        while out := examination.data_to_send():
            for question in out.split(b"\r")[:-1]:
                said.append(question.decode())
                answer = answers.get(question, unknown)
                if isinstance(answer, list):
                    answer = answer.pop(0) if len(answer) > 1 else answer[0]
                now += 0.01
                examination.receive(answer, now)
        if not examination.is_done:
            now = max(now, examination.deadline())
            examination.tick(now)
    return examination.found, said


def test_a_gsm_module_that_is_ready():
    found, said = examine(GSM)
    assert found == Found(
        "/dev/ttyUSB0", "gsm", "Quectel", "EC25", imei="866758041234567", sim="ready", pin_tries=3,
        operator="Telekom.de", signal_dbm=-71, voice=True,
    )  # fmt: skip
    assert set(said) <= HARMLESS


@pytest.mark.parametrize(
    ("answer", "sim", "needed"),
    [
        (b"\r\n+CPIN: SIM PIN\r\n" + OK, "sim pin", True),
        (b"\r\n+CPIN: SIM PIN\r\n", "sim pin", True),  # Wavecom ends it without OK
        (b"\r\n+CME ERROR: 11\r\n", "sim pin", True),
        (b"\r\n+CME ERROR: SIM PIN required\r\n", "sim pin", True),
        (b"\r\n+CPIN: SIM PUK\r\n" + OK, "sim puk", False),
        (b"\r\n+CME ERROR: 12\r\n", "sim puk", False),
        (b"\r\n+CME ERROR: 10\r\n", "missing", False),
        (b"\r\n+CPIN: NOT INSERTED\r\n" + OK, "missing", False),
        (b"\r\n+CME ERROR: 13\r\n", "failed", False),
        (b"\r\nERROR\r\n", "unknown", False),
        ([b"\r\n+CME ERROR: 14\r\n"] * 4 + [b"\r\n+CPIN: SIM PIN\r\n" + OK], "sim pin", True),
        ([b"\r\n+CME ERROR: 10\r\n", b"\r\n+CPIN: SIM PIN\r\n" + OK], "sim pin", True),
    ],
)
def test_a_sim_that_is_not_ready_is_left_alone(answer, sim, needed):
    found, said = examine({**GSM, b"AT+CPIN?": answer})
    assert (found.sim, found.pin_needed, found.voice, found.operator) == (sim, needed, False, None)
    assert set(said) <= HARMLESS
    assert found.pin_tries == (3 if sim.startswith("sim p") else None)


def test_a_module_switched_off_by_our_own_clean_stop_is_switched_on():
    answers = {**GSM, b"AT+CFUN?": b"\r\n+CFUN: 0\r\n" + OK, b"AT+CFUN=1": OK}
    found, said = examine(answers)
    assert found.voice
    assert set(said) - HARMLESS == {"AT+CFUN=1"}


def test_a_network_that_takes_its_time():
    searching, home = b"\r\n+CREG: 0,2\r\n" + OK, b"\r\n+CREG: 0,1\r\n" + OK
    assert examine({**GSM, b"AT+CREG?": [searching, searching, home]})[0].voice is True
    found = examine({**GSM, b"AT+CREG?": searching})[0]
    assert (found.voice, found.sim, found.signal_dbm) == (False, "ready", -71)


def test_a_module_that_falls_silent_half_way_was_still_found():
    found, _ = examine(
        {**GSM, b"AT+CPIN?": b"", b"AT": [OK, b""], b'AT+QPINC="SC"': b"", b"AT+CPINR": b""}, unknown=b""
    )
    assert (found.kind, found.model, found.sim) == ("gsm", "EC25", "unknown")


@pytest.mark.parametrize(
    ("classes", "voice"),
    [
        (b"0,1,1.0,2,8", True),
        (b"+FCLASS: (0,1,8)", True),
        (b"+FCLASS:0,1,1.0,2,2.0,8", True),
        (b"(0-2,8)", True),
        (b"8", True),
        (b"0, 1, 8", True),
        (b"0,1,1.0", False),
        (b"0,1,2.8", False),
        (b"0,1,8.0", False),
        (b"0,1,80", False),
        (b"", False),
    ],
)
def test_an_analog_modem(classes, voice):
    found, said = examine({**ANALOG, b"AT+FCLASS=?": b"\r\n" + classes + b"\r\n" + OK})
    assert found == Found("/dev/ttyUSB0", "analog", "CONEXANT", "CX93001-EIS_V0.2002-V92", voice=voice)
    assert set(said) <= HARMLESS


def test_an_analog_modem_that_knows_neither_name_nor_class():
    assert examine({b"AT": OK, b"ATE0": OK})[0] == Found("/dev/ttyUSB0", "analog", "", "")
    answers = {b"AT": OK, b"ATE0": OK, b"ATI3": b"\r\nU.S. Robotics 56K FAX USB V1.2.23\r\n" + OK}
    assert examine(answers)[0].model == "U.S. Robotics 56K FAX USB V1.2.23"


@pytest.mark.parametrize("answers", [{}, {b"AT": b"$GPGGA\r\n"}, {b"AT": b"AT\r"}])
def test_what_is_no_modem(answers):
    found, said = examine(answers, unknown=b"")
    assert found is None
    assert said == ["AT"]


@given(st.lists(st.sampled_from("0123456789.,-() ABC:").map(str), max_size=30).map("".join))
def test_service_classes_never_raises(text):
    assert all(isinstance(one, int) for one in service_classes([text]))


@given(st.dictionaries(st.sampled_from(sorted(GSM)), st.binary(max_size=40)))
def test_whatever_it_answers_it_ends_and_no_pin_is_tried(answers):
    _, said = examine({**GSM, **answers})
    assert not any(text.startswith(("AT+CPIN=", "ATD")) for text in said)
