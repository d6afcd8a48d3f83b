"""What exchanges say, told from generated tones with noise, off in frequency and in cadence, and from speech."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from appliance.audio.coding import FRAME, decode, encode, level
from appliance.audio.listener import Listener
from appliance.audio.tones import COUNTRIES
from tests.audio.desks import syllables, tone

LEVEL = 0.25
SNR = (20, 10, 6)
OFF = (0.985, 1.0, 1.015)
PACE = (0.9, 1.0, 1.1)


def cadence(frequencies, seconds_on_off, seconds, pace=1.0, off=1.0):
    """A country's tone for so long; begins with the first burst."""
    parts = []
    while sum(map(len, parts)) < seconds * 8000:
        for index, each in enumerate(seconds_on_off or (seconds,)):
            parts.append(np.full(round(each * pace * 8000), float(index % 2 == 0)))
    envelope = np.concatenate(parts)[: round(seconds * 8000)]
    at = np.arange(len(envelope)) / 8000
    return LEVEL * envelope * sum(np.sin(2 * np.pi * f * off * at) for f in frequencies) / len(frequencies) ** 0.5


def noisy(sound, snr, seed=1):
    """White noise, so many dB below the tone while it sounds."""
    noise = np.random.default_rng(seed).standard_normal(len(sound)) * LEVEL / 2**0.5 * 10 ** (-snr / 20)
    return sound + noise


def hear(sound, country="DE", listener=None):
    """(seconds, event) of all that is told."""
    listener = listener or Listener(country)
    sound = np.asarray(sound, np.float32)
    told = []
    for at in range(0, len(sound) - FRAME + 1, FRAME):
        told += [(at / 8000, event) for event in listener.hear(sound[at : at + FRAME])]
    return told


def of(told, name):
    return [event for _, event in told if event.sound == name]


ALL_TONES = {"dial", "busy", "congestion", "ringback", "sit"}


@pytest.mark.parametrize("snr", SNR)
@pytest.mark.parametrize("off", OFF)
@pytest.mark.parametrize("pace", PACE)
@pytest.mark.parametrize("name", ["busy", "congestion", "ringback", "dial"])
def test_german_tones(name, pace, off, snr):
    shape = next(each.cadence for each in COUNTRIES["DE"] if each.name == name)
    before = np.zeros(round(0.31 * 8000))
    told = hear(noisy(np.concatenate((before, cadence((425,), shape, 14, pace, off))), snr))
    assert {event.sound for _, event in told} & ALL_TONES == {name}
    if name == "dial":
        assert [round(each.seconds) for each in of(told, name)][:4] == [1, 2, 3, 4]
    elif name == "ringback":
        assert [each.count for each in of(told, name)] == [1, 2, 3] if pace < 1.1 else [1, 2]
    else:
        counts = [each.count for each in of(told, name)]
        assert counts == list(range(2, counts[-1] + 1))
        third = next(at for at, event in told if event.count == 3)
        assert third <= 0.31 + (2.5 * sum(shape)) * pace + 0.1
    assert not of(told, "voice")


PBX = (0.2, 0.3, 0.7, 0.8)


@pytest.mark.parametrize("snr", SNR)
@pytest.mark.parametrize("off", OFF)
@pytest.mark.parametrize("pace", PACE)
def test_a_pbx_has_a_dial_tone_of_its_own(pace, off, snr):
    told = hear(noisy(np.concatenate((np.zeros(2480), cadence((425,), PBX, 14, pace, off))), snr))
    assert {event.sound for _, event in told} & ALL_TONES == {"dial"}
    counts = [event.count for event in of(told, "dial")]
    assert counts == list(range(1, counts[-1] + 1)) and counts[-1] >= 6
    assert next(at for at, event in told if event.sound == "dial") <= 0.31 + 1.2 * pace + 0.1
    assert not of(told, "voice")


@pytest.mark.parametrize("missed", [each / 20 for each in range(40)])
def test_it_is_told_though_its_begin_was_missed(missed):
    told = hear(noisy(cadence((425,), PBX, 10)[round(missed * 8000) :], 20))
    assert {event.sound for _, event in told} & ALL_TONES == {"dial"}
    assert next(at for at, event in told if event.sound == "dial") <= 3.3


