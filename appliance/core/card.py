"""When the owner is reminded that a prepaid card is about to expire."""

from __future__ import annotations

from datetime import date

DAYS_BEFORE = (1, 7, 30)
"""So many days before its last day, or as soon after that as the box is on, he is reminded."""


def due(expires: date, today: date) -> int | None:
    """Which reminder, of DAYS_BEFORE, or 0 from its last day on, is due; None: none yet."""
    left = (expires - today).days
    return 0 if left <= 0 else next((days for days in DAYS_BEFORE if left <= days), None)


def in_words(expires: date, language: str) -> str:
    """The day for a text: "24.12.2026", "2026-12-24"."""
    return f"{expires.day}.{expires.month}.{expires.year}" if language == "de" else expires.isoformat()
