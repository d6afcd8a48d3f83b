"""The studio's heart on a virtual clock: playing, recording, listening, bridging, ending."""

import wave

import numpy as np
import pytest

from appliance.audio import coding, wav
from appliance.audio.stream import SOUNDLESS
from appliance.core import sound
from tests.audio.desks import Later, Source, Studio, syllables, tone

DUPLEX = sound.Stream("u8", shielded=True, end=b"\x10^", two_wire=True)
SENDING = sound.Stream("u8", receives=False, shielded=True, end=b"\x10\x03")
RECEIVING = sound.Stream("u8", sends=False, shielded=True, end=b"\x10!")
PLAIN = sound.Stream("s16le", apart=True)


@pytest.fixture
def studio():
    return Studio()


@pytest.fixture
def announcement(tmp_path):
    path = str(tmp_path / "announcement.wav")
    wav.write(path, tone(700, 1.5))
    return path


def opened(studio, line="office", form=PLAIN, samples=()):
    studio.sources[line] = Source(samples, form.shielded)
    studio.wish(line, sound.Open(form))


# --- playing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [PLAIN, DUPLEX, SENDING])
def test_a_sound_is_played_once_and_told_when_it_was_heard(studio, announcement, form):
    opened(studio, form=form)
    if not form.receives:
        studio.sources.clear()
    studio.run(0.5)
    studio.wish("office", sound.Play(announcement))
    began = studio.now
    while sound.Played(announcement) not in studio.of("office"):
        studio.run(0.02)
        assert studio.now < began + 3
    assert studio.now - began == pytest.approx(1.5 + (0.25 if form is SENDING else 0.07), abs=0.05)
    studio.run(0.5)
    played = studio.heard_by("office")
    loud = np.flatnonzero(np.abs(played) > 0.02)
    assert loud[-1] - loud[0] == pytest.approx(12_000, abs=20)


@pytest.mark.parametrize("late", [0.06, 0.12, 0.16])
def test_a_late_turn_of_ours_is_not_heard_in_what_is_played(studio, late):
    """As much as the modem has played meanwhile has been sent before."""
    opened(studio, form=DUPLEX)
    studio.run(1)
    studio.wish("office", sound.Play("hold", loop=True))
    studio.run(1)
    in_hand = len(studio.sent["office"]) - 2.0 * 8000
    assert in_hand >= late * 8000 + 160
    studio.wish("office", sound.Quiet())
    studio.run(1)
    assert len(studio.sent["office"]) - 3.0 * 8000 <= 0.05 * 8000


def test_what_is_played_is_shielded(studio):
    opened(studio, form=DUPLEX)
    studio.wish("office", sound.Play("hold", loop=True))
    studio.run(2)
    raw = bytes(studio.sent["office"])
    assert len(raw) - raw.count(b"\x10\x10") == 16_000 + 10 * 160


def test_over_and_over_until_quiet(studio, announcement):
    opened(studio)
    studio.wish("office", sound.Play(announcement, loop=True))
    studio.run(5)
    assert not [event for event in studio.of("office") if isinstance(event, sound.Played)]
    assert np.abs(studio.heard_by("office")[-320:]).max() > 0.2
    studio.wish("office", sound.Quiet())
    studio.run(0.5)
    assert np.abs(studio.heard_by("office")[-3000:]).max() == 0
    assert not [event for event in studio.of("office") if isinstance(event, sound.Played)]


def test_one_sound_in_place_of_another(studio, announcement):
    opened(studio)
    studio.wish("office", sound.Play("hold", loop=True))
    studio.run(1)
    studio.wish("office", sound.Play("beep"))
    studio.run(1)
    assert [event for event in studio.of("office") if isinstance(event, sound.Played)] == [sound.Played("beep")]


