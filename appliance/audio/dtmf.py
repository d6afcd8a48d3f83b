"""Keys by their tones (ITU-T Q.23, Q.24; ETSI ES 201 235-3): what is heard, one press at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from appliance.audio.bank import Shares

ROWS: Final = (697.0, 770.0, 852.0, 941.0)
COLUMNS: Final = (1209.0, 1336.0, 1477.0, 1633.0)
KEYS: Final = ("123A", "456B", "789C", "*0#D")

_APART: Final = 0.008
FREQUENCIES: Final = tuple(frequency * (1 + side * _APART) for frequency in (*ROWS, *COLUMNS) for side in (-1, 1))
"""Each one a little below and above: a tone that is 1.5 % off (Q.24) still falls onto one of them."""

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
        pairs = windows.reshape(len(windows), 8, 2)
        sides, tones = pairs.argmax(axis=2), pairs.max(axis=2)
        pressed = []
        for row, shares in enumerate(tones):
            found = _strongest(shares)
            if found and not all(
                _near(off(row, 2 * each + int(sides[row, each])), each, sides[row, each]) for each in found
            ):
                found = None
            key = (
                self._step(KEYS[found[0]][found[1] - 4], float(shares[found[0]] + shares[found[1]]))
                if found
                else self._step(None, 0)
            )
            if key is not None:
                pressed.append(key)
        return pressed

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


def _strongest(tones: Shares) -> tuple[int, int] | None:
    """The two tones that make up the window, one of each group, by their places."""
    rows, columns = tones[:4], tones[4:]
    row, column = int(rows.argmax()), int(columns.argmax())
    low, high = float(rows[row]), float(columns[column])
    if low + high < _ENOUGH or not 1 / _TWIST <= low / max(high, 1e-9) <= _TWIST:
        return None
    if np.partition(rows, 2)[2] * _ALONE > low or np.partition(columns, 2)[2] * _ALONE > high:
        return None
    return row, column + 4


def _near(off: float, place: int, side: int) -> bool:
    """Is the tone near enough to the frequency at this place, of which a bank has one a little below and one above?"""
    frequency = (*ROWS, *COLUMNS)[place]
    beside = frequency * _APART * (1 if side else -1)
    return abs(off + beside) <= frequency * _OFF + _OFF_HZ
