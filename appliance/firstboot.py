"""`rufweiche firstboot`: take in rufweiche.toml from the boot partition, which any PC can write.

Checked as every settings file; stored all or nothing; [box] carried out; then the file is overwritten and removed, for
it holds PINs and passwords. A wrong file stays to be mended, with what is wrong beside it. Each step may be cut off by
a power cut: the next start does them all again.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import socket
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from appliance.core.errors import RufweicheError
from appliance.core.mistakes import Mistake
from appliance.core.settings import Settings, from_json, to_json
from appliance.core.settings_check import check_file
from appliance.machine import Machine, shred, write
from appliance.store.page import PageStore

log = logging.getLogger(__name__)

BOOT = (Path("/boot/firmware"), Path("/boot"))
"""Where Debian and Raspberry Pi OS have it, newest first."""
FILE, ERRORS, TAKEN_IN = "rufweiche.toml", "rufweiche-errors.txt", "rufweiche-taken-in.txt"
_NAMES = (FILE, FILE + ".txt")
"""Windows hides the end of a name, and so makes a second one."""
SETUP_CODE = "setup-code"
"""In the state directory: what the page asks for first."""
DATA_LOST = Path("/run/rufweiche-box/data-lost")
"""Where the image says that the data partition could not be used: "memory"; or was made anew: "empty"."""
LARGEST = 1_000_000
"""Bytes; real ones have a few thousand."""
_HOLE = b"\0" * 8
"""In no text of any coding: what a PC had not yet written, or what `shred` has overwritten, sector by sector."""
_SECTOR = 512
_ENGLISH = re.compile(rb"""^\s*language\s*=\s*["']en["']""", re.MULTILINE)

_WORDS = {
    "de": (
        "Die Datei {file} wurde nicht übernommen. Bitte ändern Sie darin:",
        "Danach stecken Sie die Karte wieder ein und schalten das Gerät neu ein.",
        "Die Einstellungen wurden übernommen und die Datei von der Karte entfernt.",
        "Die Seite des Geräts: http://{host}.local",
        "Hinweise:",
        "Die Datei ist größer als 1 MB und kann keine Einstellungsdatei sein.",
        "Die Datei kann nicht gelesen werden; bitte kopieren Sie sie noch einmal auf die Karte.",
        "Daneben lag {file}; sie wurde nicht übernommen und ebenfalls entfernt.",
        "War es eine neue Datei? Sie war nicht mehr zu lesen; bitte kopieren Sie sie noch einmal auf die Karte.",
    ),
    "en": (
        "The file {file} was not taken in. Please change in it:",
        "Then put the card back and switch the box on again.",
        "The settings were taken in and the file was removed from the card.",
        "The page of the box: http://{host}.local",
        "Notes:",
        "The file is larger than 1 MB and cannot be a settings file.",
        "The file cannot be read; please copy it to the card once more.",
        "Beside it lay {file}; it was not taken in and was removed, too.",
        "Was it a new file? It could not be read any more; please copy it to the card once more.",
    ),
}


class Outcome(Struct, frozen=True):
    """What became of it: `done` says what was set up, `mistakes` why nothing was; both empty: there was no file."""

    done: list[str]
    mistakes: list[Mistake]


def boot_folder() -> Path | None:
    """The boot partition, None where there is none."""
    return next((folder for folder in BOOT if folder.is_dir()), None)


def take_in(
    boot: Path,
    state: Path,
    machine: Machine,
    rename: Callable[[str], None] = socket.sethostname,
    lost: Path = DATA_LOST,
) -> Outcome:
    """Take in the file on `boot`, if there is one. `rename` tells the kernel the host name. Where `lost` says that data
    lie in memory only, the file stays: the next start has nothing else. Of two files the second goes with the first,
    lest it replace at a later start what the owner has set since.

    Raises StoreError, MachineError, or OSError where the boot partition cannot be written; the file is then still
    there.
    """
    files = _find(boot)
    if not files:
        return Outcome([], [])
    file, *others = files
    content, language, mistakes = _read(file)
    if content is not None and (not content or _HOLE in content):
        before = _stored(state)
        if before and not others and content and not content[:_SECTOR].strip(b"\0"):
            shred(file)  # a power cut as it was being overwritten: it had been taken in
            (boot / ERRORS).unlink(missing_ok=True)
            words = _WORDS[before.business.language]
            _say(boot / TAKEN_IN, [words[2], words[3].format(host=before.box.hostname), "", words[8]])
            return Outcome(["removed what was left of a file taken in before"], [])
        language = before.business.language if before else language  # the card was pulled before the PC had written it
        content, mistakes = None, [Mistake(file.name, _WORDS[language][6])]
    warnings: list[Mistake] = []
    settings = None
    if content is not None:
        checked = check_file(content)
        settings, mistakes, warnings = checked.settings, checked.mistakes, checked.warnings
    if settings is None:
        _say(
            boot / ERRORS, [_WORDS[language][0].format(file=file.name), "", *_listed(mistakes), "", _WORDS[language][1]]
        )
        return Outcome([], mistakes)
    words = _WORDS[settings.business.language]
    _store(settings, state)
    done = machine.apply(settings.box, settings.business.timezone)
    _rename(rename, settings.box.hostname)
    if _is_in_memory(lost):
        log.error("%s stays on the card, for the data partition keeps nothing", file.name)
        return Outcome(["settings", *done], [])
    for one in (*others, file):  # the one that counts last: a power cut in between leaves nothing else to be taken in
        shred(one)
    (boot / ERRORS).unlink(missing_ok=True)
    lines = [words[2], *(words[7].format(file=other.name) for other in others)]
    lines.append(words[3].format(host=settings.box.hostname))
    _say(boot / TAKEN_IN, lines + (["", words[4], *_listed(warnings)] if warnings else []))
    return Outcome(["settings", *done, *(f"removed {other.name} beside it" for other in others)], [])


def _is_in_memory(lost: Path) -> bool:
    try:
        return lost.read_text(encoding="utf-8").strip() == "memory"
    except OSError:
        return False


def _find(boot: Path) -> list[Path]:
    """The file, whatever case its name was given; the first counts."""
    return [
        path
        for name in _NAMES
        for path in sorted(boot.iterdir())
        if path.name.lower() == name and path.is_file() and not path.is_symlink()
    ]


def _read(file: Path) -> tuple[bytes | None, str, list[Mistake]]:
    """Content, language, and why there is none."""
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except OSError as error:
        log.error("%s: %s", file, error)
        return None, "de", [Mistake(file.name, _WORDS["de"][6])]
    language = "en" if _ENGLISH.search(content) else "de"
    if len(content) > LARGEST:
        return None, language, [Mistake(file.name, _WORDS[language][5])]
    return content, language, []


def _stored(state: Path) -> Settings | None:
    """The settings that were taken in or set on the page before; None where there are none."""
    try:
        with PageStore.open(state) as store:
            loaded = store.load_settings()
        return from_json(loaded[1]) if loaded else None
    except RufweicheError as error:
        log.info("no settings yet: %s", error)
        return None


def _store(settings: Settings, state: Path) -> None:
    """The settings, less what belongs elsewhere: the page keeps its password, NetworkManager the Wi-Fi's."""
    box = settings.box
    kept = msgspec.structs.replace(box, wifi=None, web_password_hash=None, setup_code=None)
    with PageStore.open(state, create=True) as store:
        if box.web_password_hash:
            store.keep(**{"page.password": box.web_password_hash, "page.code": None})
        store.save_settings(to_json(msgspec.structs.replace(settings, box=kept)))
    if box.setup_code:
        write(state / SETUP_CODE, f"{box.setup_code}\n", 0o640)
    if os.geteuid() == 0:
        owner = state.stat()
        for path in state.iterdir():
            if path.is_file() and not path.is_symlink() and path.stat().st_uid == 0:
                shutil.chown(path, owner.st_uid, owner.st_gid)


def _rename(rename: Callable[[str], None], name: str) -> None:
    try:
        rename(name)
    except OSError as error:  # in a container, say: the file has it, the next start reads it
        log.warning("the host name is set from the next start on: %s", error)


def _listed(mistakes: Iterable[Mistake]) -> list[str]:
    return [f"- {mistake}" for mistake in mistakes]


def _say(file: Path, lines: list[str]) -> None:
    """For an editor on any PC: the mark of UTF-8, lines ending as Windows has them."""
    with file.open("w", encoding="utf-8-sig", newline="\r\n") as opened:
        opened.write("\n".join(lines) + "\n")
        opened.flush()
        os.fsync(opened.fileno())
