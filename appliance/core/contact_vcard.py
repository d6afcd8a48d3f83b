"""Contacts from vCards 2.1, 3.0 and 4.0 (RFC 6350), as phones and address books export them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from appliance.core.contact_files import Dialling, Gathered, Remark, UnreadableFile, decode

SOURCE = "vcard"
_WANTED = re.compile(r"(?:[A-Za-z0-9_-]+\.)?(BEGIN|VERSION|FN|N|ORG|TEL|CATEGORIES|NOTE|END)[;:]", re.IGNORECASE)
_PROPERTY = re.compile(r"(?:[A-Za-z0-9_-]+\.)?[A-Za-z][A-Za-z0-9-]*[;:]")


def read(content: bytes, dialling: Dialling) -> Gathered:
    """The contacts of a vCard file. A card that is broken is left out. Raises UnreadableFile."""
    found = Gathered(SOURCE, dialling)
    index = 0
    for index, card in enumerate(_cards(decode(content).lstrip("\ufeff \t\r\n")), 1):
        _gather(found, index, card)
    if not index:
        raise UnreadableFile("no_card")
    return found


def _cards(text: str) -> Iterator[list[str]]:
    """The lines of each card; one that never ends is none."""
    card: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        mark = line.rstrip().upper() if len(line) < 20 else ""
        if mark == "BEGIN:VCARD":
            card = []
        card.append(line)
        if mark == "END:VCARD" and card[0].rstrip().upper() == "BEGIN:VCARD":
            yield card
            card = []


def _gather(found: Gathered, index: int, lines: list[str]) -> None:
    import vobject  # 4 MB and 25 ms, for the import alone

    try:
        card = vobject.readOne(_essential(lines), allowQP=True)
        numbers = [str(tel.value) for tel in card.contents.get("tel", []) if not _is_fax(tel)]
        name = _text(card, "fn") or _name(card) or _text(card, "org")
        group, note = _text(card, "categories"), _text(card, "note")
    except (vobject.base.VObjectError, ValueError, LookupError, AttributeError, TypeError):
        found.remarks.append(Remark(index, "broken_card", ""))  # the library trusts what it reads
        return
    found.add(index, (number.removeprefix("tel:").partition(";")[0] for number in numbers), name, group, "", note)


def _essential(card: list[str]) -> str:
    """Only what is needed of a card: photos and keys are most of a file, and take the library seconds."""
    kept: list[str] = []
    is_wanted = goes_on = False
    for line in card:
        if _PROPERTY.match(line) and (not goes_on or line.upper().startswith("END:")):
            is_wanted = _WANTED.match(line) is not None
            goes_on = False
        if is_wanted:  # with its continuation lines, which begin with a space
            kept.append(line)
        # vCard 2.1 continues quoted-printable by a final "=" (RFC 2045, 6.7) instead, and then with anything
        goes_on = line.endswith("=") and (goes_on or "QUOTED-PRINTABLE" in line.upper())
    return "\n".join(kept)


def _text(card: object, key: str) -> str:
    """The first value of a property as a text; of a list its first item."""
    values = getattr(card, "contents", {}).get(key, [])
    value = values[0].value if values else ""
    return str((value[0] if value else "") if isinstance(value, list) else value)


def _name(card: object) -> str:
    values = getattr(card, "contents", {}).get("n", [])
    if not values:
        return ""
    return " ".join(part for part in (str(values[0].value.given), str(values[0].value.family)) if part)


def _is_fax(tel: object) -> bool:
    """Of the kinds of a number: vCard 3.0 has them as TYPE=…, 2.1 alone (TEL;WORK;FAX)."""
    params = getattr(tel, "params", {})
    kinds = {
        str(kind).upper()
        for values in (*params.values(), getattr(tel, "singletonparams", ()))
        for kind in ([values] if isinstance(values, str) else values)
    }
    return "FAX" in kinds and not kinds & {"VOICE", "CELL"}
