"""A figure: what was measured, how often, and what it should be. All of them make one table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """`limit` is for the median, `limit_99` for the 99th percentile; None where there is only something to know."""

    what: str
    unit: str
    values: tuple[float, ...]
    limit: float | None = None
    limit_99: float | None = None
    compared: str = ""

    @property
    def median(self) -> float:
        return percentile(self.values, 50)

    @property
    def high(self) -> float:
        """The 99th percentile; of fewer than a hundred values that is the largest."""
        return percentile(self.values, 99)

    @property
    def verdict(self) -> str:
        """ok, over, or nothing where there is no target."""
        if self.limit is None and self.limit_99 is None:
            return ""
        within = (self.limit is None or self.median <= self.limit) and (
            self.limit_99 is None or self.high <= self.limit_99
        )
        return "ok" if within else "over"

    @property
    def target(self) -> str:
        if self.limit_99 is None:
            return "" if self.limit is None else f"{self.limit:g}"
        return f"99 %: {self.limit_99:g}" if self.limit is None else f"{self.limit:g}, 99 %: {self.limit_99:g}"


def one(what: str, unit: str, value: float, limit: float | None = None, compared: str = "") -> Figure:
    """A figure that was read once."""
    return Figure(what, unit, (value,), limit, compared=compared)


def percentile(values: Sequence[float], of_100: float) -> float:
    """The smallest value that so many of a hundred don't exceed (nearest rank). Raises ValueError without values."""
    if not values:
        raise ValueError("nothing was measured")
    return sorted(values)[max(0, math.ceil(len(values) * of_100 / 100) - 1)]


HEADINGS = ("what", "n", "median", "99 %", "", "at most", "", "compared with")


def table(figures: Iterable[Figure]) -> str:
    """One line a figure, in columns."""
    rows = [HEADINGS, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    rows.insert(1, tuple("-" * width for width in widths))
    right = {1, 2, 3}
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def as_json(figures: Iterable[Figure]) -> list[dict[str, Any]]:
    """The same for programs."""
    return [
        {
            "what": figure.what,
            "unit": figure.unit,
            "n": len(figure.values),
            "median": figure.median,
            "p99": figure.high,
            "max": max(figure.values),
            "target": {"median": figure.limit, "p99": figure.limit_99},
            "verdict": figure.verdict or None,
            "compared_with": figure.compared or None,
        }
        for figure in figures
    ]


def _row(figure: Figure) -> tuple[str, ...]:
    count = len(figure.values)
    return (
        figure.what,
        str(count) if count > 1 else "",
        _short(figure.median),
        _short(figure.high) if count > 1 else "",
        figure.unit,
        figure.target,
        figure.verdict,
        figure.compared,
    )


def _short(value: float) -> str:
    if value == int(value):
        return str(int(value))
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
