"""A line's stream: how it ends, what it holds back, and how it keeps pace."""

import numpy as np
import pytest

from appliance.audio import dle
from appliance.audio.coding import silence
from appliance.audio.pacing import LEAD, LEAD_PLAYING, STALLED
from appliance.audio.stream import SOUNDLESS, LiveStream
from appliance.core import sound

DUPLEX = sound.Stream("u8", shielded=True, end=b"\x10^", two_wire=True)
SENDING = sound.Stream("u8", receives=False, shielded=True, end=b"\x10\x03")
RECEIVING = sound.Stream("u8", sends=False, shielded=True, end=b"\x10!")
PLAIN = sound.Stream("s16le", apart=True)


@pytest.mark.parametrize("form", [DUPLEX, SENDING, RECEIVING])
@pytest.mark.parametrize(
    "last",
    [b"\x80\x80\x10\x03\r\nOK\r\n", b"\x80\x80\r\nOK\r\n", b"\r\nNO CARRIER\r\n", b"\r\nERROR\r\n"],
)
@pytest.mark.parametrize("piece", [1, 3, 100])
def test_the_ways_an_abort_ends(form, last, piece):
    stream = LiveStream(form, 0.0)
    stream.receive(b"\x80" * 160, 0.02)
    stream.ask_end(0.03)
    assert stream.data_to_send() == form.end
    for at in range(0, len(last), piece):
        stream.receive(last[at : at + piece], 0.1)
    assert stream.ended == "asked"
    assert stream.rest in (b"\r\nOK\r\n", b"\r\nNO CARRIER\r\n", b"\r\nERROR\r\n")


def test_one_that_does_not_listen_is_asked_in_every_way():
    stream = LiveStream(DUPLEX, 0.0)
    stream.ask_end(10.0)
    said = []
    now = 10.0
    while stream.ended is None:
        if data := stream.data_to_send():
            said.append((round(now - 10, 2), data))
        now = stream.deadline()
        stream.receive(b"\x80" * 80, now)  # it just goes on
        stream.tick(now)
    assert said == [(0, b"\x10^"), (1.5, b"\x10\x03"), (2.5, b"\x10!")]
    assert (stream.ended, round(now - 10, 2)) == ("wedged", 3.5)


def test_one_that_listens_at_the_second_time():
    stream = LiveStream(DUPLEX, 0.0)
    stream.ask_end(0.0)
    stream.data_to_send()
    stream.tick(1.5)
    assert stream.data_to_send() == b"\x10\x03"
    stream.receive(b"\x10\x03\r\nOK\r\n", 1.6)
    assert (stream.ended, stream.rest) == ("asked", b"\r\nOK\r\n")
    assert stream.deadline() is None


@pytest.mark.parametrize(
    ("form", "data", "rest"),
    [
        (DUPLEX, b"\x80\x10\x03\r\nNO CARRIER\r\n", b"\r\nNO CARRIER\r\n"),
        (DUPLEX, b"\x80\r\nNO CARRIER\r\n", b"\r\nNO CARRIER\r\n"),
        (SENDING, b"\r\nOK\r\n", b"\r\nOK\r\n"),
        (SENDING, b"\r\nERROR\r\n", b"\r\nERROR\r\n"),
    ],
)
def test_it_ends_by_itself(form, data, rest):
    stream = LiveStream(form, 0.0)
    stream.receive(data, 0.1)
    assert (stream.ended, stream.rest) == ("modem", rest)


def test_a_bare_stream_ends_at_once():
    stream = LiveStream(PLAIN, 0.0)
    stream.ask_end(1.0)
    assert (stream.ended, stream.data_to_send()) == ("asked", b"")


def test_frames_whatever_the_pieces():
    ramp = np.arange(1600, dtype="<i2")
    data = ramp.tobytes()
    for piece in (1, 7, 64, 320, 640, 3200):
        stream = LiveStream(PLAIN, 0.0)
        frames = [
            f for at in range(0, len(data), piece) for f in stream.receive(data[at : at + piece], 0.001 * at / 320)
        ]
        assert [len(frame) for frame in frames] == [160] * 10
        np.testing.assert_array_equal(np.rint(np.concatenate(frames) * 32768), ramp)


def test_half_a_sample_does_not_shift_all_that_follows():
    stream = LiveStream(PLAIN, 0.0)
    stream.receive(b"\x01" * 3, 0.02)
    frames = stream.receive(b"\x00\x10" * 159, 0.04)
    np.testing.assert_array_equal(frames[0][1:], np.float32(0x1000 / 32768))


