"""Telephone numbers as the simulated network writes them."""

from __future__ import annotations

from dataclasses import dataclass

INTERNATIONAL = 145
"""Type of number octet, 24.008 10.5.4.7: international, ISDN plan; the digits come without their `+`."""
UNKNOWN = 129
NATIONAL = 161
COUNTRY = "49"


@dataclass(frozen=True, slots=True)
class Number:
    """Digits as sent on the wire (no `+`) and their type octet."""

    digits: str
    type: int

    @classmethod
    def of(cls, written: str, type_octet: int | None = None) -> Number:
        """From `+49…`, `030…` or bare digits; the type octet follows from the `+` unless given."""
        international = written.startswith("+")
        digits = written.removeprefix("+")
        if type_octet is None:
            type_octet = INTERNATIONAL if international else UNKNOWN
        return cls(digits, type_octet)

    @property
    def e164(self) -> str:
        """The number as `+49…`, whichever way it was written; a short code stays as it is."""
        if self.type == INTERNATIONAL:
            return "+" + self.digits
        if self.type == NATIONAL:
            return f"+{COUNTRY}{self.digits.removeprefix('0')}"
        if self.digits.startswith("00"):
            return "+" + self.digits[2:]
        if self.digits.startswith("0"):
            return f"+{COUNTRY}{self.digits[1:]}"
        return self.digits

    def shown(self, plus: bool = True) -> str:
        """As a module prints it: with `+` where the type is 145 (27.007 +CLIP), on most firmware."""
        return "+" + self.digits if plus and self.type == INTERNATIONAL else self.digits


def e164(written: str) -> str:
    """Any way of writing a number → the key under which the network knows it."""
    kept = "".join(c for c in written if c.isdigit() or c in "+*#")
    return Number.of(kept).e164