@pytest.mark.parametrize("what", ["missing", "no wav", "empty", "stereo", "fast", "8 bit", "folder", "cut short"])
def test_what_cannot_be_played(studio, tmp_path, what):
    path = tmp_path / "sound.wav"
    if what == "no wav":
        path.write_bytes(b"RIFFnonsense" * 100)
    elif what == "empty":
        path.write_bytes(b"")
    elif what == "folder":
        path.mkdir()
    elif what == "cut short":
        wav.write(str(path), tone(700, 1))
        path.write_bytes(path.read_bytes()[:30])
    elif what != "missing":
        with wave.open(str(path), "wb") as file:
            file.setnchannels(2 if what == "stereo" else 1)
            file.setframerate(44_100 if what == "fast" else 8000)
            file.setsampwidth(1 if what == "8 bit" else 2)
            file.writeframes(b"\0" * 800)
    opened(studio)
    studio.wish("office", sound.Play(str(path)))
    studio.run(0.1)
    (failed,) = studio.of("office")
    assert isinstance(failed, sound.SoundFailed)
    assert str(path) in failed.reason


def test_a_sound_that_comes_late_from_the_card_delays_nothing(announcement):
    later = Later()
    studio = Studio(later)
    opened(studio)
    studio.wish("office", sound.Play(announcement))
    studio.run(1)
    assert len(studio.heard_by("office")) == pytest.approx(8000, abs=640)
    later.work()
    studio.run(2)
    assert sound.Played(announcement) in studio.of("office")


# --- recording -------------------------------------------------------------------------------------


def record(studio, tmp_path, **how):
    path = str(tmp_path / "messages" / "7.wav")
    studio.wish("office", sound.Record(path, **how))
    return path


def recorded(studio):
    return [event for event in studio.of("office") if isinstance(event, sound.Recorded)]


def test_a_message_ends_by_silence(studio, tmp_path):
    speech = syllables(5)
    opened(studio, samples=speech)
    path = record(studio, tmp_path, silence=3.0)
    studio.run(12)
    (kept,) = recorded(studio)
    assert (kept.path, kept.ended_by) == (path, "silence")
    assert kept.seconds == pytest.approx(6.5, abs=1.5)
    with wave.open(path) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert file.getnframes() == round(kept.seconds * 8000)
        frames = np.frombuffer(file.readframes(40_000), "<i2") / 32768
    np.testing.assert_allclose(frames[:39_000], speech[:39_000], atol=1e-4)
    assert [each.name for each in (tmp_path / "messages").iterdir()] == ["7.wav"]
    assert (tmp_path / "messages" / "7.wav").stat().st_mode & 0o777 == 0o600


def test_a_message_ends_by_the_hash_key(studio, tmp_path):
    key = tone(941, 0.1, 0.15) + tone(1477, 0.1, 0.15)
    opened(studio, samples=np.concatenate((syllables(4), np.zeros(800), key)))
    record(studio, tmp_path)
    studio.run(5)
    assert [kept.ended_by for kept in recorded(studio)] == ["digit"]
    assert sound.Heard("digit", digit="#") in studio.of("office")


def test_a_message_ends_at_its_limit(studio, tmp_path):
    opened(studio, samples=syllables(30))
    record(studio, tmp_path, most=10.0)
    studio.run(12)
    (kept,) = recorded(studio)
    assert kept.ended_by == "limit"
    assert kept.seconds <= 10


@pytest.mark.parametrize("how", ["asked", "modem", "lost"])
def test_a_message_ends_with_the_stream_and_is_told_before_it(studio, tmp_path, how):
    opened(studio, form=DUPLEX, samples=syllables(30))
    path = record(studio, tmp_path)
    studio.run(4)
    if how == "asked":
        studio.wish("office", sound.Close())
        studio.receive("office", b"\x10\x03\r\nOK\r\n")
    elif how == "modem":
        studio.receive("office", b"\x10\x03\r\nNO CARRIER\r\n")
    else:
        studio.desk.port_lost("office", studio.now)
    studio.run(0.1)
    kept, ended = studio.of("office")[-2:]
    assert isinstance(kept, sound.Recorded)
    assert (kept.path, kept.ended_by) == (path, "end")
    assert kept.seconds == pytest.approx(4, abs=0.1)
    assert (type(ended), ended.reason) == (sound.StreamEnded, how)