@pytest.mark.parametrize("shape", [(0.2, 0.2, 0.2, 5.0), (0.2, 0.3, 0.2, 0.8), (0.2, 0.3, 0.48, 0.8), (0.7, 0.8)])
def test_other_bursts_are_no_dial_tone(shape):
    assert not of(hear(noisy(cadence((425,), shape, 12), 20)), "dial")


def test_it_is_a_hang_up_only_when_it_has_lasted():
    told = of(hear(cadence((425,), PBX, 7)), "dial")
    assert [event.seconds for event in told] == [1.2, 3.2, 5.2]


def test_a_dial_tone_that_begins_in_bursts():
    """As a service that is active, or a recall, is told of in many networks."""
    told = hear(noisy(np.concatenate((cadence((425,), (0.1, 0.1), 0.6), cadence((425,), (), 4))), 20))
    assert {event.sound for _, event in told} & ALL_TONES == {"dial"}
    assert next(at for at, event in told if event.sound == "dial") <= 2.0


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_country(country):
    for each in COUNTRIES[country]:
        told = hear(noisy(cadence(each.frequencies, each.cadence, 15), 15), country)
        assert {event.sound for _, event in told} & ALL_TONES == {each.name}, each
        assert len(of(told, each.name)) >= 2


def test_a_country_without_a_table_has_the_recommended_tones():
    assert of(hear(cadence((425,), (0.48, 0.48), 5), "PL"), "busy")


@pytest.mark.parametrize("snr", SNR)
@pytest.mark.parametrize("off", OFF)
@pytest.mark.parametrize("pace", PACE)
def test_special_information(off, pace, snr):
    parts = [cadence((f,), (), 0.33 * pace, off=off) for f in (950, 1400, 1800)]
    told = hear(noisy(np.concatenate((np.zeros(4000), *parts, np.zeros(8000))), snr))
    assert len(of(told, "sit")) == 1
    assert not of(told, "voice")


def test_rising_notes_in_another_order_are_none():
    parts = [cadence((f,), (), 0.33) for f in (1400, 950, 1800, 1800, 1400, 950)]
    assert not of(hear(np.concatenate(parts)), "sit")


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("too slow", (0.75, 0.75)),
        ("too quick", (0.1, 0.1)),
        ("uneven", (0.48, 1.5)),
        ("a clock's tick", (0.05, 0.95)),
    ],
)
def test_other_cadences_are_no_hang_up(name, shape):
    told = hear(noisy(cadence((425,), shape, 15), 20))
    assert not of(told, "busy") + of(told, "congestion"), name


@pytest.mark.parametrize("frequency", [380, 475, 500, 1000])
def test_other_frequencies_are_no_hang_up(frequency):
    told = hear(cadence((frequency,), (0.48, 0.48), 10))
    assert not {event.sound for _, event in told} & ALL_TONES


def test_a_short_drop_out_does_not_end_a_tone():
    sound = cadence((425,), (), 6)
    sound[16_000:16_150] = 0
    assert [round(each.seconds) for each in of(hear(sound), "dial")] == [1, 2, 3, 4, 5]


def test_speech_over_busy_breaks_it_but_not_for_long():
    sound = cadence((425,), (0.48, 0.48), 12)
    sound[: 3 * 8000] += syllables(3, dbfs=-12)
    counts = [each.count for each in of(hear(sound), "busy")]
    assert counts[-1] >= 5


def test_over_an_8_bit_line():
    """Quiet, on a modem's 256 steps and with a hum."""
    sound = 0.1 * cadence((425,), (0.48, 0.48), 6) / LEVEL + tone(50, 6, 0.02)
    told = hear(decode(encode(sound.astype(np.float32), "u8"), "u8"))
    assert [each.count for each in of(told, "busy")][:3] == [2, 3, 4]


# --- speech ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_speech_is_no_tone(seed):
    told = hear(syllables(60, seed))
    assert not {event.sound for _, event in told} & ALL_TONES
    assert not of(told, "digit")


