"""Keys by their tones (ITU-T Q.23, Q.24; ETSI ES 201 235-3): what is heard, one press at a time."""

from __future__ import annotations

from typing import Final

import numpy as np

from appliance.audio.bank import Shares

ROWS: Final = (697.0, 770.0, 852.0, 941.0)
COLUMNS: Final = (1209.0, 1336.0, 1477.0, 1633.0)
KEYS: Final = ("123A", "456B", "789C", "*0#D")

_APART: Final = 0.008
FREQUENCIES: Final = tuple(frequency * (1 + side * _APART) for frequency in (*ROWS, *COLUMNS) for side in (-1, 1))
"""Each one a little below and above: a tone that is 1.5 % off (Q.24) still falls onto one of them."""

_ENOUGH: Final = 0.52
"""Share of the energy in both tones together: 0.8 at 6 dB SNR, less what 1.5 % off and a window's edge take."""
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
        self._missed = 0

    @property
    def down(self) -> bool:
        """A key is held."""
        return self._down is not None

    def hear(self, windows: Shares) -> list[str]:
        """Rows of shares of FREQUENCIES → keys that have been pressed now."""
        tones = windows.reshape(len(windows), 8, 2).max(axis=2)
        return [key for row in tones if (key := self._step(_key(row))) is not None]

    def _step(self, key: str | None) -> str | None:
        if self._down is not None:
            self._missed = 0 if key == self._down else self._missed + 1
            if self._missed >= _GAP:
                self._down = None
        if key is None or key != self._candidate:
            self._candidate, self._seen = key, 0
        if key is None:
            return None
        self._seen += 1
        if self._seen < _WINDOWS or key == self._down:
            return None
        self._down, self._missed = key, 0
        return key


def _key(tones: Shares) -> str | None:
    """The key whose two tones make up the window."""
    rows, columns = tones[:4], tones[4:]
    row, column = int(rows.argmax()), int(columns.argmax())
    low, high = float(rows[row]), float(columns[column])
    if low + high < _ENOUGH or not 1 / _TWIST <= low / max(high, 1e-9) <= _TWIST:
        return None
    if np.partition(rows, 2)[2] * _ALONE > low or np.partition(columns, 2)[2] * _ALONE > high:
        return None
    return KEYS[row][column]
