"""Asking a port politely whether it is a modem."""

import pytest

from appliance.lines.probe import ANSWER_WITHIN, LISTEN, Probe


def ask(answers, talks=b""):
    """Play a device; gives the probe and all that was sent to it."""
    probe = Probe(0.0)
    probe.receive(talks, 0.1)
    now, sent = 0.0, []
    while probe.verdict is None:
        now = max(now, probe.deadline())
        probe.tick(now)
        if question := probe.data_to_send():
            sent.append(question)
            probe.receive(answers.get(question, b""), now + 0.01)
            while question := probe.data_to_send():
                sent.append(question)
                probe.receive(answers.get(question, b""), now + 0.01)
    return probe, sent


MODEM = {
    b"AT\r": b"AT\r\r\nOK\r\n",
    b"ATE0\r": b"ATE0\r\r\nOK\r\n",
    b"AT+CGMI\r": b"\r\nhuawei\r\n\r\nOK\r\n",
    b"AT+CGSN\r": b"\r\n356938035643809\r\n\r\nOK\r\n",
}


def test_a_modem():
    probe, sent = ask(MODEM)
    assert (probe.verdict, probe.imei) == (True, "356938035643809")
    assert sent == [b"AT\r", b"ATE0\r", b"AT+CGMI\r", b"AT+CGSN\r"]


def test_a_modem_that_rings_at_that_moment():
    assert ask(MODEM, talks=b"\r\nRING\r\n" * 4)[0].verdict is True


def test_a_modem_without_a_serial_number():
    probe, _ = ask({**MODEM, b"AT+CGSN\r": b"\r\nERROR\r\n"})
    assert (probe.verdict, probe.imei) == (True, None)


@pytest.mark.parametrize("talk", [b"$GPRMC,1,2\r\n" * 4, b"{}\n{}\n{}\n", b"boot\r\nmore\r\nstill\r\n"])
def test_whoever_talks_of_something_else_is_asked_nothing(talk):
    probe, sent = ask(MODEM, talks=talk)
    assert (probe.verdict, probe.stranger, sent) == (False, True, [])


def test_whoever_keeps_silent_is_asked_once():
    probe, sent = ask({})
    assert (probe.verdict, probe.stranger, sent) == (False, False, [b"AT\r"])


def test_an_analog_modem_is_not_a_gsm_modem():
    probe, sent = ask({**MODEM, b"AT+CGMI\r": b"\r\nERROR\r\n"})
    assert (probe.verdict, probe.stranger) == (False, True)
    assert sent[-1] == b"AT+CGMI\r"


def test_it_takes_no_longer_than_it_must():
    probe = Probe(10.0)
    assert probe.deadline() == 10.0 + LISTEN
    probe.tick(10.3)
    assert probe.deadline() == 10.3 + ANSWER_WITHIN
