"""What exchanges say by tones: dial, busy, congestion, ringback (ITU-T E.180) and special information (E.180 clause 6).

A tone is told by its frequencies, over 40 ms, and by how it comes and goes. Speech has neither a steady level at one
frequency nor regular gaps without anything louder, so it is never a tone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from appliance.audio.bank import Shares
from appliance.audio.coding import FRAME, RATE
from appliance.core.sound import Heard

STEP: Final = FRAME / RATE


@dataclass(frozen=True, slots=True)
class Tone:
    """One tone of a country. `cadence`: seconds on, off, on, … off; empty: continuous. `sure`: cycles of it before it
    is told.
    """

    name: str
    frequencies: tuple[float, ...]
    cadence: tuple[float, ...] = ()
    sure: int = 2


def _tones(
    one: tuple[float, ...],
    busy: tuple[float, ...],
    congestion: tuple[float, ...],
    ringback: tuple[float, ...],
    *dial: tuple[float, ...],
) -> tuple[Tone, ...]:
    """Countries that use the same frequencies for all but the dial tone's variants."""
    return (
        *(Tone("dial", frequencies) for frequencies in (one, *dial)),
        Tone("busy", one, busy),
        Tone("congestion", one, congestion),
        Tone("ringback", one, ringback),
    )


COUNTRIES: Final[dict[str, tuple[Tone, ...]]] = {
    # ITU-T E.180 supplement 2 and the DAHDI tone zones; the second dial tone says that a service is active
    "DE": (
        *_tones((425,), (0.48, 0.48), (0.24, 0.24), (1.0, 4.0), (425, 400)),
        # a PBX's own, from which its extensions are called: nothing else has two such different bursts
        Tone("dial", (425,), (0.2, 0.3, 0.7, 0.8), sure=1),
    ),
    "AT": _tones((420,), (0.4, 0.4), (0.2, 0.2), (1.0, 5.0), (380, 420)),
    "CH": _tones((425,), (0.5, 0.5), (0.2, 0.2), (1.0, 4.0), (425, 340)),
    "FR": _tones((440,), (0.5, 0.5), (0.25, 0.25), (1.5, 3.5), (350, 440)),
    "NL": _tones((425,), (0.5, 0.5), (0.25, 0.25), (1.0, 4.0)),
    "GB": (
        Tone("dial", (350, 440)),
        Tone("busy", (400,), (0.375, 0.375)),
        Tone("congestion", (400,), (0.4, 0.35, 0.225, 0.525)),
        Tone("ringback", (400, 450), (0.4, 0.2, 0.4, 2.0)),
    ),
    "US": (
        Tone("dial", (350, 440)),
        Tone("busy", (480, 620), (0.5, 0.5)),
        Tone("congestion", (480, 620), (0.25, 0.25)),
        Tone("ringback", (440, 480), (2.0, 4.0)),
    ),
}
OTHERWISE: Final = "DE"
"""Whose tones count where a country has no table: 425 Hz is what E.180 recommends."""

SIT: Final = (950.0, 1400.0, 1800.0)
_APART: Final = 0.009
SIT_FREQUENCIES: Final = tuple(tone * (1 + side * _APART) for tone in SIT for side in (-1, 1))
"""As with keys: 1800 Hz may be 27 Hz off, half the width of a window of 20 ms."""

_ENOUGH: Final = 0.45
"""Share of the energy that is the tone's: 0.8 at 6 dB SNR, less 1 dB for 1.5 % off, less a window's edge."""
_EACH: Final = 0.12
"""Of two frequencies each has this part at least."""
_STEADY: Final = 2.0
"""A tone's level stays within this factor of its mean (3 dB); speech at one frequency does not."""
_NOT_QUIET: Final = 0.6
"""Where the gaps of a cadence are louder than this part of the tone, it is none."""
_TOLERANCE: Final = 0.13
_EDGES: Final = 0.045
"""A cadence may be off by 10 % and what two windows' edges take."""
_LONG_GAP: Final = 1.0
_GAP_HEARD: Final = 0.7
"""A cadence with a long gap is told when so much of it was heard: no other has that."""
_BRIEF: Final = 3
"""Steps a change must last: less is a click or a drop-out."""