def test_as_many_frames_as_came():
    """By the modem's clock, 1 % fast, however its bytes come."""
    stream = LiveStream(DUPLEX, 0.0)
    sent = stream.frames_due(0.0)[0]
    assert sent == int(LEAD / 0.02)
    came, now = 0, 0.0
    while came < 80_000:
        now += 64 / 8080
        came += 64
        stream.receive(b"\x80" * 64, now)
        sent += stream.frames_due(now)[0]
    assert sent == (came + LEAD * 8000) // 160


def test_a_modem_that_brings_nothing_is_paced_by_the_clock():
    stream = LiveStream(PLAIN, 0.0)
    sent = stream.frames_due(0.0)[0]
    now = 0.0
    while now < 2.0:
        now = stream.deadline()
        due = stream.frames_due(now)[0]
        assert due <= 1
        sent += due
    assert sent == pytest.approx(2 + (2.0 - STALLED) / 0.02, abs=1)
    # what it then brings late is not sent twice
    for _ in range(5):
        stream.receive(b"\0" * 320, now)
    assert stream.frames_due(now)[0] <= 1
    sent = 0
    for _ in range(50):
        now += 0.02
        stream.receive(b"\0" * 320, now)
        sent += stream.frames_due(now)[0]
    assert sent == pytest.approx(50, abs=1)


def test_one_that_only_takes_is_kept_ahead():
    stream = LiveStream(SENDING, 5.0)
    assert stream.frames_due(5.0)[0] == round(LEAD_PLAYING / 0.02)
    now, sent = 5.0, 0
    while now < 6.0:
        now = stream.deadline()
        sent += stream.frames_due(now)[0]
    assert sent == pytest.approx(50, abs=1)


@pytest.mark.parametrize(("form", "in_hand"), [(DUPLEX, LEAD_PLAYING), (SENDING, LEAD_PLAYING), (PLAIN, LEAD)])
def test_a_modem_whose_buffer_is_known_has_more_in_hand_while_it_only_plays(form, in_hand):
    stream = LiveStream(form, 0.0)
    stream.hurry(False)
    assert stream.frames_due(0.0)[0] == int(in_hand / 0.02)
    stream.hurry(True)
    assert stream.pacer.lead == (LEAD if form.receives else in_hand)


@pytest.mark.parametrize("form", [DUPLEX, SENDING])
def test_underrun_is_made_good(form):
    stream = LiveStream(form, 0.0)
    stream.frames_due(0.0)[0]
    stream.receive(b"\x10u" * 10, 0.01)
    assert stream.frames_due(0.01)[0] == (1 if form is DUPLEX else 10)
    assert stream.events == []
    for k in range(100):
        stream.receive(b"\x10u", 1.0 + k)
    assert stream.pacer.lead <= 0.2 + 1e-6


def test_a_modem_that_takes_nothing_gets_no_old_sound():
    stream = LiveStream(DUPLEX, 0.0)
    for _ in range(200):
        stream.send(silence(160))
    assert len(stream.data_to_send()) <= 0.14 * 8000
    assert stream.dropped > 180


def test_shielded():
    stream = LiveStream(DUPLEX, 0.0)
    stream.send(np.full(160, (0x10 - 128) / 128, np.float32))
    data = stream.data_to_send()
    assert data == b"\x10\x10" * 160
    assert b"".join(p.data for p in dle.Decoder().feed(data)) == b"\x10" * 160


def test_lost():
    stream = LiveStream(DUPLEX, 0.0)
    stream.port_lost()
    assert stream.ended == "lost"
    stream.ask_end(1.0)
    assert (stream.ended, stream.data_to_send()) == ("lost", b"")


