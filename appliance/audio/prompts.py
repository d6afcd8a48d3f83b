"""The WAVs that callers and targets hear: made by espeak-ng, or brought by the owner.

A WAV that was made here says of what, in a comment of its own (RIFF INFO, ICMT), so that it is made anew when its
words change, and one that was brought is left alone.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from appliance.core.errors import UserError
from appliance.core.settings import Settings, from_json, to_json
from appliance.core.spoken import COMMENT, MADE_BY, NAMES, made_of, sentence

if TYPE_CHECKING:
    from appliance.audio.coding import Samples

log = logging.getLogger("appliance.audio.prompts")

FOLDER: Final = "prompts"
"""In the state directory."""
_PROGRAM: Final = "espeak-ng"
_WORDS_A_MINUTE: Final = 150
_WITHIN: Final = 60.0
"""Seconds a sentence may take to be made; a Pi Zero needs some two."""
_SMALLEST: Final = 44
"""Bytes of a WAV's headers: what is smaller is none."""
_VERSION: Final = "1"
"""Another one, and all are made anew."""


class NoVoice(UserError):
    """There is no espeak-ng, or it failed."""


def stale(folder: Path, settings: Settings) -> list[str]:
    """Those of NAMES that are missing, or were made of other words. Cheap; reads but a few bytes of each."""
    return [name for name in NAMES if _made_of(_path(folder, name)) not in (None, _print(name, settings))]


def ensure(folder: Path, settings: Settings) -> list[str]:
    """Make what is stale; returns its names. `folder`: where the WAVs are. Raises NoVoice, OSError."""
    names = stale(folder, settings)
    if names and shutil.which(_PROGRAM) is None:
        raise NoVoice("Announcements cannot be made: please install espeak-ng, or bring WAV files of your own.")
    for name in names:
        _keep(_path(folder, name), _speak(sentence(name, settings), settings.business.language), _print(name, settings))
    return names


def bring(folder: Path, name: str, source: Path) -> float:
    """Use the owner's WAV for one of NAMES; returns its seconds. Raises WavRefused, OSError."""
    from appliance.audio import coding, ownwav  # numpy: only where a WAV is brought

    path = _path(folder, name)
    samples = ownwav.read(source)
    _write(path, samples, b"")
    return len(samples) / coding.RATE


def is_own(folder: Path, name: str) -> bool:
    """The owner has brought this one."""
    return _made_of(_path(folder, name)) is None


def forget(folder: Path, name: str) -> None:
    """Do without the owner's WAV: the next `ensure` makes the sentence."""
    _path(folder, name).unlink(missing_ok=True)


def _path(folder: Path, name: str) -> Path:
    if name not in NAMES:
        raise ValueError(f"there is no prompt {name!r}")
    return folder / f"{name}.wav"


def _print(name: str, settings: Settings) -> str:
    """What tells the words a WAV was made of."""
    words = "\0".join((_VERSION, settings.business.language, sentence(name, settings)))
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def _made_of(path: Path) -> str | None:
    """The print a WAV bears; None of one that was brought; empty where there is no WAV."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(-min(COMMENT, size), 2)
            end = file.read()
    except OSError:
        return ""
    if size < _SMALLEST:
        return ""
    return made_of(end)


def _speak(words: str, language: str) -> Path:
    """A WAV of these words, for the caller to delete. Raises NoVoice."""
    fd, path = tempfile.mkstemp(".wav", "rufweiche-")
    with os.fdopen(fd, "wb"):
        command = [_PROGRAM, "-v", language, "-b", "1", "-s", str(_WORDS_A_MINUTE), "-w", path, "--stdin"]
        try:
            subprocess.run(command, input=words.encode(), check=True, capture_output=True, timeout=_WITHIN)
        except (OSError, subprocess.SubprocessError) as error:
            Path(path).unlink(missing_ok=True)
            raise NoVoice(f"Announcements cannot be made: espeak-ng failed ({error}).") from error
    return Path(path)


def _keep(path: Path, spoken: Path, made_of: str) -> None:
    from appliance.audio import ownwav  # numpy: only where something is made

    try:
        _write(path, ownwav.read(spoken), MADE_BY + made_of.encode())
    finally:
        spoken.unlink(missing_ok=True)


def _write(path: Path, samples: Samples, comment: bytes) -> None:
    from appliance.audio import wav  # numpy: only where something is made or brought

    chunk = b""
    if comment:
        text = comment + b"\0" * (2 - len(comment) % 2)
        info = b"INFOICMT" + struct.pack("<I", len(text)) + text
        chunk = b"LIST" + struct.pack("<I", len(info)) + info
    wav.write(str(path), samples, chunk)


def begin(folder: Path, settings: Settings) -> subprocess.Popen[bytes]:
    """`ensure` in a process of its own, so that the engine carries nothing of it; its exit status is 0 when done."""
    command = [sys.executable, "-m", "appliance.audio.prompts", str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    assert process.stdin is not None
    with process.stdin:
        process.stdin.write(to_json(settings))
    return process


def main() -> int:
    """Settings as JSON on stdin, the folder as argument. 0: done, 1: failed, and why is on stderr."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    try:
        made = ensure(Path(sys.argv[1]), from_json(sys.stdin.buffer.read()))
    except (UserError, OSError) as error:
        log.warning("%s", error)
        return 1
    log.info("made %s", ", ".join(made) or "nothing: all is there")
    return 0


if __name__ == "__main__":
    sys.exit(main())
