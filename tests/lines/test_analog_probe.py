"""Asking a port whether it is an analog modem."""

import pytest

from appliance.lines.analog_probe import AnalogProbe
from tests.lines.analog_bench import CONEXANT, USR, Bench

NOT_GSM = {"AT+CGMI": ("ERROR",)}


def ask(says, talks=b"", deaf=0):
    """Play a device that overlooks the first `deaf` commands; gives the probe, what was sent, and how long it took."""
    probe, now, sent = AnalogProbe(0.0), 0.0, b""
    probe.receive(talks, 0.1)
    while probe.verdict is None:
        question = probe.data_to_send()
        if not question:
            now = max(now, probe.deadline())
            probe.tick(now)
            continue
        sent += question
        for text in filter(lambda text: text.startswith("AT"), question.decode("latin-1").split("\r")):
            deaf -= 1
            if says is not None and deaf < 0:
                answer = says.get(text, ("OK",))
                lines = answer if isinstance(answer, tuple) else (answer, "OK")
                probe.receive("".join(f"\r\n{line}\r\n" for line in lines).encode(), now)
    return probe, sent, now


@pytest.mark.parametrize("says", [CONEXANT, USR, {}])
def test_an_analog_modem_is_named_as_its_line_names_it(says):
    probe, _, took = ask({**says, **NOT_GSM})
    assert probe.verdict is True
    assert took < 1.0
    assert probe.imei == Bench(says).line.imei


def test_a_module_of_a_mobile_network_is_none():
    probe, _, _ = ask({"AT+CGMI": "huawei"})
    assert (probe.verdict, probe.stranger) == (False, True)


@pytest.mark.parametrize("talk", [b"$GPRMC,1,2\r\n" * 4, b"{}\n{}\n{}\n", b"boot\r\nmore\r\nstill\r\n"])
def test_whoever_talks_of_something_else_is_asked_nothing(talk):
    probe, sent, _ = ask(NOT_GSM, talks=talk)
    assert (probe.verdict, probe.stranger, sent) == (False, True, b"")


@pytest.mark.parametrize("talk", [b"\r\nRING\r\n" * 4, b"\x80\x81\r\x7f\x82\n" * 50, b"\x10R" * 4])
def test_a_modem_that_rings_or_sends_sound_is_asked(talk):
    assert ask(NOT_GSM, talks=talk)[0].verdict is True


def test_a_modem_left_in_its_voice_data_is_freed():
    probe, sent, _ = ask(NOT_GSM, deaf=2)
    assert probe.verdict is True
    assert b"\x10\x03\x10\x21\x10\x5e\r" in sent


def test_whoever_keeps_silent_is_left_alone():
    probe, _, took = ask(None)
    assert (probe.verdict, probe.stranger) == (False, False)
    assert took < 8.0
