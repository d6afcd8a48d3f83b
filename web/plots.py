"""Bars as numbers for an SVG: where each is, what stands beneath, and the lines behind them. The template draws."""

from __future__ import annotations

import math
from collections.abc import Sequence

from msgspec import Struct

WIDTH, HEIGHT = 340.0, 170.0
LEFT, TOP, BOTTOM = 50.0, 14.0, 20.0
"""Room for the numbers at the side, for half a number above, and for the words beneath, in units of the drawing."""
GAP = 0.22
"""Of a bar's place stays free."""


class Bar(Struct, frozen=True):
    """A bar of several parts, the first at the bottom. `title`: all it says, on hover. `label`: beneath, may be ""."""

    title: str
    label: str
    values: tuple[float, ...]


class Box(Struct, frozen=True):
    """A rectangle; `part`: which of the values."""

    x: float
    y: float
    width: float
    height: float
    part: int


class Drawn(Struct, frozen=True):
    """A bar's rectangles, its title, and its label with the middle of its place."""

    title: str
    label: str
    middle: float
    boxes: tuple[Box, ...]


class Plot(Struct, frozen=True):
    """All of it. `grid`: height and what it stands for, from 0 up."""

    bars: tuple[Drawn, ...]
    grid: tuple[tuple[float, float], ...]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    top: float = TOP

    @property
    def floor(self) -> float:
        """Where the bars stand."""
        return self.height - BOTTOM


def plot(bars: Sequence[Bar], top: float | None = None) -> Plot:
    """Draw these. `top`: what the height stands for; None: a round number that none exceeds."""
    step = _step(max([sum(bar.values) for bar in bars], default=0.0)) if top is None else top / 2
    most = 2 * step
    place = (WIDTH - LEFT) / max(len(bars), 1)
    drawn = []
    for nth, bar in enumerate(bars):
        x, reached, boxes = LEFT + nth * place, 0.0, []
        for part, value in enumerate(bar.values):
            if value > 0:
                low, reached = height_of(reached, most), min(reached + value, most)
                high = height_of(reached, most)
                boxes.append(
                    Box(_r(x + place * GAP / 2), _r(high), _r(place * (1 - GAP)), _r(max(low - high, 0)), part)
                )
        drawn.append(Drawn(bar.title, bar.label, _r(x + place / 2), tuple(boxes)))
    return Plot(tuple(drawn), tuple((_r(height_of(value, most)), value) for value in (0.0, step, most)))


def height_of(value: float, most: float) -> float:
    """How far down a value is, in units of the drawing."""
    room = HEIGHT - TOP - BOTTOM
    return HEIGHT - BOTTOM - room * value / most


def _step(most: float) -> float:
    """Half of a round number that is at least this: 1, 2, 5, 10, 20, 50, …"""
    half = max(math.ceil(most / 2), 1)
    scale = 10 ** math.floor(math.log10(half))
    return float(next(round_one * scale for round_one in (1, 2, 3, 5, 10) if round_one * scale >= half))


def _r(value: float) -> float:
    return round(value, 1)
