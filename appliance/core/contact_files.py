"""What all files of contacts have in common: how much is read, how a number is understood, what is said about both."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from msgspec import Struct, field

from appliance.core import alphabet
from appliance.core.contacts import Contact
from appliance.core.errors import UserError
from appliance.core.numbers import DialPlan, as_written, prefix_as_written
from appliance.core.settings import BLOCKED

MOST_BYTES = 5_000_000
"""Of a file. A thousand contacts are some 100 KB, more where they have photos."""
MOST_CONTACTS = 20_000
"""Of a file: twice what the engine is measured with, and 10 MB of its memory."""
LONGEST = 80
"""Characters of a name or group; of a note three times that."""

_BLOCKED_WORDS = frozenset([BLOCKED, "blockiert", "gesperrt", "sperrliste", "blocklist", "spam"])
_LABEL = re.compile(r"^\s*[A-Za-zÄÖÜäöüß. ]*:\s*|\s*[(/,;]?\s*[A-Za-zÄÖÜäöüß][A-Za-zÄÖÜäöüß=. ]*[0-9]{0,6}\)?\s*$")
"""What people write around a number: "Tel.: " before it, "(Büro)" or "ext. 5" after it."""
_SHORTENED = re.compile(r"[0-9][.,]?[0-9]*E\+[0-9]+", re.IGNORECASE)
_LOCAL = re.compile(r"[1-9][0-9]{4,}")
"""A number without its area code: an extension is shorter, a service code has * or #."""

_SENTENCES = {
    "too_large": (
        "Die Datei ist zu groß; höchstens {most} MB werden gelesen. Bitte exportieren Sie die Kontakte ohne Fotos.",
        "The file is too large; at most {most} MB are read. Please export the contacts without photos.",
    ),
    "too_many": (
        "Das sind mehr als {most} Einträge; bitte teilen oder kürzen Sie die Datei.",
        "These are more than {most} entries; please split or shorten the file.",
    ),
    "no_text": (
        "Die Datei ist keine Textdatei; gelesen werden CSV, vCard (.vcf) und das Telefonbuch einer FRITZ!Box (.xml).",
        "The file is no text; CSV, vCard (.vcf) and the phone book of a FRITZ!Box (.xml) are read.",
    ),
    "no_columns": (
        "Die erste Zeile nennt keine Spalte mit Rufnummern. Gefunden: {found}. Erwartet wird zum Beispiel: "
        "Name;Telefon;Gruppe.",
        "The first line names no column with phone numbers. Found: {found}. Expected is, for example: "
        "Name;Phone;Group.",
    ),
    "broken_csv": (
        "Ab Zeile {line} ist die Datei kein CSV mehr; bitte speichern Sie die Tabelle noch einmal als CSV.",
        "From line {line} on, the file is no CSV; please save the table as CSV once more.",
    ),
    "no_card": (
        "Die Datei enthält keine vollständige vCard; bitte exportieren Sie die Kontakte noch einmal.",
        "The file holds no complete vCard; please export the contacts once more.",
    ),
    "no_fritzbox": (
        "Die Datei ist kein Telefonbuch einer FRITZ!Box; dort heißt es „Telefonbuch sichern“.",
        'The file is no phone book of a FRITZ!Box; its page calls the export "Save phone book".',
    ),
    "broken_xml": (
        "Ab Zeile {line} ist die Datei kein gültiges XML; bitte sichern Sie das Telefonbuch noch einmal.",
        "From line {line} on, the file is no valid XML; please save the phone book once more.",
    ),
    "no_numbers": (
        "Die Datei enthält keine Rufnummern; bitte prüfen Sie, ob es die richtige ist.",
        "The file holds no phone numbers; please check whether it is the right one.",
    ),
    "no_number": ("„{value}“ ist keine Rufnummer.", '"{value}" is no phone number.'),
    "shortened": (
        "„{value}“ hat eine Tabellenkalkulation gekürzt; bitte exportieren Sie die Spalte als Text.",
        '"{value}" was shortened by a spreadsheet; please export the column as text.',
    ),
    "area_code": ("„{value}“ hat keine Vorwahl.", '"{value}" has no area code.'),
    "too_short": (
        "„{value}“ ist zu kurz, das träfe zu viele.",
        '"{value}" is too short, that would concern too many.',
    ),
    "no_plan": ("Einen Plan „{value}“ gibt es nicht.", 'There is no plan "{value}".'),
    "broken_card": ("Diese vCard ist nicht lesbar.", "This vCard cannot be read."),
}


