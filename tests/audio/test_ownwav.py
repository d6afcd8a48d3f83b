"""WAVs that people bring: of every kind, and those that are none."""

import os
import struct
import wave

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.audio import coding, ownwav
from appliance.audio.ownwav import WavRefused
from tests.audio.quality import snr

SECONDS = 2.0


def chunk(kind, data, size=None):
    return kind + struct.pack("<I", len(data) if size is None else size) + data + b"\0" * (len(data) % 2)


def form(kind, channels, rate, bits, extensible=False):
    data = struct.pack(
        "<HHIIHH",
        0xFFFE if extensible else kind,
        channels,
        rate,
        rate * channels * bits // 8,
        channels * bits // 8,
        bits,
    )
    if extensible:
        data += struct.pack("<HHIH", 22, bits, 3, kind) + bytes.fromhex("000000001000800000aa00389b71")
    return chunk(b"fmt ", data)


def wav(*chunks, size=None):
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if size is None else size) + body


def tone(rate, channels=1, amplitude=0.4, seconds=SECONDS):
    samples = amplitude * np.sin(2 * np.pi * 1000 * np.arange(round(rate * seconds)) / rate)
    return np.repeat(samples[:, None], channels, axis=1).ravel()


def coded(samples, kind, bits):
    if kind == 3:
        return samples.astype(f"<f{bits // 8}").tobytes()
    if kind in (6, 7):
        return coding.encode(samples.astype(np.float32), "alaw" if kind == 6 else "ulaw")
    if bits == 8:
        return coding.encode(samples.astype(np.float32), "u8")
    whole = np.rint(samples * (2 ** (bits - 1) - 1)).astype("<i4")
    data = np.frombuffer(whole.tobytes(), np.uint8).reshape(-1, 4)
    return data[:, : bits // 8].tobytes()


def brought(tmp_path, content, name="owner.wav"):
    path = tmp_path / name
    path.write_bytes(content)
    return ownwav.read(path)


KINDS = [(1, 8), (1, 16), (1, 24), (1, 32), (3, 32), (3, 64), (6, 8), (7, 8)]


@pytest.mark.parametrize(("kind", "bits"), KINDS)
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44_100, 2), (48_000, 1), (11_025, 2), (96_000, 6)])
@pytest.mark.parametrize("extensible", [False, True])
def test_every_kind(tmp_path, kind, bits, rate, channels, extensible):
    content = wav(form(kind, channels, rate, bits, extensible), chunk(b"data", coded(tone(rate, channels), kind, bits)))
    samples = brought(tmp_path, content)
    assert len(samples) == pytest.approx(SECONDS * 8000, abs=4)
    assert snr(samples[800:-800], 1000) >= (28 if bits == 8 else 50)
    assert coding.level(samples) == pytest.approx(-15, abs=0.2)


def test_by_the_standard_library(tmp_path):
    path = tmp_path / "stereo.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(22_050)
        file.writeframes(coded(tone(22_050, 2), 1, 16))
    assert len(ownwav.read(path)) == pytest.approx(16_000, abs=4)


@pytest.mark.parametrize("amplitude", [0.01, 0.1, 0.9])
def test_level(tmp_path, amplitude):
    content = wav(form(1, 1, 8000, 16), chunk(b"data", coded(tone(8000, amplitude=amplitude), 1, 16)))
    assert coding.level(brought(tmp_path, content)) == pytest.approx(-15, abs=0.2)


def test_pauses_do_not_make_it_louder(tmp_path):
    samples = np.concatenate((tone(8000), np.zeros(48_000)))
    loud = brought(tmp_path, wav(form(1, 1, 8000, 16), chunk(b"data", coded(samples, 1, 16))))
    assert coding.level(loud[:16_000]) == pytest.approx(-15, abs=0.2)


def test_peaks_are_not_clipped(tmp_path):
    samples = np.zeros(16_000)
    samples[::400] = 1.0
    assert np.abs(brought(tmp_path, wav(form(1, 1, 8000, 16), chunk(b"data", coded(samples, 1, 16))))).max() <= 0.9


def test_other_chunks_are_passed_over(tmp_path):
    content = wav(
        chunk(b"LIST", b"INFOICMT\x03\0\0\0abc"),
        form(1, 1, 8000, 16),
        chunk(b"bext", b"x" * 601),
        chunk(b"data", coded(tone(8000), 1, 16)),
        chunk(b"id3 ", b"y" * 99),
    )
    assert len(brought(tmp_path, content)) == 16_000


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFF000, 10_000_000])
def test_a_length_that_is_not_true(tmp_path, size):
    """Of a file written to a pipe, or one that lies: what is there counts."""
    content = wav(form(1, 1, 8000, 16), chunk(b"data", coded(tone(8000), 1, 16), size), size=size)
    assert len(brought(tmp_path, content)) == 16_000