@dataclass(slots=True)
class _Run:
    """A stretch of the tone, or of its absence. `power`: the tone's mean.

    `loud`: there was something as loud as the tone in its absence. The last steps before the tone may have part of it
    and are not counted; `latest` has their energies.
    """

    on: bool
    steps: int = 0
    power: float = 0.0
    loud: bool = False
    latest: tuple[float, float] = (0.0, 0.0)

    @property
    def seconds(self) -> float:
        return self.steps * STEP


@dataclass(slots=True)
class _Told:
    """How far a cadence has come: bursts so far, and where the last one ended."""

    count: int = 0
    at: int = -1


class Cadences:
    """Follows the tones that share their frequencies."""

    def __init__(self, tones: tuple[Tone, ...]) -> None:
        self._continuous = next((tone for tone in tones if not tone.cadence), None)
        self._cadences = [tone for tone in tones if tone.cadence]
        longest = max((max(tone.cadence[::2]) for tone in self._cadences), default=0.0)
        self._sure = max(0.5, longest * (1 + _TOLERANCE) + 0.15)
        """Seconds after which a tone can only be the continuous one."""
        self._runs: list[_Run] = []
        self._run = _Run(on=False)
        self._doubt = 0
        self._doubtful: list[tuple[bool, float, float]] = []
        self._index = 0
        """Of the current run, counting all."""
        self._told = {tone.name: _Told() for tone in self._cadences}
        self._waiting: Tone | None = None
        self._next_second = self._sure

    @property
    def on(self) -> bool:
        """The tone is there, or was a step ago."""
        return self._run.on or bool(self._doubtful and self._doubtful[-1][0])

    def step(self, on: bool, power: float, whole: float) -> Iterator[Heard]:
        """20 ms more. `power`: of the tone, `whole`: of everything, in the window."""
        if on and self._run.on and self._run.steps > 1:
            mean = self._run.power
            on = mean / _STEADY <= power <= mean * _STEADY
        if on == self._run.on:
            for _, doubtful_power, doubtful_whole in self._doubtful:
                self._lengthen(doubtful_power, doubtful_whole)
            self._doubtful.clear()
            self._lengthen(power, whole)
        else:
            self._doubtful.append((on, power, whole))
            if len(self._doubtful) >= _BRIEF:
                doubtful = self._doubtful[:]
                self._doubtful.clear()
                yield from self._turn(on)
                for _, doubtful_power, doubtful_whole in doubtful:
                    self._lengthen(doubtful_power, doubtful_whole)
        yield from self._look()

    def _lengthen(self, power: float, whole: float) -> None:
        run = self._run
        run.steps += 1
        if run.on:
            run.power += (power - run.power) / min(run.steps, 25)
        elif self._runs:
            run.loud = run.loud or run.latest[0] > _NOT_QUIET * self._runs[-1].power
            run.latest = (run.latest[1], whole if run.steps > _BRIEF else 0.0)

    def _turn(self, on: bool) -> Iterator[Heard]:
        self._runs = [*self._runs[-7:], self._run]
        self._run = _Run(on)
        self._index += 1
        self._waiting = None
        self._next_second = self._sure
        if not on:
            yield from self._burst_over()

    def _burst_over(self) -> Iterator[Heard]:
        matches = [(error, tone) for tone in self._cadences if (error := self._error(tone)) is not None]
        if not matches:
            return
        tone = min(matches, key=lambda match: match[0])[1]
        told = self._told[tone.name]
        follows = told.at == self._index - len(tone.cadence) and self._gap_fits(tone)
        told.count, told.at = (told.count + 1 if follows else 1), self._index
        if tone.cadence[-1] >= _LONG_GAP:
            self._waiting = tone
        elif told.count >= tone.sure:
            yield Heard(tone.name, count=told.count, seconds=_lasted(tone, told.count))

    def _look(self) -> Iterator[Heard]:
        run = self._run
        if self._waiting and not run.on and run.seconds >= _GAP_HEARD:
            tone, self._waiting = self._waiting, None
            if not run.loud:
                count = self._told[tone.name].count
                yield Heard(tone.name, count=count, seconds=_lasted(tone, count))
        if self._continuous and run.on and run.seconds >= self._next_second:
            self._next_second += 1.0
            yield Heard(self._continuous.name, seconds=round(run.seconds, 2))

    def _error(self, tone: Tone) -> float | None:
        """How far the last runs are from the tone's cadence without its last gap; None: too far."""
        wanted = tone.cadence[:-1]
        runs = self._runs[-len(wanted) :]
        if len(runs) < len(wanted) or not runs[0].on or any(run.loud for run in runs):
            return None
        errors = [_off(run.seconds, seconds) for run, seconds in zip(runs, wanted, strict=True)]
        return None if max(errors) > 1 else max(errors)

    def _gap_fits(self, tone: Tone) -> bool:
        """The gap before the last burst, and the burst before it was as loud."""
        wanted = len(tone.cadence)
        if len(self._runs) < wanted + 1:
            return False
        before, gap, burst = self._runs[-wanted - 1], self._runs[-wanted], self._runs[-wanted + 1]
        alike = before.power / _STEADY**2 <= burst.power <= before.power * _STEADY**2
        return alike and not gap.loud and _off(gap.seconds, tone.cadence[-1]) <= 1


