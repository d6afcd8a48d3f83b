"""Keys by their tones (ITU-T Q.23, Q.24; ETSI ES 201 235-3): what is heard, one press at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from appliance.audio.bank import Shares

ROWS: Final = (697.0, 770.0, 852.0, 941.0)
COLUMNS: Final = (1209.0, 1336.0, 1477.0, 1633.0)
KEYS: Final = ("123A", "456B", "789C", "*0#D")

_APART: Final = 0.008
FREQUENCIES: Final = tuple(frequency * (1 + side * _APART) for frequency in (*ROWS, *COLUMNS) for side in (-1, 1))
"""Each one a little below and above: a tone that is 1.5 % off (Q.24) still falls onto one of them."""

_GROUPS: Final = (range(2 * len(ROWS)), range(2 * len(ROWS), len(FREQUENCIES)))
"""Places of the rows' and of the columns' frequencies."""

_ENOUGH: Final = 0.5
"""Share of the energy in both tones together: 0.8 at 6 dB SNR, less what 1.5 % off and a window's edge take."""
_CLEAR: Final = 0.64
"""The same in a window that lies within the press; two of those are wanted."""
_CLEAR_WINDOWS: Final = 2
_OFF: Final = 0.02
_OFF_HZ: Final = 3.0
"""A tone may be off by 1.5 % (Q.24) and what noise makes of it. Harmonics of a voice rarely fall so near to both."""
_TWIST: Final = 10.0
"""One tone may have so many times the other's energy (10 dB; Q.24 asks for 4 to 8)."""
_ALONE: Final = 4.0
"""A tone must have so many times the energy of the next row or column: two rows at once are no key."""
_WINDOWS: Final = 3
"""Windows in a row, 10 ms apart, that make a press: keys are down for 40 ms at least (ES 201 235-2)."""
_GAP: Final = 3
"""Windows without it that end the press: a drop-out of 10 ms does not."""


class Keypad:
    """Windows of 20 ms, 10 ms apart, into presses."""

    def __init__(self) -> None:
        self._down: str | None = None
        self._candidate: str | None = None
        self._seen = 0
        self._clear = 0
        self._missed = 0

    @property
    def down(self) -> bool:
        """A key is held."""
        return self._down is not None

    def hear(self, windows: Shares, off: Callable[[int, int], float]) -> list[str]:
        """Rows of shares of FREQUENCIES → keys that have been pressed now.

        `off`: by how many Hz the tone in a row at a place is off that place's frequency.
        """
        pressed = []
        for row, shares in enumerate(windows.tolist()):
            found = _strongest(shares)
            if found and all(_near(off(row, place), place) for place in found):
                low, high = found
                key = self._step(KEYS[low // 2][high // 2 - len(ROWS)], shares[low] + shares[high])
            else:
                key = self._step(None, 0.0)
            if key is not None:
                pressed.append(key)
        return pressed

    def pause(self) -> None:
        """20 ms without a sound."""
        self._step(None, 0.0)
        self._step(None, 0.0)

    def _step(self, key: str | None, share: float) -> str | None:
        if self._down is not None:
            self._missed = 0 if key == self._down else self._missed + 1
            if self._missed >= _GAP:
                self._down = None
        if key is None or key != self._candidate:
            self._candidate, self._seen, self._clear = key, 0, 0
        if key is None:
            return None
        self._seen += 1
        self._clear += share >= _CLEAR
        if self._seen < _WINDOWS or self._clear < _CLEAR_WINDOWS or key == self._down:
            return None
        self._down, self._missed = key, 0
        return key


def _strongest(shares: list[float]) -> tuple[int, int] | None:
    """The places of the two tones that make up the window, one of each group."""
    low, high = (max(group, key=shares.__getitem__) for group in _GROUPS)
    if shares[low] + shares[high] < _ENOUGH:
        return None
    if not 1 / _TWIST <= shares[low] / max(shares[high], 1e-9) <= _TWIST:
        return None
    for group, place in zip(_GROUPS, (low, high), strict=True):
        beside = max(shares[other] for other in group if other // 2 != place // 2)
        if beside * _ALONE > shares[place]:
            return None
    return low, high


def _near(off: float, place: int) -> bool:
    """Is a tone that is so many Hz off the frequency at this place near enough to its key's?"""
    frequency = (*ROWS, *COLUMNS)[place // 2]
    return abs(FREQUENCIES[place] + off - frequency) <= frequency * _OFF + _OFF_HZ
