"""What callers hear on a landline and what is kept of what they say: announcements, messages, the owner's WAVs."""

import struct
import time
import wave

import numpy as np
import pytest

from .analog_hall import NATIONAL, gone, talking
from .analog_kinds import CONEXANT, USR
from .analog_sound import Mouth, speech
from .box import settings, until
from .calls import Target

SPOKEN = {"prompts", "announcements"}


def recordings(hall):
    """WAV files in the state folder, besides what is said to callers."""
    return [file for file in hall.box.state.rglob("*.wav*") if not SPOKEN & set(file.parts)]


@pytest.fixture
def mailbox(hall):
    """A landline whose callers may leave a message; `more` is TOML behind [messages]."""

    def made(kind=CONEXANT, seconds: int = 20, **changes):
        modem = hall.landline(kind)
        stick = hall.stick() if changes.pop("texts", False) else None
        more = f'[voice]\nmessage_seconds = {seconds}\nvoicemail = "Bitte sprechen Sie, es wird aufgezeichnet."\n'
        box = hall.up(rings=2, chain=(), otherwise="voicemail", more=more, **changes)
        return box, modem, stick

    return made


def length(file) -> float:
    with wave.open(str(file)) as sound:
        assert (sound.getframerate(), sound.getnchannels()) == (8000, 1)
        return sound.getnframes() / sound.getframerate()


def announced(caller, within: float = 30) -> float:
    """The moment at which what is played has been silent for a second, after it was heard."""
    until(lambda: caller.ear.loud() > 0.8, within, "an announcement")
    until(lambda: caller.ear.loud(time.monotonic() - 1.0) == 0, within, "its end")
    return time.monotonic()


def test_a_message_is_kept_and_its_text_sent(hall, mailbox):
    box, modem, stick = mailbox(texts=True, missed="at-once")
    caller = modem.call_in()
    talking(caller)
    announced(caller)
    caller.mouth.lasting = speech
    time.sleep(4)
    caller.mouth.lasting = lambda t: 0 * t
    at = time.monotonic()
    caller.mouth.keys("#", at, on=0.15)
    until(lambda: not modem.port.off_hook, 6, "# ends it")
    assert gone(caller).end == "local"
    row = box.call()
    assert (row["outcome"], row["caller"]) == ("voicemail", "+498955512345")
    (file,) = recordings(hall)
    assert 3.0 < length(file) < 8.0
    until(lambda: stick.pdus, 30, "a text about it")
    text = until(box.messages, 5, "messages")[0]["text"]
    assert "55512345" in text


@pytest.mark.long
@pytest.mark.parametrize("kind", [CONEXANT, USR], ids=["conexant", "usr"])
@pytest.mark.parametrize("leaves", [0.3, 1.5])
def test_nothing_is_recorded_before_the_announcement_ends(hall, mailbox, kind, leaves):
    box, modem, _ = mailbox(kind)
    caller = modem.call_in(mouth=Mouth(speech))
    talking(caller)
    until(lambda: caller.ear.loud() > leaves - 0.2, 15, "part of the announcement")
    modem.leaves(caller, "loop")
    until(lambda: not modem.port.off_hook, 15, "line free")
    row = box.call()
    assert row["outcome"] == "missed"
    time.sleep(1)
    assert recordings(hall) == []


@pytest.mark.long
@pytest.mark.parametrize("ends", ["silence", "busy", "length"])
def test_what_ends_a_message(hall, mailbox, ends):
    box, modem, _ = mailbox(seconds=10)
    caller = modem.call_in()
    talking(caller)
    announced(caller)
    caller.mouth.lasting = speech
    start = time.monotonic()
    time.sleep(4)
    if ends == "silence":
        caller.mouth.lasting = lambda t: 0 * t
    elif ends == "busy":
        modem.leaves(caller, "busy")
    until(lambda: not modem.port.off_hook, 20, "line free")
    took = time.monotonic() - start
    assert took < (14 if ends != "busy" else 9), took
    assert box.call()["outcome"] == "voicemail"
    (file,) = recordings(hall)
    assert length(file) <= 10.6


@pytest.mark.long
def test_the_message_is_what_was_said(hall, mailbox):
    _, modem, _ = mailbox(USR)
    caller = modem.call_in()
    talking(caller)
    announced(caller)
    caller.mouth.lasting = speech
    time.sleep(5)
    caller.mouth.lasting = lambda t: 0 * t
    caller.mouth.keys("#", time.monotonic(), on=0.15)
    until(lambda: not modem.port.off_hook, 6, "# ends it")
    (file,) = until(lambda: recordings(hall), 5, "a file")
    with wave.open(str(file)) as sound:
        width = sound.getsampwidth()
        data = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2" if width == 2 else "u1").astype(float)
    spectrum = np.abs(np.fft.rfft(data - data.mean()))
    hertz = np.fft.rfftfreq(len(data), 1 / 8000)
    assert 90 < hertz[np.argmax(spectrum * (hertz < 250))] < 170, "the pitch of the voice"
    assert spectrum[hertz < 1500].max() > 20 * np.median(spectrum[hertz > 2500]), "not noise"


