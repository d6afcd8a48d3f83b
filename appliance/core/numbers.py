"""What a number the network or a person hands us means, in one form: E.164, or digits that are no public number.

Callers' numbers are normalised, never validated: whoever calls, calls. This module needs the dial plan of one
country and nothing else, so that the engine can do without the number library that checks targets.
"""

from __future__ import annotations

import re

import msgspec

INTERNATIONAL = 145
"""Type of number octet, 3GPP 24.008 10.5.4.7: international, ISDN plan."""
NATIONAL = 161
"""The same: national, ISDN plan."""
UNKNOWN = 129
"""The same: unknown type, ISDN plan; national or international prefixes are then part of the digits."""

_SEPARATORS = re.compile(r"[\s./()\-\u2010-\u2015\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_DIALLED = re.compile(r"\+?[0-9*#]+")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
"""ITU-T E.164: 15 digits at most. Fewer than 7 are an extension or a service: no public number served is that short."""
_TRUNK_IN_BRACKETS = re.compile(r"^(\s*(?:\+|00)\s*[0-9]{1,3}[\s./\-]*)\(\s*0\s*\)")
_WITH_COUNTRY_CODE = 10
"""From this length on, digits of unknown type that begin with the country code are taken as international."""


class DialPlan(msgspec.Struct, frozen=True, omit_defaults=True):
    """How numbers are dialled within one country.

    `country_code`: "49". `trunk`: what a national number is dialled with ("0"), "" where there is none (Italy, Spain):
    there a number is national by its length alone, `national` = fewest and most digits. `international`: "00".
    """

    country_code: str
    trunk: str = "0"
    international: str = "00"
    national: tuple[int, int] = (5, 15)


def normalise(digits: str, number_type: int | None, dial_plan: DialPlan) -> str | None:
    """The number a caller ID, CLCC or CCFC gave, as E.164 where it is a public number, else as it is.

    `number_type` is the type octet of 27.007 (145 international, 161 national, 129 unknown), None when not given.
    A short or internal number ("50", "**611") comes back unchanged but for separators. None where there is no
    number in it: empty, letters. Never raises.
    """
    dialled = _SEPARATORS.sub("", digits)
    if not _DIALLED.fullmatch(dialled):
        return None
    plain = dialled.removeprefix("+")
    if not plain:
        return None
    return _public(plain, dialled != plain or number_type == INTERNATIONAL, number_type, dial_plan) or plain


def as_written(text: str, dial_plan: DialPlan) -> str | None:
    """A caller's number as people write it ("089 777-12", "+49 (0) 171 …"), in the form `normalise` gives."""
    return normalise(_TRUNK_IN_BRACKETS.sub(r"\1", text), None, dial_plan)


def prefix_as_written(text: str, dial_plan: DialPlan) -> str | None:
    """The beginning of callers' numbers as people write it (without the final `*`), in the form `normalise` gives.

    None where no digit is left to compare. Length says nothing here, so only prefixes count.
    """
    dialled = _SEPARATORS.sub("", _TRUNK_IN_BRACKETS.sub(r"\1", text))
    if not _DIALLED.fullmatch(dialled):
        return None
    if dialled.startswith("+"):
        number = dialled
    elif dialled.startswith(dial_plan.international):
        number = "+" + dialled.removeprefix(dial_plan.international)
    elif dial_plan.trunk and dialled.startswith(dial_plan.trunk):
        number = "+" + dial_plan.country_code + dialled.removeprefix(dial_plan.trunk)
    elif not dial_plan.trunk and "*" not in dialled and "#" not in dialled:
        number = "+" + dial_plan.country_code + dialled
    else:
        number = dialled
    return number if number != "+" else None


def same(a: str, b: str, dial_plan: DialPlan) -> bool:
    """Whether two numbers, however they were given, reach the same phone. Nothing equals no number."""
    first = normalise(a, None, dial_plan)
    return first is not None and first == normalise(b, None, dial_plan)


def shorten(number: str | None) -> str:
    """A number for the log: enough to recognise it, too little to call it ("+49891…45").

    Extensions are nobody's private data and stay as they are; None is "withheld".
    """
    if number is None:
        return "withheld"
    if len(number) < 6:
        return number
    shown = 6 if len(number) > 9 else 2
    return f"{number[:shown]}…{number[-2:]}"


def _public(digits: str, international: bool, number_type: int | None, plan: DialPlan) -> str | None:
    """The E.164 form of `digits` (no plus), or None if they are no public number."""
    if digits.startswith(plan.international):
        return _e164(digits.removeprefix(plan.international))
    if digits.startswith("0") or not international:
        # No country code begins with 0: "+030…",145 is a national number that a module marked wrongly.
        return _national(digits, number_type, plan)
    # Too short to be international, it was marked wrongly, too.
    return _e164(digits) or _national(digits, number_type, plan)


def _national(digits: str, number_type: int | None, plan: DialPlan) -> str | None:
    if plan.trunk and digits.startswith(plan.trunk):
        return _e164(plan.country_code + digits.removeprefix(plan.trunk))
    if number_type == NATIONAL or (not plan.trunk and plan.national[0] <= len(digits) <= plan.national[1]):
        return _e164(plan.country_code + digits)
    if digits.startswith(plan.country_code) and len(digits) >= _WITH_COUNTRY_CODE:
        return _e164(digits)
    return None


def _e164(digits: str) -> str | None:
    number = "+" + digits
    return number if _E164.fullmatch(number) else None
