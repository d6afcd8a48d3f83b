"""Voice data of the analog modem: shielding, events, ends, echo, clocks. Shielding is undone here by hand."""

from dataclasses import replace

import pytest

from appliance.simulator.analogvoice import VoiceStream
from appliance.simulator.codings import CODINGS
from appliance.simulator.ears import level, tone_level
from appliance.simulator.linedevices import ParallelPhone
from appliance.simulator.sites import SITES
from appliance.simulator.sounds import Silence, Speech, Tone

from .exchange_hall import Hall


def unshielded(data):
    """Sound and events of what a modem sent."""
    sound, events, octets = bytearray(), [], iter(data)
    for octet in octets:
        if octet != 0x10:
            sound.append(octet)
            continue
        code = next(octets)
        if code == 0x10:
            sound.append(0x10)
        else:
            events.append(chr(code))
    return bytes(sound), events


def wave(tone, seconds, coding="u8"):
    return CODINGS[coding].encode(tone.samples(0.0, round(seconds * 8000)))


def shielded(octets):
    return octets.replace(b"\x10", b"\x10\x10")


def listen(hall, seconds):
    """What comes from now on; what had come before is dropped."""
    hall.raw()
    return more(hall, seconds)


def more(hall, seconds):
    """What has come and comes within so many seconds, read as a host reads."""
    until, data = hall.world.now() + seconds, b""
    while hall.world.now() < until:
        hall.world.run_until(min(until, hall.world.now() + 1.0))
        data += hall.raw()
    return unshielded(data)


def test_the_caller_is_heard():
    hall = Hall()
    caller = hall.call()
    caller.says = Tone((1000.0,), -12.0)
    sound, events = listen(hall, 2.0)
    heard = CODINGS["u8"].decode(sound)
    assert 15_840 <= len(sound) <= 16_160 and events == []
    assert tone_level(heard, 1000.0) == pytest.approx(-15.0, abs=0.5)


@pytest.mark.parametrize(("family", "coding"), [("conexant", "u8"), ("usr", "u8")])
def test_the_host_is_heard(family, coding):
    hall = Hall(family)
    ear = hall.call().listen()
    hall.send(shielded(wave(Tone((1000.0,), -9.0), 3.0, coding)))
    assert tone_level(ear.between(hall.world.now() - 2.0, hall.world.now() - 1.0), 1000.0) == pytest.approx(
        -12.0, abs=0.5
    )


def test_mu_law_and_signed_samples():
    for number, coding in ((131, "ulaw"), (0, "s8"), (132, "alaw")):
        hall = Hall()
        caller = hall.call(command=None)
        caller.says = Tone((1000.0,), -12.0)
        hall.line.echo = None
        hall.type(f"AT+VSM={number},8000")
        hall.type("AT+VTR")
        sound, _ = listen(hall, 1.0)
        assert tone_level(CODINGS[coding].decode(sound), 1000.0) == pytest.approx(-15.0, abs=0.5)


def test_the_echo_of_two_wires():
    hall = Hall()
    caller = hall.call()
    caller.says = Silence()
    hall.raw()
    hall.send(shielded(wave(Tone((1000.0,), -9.0), 2.0)))
    sound, _ = unshielded(hall.raw())
    assert tone_level(CODINGS["u8"].decode(sound[8000:12000]), 1000.0) == pytest.approx(-21.0, abs=0.7)


@pytest.mark.parametrize(("style", "family"), [("shielded", "conexant"), ("once", "usr")])
def test_keys_are_events(style, family):
    hall = Hall(family)
    caller = hall.call()
    caller.says = Silence()
    hall.raw()
    caller.press("5#", on=0.2)
    _, events = listen(hall, 1.0)
    if style == "once":
        assert events == ["5", "#"]
    else:
        text = "".join(events)
        assert text.startswith("/55") and "~/##" in text and text.endswith("~")


def test_silence_and_quiet_are_events():
    hall = Hall()
    caller = hall.call()
    caller.says = Silence()
    assert listen(hall, 11.0)[1] == ["s", "s"]
    caller.says = Speech(3)
    listen(hall, 4.0)
    caller.says = Silence()
    assert "q" in listen(hall, 6.0)[1]


def test_busy_tone_is_heard_and_told():
    hall = Hall()
    caller = hall.call()
    caller.hang_up()
    sound, events = listen(hall, 9.0)
    assert "b" in events
    assert level(CODINGS["u8"].decode(sound)) > -25


