"""Announcements: made once, made anew when their words change, and never over what the owner has brought."""

import shutil
import subprocess
import sys

import numpy as np
import pytest

from appliance.audio import coding, prompts, wav
from appliance.audio.ownwav import WavRefused
from appliance.core.spoken import NAMES
from tests.audio.desks import syllables
from tests.core.test_spoken import settings


@pytest.fixture
def espeak(monkeypatch):
    """Stands in for the program, so that tests take no time and need none; says how often it was asked."""
    asked = []

    def run(command, **how):
        asked.append(how["input"].decode())
        wav.write(command[command.index("-w") + 1], syllables(1.5, len(asked)))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", run)
    return asked


def test_all_are_made_once(tmp_path, espeak):
    folder = tmp_path / "prompts"
    assert prompts.stale(folder, settings("de")) == list(NAMES)
    assert prompts.ensure(folder, settings("de")) == list(NAMES)
    assert prompts.ensure(folder, settings("de")) == []
    assert len(espeak) == len(NAMES)
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{name}.wav" for name in NAMES)
    for name in NAMES:
        assert coding.level(wav.read(str(folder / f"{name}.wav"))) > -25


def test_other_words_are_made_anew_and_only_they(tmp_path, espeak):
    prompts.ensure(tmp_path, settings("de"))
    own = settings("de", announcement="Wir haben Urlaub.")
    assert prompts.ensure(tmp_path, own) == ["announcement"]
    assert espeak[-1] == "Wir haben Urlaub."
    assert prompts.ensure(tmp_path, settings("en")) == list(NAMES)


def test_what_was_brought_stays(tmp_path, espeak):
    source = tmp_path / "mine.wav"
    wav.write(str(source), syllables(2))
    folder = tmp_path / "prompts"
    assert prompts.bring(folder, "voicemail", source) == pytest.approx(2.0)
    assert prompts.is_own(folder, "voicemail")
    assert "voicemail" not in prompts.ensure(folder, settings("de"))
    assert prompts.ensure(folder, settings("en")) == [name for name in NAMES if name != "voicemail"]
    prompts.forget(folder, "voicemail")
    prompts.forget(folder, "voicemail")
    assert prompts.ensure(folder, settings("en")) == ["voicemail"]
    assert not prompts.is_own(folder, "voicemail")


def test_what_is_refused_leaves_the_old_one(tmp_path, espeak):
    prompts.ensure(tmp_path, settings("de"))
    before = (tmp_path / "hold.wav").read_bytes()
    (tmp_path / "bad").write_bytes(b"nonsense")
    with pytest.raises(WavRefused):
        prompts.bring(tmp_path, "hold", tmp_path / "bad")
    assert (tmp_path / "hold.wav").read_bytes() == before


def test_an_unknown_name_is_a_mistake_of_ours(tmp_path):
    with pytest.raises(ValueError, match="etc"):
        prompts.bring(tmp_path, "../../etc/passwd", tmp_path)


def test_without_espeak(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(prompts.NoVoice, match="install espeak-ng"):
        prompts.ensure(tmp_path, settings("de"))


@pytest.mark.parametrize("error", [OSError("gone"), subprocess.TimeoutExpired("espeak-ng", 60)])
def test_espeak_fails(tmp_path, monkeypatch, espeak, error):
    def run(command, **_):
        raise error

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(prompts.tempfile, "tempdir", str(tmp_path))
    with pytest.raises(prompts.NoVoice):
        prompts.ensure(tmp_path / "prompts", settings("de"))
    assert not list(tmp_path.glob("rufweiche-*"))


def test_what_was_cut_off_is_made_anew(tmp_path, espeak):
    prompts.ensure(tmp_path, settings("de"))
    (tmp_path / "hold.wav").write_bytes(b"")
    assert prompts.ensure(tmp_path, settings("de")) == ["hold"]


@pytest.mark.parametrize("language", ["de", "en"])
def test_real_voices_or_a_plain_word_that_there_are_none(tmp_path, language):
    process = prompts.begin(tmp_path, settings(language))
    if shutil.which("espeak-ng") is None:
        assert process.wait(60) == 1
        return
    assert process.wait(60) == 0
    assert prompts.stale(tmp_path, settings(language)) == []
    for name in NAMES:
        samples = wav.read(str(tmp_path / f"{name}.wav"))
        assert 1.5 < len(samples) / 8000 < 25
        assert np.abs(samples).max() <= 0.9
        assert coding.level(samples) > -25


def test_asking_what_is_stale_needs_no_numpy(tmp_path):
    code = "import sys, appliance.audio.prompts; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