def speech_like(seconds, seed):
    """What the ear could be fooled by: voiced noise about 425 Hz that comes and goes as busy does, only less evenly."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal(round(seconds * 8000))
    spectrum = np.fft.rfft(noise)
    frequencies = np.fft.rfftfreq(len(noise), 1 / 8000)
    spectrum *= 1 / (1 + ((frequencies - 425) / 60) ** 2) + 0.3 / (1 + ((frequencies - 1700) / 300) ** 2)
    shaped = np.fft.irfft(spectrum, len(noise))
    at = np.arange(len(noise)) / 8000
    rhythm = np.clip(np.sin(2 * np.pi * (1.04 * at + 0.2 * np.sin(0.7 * at))) * 3, 0, 1)
    shaped *= rhythm
    return (shaped * 10 ** (-18 / 20) / np.sqrt(np.mean(shaped**2))).astype(np.float32)


def test_noise_like_speech_is_no_hang_up():
    told = hear(speech_like(60, 1))
    assert not {event.sound for _, event in told} & {"busy", "congestion", "dial", "sit"}


@pytest.mark.long
@pytest.mark.parametrize("kind", [syllables, speech_like])
def test_ten_minutes_without_a_false_hang_up(kind):
    for minute in range(10):
        listener = Listener("DE")
        told = hear(kind(60, 100 + minute), listener=listener)
        assert not {event.sound for _, event in told} & ALL_TONES, minute


# --- voice and silence -----------------------------------------------------------------------------


def test_ringback_that_ends_in_a_voice():
    hello = syllables(1.2, 3)
    sound = np.concatenate((cadence((425,), (1, 4), 7), np.zeros(4000), hello, np.zeros(16_000)))
    told = hear(noisy(sound, 25))
    voices = [at for at, event in told if event.sound == "voice"]
    assert 7.5 <= voices[0] <= 8.3
    assert of(told, "ringback")[0].count == 1


@pytest.mark.parametrize(
    "sound",
    [tone(1000, 3), tone(440, 3), tone(50, 3), np.random.default_rng(1).standard_normal(24_000) * 0.05],
    ids=["beep", "music-like note", "hum", "hiss"],
)
def test_what_is_no_voice(sound):
    assert not of(hear(np.concatenate((np.zeros(8000), sound, np.zeros(8000)))), "voice")


@pytest.mark.parametrize("dbfs", [-10, -18, -30])
@pytest.mark.parametrize("noise", [-70, -50])
def test_a_voice_is_one(dbfs, noise):
    sound = np.concatenate((np.zeros(8000), syllables(4, 5, dbfs), np.zeros(24_000)))
    sound += np.random.default_rng(2).standard_normal(len(sound)) * 10 ** (noise / 20)
    told = hear(sound)
    assert 1.2 <= next(at for at, event in told if event.sound == "voice") <= 2.0
    after = [(at, event.seconds) for at, event in told if event.sound == "silence" and at > 5]
    assert [round(seconds) for _, seconds in after] == [1, 2]
    assert after[0][0] == pytest.approx(6.0, abs=0.35)


def test_silence_is_counted_in_seconds():
    told = of(hear(np.random.default_rng(3).standard_normal(8000 * 10) * 0.002), "silence")
    assert [each.seconds for each in told] == [float(n) for n in range(1, 10)]


def test_our_own_sound_is_no_voice():
    listener = Listener("DE")
    sound = syllables(3)
    told = [e for at in range(0, len(sound) - 159, 160) for e in listener.hear(sound[at : at + 160], ours=True)]
    assert not [event for event in told if event.sound == "voice"]


# --- whatever comes --------------------------------------------------------------------------------


@settings(max_examples=30)
@given(
    arrays.arrays(np.float32, st.integers(1, 40).map(lambda n: n * FRAME), elements=st.floats(-1, 1, width=32)),
    st.sampled_from(sorted(COUNTRIES)),
)
def test_never_raises_and_hears_what_follows(noise, country):
    listener = Listener(country)
    hear(noise, listener=listener)
    busy = next(each for each in COUNTRIES[country] if each.name == "busy")
    told = hear(cadence(busy.frequencies, busy.cadence, 6), listener=listener)
    assert of(told, "busy")[-1].count >= 4


def test_level_of_the_samples():
    assert level(cadence((425,), (), 1).astype(np.float32)) == pytest.approx(-15, abs=0.1)