SOUND = coded(tone(8000), 1, 16)
REFUSED = {
    "empty": (b"", "no_wav"),
    "text": (b"this is no sound " * 100, "no_wav"),
    "mp3": (b"ID3\x04\0\0\0\0\0\0" + b"\xff\xfb\x90" * 500, "no_wav"),
    "only a head": (b"RIFF\x24\0\0\0WAVE", "no_wav"),
    "64 bit RIFF": (b"RF64" + wav()[4:], "no_wav"),
    "no sound": (wav(form(1, 1, 8000, 16)), "no_wav"),
    "sound before its form": (wav(chunk(b"data", SOUND), form(1, 1, 8000, 16)), "no_wav"),
    "form cut short": (wav(chunk(b"fmt ", b"\1\0\1\0")), "no_wav"),
    "a chunk of 4 GB": (wav(chunk(b"junk", b"x", 0xFFFFFFFE), form(1, 1, 8000, 16), chunk(b"data", SOUND)), "no_wav"),
    "chunks without end": (wav(*[chunk(b"junk", b"")] * 5000, form(1, 1, 8000, 16), chunk(b"data", SOUND)), "no_wav"),
    "ADPCM": (wav(form(2, 1, 8000, 4), chunk(b"data", SOUND)), "unsupported"),
    "no channels": (wav(form(1, 0, 8000, 16), chunk(b"data", SOUND)), "unsupported"),
    "300 channels": (wav(form(1, 300, 8000, 16), chunk(b"data", SOUND)), "unsupported"),
    "no rate": (wav(form(1, 1, 0, 16), chunk(b"data", SOUND)), "unsupported"),
    "10 MHz": (wav(form(1, 1, 10_000_000, 16), chunk(b"data", SOUND)), "unsupported"),
    "12 bits": (wav(form(1, 1, 8000, 12), chunk(b"data", SOUND)), "unsupported"),
    "16-bit floats": (wav(form(3, 1, 8000, 16), chunk(b"data", SOUND)), "unsupported"),
    "an odd frame": (
        wav(chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 16_000, 7, 16)), chunk(b"data", SOUND)), "unsupported",
    ),
    "another GUID": (
        wav(chunk(b"fmt ", form(1, 1, 8000, 16, True)[8:-4] + b"abcd"), chunk(b"data", SOUND)), "unsupported",
    ),
    "too short": (wav(form(1, 1, 8000, 16), chunk(b"data", SOUND[:1000])), "too_short"),
    "too long": (wav(form(1, 1, 8000, 16), chunk(b"data", SOUND * 70)), "too_long"),
    "silent": (wav(form(1, 1, 8000, 16), chunk(b"data", bytes(32_000))), "silent"),
    "constant": (wav(form(1, 1, 8000, 16), chunk(b"data", b"\0\x40" * 16_000)), "silent"),
    "not a number": (wav(form(3, 1, 8000, 32), chunk(b"data", np.full(16_000, np.nan, "<f4").tobytes())), "silent"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(tmp_path, name):
    content, code = REFUSED[name]
    with pytest.raises(WavRefused) as refused:
        brought(tmp_path, content)
    assert refused.value.code == code
    assert "owner.wav" in str(refused.value)


def test_ten_gigabytes(tmp_path):
    path = tmp_path / "huge.wav"
    with path.open("wb") as file:
        file.write(wav(form(1, 1, 8000, 16), chunk(b"data", b"", 0xFFFFFFFF)))
        file.truncate(10 << 30)
    with pytest.raises(WavRefused) as refused:
        ownwav.read(path)
    assert refused.value.code == "too_big"


def test_neither_folders_nor_pipes(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    for path in (tmp_path, tmp_path / "pipe.wav", tmp_path / "missing.wav"):
        with pytest.raises(WavRefused):
            ownwav.read(path)


def test_infinite_floats_are_clipped(tmp_path):
    samples = tone(8000).astype("<f4")
    samples[100:110] = np.inf
    samples[200:210] = -1e30
    out = brought(tmp_path, wav(form(3, 1, 8000, 32), chunk(b"data", samples.tobytes())))
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 0.9


@settings(max_examples=200)
@given(st.binary(max_size=300), st.integers(0, 80), st.binary(max_size=6))
def test_damaged_anywhere_it_is_refused_or_sound(tmp_path_factory, tail, place, damage):
    content = bytearray(wav(form(1, 2, 22_050, 24, extensible=True), chunk(b"data", SOUND + tail)))
    content[place : place + len(damage)] = damage
    path = tmp_path_factory.mktemp("wavs") / "owner.wav"
    path.write_bytes(bytes(content))
    try:
        samples = ownwav.read(path)
    except WavRefused:
        return
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() <= 0.9
