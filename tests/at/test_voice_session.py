"""A voice modem's dialogue: events between lines, and data after CONNECT that are nobody's lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.at.command import Command, Priority
from appliance.at.framing import Event, Framer, Line
from appliance.at.session import DATA_END_WITHIN, Done, Noticed, Session, Urc
from appliance.at.voice_profiles import URC_PREFIXES, VOICE_BOOT_BANNERS


def frames(*chunks):
    framer = Framer(voice=True)
    return [frame for chunk in chunks for frame in framer.feed(chunk)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\x10R", [Event("R")]),
        (b"\x10R\x10R\r\nOK\r\n", [Event("R"), Event("R"), Line("OK")]),
        (b"\r\nNM\x10PBR=030\r\n", [Event("P"), Line("NMBR=030")]),
        (b"\x10X\r\nNMBR=030\r\n\x10.", [Event("X"), Line("NMBR=030"), Event(".")]),
        (b"\x10\x03\r\nOK\r\n", [Line("OK")]),
        (b"\x10\x10R\r\n", [Line("R")]),
        (b"\x10\x10\x10R\r\n", [Event("R")]),
        (b"noise\x10\r\nOK\r\n", [Line("noise"), Line("OK")]),
        (b"\r\n> \r\n", [Line(">")]),
        (b"NAME=M\xfcller\r\n", [Line("NAME=Müller")]),
        (b"NAME=M\xc3\xbcller\r\n", [Line("NAME=Müller")]),
    ],
)
def test_events_stand_between_lines(data, expected):
    assert frames(data) == expected
    assert frames(*(data[i : i + 1] for i in range(len(data)))) == expected


def dialogue():
    return Session(VOICE_BOOT_BANNERS, URC_PREFIXES, voice=True)


VTR = "AT+VTR"


def opening(session):
    command = Command(VTR, limit=4.0, call_results=True, data=True, priority=Priority.CALL)
    session.submit(command, 0.0)
    assert session.data_to_send() == b"AT+VTR\r"
    return command


@given(st.binary(max_size=60), st.integers(0, 80), st.sampled_from([b"\r\n", b"\r\r\n", b""]))
def test_whatever_follows_connect_is_handed_on_untouched(sound, cut, before):
    session = dialogue()
    command = opening(session)
    whole = before + b"AT+VTR\r\r\nCONNECT\r\n" + sound
    head, tail = whole[:cut], whole[cut:]
    events = session.receive(head, 1.0)
    rest = b""
    if session.in_data:
        rest = tail  # the port is somebody else's from here on
    else:
        events += session.receive(tail, 1.0)
    (done,) = [event for event in events if isinstance(event, Done)]
    assert done.reply.command is command
    assert done.reply.result == "CONNECT"
    assert done.reply.early + rest == sound
    assert session.in_data


@pytest.mark.parametrize("refusal", ["ERROR", "NO CARRIER", "OK"])
def test_a_command_that_opens_nothing(refusal):
    session = dialogue()
    opening(session)
    (done,) = session.receive(f"\r\n{refusal}\r\n".encode(), 1.0)
    assert done.reply.result == refusal
    assert not session.in_data


def test_nothing_is_sent_or_read_while_the_port_carries_data():
    session = dialogue()
    opening(session)
    session.receive(b"\r\nCONNECT\r\n", 1.0)
    session.submit(Command("ATH"), 1.0)
    assert session.data_to_send() == b""
    assert session.deadline() is None
    assert session.receive(b"\r\nRING\r\n", 1.0) == []
    assert session.tick(9.0) == []
    assert session.data_to_send() == b""


@pytest.mark.parametrize("end", [b"OK", b"VCON", b"ERROR", b"NO CARRIER"])
def test_after_the_data_the_ok_that_ends_it_is_waited_for(end):
    session = dialogue()
    opening(session)
    session.receive(b"\r\nCONNECT\r\n", 1.0)
    session.submit(Command("ATH"), 1.0)
    assert session.data_over(b"\r\n", 2.0) == []
    assert session.data_to_send() == b""
    assert session.receive(end + b"\r\n", 2.1) == []
    assert session.data_to_send() == b"ATH\r"


def test_a_command_that_comes_after_the_data_waits_for_it_too():
    session = dialogue()
    opening(session)
    session.receive(b"\r\nCONNECT\r\n", 1.0)
    session.data_over(b"", 2.0)
    session.submit(Command("ATH"), 2.0)
    assert session.data_to_send() == b""
    session.receive(b"\r\nOK\r\n", 2.1)
    assert session.data_to_send() == b"ATH\r"
    assert [type(event) for event in session.receive(b"\r\nOK\r\n", 2.2)] == [Done]


def test_but_not_for_ever():
    session = dialogue()
    opening(session)
    session.receive(b"\r\nCONNECT\r\n", 1.0)
    session.submit(Command("ATH"), 1.0)
    session.data_over(b"", 2.0)
    assert session.deadline() == 2.0 + DATA_END_WITHIN
    session.tick(2.0 + DATA_END_WITHIN)
    assert session.data_to_send() == b"ATH\r"


def test_news_after_the_data_is_not_lost():
    session = dialogue()
    opening(session)
    session.receive(b"\r\nCONNECT\r\n", 1.0)
    assert session.data_over(b"\r\nOK\r\n\r\nRING\r\n\x10R", 2.0) == [Urc("RING"), Noticed("R")]


def test_a_stream_that_was_asked_for_is_not_given_up_for_another_command():
    session = dialogue()
    command = opening(session)
    session.abandon(command)
    session.submit(Command("ATH", priority=Priority.CALL), 0.0)
    session.tick(1.0)
    assert session.data_to_send() == b""
    (done,) = session.receive(b"\r\nCONNECT\r\n\x80", 1.5)
    assert done.reply.early == b"\x80"
    assert session.opens_data is False


def test_events_while_a_command_is_in_flight():
    session = dialogue()
    session.submit(Command("AT+FCLASS=8"), 0.0)
    events = session.receive(b"\x10R\r\nOK\r\n", 0.1)
    assert [type(event) for event in events] == [Noticed, Done]