def sentence(code: str, language: str, **facts: object) -> str:
    """What is wrong, in "de" or "en"."""
    german, english = _SENTENCES[code]
    return (german if language == "de" else english).format(**facts)


class UnreadableFile(UserError):
    """A file that holds no contacts one could read. `in_language` says why to the owner."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(sentence(code, "en", **facts))
        self._code, self._facts = code, facts

    def in_language(self, language: str) -> str:
        """The sentence in "de" or "en"."""
        return sentence(self._code, language, **self._facts)


class Remark(Struct, frozen=True):
    """What was left out of a file. `entry`: the line of a CSV or list, else the number of the card or contact."""

    entry: int
    code: str
    value: str

    def in_language(self, language: str) -> str:
        """The sentence in "de" or "en"."""
        return sentence(self.code, language, value=self.value)


class Dialling(Struct, frozen=True):
    """How numbers in a file are meant. `area`: what a number without its area code begins with ("+4989"), None:
    such numbers are left out. `plans`: those a contact may be given."""

    dial_plan: DialPlan
    area: str | None = None
    plans: Collection[str] = ()


class Gathered(Struct):
    """The contacts of a file, one for each number, and what was left out."""

    source: str
    dialling: Dialling
    remarks: list[Remark] = field(default_factory=list)
    _by_number: dict[str, Contact] = field(default_factory=dict)

    @property
    def contacts(self) -> list[Contact]:
        """In the order of the file."""
        return list(self._by_number.values())

    def add(
        self, entry: int, numbers: Iterable[str], name: str = "", group: str = "", plan: str = "", note: str = ""
    ) -> None:
        """Take somebody with all his numbers. Of a number that comes twice the first entry counts.

        Raises UnreadableFile when there are more than `MOST_CONTACTS`.
        """
        name, group, plan = one_line(name), one_line(group), one_line(plan)
        if plan and plan not in self.dialling.plans:
            self.remarks.append(Remark(entry, "no_plan", plan))
            plan = ""
        group = BLOCKED if group.casefold() in _BLOCKED_WORDS else group
        for written in numbers:
            written = written.strip()[:100]
            if not written:
                continue
            number = self._number(entry, written)
            if number is not None and number not in self._by_number:
                contact = Contact(number, name, group, plan or None, one_line(note, 3 * LONGEST), self.source)
                self._by_number[number] = contact
        if len(self._by_number) > MOST_CONTACTS:
            raise UnreadableFile("too_many", most=MOST_CONTACTS)

    def _number(self, entry: int, written: str) -> str | None:
        shown, plan = one_line(written, 40), self.dialling.dial_plan
        is_prefix = written.endswith("*")
        bare = _LABEL.sub("", written) or written
        number = (
            prefix_as_written(written[:-1], plan) if is_prefix else as_written(written, plan) or as_written(bare, plan)
        )
        if number is None:
            self.remarks.append(Remark(entry, "shortened" if _SHORTENED.search(written) else "no_number", shown))
        elif is_prefix:
            if f"+{plan.country_code}".startswith(number):  # the whole country
                self.remarks.append(Remark(entry, "too_short", shown))
                return None
            return f"{number}*"
        elif _LOCAL.fullmatch(number):
            if self.dialling.area is None:
                self.remarks.append(Remark(entry, "area_code", shown))
                return None
            return self.dialling.area + number
        return number


def decode(content: bytes) -> str:
    """The text of a file, whatever wrote it: UTF-8 or UTF-16 with a mark, else line by line UTF-8 or, failing that,
    Windows-1252, as files that were put together have both. Raises UnreadableFile for what is no text."""
    if len(content) > MOST_BYTES:
        raise UnreadableFile("too_large", most=MOST_BYTES // 1_000_000)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content:
        raise UnreadableFile("no_text")
    return "".join(map(_line, content.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True)))


def one_line(text: str, longest: int = LONGEST) -> str:
    """A text of somebody else as data: one line, printable, at most so many characters."""
    shown = "".join(char for char in text if char.isprintable() or char.isspace())
    return " ".join(alphabet.clean(shown).split())[:longest].rstrip()


def _line(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")