@pytest.mark.parametrize(
    ("command", "end", "said"),
    [
        ("AT+VTR", b"\x10^", b"\x10\x03\r\nOK\r\n"),
        ("AT+VRX", b"\x10!", b"\x10\x03\r\nOK\r\n"),
        ("AT+VTX", b"\x10\x03", b"\r\nOK\r\n"),
    ],
)
def test_how_voice_mode_ends(command, end, said):
    hall = Hall()
    hall.call(command=command)
    hall.world.run_until(hall.world.now() + 0.3)
    hall.port.write(end)
    hall.world.run_until(hall.world.now() + 0.3)
    assert hall.raw().endswith(said)
    assert hall.type("AT") == ["OK"] and hall.line.in_use


def test_the_end_comes_after_what_was_sent_before_it():
    hall = Hall()
    ear = hall.call(command="AT+VTX").listen()
    hall.port.write(shielded(wave(Tone((1000.0,)), 0.25)) + b"\x10\x03")
    hall.world.run_until(hall.world.now() + 0.2)
    assert hall.raw() == b""
    hall.world.run_until(hall.world.now() + 0.2)
    assert hall.raw() == b"\r\nOK\r\n"
    assert sum(1 for sample in ear.samples if sample) == pytest.approx(1500, abs=160)


def test_what_is_sent_too_fast_waits_outside():
    hall = Hall()
    hall.call()
    assert hall.port.write(b"\x80" * 8000) == 2048
    assert hall.port.write(b"\x80" * 8000) == 0
    hall.world.run_until(hall.world.now() + 0.1)
    assert hall.port.write(b"\x80" * 8000) == 800


def test_underrun_is_told_once_and_recovers():
    hall = Hall()
    hall.call()
    hall.send(b"\x80" * 1600)
    assert listen(hall, 1.0)[1] == ["u"]
    hall.send(b"\x80" * 1600)
    assert listen(hall, 1.0)[1].count("u") == 1


def test_a_host_that_forgets_the_modem_is_cut_off():
    hall = Hall("usr")
    hall.call(command=None)
    hall.type("AT+VIT=70")
    hall.type("AT+VTX")
    assert hall.sleep(6.5) == []
    assert hall.sleep(1.0) == ["OK"]


def test_the_modem_has_a_clock_of_its_own():
    fast, slow = Hall(ppm=500.0), Hall(ppm=-500.0)
    got = []
    for hall in (fast, slow):
        caller = hall.call()
        caller.says = Silence()
        got.append(len(listen(hall, 100.0)[0]))
    assert got[0] - got[1] == pytest.approx(800, abs=170)


def test_a_parallel_phone_is_heard_and_told():
    hall = Hall()
    caller = hall.call()
    ear = caller.listen()
    caller.says = Silence()
    hall.phone.voice = Tone((600.0,), -10.0)
    hall.raw()
    hall.phone.lift()
    sound, events = more(hall, 1.0)
    assert events == ["P"]
    sound = sound[-4000:]
    assert tone_level(CODINGS["u8"].decode(sound), 600.0) == pytest.approx(-10.0, abs=0.5)
    assert tone_level(ear.last(0.5), 600.0) == pytest.approx(-13.0, abs=0.5)
    hall.phone.put_down()
    assert more(hall, 0.2)[1] == ["p"]


def test_two_phones_on_the_wires_hear_the_modem():
    hall = Hall()
    hall.call()
    other = ParallelPhone(hall.line, "second")
    other.voice = Silence()
    other.lift()
    from appliance.simulator.ears import Ear

    other.ear = Ear()
    hall.send(shielded(wave(Tone((700.0,), -9.0), 1.0)))
    assert tone_level(other.ear.last(0.5), 700.0) > -20


def test_a_cut_loop_is_told_in_the_sound():
    hall = Hall(site=replace(SITES["fritzbox"], at_end="break"))
    caller = hall.call()
    hall.raw()
    caller.hang_up()
    assert "l" in more(hall, 0.5)[1]


@pytest.mark.parametrize(
    ("sent", "queued"),
    [
        (b"ab\x10\x10c", b"ab\x10c"),
        (b"\x10\x1a", b"\x10\x10"),
        (b"a\x10\x18b", b"b"),
        (b"a\x10\x00b", b"ab"),
        (b"\x10", b""),
        (b"\x10Za", b"a"),
    ],
)
def test_what_the_host_sends(sent, queued):
    stream = VoiceStream(True, True, "u8")
    for octet in sent:
        stream.feed(bytes([octet]))
    whole = VoiceStream(True, True, "u8")
    whole.feed(sent)
    assert whole.queue == stream.queue
    assert (bytes(stream.queue), stream.ended) == (queued, None)


def test_an_unshielded_dle_is_remembered_as_a_mistake():
    stream = VoiceStream(True, False, "u8")
    stream.feed(b"\x10\x99")
    assert stream.unknown == [0x99]
