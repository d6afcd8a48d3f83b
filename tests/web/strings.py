"""`make strings`: bring the catalogues in line with the sources.

What is new is added without German words to the catalogue of its noun (`pages/calls.py`, `templates/calls/` →
`calls.po`; all else `common.po`), what nobody says any more is taken out. English says itself.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

WEB = Path(__file__).parents[2] / "web"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None, "pgettext": ((1, "c"), 2)}
LANGUAGES = ("de", "en")
Key = tuple[str | None, str]


def said() -> dict[Key, tuple[str | tuple[str, ...], str]]:
    """Every string of the sources: its context and singular → the whole of it, and the noun that says it."""
    found: dict[Key, tuple[str | tuple[str, ...], str]] = {}
    options = {"templates/**.html": {"trimmed": "true", "newstyle_gettext": "true"}}
    for file, _line, message, _comments, context in extract_from_dir(WEB, METHODS, options, KEYWORDS):
        key = (context, message if isinstance(message, str) else message[0])
        noun = noun_of(Path(file))
        before = found.get(key)
        found[key] = (message, noun if before is None or before[1] == noun else "common")
    return found


def noun_of(file: Path) -> str:
    """Whose catalogue a file's strings belong to."""
    if file.parts[0] == "pages":
        noun = Path(file.parts[1]).stem
        return noun if noun != "__init__" else "common"
    if file.parts[0] == "templates" and len(file.parts) > 2 and file.parts[1] != "ui":
        return file.parts[1]
    return "common"


def written(language: str) -> dict[Key, Message]:
    """Every string the catalogues of a language translate."""
    found: dict[Key, Message] = {}
    for path in sorted(folder(language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if message.id:
                    found[key_of(message)] = message
    return found


def key_of(message: Message) -> Key:
    """How a string is told from others."""
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def folder(language: str) -> Path:
    """Where the catalogues of a language are."""
    return WEB / "translations" / language / "LC_MESSAGES"


def is_complete(message: Message) -> bool:
    """Whether something is said, in every number."""
    return all(message.string) if isinstance(message.string, tuple) else bool(message.string)


def update() -> int:
    """Do it; how many strings have no German words."""
    strings, missing = said(), 0
    for language in LANGUAGES:
        known = written(language)
        catalogues: defaultdict[str, Catalog] = defaultdict(lambda language=language: Catalog(locale=language))
        for key, (message, noun) in sorted(strings.items(), key=lambda item: (item[1][1], item[0][1])):
            translated = known[key].string if key in known else ("" if isinstance(message, str) else ("", ""))
            if language == "en":
                translated = message
            missing += not all(translated if isinstance(translated, tuple) else (translated,))
            catalogues[noun].add(message, translated, context=key[0])
        for path in folder(language).glob("*.po"):
            if path.stem not in catalogues:
                path.unlink()
        for noun, catalogue in catalogues.items():
            save(catalogue, folder(language) / f"{noun}.po")
    return missing


def save(catalogue: Catalog, path: Path) -> None:
    """Write a catalogue: only what it says, so that a change of it shows what changed."""
    lines = [
        'msgid ""', 'msgstr ""', f'"Language: {catalogue.locale}\\n"', '"Content-Type: text/plain; charset=utf-8\\n"',
        f'"Plural-Forms: {catalogue.plural_forms}\\n"', "",
    ]  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write("\n".join(lines).encode() + b"\n")
        write_po(file, catalogue, width=100, no_location=True, omit_header=True)


if __name__ == "__main__":
    raise SystemExit(f"{missing} strings without German words: see web/translations/de" if (missing := update()) else 0)