def test_who_says_nothing_leaves_nothing(studio, tmp_path):
    noise = np.random.default_rng(1).standard_normal(160_000) * 0.003
    opened(studio, samples=noise)
    path = record(studio, tmp_path, silence=5.0)
    studio.run(7)
    assert recorded(studio) == [sound.Recorded(path, 0.0, "silence")]
    assert not (tmp_path / "messages").exists()


def test_nothing_is_recorded_but_on_record(studio, tmp_path, monkeypatch):
    monkeypatch.setattr(wav, "write", lambda *_: pytest.fail("written"))
    opened(studio, samples=syllables(5))
    studio.run(5)
    studio.wish("office", sound.Close())
    studio.run(1)
    assert isinstance(studio.of("office")[-1], sound.StreamEnded)


def test_a_message_that_cannot_be_kept(studio, tmp_path):
    (tmp_path / "messages").write_text("in the way")
    opened(studio, samples=syllables(5))
    record(studio, tmp_path, most=3.0)
    studio.run(4)
    assert any(isinstance(event, sound.SoundFailed) for event in studio.of("office"))


def test_a_card_that_hangs_does_not_hold_the_line_for_ever(tmp_path):
    later = Later()
    studio = Studio(later)
    opened(studio, samples=syllables(30))
    path = record(studio, tmp_path)
    studio.run(3)
    studio.wish("office", sound.Close())
    studio.run(1)
    assert not any(isinstance(event, sound.StreamEnded) for event in studio.of("office"))
    studio.run(3)
    assert isinstance(studio.of("office")[-1], sound.StreamEnded)
    assert path
    later.work()


# --- listening -------------------------------------------------------------------------------------


def test_what_the_modem_says_and_what_is_heard(studio):
    opened(studio, form=DUPLEX)
    studio.run(0.2)
    studio.receive("office", b"\x10b\x10l\x10/\x105\x105\x10~\x10u")
    assert studio.of("office") == [sound.ModemSays("b"), sound.ModemSays("l"), sound.Heard("digit", digit="5")]


def test_a_key_that_both_notice_is_pressed_once(studio):
    key = tone(770, 0.12, 0.15) + tone(1336, 0.12, 0.15)
    opened(studio, form=DUPLEX, samples=np.concatenate((np.zeros(1600), key)))
    studio.run(0.4)
    studio.receive("office", b"\x10/\x105\x105\x10~")
    studio.run(1)
    studio.receive("office", b"\x10/\x105\x105\x10~")
    digits = [event for event in studio.of("office") if isinstance(event, sound.Heard) and event.digit]
    assert [each.digit for each in digits] == ["5", "5"]


def test_early_bytes_are_heard(studio):
    studio.wish("office", sound.Open(DUPLEX, early=b"\x80\x10R\x80"))
    assert studio.of("office") == [sound.ModemSays("R")]


# --- bridging --------------------------------------------------------------------------------------


def test_two_lines_hear_each_other(studio):
    opened(studio, "a", PLAIN, tone(1000, 5))
    opened(studio, "b", DUPLEX, tone(600, 5))
    studio.wish("a", sound.Bridge("b"))
    assert studio.of("a") == [sound.BridgeUp("b")]
    studio.run(4)
    for line, frequency in (("a", 600), ("b", 1000)):
        heard = studio.heard_by(line)[-8000:]
        spectrum = np.abs(np.fft.rfft(heard))
        assert spectrum.argmax() == pytest.approx(frequency, abs=1)
        assert coding.level(heard) == pytest.approx(-15, abs=1)


def test_hang_up_and_keys_are_heard_in_a_bridge(studio):
    beat = np.concatenate((tone(425, 0.48), np.zeros(3840, np.float32)))
    key = tone(697, 0.1, 0.15) + tone(1209, 0.1, 0.15)
    opened(studio, "a", PLAIN, np.concatenate((np.zeros(4000), key, np.zeros(4000))))
    opened(studio, "b", PLAIN, np.concatenate([np.zeros(8000), *[beat] * 5]))
    studio.wish("a", sound.Bridge("b"))
    studio.run(6)
    assert sound.Heard("digit", digit="1") in studio.of("a")
    assert sound.Heard("busy", count=3, seconds=2.4) in studio.of("b")
    assert not [event for event in studio.of("b") if getattr(event, "digit", "")]


