"""Laws of smoothing: a coverage stays one, no border moves further than it may, and both sides see one border."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.trials import trials

from shuibao.ground.coverage import join_boundaries, tile_boundaries
from shuibao.ground.coverage_arcs import Arcs
from shuibao.ground.grid import Grid
from shuibao.messages import CallError, ShuibaoError

CELL = 10.0

NESTED = np.array([1, 2, 2, 0, 1, 0], np.int32)[5 - np.maximum(*np.abs(np.indices((11, 11)) - 5))]
PINCH = np.array([[1, 1, 1, 0], [1, 0, 1, 1], [1, 1, 0, 1], [0, 1, 1, 1]], np.int32)
CHECKED = np.indices((5, 7)).sum(axis=0).astype(np.int32) % 2 + 1


@st.composite
def labels(draw: st.DrawFn) -> NDArray[np.int32]:
    """Draw labels: without order, or lying together with ragged borders."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = draw(st.integers(1, 16)), draw(st.integers(1, 16))
    number = int(random.integers(2, 6))
    if draw(st.booleans()):
        return random.integers(0, number, shape).astype(np.int32)
    place = random.uniform(0, 1, (number, 2)) * shape
    rows, cols = np.indices(shape) + random.normal(0, draw(st.sampled_from([0.0, 1.5])), (2, *shape))
    return np.argmin([np.hypot(rows - r, cols - c) for r, c in place], axis=0).astype(np.int32)


tolerances = st.sampled_from([0.5, 2.0, 5.0, 30.0, 1000.0])


def arcs_of(land: NDArray[np.int32], row: int = 0) -> Arcs:
    """Return the borders of labels in memory."""
    return join_boundaries([tile_boundaries(np.pad(land, 1), Grid(CELL, row, 5, *land.shape))])


def lines(arcs: Arcs) -> list[shapely.LineString]:
    """Return each arc as a line, m."""
    parts = np.split(arcs.corners * arcs.cell, arcs.end[:-1]) if len(arcs) else []
    return [shapely.LineString(part) for part in parts]


@settings(max_examples=trials(150))
@given(labels(), tolerances, tolerances)
@example(NESTED, 5.0, 5.0)
@example(PINCH, 0.5, 30.0)
@example(CHECKED, 0.5, 30.0)
def test_a_coverage_stays_a_coverage(land: NDArray[np.int32], simplify: float, smooth: float) -> None:
    for arcs in (arcs_of(land), arcs_of(land).simplified(simplify)):
        names, before = arcs.polygons()
        same, after = arcs.smoothed(smooth).polygons()
        np.testing.assert_array_equal(same, names)
        assert shapely.is_valid(after).all()
        assert shapely.coverage_is_valid(after)
        np.testing.assert_array_equal(shapely.get_num_geometries(after), shapely.get_num_geometries(before))
        for one, other in zip(shapely.get_parts(before), shapely.get_parts(after), strict=True):
            assert shapely.get_num_interior_rings(one) == shapely.get_num_interior_rings(other)
        assert shapely.area(after).sum() == pytest.approx(shapely.union_all(after).area, rel=1e-12)


@settings(max_examples=trials(100))
@given(labels(), tolerances)
@example(NESTED, 5.0)
def test_no_border_moves_further_than_the_tolerance(land: NDArray[np.int32], tolerance: float) -> None:
    arcs = arcs_of(land)
    smooth = arcs.smoothed(tolerance)
    for old, new in zip(lines(arcs), lines(smooth), strict=True):
        assert shapely.hausdorff_distance(old, new, densify=0.02) <= tolerance + 1e-9
        if not old.is_ring:
            assert (old.coords[0], old.coords[-1]) == (new.coords[0], new.coords[-1])


def test_a_square_becomes_round_and_its_first_corner_too() -> None:
    _, (polygon,) = arcs_of(np.ones((8, 8), np.int32)).smoothed(50.0).polygons()
    assert not polygon.touches(shapely.Point(50.0, 0.0))
    assert shapely.get_num_coordinates(polygon) == 17
    square, drawn = 4 * math.pi * 6400 / 320**2, 4 * math.pi * polygon.area / polygon.length**2
    assert drawn > square + 0.1


def test_a_small_tolerance_cuts_little_and_none_cuts_nothing() -> None:
    arcs = arcs_of(np.ones((8, 8), np.int32))
    areas = [arcs.smoothed(tolerance).polygons()[1][0].area for tolerance in (0.0, 3.0, 10.0, 50.0)]
    assert areas[0] == 6400.0
    assert areas == sorted(areas, reverse=True)
    assert len(set(areas)) == 4
    assert arcs.smoothed(0.0) is arcs


def test_arcs_that_are_fixed_stay() -> None:
    arcs = arcs_of(NESTED)
    fixed = (arcs.left == 1) | (arcs.right == 1)
    assert fixed.any()
    assert not fixed.all()
    same = [old.equals_exact(new, 0.0) for old, new in zip(lines(arcs), lines(arcs.smoothed(1e3, fixed)), strict=True)]
    np.testing.assert_array_equal(same, fixed)
    stairs = arcs_of(np.tril(np.ones((20, 20), np.int32)))
    assert (
        len(stairs.simplified(CELL).corners)
        < len(stairs.simplified(CELL, np.ones(1, bool)).corners)
        == len(stairs.corners)
    )


@pytest.mark.parametrize("tolerance", [-1.0, math.nan, math.inf])
def test_a_tolerance_that_is_no_length_is_refused(tolerance: float) -> None:
    with pytest.raises(CallError, match="容差"):
        arcs_of(np.ones((2, 2), np.int32)).smoothed(tolerance)


def test_rows_too_many_for_the_finer_grid_are_refused() -> None:
    with pytest.raises(ShuibaoError, match="无法光滑"):
        arcs_of(np.ones((2, 2), np.int32), row=2**24).smoothed(5.0)