@pytest.mark.parametrize("stall", [0.03, 0.1, 0.3, 2.0])
@pytest.mark.parametrize("looked_at", [True, False], ids=["it is late", "we are late"])
def test_after_a_stall_nothing_is_later_than_before(stall, looked_at):
    """What the modem was sent, less what it has played by its own clock, is the lead again: a modem plays on while it,
    or we, are late."""
    stream = LiveStream(PLAIN, 0.0)
    waits = stream.frames_due(0.0)[0]
    now = 0.0

    def step(frames, begin, seconds):
        """Frames come at once after so long; meanwhile the modem plays what it has."""
        nonlocal waits
        for tick in range(round(seconds / 0.02)):
            waits = max(0, waits - 1)
            if looked_at:
                waits += stream.frames_due(begin + 0.02 * (tick + 1))[0]
        for _ in range(frames if looked_at else 1):
            stream.receive(b"\0" * 320 * (1 if looked_at else frames), begin + seconds)
        waits += stream.frames_due(begin + seconds)[0]

    for _ in range(100):
        step(1, now, 0.02)
        now += 0.02
    assert waits == 2
    step(round(stall / 0.02), now, stall)
    now += stall
    for _ in range(50):
        step(1, now, 0.02)
        now += 0.02
    assert 2 <= waits <= 4


def test_a_modem_that_brings_100_ms_at_once_gets_as_much():
    stream = LiveStream(PLAIN, 0.0)
    sent = stream.frames_due(0.0)[0]
    for turn in range(1, 51):
        stream.receive(b"\0" * 1600, turn * 0.1)
        sent += stream.frames_due(turn * 0.1)[0]
    assert sent >= 2 + 5 * 50 - 10


def left_alone(stream, until):
    """Nothing comes; returns what is sent by way of asking, and when, and when it ends."""
    said, now = [], 0.0
    while stream.ended is None and now < until:
        now = max(now, stream.deadline())
        stream.tick(now)
        stream.frames_due(now)
        if data := stream.data_to_send():
            said.append((round(now, 2), data))
    return said, now


def given_up(stream):
    """Nothing comes, until it is asked to end."""
    now = 0.0
    while not stream.asked:
        now = stream.deadline()
        assert now < 20
        stream.tick(now)
        stream.frames_due(now)


@pytest.mark.parametrize("form", [DUPLEX, RECEIVING])
def test_one_that_brings_nothing_is_asked_to_end_and_then_wedged(form):
    stream = LiveStream(form, 0.0)
    stream.receive(b"\x80" * 160, 1.0)
    said, ended = left_alone(stream, 20.0)
    assert (stream.ended, stream.soundless) == ("wedged", True)
    assert said[0] == (pytest.approx(1.0 + SOUNDLESS, abs=0.2), form.end)
    assert sorted(data for _, data in said) == sorted(dle.ENDINGS)
    assert ended - 1.0 <= SOUNDLESS + 2.0


def test_one_that_brings_nothing_and_listens_has_ended_by_itself():
    stream = LiveStream(DUPLEX, 0.0)
    given_up(stream)
    stream.receive(b"\x10\x03\r\nOK\r\n", 3.2)
    assert (stream.ended, stream.rest) == ("modem", b"\r\nOK\r\n")


def test_one_that_is_closed_as_it_is_given_up_was_asked():
    stream = LiveStream(RECEIVING, 0.0)
    given_up(stream)
    stream.ask_end(3.2)
    stream.receive(b"\x10\x03\r\nOK\r\n", 3.3)
    assert stream.ended == "asked"


def test_a_bare_one_that_brings_nothing_has_ended():
    stream = LiveStream(PLAIN, 0.0)
    _, ended = left_alone(stream, 20.0)
    assert stream.ended == "modem"
    assert ended == pytest.approx(SOUNDLESS, abs=0.2)


def test_events_are_no_sound():
    stream = LiveStream(DUPLEX, 0.0)
    for tenths in range(10 * round(SOUNDLESS) + 10):
        stream.receive(b"\x10s", tenths / 10)
        stream.tick(tenths / 10)
    assert stream.asked


def test_one_that_only_takes_brings_nothing():
    stream = LiveStream(SENDING, 0.0)
    said, _ = left_alone(stream, 2 * SOUNDLESS)
    assert (stream.ended, stream.asked, said) == (None, False, [])


@pytest.mark.parametrize("form", [DUPLEX, RECEIVING, PLAIN])
@pytest.mark.parametrize("stall", [SOUNDLESS, 10.0, 3600.0])
def test_a_machine_that_stood_still_reads_before_it_judges(form, stall):
    """Whatever it does first after that, the time or what has come."""
    stream = LiveStream(form, 0.0)
    now = 0.0
    for _ in range(3):
        for _ in range(50):
            now += 0.02
            stream.receive(b"\x80" * 320, now)
            stream.tick(now)
        now += stall
        stream.tick(now)
    stream.receive(b"\x80" * 320, now)
    assert stream.ended is None and not stream.asked and not stream.soundless
