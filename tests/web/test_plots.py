"""Bars as numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web import plots
from web.plots import Bar

counts = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=60)


@given(counts)
def test_bars_stay_in_the_drawing_and_stand_on_each_other(values):
    drawn = plots.plot([Bar("", "", pair) for pair in values])
    for bar in drawn.bars:
        edges = [drawn.floor]
        for box in bar.boxes:
            assert box.x >= plots.LEFT
            assert box.x + box.width <= plots.WIDTH + 0.2
            assert box.y >= plots.TOP - 0.2
            assert box.y + box.height == pytest.approx(edges[-1], abs=0.2)
            edges.append(box.y)


@pytest.mark.parametrize(
    ("most", "grid"),
    [(0, [0, 1, 2]), (1, [0, 1, 2]), (2, [0, 1, 2]), (3, [0, 2, 4]), (7, [0, 5, 10]), (11, [0, 10, 20]),
     (61, [0, 50, 100]), (100, [0, 50, 100]), (101, [0, 100, 200]), (199_999, [0, 100_000, 200_000])],
)  # fmt: skip
def test_the_grid_is_round_numbers(most, grid):
    assert [value for _, value in plots.plot([Bar("", "", (most,))]).grid] == grid


def test_twice_as_many_are_twice_as_high():
    one, two = plots.plot([Bar("", "", (10,)), Bar("", "", (20,))]).bars
    assert two.boxes[0].height == pytest.approx(2 * one.boxes[0].height, abs=0.1)


def test_a_share_has_a_fixed_scale():
    drawn = plots.plot([Bar("", "", (0.27,)), Bar("", "", (0.0,))], top=1.0)
    assert drawn.bars[0].boxes[0].y == pytest.approx(plots.height_of(0.27, 1.0), abs=0.1)
    assert drawn.bars[1].boxes == ()
    assert plots.plot([]).bars == ()
