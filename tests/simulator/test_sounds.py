"""Sounds, their coding, and ears."""

import wave

import pytest

from appliance.simulator.codings import CODINGS
from appliance.simulator.ears import Ear, Keypad, level, tone_level
from appliance.simulator.exchange_tones import tone
from appliance.simulator.sounds import STEP, Cadence, Noise, Played, Script, Silence, Speech, Tone, keyed, mix


def samples(sound, start, seconds, step=STEP):
    made = []
    for k in range(round(seconds * 50)):
        made += sound.samples(start + k * 160 * step, 160, step)
    return made


def test_a_tone_has_its_level_and_its_time():
    made = samples(Tone((1000.0,), -10.0, begin=1.0, lasts=0.5), 0.5, 1.5)
    assert level(made[4000:8000]) == pytest.approx(-10.0, abs=0.1)
    assert not any(made[:4000]) and not any(made[8000:])


def test_by_a_faster_clock_the_same_moment_sounds_the_same():
    step = STEP / 1.0002
    slow, fast = samples(Tone((1000.0,)), 0.0, 1.0), samples(Tone((1000.0,)), 0.0, 1.0, step)
    assert all(abs(a - b) < 500 for a, b in zip(slow[:400], fast[:400], strict=True))
    assert max(abs(a - b) for a, b in zip(slow[-400:], fast[-400:], strict=True)) > 5000


@pytest.mark.parametrize(
    ("name", "on", "off"), [("busy", 0.48, 0.48), ("congestion", 0.24, 0.24), ("ringback", 1.0, 4.0)]
)
def test_cadences(name, on, off):
    made = samples(tone(name, 10.0), 10.0, 2 * (on + off))
    loud = [level(made[k : k + 80]) > -30 for k in range(0, len(made) - 79, 80)]
    edges = [k * 0.01 for k in range(1, len(loud)) if loud[k] != loud[k - 1]]
    assert edges == pytest.approx([on, on + off, on + off + on], abs=0.011)
    assert Cadence(((425.0, 0.48), (0.0, 0.48)), begin=10.0).cycles(11.93) == 2


def test_the_special_information_tone_climbs():
    made = samples(tone("sit", 0.0), 0.0, 1.0)
    for place, frequency in enumerate((950, 1400, 1800)):
        part = made[place * 2640 + 400 : place * 2640 + 2000]
        assert tone_level(part, frequency) == pytest.approx(-13.0, abs=0.3)


def test_speech_has_pauses_and_repeats_itself_exactly():
    made = samples(Speech(5), 0.0, 10.0)
    loud = [level(made[k : k + 160]) > -45 for k in range(0, len(made), 160)]
    assert 0.3 < sum(loud) / len(loud) < 0.95
    assert made == samples(Speech(5), 0.0, 10.0) != samples(Speech(6), 0.0, 10.0)
    assert level(samples(Noise(-40.0), 0.0, 1.0)) == pytest.approx(-40.0, abs=0.5)


@pytest.mark.parametrize(("name", "least"), [("u8", 38), ("s8", 38), ("s16le", 80), ("ulaw", 36), ("alaw", 35)])
def test_codings(name, least):
    coding, made = CODINGS[name], samples(Tone((1000.0,), -12.0), 0.0, 0.1)
    octets = coding.encode(made)
    again = coding.decode(octets)
    assert len(octets) == len(made) * coding.width and len(again) == len(made)
    error = [a - b for a, b in zip(made, again, strict=True)]
    assert level(made) - (level(error) if any(error) else -120) >= least
    assert abs(coding.decode(coding.rest)[0]) <= 8


def test_g711_as_the_tables_say():
    assert CODINGS["ulaw"].decode(bytes([0x00, 0x80, 0xFF, 0x7F])) == [-32124, 32124, 0, 0]
    assert CODINGS["alaw"].decode(bytes([0xD5, 0x55, 0x2A, 0xAA])) == [8, -8, -32256, 32256]


@pytest.mark.parametrize("keys", ["0123456789*#ABCD", "1111", "5"])
def test_keys_are_heard(keys):
    pad = Keypad()
    script = Script([Speech(2, -30.0), *keyed(keys, 0.5)])
    made = samples(script, 0.0, 1.0 + 0.2 * len(keys))
    for place in range(0, len(made), 100):
        pad.feed(made[place : place + 100])
    assert pad.digits == keys


def test_speech_is_no_key():
    pad = Keypad()
    for seed in range(6):
        pad.feed(samples(Speech(seed), 0.0, 12.0))
    assert pad.digits == ""


def test_what_was_played_is_heard_by_another_clock():
    played, source = Played(), Tone((1000.0,), -10.0)
    for k in range(30):
        played.add(k * 0.02, STEP, source.samples(k * 0.02, 160))
    heard = [s for k in range(20) for s in played.samples(0.1 + k * 0.02, 160, STEP * 1.0001)]
    assert tone_level(heard, 1000.0) == pytest.approx(-10.0, abs=0.2)
    assert not any(played.samples(5.0, 160))


def test_mixing_clips():
    assert mix([[30000] * 160, [30000] * 160], 160) == [32767] * 160
    assert mix([Silence().samples(0, 160)], 160) == (0,) * 160


def test_an_ear_fills_pauses_and_saves(tmp_path):
    ear = Ear()
    ear.hear(10.0, [1000] * 160, STEP)
    ear.hear(11.0, [1000] * 160, STEP)
    assert ear.seconds == pytest.approx(1.02) and list(ear.between(11.0, 11.02)) == [1000] * 160
    ear.save(tmp_path / "x.wav")
    with wave.open(str(tmp_path / "x.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (8000, 1, 8160)
