"""Which numbers can be texted, by a rule that costs the running engine nothing."""

from __future__ import annotations

import re

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_GERMAN = re.compile(r"\+491(5[0-9]|6[023]|7[0-9])[0-9]{7,9}")
"""Bundesnetzagentur's numbering plan for mobile services: 015, 0160, 0162, 0163 and 017; eleven digits at most behind
the trunk zero of which the first three are the network's."""


def is_mobile(number: str | None) -> bool:
    """Whether this number, as `normalise` gives it, is a mobile's. Never raises.

    German ones are told by their beginning. For others the number library is asked, and only then loaded: it takes
    several megabytes.
    """
    if number is None or not _E164.fullmatch(number):
        return False
    if number.startswith("+49"):
        return _GERMAN.fullmatch(number) is not None
    from phonenumbers import NumberParseException

    from appliance.core import dialable

    try:
        return dialable.is_mobile(number)
    except NumberParseException:
        return False
