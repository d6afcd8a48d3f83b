"""A list of numbers that are never forwarded: one a line, or any file of contacts.

    # what follows a # is for people
    +49 30 1234567
    0900*               every number that begins so
    0137 999; who it is

Lists of PhoneBlock and the like come as CSV with a column of numbers; a block list of a FRITZ!Box is a phone book.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from appliance.core import contact_csv, contact_import
from appliance.core.contact_files import Dialling, Gathered, UnreadableFile, decode
from appliance.core.contacts import Contact
from appliance.core.settings import BLOCKED

SOURCE = "blocklist"
_SEPARATOR = re.compile(r"[;,\t]|\s{2,}")
_COMMENT = re.compile(r"(?:^|\s)#.*")


def read(content: bytes, dialling: Dialling) -> tuple[list[Contact], Gathered]:
    """The contacts of a block list, all of the group "blocked", and what was left out. Raises UnreadableFile."""
    found = _gather(content, dialling)
    if not found.contacts and not found.remarks:
        raise UnreadableFile("no_numbers")
    return [replace(contact, group=BLOCKED, plan=None, source=SOURCE) for contact in found.contacts], found


def _gather(content: bytes, dialling: Dialling) -> Gathered:
    if contact_import.is_vcard(content) or contact_import.is_xml(content):
        return contact_import.read(content, dialling)
    text = decode(content)
    lines = [_COMMENT.sub("", line).rstrip() for line in text.splitlines()]
    try:
        return contact_csv.read_text("\n".join(lines), dialling)
    except UnreadableFile:  # no heading that names a column of numbers
        found = Gathered(SOURCE, dialling)
        for index, number, name in _entries(lines):
            found.add(index, [number], name)
        return found


def _entries(lines: list[str]) -> Iterator[tuple[int, str, str]]:
    for index, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in _SEPARATOR.split(line)]
        number = next((cell for cell in cells if re.fullmatch(r"[^A-Za-z]*[0-9][^A-Za-z]*", cell)), cells[0])
        if number:
            yield index, number, next((cell for cell in cells if cell not in ("", number)), "")
