"""Which [[caller]] of the settings a number belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from appliance.core.settings import Caller


def find(callers: Sequence[Caller], number: str | None) -> tuple[int, Caller] | None:
    """The caller (and its index) this number, as `normalise` gives it, belongs to; None if to none.

    The exact number beats a prefix, a longer prefix a shorter one; that entry alone counts then.
    """
    if number is None:
        return None
    matching = [(index, caller) for index, caller in enumerate(callers) if _matches(caller.number, number)]
    return max(matching, key=lambda match: _exactness(match[1].number, number), default=None)


def _matches(pattern: str, number: str) -> bool:
    return pattern == number or (pattern.endswith("*") and number.startswith(pattern[:-1]))


def _exactness(pattern: str, number: str) -> tuple[bool, int]:
    return pattern == number, len(pattern)