@pytest.mark.long
def test_silence_is_no_message(hall, mailbox):
    box, modem, _ = mailbox(seconds=30)
    caller = modem.call_in()
    talking(caller)
    until(lambda: not modem.port.off_hook, 60, "line free")
    assert box.call()["outcome"] == "missed"


@pytest.mark.long
@pytest.mark.parametrize("kind", [CONEXANT, USR], ids=["conexant", "usr"])
def test_announce(hall, kind):
    """Nobody is reached: the caller hears a sentence, then the line is free; 10h in the sound is shielded."""
    modem = hall.landline(kind)
    box = hall.up(otherwise="announce", ring_seconds=6)
    modem.port.targets[NATIONAL] = Target(ends="BUSY")
    caller = modem.call_in()
    assert gone(caller, 40).end == "local"
    assert caller.ear.loud() > 1.5
    assert (box.call()["outcome"], box.call()["reason"]) == ("missed", "nobody_reached")
    assert modem.underruns <= 2 + modem.stumbles()


@pytest.fixture
def owner(box):
    """A box with settings, and no engine."""
    box.provisioned(settings("/dev/ttyNone"))
    return box


def riff(channels=1, rate=8000, bits=16, frames=8000, claims=None) -> bytes:
    """A WAV file of a 440 Hz tone, with whatever length its header claims."""
    t = np.arange(frames) / rate
    sample = 0.5 * np.sin(2 * np.pi * 440 * t)
    if bits == 24:
        whole = (sample * 8388607).astype("<i4")
        data = b"".join(int(value).to_bytes(3, "little", signed=True) * channels for value in whole)
    elif bits == 8:
        data = np.repeat((sample * 127 + 128).astype("u1"), channels).tobytes()
    else:
        data = np.repeat((sample * 32767).astype("<i2"), channels).tobytes()
    size = len(data) if claims is None else claims
    block = channels * bits // 8
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * block, block, bits)
    riff = struct.pack("<4sI4s", b"RIFF", min(size + 36, 0xFFFFFFFF), b"WAVE")
    return riff + head + struct.pack("<4sI", b"data", size) + data


GOOD = {
    "as it should be": riff(),
    "stereo": riff(2),
    "44.1 kHz": riff(rate=44100, frames=44100),
    "24 bit": riff(bits=24),
    "8 bit": riff(bits=8),
    "stereo, 44.1 kHz, 24 bit": riff(2, 44100, 24, 44100),
}
BAD = {
    "no WAV": b"ID3\x03\x00\x00 this is a song" * 50,
    "empty": b"",
    "header only": riff()[:44],
    "half a header": riff()[:20],
    "4 GB claimed": riff(claims=0xFFFFFFFF)[:60],
    "no channels": riff(0)[:44] + bytes(100),
    "no rate": riff(rate=8000).replace(struct.pack("<I", 8000), bytes(4), 1),
    "zeros": bytes(5000),
}


@pytest.mark.parametrize(
    "content", [pytest.param(GOOD[name], marks=[pytest.mark.long] * (count < len(GOOD)), id=name)
                for count, name in enumerate(GOOD, 1)])  # fmt: skip
def test_wavs_of_the_owner_are_converted(owner, content):
    file = owner.folder / "mein Text; $(id).wav"
    file.write_bytes(content)
    owner.ok("announcement", "set", "announcement", str(file))
    kept = list(owner.state.rglob("*.wav"))
    assert kept, "it is kept somewhere"
    assert all(abs(length(found) - 1.0) < 0.1 for found in kept)


@pytest.mark.parametrize(
    "content", [pytest.param(BAD[name], marks=[pytest.mark.long] * (count > 1), id=name)
                for count, name in enumerate(BAD, 1)])  # fmt: skip
def test_what_is_no_wav_is_refused(owner, content):
    file = owner.folder / "text.wav"
    file.write_bytes(content)
    done = owner.run("announcement", "set", "announcement", str(file))
    assert done.returncode == 2, (done.returncode, done.stderr)
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert not list(owner.state.rglob("*.wav"))


def test_ten_gigabytes_are_refused_at_once(owner):
    """A sparse file: nothing may read it to its end."""
    file = owner.folder / "text.wav"
    file.write_bytes(riff(claims=0xFFFFFFFF))
    with file.open("r+b") as grown:
        grown.truncate(10 * 1024**3)
    start = time.monotonic()
    done = owner.run("announcement", "set", "announcement", str(file), within=30)
    assert done.returncode == 2
    assert time.monotonic() - start < 10
    assert not list(owner.state.rglob("*.wav")), "nothing kept"
