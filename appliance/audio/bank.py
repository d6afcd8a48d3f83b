"""How much of a sound lies at some few frequencies.

For each of them that is what Goertzel's recursion gives, for all of them at once by one product of matrices: sums of
10 ms that are put together to windows of 20 or 40 ms, so that a window is never summed twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from appliance.audio.coding import FRAME, RATE, Samples

Shares = npt.NDArray[np.float32]
"""For each frequency, which part of the window's energy a sine there accounts for, 0 to 1."""

HALF: Final = FRAME // 2
_QUIET: Final = HALF * 10 ** (-5.5)
"""Energy of 10 ms at -55 dBFS: below that nothing is a tone."""


class Bank:
    """Hears one channel. `frequencies` in Hz."""

    def __init__(self, frequencies: Sequence[float]) -> None:
        omega = 2 * np.pi * np.asarray(frequencies) / RATE
        turns = np.outer(np.arange(HALF), omega)
        self._matrix = np.hstack((np.cos(turns), -np.sin(turns))).astype(np.float32)
        self._turn = np.exp(1j * omega * HALF).astype(np.complex64)[None, :]
        self._turns = np.exp(1j * np.outer(np.arange(3, -1, -1) * HALF, omega)).astype(np.complex64)
        self._count = len(frequencies)
        self._sums = np.zeros((5, self._count), np.complex64)
        """Of the last five pieces of 10 ms, the oldest first."""
        self._energies = np.zeros(5, np.float32)
        self._windows = np.zeros((3, self._count), np.complex64)

    def hear(self, frame: Samples) -> None:
        """The next 20 ms."""
        halves = frame.reshape(2, HALF)
        both = halves @ self._matrix
        self._sums[:3] = self._sums[2:]
        self._sums[3:].real = both[:, : self._count]
        self._sums[3:].imag = both[:, self._count :]
        self._energies[:3] = self._energies[2:]
        self._energies[3] = halves[0] @ halves[0]
        self._energies[4] = halves[1] @ halves[1]

    @property
    def energy(self) -> float:
        """Of the last 20 ms: the sum of squares."""
        return float(self._energies[3] + self._energies[4])

    @property
    def long_energy(self) -> float:
        """Of the last 40 ms."""
        return float(self._energies[1:].sum())

    def short(self) -> Shares:
        """Windows of 20 ms: the one that ended 10 ms ago, and the last. Two rows."""
        self._windows = self._sums[1:4] * self._turn + self._sums[2:5]
        energies = self._energies[2:4] + self._energies[3:5]
        return _share(self._windows[1:], energies[:, None], FRAME)

    def off(self, row: int, place: int) -> float:
        """By how many Hz a tone in this window of `short()` is off the frequency at this place, within ±50.

        Told by how its phase went on from the window before.
        """
        expected = self._windows[row, place] * self._turn[0, place]
        turned = self._windows[row + 1, place] * np.conj(expected)
        return float(np.angle(turned)) / (2 * np.pi * HALF / RATE)

    def long(self) -> Shares:
        """The last 40 ms."""
        sums = np.einsum("ij,ij->j", self._sums[1:], self._turns)
        return _share(sums, self._energies[1:].sum(), 2 * FRAME)


def _share(sums: npt.NDArray[np.complex64], energy: np.float32 | Shares, count: int) -> Shares:
    floor = _QUIET * count / HALF
    power: Shares = sums.real**2 + sums.imag**2
    whole: Shares = np.maximum(energy, np.float32(floor)).astype(np.float32)
    return power * np.float32(2 / count) / whole