def _lasted(tone: Tone, count: int) -> float:
    """Seconds until the end of so many cycles' last burst."""
    return round(count * sum(tone.cadence) - tone.cadence[-1], 2)


def _off(seconds: float, wanted: float) -> float:
    """How far off, as a part of what is allowed."""
    return abs(seconds - wanted) / (wanted * _TOLERANCE + _EDGES)


@dataclass(slots=True)
class SpecialInformation:
    """Three tones that rise, each a third of a second."""

    _part: int = -1
    _steps: int = 0
    _pause: int = 0

    @property
    def on(self) -> bool:
        """One of the three sounds now."""
        return self._pause == 0 and self._part >= 0

    def hear(self, windows: Shares) -> Iterator[Heard]:
        """Rows of shares of SIT_FREQUENCIES, 10 ms apart."""
        for peak, place in zip(windows.max(axis=1).tolist(), windows.argmax(axis=1).tolist(), strict=True):
            yield from self._step(place // 2 if peak >= _ENOUGH * 0.9 else -1)

    def pause(self, windows: int = 2) -> None:
        """None of the three sounds, for so many windows."""
        self._pause += windows
        if self._pause > 10:
            self._part = -1

    def _step(self, part: int) -> Iterator[Heard]:
        if part < 0:
            self.pause(1)
            return
        self._pause = 0
        if part != self._part:
            after = part == self._part + 1 and (part == 0 or self._steps >= 20)
            self._part = part if after or part == 0 else -1
            self._steps = 0
        self._steps += 1
        if self._part == 2 and self._steps == 22:
            yield Heard("sit", count=1, seconds=1.0)


class ToneEar:
    """All tones of a country, in one bank's shares."""

    def __init__(self, country: str) -> None:
        tones = COUNTRIES.get(country, COUNTRIES[OTHERWISE])
        sets = list(dict.fromkeys(tone.frequencies for tone in tones))
        self.frequencies = tuple(dict.fromkeys(frequency for each in sets for frequency in each))
        """Those whose shares of 40 ms `hear` wants."""
        places = {frequency: place for place, frequency in enumerate(self.frequencies)}
        self._sets = [
            (
                [places[frequency] for frequency in each],
                Cadences(tuple(tone for tone in tones if tone.frequencies == each)),
            )
            for each in sets
        ]

    @property
    def on(self) -> bool:
        """One of them is sounding."""
        return any(cadences.on for _, cadences in self._sets)

    def hear(self, shares: Sequence[float], energy: float) -> Iterator[Heard]:
        """Shares of the last 40 ms, and its energy."""
        for places, cadences in self._sets:
            parts = [shares[place] for place in places]
            share = sum(parts)
            on = share >= _ENOUGH and (len(places) == 1 or min(parts) >= _EACH)
            yield from cadences.step(on, share * energy, energy)
