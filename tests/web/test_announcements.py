"""Announcements: heard, replaced by recordings of one's own, and what files may be instead of recordings."""

from __future__ import annotations

import io
import math
import re
import shutil
import struct
import wave

import pytest

from appliance.core.settings import from_json
from web import commands
from web.pages import announcements


def recording(seconds=1.0, rate=8000, channels=1, loudness=0.5):
    """A WAV of a hum."""
    sent = io.BytesIO()
    with wave.open(sent, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        one = [round(32767 * loudness * math.sin(n / rate * 2 * math.pi * 300)) for n in range(rate)]
        for _ in range(math.ceil(seconds)):
            frames = one[: round(min(seconds, 1.0) * rate)]
            file.writeframes(b"".join(struct.pack("<h", sample) * channels for sample in frames))
    return sent.getvalue()


def long_recording(seconds):
    """Of few bytes: the test client does not close the file it sends larger ones from."""
    sent = io.BytesIO()
    with wave.open(sent, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(4000)
        file.writeframes(bytes(range(256)) * (seconds * 4000 // 256))
    return sent.getvalue()


def bring(client, name, content, filename="ansage.wav", **fields):
    data = {"csrf_token": client.token(), "file": (io.BytesIO(content), filename), **fields}
    return client.post(f"/announcements/{name}", data=data, follow_redirects=True)


def mistake(page):
    found = re.search(r'class="mistake"[^>]*>.*?<span>([^<]+)</span>', page.text, re.DOTALL)
    return found[1] if found else None


def test_what_is_spoken(client):
    page = client.get("/announcements/").text
    assert "Hier ist der Anschluss von Tischlerei Muster" in page
    assert "Vom Gerät gesprochen, sobald es nötig ist" in page
    assert "Ein Rufzeichen" in page
    assert "Noch kann keine Leitung dieses Geräts sprechen" in page
    assert "<audio" not in page


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44100, 2)])
def test_own_recording(client, state, rate, channels):
    page = bring(client, "announcement", recording(2, rate, channels))
    assert "Anrufer hören von jetzt an Ihre eigene Aufnahme" in page.text
    assert "Ihre eigene Aufnahme</span>" in page.text
    assert "· 2 s" in page.text
    sound = client.get("/announcements/announcement.wav")
    with wave.open(io.BytesIO(sound.data)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (8000, 1, 16000)
    assert sound.data == (state / "prompts/announcement.wav").read_bytes()
    assert client.get("/announcements/announcement.wav", headers={"Range": "bytes=0-9"}).status_code == 206
    assert [path.name for path in state.iterdir() if path.name.startswith(".upload")] == []


def test_removed_it_is_spoken_again(client, state):
    assert shutil.which("espeak-ng"), "the tests need a voice"
    bring(client, "announcement", recording())
    page = client.send("/announcements/announcement/forget")
    assert "Der Satz wird wieder gesprochen" in page.text
    assert "Ihre eigene Aufnahme</span>" not in page.text
    assert page.text.count("Vom Gerät gesprochen<") == 3  # all of them were made, but a tone needs no sentence
    assert (state / "prompts/announcement.wav").stat().st_size > 16_000


def test_removed_where_there_is_no_voice(client, state, monkeypatch):
    bring(client, "announcement", recording())
    monkeypatch.setenv("PATH", str(state))
    page = client.send("/announcements/announcement/forget")
    assert "sobald dieses Gerät eine Stimme hat" in page.text
    assert client.get("/announcements/announcement.wav").status_code == 404


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "keine WAV-Datei"),
        (b"ID3\x04" + b"\xff\xfb" * 5000, "keine WAV-Datei"),
        (b"RIFF\xff\xff\xff\xffWAVE", "keine WAV-Datei"),
        (b"PK\x03\x04" * 100, "keine WAV-Datei"),
        (long_recording(121), "länger als zwei Minuten"),
        (recording(0.1), "nach einem Augenblick zu Ende"),
        (recording(1, loudness=0.0), "nichts zu hören"),
        (recording().replace(b"WAVEfmt \x10\x00\x00\x00\x01", b"WAVEfmt \x10\x00\x00\x00\x55"), "PCM, 16 Bit"),
    ],
    ids=["empty", "mp3", "bare", "zip", "long", "short", "silent", "mp3-in-wav"],
)
def test_files_that_are_refused(client, state, content, said):
    bring(client, "announcement", recording())
    before = (state / "prompts/announcement.wav").read_bytes()
    page = bring(client, "announcement", content)
    assert page.status_code == 200
    assert said in mistake(page)
    assert "<details open>" in page.text
    assert (state / "prompts/announcement.wav").read_bytes() == before
    assert [path.name for path in state.iterdir() if path.name.startswith(".upload")] == []


def test_english_reasons(client, store, state):
    from tests.web import sample

    store.save_settings(sample.settings_json(sample.SETTINGS.replace('"de"', '"en"')))
    assert "no WAV file" in mistake(bring(client, "announcement", b"x"))


def test_nothing_chosen(client):
    assert "wählen Sie eine Datei" in mistake(client.send("/announcements/announcement"))


def test_voicemail_must_say_that_it_records(client, state):
    assert "dass aufgezeichnet wird" in mistake(bring(client, "voicemail", recording()))
    assert not (state / "prompts/voicemail.wav").exists()
    assert "eigene Aufnahme" in bring(client, "voicemail", recording(), says_so="1").text
    assert (state / "prompts/voicemail.wav").exists()


def test_waiting_to_a_recording_instead_of_a_tone(client, store):
    def hold():
        return from_json(store.load_settings()[1]).voice.hold

    assert hold() == "tone"
    bring(client, "hold", recording())
    assert hold() == "Einen Augenblick bitte, Sie werden verbunden."
    page = client.send("/announcements/hold/forget")
    assert hold() == "tone"
    assert "Ein Rufzeichen" in page.text


def test_waiting_to_a_sentence_of_ones_own_stays_that(client, store):
    client.send("/texts/wording/voice", hold="Moment bitte")
    bring(client, "hold", recording())
    client.send("/announcements/hold/forget")
    assert from_json(store.load_settings()[1]).voice.hold == "Moment bitte"


def test_too_large_is_not_even_taken(client, monkeypatch):
    monkeypatch.setattr(announcements, "LARGEST", 1000)
    client.application.view_functions["announcements.bring"].most = 1000
    try:
        assert bring(client, "announcement", b"x" * 5000).status_code == 413
    finally:
        client.application.view_functions["announcements.bring"].most = 32 << 20


@pytest.mark.parametrize("name", ["x", "..", "announcement.wav", "%2e%2e%2fx"])
def test_what_nobody_says(client, name):
    assert client.get(f"/announcements/{name}.wav").status_code == 404
    assert client.send(f"/announcements/{name}").status_code == 404
    assert client.send(f"/announcements/{name}/forget").status_code == 404


def test_card_that_is_full(client, monkeypatch):
    def full(*_args, **_named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(commands, "bring_sound", full)
    assert "voll oder beschädigt" in mistake(bring(client, "announcement", recording()))


def test_strangers_bring_nothing(guest, state):
    assert bring(guest, "announcement", recording()).request.path == "/login"
    assert not (state / "prompts").exists()
    assert guest.get("/announcements/announcement.wav").status_code == 302
