"""Contacts from the phone book of a FRITZ!Box, as its page saves it.

    <phonebooks><phonebook name="Telefonbuch"><contact><category>1</category>
      <person><realName>Anna</realName></person>
      <telephony><number type="mobile">0171 …</number><number type="fax_work">…</number></telephony></contact>

Source: AVM, "AVM FRITZ!Box X_contact" (TR-064), and files of FRITZ!OS 6 to 8: category 1 is an important person.
"""

from __future__ import annotations

from xml.parsers import expat

from appliance.core.contact_files import MOST_BYTES, Dialling, Gathered, UnreadableFile, decode

SOURCE = "fritzbox"
IMPORTANT = "vip"
"""The group of contacts that the phone book marks as important."""


def read(content: bytes, dialling: Dialling) -> Gathered:
    """The contacts of a phone book file. Raises UnreadableFile."""
    if len(content) > MOST_BYTES:
        raise UnreadableFile("too_large", most=MOST_BYTES // 1_000_000)
    try:
        return _read(content, dialling)
    except UnreadableFile:
        if _is_utf8(content):
            raise
    return _read(decode(content), dialling)  # it says UTF-8 and was saved again by something else


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read(content: bytes | str, dialling: Dialling) -> Gathered:
    book = _Book(Gathered(SOURCE, dialling))
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = book.begin
    parser.EndElementHandler = book.end
    parser.CharacterDataHandler = book.text
    parser.StartDoctypeDeclHandler = _refuse  # no phone book has one; it could define entities that grow
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise UnreadableFile("broken_xml" if book.is_one else "no_fritzbox", line=error.lineno) from None
    except (UnicodeError, LookupError, ValueError):  # a declared encoding that is none
        raise UnreadableFile("no_fritzbox") from None
    if not book.is_one:
        raise UnreadableFile("no_fritzbox")
    return book.found


def _refuse(*_: object) -> None:
    raise UnreadableFile("no_fritzbox")


class _Book:
    """Takes the elements as they come; whatever it does not know is passed over."""

    def __init__(self, found: Gathered) -> None:
        self.found = found
        self.is_one = False
        self._index = 0
        self._heard = ""
        self._name = self._category = ""
        self._numbers: list[str] = []
        self._is_fax = False

    def begin(self, element: str, attributes: dict[str, str]) -> None:
        self._heard = ""
        if element == "phonebook":
            self.is_one = True
        elif element == "contact":
            self._index += 1
            self._name = self._category = ""
            self._numbers = []
        elif element == "number":
            self._is_fax = "fax" in attributes.get("type", "").lower()

    def text(self, part: str) -> None:
        if len(self._heard) < 1000:  # of a name; what goes on is none
            self._heard += part

    def end(self, element: str) -> None:
        if element == "realName":
            self._name = self._heard
        elif element == "category":
            self._category = self._heard.strip()
        elif element == "number" and not self._is_fax:
            self._numbers.append(self._heard)
        elif element == "contact" and self.is_one:
            group = IMPORTANT if self._category == "1" else ""
            self.found.add(self._index, self._numbers, self._name, group)
        self._heard = ""
