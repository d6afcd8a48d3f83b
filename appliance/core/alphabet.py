"""What a text message can say: the GSM 7-bit default alphabet, its extension table, and UCS-2 where they end.

Source: 3GPP TS 23.038 clauses 6.2.1 and 6.2.1.1; the lengths of parts 3GPP TS 23.040 clause 9.2.3.24.1.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import Enum

ESCAPE = 0x1B
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = {
    0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€",
}  # fmt: skip

MOST_PARTS = 10  # a text of more is cut: 1530 characters say enough, and each part costs money


class Alphabet(Enum):
    """How a text is coded: `one` and `part` are how much a single text and one part of a longer one hold, in
    septets or UTF-16 code units; the rest of a part is the header that joins the parts."""

    GSM7 = (160, 153)
    UCS2 = (70, 67)

    def __init__(self, one: int, part: int) -> None:
        self.one = one
        self.part = part


_CODES: dict[str, tuple[int, ...]] = {
    **{char: (code,) for code, char in enumerate(BASIC) if code != ESCAPE},
    **{char: (ESCAPE, code) for code, char in EXTENSION.items()},
}

_EXTENDED = frozenset(EXTENSION.values())

# What people type or software puts in their place, and an equivalent that says the same. What decomposes (é, ½, ﬁ, ²)
# needs no entry.
_EQUIVALENTS = {
    **dict.fromkeys("‘’‚‛′‹›`´ʼʹ", "'"), **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—―−⁃", "-"), **dict.fromkeys("•‣●▪■◦·∙⋅", "*"),
    "⁄": "/", "∕": "/", "÷": "/", "×": "x", "¦": "|", "‖": "||", "→": "->", "←": "<-", "⇒": "=>",
    "©": "(c)", "®": "(R)", "™": "(TM)", "℠": "(SM)", "\u2028": "\n", "\u2029": "\n",
    "ẞ": "SS", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th",
    "ħ": "h", "Ħ": "H", "ı": "i", "ŋ": "ng", "Ŋ": "NG", "ŧ": "t", "Ŧ": "T", "ĸ": "k", "ŉ": "'n",
}  # fmt: skip

# Control characters but for the line feed, and the bidirectional ones, which can make a number read backwards.
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """Text without what no phone should be given: control characters go (line ends stay, as `\\n`; a tab becomes a
    space), a lone surrogate becomes `?`, letters and their accents are joined (NFC)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return unicodedata.normalize("NFC", _SURROGATES.sub("?", _CONTROLS.sub("", text)))


def fits(text: str) -> bool:
    """Whether the 7-bit alphabet has every character."""
    return _CODES.keys() >= set(text)


def septets(text: str) -> int:
    """Length in septets: 2 for a character of the extension table. For texts that `fits`."""
    return len(text) + sum(map(text.count, _EXTENDED))


def encode(text: str) -> bytes:
    """One byte a septet, not packed. Raises ValueError where `fits` says no."""
    try:
        return bytes(code for char in text for code in _CODES[char])
    except KeyError as missing:
        raise ValueError(f"not in the GSM alphabet: {missing}") from None


def decode(codes: Iterable[int]) -> str:
    """Text of unpacked septets. An escape to a character that is none shows the basic one, as 23.038 clause 6.2.1.1
    asks; an escape at the end, or before another, a space."""
    text = []
    escaped = False
    for code in codes:
        if escaped:
            text.append(" " if code == ESCAPE else EXTENSION.get(code, BASIC[code]))
            escaped = False
        elif code == ESCAPE:
            escaped = True
        else:
            text.append(BASIC[code])
    return "".join(text) + " " * escaped


def transliterate(text: str) -> str | None:
    """The text in the 7-bit alphabet; None when something has no honest equivalent there (Cyrillic, emoji)."""
    done = [_transliterated(char) for char in unicodedata.normalize("NFC", text)]
    return None if None in done else "".join(filter(None, done))


def choose(text: str) -> tuple[Alphabet, str]:
    """How to send a text, and the cleaned text as it is to be sent.

    What fits stays as it is. What doesn't is sent in UCS-2, or transliterated where that takes fewer parts.
    """
    text = clean(text)
    if fits(text):
        return Alphabet.GSM7, text
    plain = transliterate(text)
    if plain is not None and _parts_needed(plain, Alphabet.GSM7) < _parts_needed(text, Alphabet.UCS2):
        return Alphabet.GSM7, plain
    return Alphabet.UCS2, text


def split(text: str) -> list[str]:
    """The parts in which a text that `choose` gave is sent: at least one, at most MOST_PARTS, the last one ending in
    an ellipsis if that was not enough. No part ends within an escape or a surrogate pair."""
    alphabet = Alphabet.GSM7 if fits(text) else Alphabet.UCS2
    parts = _split(text, alphabet)
    if len(parts) > MOST_PARTS:
        ellipsis = "..." if alphabet is Alphabet.GSM7 else "…"
        last = _take(parts[MOST_PARTS - 1], alphabet.part - len(ellipsis), alphabet)
        parts[MOST_PARTS - 1 :] = [last + ellipsis]
    return parts


def units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text) + sum(char > "\uffff" for char in text)


def _parts_needed(text: str, alphabet: Alphabet) -> int:
    return len(_split(text, alphabet))


def _split(text: str, alphabet: Alphabet) -> list[str]:
    length = septets(text) if alphabet is Alphabet.GSM7 else units(text)
    if length <= alphabet.one:
        return [text]
    parts = []
    while text:
        part = _take(text, alphabet.part, alphabet)
        parts.append(part)
        text = text[len(part) :]
    return parts


def _take(text: str, room: int, alphabet: Alphabet) -> str:
    """As much of the beginning as fits."""
    is_gsm = alphabet is Alphabet.GSM7
    for index, char in enumerate(text):
        room -= 2 if (char in _EXTENDED if is_gsm else char > "\uffff") else 1
        if room < 0:
            return text[:index]
    return text


def _transliterated(char: str) -> str | None:
    if char in _CODES:
        return char
    if char in _EQUIVALENTS:
        return _EQUIVALENTS[char]
    kind = unicodedata.category(char)
    if kind == "Zs":
        return " "
    if kind in ("Mn", "Cf"):  # an accent nothing precomposed has, a mark that shows nothing
        return ""
    simpler = unicodedata.normalize("NFKD", char)
    if simpler == char:
        return None
    done = [_transliterated(part) for part in simpler]
    return None if None in done else _set_apart(char, "".join(filter(None, done)))


def _set_apart(char: str, plain: str) -> str:
    """So that 1½ does not become 11/2, nor 10² 102."""
    how = unicodedata.decomposition(char).partition(" ")[0]
    if how == "<fraction>":
        return f" {plain}"
    if how == "<super>" and plain.isdigit():
        return f"^{plain}"
    return f"({plain})" if how == "<circle>" else plain
