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
_BEFORE: Final = 3
"""Pieces before the new ones that windows reach back to."""
_QUIET: Final = HALF * 10 ** (-5.5)
"""Energy of 10 ms at -55 dBFS: below that nothing is a tone."""


class Bank:
    """Hears one channel. `short`, `long`: frequencies in Hz that are looked for in windows of 20 and of 40 ms."""

    def __init__(self, short: Sequence[float], long: Sequence[float]) -> None:
        omega = 2 * np.pi * np.asarray((*short, *long)) / RATE
        turns = np.outer(np.arange(HALF), omega)
        self._matrix = np.hstack((np.cos(turns), -np.sin(turns))).astype(np.float32)
        self._turn = np.exp(1j * omega * HALF).astype(np.complex64)[None, :]
        self._turn_twice = self._turn[:, len(short) :] ** 2
        self._count, self._short = len(omega), len(short)
        self._sums = np.zeros((_BEFORE + 2, self._count), np.complex64)
        """Of the last pieces of 10 ms, the oldest first: those that are new, and some before them."""
        self._energies = [0.0] * (_BEFORE + 2)
        self._windows = np.zeros((3, self._count), np.complex64)
        """Of 20 ms, 10 ms apart: those that end with the new pieces, and one before them."""

    def hear(self, samples: Samples) -> None:
        """The next frame of 20 ms, or more of them at once: then much is done only once."""
        halves = samples.reshape(-1, HALF)
        self._energies = [*self._energies[-_BEFORE:], *np.einsum("ij,ij->i", halves, halves).tolist()]
        before, self._sums = self._sums[-_BEFORE:], np.empty((_BEFORE + len(halves), self._count), np.complex64)
        self._sums[:_BEFORE] = before
        if self.quiet:
            self._sums[_BEFORE:] = 0
            return
        both = halves @ self._matrix
        self._sums[_BEFORE:].real = both[:, : self._count]
        self._sums[_BEFORE:].imag = both[:, self._count :]
        self._windows = self._sums[1:-1] * self._turn + self._sums[2:]

    @property
    def quiet(self) -> bool:
        """There is no sound in any window."""
        return max(self._energies) < _QUIET

    def energies(self) -> list[float]:
        """Of each new frame of 20 ms: the sum of squares."""
        new = self._energies[_BEFORE:]
        return [one + other for one, other in zip(new[::2], new[1::2], strict=True)]

    def long_energies(self) -> list[float]:
        """Of the 40 ms that end with each new frame."""
        return [sum(self._energies[at : at + 4]) for at in range(1, len(self._energies) - 3, 2)]

    def short(self) -> Shares:
        """Windows of 20 ms, one that ends with each new piece of 10 ms: a row each."""
        energies = self._energies
        whole = [(one + other,) for one, other in zip(energies[_BEFORE - 1 :], energies[_BEFORE:], strict=False)]
        return _share(self._windows[1:, : self._short], np.array(whole, np.float32), FRAME)

    def off(self, row: int, place: int) -> float:
        """By how many Hz a tone in this window of `short()` is off the frequency at this place, within ±50.

        Told by how its phase went on from the window before.
        """
        expected = self._windows[row, place] * self._turn[0, place]
        turned = self._windows[row + 1, place] * np.conj(expected)
        return float(np.angle(turned)) / (2 * np.pi * HALF / RATE)

    def long(self) -> list[list[float]]:
        """Windows of 40 ms, one that ends with each new frame."""
        windows = self._windows[:, self._short :]
        sums = windows[:-2:2] * self._turn_twice + windows[2::2]
        whole = np.array(self.long_energies(), np.float32)[:, None]
        shares: list[list[float]] = _share(sums, whole, 2 * FRAME).tolist()
        return shares


def _share(sums: npt.NDArray[np.complex64], energy: Shares, count: int) -> Shares:
    power: Shares = sums.real**2 + sums.imag**2
    scale = 2 / count / np.maximum(energy, _QUIET * count / HALF)
    return power * scale.astype(np.float32)