def test_parted_they_stay_open(studio):
    opened(studio, "a", PLAIN, tone(1000, 9))
    opened(studio, "b", PLAIN, tone(600, 9))
    studio.wish("a", sound.Bridge("b"))
    studio.run(2)
    studio.wish("b", sound.Unbridge())
    studio.run(1)
    assert np.abs(studio.heard_by("a")[-4000:]).max() == 0
    assert studio.desk.is_open("a")
    studio.wish("b", sound.Bridge("a"))
    studio.run(1)
    assert np.abs(studio.heard_by("a")[-4000:]).max() > 0.2


def test_one_ends_the_other_stays(studio):
    opened(studio, "a", PLAIN, tone(1000, 9))
    opened(studio, "b", DUPLEX)
    studio.wish("a", sound.Bridge("b"))
    studio.run(1)
    studio.receive("b", b"\x10\x03\r\nNO CARRIER\r\n")
    assert studio.of("b")[-1] == sound.StreamEnded("modem", b"\r\nNO CARRIER\r\n")
    studio.run(1)
    assert studio.desk.is_open("a")
    assert not any(isinstance(event, sound.StreamEnded) for event in studio.of("a"))


def test_no_bridge(studio):
    opened(studio, "a")
    opened(studio, "b", SENDING)
    for other in ("a", "b", "nobody"):
        studio.wish("a", sound.Bridge(other))
    assert [type(event) for event in studio.of("a")] == [sound.SoundFailed] * 3


# --- ending ----------------------------------------------------------------------------------------


def test_wishes_without_a_stream(studio):
    for wish in (sound.Close(), sound.Quiet(), sound.Unbridge()):
        studio.wish("office", wish)
    assert studio.events == []
    for wish in (sound.Play("beep"), sound.Record("x"), sound.Bridge("b")):
        studio.wish("office", wish)
    assert [type(event) for event in studio.of("office")] == [sound.SoundFailed] * 3


def test_wedged(studio):
    opened(studio, form=DUPLEX)
    studio.run(1)
    studio.sent["office"].clear()
    studio.wish("office", sound.Close())
    studio.run(5)
    assert bytes(studio.sent["office"]) == b"\x10^\x10\x03\x10!"
    assert studio.of("office")[-1] == sound.StreamEnded("wedged")
    assert studio.desk.deadline() is None


@pytest.mark.parametrize("form", [PLAIN, DUPLEX])
def test_a_line_of_a_bridge_that_goes_dead_is_told(studio, form, caplog):
    opened(studio, "a", PLAIN, tone(1000, 60))
    opened(studio, "b", form, tone(600, 60))
    studio.wish("a", sound.Bridge("b"))
    studio.run(2)
    del studio.sources["b"]
    studio.run(SOUNDLESS + 2)
    assert studio.of("b")[-1] == sound.StreamEnded("modem" if form is PLAIN else "wedged")
    assert f"b: its modem has brought no sound for {SOUNDLESS:.0f} s" in caplog.messages
    assert studio.desk.is_open("a") and studio.desk.bridged_to("a") is None


def test_what_was_said_before_a_line_goes_dead_is_kept(studio, tmp_path):
    opened(studio, form=RECEIVING, samples=syllables(60))
    record(studio, tmp_path)
    studio.run(4)
    studio.sources.clear()
    studio.run(SOUNDLESS + 2)
    kept, ended = studio.of("office")[-2:]
    assert (kept.seconds, kept.ended_by) == (pytest.approx(4, abs=0.1), "end")
    assert ended == sound.StreamEnded("wedged")


def test_opened_anew(studio):
    opened(studio)
    studio.run(0.1)
    studio.wish("office", sound.Open(PLAIN))
    studio.wish("office", sound.Close())
    assert studio.of("office") == [sound.StreamEnded("asked")]


def test_one_way_streams_refuse_the_other(studio):
    opened(studio, "a", RECEIVING)
    studio.wish("a", sound.Play("beep"))
    opened(studio, "b", SENDING)
    studio.wish("b", sound.Record("x"))
    assert [type(event) for _, event in studio.events] == [sound.SoundFailed] * 2
