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
    """Hears one channel. `short`, `long`: frequencies in Hz that are looked for in windows of 20 and of 40 ms."""

    def __init__(self, short: Sequence[float], long: Sequence[float]) -> None:
        omega = 2 * np.pi * np.asarray((*short, *long)) / RATE
        turns = np.outer(np.arange(HALF), omega)
        self._matrix = np.hstack((np.cos(turns), -np.sin(turns))).astype(np.float32)
        self._turn = np.exp(1j * omega[: len(short)] * HALF).astype(np.complex64)[None, :]
        self._turns = np.exp(1j * np.outer(np.arange(3, -1, -1) * HALF, omega[len(short) :])).astype(np.complex64)
        self._count, self._short = len(omega), len(short)
        self._sums = np.zeros((5, self._count), np.complex64)
        """Of the last five pieces of 10 ms, the oldest first."""
        self._energies = [0.0] * 5
        self._windows = np.zeros((3, len(short)), np.complex64)
        self._nothing = np.zeros((2, len(short)), np.float32)

    def hear(self, frame: Samples) -> None:
        """The next 20 ms."""
        one, other = halves = frame.reshape(2, HALF)
        self._energies = [*self._energies[2:], float(one @ one), float(other @ other)]
        self._sums[:3] = self._sums[2:]
        if self._energies[3] < _QUIET and self._energies[4] < _QUIET:
            self._sums[3:] = 0
            return
        both = halves @ self._matrix
        self._sums[3:].real = both[:, : self._count]
        self._sums[3:].imag = both[:, self._count :]

    @property
    def energy(self) -> float:
        """Of the last 20 ms: the sum of squares."""
        return self._energies[3] + self._energies[4]

    @property
    def long_energy(self) -> float:
        """Of the last 40 ms."""
        return sum(self._energies[1:])

    def short(self) -> Shares:
        """Windows of 20 ms: the one that ended 10 ms ago, and the last. Two rows."""
        if max(self._energies[2:]) < _QUIET:
            return self._nothing
        self._windows = self._sums[1:4, : self._short] * self._turn + self._sums[2:5, : self._short]
        _, _, before, one, other = self._energies
        return _share(self._windows[1:], np.array(((before + one,), (one + other,)), np.float32), FRAME)

    def off(self, row: int, place: int) -> float:
        """By how many Hz a tone in this window of `short()` is off the frequency at this place, within ±50.

        Told by how its phase went on from the window before.
        """
        expected = self._windows[row, place] * self._turn[0, place]
        turned = self._windows[row + 1, place] * np.conj(expected)
        return float(np.angle(turned)) / (2 * np.pi * HALF / RATE)

    def long(self) -> list[float]:
        """The last 40 ms."""
        if max(self._energies[1:]) < _QUIET:
            return [0.0] * (self._count - self._short)
        sums = np.einsum("ij,ij->j", self._sums[1:, self._short :], self._turns)
        return [float(share) for share in _share(sums, np.float32(self.long_energy), 2 * FRAME)]


def _share(sums: npt.NDArray[np.complex64], energy: np.float32 | Shares, count: int) -> Shares:
    power: Shares = sums.real**2 + sums.imag**2
    return power * (np.float32(2 / count) / np.maximum(energy, np.float32(_QUIET * count / HALF)))
